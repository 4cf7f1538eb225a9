"""what a worker is sending, beside its lease"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_lease", sa.Column("under_way", sa.Text()))
    op.add_column("outbox_lease", sa.Column("taken_at", xapi.engine.Instant(timezone=True)))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox RESET (fillfactor)")
    for column in ("under_way", "taken_at"):
        op.execute(f"ALTER TABLE outbox_lease DROP COLUMN {column}")
