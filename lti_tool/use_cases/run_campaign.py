"""Campaigns of a municipality: what one must say of itself, adding one, and its second measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from lti_tool.domain.campaign import DEFAULT_ID, DEFAULT_LENGTH, Campaign, is_default, openness
from lti_tool.domain.errors import CampaignBroken
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent, Pins

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LATEST_START = date(2100, 1, 1)
"""A slip of the pen; the calendar that computers have ends in 9999."""


class CampaignTerms(BaseModel):
    """What a campaign says of itself, in the file of a municipality or on the command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    goal: str = Field(min_length=20)
    purpose: Literal["organisation", "individual"] = "organisation"
    mode: Literal["vrijwillig", "middenweg", "verplicht"] = "vrijwillig"
    mandatory_reason: str = Field(default="", validate_default=True)
    starts_on: date = Field(le=LATEST_START)
    ends_on: date | None = None

    @field_validator("mandatory_reason")
    @classmethod
    def _mandatory_with_a_reason(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("mode") == "verplicht" and not value.strip():
            raise ValueError("a mandatory campaign needs a reason that learners see")
        return value

    @field_validator("ends_on")
    @classmethod
    def _not_before_its_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        if value is not None and value < info.data.get("starts_on", value):
            raise ValueError("lies before starts_on")
        return value

    def campaign(
        self, tenant_id: str, campaign_id: str, pins: Pins, *, post_from: datetime | None = None
    ) -> Campaign:
        """The campaign on these terms; without an end it lasts 12 months."""
        return Campaign(
            tenant_id=tenant_id,
            id=campaign_id,
            name=self.name,
            goal=self.goal,
            purpose=self.purpose,
            mode=self.mode,
            mandatory_reason=self.mandatory_reason,
            starts_on=self.starts_on,
            ends_on=self.ends_on or self.starts_on + DEFAULT_LENGTH,
            post_from=post_from,
            calibration_id=pins.calibration_id,
            release_id=pins.release_id,
        )


class _NewCampaign(CampaignTerms):
    id: Annotated[str, StringConstraints(pattern=SLUG, max_length=64)]

    @field_validator("id")
    @classmethod
    def _not_one_of_the_defaults(cls, value: str) -> str:
        if is_default(value):
            raise ValueError(f"{DEFAULT_ID!r} and what begins with it are the default campaigns")
        return value


@dataclass(frozen=True)
class CampaignLine:
    """A campaign with how it stands today."""

    campaign: Campaign
    openness: str
    """`open`, `not_yet_open` or `over`."""


class RunCampaign:
    """What somebody at the command line does with campaigns, until there is a page for it."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def add(self, tenant_id: str, given: Mapping[str, object], now: datetime) -> Campaign:
        """Add a campaign beside the others; `given` has the fields of `CampaignTerms`, and `id`.

        Raises:
            TenantUnknown
            CampaignBroken: names each mistake; or the municipality has a campaign with this id.
        """
        try:
            described = _NewCampaign.model_validate(given)
        except ValidationError as err:
            problems = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in err.errors()]
            raise CampaignBroken("\n".join(problems)) from err
        with transaction():
            # Of two who add the same at once, the second waits here and finds it.
            tenant = tenant_rows.load_tenant(tenant_id, for_update=True)
            if any(known.id == described.id for known in tenant_rows.campaigns(tenant_id)):
                raise CampaignBroken(f"id: {tenant_id} has a campaign {described.id!r} already")
            pins = self._content.pins_of_new_campaign(tenant, now)
            campaign = described.campaign(tenant_id, described.id, pins)
            tenant_rows.save_campaign(campaign)
            audit_rows.write_audit(tenant_id, "command line", "campaign added", now, described.id)
        return campaign

    def campaigns(self, tenant_id: str, now: datetime) -> list[CampaignLine]:
        """Every campaign of a municipality, by start. Raises TenantUnknown."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(tenant_id)
            known = tenant_rows.campaigns(tenant_id)
        known.sort(key=lambda campaign: (campaign.starts_on, campaign.id))
        return [CampaignLine(campaign, openness(campaign, tenant, now)) for campaign in known]

    def start_second_measurement(self, tenant_id: str, campaign_id: str, post_from: datetime) -> None:
        """Attempts begun from this moment on count as the second measurement.

        Raises:
            TenantUnknown, CampaignUnknown
            CampaignBroken: nobody could begin one any more.
        """
        with transaction():
            tenant_rows.load_tenant(tenant_id)
            campaign = tenant_rows.load_campaign(tenant_id, campaign_id)
            if post_from.date() > campaign.ends_on:
                raise CampaignBroken(f"post_from: lies after the last day of {campaign_id!r}, {campaign.ends_on}")
            tenant_rows.save_campaign(replace(campaign, post_from=post_from))

    def use_installed_content(self, tenant_id: str, campaign_id: str, now: datetime) -> str | None:
        """Move a campaign to the release that is installed now; who is in the middle goes on with their own.

        Its calibration stays, so that before and after are measured with the same difficulties where texts are
        the same.

        Returns:
            The release.

        Raises:
            TenantUnknown, CampaignUnknown
            ContentBroken: naming every problem.
        """
        with transaction():
            tenant = tenant_rows.load_tenant(tenant_id, for_update=True)
            campaign = tenant_rows.load_campaign(tenant_id, campaign_id)
            release_id = self._content.pins_of_new_campaign(tenant, now).release_id
            if campaign.release_id != release_id:
                tenant_rows.save_campaign(replace(campaign, release_id=release_id))
                what = f"content of {campaign_id}: {release_id}"
                audit_rows.write_audit(tenant_id, "command line", "campaign uses other content", now, what)
        return release_id
