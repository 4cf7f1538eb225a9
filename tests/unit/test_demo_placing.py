"""The demo portal asks the tool what comes on a course page, and believes only a good answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk
from werkzeug.test import TestResponse

from lti_tool.demo_portal.app import create_portal
from lti_tool.demo_portal.deep_linking import LTI_DL, AnswerRefused, Questions, read_answer
from lti_tool.demo_portal.id_token import AGS_ENDPOINT, LTI
from lti_tool.demo_portal.people import Activity, demo_directory

PORTAL, TOOL = "http://127.0.0.1:8600", "http://localhost:8601"
CLIENT = "voorbeeldstad-7Kq2mTz4Xn"
TEACHER, LEARNER, ELSEWHERE = "103", "101", "307"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TRAINING = {
    "type": "ltiResourceLink",
    "title": "Hoe herken je phishing?",
    "text": "Je herkent een nepmail.",
    "url": f"{TOOL}/lti/launch",
    "icon": {"url": f"{TOOL}/static/link-icon.png", "width": 64, "height": 64},
    "custom": {"campaign": "standaard", "activity": "M-VEI-001"},
}
MARKED = {
    **TRAINING,
    "title": "Vragen <b>en</b> tips",
    "lineItem": {"scoreMaximum": 1, "label": "Vragen", "resourceId": "standaard/assessment", "tag": "klaar"},
}


@pytest.fixture(scope="module")
def tool_key() -> jwk.JWK:
    return jwk.JWK.generate(kty="RSA", size=2048)


@pytest.fixture
def app(tool_key: jwk.JWK, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A portal that reads the tool's key set from here, not from the network."""
    made = create_portal(PORTAL, TOOL)
    public = {**tool_key.export_public(as_dict=True), "kid": "tool", "alg": "RS256"}
    monkeypatch.setattr(made.extensions["demo_portal"].tokens, "_fetch_keys", lambda: {"keys": [public]})
    return made


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    log_in(client, TEACHER)
    return client


def log_in(browser: FlaskClient, person_id: str) -> None:
    assert browser.post("/login", data={"person_id": person_id}, base_url=PORTAL).status_code == 303


def get(browser: FlaskClient, path: str) -> TestResponse:
    return browser.get(path, base_url=PORTAL)


def fields_of(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return {name: unescape(value) for name, value in found}


def launched(browser: FlaskClient, path: str = "/course/2/add/launch", client: str = CLIENT) -> dict[str, Any]:
    """The claims that the tool would get."""
    login = fields_of(get(browser, path))
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": login["target_link_uri"],
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "s",
        "nonce": "n",
    }
    token = fields_of(browser.get("/auth", query_string=asked, base_url=PORTAL))["id_token"]
    key = jwt.PyJWKSet.from_dict(get(browser, "/jwks.json").get_json()).keys[0]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience=client)
    return claims


def signed(key: jwk.JWK, asked: Mapping[str, Any], *items: Any, kid: str = "tool", **changes: Any) -> str:
    """A good answer to the question, but for the changes; None takes a claim out."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": CLIENT,
        "aud": PORTAL,
        "iat": now,
        "exp": now + 300,
        "nonce": f"nonce-{time.perf_counter_ns()}",
        f"{LTI}message_type": "LtiDeepLinkingResponse",
        f"{LTI}version": "1.3.0",
        f"{LTI}deployment_id": "1",
        f"{LTI_DL}data": asked["data"],
        f"{LTI_DL}content_items": list(items),
    }
    for name, value in changes.items():
        claims[next((full for full in claims if full.endswith(name)), f"{LTI_DL}{name}")] = value
    pem = key.export_to_pem(private_key=True, password=None).decode()
    left = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(left, pem, algorithm="RS256", headers={"kid": kid})


def settings_of(claims: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = claims[f"{LTI_DL}deep_linking_settings"]
    return settings


def bring_back(app: Flask, settings: Mapping[str, Any], token: str) -> TestResponse:
    """The browser posts from the tool's site, so it sends no cookie of the portal along."""
    address = settings["deep_link_return_url"]
    return app.test_client().post(address.removeprefix(PORTAL), data={"JWT": token}, base_url=PORTAL)


def test_a_teacher_finds_the_tool_in_a_frame(browser: FlaskClient) -> None:
    assert 'href="/course/2/add"' in get(browser, "/course/2").text
    page = get(browser, "/course/2/add").text
    assert '<iframe class="tool" title="Digivaardig: kies een activiteit" src="/course/2/add/launch">' in page


def test_nobody_else_may_add_anything(browser: FlaskClient, app: Flask) -> None:
    for path in ("/course/2/add", "/course/2/add/launch"):
        assert get(app.test_client(), path).status_code == 401
        for person in (LEARNER, ELSEWHERE):
            log_in(browser, person)
            assert get(browser, path).status_code == 403
    log_in(browser, LEARNER)
    assert "Voeg een activiteit toe" not in get(browser, "/course/2").text


def test_the_question_is_shaped_as_the_recorded_moodle_asks_it(browser: FlaskClient) -> None:
    claims = launched(browser)
    assert claims[f"{LTI}message_type"] == "LtiDeepLinkingRequest"
    assert f"{LTI}resource_link" not in claims
    assert set(claims[AGS_ENDPOINT]) == {"scope", "lineitems"}
    assert claims[f"{LTI}launch_presentation"] == {"locale": "nl"}
    settings = settings_of(claims)
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert (settings["accept_multiple"], settings["accept_lineitem"]) == (True, True)
    address = urlsplit(settings["deep_link_return_url"])
    assert (f"{address.scheme}://{address.netloc}", address.path) == (PORTAL, "/course/2/add/return")
    hint = json.loads(fields_of(get(browser, "/course/2/add/launch"))["lti_message_hint"])
    assert set(hint) == {"launchid"}


def test_what_was_chosen_comes_on_the_course_page_and_is_launched_with_its_parameters(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK
) -> None:
    settings = settings_of(launched(browser))
    answer = bring_back(app, settings, signed(tool_key, settings, TRAINING, MARKED, msg="2 toegevoegd."))
    assert answer.status_code == 200
    assert "Toegevoegd aan de cursus" in answer.text
    assert "2 toegevoegd." in answer.text
    assert 'href="/course/2" target="_top"' in answer.text
    log_in(browser, LEARNER)
    page = get(browser, "/course/2").text
    assert "Hoe herken je phishing?" in page
    assert "Vragen &lt;b&gt;en&lt;/b&gt; tips" in page
    assert page.count("nog niet klaar") == 2, "the activity that was there, and the new one with a column"
    claims = launched(browser, "/activity/3/launch")
    assert claims[f"{LTI}resource_link"]["id"] == "3"
    custom = claims[f"{LTI}custom"]
    assert (custom["campaign"], custom["activity"]) == ("standaard", "M-VEI-001")
    assert "lineitem" not in claims[AGS_ENDPOINT]
    claims = launched(browser, "/activity/4/launch")
    assert claims[AGS_ENDPOINT]["lineitem"] == f"{PORTAL}/ags/2/lineitems/14/lineitem?type_id=1"
    log_in(browser, "301")
    assert "phishing" not in get(browser, "/course/3").text


def test_an_empty_answer_adds_nothing(browser: FlaskClient, app: Flask, tool_key: jwk.JWK) -> None:
    settings = settings_of(launched(browser))
    answer = bring_back(app, settings, signed(tool_key, settings))
    assert (answer.status_code, "Niets toegevoegd" in answer.text) == (200, True)
    assert len(app.extensions["demo_portal"].directory.course("2").activities) == 1


def test_an_answer_works_once_and_who_goes_back_may_answer_again(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK
) -> None:
    settings = settings_of(launched(browser))
    once = signed(tool_key, settings, TRAINING)
    assert bring_back(app, settings, once).status_code == 200
    again = bring_back(app, settings, once)
    assert (again.status_code, "Dit antwoord is al verwerkt." in again.text) == (400, True)
    assert bring_back(app, settings, signed(tool_key, settings, TRAINING)).status_code == 200
    assert len(app.extensions["demo_portal"].directory.course("2").activities) == 3


WRONG: list[dict[str, Any]] = [
    {"iss": "kleindorp-p9Rw3LcV8s"},
    {"aud": "http://elsewhere.example"},
    {"exp": 1_000_000_000},
    {"exp": 4_000_000_000},
    {"exp": "soon"},
    {"exp": None},
    {"iat": None},
    {"nonce": None},
    {"nonce": 7},
    {"message_type": "LtiResourceLinkRequest"},
    {"version": "1.1"},
    {"deployment_id": "2"},
    {"data": "of another question"},
    {"data": None},
    {"content_items": None},
    {"content_items": "all"},
    {"content_items": [TRAINING] * 51},
    {"kid": "unknown"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_answer_adds_nothing_and_says_so(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK, wrong: dict[str, Any]
) -> None:
    settings = settings_of(launched(browser))
    answer = bring_back(app, settings, signed(tool_key, settings, TRAINING, **wrong))
    assert answer.status_code == 400
    assert "Deze vraag begrijpt het leerportaal niet." in answer.text
    assert len(app.extensions["demo_portal"].directory.course("2").activities) == 1


@pytest.mark.parametrize(
    "item",
    [
        "a link",
        {**TRAINING, "type": "link"},
        {**TRAINING, "title": ""},
        {**TRAINING, "title": 7},
        {**TRAINING, "text": "x" * 1001},
        {**TRAINING, "url": "https://elsewhere.example/lti/launch"},
        {**TRAINING, "url": f"{TOOL}.elsewhere.example/"},
        {**TRAINING, "icon": {"url": "javascript:alert(1)"}},
        {**TRAINING, "icon": "icon.png"},
        {**TRAINING, "custom": ["campaign"]},
        {**TRAINING, "custom": {"campaign": 1}},
        {**TRAINING, "lineItem": {"label": "x"}},
        {**TRAINING, "lineItem": {"scoreMaximum": True}},
        {**TRAINING, "lineItem": {"scoreMaximum": -1}},
        {**TRAINING, "lineItem": "yes"},
    ],
    ids=str,
)
def test_of_a_list_with_one_wrong_item_nothing_is_added(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK, item: Any
) -> None:
    settings = settings_of(launched(browser))
    assert bring_back(app, settings, signed(tool_key, settings, TRAINING, item)).status_code == 400
    assert len(app.extensions["demo_portal"].directory.course("2").activities) == 1


@pytest.mark.parametrize("token", ["", "a.b.c", "no token", "\0"])
def test_what_is_no_token_gets_the_same_plain_page(browser: FlaskClient, app: Flask, token: str) -> None:
    settings = settings_of(launched(browser))
    assert bring_back(app, settings, token).status_code == 400


def test_an_answer_signed_by_a_stranger_adds_nothing(browser: FlaskClient, app: Flask) -> None:
    settings = settings_of(launched(browser))
    stranger = jwk.JWK.generate(kty="RSA", size=2048)
    assert bring_back(app, settings, signed(stranger, settings, TRAINING)).status_code == 400


def test_a_question_of_another_course_or_of_nobody_is_not_open(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK
) -> None:
    settings = settings_of(launched(browser))
    token = signed(tool_key, settings, TRAINING)
    for address in ("/course/3/add/return?key=", "/course/9/add/return?key="):
        key = settings["deep_link_return_url"].partition("key=")[2]
        assert bring_back(app, {"deep_link_return_url": address + key}, token).status_code == 400
    assert bring_back(app, {"deep_link_return_url": "/course/2/add/return"}, token).status_code == 400


def test_a_question_is_open_for_an_hour() -> None:
    questions = Questions()
    asked = questions.ask("2", NOW)
    assert questions.find(asked.key, "2", NOW + timedelta(minutes=59)) == asked
    assert questions.find(asked.key, "2", NOW + timedelta(hours=1)) is None
    questions.ask("2", NOW + timedelta(hours=1))
    assert questions.find(asked.key, "2", NOW) is None


def test_new_activities_have_ids_and_columns_of_their_own() -> None:
    directory = demo_directory()
    plain, marked = Activity("", "a", "", None), Activity("", "b", "", "new")
    first = directory.add_activities("2", [plain, marked])
    second = directory.add_activities("3", [marked])
    assert [(a.id, a.line_item_id) for a in (*first, *second)] == [("3", None), ("4", "14"), ("5", "15")]
    columns = [a.line_item_id for course in directory.courses for a in course.columns]
    assert columns == ["11", "14", "12", "15"]


@given(items=st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=6))
def test_whatever_the_items_are_the_answer_is_read_or_refused(tool_key: jwk.JWK, items: Any) -> None:
    token = signed(tool_key, {"data": "d"}, content_items=items)
    key = jwt.PyJWK({**tool_key.export_public(as_dict=True), "alg": "RS256"})
    try:
        answer = read_answer(
            token,
            key_of_tool=lambda kid: key,
            issuer=PORTAL,
            client_id=CLIENT,
            deployment_id="1",
            data="d",
            tool_origin=TOOL,
        )
    except AnswerRefused:
        return
    assert answer.activities == ()
