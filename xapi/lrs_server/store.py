"""Keeps statements and finds them again; every row belongs to an owner and a stream."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, insert, select, text, true, update

from xapi.comparison import same_statement
from xapi.credentials import EVERYBODY, Access
from xapi.engine import BUSY_TIMEOUT_MS, writing
from xapi.formats import as_timestamp
from xapi.lrs_server import keys
from xapi.lrs_server.keys import Json, Key
from xapi.lrs_server.tables import found_by, statement

VERSION = "1.0.0"
"""What a statement without a version gets (Data part, section 2.4.10)."""

TICK = timedelta(microseconds=1)
"""Two statements never share a `stored`, so that paging by `since` misses nothing."""

WRITER_LOCK = 5_716_094
"""PostgreSQL's advisory lock under which writers take turns, so that `stored` rises in the order of commits."""

IDS_AT_ONCE = 500

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
    after: datetime | None = None
    """The last statement of the page before."""


@dataclass(frozen=True)
class Page:
    """Bodies of statements in order, and the `stored` of the last one when more follow."""

    bodies: tuple[str, ...]
    more_after: datetime | None


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
        body = connection.execute(wanted.order_by(statement.c.stored).limit(1)).scalar_one_or_none()
    return None if body is None else dict(json.loads(body))


def find(engine: Engine, access: Access, query: Query) -> Page:
    """Statements that meet every condition and are not voided."""
    c = statement.c
    wanted = select(c.stored, c.body).where(_of(access), c.voided.is_(False))
    for kind, value in query.keys:
        matches = select(found_by.c.seq).where(found_by.c.kind == kind, found_by.c.value == value)
        wanted = wanted.where(c.seq.in_(matches))
    if query.since is not None:
        wanted = wanted.where(c.stored > query.since)
    if query.until is not None:
        wanted = wanted.where(c.stored <= query.until)
    if query.after is not None:
        wanted = wanted.where(c.stored > query.after if query.ascending else c.stored < query.after)
    wanted = wanted.order_by(c.stored.asc() if query.ascending else c.stored.desc())
    with engine.connect() as connection, connection.begin():
        rows = connection.execute(wanted.limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    more_after = shown[-1].stored if len(rows) > query.limit else None
    return Page(tuple(row.body for row in shown), more_after)


def erase(engine: Engine, access: Access, agent: Key) -> int:
    """Delete, for good and in both streams, every statement that has this agent in it; returns how many."""
    with writing(engine) as connection:
        matches = select(found_by.c.seq).where(found_by.c.kind == agent[0], found_by.c.value == agent[1])
        owner = true() if access.owner == EVERYBODY else statement.c.owner == access.owner
        seqs = connection.execute(select(statement.c.seq).where(owner, statement.c.seq.in_(matches))).scalars()
        found = list(seqs)
        for some in _portions(found):
            connection.execute(delete(found_by).where(found_by.c.seq.in_(some)))
            connection.execute(delete(statement).where(statement.c.seq.in_(some)))
    return len(found)


def consistent_through(engine: Engine) -> datetime:
    """Everything that is or will be stored up to this moment can be found (section 2.1.3).

    While nobody writes that is now; while somebody does, it is the `stored` of the last commit, as writers
    take turns and each stores later than the one before.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            free = connection.execute(
                text("select pg_try_advisory_xact_lock_shared(:key)"), {"key": WRITER_LOCK}
            ).scalar_one()
            now = _clock(connection) if free else None
    else:
        now = datetime.now(UTC) if _nobody_writes(engine) else None
    if now is not None:
        return now
    with engine.connect() as connection, connection.begin():
        last: datetime | None = connection.execute(select(func.max(statement.c.stored))).scalar_one()
    return last or datetime(1970, 1, 1, tzinfo=UTC)


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
    stored = _next_stored(connection)
    rows = []
    for said in fresh:
        moment = as_timestamp(stored)
        said["stored"] = moment
        said.setdefault("timestamp", moment)
        said.setdefault("version", VERSION)
        said["authority"] = authority
        rows.append(
            {
                "owner": access.owner,
                "stream": access.stream,
                "statement_id": said["id"].lower(),
                "stored": stored,
                "body": json.dumps(said, ensure_ascii=False, separators=(",", ":")),
                "target_id": keys.target_of(said),
                "voids": keys.is_voiding(said),
            }
        )
        stored += TICK
    added = connection.execute(insert(statement).returning(statement.c.statement_id, statement.c.seq), rows).all()
    seq_of = {row.statement_id: row.seq for row in added}
    own = {seq_of[said["id"].lower()]: keys.found_by(said) for said in fresh}
    _index(connection, own)
    _refer(connection, access, rows, seq_of)


def _refer(connection: Connection, access: Access, rows: Sequence[Json], seq_of: dict[str, int]) -> None:
    """Statements about statements: voiding, and being found by what the other one is found by.

    Either may come first (Data part, section 2.3.2; Communication part, section 2.1.3).
    """
    c = statement.c
    about_these: list[Any] = []
    for some in _portions(list(seq_of)):
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
            _index(connection, {row.seq: fresh})
            gained.add(row.statement_id)
    return gained


def _keys_of(connection: Connection, seqs: Any) -> set[Key]:
    rows = connection.execute(select(found_by.c.kind, found_by.c.value).where(found_by.c.seq.in_(seqs)))
    return {(row.kind, row.value) for row in rows}


def _index(connection: Connection, wanted: dict[int, set[Key]]) -> None:
    rows = [
        {"seq": seq, "kind": kind, "value": value} for seq, some in wanted.items() for kind, value in sorted(some)
    ]
    connection.execute(insert(found_by), rows)


def _next_stored(connection: Connection) -> datetime:
    """Later than everything that is stored, also when the clock was set back."""
    now = _clock(connection)
    last = connection.execute(select(func.max(statement.c.stored))).scalar_one()
    return now if last is None else max(now, last + TICK)


def _clock(connection: Connection) -> datetime:
    """PostgreSQL's own clock, so that several machines stamp alike."""
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return now.astimezone(UTC)
    return datetime.now(UTC)


def _of(access: Access) -> ColumnElement[bool]:
    owner = true() if access.owner == EVERYBODY else statement.c.owner == access.owner
    return and_(owner, statement.c.stream == access.stream)


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time that no database's limit on parameters is met."""
    for start in range(0, len(values), IDS_AT_ONCE):
        yield values[start : start + IDS_AT_ONCE]
