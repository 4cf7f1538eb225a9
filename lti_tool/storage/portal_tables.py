"""Tables of what is known about portals, and of what a launch from one needs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKeyConstraint, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base
from lti_tool.storage.tables import SLUG
from xapi.engine import Instant


class PortalRow(Base):
    """A registration of the tool at an LTI platform: one issuer and client."""

    __tablename__ = "portal"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(200))
    auth_login_url: Mapped[str] = mapped_column(String(1000))
    token_url: Mapped[str] = mapped_column(String(1000))
    jwks_url: Mapped[str] = mapped_column(String(1000))
    deployment_ids: Mapped[list[str]] = mapped_column(JSON)
    waiting_deployment_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Places in the portal from which a signed launch came, and that nobody has activated yet."""
    enabled: Mapped[bool] = mapped_column(default=True)
    product: Mapped[str] = mapped_column(String(100), default="")
    """What kind of portal it is, in its own words (`product_family_code`); empty: not known."""
    jwks_body: Mapped[str | None] = mapped_column(Text)
    jwks_fetched_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        UniqueConstraint("issuer", "client_id"),
    )


class RegistrationLinkRow(Base):
    """A link with which a portal may register itself, once; only its hash is kept."""

    __tablename__ = "registration_link"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    portal_id: Mapped[str] = mapped_column(SLUG)
    name: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),)


class CourseRow(Base):
    """A course (LTI context) from which people came, and what its portal offers there."""

    __tablename__ = "course"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    portal_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    context_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(SLUG)
    """Of the newest launch."""
    marks: Mapped[str] = mapped_column(String(20))
    """Whether 'klaar' can be told there: a code of `lti.launch.MARKS`."""
    memberships_url: Mapped[str | None] = mapped_column(String(4096))
    roster_due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    """When the list of participants is read next; None: never."""
    roster_read_at: Mapped[datetime | None] = mapped_column(Instant)
    roster_failure: Mapped[str | None] = mapped_column(String(60))
    """Reason code of the last try; None: it went well."""
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "portal_id"], ["portal.tenant_id", "portal.id"]),)


class CourseMemberRow(Base):
    """Somebody on a course's list of participants: the portal's id, status and roles, nothing else."""

    __tablename__ = "course_member"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    portal_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    context_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    roles: Mapped[list[str]] = mapped_column(JSON)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "portal_id", "context_id"],
            ["course.tenant_id", "course.portal_id", "course.context_id"],
            ondelete="CASCADE",
        ),
    )


class ToolKeyRow(Base):
    """A private key of the tool, sealed; its public half is in the JWKS."""

    __tablename__ = "tool_key"
    kid: Mapped[str] = mapped_column(String(100), primary_key=True)
    private_pem_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    signs_from: Mapped[datetime] = mapped_column(Instant)
    """Of the keys whose moment has come the newest signs."""
    gone_at: Mapped[datetime | None] = mapped_column(Instant)
    """From then on it is no longer published; None: nothing has taken its place."""


class LoginRow(Base):
    """One started OIDC login: taken once, then gone."""

    __tablename__ = "login"
    state: Mapped[str] = mapped_column(String(100), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(100))
    tenant_id: Mapped[str] = mapped_column(SLUG)
    portal_id: Mapped[str] = mapped_column(SLUG)
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(200))
    target_link_uri: Mapped[str] = mapped_column(String(4096))
    browser_proof_hash: Mapped[str] = mapped_column(String(64))
    storage_target: Mapped[str | None] = mapped_column(String(100))
    """Name of the frame in which the portal keeps values for us; None: it offers none."""
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
