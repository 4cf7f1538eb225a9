"""The outbox: what must leave, kept until the other side has it.

Rows are written with the facts they tell about (`xapi.outbox_write`) and delivered later by one worker per
endpoint, which holds a lease. All functions take a connection inside a transaction that the caller commits;
none of them talks to the network. The engine that uses them is `xapi.drain`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    any_,
    false,
    literal,
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
    # A try ended without a reply. Of the batch that is under way, the lease knows it.
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
    # Room beside each row for the one that follows it when it was sent: the text is not logged a second time.
    postgresql_with={"fillfactor": 50},
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
    # The batch that was taken and of which no reply was written down yet: a JSON list of `seq`, and when.
    Column("under_way", Text),
    Column("taken_at", Instant),
)


NOTHING_UNDER_WAY: dict[str, None] = {"under_way": None, "taken_at": None}


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
class Tried:
    """What a try came to: when it began, and what is known of the answer."""

    at: datetime
    reason: str
    """Empty when nothing is wrong."""
    status: int | None

    def columns(self) -> dict[str, object]:
        """As they stand in a row."""
        return {
            "tried_at": self.at,
            "last_status": self.status,
            "last_error": self.reason[:ERROR_LENGTH] or None,
        }


@dataclass(frozen=True)
class Lease:
    """The right to deliver to an endpoint, and what the endpoint did lately."""

    failures: int
    backoff_until: datetime | None


def claim_lease(connection: Connection, endpoint: str, holder: str, now: datetime, seconds: float) -> Lease | None:
    """Take or prolong the lease of an endpoint; None while another holder has it.

    What the holder before was sending, and did not write down, is in doubt from now on.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(outbox_lease).values(endpoint=endpoint).on_conflict_do_nothing())
    c = outbox_lease.c
    free = or_(c.holder.is_(None), c.holder == holder, c.until <= now)
    row = connection.execute(
        update(outbox_lease)
        .where(c.endpoint == endpoint, free)
        .values(holder=holder, until=now + timedelta(seconds=seconds))
        .returning(c.failures, c.backoff_until, c.under_way, c.taken_at)
    ).one_or_none()
    if row is None:
        return None
    if row.under_way is not None:
        leave_in_doubt(connection, json.loads(row.under_way), row.taken_at)
        connection.execute(update(outbox_lease).where(c.endpoint == endpoint).values(NOTHING_UNDER_WAY))
    return Lease(row.failures, row.backoff_until)


def keep_lease(connection: Connection, endpoint: str, holder: str, now: datetime, seconds: float) -> Lease | None:
    """Prolong a lease, and lock it until the end of the transaction; None when somebody took it over."""
    c = outbox_lease.c
    row = connection.execute(
        update(outbox_lease)
        .where(c.endpoint == endpoint, c.holder == holder)
        .values(until=now + timedelta(seconds=seconds))
        .returning(c.failures, c.backoff_until)
    ).one_or_none()
    return None if row is None else Lease(*row)


def release_lease(connection: Connection, endpoint: str, holder: str) -> None:
    """Let the next worker begin at once; what became of the last batch is written down."""
    connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint, outbox_lease.c.holder == holder)
        .values(holder=None, until=None, **NOTHING_UNDER_WAY)
    )


def next_batch(
    connection: Connection,
    endpoint: str,
    kind: str,
    now: datetime,
    limit: int,
    after: Sequence[Message] = (),
) -> list[Message]:
    """The oldest messages that are due, noted as under way; at most `limit`, or one group of a split.

    What failed before comes after what did not: what the other side breaks on holds nobody else up.
    `tried_at` and `in_doubt` of the messages tell of the try before this one.

    Args:
        after: a batch that is at the other side now. Only what never failed and came later follows it.
    """
    c = outbox.c
    due = [c.endpoint == endpoint, c.kind == kind, c.state == WAITING, c.due_at <= now]
    if after:
        due += [c.seq > after[-1].seq, c.attempts == 0, c.batch_group.is_(None)]
    else:
        oldest = select(c.batch_group).where(*due).limit(1)
        first = (
            connection.execute(oldest.where(c.attempts == 0).order_by(c.seq)).one_or_none()
            or connection.execute(oldest.order_by(c.attempts, c.seq)).one_or_none()
        )
        if first is None:
            return []
        due.append(c.batch_group.is_not_distinct_from(first.batch_group))
    columns = (c.seq, c.tenant_id, c.stream, c.message_id, c.body, c.attempts, c.in_doubt, c.tried_at)
    rows = connection.execute(select(*columns).where(*due).order_by(c.seq).limit(limit))
    batch = [Message(*row) for row in rows]
    # One small row and not each of these: a message is written whole again for every change (ADR 29).
    connection.execute(
        update(outbox_lease)
        .where(outbox_lease.c.endpoint == endpoint)
        .values(under_way=json.dumps([message.seq for message in (*after, *batch)]), taken_at=now)
    )
    return batch


def leave_in_doubt(connection: Connection, seqs: Iterable[int], tried_at: datetime) -> None:
    """Nobody knows whether the other side has these, as far as they still wait."""
    waiting = [_among(connection, seqs), outbox.c.state == WAITING]
    connection.execute(update(outbox).where(*waiting).values(in_doubt=True, tried_at=tried_at))


def mark_sent(connection: Connection, seqs: Iterable[int], now: datetime, tried: Tried) -> None:
    """The other side has these."""
    _change(connection, seqs, state=SENT, sent_at=now, in_doubt=False, batch_group=None, **tried.columns())


def mark_dead(connection: Connection, seqs: Iterable[int], tried: Tried) -> None:
    """The other side refuses these for good; they stay, for a person to look at."""
    _change(connection, seqs, state=DEAD, in_doubt=False, batch_group=None, **tried.columns())


def put_off(connection: Connection, seqs: Sequence[int], due_at: datetime, tried: Tried, *, attempts: int) -> None:
    """Try these again later, as one group, in doubt; `attempts` says how often they failed."""
    _change(
        connection,
        seqs,
        due_at=due_at,
        batch_group=min(seqs),
        attempts=attempts,
        in_doubt=True,
        **tried.columns(),
    )


def split(connection: Connection, seqs: Sequence[int], tried: Tried, *, in_doubt: bool) -> None:
    """Halve a batch that was refused as a whole: each half goes on by itself, also after a restart.

    A group is named after its first row; as groups never share rows, no two have one name.
    """
    ordered = sorted(seqs)
    middle = (len(ordered) + 1) // 2
    for half in (ordered[:middle], ordered[middle:]):
        _change(connection, half, batch_group=half[0], attempts=0, in_doubt=in_doubt, **tried.columns())


def settle_doubt(connection: Connection, seqs: Iterable[int], tried: Tried) -> None:
    """The other side answered and does not have these: the next try starts from certainty."""
    _change(connection, seqs, in_doubt=False, **tried.columns())


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
    connection.execute(update(outbox).where(_among(connection, seqs)).values(**values))


def _among(connection: Connection, seqs: Iterable[int]) -> ColumnElement[bool]:
    """On PostgreSQL one array: two hundred parameters cost as much as the change itself."""
    if connection.dialect.name == "postgresql":
        return outbox.c.seq == any_(literal(list(seqs), ARRAY(BigInteger)))
    return outbox.c.seq.in_(list(seqs))
