"""Launches and services over real HTTP: a portal on loopback with a real key set and real RS256 tokens.

The bad launches are those of the 1EdTech LTI Advantage Conformance Certification Guide, section 6.1, each as
a student and as an instructor, and everything that the library was seen to accept or refuse wrongly.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lti_tool.lti import http
from lti_tool.lti.claims import AGS, LTI
from lti_tool.lti.errors import LAUNCH_REASONS, PORTAL_REASONS, LaunchRefused, PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.scores import Outcome, ScoreSender
from lti_tool.lti.services import PortalServices
from lti_tool.storage.sealing import Seal
from tests.unit.lti.portal import (
    CLIENT,
    ISSUER,
    LAUNCH_URL,
    MEMBERSHIP,
    NOW,
    PERSONAL,
    PORTAL,
    Shelves,
    Visit,
    claims_of,
    jwk_of,
    key_set,
    sign,
    sign_raw,
)

GONE = object()
"""Takes a claim out."""
SECONDS = int(NOW.timestamp())
BOTH = pytest.mark.parametrize("role", ["learner", "instructor"])


class Portal:
    """A web server whose answers a test can set, by path."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.seen: list[Request] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.seen.append(request)
        answer = self.answers.get(request.path, Response("unknown", 404))
        return (answer() if callable(answer) and not isinstance(answer, Response) else answer)(
            environ, start_response
        )

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.stop()


@pytest.fixture
def portal(running: Portal) -> Portal:
    running.answers = {"/jwks": Response(key_set(jwk_of()), content_type="application/json")}
    running.seen = []
    return running


@pytest.fixture
def outgoing() -> Iterator[Outgoing]:
    made = Outgoing("0.1.0", allow_private=True)
    yield made
    made.session.close()


@pytest.fixture
def visit(portal: Portal, outgoing: Outgoing) -> Visit:
    return Visit(dataclasses.replace(PORTAL, jwks_url=f"{portal.url}/jwks"), http=outgoing)


def reason(visit: Visit, role: str, changes: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """The reason code with which a launch is refused, or `accepted`."""
    seen = visit.begin()
    claims = {**claims_of(role, seen["nonce"]), **changes}
    token = sign({k: v for k, v in claims.items() if v is not GONE}, **(header or {}))
    return outcome(visit, {"state": seen["state"], "id_token": token})


def outcome(visit: Visit, form: dict[str, str], **how: Any) -> str:
    try:
        visit.finish(form, **how)
    except LaunchRefused as refused:
        return refused.reason_code
    return "accepted"


# What certification has a tool refuse (section 6.1.1)


BAD_PAYLOADS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("1 no kid in the header", {}, {"kid": None}, "kid_missing"),
    ("2 incorrect kid", {}, {"kid": "imstester_66067"}, "kid_unknown"),
    ("3 wrong LTI version", {f"{LTI}version": "11.3"}, {}, "version_unsupported"),
    ("4 no LTI version", {f"{LTI}version": GONE}, {}, "version_missing"),
    ("5 JSON that is no 1.3 launch", dict.fromkeys(claims_of(), GONE) | {"name": "x"}, {}, "iss_missing"),
    ("6a no issuer", {"iss": GONE}, {}, "iss_missing"),
    ("6b no audience", {"aud": GONE}, {}, "aud_missing"),
    ("6c no nonce", {"nonce": GONE}, {}, "nonce_missing"),
    ("6d no target_link_uri", {f"{LTI}target_link_uri": GONE}, {}, "target_link_uri_missing"),
    ("6e no resource_link", {f"{LTI}resource_link": GONE}, {}, "resource_link_missing"),
    ("7a expired", {"iat": SECONDS - 400, "exp": SECONDS - 340}, {}, "exp_passed"),
    ("7b from the future", {"iat": SECONDS + 340, "exp": SECONDS + 400}, {}, "iat_in_future"),
    ("7c ancient, never expiring", {"iat": 11111, "exp": SECONDS + 60}, {}, "iat_too_old"),
    ("7d no exp", {"exp": GONE}, {}, "exp_missing"),
    ("7e no iat", {"iat": GONE}, {}, "iat_missing"),
    ("8 no message_type", {f"{LTI}message_type": GONE}, {}, "message_type_missing"),
    ("9 no roles", {f"{LTI}roles": GONE}, {}, "roles_missing"),
    ("10 no deployment_id", {f"{LTI}deployment_id": GONE}, {}, "deployment_id_missing"),
    ("11 no resource_link id", {f"{LTI}resource_link": {"title": "x"}}, {}, "resource_link_missing"),
    ("12 no sub", {"sub": GONE}, {}, "sub_missing"),
]


@BOTH
@pytest.mark.parametrize(
    ("changes", "header", "code"), [bad[1:] for bad in BAD_PAYLOADS], ids=[bad[0] for bad in BAD_PAYLOADS]
)
def test_a_bad_payload_of_the_certification_is_refused_with_its_reason(
    visit: Visit, role: str, changes: dict[str, Any], header: dict[str, Any], code: str
) -> None:
    assert code in LAUNCH_REASONS
    assert reason(visit, role, changes, header) == code


# What certification has a tool accept (sections 6.1.2 and 6.1.3)


NO_NAMES = {name: GONE for name in PERSONAL if name != "email"}
NO_MAIL = {"email": GONE}


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as Moodle sends it"),
        pytest.param({f"{LTI}roles": [f"{MEMBERSHIP}Learner", f"{MEMBERSHIP}Mentor"]}, id="several roles"),
        pytest.param({f"{LTI}roles": ["Learner"]}, id="short role"),
        pytest.param({f"{LTI}roles": ["http://purl.imsglobal.org/vocab/lis/v2/x#Made"]}, id="unknown role"),
        pytest.param({f"{LTI}roles": []}, id="no role"),
        pytest.param(NO_NAMES, id="e-mail only"),
        pytest.param(NO_MAIL, id="names only"),
        pytest.param(NO_NAMES | NO_MAIL, id="nothing personal"),
        pytest.param({f"{LTI}context": GONE}, id="no context"),
        pytest.param({f"{LTI}custom": GONE, AGS: GONE, f"{LTI}launch_presentation": GONE}, id="bare"),
    ],
)
def test_a_good_payload_of_the_certification_comes_in(visit: Visit, role: str, changes: dict[str, Any]) -> None:
    assert reason(visit, role, changes) == "accepted"


# What the library accepted though it should not, and refused though it should not


@BOTH
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": GONE}, "exp_missing"),
        ({"iat": GONE}, "iat_missing"),
        ({"iat": SECONDS - 86400}, "iat_too_old"),
        ({"iat": SECONDS - 365 * 86400}, "iat_too_old"),
        ({"exp": SECONDS + 10 * 365 * 86400}, "exp_too_far"),
        ({"aud": [CLIENT, "evil"]}, "azp_missing"),
        ({"azp": "evil"}, "azp_differs"),
        ({f"{LTI}roles": "Instructor"}, "roles_malformed"),
        ({f"{LTI}roles": [1, 2]}, "roles_malformed"),
        ({f"{LTI}target_link_uri": GONE}, "target_link_uri_missing"),
        ({f"{LTI}target_link_uri": "https://evil.example/lti/launch"}, "target_differs"),
        ({f"{LTI}target_link_uri": f"{LAUNCH_URL}/other"}, "target_differs"),
        ({"sub": "x" * 10_000}, "sub_malformed"),
        ({f"{LTI}resource_link": "1"}, "resource_link_malformed"),
        ({f"{LTI}resource_link": [{"id": "1"}]}, "resource_link_malformed"),
        ({"nonce": {"a": 1}}, "nonce_malformed"),
        ({"iss": [ISSUER]}, "iss_malformed"),
        ({"iat": SECONDS + 10, "exp": SECONDS + 70}, "accepted"),
        ({"iat": SECONDS + 2}, "accepted"),
        ({"aud": ["other", CLIENT], "azp": CLIENT}, "accepted"),
    ],
)
def test_where_the_library_is_wrong_the_door_is_right(
    visit: Visit, role: str, changes: dict[str, Any], code: str
) -> None:
    assert reason(visit, role, changes) == code


@BOTH
def test_a_token_signed_by_another_key_or_not_at_all_is_refused(visit: Visit, role: str) -> None:
    for header, key, code in (
        ({}, "attacker", "signature_wrong"),
        ({"alg": "none"}, "portal", "algorithm_refused"),
        ({"alg": "HS256"}, "portal", "algorithm_refused"),
    ):
        seen = visit.begin()
        token = sign(claims_of(role, seen["nonce"]), key=key, **header)
        assert outcome(visit, {"state": seen["state"], "id_token": token}) == code


def test_a_header_or_body_that_is_a_list_is_refused(visit: Visit) -> None:
    for token in (sign([]), sign_raw(b"[]", b"{}")):
        assert outcome(visit, {"state": visit.begin()["state"], "id_token": token}) == "token_malformed"


def test_a_replay_is_refused_with_the_old_state_and_with_a_new_one(visit: Visit) -> None:
    seen = visit.begin()
    form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
    assert outcome(visit, form) == "accepted"
    assert outcome(visit, form) == "state_unknown"
    assert outcome(visit, {**form, "state": visit.begin()["state"]}) == "nonce_differs"
    assert outcome(visit, {**form, "state": visit.begin()["state"]}, proof="another") == "browser_differs"


def test_a_thousand_logins_at_once_do_not_push_each_other_out(visit: Visit) -> None:
    begun = [visit.begin() for _ in range(1000)]
    for seen in (begun[0], begun[-1]):
        form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
        assert outcome(visit, form) == "accepted"


# The portal's keys over HTTP


def test_the_key_set_is_fetched_once_and_by_its_name_and_without_cookies(visit: Visit, portal: Portal) -> None:
    portal.answers["/jwks"].set_cookie("session", "x")
    for _ in range(3):
        visit.launch()
    (request,) = portal.seen
    assert request.headers["User-Agent"] == "Digivaardig/0.1.0"
    assert request.headers["Accept-Encoding"] == "identity"
    portal.answers["/jwks"] = Response(key_set(jwk_of("new", "new")))
    late = NOW + timedelta(minutes=2)
    seen = visit.begin(now=late)
    token = sign(claims_of(nonce=seen["nonce"], now=late), key="new", kid="new")
    assert outcome(visit, {"state": seen["state"], "id_token": token}, now=late) == "accepted"
    assert [dict(request.cookies) for request in portal.seen] == [{}, {}]


def test_a_rotated_key_costs_one_fetch_and_the_portal_is_not_flooded(visit: Visit, portal: Portal) -> None:
    visit.launch()
    late = NOW + timedelta(minutes=2)
    for _ in range(5):
        seen = visit.begin(now=late)
        token = sign(claims_of(nonce=seen["nonce"], now=late), kid="made-up")
        form = {"state": seen["state"], "id_token": token}
        assert outcome(visit, form, now=late) == "kid_unknown"
    assert len(portal.seen) == 2


def unavailable(code: str) -> pytest.RaisesExc[PortalUnavailable]:
    assert code in PORTAL_REASONS
    return pytest.raises(PortalUnavailable, check=lambda err: err.reason_code == code)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response("x", 302, {"Location": "http://127.0.0.1:1/"}), "portal_redirects"),
        (Response("secret", 500), "portal_answer_refused"),
        (Response("secret", 404), "portal_answer_refused"),
        (Response("x" * (http.MAX_ANSWER_BYTES + 1)), "portal_answer_too_large"),
        (Response("<html>secret</html>"), "portal_keys_unreadable"),
        (Response(b"\xff\xfe"), "portal_keys_unreadable"),
        (Response("{}", headers={"Content-Encoding": "gzip"}), "portal_keys_unreadable"),
    ],
)
def test_a_key_set_that_does_not_come_makes_the_portal_unavailable(
    visit: Visit, portal: Portal, answer: Response, code: str
) -> None:
    portal.answers["/jwks"] = answer
    with unavailable(code) as caught:
        visit.launch()
    assert "secret" not in caught.value.detail_for_log


def test_a_key_set_without_end_is_cut_off(visit: Visit, portal: Portal) -> None:
    portal.answers["/jwks"] = lambda: Response(b"x" * 1000 for _ in range(10**6))
    with unavailable("portal_answer_too_large"):
        visit.launch()


def test_a_portal_that_drips_is_cut_off(visit: Visit, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(40):
            time.sleep(0.05)
            yield b" "

    monkeypatch.setattr(http, "MAX_ANSWER_SECONDS", 0.2)
    portal.answers["/jwks"] = lambda: Response(drip())
    with unavailable("portal_unreachable"):
        visit.launch()


def test_a_portal_that_says_nothing_is_cut_off(
    visit: Visit, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait() -> Response:
        time.sleep(1)
        return Response("late")

    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (0.2, 0.2))
    portal.answers["/jwks"] = wait
    with unavailable("portal_unreachable"):
        visit.launch()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/jwks", "http://[::1", "http://", "nonsense", "http://" + "a" * 70 + ".example/"]
)
def test_an_address_where_nobody_is_makes_the_portal_unavailable(outgoing: Outgoing, url: str) -> None:
    with unavailable("portal_unreachable"):
        outgoing.get_text(url)


def test_a_name_that_moves_to_a_private_address_after_the_check_is_refused_before_a_word_is_said(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(portal.url.rpartition(":")[2])
    answers = [("93.184.216.34", 443), ("127.0.0.1", port)]

    def rebind(*args: Any, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers.pop(0))]

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    strict = Outgoing("0.1.0", allow_private=False)
    with unavailable("portal_address_refused"):
        strict.get_text(f"https://lms.example:{port}/jwks")
    assert answers == []
    assert portal.seen == []


def test_a_portal_without_a_trusted_certificate_is_not_asked(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "is_public_address", lambda address: True)
    strict = Outgoing("0.1.0", allow_private=False)
    with unavailable("portal_unreachable"):
        strict.get_text(f"{portal.url.replace('http:', 'https:')}/jwks")
    assert portal.seen == []


# A completion over HTTP


def test_a_completion_reaches_the_portal(portal: Portal, outgoing: Outgoing) -> None:
    shelves = Shelves()
    with shelves.transaction():
        keys = ToolKeys.load_or_make(shelves, Seal((Fernet.generate_key(),)), NOW)
    portal.answers["/token"] = Response(json.dumps({"access_token": "t", "expires_in": 3600}))
    portal.answers["/2/lineitem/scores"] = Response("")
    sender = ScoreSender(PortalServices(outgoing, keys))
    registered = dataclasses.replace(PORTAL, token_url=f"{portal.url}/token")
    line_item = f"{portal.url}/2/lineitem?type_id=1"
    assert sender.send_completion(registered, line_item, "4", NOW, NOW) == Outcome("sent", "taken")
    token, score = portal.seen
    assert token.form["client_assertion_type"].endswith("jwt-bearer")
    assert score.args.to_dict() == {"type_id": "1"}
    assert score.get_json(force=True)["scoreGiven"] == 1
