"""Keeps statements and finds them again; every row belongs to an owner and a stream."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    and_,
    delete,
    func,
    select,
    text,
    true,
    update,
)

from xapi.comparison import same_statement
from xapi.credentials import EVERYBODY, Access
from xapi.engine import BUSY_TIMEOUT_MS, writing
from xapi.formats import as_timestamp
from xapi.lrs_server import keys
from xapi.lrs_server.answers import dumped
from xapi.lrs_server.keys import Json, Key
from xapi.lrs_server.tables import keyed, statement

VERSION = "1.0.0"
"""What a statement without a version gets (Data part, section 2.4.10)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COUNTED = 1000
"""From so many statements on, it does not matter how many more a key has."""

WRITER_LOCK = 5_716_094
"""PostgreSQL's advisory lock under which writers take turns, so that `stored` rises in the order of commits."""

LARGEST_SEQ = 2**63 - 1
IDS_AT_ONCE = 500

ARRAYS: Mapping[type, str] = {str: "text[]", int: "bigint[]", bool: "boolean[]", bytes: "bytea[]"}
"""PostgreSQL's types for a column of many rows."""

T = TypeVar("T")


class IdTaken(Exception):
    """Another statement has this id already; the message is the id."""


@dataclass(frozen=True)
class Query:
    """What a reader asks for; None: no filter. All moments are about `stored`."""

    keys: tuple[Key, ...] = ()
    since: datetime | None = None
    """Only later ones."""
    until: datetime | None = None
    """Not later ones."""
    ascending: bool = False
    limit: int = 100
    after: int | None = None
    """The `seq` of the last statement of the page before."""


@dataclass(frozen=True)
class Page:
    """Bodies of statements in order, and the `seq` of the last one when more follow."""

    bodies: tuple[str, ...]
    more_after: int | None


def keep(engine: Engine, access: Access, statements: Sequence[Json], authority: Json) -> None:
    """Keep all of these statements or none; those that are here already with the same content stay.

    Args:
        statements: valid by `xapi.rules`, each with an id of its own; they are completed in place.

    Raises:
        IdTaken: one id belongs to a statement that says something else.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        fresh = _unknown(connection, access, statements)
        if fresh:
            _add(connection, access, fresh, authority)


def find_one(engine: Engine, access: Access, statement_id: str, *, voided: bool) -> Json | None:
    """The statement with this id (lower case), if it is (not) voided."""
    wanted = select(statement.c.body).where(
        _of(access), statement.c.statement_id == statement_id, statement.c.voided.is_(voided)
    )
    with engine.connect() as connection, connection.begin():
        body = connection.execute(wanted.order_by(statement.c.seq).limit(1)).scalar_one_or_none()
    return None if body is None else dict(json.loads(body))


def find(engine: Engine, access: Access, query: Query) -> Page:
    """Statements that meet every condition and are not voided."""
    c = statement.c
    with engine.connect() as connection, connection.begin():
        if query.keys:
            spans = _spans(connection, query)
            if spans is None:
                return Page((), None)
            rarest, *others = spans.keys
            order = keyed.c.seq
            wanted = _under_a_key(connection, access).where(keyed.c.key == rarest, *spans.within)
            wanted = wanted.where(*(_also_under(key) for key in others))
        else:
            order = c.seq
            wanted = select(c.seq, c.body).where(_of(access), c.voided.is_(False))
        wanted = wanted.where(*_between(order, query))
        wanted = wanted.order_by(order.asc() if query.ascending else order.desc())
        rows = connection.execute(wanted.limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    more_after = shown[-1].seq if len(rows) > query.limit else None
    return Page(tuple(row.body for row in shown), more_after)


def erase(engine: Engine, access: Access, agent: Key) -> int:
    """Delete, for good and in both streams, every statement that has this agent in it; returns how many."""
    with writing(engine) as connection:
        matches = select(keyed.c.seq).where(keyed.c.key == agent)
        owner = true() if access.owner == EVERYBODY else statement.c.owner == access.owner
        seqs = connection.execute(select(statement.c.seq).where(owner, statement.c.seq.in_(matches))).scalars()
        found = list(seqs)
        for some in _portions(found):
            connection.execute(delete(keyed).where(keyed.c.seq.in_(some)))
            connection.execute(delete(statement).where(statement.c.seq.in_(some)))
    return len(found)


@dataclass(frozen=True)
class _Spans:
    """The keys of a query, and between which statements all of them occur.

    The first is gone through and held against the others: the one with the fewest statements there, or among
    keys with many, the one whose statements lie closest together. A database guesses this from statistics that
    it may not have.
    """

    keys: Sequence[Key]
    within: Sequence[ColumnElement[bool]]


def _spans(connection: Connection, query: Query) -> _Spans | None:
    """None: some key has no statement, or they do not overlap."""
    seq = keyed.c.seq
    if len(query.keys) == 1:
        return _Spans(query.keys, ())
    length: dict[Key, int] = {}
    low, high = 0, LARGEST_SEQ
    for key in query.keys:
        ends = select(seq).where(keyed.c.key == key, *_between(seq, query)).limit(1)
        first, last = (connection.execute(ends.order_by(by)).scalar() for by in (seq.asc(), seq.desc()))
        if first is None or last is None:
            return None
        length[key] = last - first
        low, high = max(low, first), min(high, last)

    def count(key: Key) -> tuple[int, int]:
        some = select(seq).where(keyed.c.key == key, seq >= low, seq <= high).limit(COUNTED)
        return int(connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()), length[key]

    return None if low > high else _Spans(sorted(query.keys, key=count), (seq >= low, seq <= high))


def _also_under(key: Key) -> ColumnElement[bool]:
    other = keyed.alias()
    return select(other.c.seq).where(other.c.key == key, other.c.seq == keyed.c.seq).exists()


def _between(seq: ColumnElement[int], query: Query) -> list[ColumnElement[bool]]:
    bounds = []
    if query.since is not None:
        bounds.append(seq > microseconds(query.since))
    if query.until is not None:
        bounds.append(seq <= microseconds(query.until))
    if query.after is not None:
        bounds.append(seq > query.after if query.ascending else seq < query.after)
    return bounds


def _under_a_key(connection: Connection, access: Access) -> Select[int, str]:
    """Rows of keys with their statements, each looked up by its number, in a form that no planner turns round.

    Either database would rather go through all statements of an owner when it takes a key for rarer than it is.
    """
    c = statement.c
    if connection.dialect.name == "postgresql":
        one = select(c.body).where(c.seq == keyed.c.seq, _of(access), c.voided.is_(False)).offset(0).lateral()
        return select(keyed.c.seq, one.c.body).join_from(keyed, one, true())
    owner = true() if access.owner == EVERYBODY else c.owner.concat("") == access.owner
    found = select(keyed.c.seq, c.body).join_from(keyed, statement, c.seq == keyed.c.seq)
    return found.where(owner, c.stream.concat("") == access.stream, c.voided.is_(False))


def consistent_through(engine: Engine) -> datetime:
    """Everything that is or will be stored up to this moment can be found (section 2.1.3).

    While nobody writes that is now; while somebody does, it is the `stored` of the last commit, as writers
    take turns and each stores later than the one before.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            free, clock = connection.execute(
                text("select pg_try_advisory_xact_lock_shared(:key), clock_timestamp()"), {"key": WRITER_LOCK}
            ).one()
        now: datetime | None = clock.astimezone(UTC) if free else None
    else:
        now = datetime.now(UTC) if _nobody_writes(engine) else None
    if now is not None:
        return now
    with engine.connect() as connection, connection.begin():
        return moment(connection.execute(select(func.max(statement.c.seq))).scalar_one() or 0)


def moment(seq: int) -> datetime:
    """The `stored` of a statement. Raises OverflowError."""
    return EPOCH + seq * MICROSECOND


def microseconds(stored: datetime) -> int:
    """The `seq` of what is stored at this moment."""
    return (stored - EPOCH) // MICROSECOND


def _nobody_writes(engine: Engine) -> bool:
    """Whether SQLite's write lock is free at this moment."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA busy_timeout=0")
        try:
            raw.cursor().execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        raw.cursor().execute("ROLLBACK")
        return True
    finally:
        raw.cursor().execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        raw.close()


def _unknown(connection: Connection, access: Access, statements: Sequence[Json]) -> list[Json]:
    """Those that are not here yet. Raises IdTaken."""
    ids = [said["id"].lower() for said in statements]
    c = statement.c
    present: dict[str, str] = {}
    for some in _portions(ids):
        rows = connection.execute(
            select(c.statement_id, c.body).where(_of(access), c.statement_id.in_(some))
        ).all()
        present.update((row.statement_id, row.body) for row in rows)
    for statement_id, said in zip(ids, statements, strict=True):
        if statement_id in present and not same_statement(json.loads(present[statement_id]), said):
            raise IdTaken(statement_id)
    return [said for said in statements if said["id"].lower() not in present]


def _add(connection: Connection, access: Access, fresh: Sequence[Json], authority: Json) -> None:
    first = _next_seq(connection)
    rows = []
    found_under = []
    for seq, said in enumerate(fresh, first):
        stored = as_timestamp(moment(seq))
        said["stored"] = stored
        said.setdefault("timestamp", stored)
        said.setdefault("version", VERSION)
        said["authority"] = authority
        rows.append(
            {
                "owner": access.owner,
                "stream": access.stream,
                "seq": seq,
                "statement_id": said["id"].lower(),
                "body": dumped(said),
                "target_id": keys.target_of(said),
                "voids": keys.is_voiding(said),
            }
        )
        found_under += [(key, seq) for key in keys.found_by(said)]
    _put(connection, statement, [tuple(row.values()) for row in rows], tuple(rows[0]))
    _put_under(connection, found_under)
    _refer(connection, access, rows)


def _refer(connection: Connection, access: Access, rows: Sequence[Json]) -> None:
    """Statements about statements: voiding, and being found by what the other one is found by.

    Either may come first (Data part, section 2.3.2; Communication part, section 2.1.3).
    """
    c = statement.c
    about_these: list[Any] = []
    for some in _portions([row["statement_id"] for row in rows]):
        wanted = select(c.target_id, c.voids).where(_of(access), c.target_id.in_(some))
        about_these += connection.execute(wanted).all()
    voided = {row.target_id for row in about_these if row.voids}
    voided |= {row["target_id"] for row in rows if row["voids"]}
    for some in _portions(sorted(voided)):
        connection.execute(
            update(statement).where(_of(access), c.statement_id.in_(some), c.voids.is_(False)).values(voided=True)
        )
    changed = {row.target_id for row in about_these}
    changed |= {row["target_id"] for row in rows if row["target_id"] is not None}
    while changed:
        changed = _tell_referrers(connection, access, changed.pop()) | changed


def _tell_referrers(connection: Connection, access: Access, statement_id: str) -> set[str]:
    """Let those that are about a statement be found by its keys; returns the ids of those that gained any."""
    c = statement.c
    own = _keys_of(connection, select(c.seq).where(_of(access), c.statement_id == statement_id))
    gained = set()
    referrers = select(c.seq, c.statement_id).where(_of(access), c.target_id == statement_id)
    for row in connection.execute(referrers).all():
        fresh = own - _keys_of(connection, select(c.seq).where(c.seq == row.seq))
        if fresh:
            _put_under(connection, [(key, row.seq) for key in fresh])
            gained.add(row.statement_id)
    return gained


def _keys_of(connection: Connection, seqs: Any) -> set[Key]:
    return set(connection.execute(select(keyed.c.key).where(keyed.c.seq.in_(seqs))).scalars())


def _put_under(connection: Connection, rows: list[tuple[Key, int]]) -> None:
    """Let statements be found under keys."""
    rows.sort()
    _put(connection, keyed, rows, ("key", "seq"))


def _put(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> None:
    """Add rows in the fastest way that the driver has, as a statement comes with a dozen of them."""
    into = f"insert into {table.name} ({', '.join(names)})"
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{ARRAYS[table.c[name].type.python_type]}" for name in names)
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        connection.exec_driver_sql(f"{into} select * from unnest({arrays})", columns)  # noqa: S608
    else:
        connection.exec_driver_sql(f"{into} values ({', '.join('?' for _ in names)})", list(rows))


def _next_seq(connection: Connection) -> int:
    """Later than everything that is stored, also when the clock was set back."""
    last = select(func.max(statement.c.seq)).scalar_subquery()
    if connection.dialect.name == "postgresql":  # its own clock, so that several machines stamp alike
        clock, newest = connection.execute(select(func.clock_timestamp(), last)).one()
    else:
        clock, newest = datetime.now(UTC), connection.execute(select(last)).scalar_one()
    now = microseconds(clock)
    return now if newest is None else max(now, newest + 1)


def _of(access: Access) -> ColumnElement[bool]:
    owner = true() if access.owner == EVERYBODY else statement.c.owner == access.owner
    return and_(owner, statement.c.stream == access.stream)


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time that no database's limit on parameters is met."""
    for start in range(0, len(values), IDS_AT_ONCE):
        yield values[start : start + IDS_AT_ONCE]
