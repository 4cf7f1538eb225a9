"""The database of the tool: one engine, one session, one way to open a transaction."""

from __future__ import annotations

import secrets
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, Executable, MetaData, Result, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from xapi.engine import NAMING, make_engine

Value = TypeVar("Value")
_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class DatabaseBusy(Exception):
    """Another writer holds the database, or it is away for a moment; the same request may be tried again."""


class Base(DeclarativeBase):
    """All tables of the tool; Flask-SQLAlchemy gets its metadata, so models stay typed."""

    metadata = MetaData(naming_convention=NAMING)


class _Database(SQLAlchemy):
    """Flask-SQLAlchemy with the engine that the outbox and the LRS use too (pragmas, BEGIN IMMEDIATE)."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> Engine:
        return make_engine(str(options["url"]))


@dataclass
class _Running:
    """A transaction that is open in this thread."""

    connection: Connection
    held: list[object] = field(default_factory=list)
    """Objects, which the session itself forgets as soon as nobody looks."""
    read: dict[object, Any] = field(default_factory=dict)


_running: ContextVar[_Running | None] = ContextVar("running transaction", default=None)


class _Session(FlaskSession):
    """Objects travel over the connection that the transaction opened, which alone commits."""

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        running = _running.get()
        return running.connection if running else super().get_bind(*args, **options)


db = _Database(metadata=Base.metadata, session_options={"class_": _Session, "expire_on_commit": False})


@contextmanager
def transaction(*, writes: bool = True, durable: bool = True) -> Iterator[None]:
    """One transaction; only use cases open one. Commits at the end, rolls back on any exception.

    Args:
        durable: whether it must survive a power cut; False does not wait for the disk, and is for what a new
            launch makes good.

    Raises:
        DatabaseBusy: the database stayed locked longer than the busy timeout, or does not answer.
    """
    with telling_busy(), db.engine.connect() as connected:
        connection = connected.execution_options(writes=writes, durable=durable)
        with connection.begin():
            before = _running.set(_Running(connection))
            try:
                yield
                _send_changes()
            except BaseException:
                if db.session.registry.has():
                    db.session.rollback()
                raise
            finally:
                # A later transaction reads afresh: another process may have written in between.
                _running.reset(before)
                if db.session.registry.has():
                    db.session.expunge_all()


def _send_changes() -> None:
    """What was done to objects, before the connection commits; most transactions have none."""
    if db.session.registry.has():
        db.session.commit()


@contextmanager
def telling_busy() -> Iterator[None]:
    """For transactions that others open on our engine (the outbox does).

    Raises:
        DatabaseBusy: the database stayed locked longer than the busy timeout, or does not answer.
    """
    try:
        yield
    except DBAPIError as err:
        if _is_busy(err):
            raise DatabaseBusy("the database is locked or does not answer; try again later") from err
        raise


@event.listens_for(db.session, "loaded_as_persistent")
@event.listens_for(db.session, "pending_to_persistent")
def _hold(session: Session, row: object) -> None:
    """Keep rows for the length of a transaction, so that none is read twice in it."""
    if running := _running.get():
        running.held.append(row)


def ask(statement: Executable, **values: Any) -> Result[Any]:
    """Rows as plain tuples, or a change without them, for what every launch does: half the price of objects."""
    return connection().execute(statement, values)


def add_unless_there(row: type[Base], **values: Any) -> None:
    """Add a row; who comes second, also at the same moment, leaves it as it is."""
    insert = _INSERTS[db.session.get_bind().dialect.name]
    db.session.execute(insert(row).values(**values).on_conflict_do_nothing())


def read_once(key: object, read: Callable[[], Value]) -> Value:
    """What `read` gives, asked once in a transaction; for values that `ask` reads (objects are kept already)."""
    kept = _now().read
    if key not in kept:
        kept[key] = read()
    return cast(Value, kept[key])


def note_read(key: object, value: object) -> None:
    """Keep what another query read along, as `read_once` would have."""
    _now().read[key] = value


def read_anew(key: object) -> None:
    """Forget what was read under this key, because it is changed."""
    _now().read.pop(key, None)


def _now() -> _Running:
    running = _running.get()
    if running is None:
        raise RuntimeError("only a use case opens a transaction, and here none is open")
    return running


def connection() -> Connection:
    """The connection of the running transaction, for the outbox that must commit with it."""
    if db.session.registry.has():
        db.session.flush()
    return _now().connection


def engine() -> Engine:
    """The tool's engine, for the delivery of the outbox, which opens transactions of its own."""
    return db.engine


def answers() -> bool:
    """Whether the database can be reached."""
    try:
        with transaction(writes=False):
            return True
    except (DatabaseBusy, SQLAlchemyError):
        return False


def watch_queries(seen: Callable[[], None]) -> None:
    """Call `seen` at every SQL statement of this app's engine (BEGIN and COMMIT not counted)."""
    event.listen(db.engine, "before_cursor_execute", lambda *_: seen())


def without_nul(text: str) -> str:
    """For what somebody sent: PostgreSQL takes no NUL in a text, not even to look for it."""
    return text.replace("\0", "-")


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): sorts by time; for rows only, never inside a statement."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62)
    return str(uuid.UUID(int=value | secrets.randbits(62)))


def _is_busy(err: DBAPIError) -> bool:
    """SQLite says so in words; PostgreSQL has one class for locks, restarts and lost connections (PEP 249)."""
    if isinstance(err.orig, sqlite3.OperationalError):
        return "locked" in str(err.orig) or "unable to open" in str(err.orig)
    return isinstance(err.orig, psycopg.OperationalError) or err.connection_invalidated
