"""Who may come in, what every answer says in its headers, how sessions live, and what errors look like."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from lti_tool.domain import errors as facts
from lti_tool.domain.people import Where
from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.lti.errors import LAUNCH_REASONS, PortalUnavailable
from lti_tool.storage.database import DatabaseBusy
from lti_tool.web import trust_own_keys
from lti_tool.web.errors import ANSWERS, answer_to
from lti_tool.web.guards import Role, route_guards
from lti_tool.web.refusals import REFUSALS, refusal_of
from lti_tool.web.sessions import COOKIE, LIFETIME, UNTIL, hash_of
from tests.web_examples import LEARNER, PORTAL, QUESTIONS, SESSION_ID
from tests.web_fakes import House, make_house

IN_FRAME = {"Sec-Fetch-Dest": "iframe"}
OWN_CLICK = {"Sec-Fetch-Site": "same-origin"}
ENDED = "e" * 43


@pytest.fixture
def house() -> House:
    return make_house()


# --- guards ---------------------------------------------------------------------------------------


def test_every_route_says_who_may_enter(house: House) -> None:
    assert not [endpoint for endpoint, role in route_guards(house.app).items() if role is None]


def test_a_route_that_says_nothing_lets_nobody_in(house: House) -> None:
    house.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert route_guards(house.app)["forgotten"] is None
    answer = house.learner().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def as_visitor(house: House, visitor: str) -> FlaskClient:
    return {
        "nobody": house.client,
        "learner": house.learner,
        "staff": house.staff,
        "operator": house.operator,
        "administrator": house.administrator,
        "analyst": house.analyst,
    }[visitor]()


VISITORS = ("nobody", "learner", "staff", "operator", "administrator", "analyst")
ALLOWED = {
    Role.PUBLIC: set(VISITORS),
    Role.LEARNER: {"learner", "staff", "administrator", "analyst"},
    Role.STAFF: {"staff"},
    Role.ADMINISTRATOR: {"operator", "administrator"},
    Role.FIGURES: {"operator", "administrator", "analyst"},
    Role.OPERATOR: {"operator"},
    Role.DEMO: set(VISITORS),
}


NO_PAGES = ("web.static", "new_window.open_window", "new_window.arrive")
"""Files, and the two steps into a window, which always lead on."""


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_in_exactly_where_the_guards_say(visitor: str) -> None:
    for rule in make_house().app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint in NO_PAGES:
            continue
        house = make_house()
        path = re.sub("<[^>]+>", lambda found: "geheim" if "token" in found[0] else "M-VEI-001", rule.rule)
        role = route_guards(house.app)[rule.endpoint]
        status = as_visitor(house, visitor).get(path).status_code
        entered = status not in (403, 303)
        if rule.endpoint != "lti.login":
            assert entered == (visitor in ALLOWED[role]), (visitor, path, status)  # type: ignore[index]


def test_the_demo_pages_do_not_exist_outside_the_demo() -> None:
    assert make_house(demo=False).client().get("/demo/what-happened").status_code == 404


def test_a_part_with_keys_of_its_own_needs_no_session_and_no_token() -> None:
    house = make_house(csrf=True)
    lrs = Blueprint("lrs", __name__, url_prefix="/xapi")
    lrs.add_url_rule("/statements", view_func=lambda: "stored", methods=["POST"])
    house.app.register_blueprint(lrs)
    trust_own_keys(house.app, lrs)
    assert route_guards(house.app)["lrs.<lambda>"] is Role.OWN_KEYS
    answer = house.client().post("/xapi/statements", json=[])
    assert answer.text == "stored"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


# --- headers --------------------------------------------------------------------------------------


def test_a_page_may_load_only_its_own_styles_images_and_fonts(house: House) -> None:
    headers = house.learner().get("/start").headers
    policy = headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {PORTAL}"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in headers
    assert "Cookie" in headers["Vary"]


@pytest.mark.parametrize("path", ["/start", "/nergens", "/lti/login"])
def test_a_page_without_a_session_may_be_framed_by_any_registered_portal(house: House, path: str) -> None:
    policy = house.client().get(path).headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {PORTAL} https://leren.waterland.example")


@pytest.mark.parametrize(
    "path", ["/operator/login", "/operator/statements", "/demo/what-happened", "/health", "/figures/geheim.csv"]
)
def test_pages_of_operators_and_machines_are_never_framed(house: House, path: str) -> None:
    policy = house.operator().get(path).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'none'")


def test_an_origin_that_is_none_stays_out_of_the_header(house: House) -> None:
    client = house.client(**{**LEARNER, "portal_origins": ["https://leren.example; script-src *"]})
    assert client.get("/start").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_https_is_remembered_by_the_browser(house: House) -> None:
    secure = house.learner().get("/start", base_url="https://digivaardig.example")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in house.learner().get("/start").headers


def test_files_are_cached_and_pages_are_not(house: House) -> None:
    answer = house.client().get("/static/app.css", buffered=True)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


# --- CSRF -----------------------------------------------------------------------------------------


def test_a_form_without_its_token_changes_nothing_and_shows_a_way_on() -> None:
    house = make_house(csrf=True)
    answer = house.learner().post("/start", data={"do": "skip"})
    assert answer.status_code == 400
    assert "Deze pagina was te oud" in answer.text
    assert 'href="/start"' in answer.text
    assert not house.assessment.skipped


def test_every_form_that_posts_carries_a_token() -> None:
    house = make_house(csrf=True)
    for path in ("/start", "/practice", "/question", "/advice", "/trainings", "/trainings/M-VEI-001"):
        html = house.learner().get(path).text
        assert html.count('method="post"') == html.count('name="csrf_token"') > 0, path
    assert 'name="csrf_token"' in house.staff().get("/staff").text
    assert 'name="csrf_token"' in house.client().get("/operator/login").text


def test_a_form_with_its_token_works_however_long_the_page_was_open() -> None:
    house = make_house(csrf=True)
    client = house.learner()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/question").text)
    assert token is not None
    fields = {"item": QUESTIONS[0].key, "position": 1, "choice": "a", "do": "answer"}
    assert client.post("/question", data={**fields, "csrf_token": token[1]}).status_code == 303
    assert house.app.config["WTF_CSRF_TIME_LIMIT"] is None


# --- sessions -------------------------------------------------------------------------------------


def test_the_cookie_works_in_a_frame_and_is_read_by_nobody_else(house: House) -> None:
    client = house.client()
    answer = client.post("/operator/login", data={"name": "beheerder", "password": "goed wachtwoord"})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


def test_the_database_knows_only_the_hash_of_the_cookie(house: House) -> None:
    house.learner().post("/practice", data={"item": "VEI-INT-0101@1", "choice": "a"})
    assert SESSION_ID not in house.rows.kept
    assert hash_of(SESSION_ID) in house.rows.kept


def test_a_login_gives_a_new_session_and_ends_the_old_one(house: House) -> None:
    client = house.learner()
    client.post("/operator/login", data={"name": "beheerder", "password": "goed wachtwoord"})
    assert hash_of(SESSION_ID) not in house.rows.kept
    assert [data.get("participation_id") for data, _ in house.rows.kept.values()] == [None]


def test_reading_a_page_writes_no_session_until_it_must_last_longer(house: House) -> None:
    client = house.learner()
    assert "Set-Cookie" in client.get("/answers").headers, "the first form needs a token of its own"
    assert "Set-Cookie" not in client.get("/answers").headers
    soon = datetime.now(UTC) + timedelta(hours=1)
    house.rows.kept[hash_of(SESSION_ID)] = ({**LEARNER, UNTIL: soon.isoformat()}, soon)
    assert "Set-Cookie" in client.get("/answers").headers
    assert house.rows.kept[hash_of(SESSION_ID)][1] > soon + timedelta(hours=20)


def test_a_session_lives_no_longer_after_a_visit_than_the_promise_about_a_first_name_says() -> None:
    assert timedelta(days=1) >= LIFETIME


def test_an_ended_or_invented_session_is_told_as_that(house: House) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    house.rows.kept[hash_of(ENDED)] = ({**LEARNER, UNTIL: past.isoformat()}, past)
    for cookie in (ENDED, "n" * 43, "; drop table", ""):
        client = house.app.test_client()
        client.set_cookie(COOKIE, cookie)
        answer = client.get("/question")
        assert answer.status_code == 403
        assert "Open Digivaardig opnieuw vanuit je leerportaal." in answer.text


def test_logging_out_forgets_the_session_on_both_sides(house: House) -> None:
    answer = house.operator().post("/operator/logout")
    assert not house.rows.kept
    assert "Expires=Thu, 01 Jan 1970" in answer.headers["Set-Cookie"]


def test_a_session_that_is_ended_during_a_request_is_not_made_again_by_it(house: House) -> None:
    client = house.learner()
    choose_language = house.enter.choose_language

    def ended_meanwhile(where: Where, language: str) -> None:
        choose_language(where, language)
        house.rows.kept.clear()

    house.enter.choose_language = ended_meanwhile  # type: ignore[method-assign]
    answer = client.post("/language", data={"locale": "en"})
    assert house.enter.done == ["language en"]
    assert not house.rows.kept
    assert "Set-Cookie" not in answer.headers
    assert client.get("/start").status_code == 403


def test_a_window_of_a_session_that_is_ended_meanwhile_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = str(window_link(house.learner().get("/question", headers=IN_FRAME).text))
    monkeypatch.setattr(house.rows, "save_session", lambda *row: False)
    assert house.app.test_client().get(link, headers=OWN_CLICK).status_code == 403
    assert len(house.rows.kept) == 1


def test_files_and_machines_look_at_no_session(house: House) -> None:
    client = house.learner()
    house.rows.busy = _busy
    for path in ("/static/app.css", "/health", "/lti/jwks.json"):
        assert client.get(path, buffered=True).status_code == 200


# --- a window of one's own ------------------------------------------------------------------------


def window_link(html: str) -> str | None:
    found = re.search(r'href="(/window/[^"]+)"', html)
    return found[1] if found else None


def test_only_in_a_frame_is_a_window_offered(house: House) -> None:
    client = house.learner()
    assert window_link(client.get("/question").text) is None
    assert window_link(client.get("/question", headers=IN_FRAME).text)
    assert window_link(house.client().get("/question", headers=IN_FRAME).text) is None


def test_a_window_goes_on_with_the_same_session_under_another_id(house: House) -> None:
    link = window_link(house.learner().get("/question", headers=IN_FRAME).text)
    window = house.app.test_client()
    answer = window.get(str(link), headers=OWN_CLICK)
    assert (answer.status_code, answer.location) == (303, "/question#title")
    assert window.get("/question").status_code == 200
    assert len(house.rows.kept) == 2


def test_a_window_link_works_once(house: House) -> None:
    client = house.learner()
    link = str(window_link(client.get("/question", headers=IN_FRAME).text))
    assert house.app.test_client().get(link, headers=OWN_CLICK).status_code == 303
    assert house.app.test_client().get(link, headers=OWN_CLICK).status_code == 403
    fresh = str(window_link(client.get("/question", headers=IN_FRAME).text))
    assert house.app.test_client().get(fresh, headers=OWN_CLICK).status_code == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_nobody_is_sent_into_another_session_from_elsewhere(house: House, site: str) -> None:
    link = str(window_link(house.learner().get("/question", headers=IN_FRAME).text))
    answer = house.app.test_client().get(link, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_an_older_browser_shows_by_its_referrer_that_the_click_was_ours(house: House) -> None:
    link = str(window_link(house.learner().get("/question", headers=IN_FRAME).text))
    elsewhere = {"Referer": "https://elders.example/"}
    assert house.app.test_client().get(link, headers=elsewhere).status_code == 403
    assert house.app.test_client().get(link).status_code == 403
    ours = {"Referer": "http://localhost/question"}
    assert house.app.test_client().get(link, headers=ours).status_code == 303


def test_a_changed_or_orphaned_window_link_opens_nothing(house: House) -> None:
    link = str(window_link(house.learner().get("/question", headers=IN_FRAME).text))
    assert house.app.test_client().get(f"{link}x", headers=OWN_CLICK).status_code == 403
    house.rows.kept.clear()
    assert house.app.test_client().get(link, headers=OWN_CLICK).status_code == 403


# --- errors ---------------------------------------------------------------------------------------


def every_fact(base: type[Exception] = facts.JourneyError) -> set[type[Exception]]:
    found = set(base.__subclasses__())
    return found.union(*(every_fact(kind) for kind in found)) if found else found


def test_every_error_of_a_journey_has_an_answer() -> None:
    others = {ResponseDoesNotFit, PortalUnavailable, DatabaseBusy}
    missing = {kind.__name__ for kind in every_fact() | others if kind not in ANSWERS}
    assert not missing


def test_every_refused_launch_says_what_happened_and_what_to_do_without_blame(house: House) -> None:
    assert set(REFUSALS) <= set(LAUNCH_REASONS)
    with house.app.test_request_context():
        for reason_code in LAUNCH_REASONS:
            refusal = refusal_of(reason_code)
            text = f"{refusal.happened} {refusal.to_do}".casefold()
            assert refusal.happened, reason_code
            assert refusal.to_do, reason_code
            assert refusal.status in (400, 403), reason_code
            assert not re.search(r"fout|ongeldig|verboden|geweigerd|token|claim", text), reason_code


def test_every_answer_says_something_and_no_answer_blames(house: House) -> None:
    with house.app.test_request_context():
        for kind, answer in ANSWERS.items():
            text = f"{answer.title} {answer.text}".casefold()
            assert answer.status == 303 or answer.title, kind
            assert not re.search(r"fout|ongeldig|verboden|geweigerd", text), kind


def test_an_unknown_error_reads_as_our_own(house: House) -> None:
    house.enter.refuse = RuntimeError("a secret detail")
    answer = house.learner().get("/start")
    assert answer.status_code == 500
    assert "Er ging iets mis bij ons" in answer.text
    assert "secret" not in answer.text
    assert answer_to(RuntimeError()) is answer_to(ZeroDivisionError())


def _busy() -> None:
    raise DatabaseBusy


def test_a_busy_database_asks_to_try_again(house: House) -> None:
    house.enter.refuse = DatabaseBusy()
    answer = house.learner().get("/start?x=1")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert 'href="/start?x=1"' in answer.text


def test_a_database_that_is_busy_for_the_session_itself_asks_to_try_again_too(house: House) -> None:
    client = house.learner()
    house.rows.busy = _busy
    answer = client.get("/start")
    assert answer.status_code == 503
    assert "Het is even druk" in answer.text
    assert "frame-ancestors" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (facts.CampaignNotOpen(), 409),
        (facts.ReleaseGone(), 409),
        (facts.PseudonymGone(), 410),
        (facts.CampaignUnknown("x"), 404),
        (PortalUnavailable("portal_unreachable"), 503),
    ],
)
def test_what_a_journey_refuses_becomes_a_page_with_a_way_on(house: House, error: Exception, status: int) -> None:
    house.enter.refuse = error
    answer = house.learner().get("/start")
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert "Ga verder" in answer.text or "Probeer opnieuw" in answer.text


def test_erased_data_ends_the_session_too(house: House) -> None:
    client = house.learner()
    house.enter.refuse = facts.ParticipationGone()
    answer = client.get("/start")
    assert answer.status_code == 410
    assert "Open Digivaardig dan opnieuw" in answer.text
    assert not house.rows.kept


def test_the_way_on_fits_who_asks(house: House) -> None:
    assert 'href="/operator/statements"' in house.operator().get("/nergens").text
    assert 'href="/staff"' in house.staff().get("/nergens").text
    assert 'href="/start"' in house.learner().get("/nergens").text
    assert "Ga verder" not in house.client().get("/nergens").text
    assert "Ga verder" not in house.client(locale="nl").get("/nergens").text


def test_wrong_methods_large_forms_and_odd_requests_get_plain_pages(house: House) -> None:
    client = house.learner()
    assert client.delete("/start").status_code == 405
    assert client.get("/lti/launch").status_code == 405
    large = client.post("/practice", data={"text": "x" * 300_000})
    assert large.status_code == 413
    assert "Dit is te groot" in large.text
    assert client.post("/start", data={"do": "team", "team": "x"}).status_code == 422


def test_an_http_error_without_a_page_of_its_own_keeps_its_status(house: House) -> None:
    from werkzeug.exceptions import NotImplemented as NotDone
    from werkzeug.exceptions import TooManyRequests

    house.enter.refuse = TooManyRequests()
    assert house.learner().get("/start").status_code == 429
    house.enter.refuse = NotDone()
    assert house.learner().get("/start").status_code == 501
