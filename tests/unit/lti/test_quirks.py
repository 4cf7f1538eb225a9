"""Kinds of portals: what each sends is read right, and what the data says of them holds together."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from pydantic import ValidationError

from lti_tool.lti.claims import AGS, LTI
from lti_tool.lti.errors import ALL_WELL, SERVICE_REASONS
from lti_tool.lti.launch import Launch
from lti_tool.lti.quirks import UNKNOWN, Quirks, all_quirks, quirks_of
from lti_tool.lti.scores import ANSWERS, Outcome
from tests.unit.lti.answers import (
    CANVAS_TOO_MANY,
    DL,
    KINDS,
    LOG_IN,
    MAINTENANCE,
    MOODLE_BAD_TOKEN,
    MOODLE_CANNOT_REACH_KEYS,
    MOODLE_SCORE,
    MOODLE_TOKEN,
    MOODLE_UNKNOWN_SCOPE,
    Kind,
)
from tests.unit.lti.network import MakePost, Post
from tests.unit.lti.portal import NOW, PORTAL, Visit, claims_of, sign

HOUR = timedelta(hours=1)
each_kind = pytest.mark.parametrize("name", KINDS)


def known(name: str) -> Any:
    """The portal after its first launch, when it has said what it is."""
    kind = KINDS[name]
    return dataclasses.replace(kind.portal, product=all_quirks()[name].codes[0])


# --- the data ---------------------------------------------------------------------------------------


def test_every_kind_has_answers_to_be_tested_with() -> None:
    assert all_quirks().keys() == KINDS.keys()


def test_a_code_or_host_belongs_to_one_kind() -> None:
    for field in ("codes", "hosts"):
        all_of_them = [value for quirks in all_quirks().values() for value in getattr(quirks, field)]
        assert len(all_of_them) == len(set(all_of_them))
        assert all(value == value.lower() for value in all_of_them)


@each_kind
def test_every_remedy_is_for_a_reason_that_there_is_and_speaks_both_languages(name: str) -> None:
    quirks = all_quirks()[name]
    assert quirks.remedies.keys() <= SERVICE_REASONS.keys() - ALL_WELL
    for remedy in (*quirks.remedies.values(), *([quirks.hide_grade] if quirks.hide_grade else [])):
        assert remedy.nl.endswith(".")
        assert remedy.en.endswith(".")
        assert remedy.nl != remedy.en


@each_kind
def test_every_answer_that_is_known_has_a_meaning_that_there_is(name: str) -> None:
    for answer in all_quirks()[name].score_answers:
        assert answer.reason in ANSWERS
    for answer in all_quirks()[name].busy_answers:
        assert answer.says, "a status alone says too little: it would hold for every portal"


def test_what_is_general_knowledge_says_so() -> None:
    """Each statement about a portal is measured, read in a source, or marked as to be checked."""
    text = (files("lti_tool.lti") / "quirks.yaml").read_text("utf-8")
    for line in text.splitlines():
        if re.match(r"^  (codes|hosts|token_audience|deep_link_url|line_item_when_unsaid):", line):
            assert re.search(r"# \[[MSK]\]", line), line
        if re.match(r"^    (\w+:($| +#)|- \{|https:)", line):
            assert re.search(r"# \[[MSK]\]", line), line
    for quirks in all_quirks().values():
        assert quirks.tried.startswith(("Moodle 4.5.6", "no: "))


@pytest.mark.parametrize(
    "name", ["scoreGiven", "gradingProgress", "activityProgress", "userId", "http://x.example"]
)
def test_nothing_that_a_score_must_say_can_be_replaced_by_data(name: str) -> None:
    with pytest.raises(ValidationError):
        Quirks(name="x", score_extension={name: 0})


@each_kind
def test_a_portal_is_known_by_what_it_calls_itself(name: str) -> None:
    assert quirks_of(known(name)) is all_quirks()[name]


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("https://canvas.instructure.com", "canvas"),
        ("https://leren.brightspace.com", "brightspace"),
        ("https://blackboard.com", "blackboard"),
        ("https://notblackboard.com", ""),
        ("https://blackboard.com.evil.example", ""),
        ("https://leren.example", ""),
    ],
)
def test_before_its_first_launch_a_portal_is_known_by_the_host_of_its_issuer(issuer: str, name: str) -> None:
    found = quirks_of(dataclasses.replace(PORTAL, issuer=issuer))
    assert found is (all_quirks()[name] if name else UNKNOWN)


def test_what_a_portal_says_of_itself_weighs_more_than_its_host() -> None:
    portal = dataclasses.replace(PORTAL, issuer="https://leren.brightspace.com", product="moodle")
    assert quirks_of(portal).name == "Moodle"


# --- launches ---------------------------------------------------------------------------------------


def launched(kind: Kind, **changes: Any) -> Launch:
    """A whole launch as this kind of portal does it."""
    visit = Visit(kind.portal)
    seen = visit.begin(iss=kind.portal.issuer)
    claims = {**claims_of("learner", seen["nonce"]), **kind.learner, "iss": kind.portal.issuer, **changes}
    claims["exp"] = claims["iat"] + kind.lives
    return visit.finish({"state": seen["state"], "id_token": sign(claims)})


@each_kind
def test_a_learner_of_each_kind_comes_in_and_klaar_has_a_place(name: str) -> None:
    kind = KINDS[name]
    launch = launched(kind)
    assert (launch.is_staff, launch.marks) == (False, "possible")
    assert launch.line_item_url == kind.learner[AGS]["lineitem"]
    assert launch.product in all_quirks()[name].codes


@each_kind
def test_without_a_line_item_or_without_the_scope_klaar_has_no_place(name: str) -> None:
    kind = KINDS[name]
    endpoint = kind.learner[AGS]
    without = {k: v for k, v in endpoint.items() if k != "lineitem"}
    assert launched(kind, **{AGS: without}).marks == "no_line_item"
    assert launched(kind, **{AGS: {**endpoint, "scope": endpoint["scope"][:1]}}).marks == "not_allowed"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.deep_linking])
def test_what_each_kind_takes_back_from_deep_linking_is_read(name: str) -> None:
    kind = KINDS[name]
    asked = kind.deep_linking or {}
    visit = Visit(kind.portal)
    seen = visit.begin(iss=kind.portal.issuer)
    claims = {**claims_of("instructor", seen["nonce"]), "iss": kind.portal.issuer, DL: asked}
    claims[f"{LTI}message_type"] = "LtiDeepLinkingRequest"
    del claims[f"{LTI}resource_link"]
    found = visit.finish({"state": seen["state"], "id_token": sign(claims)}).deep_linking
    assert found is not None
    assert "ltiResourceLink" in found.accept_types
    assert found.accept_multiple is True
    assert found.accept_lineitem is asked.get("accept_lineitem")
    assert found.return_url == asked["deep_link_return_url"]
    assert found.data is None


def test_moodle_never_says_whether_it_takes_a_line_item_but_does() -> None:
    moodle = KINDS["moodle"].deep_linking or {}
    assert "accept_lineitem" not in moodle
    assert all_quirks()["moodle"].line_item_when_unsaid


# --- access tokens ----------------------------------------------------------------------------------


@each_kind
def test_the_token_is_asked_for_the_audience_of_this_kind(post: MakePost, name: str) -> None:
    sent = post()
    portal = known(name)
    sent.send(portal=portal)
    asked = {k: v[0] for k, v in parse_qs(str(sent.network.requests[0].body)).items()}
    claims = jwt.decode(asked["client_assertion"], options={"verify_signature": False})
    brightspace = "https://api.brightspace.com/auth/token"
    assert claims["aud"] == (brightspace if name == "brightspace" else portal.token_url)


def asking_for_a_token(post: MakePost, name: str, *answers: tuple[Any, ...]) -> Outcome:
    return post(token=answers).send(portal=known(name))


def test_the_token_of_moodle_is_taken(post: MakePost) -> None:
    assert asking_for_a_token(post, "moodle", (200, MOODLE_TOKEN)) == Outcome("sent", "taken")


def test_a_moodle_that_cannot_fetch_our_keys_is_understood(post: MakePost) -> None:
    outcome = asking_for_a_token(post, "moodle", MOODLE_CANNOT_REACH_KEYS)
    assert outcome == Outcome("blocked", "portal_cannot_reach_our_keys", HOUR)
    assert "HTTP-beveiliging" in all_quirks()["moodle"].remedies[outcome.reason].nl


def test_a_scope_that_moodle_did_not_grant_is_understood_though_it_calls_it_html(post: MakePost) -> None:
    outcome = asking_for_a_token(post, "moodle", MOODLE_UNKNOWN_SCOPE)
    assert outcome == Outcome("blocked", "scope_not_granted", HOUR)


def test_too_many_requests_at_canvas_is_understood_at_the_token_too(post: MakePost) -> None:
    assert asking_for_a_token(post, "canvas", CANVAS_TOO_MANY) == Outcome("retry", "portal_busy")


# --- scores -----------------------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, b""), Outcome("sent", "taken")),
        ((200, b'{"resultUrl": "https://lms.example/results/1"}'), Outcome("sent", "taken")),
        ((204, b""), Outcome("sent", "taken")),
        (LOG_IN, Outcome("doubtful", "portal_answered_page")),
        (MAINTENANCE, Outcome("retry", "portal_busy", timedelta(minutes=10))),
        ((429, b"", {"Retry-After": "30"}), Outcome("retry", "portal_busy", timedelta(seconds=30))),
        (CANVAS_TOO_MANY, Outcome("retry", "portal_busy")),
        ((404, b'{"errors": "not found"}'), Outcome("dead", "line_item_gone")),
        ((409, b"[]"), Outcome("sent", "already_there")),
        (MOODLE_BAD_TOKEN, Outcome("blocked", "token_not_accepted", HOUR)),
    ],
)
def test_what_every_kind_says_alike(post: MakePost, name: str, answer: tuple[Any, ...], outcome: Outcome) -> None:
    assert post(answer).send(portal=known(name)) == outcome


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("moodle", 400, "learner_cannot_be_graded"),
        ("moodle", 403, "score_forbidden"),
        ("brightspace", 403, "role_cannot_be_graded"),
        ("brightspace", 400, "score_refused"),
        ("canvas", 403, "score_forbidden"),
        ("canvas", 400, "score_refused"),
        ("canvas", 422, "score_refused"),
        ("blackboard", 403, "score_forbidden"),
        ("open-edx", 400, "score_refused"),
    ],
)
def test_where_kinds_differ_the_reason_does(post: MakePost, name: str, status: int, reason: str) -> None:
    outcome = post((status, b"[]", MOODLE_SCORE)).send(portal=known(name))
    assert outcome == Outcome("dead", reason)


def test_moodle_refuses_the_second_of_two_scores_within_a_second_and_has_the_first(post: MakePost) -> None:
    sent = post((200, b"", MOODLE_SCORE), (409, b"[]", MOODLE_SCORE))
    assert [sent.send(portal=known("moodle")).reason for _ in range(2)] == ["taken", "already_there"]


@each_kind
def test_only_canvas_hears_that_no_work_is_handed_in(post: MakePost, name: str) -> None:
    sent = post()
    sent.send(portal=known(name))
    body = json.loads(sent.network.requests[-1].body or b"")
    extra = {k: v for k, v in body.items() if k.startswith("http")}
    canvas = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
    assert extra == (canvas if name == "canvas" else {})


@pytest.mark.parametrize("name", KINDS)
def test_the_scores_of_each_kind_go_where_its_line_item_is(post: MakePost, name: str) -> None:
    line_item = KINDS[name].learner[AGS]["lineitem"]
    sent: Post = post()
    sent.send(portal=known(name), line_item_url=line_item, now=NOW)
    path, _, query = line_item.partition("?")
    assert sent.network.requests[-1].url == f"{path}/scores{'?' if query else ''}{query}"
