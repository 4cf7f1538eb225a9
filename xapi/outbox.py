"""The outbox: what must leave, kept until the other side has it.

Rows are written with the facts they tell about (`xapi.outbox_write`) and delivered later by one worker per
endpoint, which holds a lease. All functions take a connection inside a transaction that the caller commits;
none of them talks to the network. The engine that uses them is `xapi.drain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from xapi.engine import NAMING, Instant

WAITING, SENT, DEAD = "waiting", "sent", "dead"

ERROR_LENGTH = 500
"""Longest reason that is kept; a reason never holds the body of a message or of a reply."""

metadata = MetaData(naming_convention=NAMING)

outbox = Table(
    "outbox",
    metadata,
    Column("tenant_id", String(64), nullable=False),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("stream", String(20), nullable=False),
    Column("endpoint", String(200), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("pseudonym", String(64)),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False),
    # Rows with the same number go in one batch: a split survives a restart.
    Column("batch_group", BigInteger),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False),
    # True from the moment a batch is taken until a reply says what became of it.
    Column("in_doubt", Boolean, nullable=False, server_default=false()),
    Column("tried_at", Instant),
    Column("last_status", Integer),
    Column("last_error", String(ERROR_LENGTH)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    UniqueConstraint("tenant_id", "endpoint", "message_id"),
    Index("ix_outbox_tenant_id_pseudonym", "tenant_id", "pseudonym"),
    Index("ix_outbox_endpoint_kind_state_seq", "endpoint", "kind", "state", "seq"),
    Index("ix_outbox_endpoint_sent_at", "endpoint", "sent_at"),
    sqlite_autoincrement=True,
)

outbox_lease = Table(
    "outbox_lease",
    metadata,
    Column("endpoint", String(200), primary_key=True),
    Column("holder", String(200)),
    Column("until", Instant),
    Column("paused_reason", String(ERROR_LENGTH)),
    Column("backoff_until", Instant),
    Column("failures", Integer, nullable=False, server_default=text("0")),
)


@dataclass(frozen=True)
class Message:
    """One row on its way out."""

    seq: int
    tenant_id: str
    stream: str
    message_id: str
    body: str
    attempts: int
    in_doubt: bool
    """An earlier try ended without a reply: the other side may have it already."""
    tried_at: datetime | None


@dataclass(frozen=True)
class Lease:
    """The right to deliver to an endpoint, and what the endpoint did lately."""

    failures: int
    backoff_until: datetime | None
    paused_reason: str | None


def claim_lease(connection: Connection, endpoint: str, holder: str, now: datetime, seconds: float) -> Lease | None:
    """Take or prolong the lease of an endpoint; None while another holder has it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(outbox_lease).values(endpoint=endpoint).on_conflict_do_nothing())
    row = connection.execute(
        update(outbox_lease)
        .where(
            outbox_lease.c.endpoint == endpoint,
            or_(
                outbox_lease.c.holder.is_(None),
                outbox_lease.c.holder == holder,
                outbox_lease.c.until <= now,
            ),
        )
        .values(holder=holder, until=now + timedelta(seconds=seconds))
        .returning(outbox_lease.c.failures, outbox_lease.c.backoff_until, outbox_lease.c.paused_reason)
    ).one_or_none()
    return None if row is None else Lease(*row)


def holds_lease(connection: Connection, endpoint: str, holder: str) -> bool:
    """Whether nobody took the lease over; locks it until the end of the transaction."""
    asked = select(outbox_lease.c.holder).where(outbox_lease.c.endpoint == endpoint).with_for_update()
    return connection.execute(asked).scalar_one_or_none() == holder


def release_lease(connection: Connection, endpoint: str, holder: str) -> None:
    """Let the next worker begin at once."""
    connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint, outbox_lease.c.holder == holder)
        .values(holder=None, until=None)
    )


def next_batch(connection: Connection, endpoint: str, kind: str, now: datetime, limit: int) -> list[Message]:
    """The oldest messages that are due, marked as being tried; at most `limit`, or one group of a split.

    What failed before comes after what did not: what the other side breaks on holds nobody else up.
    `tried_at` and `in_doubt` of the messages tell of the try before this one.
    """
    due = (
        outbox.c.endpoint == endpoint,
        outbox.c.kind == kind,
        outbox.c.state == WAITING,
        outbox.c.due_at <= now,
    )
    c = outbox.c
    oldest = select(c.batch_group).where(*due).limit(1)
    first = (
        connection.execute(oldest.where(c.attempts == 0).order_by(c.seq)).one_or_none()
        or connection.execute(oldest.order_by(c.attempts, c.seq)).one_or_none()
    )
    if first is None:
        return []
    columns = (c.seq, c.tenant_id, c.stream, c.message_id, c.body, c.attempts, c.in_doubt, c.tried_at)
    rows = connection.execute(
        select(*columns)
        .where(*due, c.batch_group.is_not_distinct_from(first.batch_group))
        .order_by(c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    batch = [Message(*row) for row in rows]
    _change(connection, [message.seq for message in batch], in_doubt=True, tried_at=now)
    return batch


def mark_sent(connection: Connection, seqs: Iterable[int], now: datetime, status: int | None) -> None:
    """The other side has these."""
    _change(
        connection,
        seqs,
        state=SENT,
        sent_at=now,
        in_doubt=False,
        batch_group=None,
        last_status=status,
        last_error=None,
    )


def mark_dead(connection: Connection, seqs: Iterable[int], reason: str, status: int | None) -> None:
    """The other side refuses these for good; they stay, for a person to look at."""
    _change(
        connection,
        seqs,
        state=DEAD,
        in_doubt=False,
        batch_group=None,
        last_status=status,
        last_error=reason[:ERROR_LENGTH],
    )


def put_off(
    connection: Connection,
    seqs: Sequence[int],
    due_at: datetime,
    reason: str,
    status: int | None,
    *,
    attempts: int,
) -> None:
    """Try these again later, as one group; `attempts` says how often they failed."""
    _change(
        connection,
        seqs,
        due_at=due_at,
        batch_group=min(seqs),
        attempts=attempts,
        last_status=status,
        last_error=reason[:ERROR_LENGTH],
    )


def split(connection: Connection, seqs: Sequence[int], reason: str, status: int | None, *, in_doubt: bool) -> None:
    """Halve a batch that was refused as a whole: each half goes on by itself, also after a restart.

    A group is named after its first row; as groups never share rows, no two have one name.
    """
    ordered = sorted(seqs)
    middle = (len(ordered) + 1) // 2
    for half in (ordered[:middle], ordered[middle:]):
        _change(
            connection,
            half,
            batch_group=half[0],
            attempts=0,
            in_doubt=in_doubt,
            last_status=status,
            last_error=reason[:ERROR_LENGTH],
        )


def settle_doubt(connection: Connection, seqs: Iterable[int]) -> None:
    """The other side answered and does not have these: the next try starts from certainty."""
    _change(connection, seqs, in_doubt=False)


def hold_endpoint(connection: Connection, endpoint: str, until: datetime, *, paused_reason: str | None) -> None:
    """Leave an endpoint alone until a moment; with a reason when a person has to mend something."""
    connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint)
        .values(
            backoff_until=until,
            paused_reason=None if paused_reason is None else paused_reason[:ERROR_LENGTH],
        )
    )


def count_failure(connection: Connection, endpoint: str) -> int:
    """One more failure of an endpoint in a row; returns how many there are now."""
    failures: int = connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint)
        .values(failures=outbox_lease.c.failures + 1)
        .returning(outbox_lease.c.failures)
    ).scalar_one()
    return failures


def endpoint_answers(connection: Connection, endpoint: str) -> None:
    """The endpoint took something: forget its failures."""
    connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint)
        .values(backoff_until=None, paused_reason=None, failures=0)
    )


def others_were_sent(connection: Connection, endpoint: str, since: datetime) -> bool:
    """Whether the endpoint took any message since a moment."""
    asked = select(outbox.c.seq).where(outbox.c.endpoint == endpoint, outbox.c.sent_at >= since).limit(1)
    return connection.execute(asked).first() is not None


def due_endpoints(connection: Connection, kind: str, now: datetime) -> list[str]:
    """Where messages of a kind are due, without the endpoints that are left alone for a while."""
    held = select(outbox_lease.c.endpoint).where(outbox_lease.c.backoff_until > now)
    asked = (
        select(outbox.c.endpoint)
        .where(
            outbox.c.kind == kind,
            outbox.c.state == WAITING,
            outbox.c.due_at <= now,
            outbox.c.endpoint.not_in(held),
        )
        .distinct()
    )
    return sorted(connection.execute(asked).scalars())


def _change(connection: Connection, seqs: Iterable[int], **values: object) -> None:
    connection.execute(update(outbox).where(outbox.c.seq.in_(list(seqs))).values(**values))
