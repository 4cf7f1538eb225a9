"""The browser's side of a launch: the proof, the new session, and a frame without cookies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.lti.errors import LaunchRefused
from lti_tool.storage.database import DatabaseBusy
from lti_tool.use_cases.place_activities import Asked
from lti_tool.web.sessions import COOKIE, PROOF_COOKIE, hash_of
from tests.web_examples import DEEP_LINKING, PORTAL, SESSION_ID, WHERE
from tests.web_fakes import KEPT_PROOF, House, make_house

LOGIN = {"iss": PORTAL, "login_hint": "42", "target_link_uri": "https://digivaardig.example/", "client_id": "c"}
FORM = {"state": "state-1", "id_token": "a.b.c"}
IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def house() -> House:
    return make_house(csrf=True)


def login(client: FlaskClient, method: str = "post", *, headers: Mapping[str, str] | None = None) -> TestResponse:
    """The portal's login request, followed up to where the browser leaves for the portal."""
    fields: dict[str, Any] = {"data" if method == "post" else "query_string": LOGIN}
    first = client.open("/lti/login", method=method.upper(), headers=headers, **fields)
    if first.status_code != 307:
        return first
    return client.open(first.location, method=method.upper(), headers=headers, data=fields.get("data"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_login_sends_the_browser_to_its_portal_with_a_proof(house: House, method: str) -> None:
    answer = login(house.client(), method)
    assert answer.status_code == 302
    assert answer.location.startswith(f"{PORTAL}/auth?")
    assert "login_hint=42" in answer.location
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{PROOF_COOKIE}=")
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in cookie


def test_a_first_login_finds_out_whether_a_cookie_comes_back_and_says_where_it_comes_from(house: House) -> None:
    answer = house.client().get("/lti/login", query_string={**LOGIN, "lti_message_hint": '{"cmid":1}&x=é'})
    assert answer.status_code == 307
    assert answer.location.startswith("/lti/login/once-more?iss=")
    assert parse_qs(urlsplit(answer.location).query)["lti_message_hint"] == ['{"cmid":1}&x=é']
    assert answer.headers["Referrer-Policy"] == "strict-origin"


def test_two_logins_at_once_keep_the_same_proof(house: House) -> None:
    client = house.client()
    first, second = (login(client).headers["Set-Cookie"] for _ in range(2))
    assert first == second
    client.set_cookie(PROOF_COOKIE, "short", secure=True)
    assert login(client).headers["Set-Cookie"] != first


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
    login(client)
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
        "granted",
        "_until",
    }
    assert client.get(address.partition("#")[0]).status_code == 200


def test_a_request_for_a_choice_is_kept_until_the_next_launch(house: House) -> None:
    house.enter.next_page, house.enter.staff = "choose", True
    client = house.client()
    client.post("/lti/login", data=LOGIN)
    answer = client.post("/lti/launch", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/staff/place#title")
    assert client.get("/staff/place").status_code == 200
    (asked,) = house.place.asked
    assert asked == Asked(WHERE.tenant_id, "leerportaal", "1", DEEP_LINKING)
    house.enter.next_page = "staff"
    client.post("/lti/launch", data=FORM)
    assert client.get("/staff/place").status_code == 409


@pytest.mark.parametrize("activity", ["M-WEG-001", "../../staff", "a/b", "x" * 4000, "?#", "één"])
def test_a_launch_of_an_activity_that_is_gone_shows_a_readable_page(house: House, activity: str) -> None:
    house.enter.next_page, house.enter.activity = "learning", activity
    client = house.client()
    client.post("/lti/login", data=LOGIN)
    answer = client.post("/lti/launch", data=FORM, follow_redirects=True)
    assert answer.status_code == 404
    assert "Deze training is er niet" in answer.text or "Deze pagina is er niet" in answer.text


def test_roles_and_a_first_name_come_along_only_when_there_are_any(house: House) -> None:
    house.enter.granted, house.enter.given_name = ("coach",), "Sanne"
    client = house.client()
    client.post("/lti/login", data=LOGIN)
    client.post("/lti/launch", data=FORM)
    (session,) = (data for data, _ in house.rows.kept.values() if "participation_id" in data)
    assert (session["granted"], session["given_name"]) == (["coach"], "Sanne")
    house.enter.granted, house.enter.given_name = (), None
    client.post("/lti/launch", data=FORM)
    (session,) = (data for data, _ in house.rows.kept.values() if "participation_id" in data)
    assert session["granted"] == []
    assert "given_name" not in session


def test_a_refused_launch_shows_a_readable_page_with_its_code(house: House) -> None:
    client = house.client()
    login(client)
    house.enter.refuse = LaunchRefused("state_unknown", "a detail for the log")
    house.enter.refuse.reference = "K7QF-3M2X"
    answer = client.post("/lti/launch", data=FORM)
    assert answer.status_code == 400
    assert "Digivaardig kon niet open" in answer.text
    assert "Deze link was al gebruikt" in answer.text
    assert "<code>K7QF-3M2X</code> – <code>state_unknown</code>" in answer.text
    assert "a detail" not in answer.text
    assert COOKIE not in str(answer.headers.getlist("Set-Cookie"))


def test_a_login_that_is_refused_says_so_too(house: House) -> None:
    answer = house.client().get("/lti/login", follow_redirects=True)
    assert answer.status_code == 400
    assert "<code>issuer_missing</code>" in answer.text


# --- where no cookie works ------------------------------------------------------------------------


@pytest.fixture
def strict(house: House) -> FlaskClient:
    """A browser that keeps no cookie."""
    return house.app.test_client(use_cookies=False)


def storage_of(answer: TestResponse) -> dict[str, str]:
    """What the page tells its script."""
    found = re.search(r'<form [^>]*id="storage"[^>]*>', answer.text)
    assert found is not None
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', found[0])}


def test_a_frame_in_which_no_cookie_works_offers_the_same_login_in_a_new_window(
    house: House, strict: FlaskClient
) -> None:
    answer = login(strict, headers=IN_FRAME)
    assert answer.status_code == 403
    assert "Open Digivaardig in een nieuw venster" in answer.text
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    link = re.search(r'href="([^"]+)" target="_blank"', answer.text)
    assert link is not None
    again = urlsplit(unescape(link[1]))
    assert again.path == "/lti/login"
    assert {name: values[0] for name, values in parse_qs(again.query).items()} == LOGIN
    window = house.client().get(unescape(link[1]), follow_redirects=False)
    assert window.status_code == 307


def test_a_window_in_which_no_cookie_works_says_what_to_do(strict: FlaskClient) -> None:
    answer = login(strict)
    assert answer.status_code == 403
    assert "Je browser bewaart geen cookies" in answer.text
    assert "<code>localhost</code>" in answer.text
    assert "<code>K7QF-3M2X – browser_proof_missing</code>" in answer.text
    assert 'target="_blank"' not in answer.text
    assert "Probeer opnieuw" in answer.text


def test_a_login_too_long_for_a_link_sends_back_to_the_portal(strict: FlaskClient) -> None:
    for headers, way in (({}, "daarna terug naar je leerportaal"), (IN_FRAME, "Ga terug naar je leerportaal")):
        answer = strict.post(
            "/lti/login/once-more", data={**LOGIN, "lti_message_hint": "x" * 8000}, headers=headers
        )
        assert answer.status_code == 403
        assert way in answer.text
        assert "/lti/login" not in answer.text


def test_a_portal_that_offers_storage_keeps_the_proof_before_it_is_asked(
    house: House, strict: FlaskClient
) -> None:
    house.enter.storage_target = "post_message_forwarding"
    answer = login(strict, headers=IN_FRAME)
    assert answer.status_code == 200
    assert "script-src 'self'; " in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    told = storage_of(answer)
    assert told["data-target"] == "post_message_forwarding"
    assert told["data-origin"] == PORTAL
    assert told["data-value"] == KEPT_PROOF
    assert told["data-next"].startswith(f"{PORTAL}/auth?state=state-1")
    assert re.fullmatch(r"digivaardig-[0-9a-f]{32}", told["data-key"])
    assert len(re.findall("<script", answer.text)) == 1
    assert not re.search(r"<script[^>]*>[^<]", answer.text), "no script stands in the page itself"
    assert "Open in een nieuw venster" in answer.text, "what to do when the portal does not answer"


def test_who_brings_a_cookie_meets_no_script(house: House) -> None:
    house.enter.storage_target = "_parent"
    assert login(house.client()).status_code == 302


def test_a_launch_without_cookie_asks_the_portal_for_the_proof(house: House, strict: FlaskClient) -> None:
    house.enter.storage_target = "_parent"
    key = storage_of(login(strict))["data-key"]
    answer = strict.post("/lti/launch", data=FORM, headers=IN_FRAME)
    assert answer.status_code == 200
    assert "script-src 'self'; " in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {PORTAL}")
    told = storage_of(answer)
    assert (told["data-key"], told["data-origin"], told["action"]) == (key, PORTAL, "/lti/launch/without-cookie")
    assert "data-value" not in told
    assert 'name="id_token" value="a.b.c"' in answer.text
    assert 'name="proof" value=""' in answer.text


def test_with_what_the_portal_kept_a_session_begins_in_the_path(house: House, strict: FlaskClient) -> None:
    answer = strict.post("/lti/launch/without-cookie", data={**FORM, "proof": KEPT_PROOF}, headers=OWN_PAGE)
    assert answer.status_code == 303
    assert re.fullmatch(r"/s/[A-Za-z0-9_-]{43}/start#title", answer.location)
    assert "Set-Cookie" not in answer.headers
    (data,) = (kept for kept, _ in house.rows.kept.values() if "participation_id" in kept)
    assert data["participation_id"] == WHERE.participation_id
    page = strict.get(answer.location.partition("#")[0], headers=OWN_PAGE)
    assert page.status_code == 200
    again = strict.post("/lti/launch/without-cookie", data={**FORM, "proof": KEPT_PROOF}, headers=OWN_PAGE)
    assert again.location != answer.location, "each launch has a session of its own"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_no_other_site_chooses_whose_session_begins(house: House, strict: FlaskClient, site: str) -> None:
    form = {**FORM, "proof": KEPT_PROOF}
    for headers in ({"Sec-Fetch-Site": site}, {"Referer": f"{PORTAL}/"}, {}):
        answer = strict.post("/lti/launch/without-cookie", data=form, headers=headers)
        assert answer.status_code == 403
        assert "Dit adres werkt alleen in je leerportaal" in answer.text
    assert not house.rows.kept


def test_a_wrong_proof_is_refused_and_one_of_another_shape_not_even_tried(
    house: House, strict: FlaskClient
) -> None:
    wrong = strict.post("/lti/launch/without-cookie", data={**FORM, "proof": "0" * 64}, headers=OWN_PAGE)
    assert wrong.status_code == 400
    assert "<code>browser_differs</code>" in wrong.text
    house.enter.refuse = RuntimeError("was tried")
    for proof in ("", "0" * 63, "g" * 64, "0" * 65, f"{'0' * 64}\n", "<script>"):
        answer = strict.post("/lti/launch/without-cookie", data={**FORM, "proof": proof}, headers=OWN_PAGE)
        assert answer.status_code == 403
        assert "browser_proof_missing</code>" in answer.text
    assert strict.post("/lti/launch/without-cookie", headers=OWN_PAGE).status_code == 403


def test_a_launch_without_cookie_and_without_login_sends_back_to_the_portal(strict: FlaskClient) -> None:
    answer = strict.post("/lti/launch", data={**FORM, "state": "unknown"}, headers=IN_FRAME)
    assert answer.status_code == 403
    assert "Ga terug naar je leerportaal" in answer.text
    assert 'target="_blank"' not in answer.text
    assert "id_token" not in answer.text


def test_a_portal_that_answers_with_an_error_is_heard_without_a_cookie_too(
    house: House, strict: FlaskClient
) -> None:
    house.enter.refuse = LaunchRefused("portal_login_required")
    answer = strict.post("/lti/launch", data={"state": "state-1", "error": "login_required"})
    assert answer.status_code == 400
    assert "<code>portal_login_required</code>" in answer.text


# --- who may show the frame -----------------------------------------------------------------------


def framed_by(answer: TestResponse) -> list[str]:
    return answer.headers["Content-Security-Policy"].partition("frame-ancestors ")[2].split()


def test_a_launch_may_be_shown_by_the_portal_of_its_login_only(house: House) -> None:
    client = house.client()
    assert framed_by(login(client)) == [PORTAL]
    house.enter.refuse = LaunchRefused("exp_passed")
    assert framed_by(client.post("/lti/launch", data=FORM)) == [PORTAL]
    unknown = client.post("/lti/launch", data={**FORM, "state": "unknown"})
    assert framed_by(unknown) == [PORTAL, "https://leren.waterland.example"]


@pytest.mark.parametrize(
    ("name", "value", "origin"),
    [
        ("Origin", "https://gemeente.portal.example", "https://gemeente.portal.example"),
        ("Referer", "https://gemeente.portal.example/courses/1?x=2", "https://gemeente.portal.example"),
        ("Origin", "null", None),
        ("Origin", "https://", None),
        ("Referer", "javascript:alert(1)", None),
        ("Referer", "https://[", "https://["),
    ],
)
def test_a_portal_with_hosts_of_its_customers_may_show_the_pages_of_login_and_launch(
    house: House, strict: FlaskClient, name: str, value: str, origin: str | None
) -> None:
    house.enter.storage_target = "_parent"
    allowed = [PORTAL] if origin is None else [PORTAL, origin]
    assert framed_by(login(strict, headers={name: value})) == allowed
    assert framed_by(strict.post("/lti/launch", data=FORM)) == allowed


def test_while_the_database_is_busy_a_launch_says_so(house: House) -> None:
    client = house.client()
    login(client)

    def busy() -> None:
        raise DatabaseBusy

    house.rows.busy = busy
    house.enter.refuse = DatabaseBusy()
    answer = client.post("/lti/launch", data=FORM)
    assert answer.status_code == 503
    assert framed_by(answer) == [PORTAL, "https://leren.waterland.example"]


def test_a_submission_review_shows_that_nothing_is_shared(house: House) -> None:
    for client in (house.learner(), house.staff()):
        house.enter.next_page = "review"
        client.post("/lti/login", data=LOGIN)
        answer = client.post("/lti/launch", data=FORM)
        assert (answer.status_code, answer.location) == (303, "/review#title")
        assert "Niet gedeeld" in client.get("/review").text


def test_the_public_keys_may_be_cached(house: House) -> None:
    answer = house.client().get("/lti/jwks.json")
    assert answer.json is not None
    assert answer.json["keys"][0]["kid"] == "k1"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
