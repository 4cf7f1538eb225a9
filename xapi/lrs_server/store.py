"""Keeps statements and finds them again; every row belongs to an owner and a stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, text, true, update

from xapi.comparison import same_statement
from xapi.credentials import EVERYBODY, Access
from xapi.formats import as_timestamp
from xapi.lrs_server import keys
from xapi.lrs_server.tables import found_by, statement

Json = dict[str, Any]

VERSION = "1.0.3"
TICK = timedelta(microseconds=1)
"""Two statements never share a `stored`, so that paging by `since` misses nothing."""

WRITER_LOCK = 5_716_094
"""PostgreSQL's advisory lock under which writers take turns, so that `stored` rises in the order of commits."""


class IdTaken(Exception):
    """Another statement has this id already; the message is the id."""


class CannotVoid(Exception):
    """A voiding statement cannot be voided (Data part, section 2.3.2)."""


@dataclass(frozen=True)
class Query:
    """What a reader asks for; None: no filter. `since` and `until` are about `stored`."""

    keys: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    ascending: bool = False
    limit: int = 100
    after: int | None = None
    """Row after which the next page begins."""


@dataclass(frozen=True)
class Page:
    """Statements in order, and the row after which more follow."""

    statements: list[Json] = field(default_factory=list)
    more_after: int | None = None


def keep(connection: Connection, access: Access, statements: Sequence[Json], authority: Json) -> list[str]:
    """Keep all of these statements or none; those that are here already with the same content stay.

    Args:
        statements: valid by `xapi.rules`, each with an id.

    Returns:
        Their ids, in order.

    Raises:
        IdTaken: one id belongs to a statement that says something else.
        CannotVoid: one of them wants to void a voiding statement.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
    stored = _next_stored(connection)
    for said in statements:
        statement_id = said["id"].lower()
        present = _row(connection, access, statement_id)
        if present is not None:
            if not same_statement(json.loads(present.body), said):
                raise IdTaken(statement_id)
            continue
        _add(connection, access, keys.with_lists(dict(said)), stored, authority)
        stored += TICK
    return [said["id"] for said in statements]


def find_one(connection: Connection, access: Access, statement_id: str, *, voided: bool) -> Json | None:
    """The statement with this id, if it is (not) voided."""
    row = _row(connection, access, statement_id.lower())
    return json.loads(row.body) if row is not None and row.voided == voided else None


def find(connection: Connection, access: Access, query: Query) -> Page:
    """Statements that meet every condition and are not voided."""
    wanted = select(statement.c.seq, statement.c.body).where(_mine(access), statement.c.voided.is_(False))
    for kind, value in query.keys:
        matches = select(found_by.c.seq).where(found_by.c.kind == kind, found_by.c.value == value)
        wanted = wanted.where(statement.c.seq.in_(matches))
    if query.since is not None:
        wanted = wanted.where(statement.c.stored > query.since)
    if query.until is not None:
        wanted = wanted.where(statement.c.stored <= query.until)
    wanted = _in_order(wanted, query)
    rows = connection.execute(wanted.limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    more_after = shown[-1].seq if len(rows) > query.limit else None
    return Page([json.loads(row.body) for row in shown], more_after)


def consistent_through(connection: Connection, now: datetime) -> datetime:
    """All statements stored up to this moment can be found; writers take turns, so it is the last one's."""
    last = connection.execute(select(func.max(statement.c.stored))).scalar()
    return min(last, now) if last is not None else now


def _in_order(wanted: Select[Any], query: Query) -> Select[Any]:
    if query.after is not None:
        after = statement.c.seq > query.after if query.ascending else statement.c.seq < query.after
        wanted = wanted.where(after)
    return wanted.order_by(statement.c.seq.asc() if query.ascending else statement.c.seq.desc())


def _mine(access: Access) -> Any:
    owner = true() if access.owner == EVERYBODY else statement.c.owner == access.owner
    return and_(owner, statement.c.stream == access.stream)


def _row(connection: Connection, access: Access, statement_id: str) -> Any:
    wanted = select(statement).where(_mine(access), statement.c.statement_id == statement_id)
    return connection.execute(wanted.limit(1)).one_or_none()


def _next_stored(connection: Connection) -> datetime:
    now = datetime.now(UTC)
    last = connection.execute(select(func.max(statement.c.stored))).scalar()
    return now if last is None else max(now, last + TICK)


def _add(connection: Connection, access: Access, said: Json, stored: datetime, authority: Json) -> None:
    moment = as_timestamp(stored)
    said["stored"] = moment
    said.setdefault("timestamp", moment)
    said.setdefault("version", VERSION)
    said["authority"] = authority
    statement_id = said["id"].lower()
    target_id = keys.target_of(said)
    voids = keys.is_voiding(said)
    target = _row(connection, access, target_id) if target_id else None
    if voids and target is not None:
        if target.voids:
            raise CannotVoid(target_id)
        _void(connection, target.seq)
    seq = connection.execute(
        insert(statement)
        .values(
            owner=access.owner,
            stream=access.stream,
            statement_id=statement_id,
            stored=stored,
            body=json.dumps(said, ensure_ascii=False, separators=(",", ":")),
            target_id=target_id,
            voids=voids,
            voided=not voids and _is_voided_already(connection, access, statement_id),
        )
        .returning(statement.c.seq)
    ).scalar_one()
    own = keys.found_by(said)
    if target is not None:
        own |= _keys_of(connection, target.seq)
    _index(connection, seq, own)
    _tell_referrers(connection, access, statement_id, own, seen={statement_id})


def _void(connection: Connection, seq: int) -> None:
    connection.execute(update(statement).where(statement.c.seq == seq).values(voided=True))


def _is_voided_already(connection: Connection, access: Access, statement_id: str) -> bool:
    """A voiding statement may arrive before the one that it voids."""
    wanted = select(statement.c.seq).where(
        _mine(access), statement.c.target_id == statement_id, statement.c.voids.is_(True)
    )
    return connection.execute(wanted.limit(1)).first() is not None


def _keys_of(connection: Connection, seq: int) -> set[tuple[str, str]]:
    rows = connection.execute(select(found_by.c.kind, found_by.c.value).where(found_by.c.seq == seq))
    return {(row.kind, row.value) for row in rows}


def _index(connection: Connection, seq: int, wanted: set[tuple[str, str]]) -> None:
    fresh = wanted - _keys_of(connection, seq)
    if fresh:
        connection.execute(
            insert(found_by), [{"seq": seq, "kind": kind, "value": value} for kind, value in sorted(fresh)]
        )


def _tell_referrers(
    connection: Connection, access: Access, statement_id: str, own: set[tuple[str, str]], seen: set[str]
) -> None:
    """A statement about this one is found by what this one is found by (section 2.1.3, StatementRefs)."""
    wanted = select(statement.c.seq, statement.c.statement_id).where(
        _mine(access), statement.c.target_id == statement_id
    )
    for row in connection.execute(wanted).all():
        _index(connection, row.seq, own)
        if row.statement_id not in seen:
            seen.add(row.statement_id)
            _tell_referrers(connection, access, row.statement_id, own, seen)
