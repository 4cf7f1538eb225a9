"""Staff of a portal choose what comes on a course page, and the portal gets a signed answer it can trust."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.domain.errors import ChoiceNotOffered, ModuleUnknown, NothingChosen
from lti_tool.lti.deep_linking import LTI_DL, Responder
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tool_keys as key_rows
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.operate import Operate
from lti_tool.use_cases.place_activities import Asked, PlaceActivities
from tests.factories import NOW
from tests.integration.journeys.town import ENCRYPTION_KEY, ISSUER, AsRequests
from tests.logged import everything_logged
from tests.unit.lti.portal import Shelves

RETURN_URL = f"{ISSUER}/return?sesskey=geheim"
TOOL = "https://digivaardig.example"
RESPONDER = Responder(ToolAddresses(TOOL))
LATER = NOW + timedelta(minutes=1)
NEXT_YEAR = NOW + timedelta(days=400)
MODULES = ["M-OPE-001", "M-INF-001", "M-STR-001", "M-VEI-001"]


def asked(tenant_id="voorbeeldstad", **changes):
    taken = {"accept_multiple": True, "accept_lineitem": True, "data": "d", "accept_types": ("ltiResourceLink",)}
    return Asked(tenant_id, "leerportaal", "1", DeepLinking(**{"return_url": RETURN_URL, **taken, **changes}))


@pytest.fixture(scope="session")
def made_key():
    """The first key of an installation; making one is slow."""
    shelves = Shelves()
    with shelves.transaction():
        ToolKeys.load_or_make(shelves, Seal((ENCRYPTION_KEY,)), NOW)
    return shelves.keys[0]


@pytest.fixture
def keys(town, made_key):
    town.in_transaction(key_rows.add_key, made_key)
    return town.in_transaction(ToolKeys.load_or_make, key_rows, town.seal, NOW)


@pytest.fixture
def place(town, keys):
    return AsRequests(town.app, PlaceActivities(town.content, keys, RESPONDER))


@pytest.fixture
def items(place, keys):
    """What an answer puts on the course page."""

    def placed(settings, campaign, activities, *, show_done=False, now=NOW):
        reply = place.place(settings, campaign, activities, show_done=show_done, message="", now=now)
        return claims_of(reply, keys)[f"{LTI_DL}content_items"]

    return placed


def claims_of(reply, keys):
    kid = jwt.get_unverified_header(reply.jwt)["kid"]
    key = next(key for key in keys.jwks(NOW)["keys"] if key["kid"] == kid)
    ignoring = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(reply.jwt, jwt.PyJWK(key), ["RS256"], audience=ISSUER, options=ignoring)


def customs(placed):
    return [item["custom"] for item in placed]


def test_everything_that_can_be_launched_is_offered(place):
    offer = place.offer(asked(), NOW)
    assert [(c.id, c.name, c.follows_itself) for c in offer.campaigns] == [("standaard", "Digivaardig 2026", True)]
    assert [activity.id for activity in offer.activities][:2] == ["assessment", "mine"]
    assert sorted(activity.id for activity in offer.activities[2:]) == sorted(MODULES)
    assert all(activity.title and activity.text for activity in offer.activities)
    assert (offer.takes_links, offer.several, offer.can_show_done) == (True, True, True)


def test_the_default_campaign_comes_first_and_what_is_over_does_not_come(town, place):
    long_ago = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 6, 1)}
    soon = {"starts_on": date(2027, 3, 1), "ends_on": date(2027, 6, 1)}
    town.hold_campaign(id="balie-2027", name="Balie", **soon)
    town.hold_campaign(id="oud", name="Oud", **long_ago)
    town.hold_campaign(id="aanloop", name="Aanloop")
    town.settle("molenwaard")
    town.hold_campaign(tenant_id="molenwaard", id="van-een-ander", name="Van een ander")
    offer = place.offer(asked(), NOW)
    assert [c.id for c in offer.campaigns] == ["standaard", "aanloop", "balie-2027"]
    assert [c.follows_itself for c in offer.campaigns] == [True, False, False]


def test_the_answer_names_campaign_and_activity_and_goes_to_the_address_of_the_portal(place, keys, items):
    reply = place.place(asked(), "standaard", ["M-VEI-001"], show_done=False, message="Eén.", now=NOW)
    claims = claims_of(reply, keys)
    assert reply.return_url == RETURN_URL
    assert (claims["iss"], claims["aud"]) == ("client-of-voorbeeldstad", ISSUER)
    assert (claims[f"{LTI_DL}data"], claims[f"{LTI_DL}msg"]) == ("d", "Eén.")
    (item,) = claims[f"{LTI_DL}content_items"]
    assert item["custom"] == {"campaign": "standaard", "activity": "M-VEI-001"}
    assert item["url"] == f"{TOOL}/lti/launch"


def test_several_come_in_the_order_of_the_list_and_none_twice(items):
    placed = items(asked(), "standaard", ["mine", "M-VEI-001", "assessment", "mine"])
    assert [custom["activity"] for custom in customs(placed)] == ["assessment", "mine", "M-VEI-001"]


def test_done_is_shown_for_the_assessment_only_and_only_when_asked(items):
    everything = ["assessment", "mine", "M-VEI-001"]
    assert [item.get("lineItem") for item in items(asked(), "standaard", everything)] == [None] * 3
    placed = items(asked(), "standaard", everything, show_done=True)
    assert [item.get("lineItem", {}).get("scoreMaximum") for item in placed] == [1, None, None]
    placed = items(asked(accept_lineitem=False), "standaard", everything, show_done=True)
    assert [item.get("lineItem") for item in placed] == [None] * 3


def test_moodle_is_known_by_what_it_called_itself_at_its_launch(town, place, items):
    unsaid = asked(accept_lineitem=None)
    assert not place.offer(unsaid, NOW).can_show_done
    portal = town.in_transaction(portal_rows.find_portal_by_id, "voorbeeldstad", "leerportaal")
    town.in_transaction(portal_rows.save_portal, replace(portal, product="moodle"))
    assert place.offer(unsaid, NOW).can_show_done
    (item,) = items(unsaid, "standaard", ["assessment"], show_done=True)
    assert "url" not in item
    assert item["lineItem"]["scoreMaximum"] == 1


def test_nothing_chosen_is_told_as_that(place):
    with pytest.raises(NothingChosen):
        place.place(asked(), "standaard", [], show_done=True, message="", now=NOW)


@pytest.mark.parametrize(
    ("settings", "campaign", "activities"),
    [
        (asked(), "standaard", ["M-WEG-001"]),
        (asked(), "standaard", ["assessment", "route"]),
        (asked(), "standaard", ["../../lti/login"]),
        (asked(), "", ["assessment"]),
        (asked(), "weg", ["assessment"]),
        (asked(), "oud", ["assessment"]),
        (asked(), "van-een-ander", ["assessment"]),
        (asked(), "standaard\0", ["assessment"]),
        (asked(accept_multiple=False), "standaard", ["assessment", "mine"]),
        (asked(accept_multiple=None), "standaard", ["assessment", "mine"]),
        (asked(accept_types=("link",)), "standaard", ["assessment"]),
        (asked(accept_types=()), "standaard", ["assessment"]),
    ],
)
def test_what_is_not_offered_cannot_be_placed(town, place, settings, campaign, activities):
    town.hold_campaign(id="oud", starts_on=date(2025, 1, 1), ends_on=date(2025, 6, 1))
    town.settle("molenwaard")
    town.hold_campaign(tenant_id="molenwaard", id="van-een-ander")
    with pytest.raises(ChoiceNotOffered):
        place.place(settings, campaign, activities, show_done=True, message="", now=NOW)


def test_one_is_taken_where_one_is_accepted(items):
    assert len(items(asked(accept_multiple=None), "standaard", ["mine", "mine"])) == 1


CAMPAIGNS = ("standaard", "standaard-2", "balie", "oud", "van-een-ander", "", "x")
ACTIVITIES = ("assessment", "mine", *MODULES, "M-WEG-001", "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    campaign=st.sampled_from(CAMPAIGNS),
    activities=st.lists(st.sampled_from(ACTIVITIES), max_size=5),
    show_done=st.booleans(),
    multiple=st.sampled_from([True, False, None]),
    line_item=st.sampled_from([True, False, None]),
    types=st.sampled_from([("ltiResourceLink",), ("link",), (), ("file", "ltiResourceLink")]),
    tenant=st.sampled_from(["voorbeeldstad", "molenwaard"]),
)
def test_no_choice_ever_leads_to_more_than_is_accepted_or_to_another_municipality(
    house_of_two, campaign, activities, show_done, multiple, line_item, types, tenant
):
    place, keys = house_of_two
    wanted = asked(tenant, accept_multiple=multiple, accept_lineitem=line_item, accept_types=types)
    own = {"voorbeeldstad": {"standaard", "balie"}, "molenwaard": {"standaard", "van-een-ander"}}[tenant]
    try:
        reply = place.place(wanted, campaign, activities, show_done=show_done, message="", now=NOW)
    except (ChoiceNotOffered, NothingChosen):
        return
    claims = claims_of(reply, keys)
    placed = claims[f"{LTI_DL}content_items"]
    assert claims["iss"] == f"client-of-{tenant}"
    assert "ltiResourceLink" in types
    assert 1 <= len(placed) <= (len(ACTIVITIES) if multiple is True else 1)
    assert {custom["campaign"] for custom in customs(placed)} <= own
    assert (
        {custom["activity"] for custom in customs(placed)} == set(activities) <= {"assessment", "mine", *MODULES}
    )
    if not (show_done and line_item):
        assert not [item for item in placed if "lineItem" in item]


@pytest.fixture
def house_of_two(town, place, keys):
    """Two municipalities with a campaign of their own beside the default one."""
    town.hold_campaign(id="balie")
    town.hold_campaign(id="oud", starts_on=date(2025, 1, 1), ends_on=date(2025, 6, 1))
    town.settle("molenwaard")
    town.hold_campaign(tenant_id="molenwaard")
    town.hold_campaign(tenant_id="molenwaard", id="van-een-ander")
    return place, keys


def test_going_back_tells_the_portal_that_nothing_was_chosen(place, keys):
    reply = place.cancel(asked(accept_types=("link",)), "Er is niets toegevoegd.", NOW)
    claims = claims_of(reply, keys)
    assert claims[f"{LTI_DL}content_items"] == []
    assert (claims[f"{LTI_DL}msg"], claims[f"{LTI_DL}data"]) == ("Er is niets toegevoegd.", "d")


@pytest.mark.parametrize("act", ["offer", "place", "cancel"])
@pytest.mark.parametrize(
    ("change", "code"),
    [({"enabled": False}, "portal_closed"), ({"deployment_ids": frozenset({"2"})}, "deployment_unknown")],
)
def test_a_portal_that_was_closed_meanwhile_gets_no_answer_and_the_helpdesk_a_code(town, place, act, change, code):
    portal = town.in_transaction(portal_rows.find_portal_by_id, "voorbeeldstad", "leerportaal")
    town.in_transaction(portal_rows.save_portal, replace(portal, **change))
    with everything_logged() as logged, pytest.raises(LaunchRefused) as refused:
        {
            "offer": lambda: place.offer(asked(), NOW),
            "place": lambda: place.place(asked(), "standaard", ["mine"], show_done=False, message="", now=NOW),
            "cancel": lambda: place.cancel(asked(), "", NOW),
        }[act]()
    assert refused.value.reason_code == code
    found = AsRequests(town.app, Operate(None)).refused_launch(refused.value.reference)
    assert (found.tenant_id, found.portal_id, found.reason_code) == ("voorbeeldstad", "leerportaal", code)
    assert [(entry["event"], entry["reference"]) for entry in logged] == [
        ("launch_refused", refused.value.reference)
    ]


def test_a_portal_of_another_municipality_gets_no_answer(town, place):
    town.settle("molenwaard")
    with pytest.raises(LaunchRefused, match="portal_closed"):
        place.offer(replace(asked(), portal_id="weg"), NOW)


def test_an_answer_is_signed_with_the_key_that_another_process_made(town, place, keys):
    before = keys.signing(NOW).kid
    other = town.in_transaction(ToolKeys.load_or_make, key_rows, town.seal, NOW)
    new = town.in_transaction(other.rotate, key_rows, LATER, at_once=True).kid
    reply = place.place(asked(), "standaard", ["mine"], show_done=False, message="", now=LATER)
    assert jwt.get_unverified_header(reply.jwt)["kid"] == new != before


# --- what a placed link leads to -------------------------------------------------------------------


def test_a_link_to_the_default_campaign_leads_to_the_one_of_the_day(town, items):
    (custom,) = customs(items(asked(), "standaard", ["assessment"]))
    assert town.visit("a", custom=custom).where.campaign_id == "standaard"
    assert town.visit("b", NEXT_YEAR, custom=custom).where.campaign_id == "standaard-2"
    (custom,) = customs(items(asked(), "standaard", ["assessment"], now=NEXT_YEAR))
    assert custom["campaign"] == "standaard"


def test_each_placed_link_leads_to_its_own_campaign_and_page(town, items):
    town.hold_campaign(id="balie")
    found = [
        town.visit("a", custom=custom)
        for custom in customs(items(asked(), "balie", ["assessment", "mine", "M-VEI-001"]))
    ]
    assert {visit.where.campaign_id for visit in found} == {"balie"}
    assert [(visit.next_page, visit.activity) for visit in found] == [
        ("start", "assessment"),
        ("learning", "mine"),
        ("learning", "M-VEI-001"),
    ]


def test_a_link_to_a_training_that_is_gone_or_a_campaign_that_never_was_says_so(town):
    visit = town.visit("a", custom={"activity": "M-WEG-001"})
    with pytest.raises(ModuleUnknown):
        town.module.page(visit.where, visit.activity)
    with pytest.raises(LaunchRefused, match="campaign_unknown"):
        town.visit("a", custom={"campaign": "weg"})


def test_a_link_to_a_campaign_that_is_over_opens_a_page_that_says_so(town):
    town.hold_campaign(id="oud", starts_on=date(2025, 1, 1), ends_on=date(2025, 6, 1))
    where = town.visit("a", custom={"campaign": "oud"}).where
    assert town.enter.start_page(where, NOW).openness == "over"


def test_a_request_for_a_choice_is_kept_with_what_the_answer_needs(town):
    settings = asked().settings
    visit = town.visit("docent", is_staff=True, kind="deep_linking", deep_linking=settings, resource_link_id="")
    assert (visit.next_page, visit.portal_id, visit.deployment_id) == ("choose", "leerportaal", "1")
    assert visit.deep_linking == settings
