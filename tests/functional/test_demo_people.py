"""The walker and the simulated people on two real ports: portal, launch in a frame, questions, training."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lti_tool.demo import walks
from lti_tool.demo.answer_key import AnswerKey, Question, QuestionUnknown, fill_in
from lti_tool.demo.browser import Browser, PageNotAsExpected, Tab, TooManyHops
from lti_tool.demo.page import Form
from lti_tool.demo.people import Colleague, all_take_part
from lti_tool.demo.processes import free_port
from lti_tool.demo_portal.app import create_portal
from tests.functional.small_assessment import ITEMS, SmallAssessment, write_content
from tests.functional.small_tool import serving

Place = tuple[str, SmallAssessment, AnswerKey]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Portal address, tool, and the answer key of the tool's questions."""
    portal_port, tool_port = free_port(), free_port()
    portal_url, tool_url = f"http://127.0.0.1:{portal_port}", f"http://localhost:{tool_port}"
    tool = SmallAssessment(portal_url)
    write_content(tmp_path)
    portal = create_portal(portal_url, tool_url)
    with serving(portal, "127.0.0.1", portal_port), serving(tool.app, "localhost", tool_port):
        yield portal_url, tool, AnswerKey.read(tmp_path)


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


def all_right(question: Question, form: Form) -> dict[str, str | Sequence[str]] | None:
    return fill_in(question, form, right=True, dice=random.Random(1))


def dont_know(question: Question, form: Form) -> dict[str, str | Sequence[str]] | None:
    return None


def test_a_person_walks_from_the_portal_to_the_advice(place: Place, browser: Browser) -> None:
    portal_url, tool, key = place
    frame = walks.launch(browser, portal_url, "101")
    walks.begin(frame, "Wmo")
    assert walks.answer_all(frame, key, all_right) == len(ITEMS)
    assert frame.page.heading == "Advies"
    assert tool.teams == {"101": "Wmo"}
    assert tool.answers == {"101": [True, True, True]}
    assert tool.launches[0]["sub"] == "101"


def test_not_knowing_is_an_answer_too(place: Place, browser: Browser) -> None:
    portal_url, tool, key = place
    frame = walks.launch(browser, portal_url, "101")
    walks.begin(frame)
    walks.answer_all(frame, key, dont_know)
    assert tool.answers == {"101": [False, False, False]}
    assert tool.teams == {}


def test_a_training_is_walked_to_its_end(place: Place, browser: Browser) -> None:
    portal_url, tool, key = place
    frame = walks.launch(browser, portal_url, "101")
    frame.open("/advice")
    assert walks.take_training(frame, key, all_right) == 3
    assert tool.training["101"] == ["open", "step 2", "check", "finish"]


def test_many_people_take_part_at_the_same_time(place: Place) -> None:
    portal_url, tool, key = place
    people = [Colleague(str(number), "Wmo") for number in range(201, 207)]
    assert all_take_part(portal_url, people, 1, key) == 6 * len(ITEMS)
    assert all_take_part(portal_url, people, 2, key) == 6 * len(ITEMS)
    assert set(tool.answers) == {p.person_id for p in people}
    assert all(len(given) == 2 * len(ITEMS) for given in tool.answers.values())


def test_trouble_with_one_person_stops_the_others(place: Place) -> None:
    portal_url, tool, _ = place
    people = [Colleague(str(number), None) for number in range(201, 225)]
    with pytest.raises(QuestionUnknown):
        all_take_part(portal_url, people, 1, AnswerKey({}))
    assert len(tool.launches) < len(people)


def test_a_walk_says_what_is_missing_where(place: Place, browser: Browser) -> None:
    portal_url, _, key = place
    with pytest.raises(PageNotAsExpected, match="no button person_id=999"):
        walks.log_in(browser, portal_url, "999")
    frame = walks.launch(browser, portal_url, "101")
    with pytest.raises(PageNotAsExpected, match="no team 'Anders' to choose"):
        walks.begin(frame, "Anders")
    with pytest.raises(PageNotAsExpected, match=r"no question; localhost:\d+/start gave 200 with heading"):
        walks.answer_one(frame, key, all_right)
    with pytest.raises(PageNotAsExpected, match="expected /advice"):
        walks.expect(frame, "/advice")
    with pytest.raises(PageNotAsExpected, match="no link"):
        frame.follow("Nergens")
    with pytest.raises(PageNotAsExpected, match="no button 'Nergens'"):
        frame.press_button("Nergens")
    with pytest.raises(PageNotAsExpected, match="no field"):
        frame.press("do", "begin", {"nergens": "1"})
    with pytest.raises(PageNotAsExpected, match="no frame"):
        frame.frame()
    frame.open("/nergens")
    with pytest.raises(PageNotAsExpected, match="gave 404"):
        walks.expect(frame, "/nergens")


def test_an_empty_tab_or_a_page_without_activity_is_told(place: Place, browser: Browser) -> None:
    portal_url, _, _ = place
    empty = browser.tab()
    with pytest.raises(LookupError, match="nothing was opened"):
        _ = empty.page
    empty.open(f"{portal_url}/health")
    with pytest.raises(PageNotAsExpected, match="no activity"):
        walks.open_activity(empty)


def test_a_launch_that_the_tool_refuses_is_told(
    place: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal_url, tool, _ = place
    course = walks.log_in(browser, portal_url, "101")
    monkeypatch.setitem(tool.app.view_functions, "launch", lambda: ("<h1>Nee</h1>", 401))
    with pytest.raises(PageNotAsExpected, match=r"did not reach the tool.* gave 401 with heading 'Nee'"):
        walks.open_activity(course)


def test_a_walk_without_end_stops(place: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    portal_url, _, key = place
    frame = walks.launch(browser, portal_url, "101")
    walks.begin(frame)
    monkeypatch.setattr(walks, "MOST_QUESTIONS", 2)
    with pytest.raises(PageNotAsExpected, match="no end to the questions"):
        walks.answer_all(frame, key, all_right)
    frame.open("/advice")
    monkeypatch.setattr(walks, "MOST_PAGES", 2)
    with pytest.raises(PageNotAsExpected, match="no end to the training"):
        walks.take_training(frame, key, all_right)


def test_the_activity_opens_in_a_window_of_its_own_too(place: Place, browser: Browser) -> None:
    portal_url, tool, _ = place
    course = walks.log_in(browser, portal_url, "102")
    course.follow("Ontdek wat je al kunt")
    course.follow("Open in een nieuw venster")
    assert course.path == "/start"
    assert tool.launches[-1]["sub"] == "102"


def test_redirects_without_end_are_noticed(place: Place, browser: Browser) -> None:
    portal_url, tool, _ = place
    tool.app.add_url_rule("/round", view_func=lambda: ("", 302, {"Location": "/round"}))
    tab = browser.tab()
    with pytest.raises(TooManyHops, match="/round"):
        tab.open(f"{_tool_url(walks.launch(browser, portal_url, '101'))}/round")


def test_a_kept_method_is_kept_and_a_get_form_asks_by_address(place: Place, browser: Browser) -> None:
    portal_url, tool, _ = place

    def echo() -> str:
        from flask import request

        said = f"{request.method} {request.full_path.rstrip('?')} {request.form.get('q', '')}"
        return f"<h1>{said}</h1><form action=/echo?old=1><input name=q value=1></form>"

    tool.app.add_url_rule("/echo", view_func=echo, methods=["GET", "POST"])
    tool.app.add_url_rule("/moved", view_func=lambda: ("", 307, {"Location": "/echo"}), methods=["GET", "POST"])
    tab = browser.tab()
    tab.open(f"{_tool_url(walks.launch(browser, portal_url, '101'))}/echo")
    (form,) = tab.page.forms
    tab.submit(form, {"q": "2"})
    assert tab.page.heading == "GET /echo?q=2"
    form.method, form.action = "POST", form.action.replace("/echo", "/moved")
    tab.submit(form, {"q": "3"}, "go")
    assert tab.page.heading == "POST /echo 3"
    assert [hop.status for hop in tab.hops] == [307, 200]


def _tool_url(tab: Tab) -> str:
    return tab.page.url.rpartition("/")[0]
