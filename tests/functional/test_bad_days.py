"""Bad days on real parts, over HTTP: whatever goes wrong, a clear page or a retry, and never a lost answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from lti_tool.demo import walks
from lti_tool.demo.browser import Browser
from lti_tool.demo.own_http import own_session
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import transaction
from lti_tool.web.lti import PROOF_COOKIE
from lti_tool.web.sessions import COOKIE
from tests.functional.clear_pages import NEVER_SHOWN, assert_clear, assert_echoes_nothing
from tests.functional.hostile_forms import send_hostile_forms
from tests.functional.installation import Addresses, Installation
from tests.functional.visitors import Learner

pytestmark = pytest.mark.xdist_group("bad days")

NOT_OPENED = "Digivaardig kon niet open"
TOO_OLD = "Deze pagina was te oud"
GONE = "We weten niet meer waar je was"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A whole installation; each test has people of its own in it."""
    with Installation(Addresses(tmp_path_factory.mktemp("house"))) as made:
        yield made


# --- the launch -----------------------------------------------------------------------------------


def test_a_portal_that_nobody_registered_gets_a_page_with_a_code(house: Installation) -> None:
    tab = Browser().tab()
    login = {"iss": "https://elders.example", "login_hint": "1", "client_id": "x"}
    login["target_link_uri"] = f"{house.where.tool_url}/lti/launch"
    page = tab.submit(house.form("/lti/login", login))
    assert_clear(page, 400, NOT_OPENED, "Jij deed niets verkeerd.", "– portal_unknown")
    assert "elders" not in page.source


def test_a_launch_that_expired_is_refused_and_a_new_one_opens(house: Installation) -> None:
    frame, form = house.held_launch(Browser(), "201")
    an_hour_ago = int(time.time()) - 3600
    late = {**form, "id_token": house.portal.sign(form["id_token"], iat=an_hour_ago, exp=an_hour_ago + 60)}
    page = house.send_launch(frame, late)
    assert_clear(page, 400, NOT_OPENED, "open dit onderdeel nog een keer", "– iat_too_old")
    assert_echoes_nothing(page, late)
    assert Learner(house, "201").tool.path == walks.START


def test_a_token_that_lives_as_short_as_a_real_portals_is_refused_after_that(house: Installation) -> None:
    frame, form = house.held_launch(Browser(), "201")
    issued = int(time.time()) - 150
    late = {**form, "id_token": house.portal.sign(form["id_token"], iat=issued, exp=issued + 60)}
    assert_clear(house.send_launch(frame, late), 400, NOT_OPENED, "– exp_passed")


def test_a_launch_that_is_opened_twice_comes_in_once(house: Installation) -> None:
    frame, form = house.held_launch(Browser(), "202")
    assert house.send_launch(frame, form).heading == "Ontdek wat je al kunt"
    page = house.send_launch(frame, form)
    assert_clear(page, 400, NOT_OPENED, "– state_unknown")
    assert_echoes_nothing(page, form)
    assert frame.open("/start").status == 200, "the first one goes on"


def test_a_launch_sent_twice_at_the_same_moment_comes_in_once(house: Installation) -> None:
    browser = Browser()
    frame, form = house.held_launch(browser, "202")
    learner = Learner(house, "202", browser)
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(lambda tab: tab.submit(house.form("/lti/launch", form)), [frame, learner.twin()]))
    assert sorted(page.status for page in pages) == [200, 400]


def test_a_launch_in_another_browser_is_refused(house: Installation) -> None:
    _, form = house.held_launch(Browser(), "203")
    thief = Learner(house, "102")
    page = house.send_launch(thief.tool, form)
    assert_clear(page, 400, NOT_OPENED, "– browser_differs")
    assert_echoes_nothing(page, form)
    assert thief.tool.open("/start").status == 200


def test_a_browser_that_keeps_no_cookies_is_shown_the_way(house: Installation) -> None:
    frame, form = house.held_launch(Browser(), "203")
    page = Browser().tab().submit(house.form("/lti/launch", form))
    # The portal of the demo keeps values for the tool, so the page asks it first; nobody answers here.
    assert_clear(page, 200, "Je browser bewaart geen cookies", "deze code: browser_proof_missing")
    assert house.send_launch(frame, form).status == 200, "for the browser that began it still opens"


def test_a_portal_that_does_not_answer_during_a_launch_is_told_as_that(house: Installation) -> None:
    frame, form = house.held_launch(Browser(), "204")
    with house.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("update portal set jwks_body = null, jwks_fetched_at = null"))
    with house.portal.server.away():
        page = house.send_launch(frame, form)
    assert_clear(page, 503, "Je leerportaal antwoordt niet", "Wacht even", "Jij deed niets verkeerd.")
    assert page.headers["Retry-After"] == "5"
    assert_echoes_nothing(page, form)
    assert Learner(house, "204").tool.path == walks.START


# --- answers --------------------------------------------------------------------------------------


def test_a_form_without_its_token_changes_nothing_and_the_answer_can_be_given_again(house: Installation) -> None:
    learner = Learner(house, "205").begin()
    form, right = learner.form(), learner.right()
    form.fields = [field for field in form.fields if field.name != "csrf_token"]
    page = learner.tool.submit(form, right, "answer")
    assert_clear(page, 400, TOO_OLD, "Je laatste klik is niet verwerkt.", "Ga verder")
    assert house.answers_of("205") == []
    learner.begin().answer()
    assert len(house.answers_of("205")) == 1


def test_an_answer_for_another_question_is_not_kept(house: Installation) -> None:
    learner = Learner(house, "206").begin()
    asked, form, right = learner.asked(), learner.form(), learner.right()
    field = form.field("item")
    assert field is not None
    field.value = "VEI-INT-9999@1"
    page = learner.tool.submit(form, right, "answer")
    assert "Je was al een stap verder. Dit is de vraag die nu komt." in page.words
    assert (learner.asked(), learner.position()) == (asked, 1)
    assert house.answers_of("206") == house.answered("206") == []


def test_an_answer_far_ahead_is_not_kept(house: Installation) -> None:
    learner = Learner(house, "206").begin()
    form, right = learner.form(), learner.right()
    for field in form.fields:
        if field.name == "position":
            field.value = "7"
    learner.tool.submit(form, right, "answer")
    assert (learner.tool.path, learner.position()) == (walks.QUESTION, 1)
    assert house.answers_of("206") == []


def test_an_answer_sent_twice_at_the_same_moment_counts_once(house: Installation) -> None:
    learner = Learner(house, "207").begin()
    for number in range(1, 4):
        form, right = learner.form(), learner.right()
        tabs = [learner.tool, *(learner.twin() for _ in range(3))]
        with ThreadPoolExecutor(len(tabs)) as pool:
            pages = list(pool.map(lambda tab, f=form, r=right: tab.submit(f, r, "answer"), tabs))
        assert {(page.status, page.heading) for page in pages} == {(200, f"Vraag {number + 1}")}
        assert len(house.answers_of("207")) == len(house.answered("207")) == number


def test_a_closed_browser_is_asked_the_same_question_again(house: Installation) -> None:
    learner = Learner(house, "208").begin()
    learner.answer()
    learner.answer()
    asked, shown = learner.asked(), learner.form()
    again = Learner(house, "208").begin()
    assert (again.asked(), again.position()) == (asked, 3)
    assert [f.value for f in again.form().fields[1:]] == [f.value for f in shown.fields[1:]], "in the same order"
    again.answer_all()
    late = learner.tool.submit(shown, {}, "dont_know")
    assert (late.status, learner.tool.path) == (200, walks.ADVICE), "the old window sees that it is done"
    positions = [position for position, _ in house.answers_of("208")]
    assert positions == list(range(1, len(positions) + 1))


# --- sessions and requests that fit nothing -------------------------------------------------------


def test_a_session_of_a_wiped_participation_says_so_and_begins_anew(house: Installation) -> None:
    learner = Learner(house, "209").begin()
    learner.answer()
    form, right = learner.form(), learner.right()
    with house.app.app_context(), transaction():
        participation_rows.remove_participation(house.place_of("209"))
    page = learner.tool.submit(form, right, "answer")
    assert_clear(page, 410, "Deze gegevens zijn gewist", "Open Digivaardig dan opnieuw vanuit je leerportaal.")
    assert "is bewaard" not in page.words
    assert_clear(learner.tool.open("/advice"), 403, GONE, "Open Digivaardig opnieuw vanuit je leerportaal.")
    assert Learner(house, "209").begin().position() == 1


def test_a_preview_begun_anew_ends_the_one_in_another_browser(house: Installation) -> None:
    old, new = Learner(house, "103"), Learner(house, "103")
    new.tool.press("do", "preview")
    assert_clear(old.tool.open("/start"), 410, "Deze gegevens zijn gewist")
    assert new.begin().position() == 1


@pytest.mark.parametrize("cookie", ["", "a", "x" * 43, "\xff\xfe", "=;=;", "'; drop table tenant; --", "y" * 9000])
def test_a_cookie_that_is_garbage_is_no_session(house: Installation, cookie: str) -> None:
    with own_session() as browser:
        browser.headers["Cookie"] = f"{COOKIE}={cookie}; {PROOF_COOKIE}={cookie}".encode("latin-1")
        answer = browser.get(f"{house.where.tool_url}/question", timeout=30)
        assert answer.status_code == 403
        assert "Open Digivaardig opnieuw vanuit je leerportaal." in answer.text
        launch = browser.post(f"{house.where.tool_url}/lti/launch", data={"state": "x"}, timeout=30)
        assert launch.status_code in (400, 403)
        assert not NEVER_SHOWN.search(answer.text + launch.text)


@pytest.mark.parametrize("path", ["/nergens", "/.env", "/wp-login.php", "/question/", "/%00", "/static/../app.py"])
def test_an_unknown_page_says_so_and_shows_the_way_on(house: Installation, path: str) -> None:
    page = Learner(house, "102").tool.open(path)
    assert_clear(page, 404, "Deze pagina is er niet", "Je kunt gewoon verder.", "Ga verder")
    assert_clear(Browser().tab().open(house.where.tool_url + path), 404, "Deze pagina is er niet")


def test_an_unknown_training_link_or_window_says_what_to_do(house: Installation) -> None:
    tool = Learner(house, "102").tool
    training = tool.open("/trainings/M-OPE-999")
    assert_clear(training, 404, "Deze training is er niet", "Kies een andere uit de lijst.")
    assert_clear(tool.open("/window/a.b"), 403, "Dit venster kan niet open")
    figures = tool.open("/figures/a%00b.csv")
    assert (figures.status, figures.heading) == (404, "Deze cijfers zijn er niet")


def refuses(doors: MapAdapter, path: str, method: str) -> bool:
    """Whether the routes know the address, but not with this method; it may fit several of them."""
    try:
        doors.match(path, method)
    except HTTPException as answer:
        return isinstance(answer, MethodNotAllowed)
    return False


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_no_method_breaks_any_page(house: Installation, method: str) -> None:
    paths = {re.sub("<[^>]+>", "x", rule.rule) for rule in house.app.url_map.iter_rules()}
    doors = house.app.url_map.bind("localhost")
    with own_session() as browser:
        for path in sorted(paths):
            answer = browser.request(method, house.where.tool_url + path, timeout=30, allow_redirects=False)
            assert answer.status_code < 500, path
            assert (answer.status_code == 405) == refuses(doors, path, method), path
            assert answer.status_code != 405 or "Zo werkt deze pagina niet" in answer.text
            assert not NEVER_SHOWN.search(answer.text), path


def test_a_form_that_is_too_large_is_told_as_that(house: Installation) -> None:
    learner = Learner(house, "210").begin()
    values = {**dict(learner.form().filled({})), "choice": "x" * 300_000}
    for path in (walks.QUESTION, "/start", "/lti/launch"):
        assert_clear(learner.send(path, values), 413, "Dit is te groot", "Maak het korter.")
    assert house.answers_of("210") == []
    assert learner.begin().position() == 1


def test_no_form_with_nuls_or_half_characters_breaks_a_page(house: Installation) -> None:
    learner = Learner(house, "211").begin()
    send_hostile_forms(house, learner)
    assert house.answers_of("211") == []
    learner.begin().answer()
    assert len(house.answers_of("211")) == 1


def test_an_operator_whose_lrs_is_away_reads_that_nothing_is_lost(house: Installation) -> None:
    with house.app.app_context():
        password = house.commands.operate.add_operator("beheerder", datetime.now(UTC))
    tab = Browser().tab()
    tab.open(f"{house.where.tool_url}/operator/login")
    form = next(form for form in tab.page.forms if form.field("password"))
    assert house.lrs is not None
    with house.lrs.away():
        page = tab.submit(form, {"name": "beheerder", "password": password})
        assert page.status == 200
        assert "De LRS antwoordt nu niet. Er gaat niets verloren" in page.words
