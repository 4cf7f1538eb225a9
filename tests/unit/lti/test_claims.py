"""Every claim has one right shape, and every wrong one its own reason."""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.lti.claims import AGS, LTI, IdToken, read_claims
from lti_tool.lti.errors import LAUNCH_REASONS, LaunchRefused
from lti_tool.lti.id_token import MAX_TOKEN_CHARACTERS, open_token
from tests.unit.lti.portal import (
    CLIENT,
    LAUNCH_URL,
    MEMBERSHIP,
    NOW,
    PORTAL,
    Visit,
    claims_of,
    sign,
    sign_raw,
)
from tests.unit.lti.test_launch import refused

NOW_SECONDS = int(NOW.timestamp()) + 2
"""The moment at which `Visit.launch` finishes."""


@pytest.mark.parametrize(
    ("claim", "value", "code"),
    [
        ("iss", None, "iss_missing"),
        ("iss", ["http://127.0.0.1:8090"], "iss_malformed"),
        ("iss", "https://evil.example", "iss_differs"),
        ("aud", None, "aud_missing"),
        ("aud", 5, "aud_malformed"),
        ("aud", [CLIENT, 5], "aud_malformed"),
        ("aud", {"a": CLIENT}, "aud_malformed"),
        ("aud", "other", "aud_differs"),
        ("aud", f"x{CLIENT}x", "aud_differs"),
        ("aud", [], "aud_differs"),
        ("aud", [CLIENT, "other"], "azp_missing"),
        ("azp", "other", "azp_differs"),
        ("azp", "", "azp_differs"),
        ("azp", [CLIENT], "azp_malformed"),
        ("nonce", None, "nonce_missing"),
        ("nonce", {}, "nonce_malformed"),
        ("nonce", "", "nonce_differs"),
        ("nonce", "never given out", "nonce_differs"),
        ("iat", None, "iat_missing"),
        ("iat", "1795451591", "iat_malformed"),
        ("iat", True, "iat_malformed"),
        ("iat", -1, "iat_malformed"),
        ("iat", 10**300, "iat_malformed"),
        ("iat", NOW_SECONDS + 61, "iat_in_future"),
        ("iat", NOW_SECONDS - 601, "iat_too_old"),
        ("exp", None, "exp_missing"),
        ("exp", "soon", "exp_malformed"),
        ("exp", 1e300, "exp_malformed"),
        ("exp", NOW_SECONDS - 61, "exp_passed"),
        ("exp", NOW_SECONDS - 10, "exp_before_iat"),
        ("exp", NOW_SECONDS + 66 * 60, "exp_too_far"),
        ("exp", NOW_SECONDS + 10 * 365 * 86400, "exp_too_far"),
        ("nbf", NOW_SECONDS + 61, "nbf_in_future"),
        ("nbf", "later", "nbf_malformed"),
        ("sub", None, "sub_missing"),
        ("sub", "", "sub_malformed"),
        ("sub", 4, "sub_malformed"),
        ("sub", "4" * 256, "sub_malformed"),
        ("sub", "4\x00", "sub_malformed"),
        ("version", None, "version_missing"),
        ("version", 1.3, "version_malformed"),
        ("version", "1.1", "version_unsupported"),
        ("message_type", None, "message_type_missing"),
        ("message_type", [], "message_type_malformed"),
        ("message_type", "LtiMadeUpRequest", "message_type_unsupported"),
        ("message_type", "LtiDeepLinkingRequest", "deep_linking_settings_missing"),
        ("message_type", "LtiSubmissionReviewRequest", "for_user_missing"),
        ("message_type", "DataPrivacyLaunchRequest", "data_privacy_not_offered"),
        ("deployment_id", None, "deployment_id_missing"),
        ("deployment_id", 1, "deployment_id_malformed"),
        ("deployment_id", "2", "deployment_unknown"),
        ("target_link_uri", None, "target_link_uri_missing"),
        ("target_link_uri", [LAUNCH_URL], "target_link_uri_malformed"),
        ("target_link_uri", "https://evil.example/", "target_differs"),
        ("target_link_uri", f"{LAUNCH_URL}?other", "target_differs"),
        ("roles", None, "roles_missing"),
        ("roles", f"{MEMBERSHIP}Learner", "roles_malformed"),
        ("roles", [1, 2], "roles_malformed"),
        ("roles", {"role": "Learner"}, "roles_malformed"),
        ("resource_link", None, "resource_link_missing"),
        ("resource_link", {}, "resource_link_missing"),
        ("resource_link", {"title": "x"}, "resource_link_missing"),
        ("resource_link", "1", "resource_link_malformed"),
        ("resource_link", {"id": 1}, "resource_link_malformed"),
        ("resource_link", {"id": ""}, "resource_link_malformed"),
        ("context", "2", "context_malformed"),
        ("context", {}, "context_malformed"),
        ("context", {"id": "2", "title": ["x"]}, "context_malformed"),
        ("custom", [], "custom_malformed"),
        ("custom", {"team": ["Balie"]}, "custom_malformed"),
        ("launch_presentation", "nl", "launch_presentation_malformed"),
        ("launch_presentation", {"locale": 5}, "launch_presentation_malformed"),
        ("endpoint", "https://ags.example", "endpoint_malformed"),
        ("endpoint", {"scope": "score"}, "endpoint_malformed"),
        ("endpoint", {"lineitem": {}}, "endpoint_malformed"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_own_reason(visit: Visit, claim: str, value: Any, code: str) -> None:
    with refused(code):
        visit.launch(**{claim: value})


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", [CLIENT]),
        ("azp", CLIENT),
        ("iat", NOW_SECONDS + 60),
        ("iat", NOW_SECONDS - 600),
        ("iat", NOW_SECONDS - 0.5),
        ("exp", NOW_SECONDS + 65 * 60 - 2),
        ("nbf", NOW_SECONDS + 60),
        ("sub", "4" * 255),
        ("sub", "é-漢字"),
        ("roles", []),
        ("custom", {"userid": 4, "groups": ["a"], "x": None, "team": None}),
        ("context", {"id": "2", "title": None}),
        ("launch_presentation", {"locale": None}),
    ],
)
def test_a_claim_at_the_edge_of_what_is_right_is_accepted(visit: Visit, claim: str, value: Any) -> None:
    changes = {claim: value}
    if claim == "iat":
        changes["exp"] = max(int(value), NOW_SECONDS) + 60
    assert visit.launch(**changes).resource_link_id == "1"


def test_a_token_that_expired_a_minute_ago_is_accepted(visit: Visit) -> None:
    assert visit.launch(iat=NOW_SECONDS - 120, exp=NOW_SECONDS - 60)


def test_our_client_may_stand_anywhere_among_the_audiences(visit: Visit) -> None:
    assert visit.launch(aud=["other", CLIENT], azp=CLIENT).client_id == CLIENT


@pytest.mark.parametrize(
    ("roles", "staff"),
    [
        ([], False),
        ([f"{MEMBERSHIP}Learner"], False),
        ([f"{MEMBERSHIP}Instructor"], True),
        ([f"{MEMBERSHIP}Administrator"], True),
        (["Instructor"], True),
        (["Administrator"], True),
        (["Learner"], False),
        ([f"{MEMBERSHIP}Learner", f"{MEMBERSHIP}Instructor"], True),
        ([f"{MEMBERSHIP}ContentDeveloper"], False),
        ([f"{MEMBERSHIP}Mentor", f"{MEMBERSHIP}Manager"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"], False),
        (["instructor", "InstructorX", f"{MEMBERSHIP}Instructor/x", "urn:x:role:made-up"], False),
    ],
)
def test_only_instructor_and_administrator_of_the_course_are_staff(
    visit: Visit, roles: list[str], staff: bool
) -> None:
    launch = visit.launch(roles=roles)
    assert launch.is_staff is staff
    assert launch.roles == tuple(roles)


def test_only_the_tools_own_parameters_are_taken_and_only_when_filled_in(visit: Visit) -> None:
    custom = {
        "campaign": "voorjaar",
        "activity": "vei-wachtwoorden",
        "team": "$Person.department",
        "idnumber": "emp-student",
    }
    assert visit.launch(custom=custom).custom == {"campaign": "voorjaar", "activity": "vei-wachtwoorden"}


def test_every_reason_that_a_claim_can_give_is_in_the_table() -> None:
    required = {n for n, field in IdToken.model_fields.items() if field.is_required()} | {"resource_link"}
    possible = {f"{name}_malformed" for name in IdToken.model_fields} | {f"{n}_missing" for n in required}
    assert possible <= set(LAUNCH_REASONS)


def test_what_is_logged_of_a_malformed_claim_is_not_its_value() -> None:
    with pytest.raises(LaunchRefused) as caught:
        read_claims({**claims_of(), "sub": ["Sam de Vries"]})
    assert caught.value.detail_for_log == "string_type"
    assert str(caught.value) == "sub_malformed"


# The token around the claims


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "a.b.c",
        "é.é.é",
        "{}.{}.{}",
        "e30.e30.",
        sign(["a", "list"]),
        sign("text"),
        sign(None),
        sign_raw(b"[]", b"{}"),
        sign_raw(b"{", b"{}"),
        sign_raw({"alg": "RS256", "kid": "k"}, b"\xff\xfe"),
        sign_raw({"alg": "RS256", "kid": "k"}, b"[" * 20000),
        sign_raw({"alg": "RS256", "kid": "k"}, b'{"iat": NaN}'),
        sign_raw({"alg": "RS256", "kid": "k"}, b'{"iat": 1' + b"0" * 5000 + b"}"),
        sign_raw({"alg": "RS256", "kid": "k"}, b'{"sub": "\\ud800"}'),
        sign_raw({"alg": "RS256", "kid": "k"}, b""),
    ],
    ids=[f"case {number}" for number in range(19)],  # signatures differ in every process
)
def test_a_text_that_is_no_token_is_refused(text: str) -> None:
    with refused("token_malformed"):
        open_token(text)


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_has_one_spelling(part: int) -> None:
    """The last character of a part may hold bits that most readers drop; with others it is another token."""
    parts = sign_raw(b'{"alg":"RS256","kid":"12"}', b'{"sub":"123"}').split(".")
    assert len(parts[part]) % 4, "this part has no spare bits"
    parts[part] = parts[part][:-1] + ALPHABET[ALPHABET.index(parts[part][-1]) + 1]
    with refused("token_malformed") as caught:
        open_token(".".join(parts))
    assert caught.value.detail_for_log == "not base64url"


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (b'{"alg":"RS256","kid":"k","alg":"RS256"}', b"{}"),
        (b'{"alg":"RS256","kid":"k"}', b'{"sub":"4","sub":"5"}'),
        (b'{"alg":"RS256","kid":"k"}', b'{"sub":"4","s\\u0075b":"4"}'),
        (b'{"alg":"RS256","kid":"k"}', b'{"custom":[{"team":"a","team":"b"}]}'),
    ],
)
def test_a_name_that_stands_twice_is_refused_however_it_is_spelled(header: bytes, claims: bytes) -> None:
    with refused("token_malformed") as caught:
        open_token(sign_raw(header, claims))
    assert caught.value.detail_for_log == "a name stands twice"


def test_a_missing_and_an_enormous_token_are_refused() -> None:
    with refused("token_missing"):
        open_token("")
    with refused("token_too_large"):
        open_token("a" * (MAX_TOKEN_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("code", "header"),
    [
        ("algorithm_refused", {"alg": "none"}),
        ("algorithm_refused", {"alg": "HS256"}),
        ("algorithm_refused", {"alg": "RS512"}),
        ("algorithm_refused", {"alg": None}),
        ("algorithm_refused", {"alg": ["RS256"]}),
        ("kid_missing", {"kid": None}),
        ("kid_missing", {"kid": ""}),
        ("kid_missing", {"kid": 5}),
        ("kid_missing", {"kid": "k" * 256}),
    ],
)
def test_a_token_signed_in_another_way_is_refused(code: str, header: dict[str, Any]) -> None:
    with refused(code):
        open_token(sign(claims_of(), **header))


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}])
def test_a_header_that_asks_for_what_we_do_not_know_is_refused(visit: Visit, header: dict[str, Any]) -> None:
    seen = visit.begin()
    with refused("signature_wrong"):
        visit.finish({"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]), **header)})


def test_a_key_that_the_token_brings_along_is_not_believed(visit: Visit) -> None:
    seen = visit.begin()
    token = sign(
        claims_of(nonce=seen["nonce"]),
        key="attacker",
        jku="https://evil.example/jwks.json",
        jwk={"kty": "RSA"},
        x5u="https://evil.example/",
    )
    with refused("signature_wrong"):
        visit.finish({"state": seen["state"], "id_token": token})


def test_the_library_still_guards_what_the_strict_layer_let_through(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last step is the library's own validator per message type, here with the first lock taken off."""
    monkeypatch.setattr("lti_tool.lti.door.check_message", lambda token: None)
    with refused("message_refused"):
        visit.launch(version="1.1")


def test_the_library_finds_no_other_portal_than_that_of_the_login(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = visit.begin()
    form = {"state": seen["state"], "id_token": sign(claims_of(nonce=seen["nonce"]))}
    with visit.shelves.transaction():
        taken = visit.door.take(form, "the-random-cookie-of-one-browser", NOW)
    opened, _ = visit.door.open_asking(taken, NOW)
    opened.envelope.claims["iss"] = "https://evil.example"
    assert opened.portal == PORTAL
    with refused("portal_unknown"):
        visit.door.verify(opened, NOW)


def test_the_claims_of_the_grade_service_are_found_under_their_own_address() -> None:
    assert AGS not in {f"{LTI}{name}" for name in IdToken.model_fields}
    endpoint = read_claims(claims_of()).endpoint
    assert endpoint is not None
    assert endpoint.lineitem is not None
