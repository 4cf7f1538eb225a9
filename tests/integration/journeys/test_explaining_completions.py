"""Why 'klaar' did or did not arrive: what an administrator may know, and what a learner sees of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.domain.errors import ParticipationGone, PortalUnknown, TenantUnknown
from lti_tool.domain.people import Where
from lti_tool.lti.scores import Outcome
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage.database import connection
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.explain_completions import ExplainCompletions, OwnCompletion
from lti_tool.use_cases.lrs_access import LrsAccess
from tests.integration.journeys.town import ISSUER, AsRequests, Town
from xapi.credentials import RIGHTS
from xapi.outbox import outbox, outbox_lease

MORNING = datetime(2025, 3, 3, 9, 20, tzinfo=UTC)
HEARD = datetime(2025, 3, 3, 11, tzinfo=UTC)
"""When the portal hears of somebody who came and was done in the morning."""
TENANT, PORTAL = "voorbeeldstad", "leerportaal"
NO_LRS = LrsAccess("http://127.0.0.1:9/xapi", dict.fromkeys(RIGHTS, "a-secret-of-sixteen"))


class Portal:
    """Answers every 'klaar' in the same way, or each person in their own."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = outcomes or (Outcome("sent", "taken"),)
        self.told: list[str] = []

    def send_completion(
        self, portal: Any, line_item: str, sub: str, timestamp: datetime, now: datetime
    ) -> Outcome:
        self.told.append(sub)
        return self._outcomes[len(self.told) % len(self._outcomes)]


@pytest.fixture
def town(app: Any, small_content: Any) -> Town:
    """Voorbeeldstad in 2025, with a Moodle."""
    town = Town(app, small_content, completions_at_once=False)
    town.settle()
    town.hold_campaign(starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    town.in_transaction(make_moodle)
    return town


def make_moodle() -> None:
    portal = portal_rows.find_portal_by_id(TENANT, PORTAL)
    assert portal is not None
    portal_rows.save_portal(replace(portal, product="moodle"))


@pytest.fixture
def explain(town: Town) -> Any:
    return AsRequests(town.app, ExplainCompletions())


def are_done(town: Town, number: int, now: datetime = MORNING, prefix: str = "somebody") -> list[Where]:
    """So many people are done, all at this moment."""
    places = []
    for n in range(number):
        where = town.arrive(f"{prefix}-{n}", now)
        town.assessment.skip(where, now)
        places.append(where)
    return places


def deliver(town: Town, portal: Portal) -> None:
    AsRequests(town.app, Deliver(NO_LRS, portal)).everything_due(datetime.now(UTC))  # type: ignore[arg-type]


def standing(explain: Any, now: datetime, language: str = "nl") -> Any:
    (portal,) = explain.page(TENANT, language, now).portals
    return portal


# --- what waits -------------------------------------------------------------------------------------


def test_ten_people_who_wait_are_told_by_their_whole_hour(town: Town, explain: Any) -> None:
    are_done(town, 10)
    assert standing(explain, HEARD - timedelta(minutes=30)).hours == (HEARD,)


def test_nine_people_who_wait_look_like_nobody(town: Town, explain: Any) -> None:
    moments = [HEARD - timedelta(minutes=30), HEARD + timedelta(days=1)]
    nobody = [standing(explain, now) for now in moments]
    are_done(town, 9)
    assert [replace(standing(explain, now), courses_possible=0) for now in moments] == nobody


def test_one_person_with_ten_activities_is_one_person(town: Town, explain: Any) -> None:
    (where,) = are_done(town, 1)
    for number in range(20):
        town.visit("somebody-0", MORNING, line_item_url=f"{ISSUER}/lineitems/{number}")
    assert len(town.outbox("completion", "")) == 21
    assert standing(explain, HEARD - timedelta(minutes=30)).hours == ()
    assert not standing(explain, HEARD + timedelta(days=1)).is_due
    assert where.tenant_id == TENANT


def test_within_an_hour_nothing_changes_so_nobody_can_be_watched(town: Town, explain: Any) -> None:
    are_done(town, 9)
    just_before, hour = HEARD - timedelta(seconds=90), HEARD - timedelta(hours=1)
    are_done(town, 1, hour + timedelta(minutes=1), prefix="the tenth")
    assert standing(explain, hour + timedelta(minutes=2)).hours == ()
    assert standing(explain, just_before).hours == ()
    assert standing(explain, HEARD).is_due is False


def test_when_it_is_the_turn_of_ten_people_and_nothing_arrives_the_page_says_why(town: Town, explain: Any) -> None:
    are_done(town, 10)
    deliver(town, Portal(Outcome("blocked", "token_refused", timedelta(minutes=30))))
    now = datetime.now(UTC)
    found = standing(explain, now)
    assert found.is_due
    assert now < found.held_until <= now + timedelta(minutes=30)
    assert found.held.reason == "token_refused"
    assert found.held.remedy.startswith("Activeer de tool in Moodle")
    assert standing(explain, now, "en").held.remedy.startswith("Activate the tool in Moodle")


def test_a_portal_that_is_away_for_a_moment_needs_nobody(town: Town, explain: Any) -> None:
    are_done(town, 10)
    deliver(town, Portal(Outcome("retry", "portal_unreachable", timedelta(minutes=30))))
    found = standing(explain, datetime.now(UTC))
    assert (found.is_due, found.held) == (True, None)
    assert found.held_until is not None


def test_when_fewer_than_ten_wait_a_refusal_of_the_portal_is_not_told(town: Town, explain: Any) -> None:
    """That there is one would tell that somebody is done."""
    are_done(town, 9)
    deliver(town, Portal(Outcome("blocked", "token_refused", timedelta(minutes=30))))
    found = standing(explain, datetime.now(UTC))
    assert (found.is_due, found.held_until, found.held) == (False, None, None)


# --- what was given up ------------------------------------------------------------------------------


def test_a_reason_is_told_when_it_holds_for_ten_people(town: Town, explain: Any) -> None:
    are_done(town, 10)
    deliver(town, Portal(Outcome("dead", "learner_cannot_be_graded")))
    found = standing(explain, datetime.now(UTC))
    assert [said.reason for said in found.given_up] == ["learner_cannot_be_graded"]
    assert "Deelnemers" in found.given_up[0].remedy
    assert not found.given_up_for_several


def test_a_reason_of_fewer_is_not_told_but_that_there_are_ten_is(town: Town, explain: Any) -> None:
    are_done(town, 18)
    deliver(town, Portal(Outcome("dead", "line_item_gone"), Outcome("dead", "score_refused")))
    found = standing(explain, datetime.now(UTC))
    assert (found.given_up, found.given_up_for_several) == ((), True)


def test_nine_given_up_look_like_none(town: Town, explain: Any) -> None:
    are_done(town, 9)
    deliver(town, Portal(Outcome("dead", "line_item_gone")))
    found = standing(explain, datetime.now(UTC))
    assert (found.given_up, found.given_up_for_several) == ((), False)


def test_who_was_removed_does_not_count(town: Town, explain: Any) -> None:
    for where in are_done(town, 12):
        town.in_transaction(participation_rows.remove_participation, where)
    deliver(town, Portal())
    found = standing(explain, datetime.now(UTC))
    assert (found.given_up, found.given_up_for_several) == ((), False)


def test_trying_again_sends_what_was_given_up_and_is_written_down_without_a_number(
    town: Town, explain: Any
) -> None:
    are_done(town, 3)
    deliver(town, Portal(Outcome("dead", "line_item_gone")))
    explain.try_again(TENANT, PORTAL, "beheerder", MORNING)
    portal = Portal()
    deliver(town, portal)
    assert len(portal.told) == 3
    assert {row["state"] for row in town.outbox("completion", "")} == {"sent"}
    written = town.in_transaction(audit_rows.audit_rows, TENANT)
    assert [row[1:] for row in written] == [("beheerder", "completions tried again", f"portal {PORTAL}")]


def test_trying_again_does_not_wait_for_the_end_of_a_pause(town: Town, explain: Any) -> None:
    are_done(town, 1)
    deliver(town, Portal(Outcome("blocked", "token_refused", timedelta(hours=1))))
    explain.try_again(TENANT, PORTAL, "beheerder", MORNING)
    portal = Portal()
    deliver(town, portal)
    assert portal.told == ["somebody-0"]


def test_trying_again_leaves_statements_and_other_portals_alone(town: Town, explain: Any) -> None:
    town.settle("waterland")
    are_done(town, 2)
    deliver(town, Portal(Outcome("dead", "line_item_gone")))
    with pytest.raises(PortalUnknown):
        explain.try_again("waterland", "another", "beheerder", MORNING)
    explain.try_again("waterland", PORTAL, "beheerder", MORNING)
    assert {row["state"] for row in town.outbox("completion", "")} == {"dead"}


def test_a_municipality_that_is_none_has_no_page(explain: Any) -> None:
    with pytest.raises(TenantUnknown):
        explain.page("waterland", "nl", MORNING)


# --- courses ----------------------------------------------------------------------------------------


def test_each_course_says_whether_it_has_a_place_for_klaar(town: Town, explain: Any) -> None:
    town.visit("a", MORNING, context_id="12")
    town.visit("a", MORNING, context_id="13", line_item_url=None)
    town.visit("a", MORNING, context_id="14", marks="not_allowed")
    found = standing(explain, MORNING)
    assert (found.courses_possible, found.no_place, found.no_right) == (1, ("13",), ("14",))
    assert "‘Privacy’" in found.how_to_make_a_place
    assert "‘Services’" in found.how_to_give_the_right
    assert "Verbergen" in found.hide_grade
    assert found.kind == "Moodle"


def test_for_a_portal_of_an_unknown_kind_the_advice_is_a_general_one(town: Town, explain: Any) -> None:
    town.settle()
    town.visit("a", MORNING, context_id="13", line_item_url=None)
    found = standing(explain, MORNING)
    assert (found.kind, found.hide_grade) == ("", "")
    assert found.how_to_make_a_place == "Geef het onderdeel in het leerportaal een cijfer van 1 punt."


# --- whatever happens, fewer than ten people cannot be seen -----------------------------------------


def test_the_page_of_nine_people_is_the_page_of_nobody_whatever_happens_to_them(town: Town, explain: Any) -> None:
    fates = st.sampled_from(
        [
            None,
            Outcome("sent", "taken"),
            Outcome("dead", "line_item_gone"),
            Outcome("dead", "learner_cannot_be_graded"),
            Outcome("doubtful", "portal_failed"),
            Outcome("retry", "portal_busy"),
            Outcome("blocked", "token_refused", timedelta(minutes=30)),
        ]
    )
    nobody = {later: standing(explain, MORNING + timedelta(hours=later)) for later in range(0, 60, 7)}

    @settings(max_examples=10)
    @given(st.lists(st.tuples(st.integers(0, 200), fates), min_size=1, max_size=9))
    def whatever_happens(people: list[tuple[int, Outcome | None]]) -> None:
        town.in_transaction(forget_completions)
        for number, (minutes, fate) in enumerate(people):
            now = MORNING + timedelta(minutes=minutes)
            town.enter.choose_language(town.visit(f"p-{number}", MORNING).where, "nl")
            where = town.visit(f"p-{number}", MORNING).where
            town.rename(where, done_at=None, skipped_at=None)
            town.assessment.skip(where, now)
            if fate is not None:
                deliver(town, Portal(fate))
        for later, page in nobody.items():
            found = standing(explain, MORNING + timedelta(hours=later))
            assert replace(found, courses_possible=0) == page

    whatever_happens()


def forget_completions() -> None:
    connection().execute(outbox.delete())
    connection().execute(outbox_lease.delete())


# --- a learner, about themselves --------------------------------------------------------------------


def test_who_is_not_done_has_nothing_to_know(town: Town, explain: Any) -> None:
    assert explain.own(town.arrive("a", MORNING), MORNING) is None


def test_who_is_done_sees_the_hour_and_later_that_it_is_known(town: Town, explain: Any) -> None:
    (where,) = are_done(town, 1)
    assert explain.own(where, MORNING) == OwnCompletion("hour", HEARD)
    assert explain.own(where, HEARD) == OwnCompletion("soon")
    deliver(town, Portal())
    assert explain.own(where, HEARD) == OwnCompletion("known")


def test_what_was_given_up_is_told_to_the_learner_without_a_reason(town: Town, explain: Any) -> None:
    (where,) = are_done(town, 1)
    deliver(town, Portal(Outcome("dead", "learner_cannot_be_graded")))
    assert explain.own(where, HEARD) == OwnCompletion("not_taken")


def test_where_the_course_has_no_place_a_learner_sees_that(town: Town, explain: Any) -> None:
    where = town.arrive("a", MORNING, line_item_url=None)
    town.assessment.skip(where, MORNING)
    assert explain.own(where, MORNING) == OwnCompletion("impossible")


def test_of_a_place_that_was_never_told_nothing_is_said(town: Town, explain: Any) -> None:
    (where,) = are_done(town, 1)
    town.in_transaction(forget_completions)
    assert explain.own(where, MORNING) is None


def test_staff_who_look_around_are_told_nothing(town: Town, explain: Any) -> None:
    visit = town.visit("teacher", MORNING, is_staff=True)
    town.enter.acknowledge(visit.where, MORNING)
    town.assessment.skip(visit.where, MORNING)
    assert explain.own(visit.where, MORNING) is None


def test_one_learner_cannot_ask_about_another_campaign(town: Town, explain: Any) -> None:
    (where,) = are_done(town, 1)
    with pytest.raises(ParticipationGone):
        explain.own(replace(where, campaign_id="elders"), MORNING)
