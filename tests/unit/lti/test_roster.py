"""Lists of participants: what is asked, what is kept of the answer, and what every bad answer comes to."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from lti_tool.domain.roster import Member
from lti_tool.lti import roster as roster_module
from lti_tool.lti.errors import SERVICE_REASONS
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.roster import MAX_MEMBERS, MAX_PAGES, MAX_SECONDS, Roster, RosterReader, RosterUnread
from lti_tool.lti.services import SCOPE_ROSTER, PortalServices
from tests.unit.lti.portal import ISSUER, MEMBERSHIP, NOW, PORTAL

MEMBERSHIPS = f"{ISSUER}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
HTML = b"  <!DOCTYPE html>\n<html><title>Error | leerportaal</title>" + b"x" * 30_000
TOKEN = b'{"access_token": "abc.def", "token_type": "Bearer", "expires_in": 3600}'
AN_HOUR = timedelta(hours=1)

# As recorded from a Moodle 4.5.6.
TESS = {
    "status": "Active",
    "roles": ["Instructor"],
    "user_id": "3",
    "lis_person_sourcedid": "emp-teacher",
    "name": "Tess Docent",
    "given_name": "Tess",
    "family_name": "Docent",
    "email": "teacher@gemeente.example",
    "ext_user_username": "teacher",
}
FATIMA = {
    **TESS,
    "roles": ["Learner"],
    "user_id": "5",
    "name": "Fatima El Amrani",
    "email": "student2@gemeente.example",
}
TESS_KEPT = Member("3", "Active", ("Instructor",))
FATIMA_KEPT = Member("5", "Active", ("Learner",))

ROLES = ("Mentor", "Learner")

Reply = tuple[int, bytes, dict[str, str]]


def page(*members: Any, to: str | None = None, **more: Any) -> Reply:
    """A page of a list; `to` names the address of the next one."""
    container = {"id": MEMBERSHIPS, "context": {"id": "2", "title": "Digitale vaardigheden"}, **more}
    headers = {"Link": f'<{to}>; rel="next"'} if to else {}
    return 200, json.dumps({**container, "members": list(members)}).encode(), headers


class PortalNetwork(BaseAdapter):
    """A portal behind the real `requests`, without a network: answers in the order given, the last repeats."""

    def __init__(self, pages: list[Reply] | Callable[[str], Reply], token: Reply) -> None:
        super().__init__()
        self._pages, self._token = pages, token
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.requests.append(request)
        url = str(request.url)
        if url.endswith("token.php"):
            status, body, headers = self._token
        elif callable(self._pages):
            status, body, headers = self._pages(url)
        else:
            status, body, headers = self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]
        raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def asked(self) -> list[str]:
        """The addresses of the pages that were asked for."""
        return [str(request.url) for request in self.requests if request.method == "GET"]


@dataclasses.dataclass
class Reading:
    """A reader and the portal that it asks."""

    reader: RosterReader
    network: PortalNetwork

    def read(self, **how: Any) -> Roster:
        return self.reader.read(PORTAL, MEMBERSHIPS, NOW, **how)

    def failure(self) -> tuple[str, timedelta | None]:
        with pytest.raises(RosterUnread) as caught:
            self.read()
        assert caught.value.reason in SERVICE_REASONS
        return caught.value.reason, caught.value.retry_after


def make_reading(tool_keys: ToolKeys, pages: Any, token: Reply) -> Reading:
    outgoing = Outgoing("0.1.0", allow_private=True)
    network = PortalNetwork(pages, token)
    outgoing.session.mount("http://", network)
    return Reading(RosterReader(PortalServices(outgoing, tool_keys)), network)


@pytest.fixture
def reading(tool_keys: ToolKeys) -> Callable[..., Reading]:
    def make(*pages: tuple[Any, ...], by: Any = None, token: tuple[Any, ...] = (200, TOKEN)) -> Reading:
        return make_reading(tool_keys, by or [_reply(*answer) for answer in pages], _reply(*token))

    return make


def _reply(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    return status, body, headers or {}


# What is asked.


def test_the_list_is_asked_with_its_own_type_and_scope_and_without_a_limit_of_ours(
    reading: Callable[..., Reading],
) -> None:
    made = reading(page(TESS, FATIMA))
    assert made.read() == Roster((TESS_KEPT, FATIMA_KEPT), skipped=0)
    token, asked = made.network.requests
    assert parse_qs(str(token.body))["scope"] == [SCOPE_ROSTER]
    assert asked.url == MEMBERSHIPS
    assert asked.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert asked.headers["Authorization"] == "Bearer abc.def"


@pytest.mark.parametrize(
    ("address", "asked"),
    [(MEMBERSHIPS, f"{MEMBERSHIPS}?rlid=1+%26+2"), (f"{MEMBERSHIPS}?a=b", f"{MEMBERSHIPS}?a=b&rlid=1+%26+2")],
)
def test_those_who_may_open_one_link_can_be_asked_for(
    reading: Callable[..., Reading], address: str, asked: str
) -> None:
    # Moodle adds a message to each member then.
    made = reading(page({**FATIMA, "message": [{"https://purl.imsglobal.org/spec/lti/claim/custom": {}}]}))
    found = made.reader.read(PORTAL, address, NOW, resource_link_id="1 & 2")
    assert found.members == (FATIMA_KEPT,)
    assert made.network.asked == [asked]


def test_every_page_is_read_with_one_token(reading: Callable[..., Reading]) -> None:
    second, third = (f"{MEMBERSHIPS}?limit=1&from={n}" for n in (1, 2))
    made = reading(page(TESS, to=second), page(FATIMA, to=third.replace("&", "&amp;")), page())
    assert made.read().members == (TESS_KEPT, FATIMA_KEPT)
    assert made.network.asked == [MEMBERSHIPS, second, third]
    assert len(made.network.requests) == 4


# What is kept.


def test_nothing_but_id_status_and_roles_leaves(reading: Callable[..., Reading]) -> None:
    said = repr(reading(page(TESS, FATIMA)).read())
    assert not any(word in said for word in ("Tess", "Fatima", "gemeente.example", "emp-teacher", "teacher"))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, "Active"),
        ({"status": None}, "Active"),
        ({"status": "Inactive"}, "Inactive"),
        ({"status": "inactive "}, "Inactive"),
        ({"status": "Deleted"}, "Deleted"),
        ({"status": "http://purl.imsglobal.org/vocab/lis/v2/status#Deleted"}, "Deleted"),
        ({"status": "liss:Inactive"}, "Inactive"),
        ({"status": "Suspended"}, "Active"),
    ],
)
def test_a_status_is_one_of_three_and_active_unless_it_says_otherwise(
    reading: Callable[..., Reading], said: dict[str, Any], kept: str
) -> None:
    (member,) = reading(page({"user_id": "5", "roles": [], **said})).read().members
    assert member.status == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, ()),
        ({"roles": None}, ()),
        ({"roles": []}, ()),
        ({"roles": ["Learner"]}, ("Learner",)),
        ({"roles": [f"{MEMBERSHIP}Learner", "Instructor", "Instructor"]}, ("Instructor", "Learner")),
        ({"roles": ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"]}, ()),
        ({"roles": ["Wethouder", "Sam de Vries"]}, ()),
    ],
)
def test_roles_come_short_or_whole_and_only_those_of_a_course_are_kept(
    reading: Callable[..., Reading], said: dict[str, Any], kept: tuple[str, ...]
) -> None:
    (member,) = reading(page({"user_id": "5", **said})).read().members
    assert member.roles == kept


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        "5",
        [],
        {},
        {"user_id": None},
        {"user_id": ""},
        {"user_id": 5},
        {"user_id": "x" * 256},
        {"user_id": "5\n"},
        {"user_id": "\ud800"},
        {"user_id": "7", "status": 1},
        {"user_id": "7", "roles": "Learner"},
        {"user_id": "7", "roles": [1]},
        {"name": "Sam de Vries"},
    ],
)
def test_an_entry_of_which_nobody_knows_about_whom_it_is_is_skipped_and_counted(
    reading: Callable[..., Reading], entry: Any
) -> None:
    assert reading(page(entry, FATIMA)).read() == Roster((FATIMA_KEPT,), skipped=1)


def test_a_list_without_anybody_is_a_list(reading: Callable[..., Reading]) -> None:
    assert reading(page()).read() == Roster((), skipped=0)


@pytest.mark.parametrize("order", [("Active", "Deleted"), ("Deleted", "Active")])
def test_somebody_with_two_entries_is_active_when_one_says_so_and_has_the_roles_of_both(
    reading: Callable[..., Reading], order: tuple[str, str]
) -> None:
    entries = [
        {"user_id": "5", "status": s, "roles": [f"{MEMBERSHIP}{r}"]} for s, r in zip(order, ROLES, strict=True)
    ]
    assert reading(page(*entries)).read().members == (Member("5", "Active", ("Learner", "Mentor")),)


# What goes wrong.


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((401, b"{}"), ("token_not_accepted", AN_HOUR)),
        ((403, b"{}"), ("roster_not_allowed", AN_HOUR)),
        ((403, b"403 Forbidden (Rate Limit Exceeded)"), ("portal_busy", None)),
        ((404, b"{}"), ("roster_gone", AN_HOUR)),
        ((400, b"[]"), ("roster_refused", AN_HOUR)),
        ((200, HTML), ("portal_answered_page", None)),
        ((404, HTML), ("portal_answered_page", None)),
        ((429, b"", {"Retry-After": "120"}), ("portal_busy", timedelta(minutes=2))),
        ((503, HTML, {"Retry-After": "9" * 30}), ("portal_busy", timedelta(days=1))),
        ((500, b""), ("portal_busy", None)),
        ((302, b"", {"Location": "https://evil.example"}), ("portal_redirects", None)),
        ((200, b" " * (2 * 1024 * 1024 + 1)), ("portal_answer_too_large", None)),
        *(
            ((200, body), ("roster_unreadable", AN_HOUR))
            for body in (
                b"",
                b"[]",
                b"7",
                b"null",
                b"{}",
                b'{"members": {}}',
                b'{"members": "Sam"}',
                b'{"members": [{"name": "Sam de Vries"}]}',
                b'{"members": [',
                b"[" * 100_000,
                b'{"members": ' + b"9" * 5000 + b"}",
                b"\xff\xfe\xff",
            )
        ),
    ],
)
def test_each_bad_answer_has_a_code_of_its_own(
    reading: Callable[..., Reading], answer: tuple[Any, ...], failure: tuple[str, timedelta | None]
) -> None:
    assert reading(answer).failure() == failure


@pytest.mark.parametrize(
    ("token", "failure"),
    [
        ((404, HTML), ("portal_cannot_reach_our_keys", AN_HOUR)),
        ((400, b'{"error": "invalid_scope"}'), ("scope_not_granted", AN_HOUR)),
        ((400, b'{"error": "invalid_client"}'), ("token_refused", AN_HOUR)),
        ((200, HTML), ("token_unreadable", AN_HOUR)),
        ((429, b"", {"Retry-After": "7"}), ("portal_busy", timedelta(seconds=7))),
    ],
)
def test_without_a_token_no_list_is_asked_for(
    reading: Callable[..., Reading], token: tuple[Any, ...], failure: tuple[str, timedelta | None]
) -> None:
    made = reading(page(FATIMA), token=token)
    assert made.failure() == failure
    assert made.network.asked == []


def test_a_large_course_on_one_page_is_more_than_other_answers_may_be(reading: Callable[..., Reading]) -> None:
    people = [{**FATIMA, "user_id": str(n)} for n in range(5000)]
    made = reading(page(*people))
    assert len(made.read().members) == 5000


def test_a_page_elsewhere_is_not_asked_and_gets_no_token(reading: Callable[..., Reading]) -> None:
    made = reading(page(FATIMA, to="https://evil.example/memberships"))
    assert made.failure() == ("pages_elsewhere", AN_HOUR)
    assert made.network.asked == [MEMBERSHIPS]


def test_a_list_that_goes_round_is_no_list(reading: Callable[..., Reading]) -> None:
    second = f"{MEMBERSHIPS}?from=1"
    made = reading(page(TESS, to=second), page(FATIMA, to=MEMBERSHIPS))
    assert made.failure() == ("pages_in_a_circle", AN_HOUR)
    assert made.network.asked == [MEMBERSHIPS, second]


def test_pages_without_end_come_to_an_end(reading: Callable[..., Reading]) -> None:
    numbers = itertools.count()
    made = reading(by=lambda url: page(FATIMA, to=f"{MEMBERSHIPS}?from={next(numbers)}"))
    assert made.failure() == ("roster_too_large", AN_HOUR)
    assert len(made.network.asked) == MAX_PAGES + 1


def test_more_people_than_any_municipality_has_are_no_list(
    reading: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_MEMBERS > 20_000
    monkeypatch.setattr(roster_module, "MAX_MEMBERS", 3)
    made = reading(page(TESS, FATIMA, to=f"{MEMBERSHIPS}?from=2"), page(TESS, FATIMA))
    assert made.failure() == ("roster_too_large", AN_HOUR)


def test_a_list_that_takes_too_long_is_left(
    reading: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_module, "MAX_SECONDS", -1.0)
    made = reading(page(FATIMA))
    assert made.failure() == ("roster_too_slow", None)
    assert made.network.asked == []


def test_a_list_that_breaks_off_is_no_list(reading: Callable[..., Reading]) -> None:
    made = reading(page(TESS, to=f"{MEMBERSHIPS}?from=1"), (500, b""))
    assert made.failure() == ("portal_busy", None)


def test_every_code_fits_its_column_and_the_limits_in_its_meaning_are_those_that_hold() -> None:
    assert all(len(code) <= 60 for code in SERVICE_REASONS)
    assert SERVICE_REASONS["roster_too_large"] == f"more than {MAX_MEMBERS:,} participants or {MAX_PAGES} pages"
    assert MAX_SECONDS == 2 * 60


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["user_id", "status", "roles", "members", "name"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(st.integers(200, 599), JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=100))
def test_whatever_a_portal_answers_is_a_list_or_a_code(tool_keys: ToolKeys, status: int, body: bytes) -> None:
    made = make_reading(tool_keys, [(status, body, {})], (200, TOKEN, {}))
    try:
        statuses, reason = {member.status for member in made.read().members}, None
    except RosterUnread as unread:
        statuses, reason = set(), unread.reason
    assert reason is None or reason in SERVICE_REASONS
    assert statuses <= {"Active", "Inactive", "Deleted"}


@settings(max_examples=100)
@given(st.lists(JSON, max_size=6))
def test_of_any_entries_those_that_are_kept_and_those_that_are_skipped_are_all(
    tool_keys: ToolKeys, entries: list[Any]
) -> None:
    made = make_reading(tool_keys, [page(FATIMA, *entries)], (200, TOKEN, {}))
    found = made.read()
    assert FATIMA_KEPT.sub in {member.sub for member in found.members}
    assert len(found.members) + found.skipped <= len(entries) + 1
