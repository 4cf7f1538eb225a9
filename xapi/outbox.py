"""The outbox: what must leave, kept until the other side has it.

Rows are written with the facts they tell about (`xapi.outbox_write`) and delivered later by one worker per
endpoint, which holds a lease. All functions take a connection inside a transaction that the caller commits;
none of them talks to the network. The engine that uses them is `xapi.drain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    CursorResult,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
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
