"""Completions: what is posted, with which token, and what each answer of a portal comes to."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.lti.errors import ALL_WELL, SERVICE_REASONS
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.quirks import all_quirks
from lti_tool.lti.scores import ANSWERS, SCOPE_SCORE, SPECIFIED, Outcome
from tests.unit.lti.network import HTML, LINE_ITEM, NOBODY_THERE, TOKEN, MakePost, post_with
from tests.unit.lti.portal import ISSUER, NOW, PORTAL

HOUR = timedelta(hours=1)


def test_a_completion_is_one_of_one_completed_and_fully_graded(post: MakePost) -> None:
    sent = post()
    assert sent.send() == Outcome("sent", "taken")
    request = sent.network.requests[-1]
    assert request.url == f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1"
    assert request.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert request.headers["Authorization"] == "Bearer abc.def"
    assert request.headers["User-Agent"] == "Digivaardig/0.1.0"
    assert json.loads(request.body or "") == {
        "userId": "4",
        "scoreGiven": 1,
        "scoreMaximum": 1,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-23T10:00:00.000+00:00",
    }


@pytest.mark.parametrize(
    ("line_item", "scores"),
    [
        ("http://lms.example/li/2", "http://lms.example/li/2/scores"),
        ("http://lms.example/li/2/", "http://lms.example/li/2/scores"),
        ("http://lms.example/li?a=b?c&d=%2F#x", "http://lms.example/li/scores?a=b?c&d=%2F"),
    ],
)
def test_scores_comes_after_the_path_of_the_line_item(post: MakePost, line_item: str, scores: str) -> None:
    sent = post()
    sent.send(line_item_url=line_item)
    assert sent.network.requests[-1].url == scores


def test_the_token_is_asked_with_a_signed_assertion_and_only_the_scope_of_scores(
    post: MakePost, tool_keys: ToolKeys
) -> None:
    sent = post()
    sent.send()
    asked = {name: value[0] for name, value in parse_qs(str(sent.network.requests[0].body)).items()}
    assert asked["grant_type"] == "client_credentials"
    assert asked["scope"] == SCOPE_SCORE
    (key,) = jwt.PyJWKSet.from_dict(tool_keys.jwks(NOW)).keys
    assertion = asked["client_assertion"]
    assert jwt.get_unverified_header(assertion)["kid"] == tool_keys.signing(NOW).kid
    claims = jwt.decode(assertion, key, ["RS256"], audience=PORTAL.token_url)
    assert claims["iss"] == claims["sub"] == PORTAL.client_id
    assert claims["jti"]


def test_signing_loads_no_key_from_pem(post: MakePost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading one costs 44 ms, signing with a loaded one 1 ms."""

    def load(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a key was loaded")

    monkeypatch.setattr("jwt.algorithms.load_pem_private_key", load)
    assert post().send().state == "sent"


def test_a_token_is_used_until_a_minute_before_its_end(post: MakePost) -> None:
    sent = post()
    for minutes in (0, 30, 58.9):
        sent.send(now=NOW + timedelta(minutes=minutes))
    assert sent.network.asked("token.php") == 1
    sent.send(now=NOW + timedelta(minutes=59))
    assert sent.network.asked("token.php") == 2


def test_two_clients_of_one_issuer_never_share_a_token(post: MakePost) -> None:
    sent = post()
    sent.send()
    sent.send(portal=dataclasses.replace(PORTAL, id="b", client_id="another"))
    assert sent.network.asked("token.php") == 2


def test_a_token_of_unknown_life_is_used_once(post: MakePost) -> None:
    sent = post(token=((200, b'{"access_token": "abc"}'),))
    assert sent.send().state == sent.send().state == "sent"
    assert sent.network.asked("token.php") == 2


def test_a_token_that_the_portal_withdrew_is_replaced_once(post: MakePost) -> None:
    sent = post((401,), (200,))
    assert sent.send().state == "sent"
    assert sent.network.asked("token.php") == 2


def test_a_portal_that_never_accepts_its_own_tokens_is_left_alone_for_an_hour(
    post: MakePost,
) -> None:
    sent = post((401,))
    assert sent.send() == Outcome("blocked", "token_not_accepted", HOUR)
    assert sent.network.asked("scores") == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200,), Outcome("sent", "taken")),
        ((204,), Outcome("sent", "taken")),
        ((200, b'{"resultUrl": "https://lms.example/r/1"}'), Outcome("sent", "taken")),
        ((200, HTML), Outcome("doubtful", "portal_answered_page")),
        ((404, HTML), Outcome("doubtful", "portal_answered_page")),
        ((403, HTML), Outcome("doubtful", "portal_answered_page")),
        ((409, b"[]"), Outcome("sent", "already_there")),
        ((400, b"[]"), Outcome("dead", "score_refused")),
        ((404, b"{}"), Outcome("dead", "line_item_gone")),
        ((403, b"{}"), Outcome("dead", "score_forbidden")),
        ((403, b"403 Forbidden (Rate Limit Exceeded)"), Outcome("retry", "portal_busy")),
        ((422, b"{}"), Outcome("dead", "score_refused")),
        ((429,), Outcome("retry", "portal_busy")),
        ((429, b"", {"Retry-After": "120"}), Outcome("retry", "portal_busy", timedelta(minutes=2))),
        ((503, HTML, {"Retry-After": "9" * 30}), Outcome("retry", "portal_busy", timedelta(days=1))),
        (
            (503, b"", {"Retry-After": "Mon, 23 Nov 2026 10:25:00 GMT"}),
            Outcome("retry", "portal_busy", timedelta(minutes=5)),
        ),
        (
            (503, b"", {"Retry-After": "Mon, 23 Nov 2026 10:25:00 -0000"}),
            Outcome("retry", "portal_busy", timedelta(minutes=5)),
        ),
        (
            (503, b"", {"Retry-After": "Mon, 23 Nov 2020 10:25:00 GMT"}),
            Outcome("retry", "portal_busy", timedelta(0)),
        ),
        ((503, b"", {"Retry-After": "soon"}), Outcome("retry", "portal_busy")),
        ((500, b"{}"), Outcome("doubtful", "portal_failed")),
        ((500, HTML), Outcome("doubtful", "portal_failed")),
        ((502, HTML), Outcome("retry", "portal_busy")),
        ((408,), Outcome("retry", "portal_busy")),
        ((302, b"", {"Location": "https://evil.example"}), Outcome("doubtful", "portal_redirects")),
        ((200, b"x" * 70_000), Outcome("doubtful", "portal_answer_too_large")),
    ],
)
def test_each_answer_to_a_score_has_one_outcome(post: MakePost, answer: tuple[Any, ...], outcome: Outcome) -> None:
    assert post(answer).send() == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((404, HTML), Outcome("blocked", "portal_cannot_reach_our_keys", HOUR)),
        ((404, b"{}"), Outcome("blocked", "token_refused", HOUR)),
        ((400, b'{\n  "error" : "invalid_scope"\n}'), Outcome("blocked", "scope_not_granted", HOUR)),
        ((401, b'{"error": "unauthorized_client"}'), Outcome("blocked", "scope_not_granted", HOUR)),
        ((400, b'{"error": "invalid_client"}'), Outcome("blocked", "token_refused", HOUR)),
        ((403, b"no user agent"), Outcome("blocked", "token_refused", HOUR)),
        ((429, b"", {"Retry-After": "7"}), Outcome("retry", "portal_busy", timedelta(seconds=7))),
        ((500, b'{"error": "invalid_scope"}'), Outcome("retry", "portal_busy")),
        ((303, b"", {"Location": "/login"}), Outcome("blocked", "portal_redirects", HOUR)),
        ((200, b"x" * 70_000), Outcome("blocked", "portal_answer_too_large", HOUR)),
        *(
            ((200, body), Outcome("blocked", "token_unreadable", HOUR))
            for body in (
                b"",
                HTML,
                b"[]",
                b"7",
                b"null",
                b"{}",
                b'{"access_token": 7}',
                b'{"access_token": ""}',
                b'{"access_token": "a\\r\\nX-Evil: 1", "expires_in": 9}',
                b'{"access_token": "\\u00e9", "expires_in": 9}',
                b'{"access_token": "abc", "expires_in": "an hour"}',
                b'{"access_token": "abc", "expires_in": []}',
                b'{"access_token": "abc", "expires_in": NaN}',
                b"[" * 60_000,
                b"\xff\xfe\xff",
            )
        ),
    ],
)
def test_each_answer_to_a_request_for_a_token_has_one_outcome(
    post: MakePost, answer: tuple[Any, ...], outcome: Outcome
) -> None:
    sent = post(token=(answer,))
    assert sent.send() == outcome
    assert sent.network.asked("scores") == 0


@pytest.mark.parametrize("at_the_token", [True, False])
def test_a_portal_that_is_not_there_is_tried_again_later(post: MakePost, at_the_token: bool) -> None:
    away = (NOBODY_THERE,)
    sent = post(token=(away,)) if at_the_token else post(away)
    assert sent.send() == Outcome("retry", "portal_unreachable")


@pytest.mark.parametrize("life", [b'"3600"', b"-1e308", b"1e308", b"Infinity"])
def test_a_strange_life_of_a_token_does_not_stop_the_score(post: MakePost, life: bytes) -> None:
    token = b'{"access_token": "abc", "expires_in": ' + life + b"}"
    assert post(token=((200, token),)).send().state == "sent"


def test_a_score_from_the_future_waits_because_moodle_would_keep_it(post: MakePost) -> None:
    sent = post()
    assert sent.send(timestamp=NOW + timedelta(minutes=3)) == Outcome("retry", "not_due", timedelta(minutes=3))
    assert sent.network.requests == []


@pytest.mark.parametrize("line_item", ["http://[lms.example/1", "nonsense", "http://", "ftp://lms.example/1"])
def test_a_line_item_that_is_no_address_is_never_asked(post: MakePost, line_item: str) -> None:
    sent = post()
    assert sent.send(line_item_url=line_item).state in ("dead", "retry")
    assert sent.network.asked("scores") == 0


def test_nothing_that_a_portal_says_comes_back_in_the_outcome(post: MakePost) -> None:
    for status in (200, 400, 404, 409, 500):
        secret = b'{"userId": "Sam de Vries"}'
        for sent in (post((status, secret)), post(token=((status, secret),))):
            assert "Sam" not in repr(sent.send())


@settings(max_examples=200)
@given(st.integers(200, 599), st.binary(max_size=200), st.booleans(), st.sampled_from(["", *all_quirks()]))
def test_whatever_a_portal_answers_is_an_outcome_with_a_known_reason(
    tool_keys: ToolKeys, status: int, body: bytes, at_the_token: bool, kind: str
) -> None:
    answer, fine = (status, body), (200, TOKEN)
    if at_the_token:
        sent = post_with(tool_keys, (200,), token=(answer,))
    else:
        sent = post_with(tool_keys, answer, token=(fine,))
    outcome = sent.send(portal=dataclasses.replace(PORTAL, product=product_of(kind)))
    assert outcome.reason in SERVICE_REASONS


def product_of(kind: str) -> str:
    return all_quirks()[kind].codes[0] if kind else ""


def test_the_codes_of_answers_are_in_the_list_of_reasons() -> None:
    assert ANSWERS.keys() <= SERVICE_REASONS.keys()
    assert set(SPECIFIED.values()) <= ANSWERS.keys()
    assert {r for r, outcome in ANSWERS.items() if outcome.state == "sent"} <= ALL_WELL


# --- never anything but "done", in whole seconds ----------------------------------------------------


ANY_TIME = st.timedeltas(timedelta(0), timedelta(days=9000)).map(
    lambda age: datetime(2020, 1, 1, tzinfo=UTC) + age
)
ANY_ANSWER = st.tuples(st.integers(200, 599), st.sampled_from([b"", b"[]", b"{}", HTML, b"rate limit", b"\xff"]))


@settings(max_examples=300)
@given(
    kind=st.sampled_from(["", *all_quirks()]),
    sub=st.text(min_size=1, max_size=50),
    at=ANY_TIME,
    answers=st.lists(ANY_ANSWER, min_size=1, max_size=4),
    tries=st.integers(1, 4),
)
def test_nothing_is_ever_said_to_a_line_item_but_that_somebody_is_done(
    tool_keys: ToolKeys, kind: str, sub: str, at: datetime, answers: list[tuple[int, bytes]], tries: int
) -> None:
    """Moodle wipes a grade at any other progress, and portals other than Moodle may do so too."""
    sent = post_with(tool_keys, *answers)
    portal = dataclasses.replace(PORTAL, product=product_of(kind))
    for _ in range(tries):
        sent.send(portal=portal, user_sub=sub, timestamp=at, now=at)
    said = [r for r in sent.network.requests if r.url != PORTAL.token_url]
    assert said
    for request in said:
        assert (request.method, request.url) == ("POST", LINE_ITEM.replace("/lineitem?", "/lineitem/scores?"))
        body = json.loads(request.body or b"")
        told = {name: value for name, value in body.items() if not name.startswith("https://")}
        assert told == {
            "userId": sub,
            "scoreGiven": 1,
            "scoreMaximum": 1,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
        }
        assert datetime.fromisoformat(body["timestamp"]) <= at
    assert len({request.body for request in said}) == 1
