"""releases of content that campaigns are pinned to"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_release",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("package_id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", xapi.engine.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_release")),
    )
    op.create_table(
        "content_medium",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_medium")),
    )
    # In words: Alembic would copy the table on SQLite and drop the old one, to which participations refer.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN release_id VARCHAR(200) "
        "CONSTRAINT fk_campaign_release_id REFERENCES content_release (id)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE campaign DROP COLUMN release_id")
    op.drop_table("content_medium")
    op.drop_table("content_release")
