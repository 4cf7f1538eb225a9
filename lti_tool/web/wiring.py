"""What the doors are given: the journeys they ask, the few settings they may know, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, session

from lti_tool.domain.people import Where

if TYPE_CHECKING:
    from lti_tool.use_cases.enter import Enter
    from lti_tool.use_cases.explain_completions import ExplainCompletions
    from lti_tool.use_cases.follow_story import FollowStory
    from lti_tool.use_cases.forget import Forget
    from lti_tool.use_cases.hold_roles import HoldRoles
    from lti_tool.use_cases.inspect_visit import InspectVisit
    from lti_tool.use_cases.keep_keys import KeepKeys
    from lti_tool.use_cases.operate import Operate
    from lti_tool.use_cases.place_activities import PlaceActivities
    from lti_tool.use_cases.read_advice import ReadAdvice
    from lti_tool.use_cases.read_colophon import ReadColophon
    from lti_tool.use_cases.read_reports import ReadReports
    from lti_tool.use_cases.read_rosters import ReadRosters
    from lti_tool.use_cases.register_portal import RegisterPortal
    from lti_tool.use_cases.run_portals import RunPortals
    from lti_tool.use_cases.show_media import ShowMedia
    from lti_tool.use_cases.take_assessment import TakeAssessment
    from lti_tool.use_cases.take_module import TakeModule
    from lti_tool.use_cases.tend_outbox import TendOutbox


@dataclass(frozen=True)
class Journeys:
    """The use cases that the routes ask; a route asks one of them for each thing that somebody does."""

    enter: Enter
    assessment: TakeAssessment
    advice: ReadAdvice
    module: TakeModule
    story: FollowStory
    colophon: ReadColophon
    media: ShowMedia
    reports: ReadReports
    operate: Operate
    inspect: InspectVisit
    keys: KeepKeys
    place: PlaceActivities
    roles: HoldRoles
    portals: RunPortals
    registration: RegisterPortal
    completions: ExplainCompletions
    forget: Forget
    rosters: ReadRosters
    outbox: TendOutbox


@dataclass(frozen=True)
class SettingsView:
    """The part of the settings that pages need."""

    public_url: str
    """Scheme and host of the tool, without a trailing slash."""
    demo: bool
    iri_base: str
    """Start of every xAPI IRI, ending in a slash."""
    portal_origins: Callable[[], Sequence[str]]
    """Origins of all registered portals: these may frame a page that belongs to no session."""
    theme_of: Callable[[str | None], str] = lambda tenant_id: "neutral"
    """The theme of a municipality; None: a page that belongs to none."""
    is_healthy: Callable[[], bool] = lambda: True


def journeys() -> Journeys:
    return cast(Journeys, current_app.extensions["journeys"])


def view() -> SettingsView:
    return cast(SettingsView, current_app.extensions["settings_view"])


def moment() -> datetime:
    """Now; the only clock of the doors."""
    return datetime.now(UTC)


def governed() -> str | None:
    """The municipality whose things this administrator may see and change; None: an operator, so every one.

    The guard has checked that somebody is one or the other (`Role.ADMINISTRATOR`, `Role.FIGURES`).
    """
    return None if "operator" in session else cast(str, session["tenant_id"])


def acting() -> str:
    """Who does this, for the audit: an operator's name, or an administrator's portal and number there."""
    if "operator" in session:
        return cast(str, session["operator"])
    return journeys().roles.number_of(session["tenant_id"], session["learner_id"])


def where() -> Where:
    """Whose participation this request is about; the guard has checked that the session names one."""
    return Where(
        tenant_id=session["tenant_id"],
        campaign_id=session["campaign_id"],
        participation_id=session["participation_id"],
    )
