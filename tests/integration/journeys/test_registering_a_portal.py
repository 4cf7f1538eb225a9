"""A portal registers the tool over real HTTP, with a portal that answers as a recorded Moodle does."""

from __future__ import annotations

import socket
from datetime import timedelta
from functools import partial

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from lti_tool.domain.errors import PortalRefused, RegistrationLinkGone, TenantUnknown
from lti_tool.lti.dynamic_registration import DynamicRegistration
from lti_tool.lti.errors import PortalUnavailable, RegistrationRefused
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.self_check import SERVICES, SelfCheck
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import registration_links as link_rows
from lti_tool.storage.database import DatabaseBusy, db
from lti_tool.storage.portal_tables import RegistrationLinkRow
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases import register_portal
from lti_tool.use_cases.register_portal import LINK_LIVES, RegisterPortal
from lti_tool.use_cases.run_portals import RunPortals
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests, at_the_same_moment
from tests.moodle import CONFIGURATION, REGISTRATION, TEXT, running
from tests.unit.lti.portal import Shelves

TENANT = "voorbeeldstad"


@pytest.fixture(scope="module")
def keys():
    shelves = Shelves()
    with shelves.transaction():
        return ToolKeys.load_or_make(shelves, Seal((Fernet.generate_key(),)), NOW)


@pytest.fixture(scope="module")
def served():
    with running() as moodle:
        yield moodle


@pytest.fixture
def moodle(served):
    served.answers, served.registered, served.asked = {}, {}, []
    served.active = served.deployment = True
    return served


@pytest.fixture
def outgoing():
    made = Outgoing("0.1.0", allow_private=True)
    yield made
    made.session.close()


@pytest.fixture
def journey(app, keys, outgoing):
    portals = RunPortals(outgoing, SelfCheck(outgoing, keys))
    registration = DynamicRegistration(outgoing, ToolAddresses("https://digivaardig.example"))
    return AsRequests(app, RegisterPortal(registration, portals))


def invite(journey, portal_id="moodle", name="Ons Moodle", now=NOW):
    return journey.make_link(TENANT, portal_id, name, "beheerder", now)


def register(journey, moodle, token, given="t1", now=NOW, **changes):
    values = {"tenant_id": TENANT, "configuration_url": f"{moodle.url}{CONFIGURATION}", **changes}
    return journey.register(token=token, registration_token=given, now=now, **values)


def refused(code):
    return pytest.raises((RegistrationRefused, PortalUnavailable), check=lambda err: err.reason_code == code)


def acts(town):
    """Who did what, with its detail; those of one moment have no order."""
    written = town.in_transaction(audit_rows.audit_rows, TENANT)
    return {what: (who, detail) for _, who, what, detail in written}


def kept(town, portal_id="moodle"):
    return town.in_transaction(portal_rows.find_portal_by_id, TENANT, portal_id)


def test_one_link_connects_a_portal_and_checks_it(town, journey, moodle):
    token = invite(journey)
    connected = register(journey, moodle, token)
    portal = kept(town)
    assert connected.municipality == "Gemeente Voorbeeldstad"
    assert connected.checked.portal == portal
    assert (portal.name, portal.product, portal.enabled) == ("Ons Moodle", "moodle", True)
    assert (portal.issuer, portal.client_id) == (moodle.url, "client-t1")
    assert portal.token_url == f"{moodle.url}/mod/lti/token.php"
    assert portal.deployment_ids == frozenset({"7"})
    assert not connected.waits
    assert [line.finding.service for line in connected.checked.lines] == list(SERVICES)
    assert connected.checked.well
    assert {what: who for what, (who, _) in acts(town).items()} == {
        "registration link made": "beheerder",
        "portal registered": "registration link",
        "portal checked": "registration link",
    }


def test_somebody_of_that_portal_can_come_in(town, journey, moodle):
    register(journey, moodle, invite(journey))
    assert town.visit("a", portal_id="moodle", client_id="client-t1").where.tenant_id == TENANT


def test_the_secret_of_a_link_is_kept_nowhere(town, journey):
    token = invite(journey)
    (row,) = town.in_transaction(lambda: db.session.execute(select(RegistrationLinkRow.__table__)).all())
    assert token not in str(row)
    assert token not in str(acts(town))


def test_the_link_says_what_it_is_for_and_stays(town, journey, moodle):
    token = invite(journey)
    for _ in range(2):
        asked = journey.look(TENANT, token, f"{moodle.url}{CONFIGURATION}", NOW)
        assert (asked.municipality, asked.portal_name) == ("Gemeente Voorbeeldstad", "Ons Moodle")
        assert asked.origin == moodle.url
    assert journey.look(TENANT, token, "javascript:alert(1)", NOW).origin == ""
    assert moodle.asked == [], "looking asks the portal nothing"


def test_a_link_works_once(town, journey, moodle):
    token = invite(journey)
    register(journey, moodle, token)
    for again in (lambda: register(journey, moodle, token, "t2"), lambda: journey.look(TENANT, token, "", NOW)):
        with pytest.raises(RegistrationLinkGone):
            again()
    assert list(moodle.registered) == ["t1"]


def test_a_link_lives_two_days(town, journey, moodle):
    token, late = invite(journey), NOW + LINK_LIVES
    with pytest.raises(RegistrationLinkGone):
        journey.look(TENANT, token, "", late)
    with pytest.raises(RegistrationLinkGone):
        register(journey, moodle, token, now=late)
    assert moodle.asked == []


def test_links_that_nobody_used_are_forgotten(town, journey):
    invite(journey)
    assert town.in_transaction(link_rows.forget_expired_links, NOW) == 0
    assert town.in_transaction(link_rows.forget_expired_links, NOW + LINK_LIVES) == 1
    assert town.count("registration_link") == 0


@pytest.mark.parametrize("tenant_id", ["kleindorp", "nergens", "", "\0", "Voorbeeldstad", "voorbeeldstad\n"])
def test_a_link_opens_nothing_in_another_municipality(town, journey, moodle, tenant_id):
    town.settle("kleindorp", name="Gemeente Kleindorp")
    token = invite(journey)
    with pytest.raises(RegistrationLinkGone):
        journey.look(tenant_id, token, "", NOW)
    with pytest.raises(RegistrationLinkGone):
        register(journey, moodle, token, tenant_id=tenant_id)
    register(journey, moodle, token)


@pytest.mark.parametrize("token", ["", "\0", "x" * 43, "x" * 100_000, "../../etc", "é" * 43])
def test_an_invented_link_opens_nothing(town, journey, moodle, token):
    with pytest.raises(RegistrationLinkGone):
        journey.look(TENANT, token, "", NOW)
    with pytest.raises(RegistrationLinkGone):
        register(journey, moodle, token)


@pytest.mark.parametrize(
    ("portal_id", "name", "field"),
    [
        ("Moodle", "Moodle", "id"),
        ("", "Moodle", "id"),
        ("a" * 65, "Moodle", "id"),
        ("a--b", "Moodle", "id"),
        ("moodle", "", "name"),
        ("moodle", " Moodle", "name"),
        ("moodle", "a\0b", "name"),
        ("moodle", "x" * 201, "name"),
    ],
)
def test_a_link_for_a_name_that_cannot_be_is_refused_by_its_field(town, journey, portal_id, name, field):
    with pytest.raises(PortalRefused, match=f"^{field}: "):
        invite(journey, portal_id, name)
    assert town.count("registration_link") == 0


def test_a_link_for_a_municipality_that_is_none_is_refused(town, journey):
    with pytest.raises(TenantUnknown):
        journey.make_link("nergens", "moodle", "Moodle", "beheerder", NOW)


# --- when it does not come about ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reply", "code"),
    [
        (CONFIGURATION, (200, b"{}", TEXT), "configuration_unreadable"),
        (CONFIGURATION, (500, b"secret", TEXT), "portal_answer_refused"),
        (CONFIGURATION, (302, b"", TEXT), "portal_redirects"),
        (REGISTRATION, (400, b"domain_targetlinkuri_mismatch", TEXT), "domain_refused"),
        (REGISTRATION, (401, b"token_already_used", TEXT), "registration_token_refused"),
        (REGISTRATION, (500, b"secret", TEXT), "portal_busy"),
        (REGISTRATION, (200, b"secret", TEXT), "registration_unreadable"),
    ],
)
def test_what_a_portal_refuses_leaves_nothing_half_done(town, journey, moodle, path, reply, code):
    token = invite(journey)
    moodle.answers[path] = reply
    with refused(code):
        register(journey, moodle, token)
    assert kept(town) is None
    assert code in acts(town)["registration refused"][1]
    assert "portal registered" not in acts(town)
    assert "secret" not in str(acts(town))
    moodle.answers.clear()
    assert register(journey, moodle, token).checked.portal == kept(town), "the link was given back"


def test_a_portal_that_is_away_gives_the_link_back(town, journey, moodle):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{nobody.getsockname()[1]}/x"
    token = invite(journey)
    with refused("portal_unreachable"):
        register(journey, moodle, token, configuration_url=away)
    register(journey, moodle, token)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"configuration_url": ""}, "request_malformed"),
        ({"configuration_url": "http://a b"}, "request_malformed"),
        ({"configuration_url": "http://x/" + "x" * 2000}, "request_malformed"),
        ({"configuration_url": "http://x/\r\nHost: y"}, "request_malformed"),
        ({"configuration_url": "file:///etc/passwd"}, "portal_address_refused"),
        ({"given": "a\r\nX: y"}, "request_malformed"),
        ({"given": "x" * 9000}, "request_malformed"),
        ({"given": "é"}, "request_malformed"),
        ({"given": ""}, "registration_token_refused"),
    ],
)
def test_what_no_portal_sends_is_refused_and_the_link_stays(town, journey, moodle, changes, code):
    token = invite(journey)
    with refused(code):
        register(journey, moodle, token, **changes)
    assert kept(town) is None
    register(journey, moodle, token)


def test_two_at_once_are_one_registration(town, journey, moodle):
    token = invite(journey)
    outcomes = at_the_same_moment(partial(register, journey, moodle, token, given) for given in ("t1", "t2"))
    gone = [outcome for outcome in outcomes if isinstance(outcome, RegistrationLinkGone)]
    assert len(gone) == 1, outcomes
    assert len(moodle.registered) == 1
    assert town.count("portal") == 2


def test_a_registration_of_another_portal_is_not_taken_over(town, journey, moodle):
    register(journey, moodle, invite(journey))
    moodle.registered.clear()
    token = invite(journey, "tweede", "Tweede")
    with refused("portal_taken"):
        register(journey, moodle, token, "t1")
    assert kept(town, "tweede") is None
    assert kept(town).name == "Ons Moodle"


def test_a_portal_registers_anew_and_its_people_stay_who_they_are(town, journey, moodle):
    register(journey, moodle, invite(journey))
    where = town.visit("a", portal_id="moodle", client_id="client-t1").where
    register(journey, moodle, invite(journey), "t2")
    assert kept(town).client_id == "client-t2"
    assert town.visit("a", portal_id="moodle", client_id="client-t2").where == where


def test_a_portal_that_is_switched_off_stays_off_when_it_registers_anew(town, journey, moodle):
    register(journey, moodle, invite(journey))
    AsRequests(town.app, journey._journey._portals).disable(TENANT, "moodle", "beheerder", NOW)
    register(journey, moodle, invite(journey), "t2")
    assert not kept(town).enabled


def test_another_portal_cannot_take_the_place_of_one_that_is_there(town, journey, moodle):
    token = invite(journey, "leerportaal", "Leerportaal")
    before = kept(town, "leerportaal")
    with refused("portal_differs"):
        register(journey, moodle, token)
    assert kept(town, "leerportaal") == before
    assert moodle.registered == {}, "the portal was not asked to register anything"


def test_a_portal_without_a_deployment_waits_for_its_first_launch(town, journey, moodle):
    moodle.deployment = False
    connected = register(journey, moodle, invite(journey))
    assert connected.waits
    assert kept(town).deployment_ids == frozenset()


def test_a_tool_that_waits_in_the_portal_is_registered_and_red(town, journey, moodle):
    moodle.active = False
    connected = register(journey, moodle, invite(journey))
    assert not connected.checked.well
    told = {line.finding.service: line for line in connected.checked.lines}
    assert told["marks"].finding.reason == "token_refused"
    assert "Tools beheren" in told["marks"].remedy.nl
    assert told["keys"].remedy is None


@pytest.mark.parametrize("for_good", [False, True])
def test_a_database_that_is_busy_when_it_must_be_kept_keeps_nothing(town, journey, moodle, monkeypatch, for_good):
    token = invite(journey)

    def busy(*args):
        raise DatabaseBusy

    with monkeypatch.context() as patched:
        patched.setattr(register_portal.portal_rows, "register_portal", busy)
        if for_good:
            patched.setattr(register_portal.link_rows, "add_link", busy)
        with pytest.raises(DatabaseBusy):
            register(journey, moodle, token)
    assert kept(town) is None
    assert town.count("registration_link") == (0 if for_good else 1)


def test_a_link_may_be_made_again_and_again(town, journey, moodle):
    tokens = {invite(journey, now=NOW + timedelta(seconds=n)) for n in range(3)}
    assert len(tokens) == 3
    for number, token in enumerate(sorted(tokens)):
        register(journey, moodle, token, f"again-{number}")
    assert town.count("portal") == 2
