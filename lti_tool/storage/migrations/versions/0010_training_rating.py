"""what a learner says of a training"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("training", sa.Column("rating", sa.String(20)))


def downgrade() -> None:
    op.execute("ALTER TABLE training DROP COLUMN rating")
