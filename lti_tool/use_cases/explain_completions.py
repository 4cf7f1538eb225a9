"""Why 'klaar' did or did not arrive: an administrator hears what to mend, a learner hears about themselves.

Somebody may administer a municipality without seeing marks in its portal. So this page says nothing that rests on
fewer than ten people, not even that there is somebody (ADR 18); what there is to mend can be asked of the portal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lti_tool.domain.errors import PortalUnknown
from lti_tool.domain.people import Where
from lti_tool.domain.rounding import MINIMUM
from lti_tool.lti.quirks import Remedy, quirks_of
from lti_tool.lti.remedies import remedy_of
from lti_tool.recording import COMPLETION, completion_endpoint, completion_id
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import courses as course_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.courses import Course
from lti_tool.storage.database import connection, transaction
from lti_tool.storage.portals import Portal
from xapi import outbox, outbox_care
from xapi.outbox_care import Kept


@dataclass(frozen=True)
class Said:
    """What a portal or a course says, and what somebody can do about it."""

    reason: str
    """A key of `lti.errors.SERVICE_REASONS`."""
    remedy: str
    """As this kind of portal needs it."""


@dataclass(frozen=True)
class PortalStanding:
    """How 'klaar' goes to one portal; everything about people concerns ten of them or more."""

    id: str
    name: str
    kind: str
    """Moodle, Canvas, …; empty: not known."""
    hours: tuple[datetime, ...]
    """The whole hours at which the portal hears about ten people or more."""
    is_due: bool
    """Whether it is the turn of ten people or more, and has not arrived yet."""
    held_until: datetime | None
    """Until when the portal is left alone; only when something `is_due`."""
    held: Said | None
    """Why, when somebody has to mend it."""
    given_up: tuple[Said, ...]
    """Reasons why the portal will not take it from ten people or more."""
    given_up_for_several: bool
    """Whether there are ten people or more for whom it was another reason each time."""
    courses_possible: int
    no_place: tuple[str, ...]
    """The portal's ids of courses without a place for marks."""
    how_to_make_a_place: str
    no_right: tuple[str, ...]
    """The portal's ids of courses where there is one, in which the tool may not write."""
    how_to_give_the_right: str
    hide_grade: str


@dataclass(frozen=True)
class CompletionsPage:
    """One municipality."""

    tenant_id: str
    tenant: str
    portals: tuple[PortalStanding, ...]


@dataclass(frozen=True)
class OwnCompletion:
    """What the portal knows of somebody, for that person alone."""

    state: Literal["hour", "soon", "known", "not_taken", "impossible"]
    """`hour`: it hears at `at`; `soon`: its turn, not there yet; `not_taken`: given up; `impossible`: no place."""
    at: datetime | None = None


class ExplainCompletions:
    """Reads, and tries again when somebody says so."""

    def page(self, tenant_id: str, language: str, now: datetime) -> CompletionsPage:
        """How it stands, as of the last whole hour. Raises TenantUnknown."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(tenant_id)
            courses = course_rows.courses(tenant_id)
            portals = tuple(
                _standing(portal, [c for c in courses if c.portal_id == portal.id], language, now)
                for portal in portal_rows.portals_of_tenant(tenant_id)
            )
        return CompletionsPage(tenant.id, tenant.name, portals)

    def try_again(self, tenant_id: str, portal_id: str, who: str, now: datetime) -> None:
        """Send what was given up once more, now, and without waiting for the end of a pause.

        Says nothing of how many there were, and writes down neither.

        Raises:
            PortalUnknown
        """
        with transaction():
            endpoint = _endpoint(_portal(tenant_id, portal_id))
            outbox_care.replay_dead(connection(), endpoint, now)
            outbox_care.resume(connection(), endpoint)
            audit_rows.write_audit(tenant_id, who, "completions tried again", now, f"portal {portal_id}")

    def own(self, where: Where, now: datetime) -> OwnCompletion | None:
        """What the portal knows of this learner; None while there is nothing to know.

        Raises:
            ParticipationGone
        """
        with transaction(writes=False):
            participation = participation_rows.load_participation(where)
            if participation.preview or participation.done_at is None:
                return None
            if participation.line_item_url is None:
                return OwnCompletion("impossible")
            portal_id, _ = participation_rows.learner_sub(where.tenant_id, participation.learner_id)
            endpoint = completion_endpoint(where.tenant_id, portal_id)
            message_id = completion_id(participation.id, participation.line_item_url)
            found = outbox_care.find(connection(), where.tenant_id, endpoint, [message_id])
        return _own(found[0], now) if found else None


def _own(message: Kept, now: datetime) -> OwnCompletion:
    if message.state == outbox.SENT:
        return OwnCompletion("known")
    if message.state == outbox.DEAD:
        return OwnCompletion("not_taken")
    at = _moment(message)
    return OwnCompletion("hour", at) if at > now else OwnCompletion("soon")


def _standing(portal: Portal, courses: list[Course], language: str, now: datetime) -> PortalStanding:
    quirks = quirks_of(portal)
    endpoint = _endpoint(portal)
    learner_of = participation_rows.learners_of(portal.tenant_id, portal.id)
    hour = now.replace(minute=0, second=0, microsecond=0)
    # As of the last whole hour, so that nobody can watch one person become done.
    waiting = [
        message
        for message in outbox_care.kept(connection(), endpoint, COMPLETION, [outbox.WAITING])
        if message.created_at < hour
    ]
    later: dict[datetime, list[Kept]] = {}
    for message in waiting:
        if _moment(message) > hour:
            later.setdefault(_moment(message), []).append(message)
    due = [message for message in waiting if _moment(message) <= hour]
    is_due = _enough(due, learner_of)
    standing = outbox_care.standing(connection(), endpoint, COMPLETION)
    is_held = is_due and standing.backoff_until is not None and standing.backoff_until > now
    given_up: dict[str, list[Kept]] = {}
    for message in outbox_care.kept(connection(), endpoint, COMPLETION, [outbox.DEAD]):
        given_up.setdefault(message.last_error or "", []).append(message)
    several = [reason for reason, messages in given_up.items() if _enough(messages, learner_of)]
    rest = [message for reason in given_up.keys() - set(several) for message in given_up[reason]]
    return PortalStanding(
        id=portal.id,
        name=portal.name,
        kind=quirks.name,
        hours=tuple(sorted(at for at, messages in later.items() if _enough(messages, learner_of))),
        is_due=is_due,
        held_until=standing.backoff_until if is_held else None,
        held=_said(portal, standing.paused_reason, language) if is_held and standing.paused_reason else None,
        given_up=tuple(_said(portal, reason, language) for reason in sorted(several)),
        given_up_for_several=_enough(rest, learner_of),
        courses_possible=sum(course.marks == "possible" for course in courses),
        no_place=_with_marks(courses, "no_line_item"),
        how_to_make_a_place=_remedy(portal, "no_line_item", language),
        no_right=_with_marks(courses, "not_allowed"),
        how_to_give_the_right=_remedy(portal, "scope_not_granted", language),
        hide_grade=_in(quirks.hide_grade, language),
    )


def _enough(messages: Iterable[Kept], learner_of: dict[str, str]) -> bool:
    """Whether these are about ten people or more; somebody may have several messages, or be gone."""
    people = {learner_of.get(json.loads(message.body)["participation"]) for message in messages}
    return len(people - {None}) >= MINIMUM


def _with_marks(courses: list[Course], marks: str) -> tuple[str, ...]:
    return tuple(course.context_id for course in courses if course.marks == marks)


def _moment(message: Kept) -> datetime:
    """When the portal hears it; a message that was put off keeps its moment."""
    return datetime.fromisoformat(json.loads(message.body)["at"])


def _portal(tenant_id: str, portal_id: str) -> Portal:
    portal = portal_rows.find_portal_by_id(tenant_id, portal_id)
    if portal is None:
        raise PortalUnknown
    return portal


def _endpoint(portal: Portal) -> str:
    return completion_endpoint(portal.tenant_id, portal.id)


def _said(portal: Portal, reason: str, language: str) -> Said:
    return Said(reason, _remedy(portal, reason, language))


def _remedy(portal: Portal, reason: str, language: str) -> str:
    return _in(remedy_of(reason, portal.product, portal.issuer), language)


def _in(remedy: Remedy | None, language: str) -> str:
    if remedy is None:
        return ""
    return remedy.en if language == "en" else remedy.nl
