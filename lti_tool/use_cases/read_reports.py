"""Published figures read back: the group page, CSV and Parquet; only what passed the gate exists here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from lti_tool.domain.campaign import openness
from lti_tool.domain.disclosure import Disclosed, GroupSize, newest, shown_size
from lti_tool.domain.errors import ParquetNotInstalled
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.figures_table import (
    FigureRow,
    csv_of,
    dictionary_of,
    parquet_of,
    power_bi_source_of,
    rows_of,
)
from xapi.warehouse import AnalystExtraMissing


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
            domains=tuple((d.id, framework.domain_name(d.id, language)) for d in framework.domains),
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
        """A new secret for the address of CSV and Parquet; an earlier one stops working.

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
        """Every publication as CSV.

        Raises:
            FiguresUnknown: no campaign has this link.
        """
        return csv_of(self._rows(token))

    def parquet(self, token: str) -> bytes:
        """The same rows as Parquet, with the meaning of each column in it.

        Raises:
            FiguresUnknown: no campaign has this link.
            ParquetNotInstalled: this installation lacks the extra `analyst`.
        """
        rows = self._rows(token)
        try:
            return parquet_of(rows)
        except AnalystExtraMissing as err:
            raise ParquetNotInstalled(str(err)) from err

    def column_dictionary(self, token: str, csv_address: str) -> str:
        """What each column means (CSV on the Web). Raises FiguresUnknown."""
        self._check_link(token)
        return dictionary_of(csv_address)

    def power_bi_source(self, token: str, csv_address: str) -> str:
        """A file with which Power BI opens the CSV. Raises FiguresUnknown."""
        self._check_link(token)
        return power_bi_source_of(csv_address)

    def _rows(self, token: str) -> list[FigureRow]:
        with transaction(writes=False):
            campaign = tenant_rows.campaign_of_token(token)
            published = snapshot_rows.snapshots(campaign.tenant_id, campaign.id)
        return rows_of(campaign.name, [Disclosed.from_json(snapshot.disclosed) for snapshot in published])

    def _check_link(self, token: str) -> None:
        with transaction(writes=False):
            tenant_rows.campaign_of_token(token)
