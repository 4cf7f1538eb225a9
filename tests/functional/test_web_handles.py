"""A session in the path: where it counts, where it does not, and that nothing of it leaks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from lti_tool.domain.errors import ParticipationGone
from lti_tool.storage.database import DatabaseBusy
from lti_tool.web.guards import route_guards
from lti_tool.web.handles import Handles
from lti_tool.web.sessions import COOKIE, PROOF_COOKIE, UNTIL, hash_of
from tests.web_examples import LEARNER, PORTAL, QUESTIONS
from tests.web_fakes import House, make_house

HANDLE = "h" * 43
BASE = f"/s/{HANDLE}"
OWN_CLICK = {"Sec-Fetch-Site": "same-origin"}
IN_FRAME = {**OWN_CLICK, "Sec-Fetch-Dest": "iframe"}
ROW = hash_of(f"path:{HANDLE}")


@pytest.fixture
def house() -> House:
    made = make_house(csrf=True)
    keep(made)
    return made


def keep(house: House, **more: Any) -> None:
    until = datetime.now(UTC) + timedelta(hours=24)
    house.rows.kept[ROW] = ({**LEARNER, **more, UNTIL: until.isoformat()}, until)


def get(house: House, path: str, headers: dict[str, str] = IN_FRAME) -> TestResponse:
    return house.app.test_client().get(f"{BASE}{path}", headers=headers)


def post(house: House, path: str, headers: dict[str, str] = IN_FRAME, **fields: Any) -> TestResponse:
    """A form with the token of its page."""
    client = house.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{BASE}/question", headers=headers).text)
    assert token is not None
    return client.post(f"{BASE}{path}", data={**fields, "csrf_token": token[1]}, headers=headers)


# --- the layer ------------------------------------------------------------------------------------


def moved(path: str) -> tuple[str, str, str]:
    """What the app sees of a path: SCRIPT_NAME, PATH_INFO and the handle."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    Handles(app)({"SCRIPT_NAME": "", "PATH_INFO": path}, None)
    return seen["SCRIPT_NAME"], seen["PATH_INFO"], seen.get("digivaardig.handle", "")


ODD = st.text(alphabet="/s.%-_Aa9 é\\\x00", max_size=120)
HANDLES = st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True)


@given(HANDLES, st.text(max_size=40))
def test_a_handle_moves_to_where_url_for_looks_for_it(handle: str, rest: str) -> None:
    assert moved(f"/s/{handle}/{rest}") == (f"/s/{handle}", f"/{rest}", handle)


@given(st.one_of(ODD, st.text(), HANDLES.map(lambda handle: f"/s/{handle}"), ODD.map(lambda odd: f"/s/{odd}")))
def test_any_other_path_stays_as_it_is(path: str) -> None:
    if re.match(r"/s/[A-Za-z0-9_-]{43}/", path):
        return
    assert moved(path) == ("", path, "")


@pytest.mark.parametrize(
    "path",
    [
        f"/s/{'h' * 42}/start",
        f"/s/{'h' * 44}/start",
        f"/S/{HANDLE}/start",
        f"//s/{HANDLE}/start",
        f"/x/s/{HANDLE}/start",
        f"/s/{'h' * 42}./start",
        f"/s/{'h' * 42}\n/start",
        f"/s/{HANDLE}",
        f"{BASE}{BASE}/start",
    ],
)
def test_what_only_looks_like_a_handle_leads_nowhere(house: House, path: str) -> None:
    assert house.app.test_client().get(path, headers=OWN_CLICK).status_code in (308, 404)


# --- the session ----------------------------------------------------------------------------------


def test_every_link_and_form_keeps_the_handle_and_every_file_goes_without(house: House) -> None:
    for path in ("/start", "/question", "/advice", "/trainings", "/trainings/M-VEI-001", "/progress", "/answers"):
        page = get(house, path)
        assert page.status_code == 200, path
        for address in re.findall(r'(?:href|action|src|formaction)="(/[^"]*)"', page.text):
            own = address.startswith(f"{BASE}/")
            assert own is not address.startswith(("/static/", "/window/")), address
        assert "/static/" in page.text


def test_a_page_says_the_handle_to_nobody(house: House) -> None:
    answer = get(house, "/start")
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {PORTAL}")
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_no_cookie_is_set_and_no_row_holds_the_handle_itself(house: House) -> None:
    answer = post(house, "/question", do="answer", item=QUESTIONS[0].key, position=1, choice="a")
    assert (answer.status_code, answer.location) == (303, f"{BASE}/question#title")
    assert "Set-Cookie" not in answer.headers
    assert len(house.assessment.given) == 1
    assert list(house.rows.kept) == [ROW]


def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    answer = house.app.test_client().post(f"{BASE}/start", data={"do": "skip"}, headers=IN_FRAME)
    assert answer.status_code == 400
    assert f'href="{BASE}/start"' in answer.text
    assert not house.assessment.skipped


def test_on_https_the_token_still_needs_a_referrer_of_ours_which_the_origin_alone_is(house: House) -> None:
    client = house.app.test_client()
    here = {
        "base_url": "https://digivaardig.example",
        "headers": {**IN_FRAME, "Referer": "https://digivaardig.example/"},
    }
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{BASE}/start", **here).text)
    assert token is not None
    form = {"do": "skip", "csrf_token": token[1]}
    elsewhere = {**here, "headers": {**IN_FRAME, "Referer": "https://elders.example/"}}
    assert client.post(f"{BASE}/start", data=form, **elsewhere).status_code == 400
    assert client.post(f"{BASE}/start", data=form, **here).status_code == 303


def test_the_same_page_in_another_language_keeps_the_handle(house: House) -> None:
    answer = post(house, "/language", locale="en", back="/advice")
    assert answer.location == f"{BASE}/advice#title"
    assert post(house, "/language", locale="nl", back="//elders.example").location == f"{BASE}/start#title"
    assert post(house, "/language", locale="nl", back=f"/s/{'x' * 43}/start").location.startswith(f"{BASE}/s/")


def test_the_ways_on_and_again_of_an_error_keep_the_handle(house: House) -> None:
    assert f'href="{BASE}/start"' in get(house, "/nergens").text
    house.enter.refuse = DatabaseBusy()
    assert f'href="{BASE}/start?x=1"' in get(house, "/start?x=1").text


def test_a_session_in_a_path_lives_as_long_as_one_in_a_cookie(house: House) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    house.rows.kept[ROW] = ({**LEARNER, UNTIL: soon.isoformat()}, soon)
    assert get(house, "/answers").status_code == 200
    assert house.rows.kept[ROW][1] > soon + timedelta(hours=20)


def test_an_ended_session_is_told_as_that_and_a_busy_database_too(house: House) -> None:
    house.rows.kept.clear()
    answer = get(house, "/question")
    assert answer.status_code == 403
    assert "We weten niet meer waar je was" in answer.text
    assert "Set-Cookie" not in answer.headers

    def busy() -> None:
        raise DatabaseBusy

    house.rows.busy = busy
    assert get(house, "/question").status_code == 503


def test_erased_data_ends_a_session_in_a_path_too(house: House) -> None:
    house.enter.refuse = ParticipationGone()
    answer = get(house, "/start")
    assert answer.status_code == 410
    assert not house.rows.kept
    assert "Set-Cookie" not in answer.headers


def test_the_id_of_a_cookie_is_no_handle_and_a_handle_is_no_cookie(house: House) -> None:
    cookie = house.learner()
    handle_as_cookie = house.app.test_client()
    handle_as_cookie.set_cookie(COOKIE, HANDLE, secure=True)
    assert handle_as_cookie.get("/question").status_code == 403
    session_id = str(cookie.get_cookie(COOKIE).value)  # type: ignore[union-attr]
    assert cookie.get("/question").status_code == 200
    cookie_as_handle = house.app.test_client().get(f"/s/{session_id}/question", headers=IN_FRAME)
    assert cookie_as_handle.status_code == 403


# --- an address that was copied -------------------------------------------------------------------


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_copied_address_is_worth_nothing(house: House, site: str, method: str) -> None:
    client = house.app.test_client()
    for path in ("/start", "/question", "/window", "/lti/login", "/operator/login"):
        answer = getattr(client, method)(f"{BASE}{path}", headers={"Sec-Fetch-Site": site})
        if answer.status_code == 405:
            continue
        assert answer.status_code == 403, path
        assert "Dit adres werkt alleen in je leerportaal" in answer.text
        assert "Open Digivaardig opnieuw vanuit je leerportaal." in answer.text
        assert HANDLE not in answer.text
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("referrer", "status"),
    [
        ("http://localhost/", 200),
        ("http://localhost/s/x/question", 200),
        ("http://localhost.elders.example/", 403),
        ("http://elders.example/localhost/", 403),
        ("http://localhost:8000/", 403),
        ("http://[", 403),
        ("", 403),
    ],
)
def test_an_older_browser_shows_by_its_referrer_that_it_comes_from_us(
    house: House, referrer: str, status: int
) -> None:
    assert get(house, "/question", {"Referer": referrer}).status_code == status


def test_no_handle_leads_to_doors_of_launches_operators_and_machines(house: House) -> None:
    keep(house, operator="beheerder")
    for rule in house.app.url_map.iter_rules():
        role = route_guards(house.app)[rule.endpoint]
        blueprint = rule.endpoint.partition(".")[0]
        if role in ("operator", "demo", "own keys") or blueprint in ("lti", "operator", "health"):
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            path = re.sub("<[^>]+>", "x", rule.rule)
            house.app.config["WTF_CSRF_ENABLED"] = False
            answer = house.app.test_client().open(f"{BASE}{path}", method=method, headers=IN_FRAME)
            assert answer.status_code == 404, rule.endpoint


# --- a window of one's own ------------------------------------------------------------------------


def open_window(house: House, window: FlaskClient) -> TestResponse:
    """From the frame into a window, as far as the first step."""
    link = re.search(r'href="(/window/[^"]+)"', get(house, "/question").text)
    assert link is not None
    return window.get(link[1], headers=OWN_CLICK)


def test_a_window_that_keeps_cookies_goes_on_with_one(house: House) -> None:
    window = house.app.test_client()
    first = open_window(house, window)
    assert first.status_code == 303
    assert re.fullmatch(r"/s/[A-Za-z0-9_-]{43}/window", first.location)
    second = window.get(first.location, headers=OWN_CLICK, base_url="https://localhost")
    assert (second.status_code, second.location) == (303, "/question#title")
    assert f"{COOKIE}=" in str(second.headers.getlist("Set-Cookie"))
    assert window.get("/question", base_url="https://localhost").status_code == 200
    assert window.get(first.location, headers=OWN_CLICK).status_code == 403, "the session in the path has ended"
    assert get(house, "/question").status_code == 200, "that of the frame has not"


def test_a_window_whose_session_is_ended_between_its_two_steps_goes_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = house.app.test_client()
    first = open_window(house, window)
    before = set(house.rows.kept)
    monkeypatch.setattr(house.rows, "delete_session", lambda id_hash: False)
    second = window.get(first.location, headers=OWN_CLICK, base_url="https://localhost")
    assert set(house.rows.kept) == before
    assert f"{COOKIE}=" not in str(second.headers.getlist("Set-Cookie"))


def test_a_window_that_keeps_no_cookies_goes_on_with_a_session_in_its_path(house: House) -> None:
    window = house.app.test_client(use_cookies=False)
    first = open_window(house, window)
    handle = first.location.removesuffix("/window")
    assert handle != BASE
    second = window.get(first.location, headers=OWN_CLICK)
    assert (second.status_code, second.location) == (303, f"{handle}/question#title")
    page = window.get(f"{handle}/question", headers=OWN_CLICK)
    assert page.status_code == 200
    assert "Set-Cookie" not in second.headers
    again = window.get(first.location, headers=OWN_CLICK)
    assert again.location == f"{handle}/start#title"


def test_the_second_step_by_itself_leads_to_the_start(house: House) -> None:
    assert house.learner().get("/window").location == "/start#title"
    assert house.client().get("/window").status_code == 403


def test_the_proof_that_a_window_has_stays(house: House) -> None:
    window = house.app.test_client()
    window.set_cookie(PROOF_COOKIE, "p" * 43, secure=True)
    link = re.search(r'href="(/window/[^"]+)"', get(house, "/question").text)
    assert link is not None
    first = window.get(link[1], headers=OWN_CLICK, base_url="https://localhost")
    assert f"{PROOF_COOKIE}={'p' * 43}" in first.headers["Set-Cookie"]
