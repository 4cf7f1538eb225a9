"""Empty the outbox of one endpoint: lease, batch, verdict, back-off. What is sent is the sender's business.

No network call is made inside a transaction. A worker that dies between sending and writing down the result
leaves its rows marked as doubtful; the next one sends them again with the same ids, so nothing is lost and
the other side keeps one of each.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, Engine

from xapi import outbox, outbox_care
from xapi.engine import writing
from xapi.outbox import Message

BATCH = 200
LEASE_SECONDS = 60.0
MOST_BATCHES = 100
"""After so many batches another endpoint gets its turn."""

TRIES = 3
"""So often a batch may fail by itself before it is split, or a message before it is put aside (unless `tries`)."""

BACKOFF_FIRST_SECONDS = 1.0
BACKOFF_MOST_SECONDS = 900.0
RETRY_AFTER_MOST_SECONDS = 3600.0
"""A longer Retry-After is not believed; the age of the oldest message is what people watch."""
PAUSE_SECONDS = 900.0
"""A paused endpoint is tried again after this time, in case somebody mended it without saying so."""


class Fate(Enum):
    """What became of a message."""

    SENT = "sent"
    DEAD = "dead"
    """Refused for good."""
    SPLIT = "split"
    """Refused together with others: halve the batch to find which."""
    FAILED = "failed"
    """The other side broke on it, or by coincidence: counts as a try."""
    ABSENT = "absent"
    """The other side surely does not have it: send again."""


@dataclass(frozen=True)
class Verdict:
    """The fate of one message, with a reason that holds no body."""

    fate: Fate
    reason: str = ""
    status: int | None = None


@dataclass(frozen=True)
class Hold:
    """The endpoint is out of order: leave it alone. Never counts as a try of a message.

    `paused`: a person has to mend it (a wrong password, a wrong address); its reason is kept.
    """

    reason: str
    retry_after_seconds: float | None = None
    paused: bool = False


@dataclass(frozen=True)
class Report:
    """What a sender found out about a batch; a message without a verdict stays doubtful and waits."""

    verdicts: Mapping[int, Verdict] = field(default_factory=dict)
    hold: Hold | None = None


@dataclass(frozen=True)
class Outcome:
    """What a round at one endpoint did, and what waits there now."""

    sent: int
    dead: int
    waiting: int
    backoff_until: datetime | None
    paused_reason: str | None


Send = Callable[[Sequence[Message]], Report]
Jitter = Callable[[float], float]
"""A number of seconds between 0 and the given one."""


def full_jitter(most_seconds: float) -> float:
    """Evenly between 0 and `most_seconds`, so that clients of one server do not come back together."""
    return most_seconds * secrets.randbelow(1_000_001) / 1_000_000


def drain(
    engine: Engine,
    endpoint: str,
    kind: str,
    send: Send,
    now: Callable[[], datetime],
    holder: str,
    *,
    batch_size: int = BATCH,
    lease_seconds: float = LEASE_SECONDS,
    most_batches: int = MOST_BATCHES,
    tries: int = TRIES,
    jitter: Jitter = full_jitter,
) -> Outcome:
    """Send what is due at one endpoint, oldest first, until nothing is due or the endpoint asks for rest.

    Args:
        send: takes one batch to the other side; must return in well under `lease_seconds`, and raises only
            what is a fault in the program.
        holder: name of this worker, unlike that of every other one that runs.
        batch_size: 1 for a sender that sends one message at a time.
        tries: so often a lone message may fail before it is put aside; 20 take about an hour and a half.
    """
    sent = dead = taken = 0
    with writing(engine) as connection:
        batch = _take(connection, endpoint, kind, now(), holder, batch_size, lease_seconds)
    while batch:
        taken += 1
        report = send(batch)
        # One transaction for what became of a batch and for the next one. It does not wait for the disk: what a
        # power cut takes back is sent again under the same id, as after a kill (ADR 26).
        with writing(engine, durable=False) as connection:
            if not outbox.holds_lease(connection, endpoint, holder):
                break  # took longer than the lease: whoever has it now finds out by itself
            round_ = _Round(connection, endpoint, now(), tries, jitter)
            round_.settle(batch, report)
            sent += round_.sent
            dead += round_.dead
            batch = []
            if taken < most_batches and report.verdicts and report.hold is None:
                batch = _take(connection, endpoint, kind, now(), holder, batch_size, lease_seconds)
            if not batch:
                return _leave(connection, endpoint, kind, holder, sent, dead)
    with writing(engine, durable=False) as connection:
        return _leave(connection, endpoint, kind, holder, sent, dead)


def _take(
    connection: Connection,
    endpoint: str,
    kind: str,
    now: datetime,
    holder: str,
    size: int,
    lease_seconds: float,
) -> list[Message]:
    lease = outbox.claim_lease(connection, endpoint, holder, now, lease_seconds)
    if lease is None or (lease.backoff_until is not None and lease.backoff_until > now):
        return []
    return outbox.next_batch(connection, endpoint, kind, now, size)


def _leave(connection: Connection, endpoint: str, kind: str, holder: str, sent: int, dead: int) -> Outcome:
    outbox.release_lease(connection, endpoint, holder)
    standing = outbox_care.standing(connection, endpoint, kind)
    return Outcome(sent, dead, standing.waiting, standing.backoff_until, standing.paused_reason)


class _Round:
    """Writes down what became of one batch."""

    def __init__(self, connection: Connection, endpoint: str, now: datetime, tries: int, jitter: Jitter) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._now = now
        self._tries = tries
        self._jitter = jitter
        self.sent = 0
        self.dead = 0

    def settle(self, batch: Sequence[Message], report: Report) -> None:
        together: dict[Verdict, list[Message]] = {}
        for message in batch:
            verdict = report.verdicts.get(message.seq)
            if verdict is not None:
                together.setdefault(verdict, []).append(message)
        for verdict, messages in together.items():
            self._apply(verdict, messages)
        if report.hold is not None:
            self._hold(report.hold)

    def _apply(self, verdict: Verdict, messages: list[Message]) -> None:
        seqs = [message.seq for message in messages]
        if verdict.fate is Fate.FAILED:
            self._failed(verdict, messages, seqs)
            return
        outbox.endpoint_answers(self._connection, self._endpoint)
        if verdict.fate is Fate.SENT:
            outbox.mark_sent(self._connection, seqs, self._now, verdict.status)
            self.sent += len(seqs)
        elif verdict.fate is Fate.ABSENT:
            outbox.settle_doubt(self._connection, seqs)
        elif verdict.fate is Fate.SPLIT and len(seqs) > 1:
            outbox.split(self._connection, seqs, verdict.reason, verdict.status, in_doubt=False)
        else:
            self._bury(seqs, verdict)

    def _failed(self, verdict: Verdict, messages: list[Message], seqs: list[int]) -> None:
        """A failure that may be the fault of a message, or of the endpoint.

        A lone message is given up only while the endpoint takes others, so that a broken endpoint never
        costs a message.
        """
        tried = max(message.attempts for message in messages) + 1
        suspect = len(seqs) == 1 and tried > TRIES
        if not suspect:
            failures = outbox.count_failure(self._connection, self._endpoint)
            if failures >= TRIES:
                until = self._later(failures - TRIES)
                outbox.hold_endpoint(self._connection, self._endpoint, until, paused_reason=None)
        if tried >= TRIES and len(seqs) > 1:
            outbox.split(self._connection, seqs, verdict.reason, verdict.status, in_doubt=True)
            return
        last_try = messages[0].tried_at or self._now
        if tried >= self._tries and outbox.others_were_sent(self._connection, self._endpoint, last_try):
            self._bury(seqs, verdict)
            return
        outbox.put_off(
            self._connection,
            seqs,
            self._later(tried - 1),
            verdict.reason,
            verdict.status,
            attempts=tried,
        )

    def _bury(self, seqs: list[int], verdict: Verdict) -> None:
        outbox.mark_dead(self._connection, seqs, verdict.reason, verdict.status)
        self.dead += len(seqs)

    def _hold(self, hold: Hold) -> None:
        failures = outbox.count_failure(self._connection, self._endpoint)
        if hold.retry_after_seconds is not None:
            until = self._now + timedelta(seconds=min(hold.retry_after_seconds, RETRY_AFTER_MOST_SECONDS))
        elif hold.paused:
            until = self._now + timedelta(seconds=PAUSE_SECONDS)
        else:
            until = self._later(failures - 1)
        reason = hold.reason if hold.paused else None
        outbox.hold_endpoint(self._connection, self._endpoint, until, paused_reason=reason)

    def _later(self, failures: int) -> datetime:
        """Full jitter, doubling from 1 second to 15 minutes."""
        most = min(BACKOFF_MOST_SECONDS, BACKOFF_FIRST_SECONDS * 2.0 ** min(failures, 20))
        return self._now + timedelta(seconds=self._jitter(most))
