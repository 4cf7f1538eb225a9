"""A municipality is set up from one file; a mistake in it is named, and then nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import yaml

from lti_tool.domain.errors import TenantFileBroken
from lti_tool.domain.roster import Member
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import calibrations as calibration_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import courses as course_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import DatabaseBusy
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.connect_portal import ConnectPortal
from lti_tool.use_cases.operate import Operate
from tests.calibrations import make_calibration
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests

LATER = NOW + timedelta(days=100)
ISSUER = "https://leren.molenwaard.example"


def described():
    return {
        "id": "molenwaard",
        "name": "Gemeente Molenwaard",
        "contacts": {
            "helpers": "Digihelden, kamer 1.12",
            "conversation": "Plan een gesprek met een Digiheld",
            "privacy": "fg@molenwaard.example",
            "incident": "Servicedesk, 14 0000",
        },
        "portal_marks_seen_by": "de beheerder van het leerportaal",
        "works_council": {"consent_on": date(2026, 10, 1), "document": "OR-2026-14"},
        "no_consequences_confirmed_by": "de gemeentesecretaris",
        "answers_to_operator_lrs": False,
        "teams": ["Balie", "Wmo"],
        "variables": {"werkplek.naam": "MijnWerkplek"},
        "portals": [
            {
                "id": "leerportaal",
                "name": "Leerportaal",
                "issuer": ISSUER,
                "client_id": "client-1",
                "auth_login_url": f"{ISSUER}/auth",
                "token_url": f"{ISSUER}/token",
                "jwks_url": f"{ISSUER}/jwks",
                "deployment_ids": ["1", "2"],
            }
        ],
        "campaign": {
            "name": "Digivaardig 2026",
            "goal": "We gaan werken met nieuwe programma's en willen dat iedereen mee kan.",
            "starts_on": date(2026, 11, 1),
        },
    }


@pytest.fixture
def folder(small_content):
    return small_content


@pytest.fixture
def connect(app, folder):
    return AsRequests(app, ConnectPortal(ChooseContent(folder)))


@pytest.fixture
def apply(connect, tmp_path):
    """Apply the description after these changes: a way of keys with dots, and a value."""

    def run(changes=None, now=NOW):
        content = described()
        for way, value in (changes or {}).items():
            *path, last = [int(part) if part.isdigit() else part for part in way.split(".")]
            target = content
            for part in path:
                target = target[part]
            if value is GONE:
                del target[last]
            else:
                target[last] = value
        path = tmp_path / "molenwaard.yaml"
        path.write_text(yaml.safe_dump(content), "utf-8")
        return connect.apply(path, now)

    return run


GONE = object()


def test_names_are_asked_for_only_by_a_municipality_whose_file_says_so(town, apply):
    apply()
    assert town.in_transaction(tenant_rows.greets_by_name, "molenwaard") is False
    apply({"greets_by_name": True})
    assert town.in_transaction(tenant_rows.greets_by_name, "molenwaard") is True
    assert AsRequests(town.app, Operate(None)).municipalities() == (
        ("molenwaard", "Gemeente Molenwaard"),
        ("voorbeeldstad", "Gemeente Voorbeeldstad"),
    )


def test_a_good_file_sets_up_municipality_portal_and_campaign(town, apply):
    assert apply() == "molenwaard"
    tenant = town.in_transaction(tenant_rows.load_tenant, "molenwaard")
    assert tenant.contacts.incident == "Servicedesk, 14 0000"
    assert (tenant.teams, tenant.answers_to_operator_lrs) == (("Balie", "Wmo"), False)
    assert tenant.works_council_consent_on == date(2026, 10, 1)
    assert tenant.content_variables()["werkplek.naam"] == "MijnWerkplek"
    portal = town.in_transaction(portal_rows.find_portal, ISSUER, "client-1")
    assert (portal.tenant_id, portal.id, portal.enabled) == ("molenwaard", "leerportaal", True)
    assert portal.deployment_ids == frozenset({"1", "2"})
    campaign = town.in_transaction(tenant_rows.load_campaign, "molenwaard", "standaard")
    assert (campaign.starts_on, campaign.ends_on) == (date(2026, 11, 1), date(2027, 11, 1))
    assert (campaign.purpose, campaign.mode) == ("organisation", "vrijwillig")


def test_somebody_can_enter_right_away(town, apply):
    apply()
    where = town.visit("a", tenant_id="molenwaard").where
    page = town.enter.start_page(where, NOW)
    assert (page.tenant, page.openness) == ("Gemeente Molenwaard", "open")
    assert "Dat bevestigt de gemeentesecretaris." in page.lines[0]


def test_applying_the_same_file_twice_changes_nothing(town, apply):
    apply()
    before = [town.count(table) for table in ("tenant", "portal", "campaign")]
    apply(now=LATER)
    assert [town.count(table) for table in ("tenant", "portal", "campaign")] == before
    written = town.in_transaction(audit_rows.audit_rows, "molenwaard")
    assert [(at, what) for at, _, what, _ in written] == [(NOW, "tenant applied"), (LATER, "tenant applied")]


def test_a_change_in_the_file_keeps_what_is_not_in_it(town, apply):
    apply()
    campaign = town.in_transaction(tenant_rows.load_campaign, "molenwaard", "standaard")
    town.in_transaction(tenant_rows.save_campaign, replace(campaign, post_from=LATER))
    town.in_transaction(tenant_rows.set_figures_token, "molenwaard", "standaard", "secret")
    apply({"name": "Gemeente Nieuw-Molenwaard", "campaign.ends_on": date(2027, 3, 1)})
    campaign = town.in_transaction(tenant_rows.load_campaign, "molenwaard", "standaard")
    assert (campaign.post_from, campaign.ends_on) == (LATER, date(2027, 3, 1))
    assert town.in_transaction(tenant_rows.figures_token, "molenwaard", "standaard") == "secret"
    assert town.in_transaction(tenant_rows.load_tenant, "molenwaard").name == "Gemeente Nieuw-Molenwaard"


def test_a_file_cannot_move_the_last_day_of_a_campaign_that_was_closed(town, apply):
    apply()
    ended = end_rows.Ended("molenwaard", "standaard")
    town.in_transaction(end_rows.close, ended, date(2027, 11, 1), LATER)
    apply({"name": "Gemeente Nieuw-Molenwaard"})
    with pytest.raises(TenantFileBroken, match=r"campaign\.ends_on: the campaign 'standaard' is over and closed"):
        apply({"name": "Gemeente Oud-Molenwaard", "campaign.ends_on": date(2028, 3, 1)})
    assert town.in_transaction(tenant_rows.load_tenant, "molenwaard").name == "Gemeente Nieuw-Molenwaard"


def test_a_new_campaign_gets_the_calibration_of_that_day_and_keeps_it(town, apply):
    first, second = make_calibration(), make_calibration(people=50)
    town.in_transaction(calibration_rows.activate_calibration, first, "Jan", NOW)
    apply()
    town.in_transaction(calibration_rows.activate_calibration, second, "Jan", LATER)
    apply({"campaign.name": "Anders"}, LATER)
    campaign = town.in_transaction(tenant_rows.load_campaign, "molenwaard", "standaard")
    assert (campaign.name, campaign.calibration_id) == ("Anders", first.id)


def test_a_campaign_that_was_there_without_a_calibration_stays_without(town, apply):
    apply()
    town.in_transaction(calibration_rows.activate_calibration, make_calibration(), "Jan", NOW)
    apply(now=LATER)
    campaign = town.in_transaction(tenant_rows.load_campaign, "molenwaard", "standaard")
    assert campaign.calibration_id is None


def test_lists_of_participants_are_off_unless_the_file_turns_them_on(town, apply):
    apply()
    assert town.in_transaction(tenant_rows.load_tenant, "molenwaard").roster is False
    apply({"roster": True})
    assert town.in_transaction(tenant_rows.load_tenant, "molenwaard").roster is True


@pytest.mark.parametrize(("roster", "kept"), [(True, 1), (False, 0), (GONE, 0)])
def test_turning_lists_of_participants_off_wipes_them(town, apply, roster, kept):
    apply({"roster": True})
    town.in_transaction(keep_a_list)
    apply({"roster": roster} if roster is not GONE else {})
    assert (town.count("course_member"), town.count("group_size")) == (kept, kept)


def keep_a_list():
    key = ("molenwaard", "leerportaal", "12")
    course_rows.note_course(*key, campaign_id="standaard", marks="possible", memberships_url=f"{ISSUER}/12")
    course = roster_rows.load_course(*key)
    roster_rows.replace_members(course, {}, [Member("a", "Active", ("Learner",))])
    roster_rows.save_group_size("molenwaard", "standaard", roster_rows.GroupSize(12, NOW))


def test_without_recorded_consent_the_campaign_stays_closed(town, apply):
    apply({"works_council": GONE})
    where = town.visit("a", tenant_id="molenwaard").where
    assert town.enter.start_page(where, NOW).openness == "not_yet_open"


def test_a_portal_can_be_closed(town, apply):
    apply({"portals.0.enabled": False})
    assert not town.in_transaction(portal_rows.find_portal, ISSUER, "client-1").enabled


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Molen Waard"),
        ("name", ""),
        ("contacts.helpers", GONE),
        ("contacts.privacy", ""),
        ("portal_marks_seen_by", GONE),
        ("works_council.document", GONE),
        ("works_council.consent_on", "soon"),
        ("teams", ["x" * 101]),
        ("portals", []),
        ("portals.0.issuer", "leren.molenwaard.example"),
        ("portals.0.client_id", GONE),
        ("portals.0.deployment_ids", []),
        ("portals.0.jwks_url", "file:///etc/passwd"),
        ("campaign.goal", "Omdat het moet."),
        ("campaign.mode", "streng"),
        ("campaign.purpose", "research"),
        ("campaign.starts_on", GONE),
        ("campaign.ends_on", date(2026, 10, 1)),
        ("colour", "blue"),
    ],
)
def test_a_mistake_is_named_by_its_field_and_nothing_changes(town, apply, field, value):
    with pytest.raises(TenantFileBroken) as broken:
        apply({field: value})
    assert f"molenwaard.yaml: {field}" in str(broken.value)
    assert town.count("tenant") == 1


def test_every_mistake_is_named_at_once(apply):
    with pytest.raises(TenantFileBroken) as broken:
        apply({"name": "", "contacts.helpers": GONE, "campaign.mode": "streng"})
    assert len(str(broken.value).splitlines()) == 3


def test_a_mandatory_campaign_needs_a_reason_that_learners_see(town, apply):
    with pytest.raises(TenantFileBroken, match=r"campaign\.mandatory_reason"):
        apply({"campaign.mode": "verplicht"})
    apply({"campaign.mode": "verplicht", "campaign.mandatory_reason": "we in maart overstappen"})
    where = town.visit("a", tenant_id="molenwaard").where
    assert "omdat we in maart overstappen" in town.enter.start_page(where, NOW).mode_line


def test_a_portal_of_another_municipality_is_refused(town, apply):
    apply()
    with pytest.raises(TenantFileBroken, match=r"portals\.leerportaal"):
        apply({"id": "nabij"})
    assert town.count("tenant") == 2


def test_the_same_registration_under_another_name_is_refused(apply):
    apply()
    with pytest.raises(TenantFileBroken, match=r"portals\.nieuw"):
        apply({"portals.0.id": "nieuw"})


def test_a_new_key_set_address_forgets_the_keys_of_the_old_one(town, apply):
    apply()
    cached = portal_rows.CachedJwks("{}", NOW)
    town.in_transaction(portal_rows.save_jwks, "molenwaard", "leerportaal", cached)
    apply()
    assert town.in_transaction(portal_rows.find_portal_by_id, "molenwaard", "leerportaal").jwks == cached
    apply({"portals.0.jwks_url": f"{ISSUER}/jwks.json"})
    assert town.in_transaction(portal_rows.find_portal_by_id, "molenwaard", "leerportaal").jwks is None


@pytest.mark.parametrize("content", [b"", b"a: [", b"- a list", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_says_which_one(connect, tmp_path, content):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(TenantFileBroken, match=r"broken\.yaml"):
        connect.apply(path, NOW)


def test_a_file_that_is_not_there_says_so(connect, tmp_path):
    with pytest.raises(TenantFileBroken, match=r"absent\.yaml: cannot be read"):
        connect.apply(tmp_path / "absent.yaml", NOW)


def test_the_origins_of_all_portals_are_known(connect, apply):
    assert connect.portal_origins() == ()
    apply()
    assert connect.portal_origins() == (ISSUER,)


def test_while_the_database_does_not_answer_the_origins_are_as_last_known(connect, apply, monkeypatch):
    apply()
    connect.portal_origins()

    def busy():
        raise DatabaseBusy

    monkeypatch.setattr(portal_rows, "issuers", busy)
    assert connect.portal_origins() == (ISSUER,)
