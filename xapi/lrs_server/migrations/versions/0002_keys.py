"""keys of sixteen bytes, found in the order of storing"""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import sqlalchemy as sa
import xapi.engine
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = ("verb", "registration", "agent", "any_agent", "activity", "any_activity")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 10_000

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

statement = sa.table("lrs_statement", sa.column("seq", SEQ), sa.column("stored", xapi.engine.Instant()))
found_by = sa.table("lrs_found_by", sa.column("seq", SEQ), sa.column("kind"), sa.column("value"))
keyed = sa.table("lrs_key", sa.column("key", sa.LargeBinary()), sa.column("seq", SEQ))


def upgrade() -> None:
    op.create_table(
        "lrs_key",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "seq", name=op.f("pk_lrs_key")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    old = sa.select(found_by.c.kind, found_by.c.value, statement.c.stored).join_from(
        found_by, statement, found_by.c.seq == statement.c.seq
    )
    for some in connection.execute(old).partitions(AT_ONCE):
        rows = [{"key": _key(kind, value), "seq": _microseconds(stored)} for kind, value, stored in some]
        connection.execute(sa.insert(keyed), rows)
    op.drop_table("lrs_found_by")
    renumbered = sa.update(statement).where(statement.c.seq == sa.bindparam("old")).values(seq=sa.bindparam("new"))
    every = connection.execute(sa.select(statement.c.seq, statement.c.stored)).all()
    if every:
        connection.execute(renumbered, [{"old": seq, "new": _microseconds(stored)} for seq, stored in every])
    op.create_index("ix_lrs_key_seq", "lrs_key", ["seq"], unique=False)

    with op.batch_alter_table("lrs_statement", schema=None) as batch_op:
        batch_op.drop_index("ix_lrs_statement_owner_stream_target_id")
        batch_op.drop_index("ix_lrs_statement_owner_stream_stored")
        batch_op.drop_index("ix_lrs_statement_stream_stored")
        batch_op.drop_constraint("uq_lrs_statement_owner_stream_statement_id", type_="unique")
        batch_op.drop_constraint("uq_lrs_statement_stored", type_="unique")
        batch_op.drop_column("stored")
        batch_op.create_unique_constraint(
            "uq_lrs_statement_statement_id_owner_stream", ["statement_id", "owner", "stream"]
        )
        batch_op.create_index(
            "ix_lrs_statement_target_id_owner_stream",
            ["target_id", "owner", "stream"],
            unique=False,
            sqlite_where=sa.text("target_id IS NOT NULL"),
            postgresql_where=sa.text("target_id IS NOT NULL"),
        )
        batch_op.create_index("ix_lrs_statement_owner_stream_seq", ["owner", "stream", "seq"], unique=False)
        batch_op.create_index("ix_lrs_statement_stream_seq", ["stream", "seq"], unique=False)
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE lrs_statement ALTER COLUMN seq DROP DEFAULT")
        op.execute("DROP SEQUENCE lrs_statement_seq_seq")


def downgrade() -> None:
    """Only without statements: the longer hashes of before cannot be made from the shorter ones."""
    if op.get_bind().execute(sa.select(statement.c.seq).limit(1)).first():
        raise RuntimeError("there are statements in the LRS: restore a backup instead")
    op.drop_table("lrs_key")
    op.drop_table("lrs_statement")
    import_module("xapi.lrs_server.migrations.versions.0001_statements").upgrade()


def _key(kind: str, value: str) -> bytes:
    return bytes([KINDS.index(kind)]) + bytes.fromhex(value)[:15]


def _microseconds(stored: datetime) -> int:
    return (stored - EPOCH) // timedelta(microseconds=1)
