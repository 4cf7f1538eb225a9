"""The tables of the built-in LRS: statements as they came, and the keys under which they are found."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from xapi.engine import NAMING

metadata = MetaData(naming_convention=NAMING)

SEQ = BigInteger().with_variant(Integer, "sqlite")

statement = Table(
    "lrs_statement",
    metadata,
    Column("owner", String(64), nullable=False),
    Column("stream", String(20), nullable=False),
    # `stored` in microseconds since 1970: differs for every statement and rises in the order of commits.
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("statement_id", String(36), nullable=False),
    Column("body", Text, nullable=False),
    Column("target_id", String(36)),  # of a StatementRef
    Column("voids", Boolean, nullable=False, server_default=false()),
    Column("voided", Boolean, nullable=False, server_default=false()),
    # The id first, as who reads for everybody knows no owner.
    UniqueConstraint("statement_id", "owner", "stream"),
    Index("ix_lrs_statement_stream_seq", "stream", "seq"),
    Index("ix_lrs_statement_owner_stream_seq", "owner", "stream", "seq"),
    Index(
        "ix_lrs_statement_target_id_owner_stream",
        "target_id",
        "owner",
        "stream",
        sqlite_where=text("target_id IS NOT NULL"),
        postgresql_where=text("target_id IS NOT NULL"),
    ),
)

keyed = Table(
    "lrs_key",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    # Of a statement; no foreign key, as checking one is most of the work of writing a row.
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Index("ix_lrs_key_seq", "seq"),
    sqlite_with_rowid=False,
)
