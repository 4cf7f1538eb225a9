"""Every table of the tool, tenant first in each key; the outbox brings its own table (`xapi.outbox`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base
from xapi.engine import Instant

ID = String(36)
SLUG = String(64)


class TenantRow(Base):
    """A municipality."""

    __tablename__ = "tenant"
    id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)


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


class GroupSizeRow(Base):
    """How many people the portal's courses of a campaign counted; see `domain.disclosure.settled_size`."""

    __tablename__ = "group_size"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    people: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaign.tenant_id", "campaign.id"]),)


class InvitationRow(Base):
    """An invitation to a role of ours; only the hash of its code is kept."""

    __tablename__ = "invitation"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),)


class GrantedRoleRow(Base):
    """A role that somebody accepted: bound to the portal and to what the portal calls them."""

    __tablename__ = "granted_role"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    portal_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "portal_id"], ["portal.tenant_id", "portal.id"]),)


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


class WebSessionRow(Base):
    """A session of a browser; only the hash of its cookie is kept."""

    __tablename__ = "web_session"
    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    tenant_id: Mapped[str | None] = mapped_column(SLUG)
    learner_id: Mapped[str | None] = mapped_column(ID)
    """Whose session it is, so that it can be ended; None: nobody's, or an operator's."""
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    __table_args__ = (Index(None, "tenant_id", "learner_id"),)


class CampaignRow(Base):
    """A purpose, a period and a content release within a tenant."""

    __tablename__ = "campaign"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    goal: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(20))
    mandatory_reason: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    post_from: Mapped[datetime | None] = mapped_column(Instant)
    figures_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    calibration_id: Mapped[str | None] = mapped_column(String(12))
    release_id: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    """From then on no key leads to a pseudonym, and the last day stays what it is."""
    emptied_at: Mapped[datetime | None] = mapped_column(Instant)
    """From then on its answers go, and no figures are made of them any more."""
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        ForeignKeyConstraint(["calibration_id"], ["calibration.id"]),
        ForeignKeyConstraint(["release_id"], ["content_release.id"]),
    )


class LearnerRow(Base):
    """Somebody from a portal, known by the portal's `sub` only."""

    __tablename__ = "learner"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    portal_id: Mapped[str] = mapped_column(SLUG)
    sub: Mapped[str] = mapped_column(String(255))
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "portal_id"], ["portal.tenant_id", "portal.id"]),
        UniqueConstraint("tenant_id", "portal_id", "sub"),
    )


class ParticipationRow(Base):
    """A learner in a campaign. The pseudonym and the registration are sealed with a key of their own."""

    __tablename__ = "participation"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(SLUG)
    learner_id: Mapped[str] = mapped_column(ID)
    preview: Mapped[bool] = mapped_column(default=False)
    """An employee's look around: no statement, counted nowhere."""
    sealed_identity: Mapped[bytes] = mapped_column(LargeBinary)
    team: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(10), default="nl")
    first_launch_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    skipped_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    line_item_url: Mapped[str | None] = mapped_column(String(4096))
    emptied_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its answers were removed."""
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaign.tenant_id", "campaign.id"]),
        ForeignKeyConstraint(["tenant_id", "learner_id"], ["learner.tenant_id", "learner.id"]),
        UniqueConstraint("tenant_id", "campaign_id", "learner_id", "preview"),
    )


class ParticipationKeyRow(Base):
    """The key that opens a participation's sealed identity; destroying it cuts the link for good."""

    __tablename__ = "participation_key"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    participation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "participation_id"],
            ["participation.tenant_id", "participation.id"],
            ondelete="CASCADE",
        ),
    )


class AttemptRow(Base):
    """One sitting of the assessment; the answers are the state, ability is never stored as truth."""

    __tablename__ = "attempt"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    participation_id: Mapped[str] = mapped_column(ID)
    number: Mapped[int]
    bank_version: Mapped[str] = mapped_column(String(200))
    package_sha256: Mapped[str] = mapped_column(String(64))
    excluded: Mapped[list[str]] = mapped_column(JSON)
    """Item ids seen in earlier attempts, not asked again."""
    begun_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_by: Mapped[str | None] = mapped_column(String(20))
    profile: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """The profile as shown at the end, kept as evidence."""
    seen: Mapped[list[str] | None] = mapped_column(JSON)
    """Ids of the items that were asked, sorted; kept when the answers were removed. None: they are there."""
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "participation_id"],
            ["participation.tenant_id", "participation.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("tenant_id", "participation_id", "number"),
    )


class AnswerRow(Base):
    """One answer to one item; no time of answering is kept."""

    __tablename__ = "answer"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ID, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(String(20))
    item_version: Mapped[int]
    response: Mapped[dict[str, Any]] = mapped_column(JSON)
    right: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40))
    p_success: Mapped[float]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "attempt_id"], ["attempt.tenant_id", "attempt.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "attempt_id", "item_id"),
    )


class TrainingRow(Base):
    """A learner's way through one micro-training."""

    __tablename__ = "training"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    participation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    module_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    module_version: Mapped[str] = mapped_column(String(20))
    step_id: Mapped[str] = mapped_column(String(40))
    furthest: Mapped[int] = mapped_column(default=0)
    """Index of the furthest step opened, 0-based."""
    checks: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Item id → latest response in this training."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    rating: Mapped[str | None] = mapped_column(String(20))
    """What the learner says of it, in the words of `domain.people.RATINGS`."""
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "participation_id"],
            ["participation.tenant_id", "participation.id"],
            ondelete="CASCADE",
        ),
    )


class SnapshotRow(Base):
    """Published figures of a campaign, frozen, with the ledger entry of who was in them."""

    __tablename__ = "snapshot"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(SLUG)
    published_at: Mapped[datetime] = mapped_column(Instant)
    disclosed: Mapped[str] = mapped_column(Text)
    ledger: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaign.tenant_id", "campaign.id"]),
        Index(None, "tenant_id", "campaign_id", "published_at"),
    )


class EndpointRow(Base):
    """An LRS of a municipality's own, for one stream; what opens it is sealed."""

    __tablename__ = "endpoint"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    stream: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(2000))
    username: Mapped[str] = mapped_column(String(200))
    read_by: Mapped[str] = mapped_column(String(20))
    erase: Mapped[str] = mapped_column(String(20))
    sealed_secrets: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),)


class ErasureRow(Base):
    """What must still be erased at an LRS about somebody who wiped their data; gone when that is proven."""

    __tablename__ = "erasure"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ID, server_default="")
    """Where; empty: at the built-in LRS."""
    sealed_pseudonym: Mapped[bytes] = mapped_column(LargeBinary)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(200), default="")


class OperatorRow(Base):
    """Somebody who runs the installation."""

    __tablename__ = "operator"
    name: Mapped[str] = mapped_column(SLUG, primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(300))


class AuditRow(Base):
    """Who looked at or changed what; never a learner's name or result."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(SLUG, index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    who: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(100))
    detail: Mapped[str] = mapped_column(String(500), default="")


class InspectionRow(Base):
    """Demo only: the launch claims that were used for the last visit of a participation."""

    __tablename__ = "inspection"
    tenant_id: Mapped[str] = mapped_column(SLUG, primary_key=True)
    participation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    claims: Mapped[dict[str, Any]] = mapped_column(JSON)
