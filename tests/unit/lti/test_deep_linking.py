"""The answer to a portal that asks what to put on a course page, for each kind of portal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.claims import DEEP_LINKING, LTI
from lti_tool.lti.deep_linking import (
    LTI_DL,
    RESPONSE_LIVES,
    Link,
    Responder,
    takes_line_items,
    takes_links,
    takes_several,
)
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.launch import DeepLinking
from lti_tool.lti.tool_addresses import ToolAddresses
from tests.unit.lti.portal import CLIENT, ISSUER, LAUNCH_URL, NOW, PORTAL, Visit, claims_of, sign

RESPONDER = Responder(ToolAddresses("https://tool.example"))
RETURN_URL = f"{ISSUER}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=geheim"
MOODLE = replace(PORTAL, product="moodle")
CANVAS = replace(PORTAL, issuer="https://canvas.instructure.com", product="canvas")
BRIGHTSPACE = replace(PORTAL, issuer="https://leren.brightspace.com", product="desire2learn")
ASSESSMENT = Link("Ontdek wat je al kunt", "Vragen en een tip.", "standaard", "assessment", shows_done=True)
TRAINING = Link("Hoe herken je phishing?", "Je herkent een nepmail.", "standaard", "M-VEI-001", shows_done=False)

RECORDED: dict[str, Any] = {
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "iframe", "window"],
    "accept_copy_advice": False,
    "accept_multiple": True,
    "accept_unsigned": False,
    "auto_create": False,
    "can_confirm": False,
    "deep_link_return_url": RETURN_URL,
    "title": "Breakout game",
    "text": "",
}
"""What a real Moodle 4.5 asks: it says nothing of line items, and gives no data."""


def asked(**changes: Any) -> DeepLinking:
    """What a portal takes; by default what the recorded Moodle does."""
    values = {"accept_multiple": True, "accept_lineitem": None, "data": None, **changes}
    return DeepLinking(**{"return_url": RETURN_URL, "accept_types": ("ltiResourceLink",), **values})


@pytest.fixture
def answer(tool_keys: ToolKeys) -> Any:
    """The claims of an answer, read as a strict portal would."""

    def read(portal: Any, settings: DeepLinking, *links: Link, message: str = "") -> dict[str, Any]:
        token = RESPONDER.response(portal, "1", settings, links, message, tool_keys.signing(NOW), NOW)
        keys = {key["kid"]: key for key in tool_keys.jwks(NOW)["keys"]}
        header = jwt.get_unverified_header(token)
        assert header == {"alg": "RS256", "typ": "JWT", "kid": header["kid"]}
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(keys[header["kid"]]),
            ["RS256"],
            audience=portal.issuer,
            issuer=portal.client_id,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "nonce"]},
        )
        return claims

    return read


def test_the_recorded_moodle_gets_items_without_an_address_and_with_a_place_for_done(answer: Any) -> None:
    claims = answer(MOODLE, asked(), ASSESSMENT, TRAINING, message="2 onderdelen toegevoegd.")
    nonce = claims.pop("nonce")
    assert len(nonce) == 43
    icon = {"url": "https://tool.example/static/link-icon.png", "width": 64, "height": 64}
    assert claims == {
        "iss": CLIENT,
        "aud": ISSUER,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + RESPONSE_LIVES).timestamp()),
        f"{LTI}deployment_id": "1",
        f"{LTI}message_type": "LtiDeepLinkingResponse",
        f"{LTI}version": "1.3.0",
        f"{LTI_DL}msg": "2 onderdelen toegevoegd.",
        f"{LTI_DL}content_items": [
            {
                "type": "ltiResourceLink",
                "title": "Ontdek wat je al kunt",
                "text": "Vragen en een tip.",
                "icon": icon,
                "custom": {"campaign": "standaard", "activity": "assessment"},
                "lineItem": {
                    "scoreMaximum": 1,
                    "label": "Ontdek wat je al kunt",
                    "resourceId": "standaard/assessment",
                    "tag": "klaar",
                },
            },
            {
                "type": "ltiResourceLink",
                "title": "Hoe herken je phishing?",
                "text": "Je herkent een nepmail.",
                "icon": icon,
                "custom": {"campaign": "standaard", "activity": "M-VEI-001"},
            },
        ],
    }


@pytest.mark.parametrize("data", [{"a": [1, None, "é"], "b": {"c": 1.5}}, [], 7, False], ids=str)
def test_data_that_is_no_text_comes_back_as_it_was(answer: Any, data: Any) -> None:
    launch = request_of(data=data)
    assert launch.deep_linking is not None
    assert answer(CANVAS, launch.deep_linking, TRAINING)[f"{LTI_DL}data"] == data


@pytest.mark.parametrize("portal", [CANVAS, BRIGHTSPACE, PORTAL], ids=lambda portal: portal.product or "unknown")
def test_other_portals_get_the_address_and_their_data_exactly_as_they_gave_it(answer: Any, portal: Any) -> None:
    data = 'eyJhbGciOiJIUzI1NiJ9.e30.x "é\\n" '
    claims = answer(portal, asked(data=data, accept_multiple=False), TRAINING)
    assert claims[f"{LTI_DL}data"] == data
    assert [item["url"] for item in claims[f"{LTI_DL}content_items"]] == [LAUNCH_URL]


def test_who_gave_no_data_gets_none_and_an_empty_one_comes_back_empty(answer: Any) -> None:
    assert f"{LTI_DL}data" not in answer(MOODLE, asked(), TRAINING)
    assert answer(MOODLE, asked(data=""), TRAINING)[f"{LTI_DL}data"] == ""


def test_an_answer_without_links_says_that_nothing_was_chosen(answer: Any) -> None:
    claims = answer(MOODLE, asked(), message="Er is niets toegevoegd.")
    assert claims[f"{LTI_DL}content_items"] == []
    assert claims[f"{LTI_DL}msg"] == "Er is niets toegevoegd."
    assert f"{LTI_DL}msg" not in answer(MOODLE, asked())


def test_no_two_answers_are_the_same(tool_keys: ToolKeys) -> None:
    key = tool_keys.signing(NOW)
    made = {RESPONDER.response(MOODLE, "1", asked(), [TRAINING], "", key, NOW) for _ in range(3)}
    assert len(made) == 3


def test_an_answer_is_good_for_five_minutes() -> None:
    assert timedelta(minutes=5) == RESPONSE_LIVES


@pytest.mark.parametrize(
    ("portal", "said", "takes"),
    [
        (MOODLE, None, True),
        (MOODLE, False, False),
        (CANVAS, None, False),
        (CANVAS, True, True),
        (BRIGHTSPACE, None, False),
        (BRIGHTSPACE, True, True),
        (PORTAL, None, False),
        (PORTAL, True, True),
        (PORTAL, False, False),
    ],
)
def test_a_line_item_is_asked_only_where_it_is_taken(portal: Any, said: bool | None, takes: bool) -> None:
    assert takes_line_items(asked(accept_lineitem=said), portal) is takes


def test_several_only_when_the_portal_says_so() -> None:
    assert [takes_several(asked(accept_multiple=said)) for said in (True, False, None)] == [True, False, False]


@pytest.mark.parametrize(
    ("types", "takes"),
    [
        (("ltiResourceLink",), True),
        (("link", "ltiResourceLink"), True),
        (("link", "file", "html"), False),
        ((), False),
    ],
)
def test_only_links_of_our_own_kind_are_placed(types: tuple[str, ...], takes: bool) -> None:
    assert takes_links(asked(accept_types=types)) is takes


@given(
    links=st.lists(
        st.builds(
            Link,
            title=st.text(max_size=40),
            text=st.text(max_size=40),
            campaign=st.text(max_size=20),
            activity=st.text(max_size=20),
            shows_done=st.booleans(),
        ),
        max_size=4,
    ),
    portal=st.sampled_from([MOODLE, CANVAS, BRIGHTSPACE, PORTAL]),
    data=st.none() | st.text(max_size=40),
)
def test_every_item_is_a_link_with_text_values_and_never_a_score(
    tool_keys: ToolKeys, links: list[Link], portal: Any, data: str | None
) -> None:
    token = RESPONDER.response(portal, "1", asked(data=data), links, "", tool_keys.signing(NOW), NOW)
    claims = json.loads(jwt.utils.base64url_decode(token.split(".")[1]))
    items = claims[f"{LTI_DL}content_items"]
    assert [item["custom"] for item in items] == [{"campaign": x.campaign, "activity": x.activity} for x in links]
    assert all(item["type"] == "ltiResourceLink" for item in items)
    assert all(isinstance(value, str) for item in items for value in item["custom"].values())
    assert [item.get("lineItem", {}).get("scoreMaximum") for item in items] == [
        1 if link.shows_done else None for link in links
    ]
    assert claims.get(f"{LTI_DL}data") == data


# --- the request -------------------------------------------------------------------------------------


def request_of(role: str = "instructor", **settings: Any) -> Any:
    """A launch that asks for a choice, with the recorded settings changed; None takes one out."""
    visit = Visit()
    seen = visit.begin()
    claims = claims_of(role, seen["nonce"])
    del claims[f"{LTI}resource_link"]
    wanted = {name: value for name, value in {**RECORDED, **settings}.items() if value is not None}
    claims |= {f"{LTI}message_type": "LtiDeepLinkingRequest", DEEP_LINKING: wanted}
    return visit.finish({"state": seen["state"], "id_token": sign(claims)})


@pytest.mark.parametrize("role", ["instructor", "admin"])
def test_what_the_recorded_moodle_asks_is_read_with_what_it_leaves_out(role: str) -> None:
    launch = request_of(role)
    assert (launch.kind, launch.resource_link_id, launch.is_staff) == ("deep_linking", "", True)
    assert launch.deep_linking == DeepLinking(RETURN_URL, ("ltiResourceLink",), True, None, None)
    assert "sesskey" not in str(launch.claims_used)


def test_what_others_say_besides_is_read_too() -> None:
    launch = request_of(data="a token of the portal", accept_lineitem=True, accept_multiple=None)
    assert launch.deep_linking == DeepLinking(
        RETURN_URL, ("ltiResourceLink",), None, True, "a token of the portal"
    )


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("False", False), (True, True)], ids=str)
def test_a_portal_that_writes_true_as_a_text_means_it(said: Any, meant: bool) -> None:
    launch = request_of(accept_multiple=said, accept_lineitem=said)
    assert launch.deep_linking is not None
    assert (launch.deep_linking.accept_multiple, launch.deep_linking.accept_lineitem) == (meant, meant)


def test_a_learner_may_not_choose_what_comes_on_a_course_page() -> None:
    with pytest.raises(LaunchRefused) as refused:
        request_of("learner")
    assert refused.value.reason_code == "deep_linking_not_allowed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"deep_link_return_url": "javascript:alert(1)"},
        {"deep_link_return_url": "https://someone@portal.example/"},
        {"deep_link_return_url": None},
        {"accept_types": "ltiResourceLink"},
        {"accept_types": None},
        {"accept_multiple": "yes"},
        {"accept_multiple": 1},
        {"accept_lineitem": []},
        {"data": "x" * 16385},
        {"data": "x" * 16380 + "é" * 3},
        {"data": {"x": "x" * 16384}},
    ],
)
def test_a_request_that_is_wrong_is_refused_as_that(wrong: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused) as refused:
        request_of(**wrong)
    assert refused.value.reason_code == "deep_linking_settings_malformed"
