"""Care for the outbox: what people ask about it, try again, wipe and forget. Delivery itself is `xapi.outbox`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, and_, case, func, select, update

from xapi.outbox import DEAD, SENT, WAITING, endpoint_answers, outbox, outbox_lease


@dataclass(frozen=True)
class Kept:
    """One row as it lies there, for whoever has to explain what became of it."""

    message_id: str
    state: str
    body: str
    """Empty when it was dropped after delivery."""
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class Standing:
    """How an endpoint stands, for whoever delivers to it or asks about it alone."""

    endpoint: str
    kind: str
    waiting: int
    dead: int
    oldest_waiting_at: datetime | None
    paused_reason: str | None
    backoff_until: datetime | None


@dataclass(frozen=True)
class Tally:
    """What one endpoint got and what waits for it, by kind of message."""

    endpoint: str
    kind: str
    waiting: int
    retried: int
    """So many of those that wait were tried before, in vain."""
    oldest_waiting_at: datetime | None
    sent: int
    dead: int
    failures: int
    """So often in a row the endpoint as a whole failed."""
    paused_reason: str | None
    backoff_until: datetime | None


@dataclass(frozen=True)
class DeadLetter:
    """A message that the other side refuses for good; nothing here tells whom it is about."""

    seq: int
    endpoint: str
    kind: str
    message_id: str
    verb: str
    """Last part of its IRI; empty for what is no statement."""
    reason: str
    status: int | None
    attempts: int
    tried_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """A message that the other side took."""

    seq: int
    message_id: str
    is_kept: bool
    """Whether what was said in it is still here."""


def resume(connection: Connection, endpoint: str) -> bool:
    """A person mended the endpoint: deliver again from now on. Returns whether it was being left alone."""
    held = select(outbox_lease.c.backoff_until).where(outbox_lease.c.endpoint == endpoint)
    was_held = connection.execute(held).scalar_one_or_none() is not None
    endpoint_answers(connection, endpoint)
    return was_held


def is_known(connection: Connection, endpoint: str) -> bool:
    """Whether anything was ever meant for this endpoint."""
    return (
        connection.execute(select(outbox.c.seq).where(outbox.c.endpoint == endpoint).limit(1)).first() is not None
    )


def dead_letters(connection: Connection, endpoint: str | None, limit: int) -> list[DeadLetter]:
    """The first `limit` dead letters, of one endpoint or of all, oldest first."""
    c = outbox.c
    columns = (
        c.seq,
        c.endpoint,
        c.kind,
        c.message_id,
        c.body,
        c.last_error,
        c.last_status,
        c.attempts,
        c.tried_at,
    )
    which = [c.state == DEAD] if endpoint is None else [c.state == DEAD, c.endpoint == endpoint]
    return [
        DeadLetter(seq, place, kind, message_id, _verb(body), reason or "", status, attempts, tried_at)
        for seq, place, kind, message_id, body, reason, status, attempts, tried_at in connection.execute(
            select(*columns).where(*which).order_by(c.seq).limit(limit)
        )
    ]


def replay_dead(connection: Connection, which: str | Sequence[int], now: datetime) -> dict[int, str]:
    """Send dead letters once more, with the same ids: all of an endpoint, or those with these numbers.

    Returns:
        The endpoint of each, by number; numbers of other messages are passed over.
    """
    change = update(outbox).where(_dead(which)).values(state=WAITING, attempts=0, due_at=now, last_error=None)
    return _changed(connection.execute(change.returning(outbox.c.seq, outbox.c.endpoint)))


def drop_dead(connection: Connection, which: str | Sequence[int]) -> dict[int, str]:
    """Throw dead letters away: all of an endpoint, or those with these numbers; see `replay_dead`.

    Whoever puts the same message in again begins anew: what is thrown away is not remembered.
    """
    dropped = outbox.delete().where(_dead(which)).returning(outbox.c.seq, outbox.c.endpoint)
    return _changed(connection.execute(dropped))


def depth(connection: Connection, endpoint: str, kind: str) -> int:
    """How many messages wait."""
    return _count(connection, endpoint, kind, WAITING)


def oldest(connection: Connection, endpoint: str, kind: str) -> datetime | None:
    """When the longest waiting message was made; alert on its age, not on the depth."""
    found: datetime | None = connection.execute(
        select(func.min(outbox.c.created_at)).where(
            outbox.c.endpoint == endpoint, outbox.c.kind == kind, outbox.c.state == WAITING
        )
    ).scalar_one()
    return found


def standing(connection: Connection, endpoint: str, kind: str) -> Standing:
    """How one endpoint stands."""
    held = connection.execute(
        select(outbox_lease.c.paused_reason, outbox_lease.c.backoff_until).where(
            outbox_lease.c.endpoint == endpoint
        )
    ).one_or_none()
    return Standing(
        endpoint=endpoint,
        kind=kind,
        waiting=depth(connection, endpoint, kind),
        dead=_count(connection, endpoint, kind, DEAD),
        oldest_waiting_at=oldest(connection, endpoint, kind),
        paused_reason=held.paused_reason if held else None,
        backoff_until=held.backoff_until if held else None,
    )


def kept(connection: Connection, endpoint: str, kind: str, states: Sequence[str]) -> list[Kept]:
    """What lies at an endpoint in any of these states, oldest first."""
    return _kept(
        connection, outbox.c.endpoint == endpoint, outbox.c.kind == kind, outbox.c.state.in_(list(states))
    )


def find(connection: Connection, tenant_id: str, endpoint: str, message_ids: Sequence[str]) -> list[Kept]:
    """The messages with these ids, as far as they are there, oldest first."""
    return _kept(
        connection,
        outbox.c.tenant_id == tenant_id,
        outbox.c.endpoint == endpoint,
        outbox.c.message_id.in_(list(message_ids)),
    )


def tallies(connection: Connection) -> list[Tally]:
    """Every endpoint that was ever written to. Counts all messages, so not for each round of a worker."""
    c, lease = outbox.c, outbox_lease.c
    keys = (c.endpoint, c.kind)
    # The first touches the index alone; the second only what waits.
    counts = {
        (endpoint, kind, state): count
        for endpoint, kind, state, count in connection.execute(
            select(*keys, c.state, func.count()).group_by(*keys, c.state)
        )
    }
    retried = func.sum(case((c.attempts > 0, 1), else_=0))
    waiting = {
        (endpoint, kind): (int(again), oldest_at)
        for endpoint, kind, again, oldest_at in connection.execute(
            select(*keys, retried, func.min(c.created_at)).where(c.state == WAITING).group_by(*keys)
        )
    }
    leases = {
        endpoint: (failures, reason, until)
        for endpoint, failures, reason, until in connection.execute(
            select(lease.endpoint, lease.failures, lease.paused_reason, lease.backoff_until)
        )
    }
    found = []
    for endpoint, kind in sorted({(endpoint, kind) for endpoint, kind, _ in counts}):
        again, oldest_at = waiting.get((endpoint, kind), (0, None))
        failures, paused_reason, backoff_until = leases.get(endpoint, (0, None, None))
        in_state = {state: counts.get((endpoint, kind, state), 0) for state in (WAITING, SENT, DEAD)}
        found.append(
            Tally(
                endpoint=endpoint,
                kind=kind,
                waiting=in_state[WAITING],
                retried=again,
                oldest_waiting_at=oldest_at,
                sent=in_state[SENT],
                dead=in_state[DEAD],
                failures=failures,
                paused_reason=paused_reason,
                backoff_until=backoff_until,
            )
        )
    return found


def bodies_about(connection: Connection, tenant_id: str, pseudonym: str) -> list[str]:
    """Everything that was or will be said about one pseudonym, oldest first."""
    return list(
        connection.execute(
            select(outbox.c.body)
            .where(outbox.c.tenant_id == tenant_id, outbox.c.pseudonym == pseudonym, outbox.c.body != "")
            .order_by(outbox.c.seq)
        ).scalars()
    )


def sent_since(connection: Connection, endpoint: str, kind: str, since: datetime, until: datetime) -> list[Sent]:
    """What was sent to an endpoint from one moment to another, oldest first."""
    c = outbox.c
    which = (c.endpoint == endpoint, c.kind == kind, c.state == SENT, c.sent_at >= since, c.sent_at <= until)
    asked = select(c.seq, c.message_id, c.body != "").where(*which).order_by(c.sent_at, c.seq)
    return [Sent(seq, message_id, bool(is_kept)) for seq, message_id, is_kept in connection.execute(asked)]


def send_again(connection: Connection, seqs: Sequence[int], now: datetime) -> int:
    """Send once more, with the same ids, what the other side lost; returns how many still have their body."""
    c = outbox.c
    done = connection.execute(
        update(outbox)
        .where(c.seq.in_(list(seqs)), c.state == SENT, c.body != "")
        .values(state=WAITING, attempts=0, due_at=now, sent_at=None)
    )
    return done.rowcount


def sent_before(connection: Connection, moment: datetime, after: int, limit: int) -> list[int]:
    """Numbers, above `after`, of messages that were sent before a moment and still have their body; lowest first.

    No index leads to them, so on a large outbox this reads for a while: ask it without holding the right to write.
    """
    c = outbox.c
    old = (c.seq > after, c.state == SENT, c.sent_at < moment, c.body != "")
    return list(connection.execute(select(c.seq).where(*old).order_by(c.seq).limit(limit)).scalars())


def sent_about_nobody(connection: Connection, stream: str, limit: int) -> list[int]:
    """Numbers of sent messages of a stream that name no pseudonym (any more) and still have their body.

    No index leads to them; see `sent_before`.
    """
    c = outbox.c
    which = (c.state == SENT, c.stream == stream, c.pseudonym.is_(None), c.body != "")
    return list(connection.execute(select(c.seq).where(*which).order_by(c.seq).limit(limit)).scalars())


def drop_bodies(connection: Connection, seqs: Sequence[int]) -> None:
    """Forget what was said in messages that were sent; their ids stay, so that nothing is sent twice."""
    c = outbox.c
    connection.execute(
        update(outbox).where(c.seq.in_(list(seqs)), c.state == SENT).values(body="", pseudonym=None)
    )


def _dead(which: str | Sequence[int]) -> ColumnElement[bool]:
    chosen = outbox.c.endpoint == which if isinstance(which, str) else outbox.c.seq.in_(list(which))
    return and_(outbox.c.state == DEAD, chosen)


def _changed(rows: CursorResult[Any]) -> dict[int, str]:
    return {row.seq: row.endpoint for row in rows}


def _verb(body: str) -> str:
    try:
        return str(json.loads(body)["verb"]["id"]).rsplit("/", 1)[-1]
    except (KeyError, TypeError, ValueError):
        return ""


def _kept(connection: Connection, *which: ColumnElement[bool]) -> list[Kept]:
    c = outbox.c
    columns = (c.message_id, c.state, c.body, c.due_at, c.created_at, c.sent_at, c.last_error)
    return [Kept(*row) for row in connection.execute(select(*columns).where(*which).order_by(c.seq))]


def _count(connection: Connection, endpoint: str, kind: str, state: str) -> int:
    return connection.execute(
        select(func.count()).where(outbox.c.endpoint == endpoint, outbox.c.kind == kind, outbox.c.state == state)
    ).scalar_one()
