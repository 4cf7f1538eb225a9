"""What the self-check finds of each service, and the remedy that belongs to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from lti_tool.lti.errors import ALL_WELL, REGISTRATION_REASONS, SERVICE_REASONS, WORKS
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.quirks import all_quirks
from lti_tool.lti.remedies import OTHER, general_remedies, remedy_of
from lti_tool.lti.self_check import SERVICES, Places, SelfCheck
from tests.moodle import AGS, JSON, KEYS, LINE_ITEM, MEMBERSHIPS, NRPS, PAGE, TEXT, TOKEN, Moodle, Network
from tests.unit.lti.portal import ISSUER, NOW, PORTAL

COURSE = Places(True, f"{ISSUER}{MEMBERSHIPS}", f"{ISSUER}{LINE_ITEM}?type_id=1")
NOBODY_CAME = Places(False, None, None)
ALL_GREEN = dict.fromkeys(SERVICES, ("green", WORKS))


@pytest.fixture
def moodle() -> Moodle:
    return Moodle(ISSUER)


Check = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def check(moodle: Moodle, tool_keys: ToolKeys) -> Check:
    outgoing = Outgoing("0.1.0", allow_private=True)
    outgoing.session.mount("http://", Network(moodle))

    def run(places: Places = COURSE, **changes: Any) -> dict[str, tuple[str, str]]:
        findings = SelfCheck(outgoing, tool_keys).run(dataclasses.replace(PORTAL, **changes), places, NOW)
        assert [finding.service for finding in findings] == list(SERVICES)
        assert all(finding.reason in SERVICE_REASONS for finding in findings)
        return {finding.service: (finding.colour, finding.reason) for finding in findings}

    return run


def test_a_portal_where_all_works_is_green(check: Check, moodle: Moodle) -> None:
    assert check() == ALL_GREEN
    assert {method for method, path in moodle.asked if path != TOKEN} == {"GET"}, "nothing is ever written"


def test_one_participant_is_asked_for_and_no_more(check: Check, moodle: Moodle) -> None:
    check(dataclasses.replace(COURSE, memberships_url=f"{ISSUER}{MEMBERSHIPS}?rlid=a%20b&limit=500#x"))
    assert ("GET", f"{MEMBERSHIPS}?rlid=a+b&limit=1") in moodle.asked


def test_a_token_from_before_says_nothing_about_today(check: Check, moodle: Moodle) -> None:
    assert check() == ALL_GREEN
    moodle.active = False
    assert check()["marks"] == ("red", "token_refused")


def test_before_anybody_came_the_rest_is_not_to_be_seen_yet(check: Check) -> None:
    assert check(NOBODY_CAME) == {
        "keys": ("green", WORKS),
        "marks": ("green", WORKS),
        "line_item": ("grey", "no_course_seen"),
        "roster": ("grey", "no_course_seen"),
    }


def test_a_course_that_offers_nothing_is_grey_with_why(check: Check) -> None:
    found = check(Places(True, None, None))
    assert found["line_item"] == found["roster"] == ("grey", "not_offered")


def test_a_tool_that_nobody_activated_is_red_everywhere_but_for_the_keys(check: Check, moodle: Moodle) -> None:
    moodle.active = False
    assert check(NOBODY_CAME) == {
        "keys": ("green", WORKS),
        **dict.fromkeys(("marks", "line_item", "roster"), ("red", "token_refused")),
    }


def test_only_telling_klaar_is_needed(check: Check, moodle: Moodle) -> None:
    moodle.granted = (f"{AGS}score",)
    found = check()
    assert found["marks"] == ("green", WORKS)
    assert found["line_item"] == found["roster"] == ("grey", "scope_not_granted")
    moodle.granted = (NRPS,)
    assert check()["marks"] == ("red", "scope_not_granted")


def test_a_page_at_the_token_address_means_that_the_portal_cannot_fetch_our_keys(
    check: Check, moodle: Moodle
) -> None:
    moodle.answers[TOKEN] = (404, PAGE, TEXT)
    assert check()["marks"] == ("red", "portal_cannot_reach_our_keys")


def test_a_portal_that_is_away_is_waited_for_once(check: Check, moodle: Moodle) -> None:
    moodle.answers[TOKEN] = (302, b"", TEXT)
    found = check()
    assert found["marks"] == found["line_item"] == found["roster"] == ("red", "portal_redirects")
    assert moodle.asked.count(("POST", TOKEN)) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((500, b"", TEXT), "portal_answer_refused"),
        ((200, PAGE, TEXT), "portal_keys_unreadable"),
        ((200, b'{"keys": []}', JSON), "portal_has_no_keys"),
    ],
)
def test_keys_that_do_not_come_are_red(
    check: Check, moodle: Moodle, reply: tuple[int, bytes, str], reason: str
) -> None:
    moodle.answers[KEYS] = reply
    assert check()["keys"] == ("red", reason)


@pytest.mark.parametrize("path", [LINE_ITEM, MEMBERSHIPS])
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((401, b"{}", JSON), "token_not_accepted"),
        ((403, b"{}", JSON), "not_allowed"),
        ((403, b"403 Forbidden (Rate Limit Exceeded)", TEXT), "portal_busy"),
        ((404, PAGE, TEXT), "place_gone"),
        ((400, b"", TEXT), "service_refused"),
        ((500, PAGE, TEXT), "portal_busy"),
        ((302, b"", TEXT), "portal_redirects"),
        ((200, PAGE, TEXT), "portal_answered_page"),
        ((200, b"", TEXT), "answer_unreadable"),
        ((200, b"[]", JSON), "answer_unreadable"),
        ((200, b'{"id": 7, "members": {}}', JSON), "answer_unreadable"),
    ],
)
def test_each_answer_of_a_service_has_its_reason(
    check: Check, moodle: Moodle, path: str, reply: tuple[int, bytes, str], reason: str
) -> None:
    moodle.answers[path] = reply
    service = "line_item" if path == LINE_ITEM else "roster"
    assert check() == {**ALL_GREEN, service: ("red", reason)}


def test_a_token_that_goes_bad_on_the_way_is_told(
    check: Check, moodle: Moodle, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = moodle.answer

    def once(method: str, url: str, headers: Any, body: bytes) -> Any:
        if url.endswith(TOKEN) and moodle.asked.count(("POST", TOKEN)) >= 2:
            moodle.active = False
        return (401, b"{}", JSON) if LINE_ITEM in url else given(method, url, headers, body)

    monkeypatch.setattr(moodle, "answer", once)
    assert check()["line_item"] == ("red", "token_refused")


# --- remedies -------------------------------------------------------------------------------------


def test_every_reason_has_a_remedy_in_both_languages() -> None:
    every = {*SERVICE_REASONS, *REGISTRATION_REASONS} - ALL_WELL
    assert every | {OTHER} == set(general_remedies())


def test_no_kind_of_portal_has_a_remedy_for_a_reason_that_is_none() -> None:
    for name, quirks in all_quirks().items():
        assert set(quirks.remedies) <= set(SERVICE_REASONS), name


def test_the_remedy_is_that_of_this_kind_of_portal_when_there_is_one() -> None:
    assert "Moodle" in remedy_of("token_refused", "moodle", ISSUER).nl
    assert "Canvas" in remedy_of("token_refused", "", "https://canvas.instructure.com").en
    assert remedy_of("portal_busy", "moodle", ISSUER) == general_remedies()["portal_busy"]
    assert remedy_of("unheard of", "", ISSUER) == general_remedies()[OTHER]
