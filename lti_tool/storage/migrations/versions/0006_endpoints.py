"""endpoints"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stream", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("read_by", sa.String(length=20), nullable=False),
        sa.Column("erase", sa.String(length=20), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", xapi.engine.Instant(timezone=True), nullable=False),
        sa.Column("retired_at", xapi.engine.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_endpoint_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_endpoint")),
    )
    op.add_column("erasure", sa.Column("endpoint_id", sa.String(length=36), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("erasure") as erasure:
        erasure.drop_column("endpoint_id")
    op.drop_table("endpoint")
