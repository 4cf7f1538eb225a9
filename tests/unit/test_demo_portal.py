"""The demo portal's pages, login and services, asked one request at a time."""

from __future__ import annotations

import ast
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import jwt
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from jwcrypto import jwk
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

import lti_tool.demo
import lti_tool.demo_portal
from lti_tool.demo_portal import tokens
from lti_tool.demo_portal.app import create_portal
from lti_tool.demo_portal.gradebook import Gradebook
from lti_tool.demo_portal.id_token import (
    AGS_ENDPOINT,
    AGS_SCOPES,
    LTI,
    NRPS_SERVICE,
    SCOPE_RESULT_READ,
    SCOPE_ROSTER,
    SCOPE_SCORE,
)
from lti_tool.demo_portal.launches import PendingLaunches
from lti_tool.demo_portal.people import demo_directory

PORTAL = "http://127.0.0.1:8600"
TOOL = "http://localhost:8601"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
COLUMN = "/ags/2/lineitems/11/lineitem"
CLIENT = "voorbeeldstad-7Kq2mTz4Xn"


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_portal(PORTAL, TOOL)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    app.extensions["demo_portal"].gradebook = Gradebook()
    return app.test_client()


@pytest.fixture(scope="module")
def tool_key() -> jwk.JWK:
    return jwk.JWK.generate(kty="RSA", size=2048)


@pytest.fixture(autouse=True)
def tool_key_set(tool_key: jwk.JWK, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    """The portal reads the tool's key set from here, not from the network."""
    public = {**tool_key.export_public(as_dict=True), "kid": tool_key.thumbprint(), "alg": "RS256"}
    monkeypatch.setattr(app.extensions["demo_portal"].tokens, "_fetch_keys", lambda: {"keys": [public]})


def get(browser: FlaskClient, path: str, **more: Any) -> TestResponse:
    return browser.get(path, base_url=PORTAL, **more)


def post(browser: FlaskClient, path: str, **more: Any) -> TestResponse:
    return browser.post(path, base_url=PORTAL, **more)


def log_in(browser: FlaskClient, person_id: str = "101") -> None:
    assert post(browser, "/login", data={"person_id": person_id}).status_code == 303


def form(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and its hidden fields."""
    assert answer.status_code == 200, answer.text
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    action = re.search(r'action="([^"]*)" data-sends-itself', answer.text)
    assert action is not None
    return action[1], {name: value.replace("&#34;", '"').replace("&amp;", "&") for name, value in fields}


def launch_fields(browser: FlaskClient, activity: str = "1", target: str = "iframe") -> dict[str, str]:
    action, fields = form(get(browser, f"/activity/{activity}/launch?target={target}"))
    assert action == f"{TOOL}/lti/login"
    return fields


def request_of(fields: Mapping[str, str], **other: str | None) -> dict[str, str]:
    """The authentication request that a good tool makes out of the login's fields."""
    asked: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": fields["client_id"],
        "redirect_uri": fields["target_link_uri"],
        "login_hint": fields["login_hint"],
        "lti_message_hint": fields["lti_message_hint"],
        "state": "state-1",
        "nonce": "nonce-1",
    }
    return {name: value for name, value in {**asked, **other}.items() if value is not None}


def claims_of(browser: FlaskClient, answer: Mapping[str, str]) -> dict[str, Any]:
    key = jwt.PyJWKSet.from_dict(get(browser, "/jwks.json").get_json()).keys[0]
    claims: dict[str, Any] = jwt.decode(
        answer["id_token"], key, algorithms=["RS256"], audience=[CLIENT, "kleindorp-p9Rw3LcV8s"]
    )
    return claims


def assertion(key: jwk.JWK, **other: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": f"{PORTAL}/token",
        "iat": now,
        "exp": now + 60,
        "jti": other.pop("jti", f"jti-{time.perf_counter_ns()}"),
        **other,
    }
    kid = claims.pop("kid", key.thumbprint())
    pem = key.export_to_pem(private_key=True, password=None).decode()
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": kid})


def ask_token(browser: FlaskClient, key: jwk.JWK, **other: Any) -> TestResponse:
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": tokens.ASSERTION_TYPE,
        "client_assertion": other.pop("client_assertion", None) or assertion(key, **other.pop("claims", {})),
        "scope": SCOPE_SCORE,
        **other,
    }
    return post(browser, "/token", data=data)


@pytest.fixture
def bearer(browser: FlaskClient, tool_key: jwk.JWK) -> dict[str, str]:
    answer = ask_token(browser, tool_key, scope=" ".join(AGS_SCOPES))
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def score(**other: Any) -> dict[str, Any]:
    return {
        "userId": "101",
        "scoreGiven": 1,
        "scoreMaximum": 1,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": datetime.now(UTC).isoformat(),
        **other,
    }


def send(browser: FlaskClient, bearer: dict[str, str], body: Any, **more: Any) -> TestResponse:
    data = body if isinstance(body, str) else json.dumps(body)
    path = more.pop("path", f"{COLUMN}/scores?type_id=1")
    content_type = more.pop("content_type", SCORE_TYPE)
    return post(browser, path, data=data, content_type=content_type, headers=bearer)


# -- an outsider ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        (lti_tool.demo_portal, {"flask", "werkzeug", "jwt", "jwcrypto", "cryptography"}),
        (lti_tool.demo, {"requests", "yaml", "cryptography"}),
    ],
)
def test_the_portal_and_the_demo_import_nothing_of_the_tool(package: ModuleType, allowed: set[str]) -> None:
    for file in Path(package.__file__ or "").parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                own = f"{name}.".startswith(f"{package.__name__}.")
                top = name.split(".")[0]
                assert own or top in allowed or top in sys.stdlib_module_names, f"{file.name}: {name}"


# -- pages ---------------------------------------------------------------------------------------


def test_the_front_page_offers_everyone_to_log_in_as_and_folds_the_fictitious_away(
    browser: FlaskClient,
) -> None:
    page = get(browser, "/").text
    assert "Gemeente Voorbeeldstad" in page
    assert "Gemeente Kleindorp" in page
    assert page.count('name="person_id"') == 4 + 24 + 7
    before, folded = page.split("<details>")[0], page.split("<details>")[1].split("</details>")[0]
    assert folded.count("fictieve collega ") == 24
    assert "fictieve collega 1<" not in before


def test_a_learner_sees_the_course_and_an_iframe_with_a_title_and_another_window(
    browser: FlaskClient,
) -> None:
    log_in(browser)
    assert "nog niet klaar" in get(browser, "/course/2").text
    page = get(browser, "/activity/1").text
    assert '<iframe class="tool" title="Digivaardig: Ontdek wat je al kunt"' in page
    assert 'src="/activity/1/launch?target=iframe"' in page
    assert 'href="/activity/1/launch?target=window" target="_blank"' in page


def test_a_learner_does_not_see_who_else_takes_part(browser: FlaskClient) -> None:
    log_in(browser)
    assert "Youssef" not in get(browser, "/course/2").text


def test_the_teacher_sees_the_participants(browser: FlaskClient) -> None:
    log_in(browser, "103")
    page = get(browser, "/course/2").text
    assert page.count('<th scope="row">') == 26
    assert "nog niet klaar" not in page


def test_nobody_gets_in_without_logging_in_or_with_another_municipality(browser: FlaskClient) -> None:
    assert get(browser, "/course/2").status_code == 401
    assert post(browser, "/login", data={"person_id": "999"}).status_code == 400
    log_in(browser, "301")
    assert get(browser, "/course/3").status_code == 200
    assert get(browser, "/course/2").status_code == 403
    assert get(browser, "/activity/1/launch").status_code == 403
    assert get(browser, "/activity/99").status_code == 404
    assert post(browser, "/logout").status_code == 303
    assert get(browser, "/course/3").status_code == 401


def test_an_error_page_is_dutch_and_shows_no_framework_text(browser: FlaskClient) -> None:
    answer = get(browser, "/nowhere")
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet." in answer.text
    assert "requested URL" not in answer.text


def test_every_page_allows_framing_the_tool_and_no_inline_script(browser: FlaskClient) -> None:
    policy = get(browser, "/").headers["Content-Security-Policy"]
    assert f"frame-src 'self' {TOOL};" in policy
    assert f"form-action 'self' {TOOL};" in policy
    assert "unsafe-inline" not in policy


def test_a_browser_at_localhost_is_sent_to_the_portals_own_address(app: Flask) -> None:
    answer = app.test_client().get("/course/2?x=1", base_url="http://localhost:8600")
    assert (answer.status_code, answer.location) == (307, f"{PORTAL}/course/2?x=1")


def test_the_session_cookie_is_lax_and_not_for_scripts(browser: FlaskClient) -> None:
    cookie = post(browser, "/login", data={"person_id": "101"}).headers["Set-Cookie"]
    assert cookie.startswith("leerportaal=")
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie


def test_the_registrations_are_two_clients_at_one_issuer(browser: FlaskClient) -> None:
    entries = get(browser, "/api/registrations").get_json()["registrations"]
    assert [e["deployment_ids"] for e in entries] == [["1"], ["2"]]
    assert {e["issuer"] for e in entries} == {PORTAL}
    assert len({e["client_id"] for e in entries}) == 2
    assert get(browser, "/health").get_json() == {"status": "ok"}


# -- launch --------------------------------------------------------------------------------------


def test_a_launch_starts_with_the_fields_that_a_real_portal_sends(browser: FlaskClient) -> None:
    log_in(browser)
    fields = launch_fields(browser)
    hint = json.loads(fields.pop("lti_message_hint"))
    assert hint["cmid"] == 1
    assert fields == {
        "iss": PORTAL,
        "target_link_uri": f"{TOOL}/lti/launch",
        "login_hint": "101",
        "client_id": CLIENT,
        "lti_deployment_id": "1",
        "lti_storage_target": "_parent",
    }
    assert get(browser, "/activity/1/launch?target=elsewhere").status_code == 400


def test_only_the_page_around_a_frame_offers_to_keep_values(browser: FlaskClient) -> None:
    log_in(browser)
    assert "lti_storage_target" not in launch_fields(browser, target="window")
    assert "lti_storage_target" not in launch_fields(browser, target="iframe&storage=none")
    for offer, script, storage in (
        ("", True, ""),
        ("?storage=silent", False, "silent"),
        ("?storage=none", False, "none"),
    ):
        page = get(browser, f"/activity/1{offer}").text
        assert (f'data-tool-origin="{TOOL}"' in page) is script
        assert (f"storage={storage}" in page) is bool(storage)
    assert get(browser, "/activity/1?storage=forever").status_code == 400
    assert get(browser, "/activity/1/launch?target=iframe&storage=forever").status_code == 400


def test_the_id_token_is_shaped_as_a_real_portals(browser: FlaskClient) -> None:
    log_in(browser)
    action, answer = form(get(browser, "/auth", query_string=request_of(launch_fields(browser))))
    assert action == f"{TOOL}/lti/launch"
    assert answer["state"] == "state-1"
    assert jwt.get_unverified_header(answer["id_token"])["alg"] == "RS256"
    claims = claims_of(browser, answer)
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["sub"], claims["nonce"], claims["name"]) == ("101", "nonce-1", "Sanne de Boer")
    assert claims["email"] == "sanne.de.boer@voorbeeldstad.example"
    assert claims[f"{LTI}deployment_id"] == "1"
    assert claims[f"{LTI}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert claims[f"{LTI}launch_presentation"]["locale"] == "nl"
    assert claims[f"{LTI}launch_presentation"]["document_target"] == "iframe"
    assert claims[f"{LTI}message_type"] == "LtiResourceLinkRequest"
    assert claims[AGS_ENDPOINT]["lineitem"] == f"{PORTAL}{COLUMN}?type_id=1"
    assert set(claims[AGS_ENDPOINT]["scope"]) == set(AGS_SCOPES)


@pytest.mark.parametrize(
    ("person", "activity", "roles"),
    [("103", "1", ["Instructor"]), ("104", "1", ["Administrator", "Instructor", "Administrator"])],
)
def test_staff_come_with_the_roles_that_portals_send(
    browser: FlaskClient, person: str, activity: str, roles: list[str]
) -> None:
    log_in(browser, person)
    _, answer = form(post(browser, "/auth", data=request_of(launch_fields(browser, activity, "window"))))
    claims = claims_of(browser, answer)
    assert [r.split("#")[1] for r in claims[f"{LTI}roles"]] == roles
    assert all(r.startswith("http://purl.imsglobal.org/vocab/lis/v2/") for r in claims[f"{LTI}roles"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": None}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": "102"}, "login_required"),
        ({"lti_message_hint": "no JSON"}, "invalid_request"),
        ({"lti_message_hint": "[1]"}, "invalid_request"),
        ({"lti_message_hint": '{"cmid":1,"launchid":7}'}, "invalid_request"),
    ],
)
def test_a_bad_authentication_request_is_answered_with_an_error_and_the_state(
    browser: FlaskClient, change: dict[str, str | None], error: str
) -> None:
    log_in(browser)
    asked = request_of(launch_fields(browser), **change)
    action, answer = form(get(browser, "/auth", query_string=asked))
    assert action == f"{TOOL}/lti/launch"
    assert (answer["error"], answer["state"]) == (error, "state-1")
    assert "id_token" not in answer


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": None},
        {"redirect_uri": f"{TOOL}/lti/launch/"},
        {"redirect_uri": f"{TOOL}/lti/launch?x=1"},
        {"redirect_uri": "http://localhost:8601.evil.example/lti/launch"},
    ],
)
def test_an_unknown_client_or_address_never_gets_an_answer(
    browser: FlaskClient, change: dict[str, str | None]
) -> None:
    log_in(browser)
    answer = get(browser, "/auth", query_string=request_of(launch_fields(browser), **change))
    assert answer.status_code == 400
    assert "<form" not in answer.text.split("<main")[1]


def test_a_request_without_state_gets_none_back(browser: FlaskClient) -> None:
    log_in(browser)
    _, answer = form(get(browser, "/auth", query_string=request_of(launch_fields(browser), state=None)))
    assert set(answer) == {"id_token"}


def test_a_launch_can_be_answered_only_once(browser: FlaskClient) -> None:
    log_in(browser)
    asked = request_of(launch_fields(browser))
    assert "id_token" in form(get(browser, "/auth", query_string=asked))[1]
    assert form(get(browser, "/auth", query_string=asked))[1]["error"] == "invalid_request"


def test_a_launch_of_another_activity_s_client_is_refused(browser: FlaskClient) -> None:
    log_in(browser)
    asked = request_of(launch_fields(browser), client_id="kleindorp-p9Rw3LcV8s")
    assert form(get(browser, "/auth", query_string=asked))[1]["error"] == "invalid_request"


def test_a_request_without_the_portals_cookie_is_posted_once_more_by_the_portal_itself(
    app: Flask, browser: FlaskClient
) -> None:
    log_in(browser)
    asked = request_of(launch_fields(browser))
    action, fields = form(get(app.test_client(), "/auth", query_string=asked))
    assert action == f"{PORTAL}/auth"
    assert "id_token" in form(post(browser, "/auth", data=fields))[1]
    assert form(post(app.test_client(), "/auth", data=fields))[1]["error"] == "login_required"


def test_a_launch_belongs_to_who_began_it_and_ends() -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    launches = PendingLaunches()
    begun = launches.begin("101", "1", "iframe", now)
    assert launches.take(begun.hint, "102", now) is None
    assert launches.take(begun.hint.replace('"cmid":1', '"cmid":2'), "101", now) is None
    assert launches.take(begun.hint, "101", now + timedelta(minutes=10)) is None
    launches.begin("101", "1", "iframe", now + timedelta(minutes=10))
    assert launches.take(begun.hint, "101", now) is None


def test_the_key_set_may_be_cached(browser: FlaskClient) -> None:
    answer = get(browser, "/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    (key,) = answer.get_json()["keys"]
    assert key["use"] == "sig"
    assert "d" not in key


# -- tokens --------------------------------------------------------------------------------------


def test_a_good_assertion_gets_a_token_for_an_hour(browser: FlaskClient, tool_key: jwk.JWK) -> None:
    answer = ask_token(browser, tool_key)
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, SCOPE_SCORE)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, "invalid_request"),
        ({"client_assertion": "x"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"}, "invalid_scope"),
        ({"claims": {"iss": "other"}}, "invalid_client"),
        ({"claims": {"iss": "other", "sub": "other"}}, "invalid_client"),
        ({"claims": {"aud": "http://elsewhere.example/token"}}, "invalid_client"),
        ({"claims": {"exp": 1_000_000_000, "iat": 999_999_990}}, "invalid_client"),
        ({"claims": {"exp": 4_000_000_000}}, "invalid_client"),
        ({"claims": {"kid": "unknown"}}, "invalid_client"),
    ],
)
def test_a_bad_token_request_is_refused(
    browser: FlaskClient, tool_key: jwk.JWK, change: dict[str, Any], error: str
) -> None:
    answer = ask_token(browser, tool_key, **change)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_an_assertion_signed_with_another_key_is_refused(browser: FlaskClient, tool_key: jwk.JWK) -> None:
    stranger = jwk.JWK.generate(kty="RSA", size=2048)
    answer = ask_token(browser, stranger, claims={"kid": tool_key.thumbprint()})
    assert answer.get_json()["error"] == "invalid_client"


def test_an_assertion_works_once(browser: FlaskClient, tool_key: jwk.JWK) -> None:
    once = assertion(tool_key, jti="the-same")
    assert ask_token(browser, tool_key, client_assertion=once).status_code == 200
    assert ask_token(browser, tool_key, client_assertion=once).get_json()["error"] == "invalid_client"


def test_an_unreachable_key_set_is_the_tools_problem(
    browser: FlaskClient, app: Flask, tool_key: jwk.JWK, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = app.extensions["demo_portal"].tokens

    def unreachable() -> Mapping[str, Any]:
        raise OSError("refused")

    monkeypatch.setattr(desk, "_fetch_keys", unreachable)
    answer = ask_token(browser, tool_key, claims={"kid": "rotated"})
    assert answer.get_json() == {
        "error": "invalid_client",
        "error_description": "the tool's key set cannot be read",
    }


# -- grades --------------------------------------------------------------------------------------


def test_a_score_is_answered_with_200_and_nothing_and_shows_as_klaar(
    browser: FlaskClient, bearer: dict[str, str]
) -> None:
    answer = send(browser, bearer, score(userId="201"))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", SCORE_TYPE)
    log_in(browser, "201")
    assert "✓ klaar" in get(browser, "/course/2").text
    assert "✓ klaar" in get(browser, "/activity/1").text
    log_in(browser, "103")
    assert get(browser, "/course/2").text.count("✓ klaar") == 1
    (mark,) = get(browser, "/api/marks").get_json()["marks"]
    assert (mark["person_id"], mark["activity_id"], mark["done"], mark["result"]) == ("201", "1", True, 100)


def test_a_score_within_the_same_second_or_earlier_is_a_conflict(
    browser: FlaskClient, bearer: dict[str, str]
) -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 100_000, tzinfo=UTC)

    def post_at(moment: datetime) -> int:
        return send(browser, bearer, score(userId="202", timestamp=moment.isoformat())).status_code

    assert post_at(at) == 200
    assert post_at(at + timedelta(milliseconds=800)) == 409
    assert post_at(at - timedelta(hours=1)) == 409
    assert post_at(at + timedelta(seconds=1)) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"userId": "103"},
        {"userId": "301"},
        {"userId": "999999"},
        {"activityProgress": "Done"},
        {"gradingProgress": None},
        {"scoreGiven": "1"},
        {"scoreGiven": True},
        {"scoreGiven": -1},
        {"scoreMaximum": None},
        {"scoreMaximum": 0},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-23T09:00:00"},
        {"timestamp": None},
    ],
)
def test_a_score_that_is_not_right_is_400_with_the_reason_in_the_status_line(
    browser: FlaskClient, bearer: dict[str, str], change: dict[str, Any]
) -> None:
    answer = send(browser, bearer, score(**change))
    assert answer.status_code == 400
    assert answer.status.startswith("400 Incorrect score received")
    assert answer.text == "[]"


def test_a_body_that_is_no_score_is_refused(browser: FlaskClient, bearer: dict[str, str]) -> None:
    assert send(browser, bearer, "[]").status_code == 400
    assert send(browser, bearer, "{").status_code == 400
    assert send(browser, bearer, score(), content_type="application/json").status_code == 400


def test_progress_after_a_grade_blanks_it_as_in_moodle(browser: FlaskClient, bearer: dict[str, str]) -> None:
    later = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    assert send(browser, bearer, score(userId="203")).status_code == 200
    body = score(userId="203", timestamp=later, gradingProgress="Pending", activityProgress="InProgress")
    assert send(browser, bearer, body).status_code == 200
    mark = next(m for m in get(browser, "/api/marks").get_json()["marks"] if m["person_id"] == "203")
    assert (mark["done"], mark["result"]) == (False, None)


def test_a_score_without_a_value_is_no_grade(browser: FlaskClient, bearer: dict[str, str]) -> None:
    body = score(userId="204")
    del body["scoreGiven"]
    assert send(browser, bearer, body).status_code == 200
    mark = next(m for m in get(browser, "/api/marks").get_json()["marks"] if m["person_id"] == "204")
    assert mark["done"] is False


def test_results_and_line_items_can_be_read(browser: FlaskClient, bearer: dict[str, str]) -> None:
    send(browser, bearer, score(userId="205", scoreGiven=2))
    results = get(browser, f"{COLUMN}/results?type_id=1&user_id=205", headers=bearer).get_json()
    (result,) = results
    assert (result["userId"], result["resultScore"], result["resultMaximum"]) == ("205", 100, 100)
    assert result["scoreOf"] == f"{PORTAL}{COLUMN}?type_id=1"
    assert len(get(browser, f"{COLUMN}/results", headers=bearer).get_json()) >= 1
    item = get(browser, f"{COLUMN}?type_id=1", headers=bearer)
    assert item.get_json()["resourceLinkId"] == "1"
    (only,) = get(browser, "/ags/2/lineitems?type_id=1", headers=bearer).get_json()
    assert only == item.get_json()


def test_the_services_want_a_token_with_the_scope_and_of_this_course(
    browser: FlaskClient, tool_key: jwk.JWK, bearer: dict[str, str]
) -> None:
    assert send(browser, {}, score()).status_code == 401
    assert send(browser, {"Authorization": "Bearer nonsense"}, score()).status_code == 401
    assert send(browser, {"Authorization": "Basic x"}, score()).status_code == 401
    reading = ask_token(browser, tool_key, scope=SCOPE_RESULT_READ).get_json()["access_token"]
    refused = send(browser, {"Authorization": f"Bearer {reading}"}, score())
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "Forbidden")
    other = "/ags/3/lineitems/12/lineitem/scores"
    assert send(browser, bearer, score(userId="301"), path=other).status_code == 404
    assert send(browser, bearer, score(), path="/ags/2/lineitems/99/lineitem/scores").status_code == 404


# -- who is here ---------------------------------------------------------------------------------


def test_everybody_and_every_activity_has_an_id_of_their_own() -> None:
    directory = demo_directory()
    people = [p.id for c in directory.courses for p in c.people]
    activities = [a.id for c in directory.courses for a in c.activities]
    assert len(people) == len(set(people)) == 35
    assert len(activities) == len(set(activities)) == 2


# -- reading the tool's key set ------------------------------------------------------------------


@contextmanager
def answering(answer: Response) -> Iterator[str]:
    """A server of this machine that always gives this answer; yields its address."""
    app = Flask(__name__)
    app.add_url_rule("/keys", view_func=lambda: answer)
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/keys"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_key_set_is_read_over_http() -> None:
    with answering(Response('{"keys": []}', mimetype="application/json")) as address:
        assert tokens.fetch_json(address) == {"keys": []}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response("", 302, headers={"Location": "/elsewhere"}), OSError),
        (Response("", 500), OSError),
        (Response("[]"), ValueError),
        (Response("no JSON"), ValueError),
        (Response(" " * 70_000), ValueError),
    ],
)
def test_what_is_no_key_set_is_refused(answer: Response, error: type[Exception]) -> None:
    with answering(answer) as address, pytest.raises(error):
        tokens.fetch_json(address)


# -- the list of participants ----------------------------------------------------------------------

MEMBERS = "/CourseSection/2/bindings/1/memberships"


@pytest.fixture
def reading(browser: FlaskClient, tool_key: jwk.JWK) -> dict[str, str]:
    answer = ask_token(browser, tool_key, scope=SCOPE_ROSTER)
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def test_a_launch_says_where_to_ask_who_is_in_the_course(browser: FlaskClient) -> None:
    log_in(browser)
    _, answer = form(get(browser, "/auth", query_string=request_of(launch_fields(browser))))
    service = claims_of(browser, answer)[NRPS_SERVICE]
    assert service == {"context_memberships_url": f"{PORTAL}{MEMBERS}", "service_versions": ["1.0", "2.0"]}


def test_everybody_is_on_the_list_with_name_mail_and_short_roles(
    browser: FlaskClient, reading: dict[str, str]
) -> None:
    answer = get(browser, MEMBERS, headers=reading)
    assert answer.mimetype == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert "Link" not in answer.headers
    container = answer.get_json()
    assert container["id"] == f"{PORTAL}{MEMBERS}"
    people = {member["user_id"]: member for member in container["members"]}
    assert len(people) == 4 + 24
    assert people["101"] == {
        "status": "Active",
        "roles": ["Learner"],
        "user_id": "101",
        "lis_person_sourcedid": "p-101",
        "name": "Sanne de Boer",
        "given_name": "Sanne",
        "family_name": "de Boer",
        "email": "sanne.de.boer@voorbeeldstad.example",
        "ext_user_username": "sanne.de.boer",
    }
    assert people["103"]["roles"] == people["104"]["roles"] == ["Instructor"]


def test_a_page_of_the_list_links_to_the_next_and_the_last_to_none(
    browser: FlaskClient, reading: dict[str, str]
) -> None:
    found, address, pages = [], f"{MEMBERS}?limit=10", 0
    while address:
        answer = get(browser, address, headers=reading)
        found += [member["user_id"] for member in answer.get_json()["members"]]
        link = answer.headers.get("Link", "")
        address = link.partition(">")[0].removeprefix(f"<{PORTAL}")
        pages += 1
        assert not link or link.endswith('; rel="next"')
    assert (pages, len(set(found)), len(found)) == (3, 28, 28)


def test_asked_about_one_activity_members_carry_a_message(browser: FlaskClient, reading: dict[str, str]) -> None:
    members = get(browser, f"{MEMBERS}?rlid=1&limit=1", headers=reading)
    assert "rlid=1" in members.headers["Link"]
    (member,) = members.get_json()["members"]
    assert member["message"][0][f"{LTI}message_type"] == "LtiResourceLinkRequest"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/CourseSection/3/bindings/2/memberships", 404),
        ("/CourseSection/2/bindings/2/memberships", 404),
        (f"{MEMBERS}?rlid=2", 404),
        (f"{MEMBERS}?limit=many", 400),
        (f"{MEMBERS}?from=-1", 400),
    ],
)
def test_a_list_that_is_not_there_is_not_given(
    browser: FlaskClient, reading: dict[str, str], path: str, status: int
) -> None:
    assert get(browser, path, headers=reading).status_code == status


def test_the_list_needs_a_token_with_its_own_scope(
    browser: FlaskClient, bearer: dict[str, str], reading: dict[str, str]
) -> None:
    assert get(browser, MEMBERS).status_code == 401
    assert get(browser, MEMBERS, headers=bearer).status_code == 403
    assert get(browser, COLUMN, headers=reading).status_code == 403


def test_an_instructor_makes_somebody_inactive_and_active_again(
    browser: FlaskClient, reading: dict[str, str]
) -> None:
    def status() -> str:
        members = get(browser, MEMBERS, headers=reading).get_json()["members"]
        return str(next(member["status"] for member in members if member["user_id"] == "101"))

    log_in(browser, "103")
    assert post(browser, "/course/2/people", data={"inactive": "101"}).status_code == 303
    assert status() == "Inactive"
    assert "Maak Sanne de Boer weer actief" in get(browser, "/course/2").text
    log_in(browser)
    assert get(browser, "/course/2").status_code == 403
    assert get(browser, "/activity/1/launch").status_code == 403
    log_in(browser, "103")
    post(browser, "/course/2/people", data={"active": "101"})
    assert status() == "Active"


def test_only_an_instructor_does_so_and_only_to_learners(browser: FlaskClient) -> None:
    log_in(browser)
    assert post(browser, "/course/2/people", data={"inactive": "102"}).status_code == 403
    log_in(browser, "103")
    for data in ({"inactive": "104"}, {"inactive": "301"}, {}):
        assert post(browser, "/course/2/people", data=data).status_code == 404
    assert post(browser, "/course/3/people", data={"inactive": "301"}).status_code == 403
