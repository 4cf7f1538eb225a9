"""Care for the outbox: what people ask about it, try again, wipe and forget. Delivery itself is `xapi.outbox`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, func, select, update

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
    """How an endpoint stands, for metrics and the operator's page."""

    endpoint: str
    kind: str
    waiting: int
    dead: int
    oldest_waiting_at: datetime | None
    paused_reason: str | None
    backoff_until: datetime | None


def resume(connection: Connection, endpoint: str) -> None:
    """A person mended the endpoint: deliver again from now on."""
    endpoint_answers(connection, endpoint)


def replay_dead(connection: Connection, endpoint: str, now: datetime) -> int:
    """Send the refused ones once more, with the same ids; returns how many."""
    done: CursorResult[Any] = connection.execute(
        update(outbox)
        .where(outbox.c.endpoint == endpoint, outbox.c.state == DEAD)
        .values(state=WAITING, attempts=0, due_at=now, last_error=None)
    )
    return done.rowcount


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


def standings(connection: Connection) -> list[Standing]:
    """Every endpoint that was ever written to, with what waits and what was refused."""
    keys = select(outbox.c.endpoint, outbox.c.kind).distinct().order_by(outbox.c.endpoint, outbox.c.kind)
    return [standing(connection, endpoint, kind) for endpoint, kind in connection.execute(keys).all()]


def bodies_about(connection: Connection, tenant_id: str, pseudonym: str) -> list[str]:
    """Everything that was or will be said about one pseudonym, oldest first."""
    return list(
        connection.execute(
            select(outbox.c.body)
            .where(outbox.c.tenant_id == tenant_id, outbox.c.pseudonym == pseudonym, outbox.c.body != "")
            .order_by(outbox.c.seq)
        ).scalars()
    )


def purge_unsent(connection: Connection, tenant_id: str, pseudonym: str) -> int:
    """Wipe what was not yet delivered about one pseudonym; returns how many.

    A batch that is under way at this moment may still arrive: erase at the LRS after the lease ended.
    """
    done: CursorResult[Any] = connection.execute(
        outbox.delete().where(
            outbox.c.tenant_id == tenant_id, outbox.c.pseudonym == pseudonym, outbox.c.state != SENT
        )
    )
    return done.rowcount


def drop_sent_bodies(connection: Connection, sent_before: datetime) -> int:
    """Empty the bodies that were delivered before a moment; the ids stay, so nothing is sent twice."""
    done: CursorResult[Any] = connection.execute(
        update(outbox)
        .where(outbox.c.state == SENT, outbox.c.sent_at < sent_before, outbox.c.body != "")
        .values(body="", pseudonym=None)
    )
    return done.rowcount


def _kept(connection: Connection, *which: ColumnElement[bool]) -> list[Kept]:
    c = outbox.c
    columns = (c.message_id, c.state, c.body, c.due_at, c.created_at, c.sent_at, c.last_error)
    return [Kept(*row) for row in connection.execute(select(*columns).where(*which).order_by(c.seq))]


def _count(connection: Connection, endpoint: str, kind: str, state: str) -> int:
    return connection.execute(
        select(func.count()).where(outbox.c.endpoint == endpoint, outbox.c.kind == kind, outbox.c.state == state)
    ).scalar_one()
