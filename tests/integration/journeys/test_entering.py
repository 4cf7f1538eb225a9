"""From the portal's launch to the start page, on a real database."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from lti_tool.domain.errors import (
    CampaignNotOpen,
    NotForLearners,
    ParticipationGone,
    RefusalUnknown,
    TeamUnknown,
)
from lti_tool.domain.people import Where
from lti_tool.lti.errors import LAUNCH_REASONS, LaunchRefused, PortalUnavailable
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import courses as course_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import DatabaseBusy
from lti_tool.use_cases.operate import Operate
from tests.factories import NOW, make_campaign
from tests.integration.journeys.town import (
    ISSUER,
    LINE_ITEM,
    AsRequests,
    Town,
    at_the_same_moment,
    dont_know,
    launch,
    right,
)
from tests.logged import everything_logged

LATER = NOW + timedelta(days=40)


def participation(town, where):
    return town.in_transaction(participation_rows.load_participation, where)


def test_a_first_visit_leads_to_the_start_page_and_writes_no_statement(town):
    visit = town.visit()
    assert (visit.staff, visit.language, visit.next_page) == (False, "nl", "start")
    assert visit.portal_origins == (ISSUER,)
    assert visit.where.campaign_id == "standaard"
    assert town.count("outbox") == 0


def test_a_second_visit_finds_the_same_participation(town):
    assert town.visit("a").where == town.visit("a", LATER).where
    assert town.count("learner") == town.count("participation") == 1


def test_two_people_have_two_participations_with_pseudonyms_of_their_own(town):
    one, other = town.arrive("a"), town.arrive("b")
    assert one != other
    names = {statement["actor"]["account"]["name"] for statement in town.statements()}
    assert len(names) == 2


def test_nothing_of_a_person_but_the_portals_id_is_kept(town):
    town.visit("a")
    rows = town.in_transaction(participation_rows.learner_sub, "voorbeeldstad", only_learner(town))
    assert rows == ("leerportaal", "a")


def only_learner(town):
    return participation(town, town.visit("a").where).learner_id


def test_the_same_id_at_two_municipalities_is_two_people(town):
    town.settle("kleindorp")
    town.hold_campaign(tenant_id="kleindorp")
    here, there = town.visit("a").where, town.visit("a", tenant_id="kleindorp").where
    assert here.participation_id != there.participation_id
    with pytest.raises(ParticipationGone):
        town.enter.start_page(replace(here, tenant_id="kleindorp"), NOW)


def test_two_windows_opened_at_the_same_moment_are_one_participation(town):
    visits = at_the_same_moment([lambda: town.visit("a")] * 2)
    assert visits[0] == visits[1]
    assert town.count("learner") == town.count("participation") == 1


def test_staff_come_to_the_staff_page_and_stay_apart_from_what_they_do_as_a_learner(town):
    as_learner = town.visit("teacher")
    as_staff = town.visit("teacher", is_staff=True)
    assert (as_staff.staff, as_staff.next_page) == (True, "staff")
    assert as_staff.where != as_learner.where
    assert participation(town, as_staff.where).preview
    assert participation(town, as_staff.where).line_item_url is None
    assert participation(town, as_learner.where).line_item_url == LINE_ITEM


def test_a_team_that_the_launch_names_is_kept_when_it_is_on_the_list(town):
    assert participation(town, town.visit("a", custom={"team": "Wmo"}).where).team == "Wmo"
    assert participation(town, town.visit("b", custom={"team": "Raad"}).where).team is None


def test_a_team_that_somebody_chose_is_not_overwritten_by_a_later_launch(town):
    where = town.visit("a", custom={"team": "Wmo"}).where
    town.enter.choose_team(where, "Vergunningen")
    town.visit("a", LATER, custom={"team": "Wmo"})
    assert participation(town, where).team == "Vergunningen"


def test_a_launch_may_name_a_campaign(town):
    town.hold_campaign(id="sharepoint", name="SharePoint")
    assert town.visit("a", custom={"campaign": "sharepoint"}).where.campaign_id == "sharepoint"


def test_a_launch_that_names_an_unknown_campaign_leaves_nothing_behind(town):
    with pytest.raises(LaunchRefused, match="campaign_unknown"):
        town.visit("a", custom={"campaign": "gone"})
    assert town.count("learner") == 0


def test_of_a_launch_that_names_an_unknown_campaign_the_helpdesk_gets_a_code(app, small_content, town):
    door = Door(said={"custom": {"campaign": "gone"}})
    with pytest.raises(LaunchRefused) as caught:
        Town(app, small_content, door=door).enter.finish_login({}, "proof", NOW)
    found = AsRequests(app, Operate(None)).refused_launch(caught.value.reference)
    assert (found.portal_id, found.reason_code) == ("leerportaal", "campaign_unknown")


def test_a_municipality_without_a_default_campaign_cannot_be_entered_plainly(town):
    town.settle("kleindorp")
    with pytest.raises(LaunchRefused, match="campaign_unknown"):
        town.visit("a", tenant_id="kleindorp")


def test_after_its_last_day_the_next_default_campaign_opens_by_itself(town):
    before = town.visit("a").where
    next_year = datetime(2027, 11, 5, 9, tzinfo=UTC)
    after = town.visit("a", next_year).where
    assert (before.campaign_id, after.campaign_id) == ("standaard", "standaard-2")
    opened = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard-2")
    assert (opened.starts_on, opened.goal) == (date(2027, 11, 5), make_campaign().goal)
    assert town.visit("b", next_year).where.campaign_id == "standaard-2"


def test_two_first_visitors_of_the_next_campaign_open_it_once(town):
    next_year = datetime(2027, 11, 5, 9, tzinfo=UTC)
    visits = at_the_same_moment([lambda: town.visit("a", next_year), lambda: town.visit("b", next_year)])
    assert [visit.where.campaign_id for visit in visits] == ["standaard-2", "standaard-2"]
    assert town.count("campaign") == 2


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("nl-NL", "nl"), ("de", "nl"), (None, "nl")])
def test_the_portals_language_is_followed_where_there_is_one(town, locale, language):
    visit = town.visit("a", locale=locale)
    assert visit.language == language
    assert participation(town, visit.where).language == language


def test_a_language_that_somebody_chose_stays_at_the_next_visit(town):
    where = town.visit("a").where
    town.enter.choose_language(where, "en")
    assert town.visit("a", LATER, locale="nl").language == "en"
    assert town.enter.start_page(where, NOW).lines[0].startswith("This is not an exam.")


def test_an_unknown_language_is_dutch(town):
    where = town.visit("a", locale="en").where
    town.enter.choose_language(where, "fr")
    assert participation(town, where).language == "nl"


@pytest.mark.parametrize(
    ("custom", "next_page"),
    [({}, "start"), ({"activity": "assessment"}, "start"), ({"activity": "M-OPE-001"}, "learning")],
)
def test_the_launch_says_which_page_it_is_for(town, custom, next_page):
    visit = town.visit("a", custom=custom)
    assert (visit.next_page, visit.activity) == (next_page, custom.get("activity", "assessment"))


def test_the_newest_line_item_is_the_one_that_hears_klaar(town):
    where = town.visit("a").where
    town.visit("a", LATER, line_item_url=f"{ISSUER}/lineitems/8")
    town.visit("a", LATER, line_item_url=None)
    assert participation(town, where).line_item_url == f"{ISSUER}/lineitems/8"


def test_who_was_done_before_the_course_had_a_line_item_is_told_as_klaar_after_all(town):
    town.assessment.skip(town.arrive("a", line_item_url=None), NOW)
    assert town.outbox("completion", "") == []
    town.visit("a", LATER)
    (told,) = town.outbox("completion", "")
    assert told["created_at"] == LATER


def test_a_new_place_in_the_portal_is_told_too_and_each_place_once(town):
    town.assessment.skip(town.arrive("a"), NOW)
    for number in (8, 7, 8):
        town.visit("a", LATER, line_item_url=f"{ISSUER}/lineitems/{number}?type_id=3")
    told = [json.loads(row["body"])["line_item"] for row in town.outbox("completion", "")]
    assert told == [LINE_ITEM, f"{ISSUER}/lineitems/8?type_id=3"]


def test_outside_the_demo_claims_are_not_kept(app, small_content, town):
    quiet = Town(app, small_content, keep_claims=False)
    quiet.visit("a")
    assert town.count("inspection") == 0
    town.visit("a")
    assert town.count("inspection") == 1


class Door:
    """The protocol as far as entering needs it; the real one is tested in tests/unit/lti."""

    def __init__(self, *, refused=None, said=None):
        self.refused = refused
        self.said = said or {}

    def begin(self, params, browser_proof, now):
        return f"{ISSUER}/auth?login_hint={params['login_hint']}"

    def proof_at_portal(self, form, now):
        return portal_rows.find_portal_by_id("voorbeeldstad", "leerportaal").jwks and form["state"]

    def finish(self, form, browser_proof, now, transaction, welcome, *, kept_proof):
        with transaction():
            portal_rows.save_jwks("voorbeeldstad", "leerportaal", portal_rows.CachedJwks("taken", now))
            if not self.refused:
                return welcome(launch("a", **self.said))
        raise self.refused


def refused_by(app, small_content):
    """Somebody enters by a door that refuses them."""
    return Town(app, small_content, door=Door(refused=LaunchRefused("state_unknown"))).enter


def test_a_login_begins_with_the_address_at_the_portal(app, small_content):
    assert Town(app, small_content, door=Door()).enter.begin_login({"login_hint": "7"}, "proof", NOW) == (
        f"{ISSUER}/auth?login_hint=7"
    )


def test_a_verified_launch_is_remembered_in_the_same_transaction(app, small_content, town):
    visit = Town(app, small_content, door=Door()).enter.finish_login({}, "proof", NOW)
    assert town.in_transaction(portal_rows.find_portal_by_id, "voorbeeldstad", "leerportaal").jwks.body == "taken"
    assert visit.where == town.visit("a").where


def test_what_the_door_keeps_of_a_visit_is_kept_with_it_or_not_at_all(app, small_content, town):
    def fail(visit):
        raise DatabaseBusy

    kept = []
    with pytest.raises(DatabaseBusy):
        Town(app, small_content, door=Door()).enter.finish_login({}, "proof", NOW, fail)
    assert town.count("learner") == 0
    visit = Town(app, small_content, door=Door()).enter.finish_login({}, "proof", NOW, kept.append)
    assert kept == [visit]
    assert town.count("learner") == 1


def test_where_a_proof_is_kept_is_looked_up_in_the_database(app, small_content, town):
    enter = Town(app, small_content, door=Door()).enter
    assert enter.proof_at_portal({"state": "s"}, NOW) is None
    enter.finish_login({}, "proof", NOW, kept_proof=True)
    assert enter.proof_at_portal({"state": "s"}, NOW) == "s"


def test_a_refused_launch_has_used_up_its_login_and_remembers_nobody(app, small_content, town):
    with pytest.raises(LaunchRefused):
        refused_by(app, small_content).finish_login({}, "proof", NOW)
    assert town.in_transaction(portal_rows.find_portal_by_id, "voorbeeldstad", "leerportaal").jwks.body == "taken"
    assert town.count("learner") == 0


def test_a_refusal_is_in_the_log_and_the_audit_under_the_code_of_the_helpdesk(app, small_content, town):
    refused = LaunchRefused("signature_wrong", "for the log")
    refused.tenant_id, refused.portal_id = "voorbeeldstad", "leerportaal"
    with everything_logged() as logged, pytest.raises(LaunchRefused) as caught:
        Town(app, small_content, door=Door(refused=refused)).enter.finish_login({}, "proof", NOW)
    reference = caught.value.reference
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", reference)
    ((at, who, what, detail),) = town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
    assert (at, who, what) == (NOW, "leerportaal", "launch refused")
    assert detail == f"{reference} signature_wrong for the log"
    (entry,) = logged
    assert (entry["event"], entry["reason"], entry["reference"]) == (
        "launch_refused",
        "signature_wrong",
        reference,
    )


def test_a_launch_without_a_cookie_is_noted_too(town):
    reference = town.enter.refuse_without_cookie(NOW)
    assert AsRequests(town.app, Operate(None)).refused_launch(reference).reason_code == "browser_proof_missing"


def test_a_portal_that_does_not_answer_is_noted_too(app, small_content, town):
    away = PortalUnavailable("portal_unreachable", "leren.example: ConnectTimeout")
    with pytest.raises(PortalUnavailable) as caught:
        Town(app, small_content, door=Door(refused=away)).enter.finish_login({}, "proof", NOW)
    found = AsRequests(app, Operate(None)).refused_launch(caught.value.reference)
    assert (found.reason_code, found.detail) == ("portal_unreachable", "leren.example: ConnectTimeout")


def test_the_helpdesk_finds_a_refusal_by_its_code_and_old_ones_are_forgotten(app, small_content, town):
    with pytest.raises(LaunchRefused) as caught:
        refused_by(app, small_content).finish_login({}, "proof", NOW)
    found = AsRequests(app, Operate(None)).refused_launch(caught.value.reference.lower())
    assert (found.at, found.tenant_id, found.reason_code, found.detail) == (NOW, "", "state_unknown", "")
    assert found.meaning == LAUNCH_REASONS["state_unknown"]
    assert town.in_transaction(audit_rows.forget_old_refusals, NOW) == 0
    assert town.in_transaction(audit_rows.forget_old_refusals, LATER) == 1
    with pytest.raises(RefusalUnknown):
        AsRequests(app, Operate(None)).refused_launch(caught.value.reference)


def test_a_refusal_stands_while_the_database_is_away(app, small_content, town, monkeypatch):
    def busy(*_):
        raise DatabaseBusy

    monkeypatch.setattr(audit_rows, "write_audit", busy)
    with pytest.raises(LaunchRefused):
        refused_by(app, small_content).finish_login({}, "proof", NOW)


@pytest.mark.parametrize(
    ("kind", "staff", "page"),
    [("deep_linking", True, "choose"), ("submission_review", False, "review"), ("visit", True, "staff")],
)
def test_each_kind_of_launch_leads_to_its_own_page(town, kind, staff, page):
    assert town.visit("a", kind=kind, is_staff=staff).next_page == page


def test_a_course_is_remembered_with_what_its_portal_offers_there(town):
    memberships = f"{ISSUER}/memberships"
    town.visit("a", memberships_url=memberships)
    town.visit("b", line_item_url=None, context_id="13")
    town.visit("c", context_id=None)
    first, second = town.in_transaction(course_rows.courses, "voorbeeldstad")
    assert (first.context_id, first.marks, first.memberships_url) == ("12", "possible", memberships)
    assert (second.context_id, second.marks, second.campaign_id) == ("13", "no_line_item", "standaard")
    town.visit("a", marks="not_allowed")
    first, _ = town.in_transaction(course_rows.courses, "voorbeeldstad")
    assert (first.marks, first.memberships_url) == ("not_allowed", None)


def test_without_the_right_to_send_marks_no_line_item_is_kept(town):
    where = town.visit("a", marks="not_allowed").where
    assert participation(town, where).line_item_url is None


def test_two_first_visitors_of_a_course_at_the_same_moment_both_come_in(town):
    subs = [f"learner-{number}" for number in range(8)]
    for sub in subs:
        town.visit(sub, context_id=None)
    visits = at_the_same_moment([partial(town.visit, sub, context_id="new") for sub in subs])
    assert len({visit.where for visit in visits}) == len(subs)
    assert [course.context_id for course in town.in_transaction(course_rows.courses, "voorbeeldstad")] == ["new"]


def test_the_start_page_is_made_from_the_settings(town):
    page = town.enter.start_page(town.visit("a").where, NOW)
    assert (page.tenant, page.openness, page.state) == ("Gemeente Voorbeeldstad", "open", "new")
    assert page.goal == make_campaign().goal
    assert len(page.lines) == 5
    assert page.teams == ("Balie en klantcontact", "Wmo", "Vergunningen")
    assert (page.team, page.mode_line) == (None, "Meedoen mag. Het hoeft niet.")
    assert page.helpers.startswith("Digihelden")
    assert page.privacy == "fg@voorbeeldstad.example"
    assert [table.caption for table in page.tables] == [
        "Wat bewaren we?",
        "Wie ziet wat?",
        "Hoe lang bewaren we het?",
        "Als je je gegevens wist",
    ]


def state(town, where, now=NOW):
    return town.enter.start_page(where, now).state


def test_the_start_page_knows_how_far_somebody_is(town):
    where = town.arrive()
    assert state(town, where) == "new"
    town.assessment.begin(where, NOW)
    assert state(town, where) == "running"
    town.answer_all(where, right)
    assert state(town, where) == "finished"
    town.hold_campaign(post_from=LATER)
    assert state(town, where) == "finished"
    assert state(town, where, LATER) == "again"


def test_the_start_page_says_when_somebody_skipped(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    assert state(town, where) == "skipped"
    town.assessment.undo_skip(where, NOW)
    assert state(town, where) == "new"


def test_who_skipped_half_way_and_finished_after_all_has_finished(town):
    where = town.begin()
    town.assessment.skip(where, NOW)
    assert state(town, where) == "running"
    town.answer_all(where, dont_know)
    assert state(town, where) == "finished"


@pytest.mark.parametrize(
    ("tenant", "now", "openness"),
    [
        ({}, NOW, "open"),
        ({"works_council_consent_on": None}, NOW, "not_yet_open"),
        ({}, datetime(2028, 1, 1, tzinfo=UTC), "over"),
    ],
)
def test_the_start_page_says_whether_the_campaign_is_open(town, tenant, now, openness):
    town.settle(**tenant)
    where = town.visit("a").where
    assert town.enter.start_page(where, now).openness == openness


def test_reading_the_start_page_is_told_once(town):
    where = town.visit("a").where
    town.enter.acknowledge(where, NOW)
    town.enter.acknowledge(where, LATER)
    assert town.verbs() == ["registered", "acknowledge"]
    assert participation(town, where).acknowledged_at == NOW


def test_two_clicks_at_the_same_moment_are_told_once(town):
    where = town.visit("a").where
    assert at_the_same_moment([lambda: town.enter.acknowledge(where, NOW)] * 2) == [None, None]
    assert town.verbs() == ["registered", "acknowledge"]


def test_nobody_takes_part_before_the_works_council_agreed(town):
    town.settle(works_council_consent_on=None)
    where = town.visit("a").where
    with pytest.raises(CampaignNotOpen):
        town.enter.acknowledge(where, NOW)
    assert town.count("outbox") == 0


def test_a_team_is_chosen_from_the_list_or_not_at_all(town):
    where = town.visit("a").where
    town.enter.choose_team(where, "Wmo")
    with pytest.raises(TeamUnknown):
        town.enter.choose_team(where, "Raad")
    assert town.enter.start_page(where, NOW).team == "Wmo"
    town.enter.choose_team(where, None)
    assert town.enter.start_page(where, NOW).team is None


def test_a_chosen_team_is_never_in_a_statement(town):
    where = town.visit("a").where
    town.enter.choose_team(where, "Vergunningen")
    town.enter.acknowledge(where, NOW)
    assert "Vergunningen" not in "".join(row["body"] for row in town.outbox())


def test_staff_look_around_afresh_each_time_and_nothing_of_it_is_told(town):
    first = town.visit("teacher", is_staff=True).where
    town.enter.acknowledge(first, NOW)
    town.assessment.begin(first, NOW)
    town.answer_all(first, right)
    again = town.enter.begin_preview(first, NOW)
    assert again.participation_id != first.participation_id
    assert state(town, again) == "new"
    assert town.count("participation") == 1
    assert town.count("attempt") == town.count("answer") == town.count("outbox") == 0


def test_a_learner_cannot_lose_their_answers_to_a_preview(town):
    where = town.begin()
    town.reply(where, right)
    with pytest.raises(NotForLearners):
        town.enter.begin_preview(where, NOW)
    assert town.count("answer") == 1


def test_a_session_of_a_participation_that_is_gone_finds_nothing(town):
    with pytest.raises(ParticipationGone):
        town.enter.start_page(Where("voorbeeldstad", "standaard", "gone"), NOW)
    known = town.visit("a").where
    with pytest.raises(ParticipationGone):
        town.enter.start_page(replace(known, campaign_id="another"), NOW)
