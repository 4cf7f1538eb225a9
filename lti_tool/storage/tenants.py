"""Rows of municipalities and their campaigns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Result, bindparam, select

from lti_tool.domain.campaign import Campaign
from lti_tool.domain.errors import CampaignClosed, CampaignUnknown, FiguresUnknown, TenantUnknown
from lti_tool.domain.tenant import Contacts, Tenant
from lti_tool.storage.database import ask, db, note_read, read_anew, read_once, without_nul
from lti_tool.storage.tables import CampaignRow, TenantRow

_CAMPAIGN = CampaignRow.__table__
_CAMPAIGNS = select(_CAMPAIGN).where(_CAMPAIGN.c.tenant_id == bindparam("tenant_id")).order_by(_CAMPAIGN.c.id)
_TENANTS = TenantRow.__table__
_TENANT = select(_TENANTS.c["id", "name", "settings"]).where(_TENANTS.c.id == bindparam("id"))
_LOCKED = _TENANT.with_for_update(key_share=True)
READ_ALONG = (_TENANTS.c.name.label("tenant_name"), _TENANTS.c.settings.label("tenant_settings"))
"""For a query that joins the municipality: `note_tenant` keeps it."""


def load_tenant(tenant_id: str, *, for_update: bool = False) -> Tenant:
    """`for_update` makes a second one that asks so wait, but nobody who only adds to the municipality.

    Raises:
        TenantUnknown: no municipality with this id.
    """
    key = (TenantRow, without_nul(tenant_id))
    if for_update:
        read_anew(key)
    found = read_once(key, lambda: _one(ask(_LOCKED if for_update else _TENANT, id=key[1])))
    if found is None:
        raise TenantUnknown(tenant_id)
    return found


def note_tenant(tenant_id: str, name: str, settings: dict[str, Any]) -> None:
    """Keep a municipality that a query read along (`READ_ALONG`), so that it is not asked for again."""
    note_read((TenantRow, tenant_id), _tenant(tenant_id, name, settings))


def tenants() -> list[Tenant]:
    """All municipalities, by id."""
    found = db.session.scalars(select(TenantRow).order_by(TenantRow.id))
    return [_tenant(row.id, row.name, row.settings) for row in found]


def greets_by_name(tenant_id: str) -> bool:
    """Whether the first name of a launch is asked for. Raises TenantUnknown."""
    return load_tenant(tenant_id).greets_by_name


def save_tenant(tenant: Tenant) -> None:
    settings: dict[str, Any] = asdict(tenant)
    settings.pop("id"), settings.pop("name")
    consent = tenant.works_council_consent_on
    settings["works_council_consent_on"] = consent.isoformat() if consent else None
    settings["tools"] = None if tenant.tools is None else sorted(tenant.tools)
    db.session.merge(TenantRow(id=tenant.id, name=tenant.name, settings=settings))
    read_anew((TenantRow, tenant.id))


def load_campaign(tenant_id: str, campaign_id: str) -> Campaign:
    """Raises CampaignUnknown."""
    row = db.session.get(CampaignRow, (tenant_id, without_nul(campaign_id)))
    if row is None:
        raise CampaignUnknown(campaign_id)
    return _campaign(row)


def campaigns(tenant_id: str) -> list[Campaign]:
    """The campaigns of a municipality, by id."""
    return [_campaign(row) for row in ask(_CAMPAIGNS, tenant_id=tenant_id)]


def save_campaign(campaign: Campaign) -> None:
    """Add or change; the figures' link stays as it is.

    Raises:
        CampaignClosed: it is over for good, and another last day was given.
    """
    row = db.session.get(CampaignRow, (campaign.tenant_id, campaign.id), with_for_update=True)
    if row is None:
        db.session.add(CampaignRow(**asdict(campaign), figures_token=None))
        return
    if row.closed_at is not None and row.ends_on != campaign.ends_on:
        raise CampaignClosed(campaign.id)
    for name, value in asdict(campaign).items():
        setattr(row, name, value)


def figures_token(tenant_id: str, campaign_id: str) -> str | None:
    """The secret part of the CSV's address, when one was made."""
    row = db.session.get(CampaignRow, (tenant_id, campaign_id))
    return row.figures_token if row else None


def set_figures_token(tenant_id: str, campaign_id: str, token: str) -> None:
    """Raises CampaignUnknown."""
    row = db.session.get(CampaignRow, (tenant_id, campaign_id))
    if row is None:
        raise CampaignUnknown(campaign_id)
    row.figures_token = token


def campaign_of_token(token: str) -> Campaign:
    """Raises FiguresUnknown."""
    row = db.session.scalar(select(CampaignRow).where(CampaignRow.figures_token == without_nul(token)))
    if row is None:
        raise FiguresUnknown
    return _campaign(row)


def _one(found: Result[Any]) -> Tenant | None:
    row = found.one_or_none()
    return _tenant(*row) if row else None


def _tenant(tenant_id: str, name: str, settings: dict[str, Any]) -> Tenant:
    kept = dict(settings)
    consent = kept.pop("works_council_consent_on")
    tools = kept.pop("tools", None)
    return Tenant(
        id=tenant_id,
        name=name,
        contacts=Contacts(**kept.pop("contacts")),
        teams=tuple(kept.pop("teams")),
        works_council_consent_on=date.fromisoformat(consent) if consent else None,
        variables=tuple((name, value) for name, value in kept.pop("variables")),
        tools=None if tools is None else frozenset(tools),
        **kept,
    )


def _campaign(row: Any) -> Campaign:
    post_from: datetime | None = row.post_from
    return Campaign(
        tenant_id=row.tenant_id,
        id=row.id,
        name=row.name,
        goal=row.goal,
        purpose=row.purpose,
        mode=row.mode,
        mandatory_reason=row.mandatory_reason,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        post_from=post_from,
        calibration_id=row.calibration_id,
        release_id=row.release_id,
    )
