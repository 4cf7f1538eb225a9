"""Lists of participants: asked of the portal when a municipality wants it, kept small, used to end sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from lti_tool.domain.campaign import Campaign, openness
from lti_tool.domain.disclosure import settled_size
from lti_tool.domain.roster import (
    READ_AGAIN,
    Member,
    due_after_failure,
    due_after_launch,
    may_have_left,
)
from lti_tool.domain.tenant import Tenant
from lti_tool.lti.claims import STAFF_ROLES
from lti_tool.lti.launch import Launch
from lti_tool.lti.quirks import Remedy
from lti_tool.lti.remedies import remedy_of
from lti_tool.lti.roster import Roster, RosterReader, RosterUnread
from lti_tool.storage import courses as course_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.courses import Course
from lti_tool.storage.database import transaction
from lti_tool.storage.portals import Portal
from lti_tool.storage.rosters import GroupSize

CLAIMED: Final = timedelta(minutes=15)
"""Until another worker may read the same list; far longer than `lti.roster.MAX_SECONDS`."""
STOPS_AT: Final = frozenset({"roster_gone"})
"""After these nothing is planned: only a launch shows that there is a list again."""

log = structlog.get_logger()


@dataclass(frozen=True)
class RosterState:
    """How it goes with the list of one course, for whoever administers the municipality.

    Never about a person, nor how many there are: that leaves through the gate only (`ReadReports`).
    """

    tenant_id: str
    portal_id: str
    context_id: str
    read_at: datetime | None
    """Pages show the day only: the hour would tell when somebody of a small course was here."""
    planned: bool
    """Whether it will be read without anybody doing anything."""
    failure: str
    """A key of `SERVICE_REASONS`; empty: the last reading went well, or there was none."""
    remedy: Remedy | None


class ReadRosters:
    """Reads what is due, one list at a time; several workers may do this at once."""

    def __init__(self, reader: RosterReader) -> None:
        self._reader = reader

    def read_next(self, now: datetime) -> bool:
        """Read the list that is due longest; returns whether there was one."""
        with transaction(writes=False):
            if not roster_rows.is_any_due(now):
                return False
        with transaction():
            found = _claim(now)
        if found is None:
            return False
        course, portal, url = found
        try:
            roster = self._reader.read(portal, url, now)
        except RosterUnread as unread:
            _note_failure(course, unread, now)
        else:
            _keep(course, roster, now)
        return True

    def states(self, tenant_id: str | None) -> tuple[RosterState, ...]:
        """How it goes with every list, trouble first; None: of every municipality. None where lists are off."""
        with transaction(writes=False):
            states = [
                _state(portal, course)
                for tenant in tenant_rows.tenants()
                if tenant.roster and tenant_id in (None, tenant.id)
                for portal in portal_rows.portals_of_tenant(tenant.id)
                for course in course_rows.courses(tenant.id)
                if course.portal_id == portal.id
            ]
        return tuple(sorted(states, key=lambda state: not state.failure))


def _state(portal: Portal, course: Course) -> RosterState:
    failure = course.roster_failure or ("" if course.memberships_url else "not_offered")
    return RosterState(
        tenant_id=course.tenant_id,
        portal_id=course.portal_id,
        context_id=course.context_id,
        read_at=course.roster_read_at,
        planned=course.roster_due_at is not None,
        failure=failure,
        remedy=remedy_of(failure, portal.product, portal.issuer) if failure else None,
    )


def plan_roster(launch: Launch, campaign: Campaign, now: datetime) -> None:
    """Let the list of the launch's course be read, in the transaction of the caller, who has noted the course."""
    if launch.context_id is None or launch.memberships_url is None:
        return
    if not _is_wanted(tenant_rows.load_tenant(launch.tenant_id), campaign, now):
        return
    course = roster_rows.load_course(launch.tenant_id, launch.portal_id, launch.context_id)
    if course.roster_due_at is None:
        roster_rows.plan_reading(course, due_after_launch(course.roster_read_at, now))


def _is_wanted(tenant: Tenant, campaign: Campaign, now: datetime) -> bool:
    """Not before the works council agreed either, and not when the campaign is over."""
    return tenant.roster and openness(campaign, tenant, now) == "open"


def _claim(now: datetime) -> tuple[Course, Portal, str] | None:
    course = roster_rows.claim_due_course(now, now + CLAIMED)
    if course is None:
        return None
    tenant = tenant_rows.load_tenant(course.tenant_id)
    campaign = tenant_rows.load_campaign(course.tenant_id, course.campaign_id)
    portal = portal_rows.find_portal_by_id(course.tenant_id, course.portal_id)
    url = course.memberships_url
    if portal is None or not portal.enabled or url is None or not _is_wanted(tenant, campaign, now):
        roster_rows.plan_reading(course, None)
        return None
    return course, portal, url


def _keep(course: Course, roster: Roster, now: datetime) -> None:
    with transaction():
        # The lock keeps the municipality from turning lists off, and wiping them, until this one is kept.
        tenant = tenant_rows.load_tenant(course.tenant_id, for_update=True)
        if not tenant.roster:
            return
        before = roster_rows.members(course)
        roster_rows.replace_members(course, before, roster.members)
        here = session_rows.people_of_portal(course.tenant_id, course.portal_id, now)
        left = may_have_left(before, roster.members) & here.keys()
        left -= roster_rows.active_among(course.tenant_id, course.portal_id, left)
        ended = session_rows.end_sessions(course.tenant_id, [here[sub] for sub in left])
        _settle_size(course, now)
        # Without anybody from this portal there is no session to end; their next launch plans it again.
        due_at = now + READ_AGAIN if here.keys() - left else None
        roster_rows.note_reading(course, now, due_at)
    log.info(
        "roster_read",
        tenant=course.tenant_id,
        portal=course.portal_id,
        course=course.context_id,
        members=len(roster.members),
        skipped=roster.skipped,
        sessions_ended=ended,
    )


def _settle_size(course: Course, now: datetime) -> None:
    """Count the campaign's people again; staff of a course take no part."""
    campaign_id = roster_rows.load_course(course.tenant_id, course.portal_id, course.context_id).campaign_id
    listed = roster_rows.active_in_campaign(course.tenant_id, campaign_id)
    people = len({(portal_id, member.sub) for portal_id, member in listed if _takes_part(member)})
    known = roster_rows.find_group_size(course.tenant_id, campaign_id)
    before = known.people if known else 0
    settled = settled_size(people, before)
    if settled != before:
        roster_rows.save_group_size(course.tenant_id, campaign_id, GroupSize(settled, now))


def _takes_part(member: Member) -> bool:
    return not set(member.roles).intersection(STAFF_ROLES)


def _note_failure(course: Course, unread: RosterUnread, now: datetime) -> None:
    with transaction():
        here = session_rows.people_of_portal(course.tenant_id, course.portal_id, now)
        again = here and unread.reason not in STOPS_AT
        due_at = due_after_failure(unread.retry_after, now) if again else None
        roster_rows.note_failure(course, unread.reason, due_at)
    log.warning(
        "roster_unread",
        tenant=course.tenant_id,
        portal=course.portal_id,
        course=course.context_id,
        reason=unread.reason,
    )
