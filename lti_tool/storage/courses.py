"""Rows of courses (LTI contexts): which campaign they use and what their portal offers there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.storage.database import add_unless_there, ask, db
from lti_tool.storage.portal_tables import CourseRow

_COURSES = CourseRow.__table__
_KEY = ("tenant_id", "portal_id", "context_id")
_SAID = select(_COURSES.c["campaign_id", "marks", "memberships_url"]).where(
    *(_COURSES.c[name] == bindparam(name) for name in _KEY)
)


@dataclass(frozen=True)
class Course:
    """A course from which people came."""

    tenant_id: str
    portal_id: str
    context_id: str
    campaign_id: str
    marks: str
    """Whether 'klaar' can be told there: one of `lti.launch.MARKS`."""
    memberships_url: str | None
    roster_due_at: datetime | None = None
    roster_read_at: datetime | None = None
    roster_failure: str | None = None


def note_course(
    tenant_id: str,
    portal_id: str,
    context_id: str,
    *,
    campaign_id: str,
    marks: str,
    memberships_url: str | None,
) -> None:
    """Add or change a course as the newest launch describes it."""
    key = {"tenant_id": tenant_id, "portal_id": portal_id, "context_id": context_id}
    said = {"campaign_id": campaign_id, "marks": marks, "memberships_url": memberships_url}
    before = ask(_SAID, **key).one_or_none()
    if before is None:
        # Two first visitors of a course may come at the same moment.
        add_unless_there(CourseRow, **key, **said)
        return
    if before._asdict() != said:
        row = db.session.get_one(CourseRow, tuple(key.values()))
        for name, value in said.items():
            setattr(row, name, value)


def courses(tenant_id: str) -> list[Course]:
    """The courses of a municipality, by portal and id."""
    query = (
        select(CourseRow)
        .where(CourseRow.tenant_id == tenant_id)
        .order_by(CourseRow.portal_id, CourseRow.context_id)
    )
    return [course_of(row) for row in db.session.scalars(query)]


def course_of(row: CourseRow) -> Course:
    """The value of a row."""
    return Course(
        tenant_id=row.tenant_id,
        portal_id=row.portal_id,
        context_id=row.context_id,
        campaign_id=row.campaign_id,
        marks=row.marks,
        memberships_url=row.memberships_url,
        roster_due_at=row.roster_due_at,
        roster_read_at=row.roster_read_at,
        roster_failure=row.roster_failure,
    )
