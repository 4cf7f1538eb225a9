"""Lists of participants: off unless the municipality wants them, kept small, and used to end sessions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import structlog

from lti_tool.domain.roster import KEPT_UNREAD, Member
from lti_tool.lti.roster import MAX_SECONDS, Roster, RosterUnread
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.database import db
from lti_tool.storage.portal_tables import CourseMemberRow
from lti_tool.use_cases.read_rosters import CLAIMED, ReadRosters
from lti_tool.use_cases.work import Work
from tests.factories import NOW
from tests.integration.journeys.town import ISSUER, AsRequests, at_the_same_moment
from tests.logged import everything_logged

LISTS = f"{ISSUER}/courses"
SOON = NOW + timedelta(minutes=1)
SIX_HOURS = timedelta(hours=6)
LEARNER, STAFF = ("Learner",), ("Instructor",)


class Portal:
    """Gives the list of each course, in place of the reader; never asked while a transaction is open."""

    def __init__(self):
        self.lists = {}
        self.asked = []
        self.meanwhile = lambda: None

    def has(self, course="12", **people):
        """Sub → status, all of them learners."""
        self.lists[course] = [Member(sub, status, LEARNER) for sub, status in people.items()]

    def read(self, portal, url, now):
        assert not db.session().in_transaction()
        course = url.removeprefix(f"{LISTS}/")
        self.asked.append(course)
        self.meanwhile()
        listed = self.lists[course]
        if isinstance(listed, Exception):
            raise listed
        return Roster(tuple(listed), skipped=0)


@pytest.fixture(autouse=True)
def quiet():
    """The lines of the log, at any level, whatever an installation of another test has set."""
    structlog.reset_defaults()
    with everything_logged() as lines:
        yield lines


@pytest.fixture
def portal():
    return Portal()


@pytest.fixture
def rosters(town, portal):
    """The journey, in a municipality that turned lists on."""
    town.settle(roster=True)
    return AsRequests(town.app, ReadRosters(portal))


@pytest.fixture
def come(town):
    """Somebody launches from a course, and their browser gets a session; returns whether it is there."""

    def run(sub, course="12", now=NOW, hours=24, **changes):
        visit = town.visit(sub, now, context_id=course, **{"memberships_url": f"{LISTS}/{course}", **changes})
        owner = {"tenant_id": visit.where.tenant_id, "learner_id": visit.learner_id}
        with town.app.app_context():
            session_rows.add_session(f"session of {sub}", owner, now + timedelta(hours=hours))
            return lambda: session_rows_has(town, sub, now)

    return run


def session_rows_has(town, sub, now):
    with town.app.app_context():
        return session_rows.load_session(f"session of {sub}", now) is not None


def course(town, context_id="12", tenant_id="voorbeeldstad"):
    return town.in_transaction(roster_rows.load_course, tenant_id, "leerportaal", context_id)


def listed(town, context_id="12"):
    return town.in_transaction(roster_rows.members, course(town, context_id))


def due_at(town, context_id="12"):
    return course(town, context_id).roster_due_at


# Off, and on.


def test_a_municipality_that_says_nothing_asks_no_portal_who_is_in_a_course(town, portal, come):
    come("a")
    assert town.tenant().roster is False
    assert due_at(town) is None
    assert AsRequests(town.app, ReadRosters(portal)).read_next(NOW) is False
    assert portal.asked == []


def test_a_launch_lets_the_list_of_its_course_be_read(town, portal, rosters, come):
    portal.has(a="Active", b="Active")
    come("a")
    assert due_at(town) == NOW
    assert rosters.read_next(NOW) is True
    assert portal.asked == ["12"]
    assert rosters.read_next(NOW) is False


def test_only_id_status_and_roles_are_kept(town, portal, rosters, come):
    portal.lists["12"] = [Member("a", "Active", LEARNER), Member("b", "Inactive", ("Instructor", "Mentor"))]
    come("a")
    rosters.read_next(NOW)
    assert listed(town) == {member.sub: member for member in portal.lists["12"]}
    columns = {column.name for column in CourseMemberRow.__table__.columns}
    assert columns == {"tenant_id", "portal_id", "context_id", "sub", "status", "roles"}


@pytest.mark.parametrize(
    "changes",
    [
        {"memberships_url": None},
        {"context_id": None},
        {"kind": "submission_review", "is_staff": True},
    ],
)
def test_a_launch_that_offers_no_list_plans_nothing(town, portal, rosters, changes):
    town.visit("a", **{"memberships_url": f"{LISTS}/12", **changes})
    assert rosters.read_next(NOW) is False
    assert portal.asked == []


def test_before_the_works_council_agreed_nobody_is_asked_for(town, portal, come):
    town.settle(roster=True, works_council_consent_on=None)
    come("a")
    assert due_at(town) is None


def test_once_the_campaign_is_over_the_list_is_not_read_again(town, portal, rosters, come):
    portal.has(a="Active")
    come("a", hours=24 * 400)
    rosters.read_next(NOW)
    assert due_at(town) == NOW + SIX_HOURS
    town.hold_campaign(ends_on=date(2026, 11, 23))
    assert rosters.read_next(NOW + timedelta(days=1)) is False
    assert (portal.asked, due_at(town)) == (["12"], None)


def test_a_portal_that_was_switched_off_is_not_asked(town, portal, rosters, come):
    come("a")
    found = town.in_transaction(portal_rows.find_portal_by_id, "voorbeeldstad", "leerportaal")
    town.in_transaction(portal_rows.save_portal, _off(found))
    assert rosters.read_next(NOW) is False
    assert (portal.asked, due_at(town)) == ([], None)


def _off(portal):
    return type(portal)(**{**portal.__dict__, "enabled": False})


def test_a_course_whose_newest_launch_offers_no_list_is_not_asked_for(town, portal, rosters, come):
    come("a")
    come("a", memberships_url=None)
    assert rosters.read_next(NOW) is False
    assert portal.asked == []


def test_turned_off_while_a_list_is_read_nothing_of_it_is_kept(town, portal, rosters, come):
    portal.has(a="Inactive")
    is_in = come("a")
    portal.meanwhile = lambda: town.settle(roster=False)
    assert rosters.read_next(NOW) is True
    assert listed(town) == {}
    assert is_in()


# Whose session ends.


@pytest.mark.parametrize(("status", "stays"), [("Active", True), ("Inactive", False), ("Deleted", False)])
def test_who_is_inactive_or_deleted_loses_the_session(town, portal, rosters, come, status, stays):
    portal.has(a=status, b="Active")
    one, other = come("a"), come("b")
    rosters.read_next(NOW)
    assert (one(), other()) == (stays, True)


def test_who_was_never_on_a_list_is_left_alone(town, portal, rosters, come):
    portal.has(b="Active")
    is_in = come("manager-without-a-place-in-the-course", is_staff=True)
    for hours in (0, 6, 12):
        rosters.read_next(NOW + timedelta(hours=hours))
    assert portal.asked == ["12"] * 3
    assert is_in()


def test_who_left_the_course_loses_the_session_and_whoever_stays_keeps_it(town, portal, rosters, come):
    portal.has(a="Active", b="Active")
    one, other = come("a"), come("b")
    rosters.read_next(NOW)
    portal.has(b="Active")
    assert one()
    rosters.read_next(NOW + SIX_HOURS)
    assert (one(), other()) == (False, True)
    assert set(listed(town)) == {"b"}


@pytest.mark.parametrize("gone", [{}, {"a": "Inactive"}])
def test_who_left_one_course_but_is_active_in_another_keeps_the_session(town, portal, rosters, come, gone):
    portal.has(a="Active")
    portal.has("13", a="Active")
    come("a")
    is_in = come("a", "13")
    for _ in range(2):
        rosters.read_next(NOW)
    portal.has(**gone)
    later = NOW + SIX_HOURS
    while rosters.read_next(later):
        pass
    assert is_in()
    portal.has("13")
    while rosters.read_next(later + SIX_HOURS):
        pass
    assert not is_in()


def test_a_learner_of_another_municipality_with_the_same_id_keeps_the_session(town, portal, rosters, come):
    town.settle("kleindorp", roster=True)
    town.hold_campaign(tenant_id="kleindorp")
    portal.has(a="Inactive")
    portal.has("13", b="Active")
    one = come("a")
    there = town.visit("a", tenant_id="kleindorp", context_id="13", memberships_url=f"{LISTS}/13")
    with town.app.app_context():
        owner = {"tenant_id": "kleindorp", "learner_id": there.learner_id}
        session_rows.add_session("session of another a", owner, NOW + timedelta(hours=1))
    for _ in range(2):
        rosters.read_next(NOW)
    assert not one()
    assert session_rows_has(town, "another a", NOW)


def test_a_new_launch_is_the_portals_word_that_somebody_is_there_again(town, portal, rosters, come):
    portal.has(a="Inactive")
    assert not _read(rosters, come("a"))()
    is_in = come("a", now=SOON)
    assert is_in()
    assert due_at(town) == NOW + SIX_HOURS


def _read(rosters, is_in):
    rosters.read_next(NOW)
    return is_in


def test_how_many_sessions_ended_is_logged_and_nobody_by_name(town, portal, rosters, come, quiet):
    portal.lists["12"] = [Member("somebody-of-the-portal", "Inactive", LEARNER)]
    come("somebody-of-the-portal")
    rosters.read_next(NOW)
    (line,) = quiet
    assert (line["event"], line["members"], line["sessions_ended"]) == ("roster_read", 1, 1)
    assert "somebody" not in str(line)


# When it is read.


def test_two_workers_never_read_the_same_list(town, portal, rosters, come):
    portal.has(a="Active")
    come("a")
    assert sorted(at_the_same_moment([lambda: rosters.read_next(NOW)] * 4)) == [False, False, False, True]
    assert portal.asked == ["12"]


def test_several_lists_are_read_by_several_workers_each_once(town, portal, rosters, come):
    for number in range(4):
        portal.has(str(number), a="Active")
        come("a", str(number))
    read = at_the_same_moment([lambda: rosters.read_next(NOW)] * 3)
    while rosters.read_next(NOW):
        read.append(True)
    assert sorted(portal.asked) == ["0", "1", "2", "3"]


def test_what_a_killed_worker_was_reading_is_read_by_another_a_quarter_of_an_hour_later(
    town, portal, rosters, come
):
    portal.has(a="Active")
    come("a")

    def killed():
        raise SystemExit

    portal.meanwhile = killed
    with pytest.raises(SystemExit):
        rosters.read_next(NOW)
    portal.meanwhile = lambda: None
    assert rosters.read_next(NOW + CLAIMED - timedelta(seconds=1)) is False
    assert rosters.read_next(NOW + CLAIMED) is True


def test_launches_do_not_let_it_be_read_more_often_than_every_six_hours(town, portal, rosters, come):
    portal.has(a="Active")
    come("a")
    rosters.read_next(NOW)
    come("b", now=SOON)
    assert rosters.read_next(NOW + SIX_HOURS - timedelta(seconds=1)) is False
    assert rosters.read_next(NOW + SIX_HOURS) is True


def test_when_nobody_of_the_portal_has_a_session_nothing_is_read_until_the_next_launch(
    town, portal, rosters, come
):
    portal.has(a="Active")
    come("a", hours=5)
    rosters.read_next(NOW)
    rosters.read_next(NOW + SIX_HOURS)
    assert due_at(town) is None
    tomorrow = NOW + timedelta(days=1)
    come("a", now=tomorrow)
    assert due_at(town) == tomorrow


def test_a_list_that_nobody_read_for_thirty_days_is_forgotten(town, portal, rosters, come):
    portal.has(a="Active")
    portal.has("13", a="Active")
    come("a", hours=0)
    rosters.read_next(NOW)
    come("a", "13", now=NOW + timedelta(days=2), hours=1)
    rosters.read_next(NOW + timedelta(days=2))
    assert town.in_transaction(roster_rows.forget_unread, NOW + timedelta(days=1)) == 1
    assert (set(listed(town)), set(listed(town, "13"))) == (set(), {"a"})
    assert course(town).roster_read_at is None


def test_the_worker_reads_one_list_a_round_and_forgets_old_ones(town, portal, rosters, come):
    portal.has(a="Active")
    come("a", hours=1)
    work = AsRequests(
        town.app,
        Work(Nothing(), Nothing(), Nothing(), ReadRosters(portal), Nothing(), Nothing(), figures_every_minutes=0),
    )
    assert work.round(NOW) == 0
    assert set(listed(town)) == {"a"}
    work.tidy(NOW + KEPT_UNREAD)
    assert set(listed(town)) == {"a"}
    work.tidy(NOW + KEPT_UNREAD + timedelta(seconds=1))
    assert listed(town) == {}


class Nothing:
    """Stands for the rest of the worker's work."""

    def everything_due(self, now):
        return 0

    def erase_next(self, now):
        return False

    def refresh(self):
        """Look for keys."""


# What goes wrong.


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        (RosterUnread("portal_unreachable"), timedelta(hours=1)),
        (RosterUnread("portal_busy", timedelta(minutes=5)), timedelta(minutes=5)),
        (RosterUnread("portal_busy", timedelta(0)), timedelta(minutes=1)),
        (RosterUnread("roster_gone", timedelta(hours=1)), None),
    ],
)
def test_a_list_that_cannot_be_read_is_tried_again_later_and_the_old_one_stays(
    town, portal, rosters, come, failure, wait
):
    portal.has(a="Active")
    is_in = come("a")
    rosters.read_next(NOW)
    portal.lists["12"] = failure
    later = NOW + SIX_HOURS
    assert rosters.read_next(later) is True
    found = course(town)
    assert found.roster_failure == failure.reason
    assert found.roster_due_at == (later + wait if wait else None)
    assert found.roster_read_at == NOW
    assert set(listed(town)) == {"a"}
    assert is_in()


def test_a_list_that_fails_is_left_when_nobody_of_the_portal_is_here(town, portal, rosters, come):
    portal.lists["12"] = RosterUnread("portal_unreachable")
    come("a", hours=1)
    rosters.read_next(NOW + timedelta(hours=2))
    assert due_at(town) is None


def test_a_reading_that_goes_well_ends_the_failure(town, portal, rosters, come):
    portal.lists["12"] = RosterUnread("portal_busy")
    come("a")
    rosters.read_next(NOW)
    portal.has(a="Active")
    rosters.read_next(NOW + timedelta(hours=1))
    assert course(town).roster_failure is None


def test_an_administrator_sees_how_it_goes_with_each_list_and_trouble_first(town, portal, rosters, come, quiet):
    portal.has(a="Active")
    portal.lists["13"] = RosterUnread("roster_not_allowed")
    for context_id in ("12", "13", "14"):
        come("a", context_id)
    come("a", "15", memberships_url=None)
    for _ in range(2):
        rosters.read_next(NOW)
    bad, unoffered, good, waiting = rosters.states("voorbeeldstad")
    assert (good.portal_id, good.context_id, good.read_at, good.planned) == ("leerportaal", "12", NOW, True)
    assert (good.failure, good.remedy) == ("", None)
    assert (bad.failure, bad.planned) == ("roster_not_allowed", True)
    assert "wie er in deze cursus zit" in bad.remedy.nl
    assert (unoffered.context_id, unoffered.failure, unoffered.planned) == ("15", "not_offered", False)
    assert (waiting.read_at, waiting.planned) == (None, True)
    assert [line["reason"] for line in quiet if "reason" in line] == ["roster_not_allowed"]


def test_the_state_of_a_list_is_the_same_whoever_is_on_it(town, portal, rosters, come):
    seen = []
    for people in ({}, {"a": "Active"}, {f"person-{n}": "Active" for n in range(27)}):
        portal.has(**people)
        come("a")
        town.in_transaction(roster_rows.plan_reading, course(town), NOW)
        rosters.read_next(NOW)
        town.in_transaction(roster_rows.plan_reading, course(town), None)
        seen.append(rosters.states("voorbeeldstad"))
    assert seen[0] == seen[1] == seen[2]


def test_an_operator_sees_the_lists_of_every_municipality_that_wants_them(town, portal, rosters, come):
    town.settle("molenwaard", roster=True)
    town.settle("waterland")
    for tenant_id in ("molenwaard", "waterland"):
        town.hold_campaign(tenant_id=tenant_id)
    come("a")
    come("b", tenant_id="molenwaard")
    come("c", tenant_id="waterland")
    assert [state.tenant_id for state in rosters.states(None)] == ["molenwaard", "voorbeeldstad"]
    assert [state.tenant_id for state in rosters.states("molenwaard")] == ["molenwaard"]
    assert rosters.states("waterland") == ()


# How large the group is.


def crowd(count, status="Active", roles=LEARNER, first=0):
    return [Member(f"m{number}", status, roles) for number in range(first, first + count)]


def size(town, campaign="standaard"):
    found = town.reports.group_page("voorbeeldstad", campaign, "nl", NOW).size
    return (found.people, found.counted_at) if found else None


@pytest.mark.parametrize(("count", "seen"), [(9, None), (10, 10), (47, 40)])
def test_the_size_of_a_group_is_shown_in_tens_from_ten_people_on(town, portal, rosters, come, count, seen):
    portal.lists["12"] = [
        *crowd(count),
        *crowd(12, status="Inactive", first=100),
        *crowd(12, roles=STAFF, first=200),
        *crowd(12, roles=("Administrator", "Learner"), first=300),
    ]
    come("m0")
    assert size(town) is None
    rosters.read_next(NOW)
    assert size(town) == ((seen, NOW) if seen else None)


def test_who_is_in_two_courses_of_a_campaign_counts_once(town, portal, rosters, come):
    portal.lists |= {"12": crowd(25), "13": crowd(25, first=10)}
    for context_id in ("12", "13"):
        come("m0", context_id)
        rosters.read_next(NOW)
    assert size(town) == (30, NOW)


def test_a_few_who_come_or_go_do_not_change_the_size_that_is_shown(town, portal, rosters, come):
    come("m0", hours=100)
    shown = []
    for hours, count in ((0, 45), (6, 52), (12, 54), (18, 55), (24, 46), (30, 45), (36, 9)):
        portal.lists["12"] = crowd(count)
        rosters.read_next(NOW + timedelta(hours=hours))
        shown.append(size(town) and size(town)[0])
    assert shown == [40, 40, 40, 50, 50, 40, None]


def test_an_individual_campaign_shows_no_size_either(town, portal, rosters, come):
    town.hold_campaign(purpose="individual")
    portal.lists["12"] = crowd(40)
    come("m0")
    rosters.read_next(NOW)
    assert size(town) is None


def test_wiping_leaves_nobody_no_size_and_no_plan(town, portal, rosters, come):
    portal.lists["12"] = crowd(40)
    come("m0")
    rosters.read_next(NOW)
    town.in_transaction(roster_rows.wipe, "somewhere-else")
    assert town.count("course_member") == 40
    town.in_transaction(roster_rows.wipe, "voorbeeldstad")
    assert (town.count("course_member"), town.count("group_size")) == (0, 0)
    found = course(town)
    assert (found.roster_due_at, found.roster_read_at, found.roster_failure) == (None, None, None)


def test_a_large_list_is_written_again_only_where_it_changed(town, portal, rosters, come):
    portal.lists["12"] = crowd(3000)
    come("m0", hours=100)
    rosters.read_next(NOW)
    portal.lists["12"] = [*crowd(2999), Member("m2999", "Inactive", LEARNER)]
    with town.counting_queries() as queries:
        rosters.read_next(NOW + SIX_HOURS)
    written = [query for query in queries if "course_member" in query and not query.startswith("SELECT")]
    assert len(written) == 2
    assert listed(town)["m2999"].status == "Inactive"


def test_a_claim_is_far_longer_than_a_reading_may_take():
    assert 2 * timedelta(seconds=MAX_SECONDS) < CLAIMED
