"""Portals are added by hand, activated, switched off and on, and checked, on a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool.domain.errors import OwnPortal, PortalRefused, PortalUnknown, TenantUnknown
from lti_tool.lti.errors import PortalUnavailable
from lti_tool.lti.self_check import Finding, Places
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.use_cases.run_portals import RunPortals
from tests.factories import NOW
from tests.integration.journeys.town import ISSUER, LINE_ITEM, AsRequests

TENANT = "voorbeeldstad"
LATER = NOW.replace(year=2030)
MEMBERS = f"{ISSUER}/members"


class Addresses:
    """Lets every address pass but those of the house."""

    def check(self, url):
        if "intern" in url:
            raise PortalUnavailable("portal_address_refused", "intern")


class Check:
    """Remembers what it was to look at."""

    def __init__(self):
        self.asked = []
        self.findings = (Finding("keys", "green", "works"), Finding("marks", "red", "token_refused"))

    def run(self, portal, places, now):
        self.asked.append((portal.id, places))
        return self.findings


@pytest.fixture
def check():
    return Check()


@pytest.fixture
def portals(town, check):
    return AsRequests(town.app, RunPortals(Addresses(), check))


def described(**changes):
    issuer = "https://canvas.instructure.com"
    return {
        "id": "canvas",
        "name": "Canvas",
        "issuer": issuer,
        "client_id": "10000000000001",
        "auth_login_url": f"{issuer}/auth",
        "token_url": f"{issuer}/token",
        "jwks_url": f"{issuer}/jwks",
        "deployment_ids": ["1:abc"],
        **changes,
    }


def kept(town, portal_id="leerportaal", tenant_id=TENANT):
    return town.in_transaction(portal_rows.find_portal_by_id, tenant_id, portal_id)


def change(town, **changes):
    town.in_transaction(portal_rows.save_portal, replace(kept(town), **changes))


def acts(town, tenant_id=TENANT):
    written = town.in_transaction(audit_rows.audit_rows, tenant_id)
    return [(who, what, detail) for _, who, what, detail in sorted(written, key=lambda row: row[2])]


# --- the list -------------------------------------------------------------------------------------


def test_the_list_shows_every_portal_or_those_of_one_municipality(town, portals):
    town.settle("kleindorp", name="Gemeente Kleindorp")
    portals.add(TENANT, described(), "beheerder", NOW)
    change(town, product="moodle")
    lines = portals.all(None)
    assert [(line.portal.tenant_id, line.portal.id, line.municipality, line.kind) for line in lines] == [
        ("kleindorp", "leerportaal", "Gemeente Kleindorp", ""),
        (TENANT, "canvas", "Gemeente Voorbeeldstad", "Canvas"),
        (TENANT, "leerportaal", "Gemeente Voorbeeldstad", "Moodle"),
    ]
    assert [line.portal.tenant_id for line in portals.all("kleindorp")] == ["kleindorp"]
    assert [tenant.id for tenant in portals.municipalities(None)] == ["kleindorp", TENANT]
    assert [tenant.id for tenant in portals.municipalities(TENANT)] == [TENANT]


# --- by hand --------------------------------------------------------------------------------------


def test_a_portal_is_added_by_hand_and_people_come_in(town, portals):
    portals.add(TENANT, described(), "beheerder", NOW)
    assert kept(town, "canvas").deployment_ids == frozenset({"1:abc"})
    assert acts(town) == [("beheerder", "portal added", "canvas")]
    assert town.visit("a", portal_id="canvas").where.tenant_id == TENANT


def test_without_deployments_the_first_launch_waits(town, portals):
    portals.add(TENANT, described(deployment_ids=[]), "beheerder", NOW)
    assert kept(town, "canvas").deployment_ids == frozenset()


def test_adding_again_changes_it_and_keeps_what_the_portal_told(town, portals):
    portals.add(TENANT, described(), "beheerder", NOW)
    told = {"product": "canvas", "enabled": False, "waiting_deployment_ids": frozenset({"2", "3"})}
    town.in_transaction(portal_rows.save_portal, replace(kept(town, "canvas"), **told))
    portals.add(TENANT, described(name="Ons Canvas", client_id="2", deployment_ids=["2"]), "beheerder", NOW)
    now_there = kept(town, "canvas")
    assert (now_there.name, now_there.client_id, now_there.product) == ("Ons Canvas", "2", "canvas")
    assert not now_there.enabled
    assert now_there.waiting_deployment_ids == frozenset({"3"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "Ons Canvas"}, "id: "),
        ({"name": ""}, "name: "),
        ({"token_url": "ftp://x"}, "token_url: "),
        ({"client_id": "x" * 201}, "client_id: "),
        ({"colour": "red"}, "colour: "),
        ({"jwks_url": "https://intern.example/jwks"}, r"jwks_url: portal_address_refused \(intern\)"),
        ({"issuer": ISSUER, "client_id": "client-of-voorbeeldstad"}, "client_id: .*another portal"),
        ({"id": "leerportaal"}, f"id: leerportaal is a portal of {ISSUER}"),
    ],
)
def test_a_portal_that_cannot_be_is_refused_by_its_field(town, portals, changes, said):
    before = [line.portal for line in portals.all(None)]
    with pytest.raises(PortalRefused, match=f"^{said}"):
        portals.add(TENANT, described(**changes), "beheerder", NOW)
    assert [line.portal for line in portals.all(None)] == before
    assert acts(town) == []


def test_every_mistake_is_named_at_once(portals):
    with pytest.raises(PortalRefused) as refused:
        portals.add(TENANT, {"id": "x"}, "beheerder", NOW)
    for field in ("name", "issuer", "client_id", "auth_login_url", "token_url", "jwks_url"):
        assert f"{field}: " in str(refused.value)


def test_a_portal_belongs_to_a_municipality_that_is_there(portals):
    with pytest.raises(TenantUnknown):
        portals.add("nergens", described(), "beheerder", NOW)


# --- which one ------------------------------------------------------------------------------------


def test_a_name_that_several_municipalities_have_needs_the_municipality(town, portals):
    town.settle("kleindorp")
    with pytest.raises(PortalUnknown, match="kleindorp, voorbeeldstad"):
        portals.enable(None, "leerportaal", "beheerder", NOW)
    portals.disable("kleindorp", "leerportaal", "beheerder", NOW)
    assert (kept(town).enabled, kept(town, tenant_id="kleindorp").enabled) == (True, False)


def test_a_portal_that_is_not_there_is_named(portals):
    with pytest.raises(PortalUnknown, match=r"^moodle: no portal with this id$"):
        portals.check(None, "moodle", "beheerder", NOW)
    with pytest.raises(PortalUnknown, match="in kleindorp"):
        portals.enable("kleindorp", "leerportaal", "beheerder", NOW)
    with pytest.raises(PortalUnknown):
        portals.activate(None, "\0", "1", "beheerder", NOW)


# --- activating -----------------------------------------------------------------------------------


def test_a_waiting_deployment_is_activated_once_and_for_all(town, portals):
    change(town, waiting_deployment_ids=frozenset({"2", "3"}))
    for _ in range(2):
        portals.activate(TENANT, "leerportaal", "2", "beheerder", NOW)
    assert kept(town).deployment_ids == frozenset({"1", "2"})
    assert kept(town).waiting_deployment_ids == frozenset({"3"})
    assert acts(town)[0] == ("beheerder", "deployment activated", "leerportaal 2")


@pytest.mark.parametrize("deployment_id", ["", "x" * 256, "a\0b", "a\nb"])
def test_a_deployment_that_no_portal_can_have_is_refused(town, portals, deployment_id):
    with pytest.raises(PortalRefused, match=r"^deployment: "):
        portals.activate(TENANT, "leerportaal", deployment_id, "beheerder", NOW)
    assert kept(town).deployment_ids == frozenset({"1"})


# --- off and on -----------------------------------------------------------------------------------


def session_of(town, learner_id, tenant_id=TENANT):
    name = f"{tenant_id}-{learner_id}"
    with town.app.app_context():
        session_rows.add_session(name, {"tenant_id": tenant_id, "learner_id": learner_id}, LATER)
    return name


def lives(town, name):
    with town.app.app_context():
        return session_rows.load_session(name, NOW) is not None


def test_a_portal_that_is_switched_off_ends_the_sessions_of_its_people_only(town, portals):
    town.settle("kleindorp")
    town.hold_campaign(tenant_id="kleindorp")
    portals.add(TENANT, described(), "beheerder", NOW)
    one, other = town.visit("a"), town.visit("a", portal_id="canvas")
    elsewhere = town.visit("a", tenant_id="kleindorp")
    gone = session_of(town, one.learner_id)
    stays = [session_of(town, other.learner_id), session_of(town, elsewhere.learner_id, "kleindorp")]
    assert portals.disable(TENANT, "leerportaal", "beheerder", NOW) == 1
    assert not kept(town).enabled
    assert not lives(town, gone)
    assert all(lives(town, name) for name in stays)
    portals.enable(TENANT, "leerportaal", "beheerder", NOW)
    assert kept(town).enabled
    assert [what for _, what, _ in acts(town)] == ["portal added", "portal disabled", "portal enabled"]


def test_nobody_locks_themselves_out(town, portals):
    portals.add(TENANT, described(), "beheerder", NOW)
    learner_id = town.visit("a").learner_id
    assert portals.portal_of(TENANT, learner_id) == "leerportaal"
    with pytest.raises(OwnPortal):
        portals.disable(TENANT, "leerportaal", "administrator", NOW, learner_id=learner_id)
    assert kept(town).enabled
    portals.disable(TENANT, "canvas", "administrator", NOW, learner_id=learner_id)
    assert not kept(town, "canvas").enabled


# --- checking -------------------------------------------------------------------------------------


def test_a_check_looks_at_what_people_came_from(town, portals, check):
    portals.check(TENANT, "leerportaal", "beheerder", NOW)
    town.visit("a", memberships_url=MEMBERS)
    portals.check(TENANT, "leerportaal", "beheerder", NOW)
    assert check.asked == [
        ("leerportaal", Places(False, None, None)),
        ("leerportaal", Places(True, MEMBERS, LINE_ITEM)),
    ]


def test_the_places_of_another_portal_are_not_looked_at(town, portals, check):
    portals.add(TENANT, described(), "beheerder", NOW)
    town.visit("a", memberships_url=MEMBERS)
    portals.check(TENANT, "canvas", "beheerder", NOW)
    assert check.asked == [("canvas", Places(False, None, None))]


def test_a_check_tells_each_service_with_its_remedy_and_is_written_down(town, portals, check):
    change(town, product="moodle")
    checked = portals.check(None, "leerportaal", "beheerder", NOW)
    works, stuck = checked.lines
    assert works.remedy is None
    assert "Tools beheren" in stuck.remedy.nl
    assert not checked.well
    assert acts(town)[-1] == ("beheerder", "portal checked", "leerportaal keys=works marks=token_refused")
    check.findings = (Finding("keys", "green", "works"), Finding("roster", "grey", "not_offered"))
    assert portals.check(None, "leerportaal", "beheerder", NOW).well
