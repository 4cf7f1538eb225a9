"""calibrations"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibration",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("package_id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("activated_at", xapi.engine.Instant(timezone=True), nullable=False),
        sa.Column("activated_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    # In words: Alembic would copy the table on SQLite and drop the old one, to which participations refer.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN calibration_id VARCHAR(12) "
        "CONSTRAINT fk_campaign_calibration_id REFERENCES calibration (id)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE campaign DROP COLUMN calibration_id")
    op.drop_table("calibration")
