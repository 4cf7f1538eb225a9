"""Rows of lists of participants: who is in a course, when its list is read, and how large groups are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from lti_tool.domain.roster import ACTIVE, Member
from lti_tool.storage.courses import Course, course_of
from lti_tool.storage.database import connection, db
from lti_tool.storage.portal_tables import CourseMemberRow, CourseRow
from lti_tool.storage.tables import GroupSizeRow

_MEMBERS = CourseMemberRow.__table__


@dataclass(frozen=True)
class GroupSize:
    """What was counted, and when."""

    people: int
    counted_at: datetime


def load_course(tenant_id: str, portal_id: str, context_id: str) -> Course:
    """A course that a launch has noted."""
    return course_of(db.session.get_one(CourseRow, (tenant_id, portal_id, context_id)))


def is_any_due(now: datetime) -> bool:
    """Whether a list is to be read now."""
    return (
        db.session.scalar(select(CourseRow.context_id).where(CourseRow.roster_due_at <= now).limit(1)) is not None
    )


def claim_due_course(now: datetime, until: datetime) -> Course | None:
    """The course that is due longest, put off until a later moment so that no other worker reads it meanwhile."""
    query = (
        select(CourseRow)
        .where(CourseRow.roster_due_at <= now)
        .order_by(CourseRow.roster_due_at, CourseRow.context_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = db.session.scalar(query)
    if row is None:
        return None
    row.roster_due_at = until
    return course_of(row)


def plan_reading(course: Course, due_at: datetime | None) -> None:
    """When the list is read next; None: not before another launch."""
    _row(course).roster_due_at = due_at


def note_reading(course: Course, now: datetime, due_at: datetime | None) -> None:
    """The list was read."""
    row = _row(course)
    row.roster_read_at, row.roster_due_at, row.roster_failure = now, due_at, None


def note_failure(course: Course, reason: str, due_at: datetime | None) -> None:
    """The list could not be read; what was read before stays."""
    row = _row(course)
    row.roster_due_at, row.roster_failure = due_at, reason


def members(course: Course) -> dict[str, Member]:
    """The list as it was read last, by the portal's id."""
    query = select(CourseMemberRow.sub, CourseMemberRow.status, CourseMemberRow.roles).where(
        CourseMemberRow.tenant_id == course.tenant_id,
        CourseMemberRow.portal_id == course.portal_id,
        CourseMemberRow.context_id == course.context_id,
    )
    return {sub: Member(sub, status, tuple(roles)) for sub, status, roles in db.session.execute(query)}


def replace_members(course: Course, before: dict[str, Member], now: Iterable[Member]) -> None:
    """Keep this list instead of the one before; who did not change is not written again."""
    new = {member.sub: member for member in now}
    key = {"tenant_id": course.tenant_id, "portal_id": course.portal_id, "context_id": course.context_id}
    stale = [sub for sub, member in before.items() if new.get(sub) != member]
    fresh = [member for sub, member in new.items() if before.get(sub) != member]
    if stale:
        one = _MEMBERS.delete().where(
            *(_MEMBERS.c[name] == value for name, value in key.items()), _MEMBERS.c.sub == bindparam("gone")
        )
        connection().execute(one, [{"gone": sub} for sub in stale])
    if fresh:
        rows = [{**key, "sub": m.sub, "status": m.status, "roles": list(m.roles)} for m in fresh]
        connection().execute(insert(CourseMemberRow), rows)


def active_among(tenant_id: str, portal_id: str, subs: Collection[str]) -> set[str]:
    """Those of these people who are active on any list of the portal."""
    query = select(CourseMemberRow.sub).where(
        CourseMemberRow.tenant_id == tenant_id,
        CourseMemberRow.portal_id == portal_id,
        CourseMemberRow.status == ACTIVE,
        CourseMemberRow.sub.in_(subs),
    )
    return set(db.session.scalars(query))


def active_in_campaign(tenant_id: str, campaign_id: str) -> list[tuple[str, Member]]:
    """(portal, member) of everybody who is active on a list of the campaign's courses; once for each course."""
    query = (
        select(CourseMemberRow.portal_id, CourseMemberRow.sub, CourseMemberRow.status, CourseMemberRow.roles)
        .join(
            CourseRow,
            (CourseRow.tenant_id == CourseMemberRow.tenant_id)
            & (CourseRow.portal_id == CourseMemberRow.portal_id)
            & (CourseRow.context_id == CourseMemberRow.context_id),
        )
        .where(
            CourseMemberRow.tenant_id == tenant_id,
            CourseRow.campaign_id == campaign_id,
            CourseMemberRow.status == ACTIVE,
        )
    )
    rows = db.session.execute(query)
    return [(portal_id, Member(sub, status, tuple(roles))) for portal_id, sub, status, roles in rows]


def find_group_size(tenant_id: str, campaign_id: str) -> GroupSize | None:
    row = db.session.get(GroupSizeRow, (tenant_id, campaign_id))
    return GroupSize(row.people, row.counted_at) if row else None


def save_group_size(tenant_id: str, campaign_id: str, size: GroupSize) -> None:
    db.session.merge(
        GroupSizeRow(tenant_id=tenant_id, campaign_id=campaign_id, people=size.people, counted_at=size.counted_at)
    )


def forget_unread(before: datetime) -> int:
    """Forget lists that were last read before a moment; returns how many."""
    rows = db.session.scalars(select(CourseRow).where(CourseRow.roster_read_at < before)).all()
    for row in rows:
        course = course_of(row)
        replace_members(course, members(course), ())
        row.roster_read_at = None
    return len(rows)


def wipe(tenant_id: str) -> None:
    """A municipality without lists: nobody is on one, and none will be read."""
    for table in (CourseMemberRow, GroupSizeRow):
        db.session.execute(delete(table).where(table.tenant_id == tenant_id))
    nothing = {"roster_due_at": None, "roster_read_at": None, "roster_failure": None}
    db.session.execute(update(CourseRow).where(CourseRow.tenant_id == tenant_id).values(**nothing))


def _row(course: Course) -> CourseRow:
    return db.session.get_one(CourseRow, (course.tenant_id, course.portal_id, course.context_id))
