"""campaign ends"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENTS = (("campaign", "closed_at"), ("campaign", "emptied_at"), ("participation", "emptied_at"))


def upgrade() -> None:
    for table, column in MOMENTS:
        op.add_column(table, sa.Column(column, xapi.engine.Instant(timezone=True)))
    op.add_column("attempt", sa.Column("seen", sa.JSON()))


def downgrade() -> None:
    for table, column in (*MOMENTS, ("attempt", "seen")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
