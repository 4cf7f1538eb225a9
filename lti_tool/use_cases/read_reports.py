"""Published figures read back: the group page and the CSV; only what passed the gate exists here."""

from __future__ import annotations

import csv
import io
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from lti_tool.domain.campaign import openness
from lti_tool.domain.disclosure import Disclosed, GroupSize, newest, shown_size
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent

CSV_COLUMNS = ("campaign", "published_at", "group", "measure", "n_at_least", "value", "figure")
RISKY_FIRST_CHARACTERS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class GroupPage:
    """What staff of the portal see of a campaign."""

    tenant: str
    campaign: str
    openness: str
    writes_results: bool
    domains: tuple[tuple[str, str], ...]
    """Id and label, in the order of the framework."""
    levels: tuple[tuple[str, str], ...]
    """Id and label, lowest first."""
    disclosed: Disclosed | None
    """None: nothing was published, because there are too few people or none is due."""
    size: GroupSize | None = None
    """Of the portal's courses, without staff; None: not known, or fewer than ten people."""
    modules: tuple[tuple[str, str], ...] = ()
    """Id and title, in the order of the package."""


@dataclass(frozen=True)
class CampaignLine:
    """A campaign whose figures may be looked at."""

    id: str
    name: str
    openness: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class CampaignsPage:
    """The campaigns of a municipality."""

    tenant_id: str
    tenant: str
    campaigns: tuple[CampaignLine, ...]
    """Newest first."""


class ReadReports:
    """Readers of figures; nothing is computed here."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def group_page(self, tenant_id: str, campaign_id: str, language: str, now: datetime) -> GroupPage:
        """Raises CampaignUnknown."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(tenant_id)
            campaign = tenant_rows.load_campaign(tenant_id, campaign_id)
            published = snapshot_rows.snapshots(tenant_id, campaign_id)
            counted = roster_rows.find_group_size(tenant_id, campaign_id) if campaign.writes_results else None
        package = self._content.package_for(tenant)
        framework = package.framework
        return GroupPage(
            tenant=tenant.name,
            campaign=campaign.name,
            openness=openness(campaign, tenant, now),
            writes_results=campaign.writes_results,
            domains=tuple((d.id, d.label.get(language, d.label["nl"])) for d in framework.domains),
            levels=tuple((level.id, level.label.get(language, level.label["nl"])) for level in framework.levels),
            disclosed=newest([Disclosed.from_json(s.disclosed) for s in published]),
            size=shown_size(counted.people, counted.counted_at) if counted else None,
            modules=tuple((module.id, module.title) for module in package.modules.values()),
        )

    def campaigns(self, tenant_id: str, now: datetime) -> CampaignsPage:
        """Every campaign of a municipality. Raises TenantUnknown."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(tenant_id)
            known = tenant_rows.campaigns(tenant_id)
        newest_first = sorted(known, key=lambda campaign: (campaign.starts_on, campaign.id), reverse=True)
        return CampaignsPage(
            tenant_id=tenant.id,
            tenant=tenant.name,
            campaigns=tuple(
                CampaignLine(c.id, c.name, openness(c, tenant, now), c.starts_on, c.ends_on) for c in newest_first
            ),
        )

    def make_csv_link(self, tenant_id: str, campaign_id: str, now: datetime) -> str:
        """A new secret for the CSV's address; an earlier one stops working.

        Raises:
            TenantUnknown, CampaignUnknown
        """
        token = secrets.token_urlsafe(32)
        with transaction():
            tenant_rows.load_tenant(tenant_id)
            tenant_rows.set_figures_token(tenant_id, campaign_id, token)
            audit_rows.write_audit(tenant_id, "command line", "csv link made", now, campaign_id)
        return token

    def csv(self, token: str) -> str:
        """Every publication as CSV (RFC 4180), every field quoted, safe for spreadsheets.

        Raises:
            FiguresUnknown: no campaign has this link.
        """
        with transaction(writes=False):
            campaign = tenant_rows.campaign_of_token(token)
            published = snapshot_rows.snapshots(campaign.tenant_id, campaign.id)
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow(CSV_COLUMNS)
        for disclosed in (Disclosed.from_json(snapshot.disclosed) for snapshot in published):
            for figure in disclosed.figures:
                shared = (campaign.name, disclosed.at.isoformat(), figure.group, figure.measure, figure.n_shown)
                for name, value in list(figure.values.items()) or [("", "")]:
                    writer.writerow(_safe(cell) for cell in (*shared, name, value))
        return out.getvalue()


def _safe(cell: object) -> object:
    """Keep a spreadsheet from reading a text as a formula; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(RISKY_FIRST_CHARACTERS):
        return f"'{cell}"
    return cell
