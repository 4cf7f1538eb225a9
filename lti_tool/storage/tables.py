"""Tables of a municipality and its people, tenant first in each key.

Those about portals and about content stand beside it; the outbox brings its own (`xapi.outbox`).
"""

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
