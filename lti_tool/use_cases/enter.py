"""Somebody enters: from the portal's launch to the start page, the team they choose, and the preview for staff."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from lti_tool.domain.campaign import (
    DEFAULT_ID,
    Campaign,
    current_default,
    may_begin_again,
    openness,
)
from lti_tool.domain.endpoints import after_wiping
from lti_tool.domain.errors import CampaignNotOpen, CampaignUnknown, NotForLearners, TeamUnknown
from lti_tool.domain.people import Identity, Participation, Where
from lti_tool.domain.promise import Table, promise
from lti_tool.lti.door import Begun, LaunchDoor
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.launch import DeepLinking, Launch
from lti_tool.lti.proofs import ProofAtPortal
from lti_tool.recording import OPERATOR_STREAM, Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import courses as course_rows
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import new_id, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.read_rosters import plan_roster
from lti_tool.use_cases.refusals import note_refusal, noting_refusals
from lti_tool.use_cases.sitting import load_sitting


@dataclass(frozen=True)
class Visit:
    """What a launch led to; the session keeps it."""

    where: Where
    learner_id: str
    staff: bool
    language: str
    portal_origins: tuple[str, ...]
    """Where the portal's pages are, which alone may put ours in a frame."""
    next_page: str
    """`start`, `learning` (a training or the personal page was asked for), `staff`, `choose` (deep linking) or
    `review` (somebody wants to see a result)."""
    activity: str
    """The launch's `activity` parameter: `assessment`, `mine`, or a module id."""
    portal_id: str = ""
    deployment_id: str = ""
    deep_linking: DeepLinking | None = None
    granted: tuple[str, ...] = ()
    """Our roles, which they accepted by invitation (`domain.roles`)."""
    given_name: str | None = field(default=None, repr=False)
    """To greet with, where the municipality asked for it; nothing else may keep it."""


@dataclass(frozen=True)
class StartPage:
    """Five short lines and the buttons first, the tables below."""

    tenant: str
    openness: str
    goal: str
    lines: tuple[str, ...]
    mode_line: str
    tables: tuple[Table, ...]
    helpers: str
    privacy: str
    teams: tuple[str, ...]
    team: str | None
    state: str
    """`new`, `running` (go on where you were), `finished`, `again` (a second time is asked), `skipped`."""
    greets_by_name: bool = False


class Enter:
    """The way in. What is kept of a launch: issuer and client, `sub`, the line item; no name in any row."""

    def __init__(
        self, door: LaunchDoor, content: ChooseContent, pen: Pen, seal: Seal, *, keep_claims: bool
    ) -> None:
        self._door = door
        self._content = content
        self._pen = pen
        self._seal = seal
        self._keep_claims = keep_claims

    def begin_login(self, params: Mapping[str, str], browser_proof: str, now: datetime) -> Begun:
        """The first step of the OIDC login: the address at the portal to send the browser to.

        Raises:
            LaunchRefused: with a stable reason code; it has been noted.
        """
        with noting_refusals(now), transaction(durable=False):
            return self._door.begin(params, browser_proof, now)

    def proof_at_portal(self, form: Mapping[str, str], now: datetime) -> ProofAtPortal | None:
        """For a launch without a cookie: where its proof may be kept; None when no portal keeps it."""
        with transaction(writes=False):
            return self._door.proof_at_portal(form, now)

    def finish_login(
        self,
        form: Mapping[str, str],
        browser_proof: str,
        now: datetime,
        keep: Callable[[Visit], None] = lambda visit: None,
        *,
        kept_proof: bool = False,
    ) -> Visit:
        """The launch itself: verified and remembered, in one transaction when the portal's key is known.

        Args:
            keep: what else has to be remembered of the visit, in the same transaction: the browser's session.
            kept_proof: `browser_proof` is what the portal kept for us, not the cookie.

        Raises:
            LaunchRefused: with a stable reason code; it has been noted.
            PortalUnavailable: the portal's keys could not be fetched; it has been noted.
        """

        def welcome(launch: Launch) -> Visit:
            visit = self._visit(launch, now)
            keep(visit)
            return visit

        with noting_refusals(now):
            return self._door.finish(
                form,
                browser_proof,
                now,
                transaction,
                welcome,
                kept_proof=kept_proof,
            )

    def refuse_without_cookie(self, now: datetime) -> str:
        """A launch of which the browser kept nothing; it has been noted under the code that is returned."""
        refused = LaunchRefused("browser_proof_missing")
        note_refusal(refused, now)
        return refused.reference

    def _visit(self, launch: Launch, now: datetime) -> Visit:
        campaign = self._campaign(launch, now)
        activity = launch.custom.get("activity", "assessment")
        learner_id, granted = participation_rows.find_or_add_learner(
            launch.tenant_id, launch.portal_id, launch.sub, now
        )
        participation = participation_rows.find_participation(
            launch.tenant_id, campaign.id, learner_id, preview=launch.is_staff
        )
        if participation is None:
            language = "en" if (launch.locale or "nl").lower().startswith("en") else "nl"
            team = launch.custom.get("team")
            tenant = tenant_rows.load_tenant(launch.tenant_id)
            participation = self._new_participation(
                launch.tenant_id,
                campaign.id,
                learner_id,
                preview=launch.is_staff,
                team=team if team in tenant.teams else None,
                language=language,
                now=now,
                line_item_url=_place_for_klaar(launch),
            )
        if launch.kind == "visit":
            participation = self._remember_link(launch, participation, now)
            plan_roster(launch, campaign, now)
        if self._keep_claims:
            audit_rows.save_inspection(participation.where, dict(launch.claims_used), now)
        return Visit(
            where=participation.where,
            learner_id=learner_id,
            staff=launch.is_staff,
            language=participation.language,
            portal_origins=launch.portal_origins,
            next_page=_next_page(launch, activity),
            activity=activity,
            portal_id=launch.portal_id,
            deployment_id=launch.deployment_id,
            deep_linking=launch.deep_linking,
            granted=granted,
            given_name=launch.given_name,
        )

    def _remember_link(self, launch: Launch, participation: Participation, now: datetime) -> Participation:
        """Where 'klaar' can be told for this learner, and what the portal offers in this course."""
        if launch.context_id is not None:
            course_rows.note_course(
                launch.tenant_id,
                launch.portal_id,
                launch.context_id,
                campaign_id=participation.campaign_id,
                marks=launch.marks,
                memberships_url=launch.memberships_url,
            )
        place = _place_for_klaar(launch)
        if place in (None, participation.line_item_url):
            return participation
        participation = replace(participation, line_item_url=place)
        participation_rows.save_participation(participation)
        if participation.done_at is not None:
            # Done before this place in the portal was there; no place is told twice.
            self._pen.completion(participation, now)
        return participation

    def start_page(self, where: Where, now: datetime) -> StartPage:
        """What the start page shows, generated from the settings."""
        with transaction(writes=False):
            sitting = load_sitting(self._content, where, answers=False)
            places = endpoint_rows.erases_at(where.tenant_id, OPERATOR_STREAM)
        participation = sitting.participation
        fate = after_wiping(erase for _, erase in places)
        made = promise(sitting.tenant, sitting.campaign, participation.language, at_the_lrs=fate)
        state = "new"
        if sitting.running is not None:
            state = "running"
        elif sitting.finished is not None:
            again = may_begin_again(sitting.campaign, sitting.attempts, now)
            state = "again" if again else "finished"
        elif participation.skipped_at is not None:
            state = "skipped"
        return StartPage(
            tenant=sitting.tenant.name,
            openness=openness(sitting.campaign, sitting.tenant, now),
            goal=sitting.campaign.goal,
            lines=made.lines,
            mode_line=made.mode_line,
            tables=made.tables,
            helpers=sitting.tenant.contacts.helpers,
            privacy=sitting.tenant.contacts.privacy,
            teams=sitting.tenant.teams,
            team=participation.team,
            state=state,
            greets_by_name=sitting.tenant.greets_by_name,
        )

    def acknowledge(self, where: Where, now: datetime) -> None:
        """The learner read the start page and chose how to begin: from here on they take part.

        Raises:
            CampaignNotOpen: the campaign has not been opened or is over.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True, answers=False)
            if openness(sitting.campaign, sitting.tenant, now) != "open":
                raise CampaignNotOpen
            if sitting.participation.acknowledged_at is None:
                participation_rows.save_participation(replace(sitting.participation, acknowledged_at=now))
                self._pen.registered(sitting.subject(None), now)
                self._pen.acknowledged(sitting.subject(None), now)

    def choose_team(self, where: Where, team: str | None) -> None:
        """Keep the team that the learner chose; None: none, or rather not said.

        Raises:
            TeamUnknown: not on the municipality's list.
        """
        with transaction():
            if team is not None and team not in tenant_rows.load_tenant(where.tenant_id).teams:
                raise TeamUnknown
            participation = participation_rows.load_participation(where, for_update=True)
            participation_rows.save_participation(replace(participation, team=team))

    def choose_language(self, where: Where, language: str) -> None:
        """Keep `nl` or `en`; anything else is Dutch."""
        with transaction():
            participation = participation_rows.load_participation(where, for_update=True)
            chosen = "en" if language == "en" else "nl"
            participation_rows.save_participation(replace(participation, language=chosen))

    def begin_preview(self, where: Where, now: datetime) -> Where:
        """A fresh look around for staff ("Bekijk als medewerker"): no statement, counted nowhere.

        Raises:
            NotForLearners: this is somebody's own participation, which must not be lost.
        """
        with transaction():
            old = participation_rows.load_participation(where, for_update=True)
            if not old.preview:
                raise NotForLearners
            participation_rows.remove_participation(where)
            return self._new_participation(
                old.tenant_id,
                old.campaign_id,
                old.learner_id,
                preview=True,
                team=None,
                language=old.language,
                now=now,
            ).where

    def _campaign(self, launch: Launch, now: datetime) -> Campaign:
        """The campaign that the launch names, else the default one; the next one opens by itself.

        "standaard" in a link is the default one of the day, so that a link outlives its first year.

        Raises:
            LaunchRefused: `campaign_unknown`.
        """
        named = launch.custom.get("campaign")
        if named and named != DEFAULT_ID:
            try:
                return tenant_rows.load_campaign(launch.tenant_id, named)
            except CampaignUnknown as err:
                raise _no_campaign(launch) from err
        known = tenant_rows.campaigns(launch.tenant_id)
        campaign = current_default(known, now.date())
        if campaign is None:
            raise _no_campaign(launch)
        if campaign not in known:
            # Of two first visitors in a new period one opens the campaign; the other waits, and finds it.
            tenant = tenant_rows.load_tenant(launch.tenant_id, for_update=True)
            known = tenant_rows.campaigns(launch.tenant_id)
            campaign = current_default(known, now.date()) or campaign
            if campaign not in known:
                pins = self._content.pins_of_new_campaign(tenant, now)
                campaign = replace(campaign, release_id=pins.release_id, calibration_id=pins.calibration_id)
                tenant_rows.save_campaign(campaign)
        return campaign

    def _new_participation(
        self,
        tenant_id: str,
        campaign_id: str,
        learner_id: str,
        *,
        preview: bool,
        team: str | None,
        language: str,
        now: datetime,
        line_item_url: str | None = None,
    ) -> Participation:
        participation = Participation(
            tenant_id=tenant_id,
            id=new_id(now),
            campaign_id=campaign_id,
            learner_id=learner_id,
            preview=preview,
            team=team,
            language=language,
            first_launch_at=now,
            line_item_url=line_item_url,
        )
        identity = Identity(
            pseudonym=base64.b32encode(secrets.token_bytes(20)).decode().lower(),
            registration=str(uuid.uuid4()),
        )
        participation_rows.add_participation(participation, identity, self._seal)
        return participation


def _no_campaign(launch: Launch) -> LaunchRefused:
    refused = LaunchRefused("campaign_unknown")
    refused.tenant_id, refused.portal_id = launch.tenant_id, launch.portal_id
    return refused


def _place_for_klaar(launch: Launch) -> str | None:
    """The line item of a learner's own link, when we may write in it; staff and other messages have none."""
    if launch.kind != "visit" or launch.is_staff or launch.marks != "possible":
        return None
    return launch.line_item_url


def _next_page(launch: Launch, activity: str) -> str:
    if launch.kind == "deep_linking":
        return "choose"
    if launch.kind == "submission_review":
        return "review"
    if launch.is_staff:
        return "staff"
    return "start" if activity == "assessment" else "learning"
