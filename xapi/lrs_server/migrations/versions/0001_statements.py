"""statements"""

import sqlalchemy as sa
import xapi.engine
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lrs_statement",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("stream", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("statement_id", sa.String(length=36), nullable=False),
        sa.Column("stored", xapi.engine.Instant(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=True),
        sa.Column("voids", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lrs_statement")),
        sa.UniqueConstraint("stored", name=op.f("uq_lrs_statement_stored")),
        sa.UniqueConstraint(
            "owner", "stream", "statement_id", name=op.f("uq_lrs_statement_owner_stream_statement_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("lrs_statement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lrs_statement_owner_stream_target_id", ["owner", "stream", "target_id"], unique=False
        )
        batch_op.create_index(
            "ix_lrs_statement_owner_stream_stored", ["owner", "stream", "stored"], unique=False
        )
        batch_op.create_index("ix_lrs_statement_stream_stored", ["stream", "stored"], unique=False)

    op.create_table(
        "lrs_found_by",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["lrs_statement.seq"], name=op.f("fk_lrs_found_by_seq"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", "kind", "value", name=op.f("pk_lrs_found_by")),
    )
    with op.batch_alter_table("lrs_found_by", schema=None) as batch_op:
        batch_op.create_index("ix_lrs_found_by_kind_value_seq", ["kind", "value", "seq"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("lrs_found_by", schema=None) as batch_op:
        batch_op.drop_index("ix_lrs_found_by_kind_value_seq")

    op.drop_table("lrs_found_by")
    with op.batch_alter_table("lrs_statement", schema=None) as batch_op:
        batch_op.drop_index("ix_lrs_statement_stream_stored")
        batch_op.drop_index("ix_lrs_statement_owner_stream_stored")
        batch_op.drop_index("ix_lrs_statement_owner_stream_target_id")

    op.drop_table("lrs_statement")
