"""The browser's side of a launch: the proof, the new session, and a frame without cookies."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool.lti.errors import LaunchRefused
from lti_tool.web.lti import PROOF_COOKIE
from lti_tool.web.sessions import COOKIE, hash_of
from tests.web_examples import PORTAL, SESSION_ID, WHERE
from tests.web_fakes import House, make_house

LOGIN = {"iss": PORTAL, "login_hint": "42", "target_link_uri": "https://digivaardig.example/", "client_id": "c"}
FORM = {"state": "state-1", "id_token": "a.b.c"}


@pytest.fixture
def house() -> House:
    return make_house(csrf=True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_login_sends_the_browser_to_its_portal_with_a_proof(house: House, method: str) -> None:
    client = house.client()
    if method == "get":
        answer = client.get("/lti/login", query_string=LOGIN)
    else:
        answer = client.post("/lti/login", data=LOGIN)
    assert answer.status_code == 302
    assert answer.location.startswith(f"{PORTAL}/auth?")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{PROOF_COOKIE}=")
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in cookie


def test_two_logins_at_once_keep_the_same_proof(house: House) -> None:
    client = house.client()
    first = client.post("/lti/login", data=LOGIN).headers["Set-Cookie"]
    second = client.post("/lti/login", data=LOGIN).headers["Set-Cookie"]
    assert first == second
    client.set_cookie(PROOF_COOKIE, "short")
    assert client.post("/lti/login", data=LOGIN).headers["Set-Cookie"] != first


@pytest.mark.parametrize(
    ("next_page", "activity", "address"),
    [
        ("start", "assessment", "/start#title"),
        ("staff", "assessment", "/staff#title"),
        ("learning", "mine", "/progress#title"),
        ("learning", "M-VEI-001", "/trainings/M-VEI-001#title"),
    ],
)
def test_a_launch_begins_a_session_and_opens_the_page_that_was_asked_for(
    house: House, next_page: str, activity: str, address: str
) -> None:
    house.enter.next_page, house.enter.activity = next_page, activity
    house.enter.staff = next_page == "staff"
    client = house.learner()
    client.post("/lti/login", data=LOGIN)
    answer = client.post("/lti/launch", data=FORM)
    assert (answer.status_code, answer.location) == (303, address)
    assert hash_of(SESSION_ID) not in house.rows.kept
    sessions = [data for data, _ in house.rows.kept.values() if "participation_id" in data]
    assert len(sessions) == 1
    assert sessions[0]["participation_id"] == WHERE.participation_id
    assert sessions[0]["portal_origins"] == [PORTAL]
    assert sessions[0]["staff"] is house.enter.staff
    assert set(sessions[0]) == {
        "tenant_id",
        "campaign_id",
        "participation_id",
        "staff",
        "locale",
        "portal_origins",
        "learner_id",
        "_until",
    }
    assert client.get(address.partition("#")[0]).status_code == 200


def test_a_refused_launch_shows_a_readable_page_with_its_code(house: House) -> None:
    client = house.client()
    client.post("/lti/login", data=LOGIN)
    house.enter.refuse = LaunchRefused("state_unknown", "a detail for the log")
    answer = client.post("/lti/launch", data=FORM)
    assert answer.status_code == 400
    assert "Digivaardig kon niet open" in answer.text
    assert "<code>state_unknown</code>" in answer.text
    assert "a detail" not in answer.text
    assert COOKIE not in str(answer.headers.getlist("Set-Cookie"))


def test_a_login_that_is_refused_says_so_too(house: House) -> None:
    answer = house.client().get("/lti/login")
    assert answer.status_code == 400
    assert "<code>issuer_missing</code>" in answer.text


def test_a_frame_in_which_no_cookie_works_offers_the_same_login_in_a_new_window(house: House) -> None:
    house.client().post("/lti/login", data=LOGIN)
    answer = house.client().post("/lti/launch", data=FORM, headers={"Sec-Fetch-Dest": "iframe"})
    assert answer.status_code == 403
    assert "Open Digivaardig in een nieuw venster" in answer.text
    link = re.search(r'href="([^"]+)" target="_blank"', answer.text)
    assert link is not None
    again = urlsplit(unescape(link[1]))
    assert again.path == "/lti/login"
    assert {name: values[0] for name, values in parse_qs(again.query).items()} == LOGIN
    assert f"frame-ancestors {PORTAL}" in answer.headers["Content-Security-Policy"]


def test_a_launch_without_cookie_and_without_login_sends_back_to_the_portal(house: House) -> None:
    answer = house.client().post("/lti/launch", data={**FORM, "state": "unknown"})
    assert answer.status_code == 403
    assert "terug naar je leerportaal" in answer.text
    assert 'target="_blank"' not in answer.text


def test_the_public_keys_may_be_cached(house: House) -> None:
    answer = house.client().get("/lti/jwks.json")
    assert answer.json is not None
    assert answer.json["keys"][0]["kid"] == "k1"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
