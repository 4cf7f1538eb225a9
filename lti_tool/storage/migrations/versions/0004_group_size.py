"""group size"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_size",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("counted_at", xapi.engine.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_group_size_tenant_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "campaign_id", name=op.f("pk_group_size")),
    )


def downgrade() -> None:
    op.drop_table("group_size")
