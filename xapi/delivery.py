"""Deliver statements to an LRS: what each reply means for each statement.

The outbox does the rest (`xapi.drain`). The table comes from what four LRSs answer in practice: a statement
that is already there gives 200, 204, 409 for the whole batch, or 409 only when it differs, all of which the
standard allows (xAPI 1.0.3, Communication part, section 2.1).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from xapi.client import LrsClient, LrsRefused, LrsUnavailable, Reply
from xapi.comparison import same_statement
from xapi.drain import BATCH, Fate, Hold, Jitter, Outcome, Report, Verdict, drain, full_jitter
from xapi.outbox import Message
from xapi.rules import problems

KIND = "statement"

ACCEPTED = frozenset({200, 204})
REFUSED_AS_A_WHOLE = frozenset({400, 413, 422})
BUSY = frozenset({408, 425, 429})
FORBIDDEN = frozenset({401, 403})

LOOKING_UP_SECONDS = 20.0
"""After a conflict, ids are looked up one by one for so long; the rest waits for the next batch."""


def deliver_statements(
    engine: Engine,
    endpoint: str,
    client: LrsClient,
    now: Callable[[], datetime],
    holder: str,
    *,
    batch_size: int = BATCH,
    lease_seconds: float = 60.0,
    jitter: Jitter = full_jitter,
) -> Outcome:
    """Send the statements that are due at one endpoint; see `xapi.drain.drain` for the arguments."""
    return drain(
        engine,
        endpoint,
        KIND,
        StatementSender(client),
        now,
        holder,
        batch_size=batch_size,
        lease_seconds=lease_seconds,
        jitter=jitter,
        meanwhile=True,
    )


class StatementSender:
    """Sends one batch and says what became of each statement."""

    def __init__(self, client: LrsClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock

    def __call__(self, batch: Sequence[Message]) -> Report:
        try:
            reply = self._client.post_statements([message.body for message in batch])
        except LrsUnavailable as err:
            return Report(hold=Hold(f"no answer: {err}"))
        if reply.status == 409:
            return self._after_a_conflict(batch)
        return _report(batch, reply)

    def _after_a_conflict(self, batch: Sequence[Message]) -> Report:
        """409: one of them is there already, the same or another; the reply does not say which."""
        doubtful = [message for message in batch if message.in_doubt]
        if len(batch) == 1:
            return self._look_up(batch, batch)
        if doubtful:
            return self._look_up(batch, doubtful)
        return _all(batch, Verdict(Fate.SPLIT, "HTTP 409", 409))

    def _look_up(self, batch: Sequence[Message], wanted: Sequence[Message]) -> Report:
        """Ask for statements by id; those that nobody doubts are simply sent again."""
        asked = {message.seq for message in wanted}
        verdicts = {message.seq: Verdict(Fate.ABSENT, "", 409) for message in batch if message.seq not in asked}
        started = self._clock()
        for message in wanted:
            if self._clock() - started > LOOKING_UP_SECONDS:
                break
            try:
                there = self._client.get_statement(message.message_id)
            except LrsUnavailable as err:
                return Report(verdicts, Hold(f"no answer: {err}"))
            except LrsRefused as err:
                return _all(batch, Verdict(Fate.SPLIT, f"HTTP 409, and looking it up gives {err}", 409))
            if there is None:
                # A lone statement that conflicts with nothing we may see: the LRS is not making sense.
                fate = Fate.FAILED if len(batch) == 1 else Fate.ABSENT
                verdicts[message.seq] = Verdict(fate, "HTTP 409, but the LRS does not have it", 409)
            elif _is_ours(there, message):
                verdicts[message.seq] = Verdict(Fate.SENT, "", 409)
            else:
                verdicts[message.seq] = Verdict(
                    Fate.DEAD, "HTTP 409: the LRS has another statement with this id", 409
                )
        return Report(verdicts)


def _report(batch: Sequence[Message], reply: Reply) -> Report:
    status = reply.status
    told = f"HTTP {status}"
    if status in ACCEPTED:
        if not reply.is_from_an_lrs:
            return Report(hold=Hold(f"{told}, but not from an LRS", paused=True))
        return _all(batch, Verdict(Fate.SENT, "", status))
    if status in REFUSED_AS_A_WHOLE:
        reason = told if len(batch) > 1 else _why(batch[0], told)
        return _all(batch, Verdict(Fate.SPLIT, reason, status))
    if status == 500:
        return _all(batch, Verdict(Fate.FAILED, told, status))
    if status in BUSY or status > 500:
        return Report(hold=Hold(told, reply.retry_after_seconds))
    if status in FORBIDDEN:
        return Report(hold=Hold(f"{told}: the LRS does not accept our name or password", paused=True))
    return Report(hold=Hold(f"{told}: this is not the address of an LRS", paused=True))


def _is_ours(there: dict[str, Any], message: Message) -> bool:
    try:
        return same_statement(there, json.loads(message.body), loose_numbers=True)
    except (AttributeError, KeyError, TypeError):
        return False  # what the LRS has is no statement at all


def _all(batch: Sequence[Message], verdict: Verdict) -> Report:
    return Report({message.seq: verdict for message in batch})


def _why(message: Message, told: str) -> str:
    """Our own reading of what is wrong, because a reply may repeat the statement."""
    try:
        found = problems(json.loads(message.body))
    except ValueError:
        found = ["not JSON"]
    return f"{told}: {'; '.join(found) or 'valid by our own rules'}"
