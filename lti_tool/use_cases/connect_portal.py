"""A municipality is set up from one description file: name, contacts, teams, portals and default campaign."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lti_tool.content_library import ContentBroken
from lti_tool.domain.campaign import DEFAULT_ID
from lti_tool.domain.content import Package
from lti_tool.domain.errors import CampaignClosed, TenantFileBroken
from lti_tool.domain.tenant import Contacts, Tenant
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import DatabaseBusy, transaction
from lti_tool.use_cases.choose_content import ChooseContent, Pins
from lti_tool.use_cases.run_campaign import SLUG, CampaignTerms


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Contacts(_Part):
    helpers: str = Field(min_length=3)
    conversation: str = Field(min_length=3)
    privacy: str = Field(min_length=3)
    incident: str = Field(min_length=3)


class _WorksCouncil(_Part):
    consent_on: date
    document: str = Field(min_length=1)


class PortalPart(_Part):
    """A portal as somebody describes it by hand."""

    id: str = Field(pattern=SLUG, max_length=64)
    name: str = Field(min_length=1, max_length=200)
    issuer: str = Field(pattern="^https?://", max_length=500)
    client_id: str = Field(min_length=1, max_length=200)
    auth_login_url: str = Field(pattern="^https?://", max_length=1000)
    token_url: str = Field(pattern="^https?://", max_length=1000)
    jwks_url: str = Field(pattern="^https?://", max_length=1000)
    deployment_ids: list[str] = Field(min_length=1)
    enabled: bool = True


class TenantFile(_Part):
    """The shape of the file; unknown keys are mistakes."""

    id: str = Field(pattern=SLUG, max_length=64)
    name: str = Field(min_length=1, max_length=200)
    contacts: _Contacts
    portal_marks_seen_by: str = Field(min_length=3)
    works_council: _WorksCouncil | None = None
    no_consequences_confirmed_by: str = ""
    answers_to_operator_lrs: bool = True
    greets_by_name: bool = False
    roster: bool = False
    package: str = Field(default="", pattern=r"^([a-z][a-z0-9-]{0,59})?$")
    teams: list[Annotated[str, StringConstraints(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=200
    )
    variables: dict[str, str] = Field(default_factory=dict)
    tools: list[Annotated[str, StringConstraints(pattern=SLUG, max_length=60)]] | None = Field(
        default=None, max_length=100
    )
    portals: list[PortalPart] = Field(min_length=1)
    campaign: CampaignTerms


class ConnectPortal:
    """Applied as often as one likes: the same file twice changes nothing."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content
        self._origins: tuple[str, ...] = ()

    def apply(self, path: Path, now: datetime) -> str:
        """Add or change a municipality, its portals and its default campaign.

        Returns:
            The id of the municipality.

        Raises:
            TenantFileBroken: names the file, each field and what is wrong with it; nothing was changed.
        """
        described = _read(path)
        tenant = Tenant(
            id=described.id,
            name=described.name,
            contacts=Contacts(**described.contacts.model_dump()),
            portal_marks_seen_by=described.portal_marks_seen_by,
            teams=tuple(described.teams),
            works_council_consent_on=described.works_council.consent_on if described.works_council else None,
            no_consequences_confirmed_by=described.no_consequences_confirmed_by,
            answers_to_operator_lrs=described.answers_to_operator_lrs,
            greets_by_name=described.greets_by_name,
            roster=described.roster,
            package=described.package,
            variables=tuple(sorted(described.variables.items())),
            tools=None if described.tools is None else frozenset(described.tools),
        )
        try:
            package = self._content.package_for(tenant)
        except ContentBroken as err:
            raise TenantFileBroken(f"{path}: its content cannot be used:\n{err}") from err
        _check_tools(path, tenant, package)
        with transaction():
            tenant_rows.save_tenant(tenant)
            if not tenant.roster:
                roster_rows.wipe(tenant.id)
            for portal in described.portals:
                other = portal_rows.find_portal(portal.issuer, portal.client_id)
                if other is not None and (other.tenant_id, other.id) != (tenant.id, portal.id):
                    raise TenantFileBroken(
                        f"{path}: portals.{portal.id}: this issuer and client_id belong to another portal"
                    )
                values = portal.model_dump()
                active = values["deployment_ids"] = frozenset(values["deployment_ids"])
                before = portal_rows.find_portal_by_id(tenant.id, portal.id)
                if before is not None:
                    # What the portal itself told us is not in the file.
                    values["product"] = before.product
                    values["waiting_deployment_ids"] = before.waiting_deployment_ids - active
                portal_rows.save_portal(portal_rows.Portal(tenant_id=tenant.id, **values))
            known = next((c for c in tenant_rows.campaigns(tenant.id) if c.id == DEFAULT_ID), None)
            pins = self._content.pins_of_new_campaign(tenant, now) if known is None else Pins.of(known)
            post_from = known.post_from if known else None
            campaign = described.campaign.campaign(tenant.id, DEFAULT_ID, pins, post_from=post_from)
            try:
                tenant_rows.save_campaign(campaign)
            except CampaignClosed as err:
                raise TenantFileBroken(
                    f"{path}: campaign.ends_on: the campaign {DEFAULT_ID!r} is over and closed; its last day stays"
                ) from err
            audit_rows.write_audit(tenant.id, "command line", "tenant applied", now)
        return tenant.id

    def portal_origins(self) -> tuple[str, ...]:
        """Scheme and host of every registered portal, enabled or not.

        While the database does not answer: as they were last known, so that the page that says so shows.
        """
        try:
            with transaction(writes=False):
                issuers = portal_rows.issuers()
        except DatabaseBusy:
            return self._origins
        self._origins = tuple(sorted({"/".join(issuer.split("/", 3)[:3]) for issuer in issuers}))
        return self._origins


def _check_tools(path: Path, tenant: Tenant, package: Package) -> None:
    unknown = (tenant.tools or frozenset()) - set(package.tools)
    if unknown:
        known, others = (", ".join(sorted(tools)) or "none" for tools in (package.tools, unknown))
        raise TenantFileBroken(f"{path}: tools: the content names no {others}; it names {known}")
    short = package.domains_short_of_items()
    if short:
        raise TenantFileBroken(f"{path}: tools: these alone leave too few questions in {', '.join(short)}")


def _read(path: Path) -> TenantFile:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as err:
        # A date such as 2026-11-31 is a ValueError.
        raise TenantFileBroken(f"{path}: cannot be read: {err}") from err
    try:
        return TenantFile.model_validate(content)
    except ValidationError as err:
        problems = "\n".join(
            f"{path}: {'.'.join(str(part) for part in e['loc']) or 'file'}: {e['msg']}" for e in err.errors()
        )
        raise TenantFileBroken(problems) from err
