"""Campaigns beside the default one: added and shown on the command line, with the rules of the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from lti_tool.domain.errors import CampaignBroken, CampaignUnknown, TenantUnknown
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import calibrations as calibration_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.run_campaign import RunCampaign
from tests.calibrations import make_calibration
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests, at_the_same_moment

LATER = NOW + timedelta(days=100)


def described(**changes):
    return {
        "id": "balie-2027",
        "name": "Balie en klantcontact",
        "goal": "Vanaf maart werkt de balie met een nieuw programma.",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2027, 2, 28),
        **changes,
    }


@pytest.fixture
def run(town):
    return AsRequests(town.app, RunCampaign(town.content))


def test_an_added_campaign_can_be_entered_by_its_name(town, run):
    added = run.add("voorbeeldstad", described(), NOW)
    assert town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "balie-2027") == added
    where = town.visit("a", custom={"campaign": "balie-2027"}).where
    page = town.enter.start_page(where, NOW)
    assert (page.openness, page.goal) == ("open", added.goal)
    assert town.visit("a").where.campaign_id == "standaard"
    (written,) = town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
    assert written == (NOW, "command line", "campaign added", "balie-2027")


def test_without_an_end_it_lasts_a_year_and_it_gets_the_calibration_of_that_day(town, run):
    calibration = make_calibration()
    town.in_transaction(calibration_rows.activate_calibration, calibration, "Jan", NOW)
    added = run.add("voorbeeldstad", described(ends_on=None), NOW)
    assert (added.ends_on, added.calibration_id) == (date(2027, 11, 1), calibration.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Balie 2027"),
        ("id", "x" * 65),
        ("id", "standaard"),
        ("id", "standaard-2"),
        ("name", ""),
        ("name", "x" * 201),
        ("goal", "Omdat het moet."),
        ("purpose", "research"),
        ("mode", "streng"),
        ("mandatory_reason", "  "),
        ("starts_on", date(9999, 12, 31)),
        ("ends_on", date(2026, 10, 31)),
        ("colour", "blue"),
    ],
)
def test_a_mistake_is_named_by_its_field_and_nothing_changes(town, run, field, value):
    mode = "verplicht" if field == "mandatory_reason" else "vrijwillig"
    with pytest.raises(CampaignBroken) as broken:
        run.add("voorbeeldstad", described(**{"mode": mode, field: value}), NOW)
    assert str(broken.value).startswith(f"{field}: ")
    assert town.count("campaign") == 1


def test_every_mistake_is_named_at_once(run):
    with pytest.raises(CampaignBroken) as broken:
        run.add("voorbeeldstad", described(name="", goal="", mode="streng"), NOW)
    assert len(str(broken.value).splitlines()) == 3


def test_an_id_that_exists_is_refused_and_keeps_what_it_had(town, run):
    first = run.add("voorbeeldstad", described(), NOW)
    with pytest.raises(CampaignBroken, match="voorbeeldstad has a campaign 'balie-2027' already"):
        run.add("voorbeeldstad", described(name="Anders"), LATER)
    assert town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "balie-2027") == first


def test_of_two_who_add_the_same_at_the_same_moment_one_does(run):
    acts = [lambda name=name: run.add("voorbeeldstad", described(name=name), NOW) for name in ("Een", "Twee")]
    results = at_the_same_moment(acts)
    assert [isinstance(result, CampaignBroken) for result in results].count(True) == 1


def test_two_municipalities_may_use_the_same_id(town, run):
    town.settle("molenwaard")
    run.add("voorbeeldstad", described(), NOW)
    run.add("molenwaard", described(name="Balie van Molenwaard"), NOW)
    kept = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "balie-2027")
    assert kept.name == "Balie en klantcontact"


def test_a_mandatory_campaign_needs_a_reason_that_learners_see(town, run):
    run.add("voorbeeldstad", described(mode="verplicht", mandatory_reason="we in maart overstappen"), NOW)
    where = town.visit("a", custom={"campaign": "balie-2027"}).where
    assert "omdat we in maart overstappen" in town.enter.start_page(where, NOW).mode_line


def test_the_list_says_how_each_campaign_stands_today(town, run):
    run.add("voorbeeldstad", described(id="oud", starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 1)), NOW)
    run.add("voorbeeldstad", described(id="straks", starts_on=date(2027, 1, 1)), NOW)
    town.settle("molenwaard")
    town.hold_campaign(tenant_id="molenwaard", id="van-een-ander")
    lines = run.campaigns("voorbeeldstad", NOW)
    assert [(line.campaign.id, line.openness) for line in lines] == [
        ("oud", "over"),
        ("standaard", "open"),
        ("straks", "not_yet_open"),
    ]


def test_a_municipality_that_is_not_there_is_named(run):
    for act in (lambda: run.add("nergens", described(), NOW), lambda: run.campaigns("nergens", NOW)):
        with pytest.raises(TenantUnknown, match="nergens"):
            act()


def test_a_second_measurement_needs_a_campaign_that_exists(town, run):
    with pytest.raises(CampaignUnknown):
        run.start_second_measurement("voorbeeldstad", "gone", LATER)
    with pytest.raises(TenantUnknown):
        run.start_second_measurement("nowhere", "standaard", LATER)
    run.start_second_measurement("voorbeeldstad", "standaard", LATER)
    kept = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard")
    assert kept.post_from == LATER


def test_a_second_measurement_that_nobody_could_begin_any_more_is_refused(town, run):
    last = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard").ends_on
    with pytest.raises(CampaignBroken, match=f"post_from: lies after the last day of 'standaard', {last}"):
        run.start_second_measurement(
            "voorbeeldstad", "standaard", datetime.combine(last, time(), UTC) + timedelta(1)
        )
    run.start_second_measurement("voorbeeldstad", "standaard", datetime.combine(last, time(23), UTC))
