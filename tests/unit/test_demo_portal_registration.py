"""The demo portal registers an application as Moodle does: once for each token, and says in plain text why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from lti_tool.demo_portal.app import create_portal
from lti_tool.demo_portal.id_token import AGS_SCOPES, SCOPE_SCORE
from lti_tool.demo_portal.invitations import LIFETIME, Invitations
from lti_tool.demo_portal.registrations import PLATFORM, TOOL

PORTAL = "http://127.0.0.1:8600"
URL = "http://localhost:8601"
NOW = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
LEARNER, TEACHER, ADMINISTRATOR = "101", "103", "104"


@pytest.fixture
def app() -> Flask:
    return create_portal(PORTAL, URL)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def get(browser: FlaskClient, path: str) -> TestResponse:
    return browser.get(path, base_url=PORTAL)


def post(browser: FlaskClient, path: str, **more: Any) -> TestResponse:
    return browser.post(path, base_url=PORTAL, **more)


def log_in(browser: FlaskClient, person_id: str) -> None:
    assert post(browser, "/login", data={"person_id": person_id}).status_code == 303


def invitation(app: Flask, course_id: str = "2") -> str:
    return str(app.extensions["demo_portal"].invitations.make(course_id, datetime.now(UTC)))


def described(**changes: Any) -> dict[str, Any]:
    """What a good tool asks."""
    settings = {"domain": "localhost:8601", "target_link_uri": f"{URL}/lti/launch", "description": "Vragen"}
    return {
        "response_types": ["id_token"],
        "initiate_login_uri": f"{URL}/lti/login",
        "redirect_uris": [f"{URL}/lti/launch"],
        "client_name": "Digivaardig",
        "jwks_uri": f"{URL}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{SCOPE_SCORE} https://elders.example/scope",
        TOOL: settings | changes.pop("settings", {}),
        **changes,
    }


def register(browser: FlaskClient, token: str, body: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return post(browser, "/openid-registration", json=body, headers=headers)


def test_the_configuration_says_what_the_portal_offers(browser: FlaskClient) -> None:
    said = get(browser, "/openid-configuration").get_json()
    assert said["issuer"] == PORTAL
    assert said["registration_endpoint"] == f"{PORTAL}/openid-registration"
    assert set(AGS_SCOPES) < set(said["scopes_supported"])
    assert said[PLATFORM]["product_family_code"]


def test_a_registration_gives_a_client_a_deployment_and_an_activity(app: Flask, browser: FlaskClient) -> None:
    given = register(browser, invitation(app), described()).get_json()
    assert given["scope"] == SCOPE_SCORE
    portal = app.extensions["demo_portal"]
    course = portal.directory.course_of_client(given["client_id"])
    assert (course.id, course.deployment_id) == ("2", given[TOOL]["deployment_id"])
    assert [activity.title for activity in course.activities] == ["Digivaardig, zelf gekoppeld"]
    assert portal.scopes_of(given["client_id"]) == {SCOPE_SCORE}
    assert portal.scopes_of("nobody") is None
    log_in(browser, LEARNER)
    page = get(browser, "/course/2").text
    assert "Digivaardig, zelf gekoppeld" in page
    assert "Ontdek wat je al kunt" in page, "what was there before stays"
    fields = get(browser, f"/activity/{course.activities[0].id}/launch").text
    assert f'name="client_id" value="{given["client_id"]}"' in fields


def test_two_registrations_have_nothing_in_common(app: Flask, browser: FlaskClient) -> None:
    one, other = (register(browser, invitation(app), described()).get_json() for _ in range(2))
    assert one["client_id"] != other["client_id"]
    assert one[TOOL]["deployment_id"] != other[TOOL]["deployment_id"]
    directory = app.extensions["demo_portal"].directory
    assert len(directory.course("2").all_activities) == 3
    assert directory.course_of_client("voorbeeldstad-7Kq2mTz4Xn").activities == directory.course("2").activities


def test_a_token_is_good_for_one_registration(app: Flask, browser: FlaskClient) -> None:
    token = invitation(app)
    assert register(browser, token, described()).status_code == 200
    for again in (token, "invented"):
        answer = register(browser, again, described())
        assert (answer.status_code, answer.text) == (401, "token_already_used")
    answer = register(browser, "", described())
    assert (answer.status_code, answer.text) == (401, "missing_registration_token")


def test_a_token_that_another_takes_first_is_used(
    app: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["demo_portal"].invitations, "take", lambda token: False)
    assert register(browser, invitation(app), described()).text == "token_already_used"


def test_a_token_lives_an_hour() -> None:
    invitations = Invitations()
    token = invitations.make("2", NOW)
    assert invitations.find(token, NOW + LIFETIME - timedelta(seconds=1)) == "2"
    assert invitations.find(token, NOW + LIFETIME) is None
    invitations.make("2", NOW + LIFETIME)
    assert not invitations.take(token)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"jwks_uri": ""}, "missing required attribute jwks_uri"),
        ({TOOL: ["x"]}, f"missing required attribute {TOOL}"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_token_endpoint_auth_method"),
        ({"settings": {"domain": "localhost"}}, "domain_targetlinkuri_mismatch"),
        (
            {"settings": {"domain": "elders.example", "target_link_uri": "https://elders.example/"}},
            "invalid_redirect_uris",
        ),
        ({"redirect_uris": [f"{URL}/elders"]}, "invalid_redirect_uris"),
        ({"jwks_uri": "https://elders.example/"}, "invalid_initiate_login_uri"),
    ],
)
def test_what_cannot_be_registered_is_told_as_plain_text_and_the_token_stays(
    app: Flask, browser: FlaskClient, changes: dict[str, Any], said: str
) -> None:
    token = invitation(app)
    answer = register(browser, token, described(**changes))
    assert (answer.status_code, answer.text, answer.mimetype) == (400, said, "text/html")
    assert register(browser, token, described()).status_code == 200


NAMES = list(described())
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything)).map(lambda part: described() | part)


@given(body=st.one_of(bodies, anything))
def test_no_request_whatever_breaks_the_portal(body: Any) -> None:
    app = _kept_portal()
    assert register(app.test_client(), invitation(app), body).status_code in (200, 400)


def _kept_portal(made: list[Flask] = []) -> Flask:  # noqa: B006 - one for all examples; its key is slow to make
    if not made:
        made.append(create_portal(PORTAL, URL))
    return made[0]


# --- the page of the administrator ----------------------------------------------------------------


def test_only_the_administrator_connects(browser: FlaskClient) -> None:
    for person_id, allowed in ((LEARNER, False), (TEACHER, False), (ADMINISTRATOR, True)):
        log_in(browser, person_id)
        assert ("Koppel een toepassing" in get(browser, "/course/2").text) is allowed
        expected = 200 if allowed else 403
        assert get(browser, "/course/2/connect").status_code == expected
        assert post(browser, "/course/2/connect", data={"address": f"{URL}/x"}).status_code == expected
    assert get(browser, "/course/3/connect").status_code == 403


Frame = Callable[[str], str]


@pytest.fixture
def frame_of(browser: FlaskClient) -> Frame:
    def run(address: str) -> str:
        log_in(browser, ADMINISTRATOR)
        found = re.search(
            r'src="([^"]+)" data-closes-to', post(browser, "/course/2/connect", data={"address": address}).text
        )
        return found[1].replace("&amp;", "&") if found else ""

    return run


def test_the_application_opens_in_a_frame_with_what_it_needs(app: Flask, frame_of: Frame) -> None:
    frame = frame_of(f" {URL}/lti/register/x/y ")
    assert frame.startswith(f"{URL}/lti/register/x/y?openid_configuration=http%3A%2F%2F127.0.0.1%3A8600%2Fopenid")
    token = frame.partition("registration_token=")[2]
    assert app.extensions["demo_portal"].invitations.find(token, datetime.now(UTC)) == "2"
    assert frame_of(f"{URL}/x?a=1").startswith(f"{URL}/x?a=1&openid_configuration=")


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "http://elders.example/", f"{URL}.elders.example/"]
)
def test_another_address_is_not_opened(browser: FlaskClient, frame_of: Frame, address: str) -> None:
    assert frame_of(address) == ""
    answer = post(browser, "/course/2/connect", data={"address": address})
    assert answer.status_code == 422
    assert f"alleen de toepassing op {URL}" in answer.text
