"""The tables of the built-in LRS: statements as they came, and an index of what they can be found by."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from xapi.engine import NAMING, Instant

metadata = MetaData(naming_convention=NAMING)

SEQ = BigInteger().with_variant(Integer, "sqlite")

statement = Table(
    "lrs_statement",
    metadata,
    Column("owner", String(64), nullable=False),
    Column("stream", String(20), nullable=False),
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("statement_id", String(36), nullable=False),
    # Differs for every statement and rises in the order of commits: pages follow it.
    Column("stored", Instant, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("target_id", String(36)),  # of a StatementRef
    Column("voids", Boolean, nullable=False, server_default=false()),
    Column("voided", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("owner", "stream", "statement_id"),
    Index("ix_lrs_statement_stream_stored", "stream", "stored"),
    Index("ix_lrs_statement_owner_stream_stored", "owner", "stream", "stored"),
    Index("ix_lrs_statement_owner_stream_target_id", "owner", "stream", "target_id"),
    sqlite_autoincrement=True,
)

found_by = Table(
    "lrs_found_by",
    metadata,
    Column("seq", SEQ, ForeignKey("lrs_statement.seq", ondelete="CASCADE"), primary_key=True),
    # verb, registration, agent, any_agent, activity, any_activity
    Column("kind", String(20), primary_key=True),
    # A hash, because an IRI may be longer than an index can hold.
    Column("value", String(64), primary_key=True),
    Index("ix_lrs_found_by_kind_value_seq", "kind", "value", "seq"),
)
