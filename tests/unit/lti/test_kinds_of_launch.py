"""The three messages that the tool offers, unknown deployments, and what a launch says of its portal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lti_tool.lti.claims import DEEP_LINKING, LTI, NRPS
from lti_tool.lti.door import MOST_WAITING
from lti_tool.lti.launch import MARKS, DeepLinking, Launch
from lti_tool.lti.services import SCOPE_SCORE
from tests.unit.lti.portal import AGS, ISSUER, PORTAL, Visit, claims_of, jwk_of, key_set, sign
from tests.unit.lti.test_launch import refused

LINE_ITEM = f"{ISSUER}/lineitems/2/lineitem?type_id=1"
RETURN = f"{ISSUER}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=geheim"
SETTINGS = {
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "iframe", "window"],
    "accept_copy_advice": False,
    "accept_multiple": True,
    "accept_unsigned": False,
    "auto_create": False,
    "can_confirm": False,
    "deep_link_return_url": RETURN,
    "title": "Breakout game",
    "text": "",
}
"""As a recorded Moodle 4.5 sends them."""


def say(visit: Visit, role: str = "instructor", **claims: Any) -> Launch:
    """A launch with these claims, named in full; None takes one out."""
    seen = visit.begin()
    said = {**claims_of(role, seen["nonce"]), **claims}
    return visit.finish(
        {"state": seen["state"], "id_token": sign({k: v for k, v in said.items() if v is not None})}
    )


def deep_linking(settings: Any = SETTINGS) -> dict[str, Any]:
    return {f"{LTI}message_type": "LtiDeepLinkingRequest", f"{LTI}resource_link": None, DEEP_LINKING: settings}


def review(for_user: Any, line_item: str | None = LINE_ITEM) -> dict[str, Any]:
    endpoint = {"scope": [SCOPE_SCORE], "lineitem": line_item}
    return {f"{LTI}message_type": "LtiSubmissionReviewRequest", f"{LTI}for_user": for_user, AGS: endpoint}


@pytest.mark.parametrize("role", ["instructor", "admin"])
def test_staff_may_choose_what_is_put_in_a_course(visit: Visit, role: str) -> None:
    launch = say(visit, role, **deep_linking())
    assert (launch.kind, launch.resource_link_id) == ("deep_linking", "")
    assert launch.deep_linking == DeepLinking(
        return_url=RETURN,
        accept_types=("ltiResourceLink",),
        accept_multiple=True,
        accept_lineitem=None,
        data=None,
    )


def test_the_data_of_a_portal_comes_along_as_it_is(visit: Visit) -> None:
    data = "eyJhbGciOi.<&>é" * 100
    launch = say(visit, **deep_linking({**SETTINGS, "data": data, "accept_lineitem": False}))
    assert launch.deep_linking is not None
    assert (launch.deep_linking.data, launch.deep_linking.accept_lineitem) == (data, False)


def test_a_learner_may_not_choose_what_is_put_in_a_course(visit: Visit) -> None:
    with refused("deep_linking_not_allowed"):
        say(visit, "learner", **deep_linking())


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (None, "deep_linking_settings_missing"),
        ([], "deep_linking_settings_malformed"),
        ({**SETTINGS, "deep_link_return_url": None}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "deep_link_return_url": ""}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "deep_link_return_url": "javascript:alert(1)"}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "accept_types": "ltiResourceLink"}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "accept_multiple": "yes"}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "data": "x" * 16385}, "deep_linking_settings_malformed"),
        ({**SETTINGS, "accept_presentation_document_targets": []}, "message_refused"),
    ],
)
def test_a_request_to_choose_without_right_settings_is_refused(visit: Visit, settings: Any, code: str) -> None:
    with refused(code):
        say(visit, **deep_linking(settings))


def test_settings_for_choosing_do_nothing_in_another_message(visit: Visit) -> None:
    launch = say(visit, **{DEEP_LINKING: SETTINGS})
    assert (launch.kind, launch.deep_linking) == ("visit", None)


@pytest.mark.parametrize("role", ["learner", "instructor"])
def test_a_submission_review_says_about_whom(visit: Visit, role: str) -> None:
    launch = say(visit, role, **review({"user_id": "4", "name": "Sam de Vries", "email": "sam@gemeente.example"}))
    assert (launch.kind, launch.for_user_sub) == ("submission_review", "4")
    assert "Sam" not in repr(launch)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (review(None), "for_user_missing"),
        (review("4"), "for_user_malformed"),
        (review({}), "for_user_malformed"),
        (review({"user_id": 4}), "for_user_malformed"),
        ({**review({"user_id": "4"}), f"{LTI}resource_link": None}, "resource_link_missing"),
        ({**review({"user_id": "4"}), AGS: None}, "message_refused"),
    ],
)
def test_a_submission_review_that_lacks_something_is_refused(visit: Visit, claims: Any, code: str) -> None:
    with refused(code):
        say(visit, **claims)


def test_an_unknown_deployment_waits_to_be_activated_and_then_comes_in(visit: Visit) -> None:
    for _ in range(2):
        with refused("deployment_unknown"):
            say(visit, **{f"{LTI}deployment_id": "9"})
    (portal,) = visit.shelves.portals
    assert (portal.deployment_ids, portal.waiting_deployment_ids) == ({"1"}, {"9"})
    visit.shelves.portals = [replace(portal, deployment_ids=frozenset({"1", "9"}))]
    assert say(visit, **{f"{LTI}deployment_id": "9"}).deployment_id == "9"


def test_a_deployment_of_a_launch_that_is_wrong_in_something_else_does_not_wait(visit: Visit) -> None:
    with refused("roles_missing"):
        say(visit, **{f"{LTI}deployment_id": "9", f"{LTI}roles": None})
    visit.server.body = key_set(jwk_of("another"))
    with refused("signature_wrong"):
        say(visit, **{f"{LTI}deployment_id": "9"})
    assert visit.shelves.portals == [PORTAL]


def test_only_so_many_deployments_wait(visit: Visit) -> None:
    for number in range(MOST_WAITING + 5):
        with refused("deployment_unknown"):
            say(visit, **{f"{LTI}deployment_id": f"d{number}"})
    assert len(visit.shelves.portals[0].waiting_deployment_ids) == MOST_WAITING


def test_what_kind_of_portal_it_is_is_remembered_once(visit: Visit) -> None:
    say(visit)
    assert visit.shelves.portals[0].product == "moodle"
    say(visit, **{f"{LTI}tool_platform": {"product_family_code": " Canvas "}})
    assert visit.shelves.portals[0].product == "canvas"
    say(visit, **{f"{LTI}tool_platform": None})
    say(visit, **{f"{LTI}tool_platform": {"name": "leerportaal"}})
    assert visit.shelves.portals[0].product == "canvas"


@pytest.mark.parametrize(
    ("endpoint", "marks"),
    [
        (None, "no_line_item"),
        ({"scope": [SCOPE_SCORE], "lineitems": f"{ISSUER}/lineitems"}, "no_line_item"),
        ({"scope": [SCOPE_SCORE], "lineitem": "javascript:alert(1)"}, "no_line_item"),
        ({"scope": [], "lineitem": LINE_ITEM}, "not_allowed"),
        ({"lineitem": LINE_ITEM}, "not_allowed"),
        ({"scope": [SCOPE_SCORE], "lineitem": LINE_ITEM}, "possible"),
    ],
)
def test_a_launch_says_whether_klaar_can_be_told(visit: Visit, endpoint: Any, marks: str) -> None:
    assert marks in MARKS
    assert say(visit, **{AGS: endpoint}).marks == marks


def test_the_list_of_participants_has_an_address_that_can_be_asked(visit: Visit) -> None:
    url = f"{ISSUER}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
    assert say(visit, **{NRPS: {"context_memberships_url": url}}).memberships_url == url
    assert say(visit, **{NRPS: {"context_memberships_url": "file:///etc/passwd"}}).memberships_url is None
    assert say(visit, **{NRPS: {}}).memberships_url is None


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({NRPS: "https://portal.example/memberships"}, "namesroleservice_malformed"),
        ({NRPS: {"context_memberships_url": 5}}, "namesroleservice_malformed"),
        ({f"{LTI}tool_platform": "moodle"}, "tool_platform_malformed"),
        ({f"{LTI}tool_platform": {"product_family_code": ["moodle"]}}, "tool_platform_malformed"),
    ],
)
def test_a_claim_about_the_portal_has_one_right_shape(visit: Visit, claims: Any, code: str) -> None:
    with refused(code):
        say(visit, **claims)


def test_a_refusal_says_which_registration_it_concerns(visit: Visit) -> None:
    with refused("roles_missing") as caught:
        say(visit, **{f"{LTI}roles": None})
    assert (caught.value.tenant_id, caught.value.portal_id) == ("voorbeeldstad", "leerportaal")
    with refused("portal_unknown") as caught:
        visit.begin(iss="https://nobody.example")
    assert (caught.value.tenant_id, caught.value.portal_id) == ("", "")


@pytest.mark.parametrize(
    ("offered", "kept"),
    [
        ("_parent", "_parent"),
        ("post_message_forwarding", "post_message_forwarding"),
        ("-", None),
        ("", None),
        ("a b", None),
        ("'; alert(1)//", None),
        ("x" * 101, None),
    ],
)
def test_the_frame_in_which_the_portal_keeps_values_is_remembered(
    visit: Visit, offered: str, kept: str | None
) -> None:
    record = visit.shelves.logins[visit.begin(lti_storage_target=offered)["state"]]
    assert record.storage_target == kept
