"""Rows of links with which a portal may register itself, once; the token in the link is never stored."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete

from lti_tool.storage.database import db
from lti_tool.storage.portal_tables import RegistrationLinkRow


@dataclass(frozen=True)
class RegistrationLink:
    """For which portal of which municipality a link is, and until when."""

    tenant_id: str
    token_hash: str
    portal_id: str
    name: str
    expires_at: datetime


def add_link(link: RegistrationLink) -> None:
    db.session.add(RegistrationLinkRow(**asdict(link)))


def find_link(tenant_id: str, token_hash: str, now: datetime) -> RegistrationLink | None:
    """A link that is still open, left where it is."""
    row = db.session.get(RegistrationLinkRow, (tenant_id, token_hash))
    if row is None or row.expires_at <= now:
        return None
    return RegistrationLink(**{name: getattr(row, name) for name in RegistrationLink.__dataclass_fields__})


def take_link(tenant_id: str, token_hash: str, now: datetime) -> RegistrationLink | None:
    """Give the link and delete it in one statement, so that only one registration can have it."""
    row = db.session.execute(
        delete(RegistrationLinkRow)
        .where(RegistrationLinkRow.tenant_id == tenant_id, RegistrationLinkRow.token_hash == token_hash)
        .returning(*RegistrationLinkRow.__table__.columns)
    ).one_or_none()
    return RegistrationLink(**row._mapping) if row is not None and row.expires_at > now else None


def forget_expired_links(now: datetime) -> int:
    """Delete what nobody used; returns how many."""
    return db.session.execute(delete(RegistrationLinkRow).where(RegistrationLinkRow.expires_at <= now)).rowcount
