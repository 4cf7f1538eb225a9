"""Staff choose, from within their portal, which activities come on a course page (LTI deep linking)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lti_tool.domain.campaign import Campaign, is_default, name_in_links, placeable
from lti_tool.domain.content import Package
from lti_tool.domain.errors import ChoiceNotOffered, NothingChosen
from lti_tool.domain.tenant import Tenant
from lti_tool.lti.deep_linking import Link, Responder, takes_line_items, takes_links, takes_several
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.launch import DeepLinking
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import tool_keys as key_rows
from lti_tool.storage.database import transaction
from lti_tool.storage.portals import Portal
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.refusals import noting_refusals

ASSESSMENT, MINE = "assessment", "mine"


@dataclass(frozen=True)
class Asked:
    """The portal's question, which the session keeps between the launch and the answer."""

    tenant_id: str
    portal_id: str
    deployment_id: str
    settings: DeepLinking


@dataclass(frozen=True)
class CampaignChoice:
    """A campaign that a link may lead to."""

    id: str
    """As a link names it."""
    name: str
    starts_on: date
    ends_on: date
    follows_itself: bool
    """The default one: when it is over the next one begins, and the link leads there."""


@dataclass(frozen=True)
class ActivityChoice:
    """Something to put on a course page, in the words that will stand there: Dutch, as all content."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Offer:
    """What may be chosen."""

    tenant: str
    campaigns: tuple[CampaignChoice, ...]
    activities: tuple[ActivityChoice, ...]
    takes_links: bool
    """False: the portal wants something that we do not have, so there is nothing to choose."""
    several: bool
    can_show_done: bool
    """Whether the portal makes a place for 'klaar' when asked; only with the assessment."""


@dataclass(frozen=True)
class Reply:
    """What the browser brings back to the portal."""

    return_url: str
    """May hold a session key of the portal: not for logs."""
    jwt: str


class PlaceActivities:
    """The portal asks, somebody of its staff chooses, and the portal gets a signed answer."""

    def __init__(self, content: ChooseContent, keys: ToolKeys, responder: Responder) -> None:
        self._content = content
        self._keys = keys
        self._responder = responder

    def offer(self, asked: Asked, now: datetime) -> Offer:
        """What may be chosen now.

        Raises:
            LaunchRefused: the registration was closed after the launch; it has been noted.
        """
        with noting_refusals(now), transaction(writes=False):
            tenant, portal, campaigns = _load(asked)
        return self._offer(asked, tenant, portal, campaigns, now)

    def place(
        self,
        asked: Asked,
        campaign: str,
        activities: Sequence[str],
        *,
        show_done: bool,
        message: str,
        now: datetime,
    ) -> Reply:
        """Answer with a link for each chosen activity; everything chosen is looked at again.

        Args:
            show_done: ask the portal for a place for 'klaar', where it takes that.
            message: for the person, shown by the portal.

        Raises:
            NothingChosen: no activity.
            ChoiceNotOffered: of another municipality, over, unknown, or more than the portal takes.
            LaunchRefused: the registration was closed after the launch; it has been noted.
        """
        with noting_refusals(now), transaction(writes=False):
            tenant, portal, campaigns = _load(asked)
            self._keys.reload(key_rows)
        offer = self._offer(asked, tenant, portal, campaigns, now)
        wanted = dict.fromkeys(activities)
        if not wanted:
            raise NothingChosen
        offered = {choice.id: choice for choice in offer.activities}
        if not (
            offer.takes_links and campaign in {c.id for c in offer.campaigns} and wanted.keys() <= offered.keys()
        ):
            raise ChoiceNotOffered
        if len(wanted) > 1 and not offer.several:
            raise ChoiceNotOffered
        links = [
            Link(
                title=offered[activity].title,
                text=offered[activity].text,
                campaign=campaign,
                activity=activity,
                # 'Klaar' is about the assessment, done or skipped; a training tells the portal nothing (ADR 14).
                shows_done=show_done and offer.can_show_done and activity == ASSESSMENT,
            )
            for activity in offered
            if activity in wanted
        ]
        return self._reply(asked, portal, links, message, now)

    def cancel(self, asked: Asked, message: str, now: datetime) -> Reply:
        """Answer that nothing was chosen, so that the portal's page goes on.

        Raises:
            LaunchRefused: the registration was closed after the launch; it has been noted.
        """
        with noting_refusals(now), transaction(writes=False):
            _, portal, _ = _load(asked)
            self._keys.reload(key_rows)
        return self._reply(asked, portal, [], message, now)

    def _offer(
        self, asked: Asked, tenant: Tenant, portal: Portal, campaigns: Sequence[Campaign], now: datetime
    ) -> Offer:
        return Offer(
            tenant=tenant.name,
            campaigns=tuple(_choice(campaign) for campaign in placeable(campaigns, now.date())),
            activities=_activities(self._content.package_for(tenant)),
            takes_links=takes_links(asked.settings),
            several=takes_several(asked.settings),
            can_show_done=takes_line_items(asked.settings, portal),
        )

    def _reply(self, asked: Asked, portal: Portal, links: Sequence[Link], message: str, now: datetime) -> Reply:
        signed = self._responder.response(
            portal, asked.deployment_id, asked.settings, links, message, self._keys.signing(now), now
        )
        return Reply(asked.settings.return_url, signed)


def _load(asked: Asked) -> tuple[Tenant, Portal, list[Campaign]]:
    """Inside a transaction. Raises LaunchRefused: what let the launch in does not hold any more."""
    portal = portal_rows.find_portal_by_id(asked.tenant_id, asked.portal_id)
    if portal is None or not portal.enabled:
        raise _refused("portal_closed", asked)
    if asked.deployment_id not in portal.deployment_ids:
        raise _refused("deployment_unknown", asked)
    return tenant_rows.load_tenant(asked.tenant_id), portal, tenant_rows.campaigns(asked.tenant_id)


def _refused(reason_code: str, asked: Asked) -> LaunchRefused:
    refused = LaunchRefused(reason_code)
    refused.tenant_id, refused.portal_id = asked.tenant_id, asked.portal_id
    return refused


def _choice(campaign: Campaign) -> CampaignChoice:
    return CampaignChoice(
        id=name_in_links(campaign),
        name=campaign.name,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        follows_itself=is_default(campaign.id),
    )


def _activities(package: Package) -> tuple[ActivityChoice, ...]:
    return (
        ActivityChoice(
            ASSESSMENT,
            "Ontdek wat je al kunt",
            "Vragen die zich aan jou aanpassen, en een tip voor je volgende stap. Overslaan mag ook.",
        ),
        ActivityChoice(MINE, "Mijn digivaardigheid", "Je eigen pagina: wat je hebt gedaan en geleerd."),
        *(ActivityChoice(module.id, module.title, module.benefit) for module in package.modules.values()),
    )
