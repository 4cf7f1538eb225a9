"""Empty the outbox of one endpoint: lease, batch, verdict, back-off. What is sent is the sender's business.

No network call is made inside a transaction. A worker that dies between sending and writing down the result
leaves its rows marked as doubtful; the next one sends them again with the same ids, so nothing is lost and
the other side keeps one of each.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, Engine

from xapi import outbox, outbox_care
from xapi.engine import writing
from xapi.outbox import Lease, Message, Tried

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
    meanwhile: bool = False,
) -> Outcome:
    """Send what is due at one endpoint, oldest first, until nothing is due or the endpoint asks for rest.

    Args:
        send: takes one batch to the other side; must return in well under `lease_seconds`, and raises only
            what is a fault in the program.
        holder: name of this worker, unlike that of every other one that runs.
        batch_size: 1 for a sender that sends one message at a time.
        tries: so often a lone message may fail before it is put aside; 20 take about an hour and a half.
        meanwhile: whether what became of a batch may be written down while the next one is at the other side
            (ADR 29); `send` then runs in a thread of its own, one at a time, and may not look at the outbox.
    """
    round_ = _Round(engine, endpoint, kind, now, holder, batch_size, lease_seconds, most_batches, tries, jitter)
    return round_.run(send, meanwhile=meanwhile)


@dataclass(frozen=True)
class _Done:
    """A batch that was at the other side."""

    batch: list[Message]
    taken_at: datetime
    report: Report

    @property
    def is_all_sent(self) -> bool:
        verdicts = self.report.verdicts
        return self.report.hold is None and all(
            message.seq in verdicts and verdicts[message.seq].fate is Fate.SENT for message in self.batch
        )


@dataclass
class _Round:
    """One round at one endpoint; the arguments are those of `drain`."""

    engine: Engine
    endpoint: str
    kind: str
    now: Callable[[], datetime]
    holder: str
    batch_size: int
    lease_seconds: float
    most_batches: int
    tries: int
    jitter: Jitter
    taken: int = 0
    sent: int = 0
    dead: int = 0
    kept_at: datetime = field(init=False)
    """When the lease was taken or prolonged."""

    def run(self, send: Send, *, meanwhile: bool) -> Outcome:
        with writing(self.engine) as connection:
            batch = self._begin(connection)
            if not batch:
                return self._leave(connection)
        before: _Done | None = None
        with ThreadPoolExecutor(1, "delivery") as aside:
            while True:
                self.taken += 1
                taken_at, ahead = self.now(), []
                if meanwhile and (before is not None or len(batch) == self.batch_size):
                    sending = aside.submit(send, batch)
                    ahead = self._meanwhile(batch, before)
                    report = sending.result()
                else:
                    report = send(batch)
                done = _Done(batch, taken_at, report)
                if ahead and done.is_all_sent and self._is_surely_ours():
                    before, batch = done, ahead
                    continue
                # One transaction for what became of a batch and for the next one. It does not wait for the disk:
                # what a power cut takes back is sent again under the same id, as after a kill (ADR 26).
                before = None
                with writing(self.engine, durable=False) as connection:
                    batch = self._next(connection) if self._write_down(connection, done) else []
                    if not batch:
                        return self._leave(connection)

    def _begin(self, connection: Connection) -> list[Message]:
        self.kept_at = now = self.now()
        lease = outbox.claim_lease(connection, self.endpoint, self.holder, now, self.lease_seconds)
        if lease is None or (lease.backoff_until is not None and lease.backoff_until > now):
            return []
        return self._next(connection)

    def _meanwhile(self, batch: Sequence[Message], before: _Done | None) -> list[Message]:
        """While a batch is at the other side: what became of the one before, and which one comes after."""
        with writing(self.engine, durable=False) as connection:
            goes_on = self._write_down(connection, before) if before else self._keep(connection) is not None
            return self._next(connection, batch) if goes_on else []

    def _next(self, connection: Connection, after: Sequence[Message] = ()) -> list[Message]:
        if self.taken >= self.most_batches:
            return []
        return outbox.next_batch(connection, self.endpoint, self.kind, self.now(), self.batch_size, after)

    def _keep(self, connection: Connection) -> Lease | None:
        self.kept_at = self.now()
        return outbox.keep_lease(connection, self.endpoint, self.holder, self.kept_at, self.lease_seconds)

    def _is_surely_ours(self) -> bool:
        """Whether the lease lasts long enough for one more batch, without a look at the database."""
        return self.now() - self.kept_at < timedelta(seconds=self.lease_seconds / 2)

    def _write_down(self, connection: Connection, done: _Done) -> bool:
        """What became of a batch; returns whether the next one may be sent."""
        lease = self._keep(connection)
        if lease is None:
            return False  # took longer than the lease: whoever has it now finds out by itself
        settling = _Settling(connection, self.endpoint, lease, done.taken_at, self.now(), self.tries, self.jitter)
        settling.settle(done.batch, done.report)
        self.sent += settling.sent
        self.dead += settling.dead
        return bool(done.report.verdicts) and not settling.rests

    def _leave(self, connection: Connection) -> Outcome:
        outbox.release_lease(connection, self.endpoint, self.holder)
        standing = outbox_care.standing(connection, self.endpoint, self.kind)
        return Outcome(self.sent, self.dead, standing.waiting, standing.backoff_until, standing.paused_reason)


class _Settling:
    """Writes down what became of one batch."""

    def __init__(
        self,
        connection: Connection,
        endpoint: str,
        lease: Lease,
        taken_at: datetime,
        now: datetime,
        tries: int,
        jitter: Jitter,
    ) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._in_trouble = lease.failures > 0 or lease.backoff_until is not None
        self._taken_at = taken_at
        self._now = now
        self._tries = tries
        self._jitter = jitter
        self.rests = False
        """Whether the endpoint is to be left alone for a while."""
        self.sent = 0
        self.dead = 0

    def settle(self, batch: Sequence[Message], report: Report) -> None:
        together: dict[Verdict, list[Message]] = {}
        unknown: list[int] = []
        for message in batch:
            verdict = report.verdicts.get(message.seq)
            if verdict is None:
                unknown.append(message.seq)
            else:
                together.setdefault(verdict, []).append(message)
        if unknown:
            outbox.leave_in_doubt(self._connection, unknown, self._taken_at)
        for verdict, messages in together.items():
            self._apply(verdict, messages)
        if report.hold is not None:
            self._hold(report.hold)

    def _apply(self, verdict: Verdict, messages: list[Message]) -> None:
        seqs = [message.seq for message in messages]
        tried = Tried(self._taken_at, verdict.reason, verdict.status)
        if verdict.fate is Fate.FAILED:
            self._failed(messages, seqs, tried)
            return
        if self._in_trouble:
            outbox.endpoint_answers(self._connection, self._endpoint)
            self._in_trouble = self.rests = False
        if verdict.fate is Fate.SENT:
            outbox.mark_sent(self._connection, seqs, self._now, tried)
            self.sent += len(seqs)
        elif verdict.fate is Fate.ABSENT:
            outbox.settle_doubt(self._connection, seqs, tried)
        elif verdict.fate is Fate.SPLIT and len(seqs) > 1:
            outbox.split(self._connection, seqs, tried, in_doubt=False)
        else:
            self._bury(seqs, tried)

    def _failed(self, messages: list[Message], seqs: list[int], tried: Tried) -> None:
        """A failure that may be the fault of a message, or of the endpoint.

        A lone message is given up only while the endpoint takes others, so that a broken endpoint never
        costs a message.
        """
        times = max(message.attempts for message in messages) + 1
        suspect = len(seqs) == 1 and times > TRIES
        if not suspect:
            failures = self._count_failure()
            if failures >= TRIES:
                self._rest(self._later(failures - TRIES), None)
        if times >= TRIES and len(seqs) > 1:
            outbox.split(self._connection, seqs, tried, in_doubt=True)
            return
        last_try = messages[0].tried_at or self._now
        if times >= self._tries and outbox.others_were_sent(self._connection, self._endpoint, last_try):
            self._bury(seqs, tried)
            return
        outbox.put_off(self._connection, seqs, self._later(times - 1), tried, attempts=times)

    def _bury(self, seqs: list[int], tried: Tried) -> None:
        outbox.mark_dead(self._connection, seqs, tried)
        self.dead += len(seqs)

    def _hold(self, hold: Hold) -> None:
        failures = self._count_failure()
        if hold.retry_after_seconds is not None:
            until = self._now + timedelta(seconds=min(hold.retry_after_seconds, RETRY_AFTER_MOST_SECONDS))
        elif hold.paused:
            until = self._now + timedelta(seconds=PAUSE_SECONDS)
        else:
            until = self._later(failures - 1)
        self._rest(until, hold.reason if hold.paused else None)
        self.rests = True  # also when the wait is no time at all

    def _count_failure(self) -> int:
        self._in_trouble = True
        return outbox.count_failure(self._connection, self._endpoint)

    def _rest(self, until: datetime, paused_reason: str | None) -> None:
        self.rests = until > self._now
        outbox.hold_endpoint(self._connection, self._endpoint, until, paused_reason=paused_reason)

    def _later(self, failures: int) -> datetime:
        """Full jitter, doubling from 1 second to 15 minutes."""
        most = min(BACKOFF_MOST_SECONDS, BACKOFF_FIRST_SECONDS * 2.0 ** min(failures, 20))
        return self._now + timedelta(seconds=self._jitter(most))
