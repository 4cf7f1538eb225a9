"""What a certified tool must refuse and accept, by the numbers of the list, through the whole web app.

The list is section 6.1 of the 1EdTech LTI Advantage Conformance Certification Guide
(https://www.imsglobal.org/spec/lti/v1p3/cert/); SF is section 5.1.3 of the security framework
(https://www.imsglobal.org/spec/security/v1p0/), P what PyLTI1p3 was seen to do wrong. Asserted of every
refusal: the page with its code, a row in the log, a row in the audit, and that nothing of the token comes back.

What of P is not about one launch is elsewhere: keys and time limits (P5, P9) in test_lti_http.py, tokens (P8 and
P12) in test_scores.py, keys that are loaded once (P6) in test_keys.py and `make prove-launches`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.app import create_app, migrate
from lti_tool.demo.municipalities import VOORBEELDSTAD, write_files
from lti_tool.lti.claims import AGS, DEEP_LINKING, LTI
from lti_tool.lti.errors import LAUNCH_REASONS
from lti_tool.settings import LRS_RIGHTS, Settings
from lti_tool.storage import audit, portals
from lti_tool.storage.database import db, transaction
from lti_tool.web.lti import FIRST_PAGES
from lti_tool.web.refusals import refusal_of
from tests.functional.installation import CONTENT
from tests.logged import everything_logged
from tests.unit.lti.portal import (
    CLIENT,
    ISSUER,
    LAUNCH_URL,
    LOGIN_PARAMS,
    MEMBERSHIP,
    PERSONAL,
    PORTAL,
    claims_of,
    jwk_of,
    key_set,
    sign,
    sign_raw,
)

TOOL = "https://tool.example"
GONE: Any = object()
"""Takes a claim out."""
STUDENT, INSTRUCTOR = "learner", "instructor"
BOTH = (STUDENT, INSTRUCTOR)
RESOURCE, CHOICE, REVIEW = "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"
ROLES_OF = {RESOURCE: BOTH, CHOICE: (INSTRUCTOR,), REVIEW: BOTH}
RETURN_URL = f"{ISSUER}/mod/lti/contentitem_return.php?course=2&sesskey=geheim"
SETTINGS = {
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "iframe", "window"],
    "deep_link_return_url": RETURN_URL,
}
LONG_NAMES = [value for value in PERSONAL.values() if value != "Sam"]  # which is in SameSite
COOKIE_FLAGS = ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned")


@dataclass
class Launch:
    """One launch of one browser, on its way to the tool."""

    client: FlaskClient
    state: str
    claims: dict[str, Any]
    header: dict[str, Any] = field(default_factory=dict)
    key: str = "portal"
    token: str | None = None
    form: dict[str, str] = field(default_factory=dict)

    def send(self) -> TestResponse:
        kept = {name: value for name, value in self.claims.items() if value is not GONE}
        self.token = sign(kept, key=self.key, **self.header) if self.token is None else self.token
        return self.post({"state": self.state, "id_token": self.token, **self.form})

    def post(self, form: dict[str, str]) -> TestResponse:
        return self.client.post("/lti/launch", base_url=TOOL, data=form)


class House:
    """The whole tool on SQLite, with one municipality whose portal's keys are known."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(
            public_url=TOOL,
            database_url=f"sqlite:///{folder}/tool.sqlite3",
            secret_key=secrets.token_hex(32),
            encryption_keys=Fernet.generate_key().decode(),
            lrs_keys={name: secrets.token_urlsafe(24) for name in LRS_RIGHTS},
            content_dir=CONTENT,
            allow_private_portals=True,
        )
        migrate(settings)
        self.app: Flask = create_app(settings)
        names = ("issuer", "client_id", "auth_login_url", "token_url", "jwks_url")
        registration = {name: getattr(PORTAL, name) for name in names}
        registration |= {"municipality": "Gemeente Voorbeeldstad", "deployment_ids": ["1"]}
        (file,) = write_files(folder, [registration], datetime.now(UTC).date())
        with self.app.app_context():
            self.app.extensions["commands"].connect.apply(file, datetime.now(UTC))

    def renew(self) -> None:
        """The portal as registered, its keys fetched just now, so that nobody is asked for them."""
        now = datetime.now(UTC)
        with self.app.app_context(), transaction():
            portals.save_portal(replace(PORTAL, tenant_id=VOORBEELDSTAD, enabled=True))
            portals.save_jwks(VOORBEELDSTAD, PORTAL.id, portals.CachedJwks(key_set(jwk_of()), now))

    def close_portal(self) -> None:
        with self.app.app_context(), transaction():
            portals.save_portal(replace(PORTAL, tenant_id=VOORBEELDSTAD, enabled=False))

    def begin(self, role: str = STUDENT, kind: str = RESOURCE, client: FlaskClient | None = None) -> Launch:
        """A good launch of this kind, not sent yet."""
        client = client or self.app.test_client()
        answer = log_in(client, {**LOGIN_PARAMS, "target_link_uri": LAUNCH_URL})
        assert answer.status_code == 302
        seen = parse_qs(urlsplit(answer.location).query)
        claims = claims_of(role, seen["nonce"][0], datetime.now(UTC)) | {f"{LTI}message_type": kind}
        if kind == CHOICE:
            claims |= {f"{LTI}resource_link": GONE, DEEP_LINKING: SETTINGS}
        if kind == REVIEW:
            claims |= {f"{LTI}for_user": {"user_id": "4"}}
        return Launch(client, seen["state"][0], claims)

    def audit_rows(self) -> list[tuple[datetime, str, str, str]]:
        with self.app.app_context(), transaction(writes=False):
            rows = [*audit.audit_rows(VOORBEELDSTAD), *audit.audit_rows("")]
        return [row for row in rows if row[2] == audit.LAUNCH_REFUSED]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("certification"))
    yield house
    with house.app.app_context():
        db.engine.dispose()


@pytest.fixture
def house(standing: House) -> House:
    standing.renew()
    return standing


def log_in(client: FlaskClient, asked: dict[str, str]) -> TestResponse:
    """A login; a browser that has no cookie yet is sent to the same once more, with one."""
    answer = client.post("/lti/login", base_url=TOOL, data=asked)
    return client.post(answer.location, base_url=TOOL, data=asked) if answer.status_code == 307 else answer


def check_refused(house: House, launch: Launch, code: str, form: dict[str, str] | None = None) -> None:
    """A page with the code, a row in the log, a row in the audit, and nothing of the token anywhere."""
    assert code in LAUNCH_REASONS
    before = house.audit_rows()
    with everything_logged() as log:
        answer = launch.send() if form is None else launch.post(form)
    assert answer.status_code == refusal_of(code).status
    assert f"<code>{code}</code>" in answer.text
    (row,) = [row for row in house.audit_rows() if row not in before]
    (noted,) = [entry for entry in log if entry["event"] == "launch_refused"]
    assert noted["reason"] == code
    detail = row[3]
    assert detail.startswith(f"{noted['reference']} {code}")
    said = f"{answer.headers}{answer.text}{log}{detail}"
    secrets_of_launch = [*LONG_NAMES, "emp-student", "geheim", launch.state]
    secrets_of_launch += [part for part in (launch.token or "").split(".") if len(part) > 8]
    assert not [secret for secret in secrets_of_launch if secret in said]


def check_accepted(launch: Launch) -> TestResponse:
    answer = launch.send()
    assert answer.status_code == 303, answer.text
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert [flag for flag in COOKIE_FLAGS if flag not in cookie] == []
        # P7: a random id, and nothing of the launch.
        assert len(cookie.partition(";")[0].partition("=")[2]) == 43
    return answer


# 6.1.1: what must be refused


def seconds(offset: int) -> int:
    return int(datetime.now(UTC).timestamp()) + offset


@dataclass(frozen=True)
class Bad:
    """What is wrong in one launch; times are seconds from now."""

    number: str
    code: str
    changes: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    kinds: tuple[str, ...] = (RESOURCE, CHOICE, REVIEW)

    def applied(self, launch: Launch) -> Launch:
        launch.claims |= self.changes | {name: seconds(offset) for name, offset in self.times.items()}
        launch.header = self.header
        return launch


NOT_A_LAUNCH = dict.fromkeys([*claims_of(), DEEP_LINKING, f"{LTI}for_user"], GONE) | {"greeting": "hello"}
WITH_LINK = (RESOURCE, REVIEW)
BAD_PAYLOADS = [
    Bad("6.1.1-1 no kid in the header", "kid_missing", header={"kid": None}),
    Bad("6.1.1-2 incorrect kid", "kid_unknown", header={"kid": "imstester_66067"}),
    Bad("6.1.1-3 wrong LTI version", "version_unsupported", {f"{LTI}version": "11.3"}),
    Bad("6.1.1-4 no LTI version", "version_missing", {f"{LTI}version": GONE}),
    Bad("6.1.1-5 JSON that is no launch", "iss_missing", NOT_A_LAUNCH),
    Bad("6.1.1-6a no iss", "iss_missing", {"iss": GONE}),
    Bad("6.1.1-6b no aud", "aud_missing", {"aud": GONE}),
    Bad("6.1.1-6c no nonce", "nonce_missing", {"nonce": GONE}),
    Bad("6.1.1-6d no target_link_uri", "target_link_uri_missing", {f"{LTI}target_link_uri": GONE}),
    Bad("6.1.1-6e no resource_link", "resource_link_missing", {f"{LTI}resource_link": GONE}, kinds=WITH_LINK),
    Bad("6.1.1-6f no settings", "deep_linking_settings_missing", {DEEP_LINKING: GONE}, kinds=(CHOICE,)),
    Bad("6.1.1-6g no for_user", "for_user_missing", {f"{LTI}for_user": GONE}, kinds=(REVIEW,)),
    Bad("6.1.1-6h no line item to review", "message_refused", {AGS: GONE}, kinds=(REVIEW,)),
    Bad("6.1.1-7a expired", "exp_passed", times={"iat": -400, "exp": -340}),
    Bad("6.1.1-7b from the future", "iat_in_future", times={"iat": 340, "exp": 400}),
    Bad("6.1.1-7c ancient iat", "iat_too_old", {"iat": 11111}),
    Bad("6.1.1-7d no exp", "exp_missing", {"exp": GONE}),
    Bad("6.1.1-7e no iat", "iat_missing", {"iat": GONE}),
    Bad("6.1.1-7f exp before iat", "exp_before_iat", times={"exp": -10}),
    Bad("6.1.1-8 no message_type", "message_type_missing", {f"{LTI}message_type": GONE}),
    Bad("6.1.1-9 no roles", "roles_missing", {f"{LTI}roles": GONE}),
    Bad("6.1.1-10 no deployment_id", "deployment_id_missing", {f"{LTI}deployment_id": GONE}),
    Bad("6.1.1-11 no resource_link id", "resource_link_missing", {f"{LTI}resource_link": {}}, kinds=WITH_LINK),
    Bad("6.1.1-12 no sub", "sub_missing", {"sub": GONE}),
]
# Security framework, section 5.1.3, and what we add
SECURITY = [
    Bad("SF-2 another issuer", "iss_differs", {"iss": "https://elsewhere.example"}),
    Bad("SF-3a meant for another", "aud_differs", {"aud": "another"}),
    Bad("SF-3b several aud without azp", "azp_missing", {"aud": [CLIENT, "another"]}),
    Bad("SF-4 azp of another", "azp_differs", {"azp": "another"}),
    Bad("SF-5a alg none", "algorithm_refused", header={"alg": "none"}),
    Bad("SF-5b HS256", "algorithm_refused", header={"alg": "HS256"}),
    Bad("SF-5c RS512", "algorithm_refused", header={"alg": "RS512"}),
    Bad("SF-5d a critical extension", "signature_wrong", header={"crit": ["exp"]}),
    Bad("SF-7a exp too far", "exp_too_far", times={"exp": 66 * 60}),
    Bad("SF-7b not valid yet", "nbf_in_future", times={"nbf": 120}),
    Bad("SF-8 eleven minutes old", "iat_too_old", times={"iat": -660}),
    Bad("SF-9a a nonce that was never given", "nonce_differs", {"nonce": secrets.token_urlsafe(32)}),
    Bad("SF-9b an empty nonce", "nonce_differs", {"nonce": ""}),
    Bad("SF-10 an unknown deployment", "deployment_unknown", {f"{LTI}deployment_id": "2"}),
    Bad("SF-11 target of another", "target_differs", {f"{LTI}target_link_uri": f"{LAUNCH_URL}?other=1"}),
    Bad("SF-12a sub is a number", "sub_malformed", {"sub": 4}),
    Bad("SF-12b sub of 10,000 characters", "sub_malformed", {"sub": "x" * 10_000}),
    Bad("SF-12c times are texts", "exp_malformed", {"exp": "soon"}),
    Bad("SF-12d context is a text", "context_malformed", {f"{LTI}context": "2"}),
]
# What PyLTI1p3 accepted
ACCEPTED_BY_OTHERS = [
    Bad("P1a no exp", "exp_missing", {"exp": GONE}),
    Bad("P1b no iat", "iat_missing", {"iat": GONE}),
    Bad("P1c iat a day old", "iat_too_old", times={"iat": -86_400}),
    Bad("P1d exp in ten years", "exp_too_far", times={"exp": 10 * 365 * 86_400}),
    Bad("P1e roles as a text", "roles_malformed", {f"{LTI}roles": "Instructor"}),
    Bad("P1f roles as numbers", "roles_malformed", {f"{LTI}roles": [1, 2]}),
    Bad("P1g target elsewhere", "target_differs", {f"{LTI}target_link_uri": "https://elsewhere.example/"}),
    Bad("P3 resource_link as a text", "resource_link_malformed", {f"{LTI}resource_link": "1"}),
    Bad("P11 return address with script", "deep_linking_settings_malformed",
        {DEEP_LINKING: {**SETTINGS, "deep_link_return_url": "javascript:alert(1)"}}, kinds=(CHOICE,)),
]  # fmt: skip
CASES = [
    pytest.param(bad, role, kind, id=f"{bad.number}, {role}, {kind}")
    for bad in (*BAD_PAYLOADS, *SECURITY, *ACCEPTED_BY_OTHERS)
    for kind in bad.kinds
    for role in ROLES_OF[kind]
]


@pytest.mark.parametrize(("bad", "role", "kind"), CASES)
def test_a_bad_payload_is_refused_noted_and_not_echoed(house: House, bad: Bad, role: str, kind: str) -> None:
    check_refused(house, bad.applied(house.begin(role, kind)), bad.code)


def test_every_number_of_the_list_has_its_payload() -> None:
    numbers = {int("".join(filter(str.isdigit, bad.number.split()[0].split("-")[1]))) for bad in BAD_PAYLOADS}
    assert numbers == set(range(1, 13))


# 6.1.2 and 6.1.3: what must be accepted

NO_NAMES = {name: GONE for name in PERSONAL if name != "email"}
NO_MAIL = {"email": GONE}
GOOD_PAYLOADS: dict[str, dict[str, Any]] = {
    "as Moodle sends it": {},
    "several roles": {f"{LTI}roles": [f"{MEMBERSHIP}Learner", f"{MEMBERSHIP}Instructor", f"{MEMBERSHIP}Mentor"]},
    "short role": {f"{LTI}roles": ["Instructor"]},
    "unknown role": {f"{LTI}roles": ["http://purl.imsglobal.org/vocab/lis/v2/x#Made", f"{MEMBERSHIP}Instructor"]},
    "e-mail only": NO_NAMES,
    "names only": NO_MAIL,
    "nothing personal": NO_NAMES | NO_MAIL,
    "no context": {f"{LTI}context": GONE},
    "P3 iat ten seconds ahead": {},
    "P3 our client last among the audiences": {"aud": ["another", CLIENT], "azp": CLIENT},
}
NO_STAFF: dict[str, dict[str, Any]] = {
    "short role Learner": {f"{LTI}roles": ["Learner"]},
    "unknown role alone": {f"{LTI}roles": ["http://purl.imsglobal.org/vocab/lis/v2/x#Made"]},
    "no role": {f"{LTI}roles": []},
    "bare": {
        f"{LTI}custom": GONE,
        f"{LTI}launch_presentation": GONE,
        f"{LTI}tool_platform": GONE,
        f"{LTI}lis": GONE,
    },
}
GOOD_CASES = [
    pytest.param(changes, role, kind, id=f"6.1.2/3 {name}, {role}, {kind}")
    for kind, roles in ROLES_OF.items()
    for role in roles
    for name, changes in (GOOD_PAYLOADS | (NO_STAFF if kind != CHOICE else {})).items()
]


@pytest.mark.parametrize(("changes", "role", "kind"), GOOD_CASES)
def test_a_good_payload_comes_in(
    house: House,
    changes: dict[str, Any],
    role: str,
    kind: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(FIRST_PAGES, "choose", FIRST_PAGES.get("choose", "staff.home"))
    launch = house.begin(role, kind)
    launch.claims |= changes
    if "ten seconds ahead" in request.node.name:
        launch.claims |= {"iat": seconds(10), "exp": seconds(70)}
    check_accepted(launch)


def test_a_learner_may_not_choose_what_is_in_a_course(house: House) -> None:
    check_refused(house, house.begin(STUDENT, CHOICE), "deep_linking_not_allowed")


# SF and P: state, nonce, browser, signature, portal


@pytest.mark.parametrize("role", BOTH)
def test_p2_a_replay_is_refused_with_its_own_state_a_new_one_and_in_another_browser(
    house: House, role: str
) -> None:
    first = house.begin(role)
    check_accepted(first)
    check_refused(house, first, "state_unknown")
    again = house.begin(role, client=first.client)
    again.token = first.token
    check_refused(house, again, "nonce_differs")
    stranger = house.begin(role)
    stolen = house.begin(role)
    stolen.client = stranger.client
    check_refused(house, stolen, "browser_differs")


def test_p2_a_known_state_and_token_without_the_cookie_do_not_come_in(house: House) -> None:
    launch = house.begin()
    launch.client = house.app.test_client()
    answer = launch.send()
    assert answer.status_code == 403
    assert "participation" not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize(
    ("code", "form"),
    [
        pytest.param("state_missing", {"state": ""}, id="SF-9c no state"),
        pytest.param("state_unknown", {"state": "state-" + "a" * 43}, id="SF-9d a state nobody gave out"),
        pytest.param("token_missing", {"id_token": ""}, id="SF-1 no token"),
        pytest.param("portal_login_required", {"error": "login_required"}, id="SF-13a the portal asks to log in"),
        pytest.param(
            "portal_error", {"error": "server_error", "error_description": "geheim"}, id="SF-13b an error"
        ),
    ],
)
def test_an_answer_without_state_or_token_is_refused(
    house: House, role: str, code: str, form: dict[str, str]
) -> None:
    launch = house.begin(role)
    launch.form = form
    check_refused(house, launch, code)


@pytest.mark.parametrize("role", BOTH)
def test_sf_5_a_token_of_another_key_or_of_none_is_refused(house: House, role: str) -> None:
    launch = house.begin(role)
    launch.key = "attacker"
    check_refused(house, launch, "signature_wrong")
    for header, payload in ((b"[]", b"{}"), (b'{"alg":"RS256","kid":"x"}', b"[]")):
        launch = house.begin(role)
        launch.token = sign_raw(header, payload)
        check_refused(house, launch, "token_malformed")


def test_sf_9_a_login_that_took_too_long_is_refused(house: House) -> None:
    launch = house.begin()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        check_refused(house, launch, "state_unknown")


def test_sf_10_a_portal_that_was_closed_in_the_meantime_is_refused(house: House) -> None:
    launch = house.begin()
    house.close_portal()
    check_refused(house, launch, "portal_closed")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param("portal_unknown", {"iss": "https://elsewhere.example"}, id="P4a unknown issuer"),
        pytest.param("portal_unknown", {"client_id": "another"}, id="P4b unknown client"),
        pytest.param("issuer_missing", {"iss": ""}, id="P4c no issuer"),
        pytest.param("login_hint_missing", {"login_hint": ""}, id="P4d no login_hint"),
        pytest.param("target_missing", {"target_link_uri": ""}, id="P4e no target"),
        pytest.param("target_elsewhere", {"target_link_uri": "https://elsewhere.example/"}, id="SF-11 elsewhere"),
    ],
)
def test_a_login_that_cannot_be_is_refused_with_its_code(house: House, code: str, changes: dict[str, str]) -> None:
    before = house.audit_rows()
    with everything_logged() as log:
        answer = log_in(house.app.test_client(), LOGIN_PARAMS | changes)
    assert answer.status_code == 400
    assert f"<code>{code}</code>" in answer.text
    assert [entry["reason"] for entry in log if entry["event"] == "launch_refused"] == [code]
    (row,) = [row for row in house.audit_rows() if row not in before]
    assert row[3].partition(" ")[2].startswith(code)


def test_a_launch_by_get_is_405(house: House) -> None:
    launch = house.begin()
    assert launch.client.get("/lti/launch", base_url=TOOL).status_code == 405


def test_p7_claims_are_nowhere_in_what_the_browser_keeps(house: House) -> None:
    launch = house.begin()
    check_accepted(launch)
    kept = json.dumps([str(launch.client.get_cookie(name)) for name in ("__Host-digivaardig",)])
    assert not [value for value in PERSONAL.values() if value in kept]
