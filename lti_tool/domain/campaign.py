"""A campaign: a purpose, a period, and the rules on who may begin when and what counts as before and after."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from lti_tool.domain.people import Attempt
from lti_tool.domain.tenant import Tenant

DEFAULT_ID = "standaard"
DEFAULT_LENGTH = timedelta(days=365)
MODES = ("vrijwillig", "middenweg", "verplicht")
PURPOSES = ("organisation", "individual")
EARLIEST_COMPLETION = timedelta(minutes=60)  # requirements T1
OVER_EVERYWHERE = timedelta(hours=36)
"""From the first moment of a day in UTC until that day is over in every time zone."""
ANSWERS_KEPT_MONTHS = 3
"""After the last day (requirements, section 9)."""


@dataclass(frozen=True)
class Campaign:
    """A purpose and a period within a municipality."""

    tenant_id: str
    id: str
    name: str
    goal: str
    """Why the municipality does this, in its own words; no goal, no campaign (R23)."""
    purpose: str
    """`organisation` (groups of at least 10 may be counted) or `individual` (nothing leaves, R18)."""
    mode: str
    mandatory_reason: str
    starts_on: date
    ends_on: date
    post_from: datetime | None = None
    """Attempts begun from this moment on are the second measurement."""
    calibration_id: str | None = None
    """Fixed when the campaign is made; None: the difficulties that the package states."""
    release_id: str | None = None
    """The release of the content, fixed when the campaign is made (a package's `bank_version`)."""

    @property
    def writes_results(self) -> bool:
        """Whether facts may become statements and figures at all (R18)."""
        return self.purpose == "organisation"


def openness(campaign: Campaign, tenant: Tenant, now: datetime) -> str:
    """`open`, `not_yet_open` (no consent of the works council recorded, or too early) or `over`."""
    if tenant.works_council_consent_on is None or now.date() < campaign.starts_on:
        return "not_yet_open"
    return "over" if now.date() > campaign.ends_on else "open"


def closes_at(campaign: Campaign) -> datetime:
    """When its keys are destroyed: its last day is over wherever a municipality lies."""
    return datetime.combine(campaign.ends_on, time(), UTC) + OVER_EVERYWHERE


def answers_kept_until(campaign: Campaign) -> date:
    """The last day on which answers are there; the same day of the month, or the last one of a shorter month."""
    later = campaign.ends_on.month - 1 + ANSWERS_KEPT_MONTHS
    year, month = campaign.ends_on.year + later // 12, later % 12 + 1
    return date(year, month, min(campaign.ends_on.day, calendar.monthrange(year, month)[1]))


def is_default(campaign_id: str) -> bool:
    """Whether the id belongs to the series of default campaigns."""
    return campaign_id == DEFAULT_ID or campaign_id.startswith(f"{DEFAULT_ID}-")


def current_default(campaigns: Sequence[Campaign], today: date) -> Campaign | None:
    """The default campaign of today: a series of campaigns that follow each other by themselves.

    Returns:
        The newest of the series, or, when that one is over, the next one (12 months, same purpose, mode
        and goal), which the caller keeps, with the content and calibration of that day. None when the
        municipality has no default campaign.
    """
    series = [c for c in campaigns if is_default(c.id)]
    if not series:
        return None
    newest = max(series, key=lambda c: c.ends_on)
    if today <= newest.ends_on:
        return newest
    return replace(
        newest,
        id=f"{DEFAULT_ID}-{len(series) + 1}",
        starts_on=today,
        ends_on=today + DEFAULT_LENGTH,
        post_from=None,
        calibration_id=None,
        release_id=None,
    )


def placeable(campaigns: Sequence[Campaign], today: date) -> tuple[Campaign, ...]:
    """What a new link on a course page may lead to: the default of today first, then the others not yet over."""
    default = current_default(campaigns, today)
    others = [c for c in campaigns if not is_default(c.id) and today <= c.ends_on]
    return (*((default,) if default else ()), *sorted(others, key=lambda c: (c.starts_on, c.id)))


def name_in_links(campaign: Campaign) -> str:
    """What a link calls the campaign; one word for the whole series of defaults, so that no link grows old."""
    return DEFAULT_ID if is_default(campaign.id) else campaign.id


def phase(campaign: Campaign, begun_at: datetime) -> str:
    """`pretest` or `posttest`: the existing values of the assessment-type extension."""
    return "posttest" if campaign.post_from is not None and begun_at >= campaign.post_from else "pretest"


def pre_and_post(campaign: Campaign, attempts: Sequence[Attempt]) -> tuple[Attempt | None, Attempt | None]:
    """The two measurements of one participation (requirements, section 9, "Pre and post").

    Pre is the first finished attempt, post the latest finished one begun on or after `post_from`;
    an attempt is never both.
    """
    finished = sorted((a for a in attempts if a.finished_at is not None), key=lambda a: a.number)
    if not finished:
        return None, None
    first = finished[0]
    later = [a for a in finished[1:] if phase(campaign, a.begun_at) == "posttest"]
    return first, later[-1] if later else None


def may_begin_again(campaign: Campaign, attempts: Sequence[Attempt], now: datetime) -> bool:
    """Whether a new sitting may start: none yet, or `post_from` has passed since the last one began."""
    if not attempts:
        return True
    last = max(attempts, key=lambda a: a.number)
    if last.finished_at is None or campaign.post_from is None:
        return False
    return last.begun_at < campaign.post_from <= now


def completion_due_at(first_launch_at: datetime, done_at: datetime, *, at_once: bool) -> datetime:
    """When 'klaar' goes to the portal, so that the moment tells nothing (requirements T1).

    The first whole hour that is at least 60 minutes after the first launch *and* after 'klaar';
    skip and done alike. `at_once` is for the demo only, and to the second, as portals compare moments.
    """
    if at_once:
        return done_at.replace(microsecond=0)
    earliest = max(first_launch_at + EARLIEST_COMPLETION, done_at)
    hour = earliest.replace(minute=0, second=0, microsecond=0)
    return hour if hour == earliest else hour + timedelta(hours=1)
