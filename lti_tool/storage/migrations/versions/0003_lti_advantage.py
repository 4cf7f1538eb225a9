"""lti advantage"""

import sqlalchemy as sa
import xapi.engine
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SLUG = sa.String(length=64)


def moment(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, xapi.engine.Instant(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("portal", sa.Column("waiting_deployment_ids", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("portal", sa.Column("product", sa.String(length=100), nullable=False, server_default=""))
    op.add_column("login", sa.Column("storage_target", sa.String(length=100), nullable=True))
    op.add_column("web_session", sa.Column("tenant_id", SLUG, nullable=True))
    op.add_column("web_session", sa.Column("learner_id", sa.String(length=36), nullable=True))
    op.create_index(op.f("ix_web_session_tenant_id_learner_id"), "web_session", ["tenant_id", "learner_id"])
    # The first key of an installation has always signed.
    op.add_column(
        "tool_key",
        sa.Column("signs_from", xapi.engine.Instant(timezone=True), nullable=False, server_default="1970-01-01 00:00:00.000000"),
    )
    op.add_column("tool_key", moment("gone_at"))
    op.drop_column("tool_key", "state")
    op.create_table(
        "registration_link",
        sa.Column("tenant_id", SLUG, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("portal_id", SLUG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        moment("expires_at", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_registration_link_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_registration_link")),
    )
    op.create_index(op.f("ix_registration_link_expires_at"), "registration_link", ["expires_at"])
    op.create_table(
        "course",
        sa.Column("tenant_id", SLUG, nullable=False),
        sa.Column("portal_id", SLUG, nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("campaign_id", SLUG, nullable=False),
        sa.Column("marks", sa.String(length=20), nullable=False),
        sa.Column("memberships_url", sa.String(length=4096), nullable=True),
        moment("roster_due_at"),
        moment("roster_read_at"),
        sa.Column("roster_failure", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portal_id"], ["portal.tenant_id", "portal.id"], name=op.f("fk_course_tenant_id_portal_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "portal_id", "context_id", name=op.f("pk_course")),
    )
    op.create_index(op.f("ix_course_roster_due_at"), "course", ["roster_due_at"])
    op.create_table(
        "course_member",
        sa.Column("tenant_id", SLUG, nullable=False),
        sa.Column("portal_id", SLUG, nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portal_id", "context_id"],
            ["course.tenant_id", "course.portal_id", "course.context_id"],
            name=op.f("fk_course_member_tenant_id_portal_id_context_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "portal_id", "context_id", "sub", name=op.f("pk_course_member")),
    )
    op.create_table(
        "invitation",
        sa.Column("tenant_id", SLUG, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        moment("made_at", nullable=False),
        moment("expires_at", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_invitation_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "code_hash", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_expires_at"), "invitation", ["expires_at"])
    op.create_table(
        "granted_role",
        sa.Column("tenant_id", SLUG, nullable=False),
        sa.Column("portal_id", SLUG, nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        moment("granted_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portal_id"],
            ["portal.tenant_id", "portal.id"],
            name=op.f("fk_granted_role_tenant_id_portal_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "portal_id", "sub", "role", name=op.f("pk_granted_role")),
    )


def downgrade() -> None:
    for table in ("granted_role", "invitation", "course_member", "course", "registration_link"):
        op.drop_table(table)
    op.add_column("tool_key", sa.Column("state", sa.String(length=10), nullable=False, server_default="active"))
    op.drop_column("tool_key", "gone_at")
    op.drop_column("tool_key", "signs_from")
    op.drop_index(op.f("ix_web_session_tenant_id_learner_id"), "web_session")
    op.drop_column("web_session", "learner_id")
    op.drop_column("web_session", "tenant_id")
    op.drop_column("login", "storage_target")
    op.drop_column("portal", "product")
    op.drop_column("portal", "waiting_deployment_ids")
