"""Completions: what is posted, with which token, and what each answer of a portal comes to."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.scores import SCOPE_SCORE, Outcome, ScoreSender
from lti_tool.lti.services import PortalServices
from tests.unit.lti.portal import ISSUER, NOW, PORTAL

LINE_ITEM = f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"
DONE_AT = NOW - timedelta(minutes=20)
HTML = b"  <!DOCTYPE html>\n<html><title>Error | leerportaal</title>" + b"x" * 30_000
TOKEN = b'{"access_token": "abc.def", "token_type": "Bearer", "expires_in": 3600}'

Reply = tuple[int, bytes, dict[str, str]]


class PortalNetwork(BaseAdapter):
    """A portal behind the real `requests`, without a network: answers in the order given, the last repeats."""

    def __init__(self, score: list[Reply], token: list[Reply]) -> None:
        super().__init__()
        self._answers = {"scores": score, "token": token}
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.requests.append(request)
        answers = self._answers["token" if str(request.url).endswith("token.php") else "scores"]
        status, body, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def asked(self, what: str) -> int:
        return sum(what in str(request.url) for request in self.requests)


@dataclasses.dataclass
class Post:
    """A sender and the portal it talks to."""

    sender: ScoreSender
    network: PortalNetwork

    def send(self, **changes: Any) -> Outcome:
        values = {
            "portal": PORTAL,
            "line_item_url": LINE_ITEM,
            "user_sub": "4",
            "timestamp": DONE_AT,
            "now": NOW,
        }
        return self.sender.send_completion(**{**values, **changes})


@pytest.fixture
def post(tool_keys: ToolKeys) -> Callable[..., Post]:
    def make(*score: tuple[Any, ...], token: tuple[tuple[Any, ...], ...] = ((200, TOKEN),)) -> Post:
        outgoing = Outgoing("0.1.0", allow_private=True)
        network = PortalNetwork(
            [_reply(*answer) for answer in score or ((200, b""),)], [_reply(*answer) for answer in token]
        )
        outgoing.session.mount("http://", network)
        return Post(ScoreSender(PortalServices(outgoing, tool_keys)), network)

    return make


def _reply(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    return status, body, headers or {}


def test_a_completion_is_one_of_one_completed_and_fully_graded(post: Callable[..., Post]) -> None:
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
def test_scores_comes_after_the_path_of_the_line_item(
    post: Callable[..., Post], line_item: str, scores: str
) -> None:
    sent = post()
    sent.send(line_item_url=line_item)
    assert sent.network.requests[-1].url == scores


def test_the_token_is_asked_with_a_signed_assertion_and_only_the_scope_of_scores(
    post: Callable[..., Post], tool_keys: ToolKeys
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


def test_signing_loads_no_key_from_pem(post: Callable[..., Post], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading one costs 44 ms, signing with a loaded one 1 ms."""

    def load(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a key was loaded")

    monkeypatch.setattr("jwt.algorithms.load_pem_private_key", load)
    assert post().send().state == "sent"


def test_a_token_is_used_until_a_minute_before_its_end(post: Callable[..., Post]) -> None:
    sent = post()
    for minutes in (0, 30, 58.9):
        sent.send(now=NOW + timedelta(minutes=minutes))
    assert sent.network.asked("token.php") == 1
    sent.send(now=NOW + timedelta(minutes=59))
    assert sent.network.asked("token.php") == 2


def test_two_clients_of_one_issuer_never_share_a_token(post: Callable[..., Post]) -> None:
    sent = post()
    sent.send()
    sent.send(portal=dataclasses.replace(PORTAL, id="b", client_id="another"))
    assert sent.network.asked("token.php") == 2


def test_a_token_of_unknown_life_is_used_once(post: Callable[..., Post]) -> None:
    sent = post(token=((200, b'{"access_token": "abc"}'),))
    assert sent.send().state == sent.send().state == "sent"
    assert sent.network.asked("token.php") == 2


def test_a_token_that_the_portal_withdrew_is_replaced_once(post: Callable[..., Post]) -> None:
    sent = post((401,), (200,))
    assert sent.send().state == "sent"
    assert sent.network.asked("token.php") == 2


def test_a_portal_that_never_accepts_its_own_tokens_is_left_alone_for_an_hour(
    post: Callable[..., Post],
) -> None:
    sent = post((401,))
    assert sent.send() == Outcome("retry", "token_not_accepted", timedelta(hours=1))
    assert sent.network.asked("scores") == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200,), Outcome("sent", "taken")),
        ((204,), Outcome("sent", "taken")),
        ((200, b'{"resultUrl": "https://lms.example/r/1"}'), Outcome("sent", "taken")),
        ((200, HTML), Outcome("retry", "portal_answered_page")),
        ((404, HTML), Outcome("retry", "portal_answered_page")),
        ((403, HTML), Outcome("retry", "portal_answered_page")),
        ((409, b"[]"), Outcome("sent", "already_there")),
        ((400, b"[]"), Outcome("dead", "learner_cannot_be_graded")),
        ((404, b"{}"), Outcome("dead", "line_item_gone")),
        ((403, b"{}"), Outcome("dead", "not_allowed")),
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
        ((500, b"", {"Retry-After": "soon"}), Outcome("retry", "portal_busy")),
        ((408,), Outcome("retry", "portal_busy")),
        ((302, b"", {"Location": "https://evil.example"}), Outcome("retry", "portal_redirects")),
        ((200, b"x" * 70_000), Outcome("retry", "portal_answer_too_large")),
    ],
)
def test_each_answer_to_a_score_has_one_outcome(
    post: Callable[..., Post], answer: tuple[Any, ...], outcome: Outcome
) -> None:
    assert post(answer).send() == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((404, HTML), Outcome("retry", "portal_cannot_reach_our_keys", timedelta(hours=1))),
        ((404, b"{}"), Outcome("retry", "token_refused", timedelta(hours=1))),
        ((400, b'{\n  "error" : "invalid_scope"\n}'), Outcome("dead", "scope_not_granted")),
        ((401, b'{"error": "unauthorized_client"}'), Outcome("dead", "scope_not_granted")),
        ((400, b'{"error": "invalid_client"}'), Outcome("retry", "token_refused", timedelta(hours=1))),
        ((403, b"no user agent"), Outcome("retry", "token_refused", timedelta(hours=1))),
        ((429, b"", {"Retry-After": "7"}), Outcome("retry", "portal_busy", timedelta(seconds=7))),
        ((500, b'{"error": "invalid_scope"}'), Outcome("retry", "portal_busy")),
        ((303, b"", {"Location": "/login"}), Outcome("retry", "portal_redirects")),
        *(
            ((200, body), Outcome("retry", "token_unreadable", timedelta(hours=1)))
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
    post: Callable[..., Post], answer: tuple[Any, ...], outcome: Outcome
) -> None:
    sent = post(token=(answer,))
    assert sent.send() == outcome
    assert sent.network.asked("scores") == 0


@pytest.mark.parametrize("life", [b'"3600"', b"-1e308", b"1e308", b"Infinity"])
def test_a_strange_life_of_a_token_does_not_stop_the_score(post: Callable[..., Post], life: bytes) -> None:
    token = b'{"access_token": "abc", "expires_in": ' + life + b"}"
    assert post(token=((200, token),)).send().state == "sent"


def test_a_score_from_the_future_waits_because_moodle_would_keep_it(post: Callable[..., Post]) -> None:
    sent = post()
    assert sent.send(timestamp=NOW + timedelta(minutes=3)) == Outcome("retry", "not_due", timedelta(minutes=3))
    assert sent.network.requests == []


@pytest.mark.parametrize("line_item", ["http://[lms.example/1", "nonsense", "http://", "ftp://lms.example/1"])
def test_a_line_item_that_is_no_address_is_never_asked(post: Callable[..., Post], line_item: str) -> None:
    sent = post()
    assert sent.send(line_item_url=line_item).state in ("dead", "retry")
    assert sent.network.asked("scores") == 0


def test_nothing_that_a_portal_says_comes_back_in_the_outcome(post: Callable[..., Post]) -> None:
    for status in (200, 400, 404, 409, 500):
        secret = b'{"userId": "Sam de Vries"}'
        for sent in (post((status, secret)), post(token=((status, secret),))):
            assert "Sam" not in repr(sent.send())


@settings(max_examples=200, deadline=None)
@given(st.integers(200, 599), st.binary(max_size=200), st.booleans())
def test_whatever_a_portal_answers_is_an_outcome(
    tool_keys: ToolKeys, status: int, body: bytes, at_the_token: bool
) -> None:
    outgoing = Outgoing("0.1.0", allow_private=True)
    answer, fine = [(status, body, {})], [(200, TOKEN, {})]
    outgoing.session.mount(
        "http://", PortalServices(fine if at_the_token else answer, answer if at_the_token else fine)
    )
    outcome = Post(ScoreSender(PortalServices(outgoing, tool_keys)), PortalNetwork([], [])).send()
    assert outcome.state in ("sent", "retry", "dead")
