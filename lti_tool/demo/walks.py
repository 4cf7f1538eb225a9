"""The ways that people go, page by page: into the portal, through the launch, and through the questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from lti_tool.demo.answer_key import AnswerKey, Question
from lti_tool.demo.browser import Browser, PageNotAsExpected, Tab
from lti_tool.demo.page import Form, Page

QUESTION, START, ADVICE, TRAINING = "/question", "/start", "/advice", "/trainings/"
NEXT_STEP = "Volgende stap"
MOST_PAGES = 60
MOST_QUESTIONS = 60
"""More than any assessment has; whoever gets here walks in a circle."""

Responding = Callable[[Question, Form], dict[str, str | Sequence[str]] | None]
"""What somebody fills in; None is the button "Weet ik niet"."""


def log_in(browser: Browser, portal_url: str, person_id: str) -> Tab:
    """Log in at the portal; the tab shows the course page.

    Raises:
        PageNotAsExpected: the portal does not have this person.
    """
    tab = browser.tab()
    tab.open(portal_url)
    tab.press("person_id", person_id)
    return expect(tab, "/course/")


def open_activity(course: Tab) -> Tab:
    """Open the first activity of the course page; the tab returned is the frame with the tool in it.

    Raises:
        PageNotAsExpected: the launch did not end on a page of the tool.
    """
    link = course.page.link_to("/activity/")
    if link is None:
        raise PageNotAsExpected("no activity", course.page)
    course.open(link.address)
    frame = course.frame()
    if frame.page.status != 200 or urlsplit(frame.page.url).netloc == urlsplit(course.page.url).netloc:
        raise PageNotAsExpected("the launch did not reach the tool", frame.page)
    return frame


def launch(browser: Browser, portal_url: str, person_id: str) -> Tab:
    """Log in and open the activity."""
    return open_activity(log_in(browser, portal_url, person_id))


def begin(tool: Tab, team: str | None = None) -> None:
    """From the first page after the launch to the first question; chooses a team when one is given."""
    if tool.path != START:
        tool.open(START)
    expect(tool, START)
    if team is not None:
        _choose_team(tool, team)
    tool.press("do", "begin")
    expect(tool, QUESTION)


def answer_one(tool: Tab, key: AnswerKey, responding: Responding) -> Page:
    """Answer the question that the tab shows.

    Raises:
        PageNotAsExpected: the page has no question.
        QuestionUnknown: the content does not have this question.
    """
    form = question_form(tool.page)
    item = form.field("item")
    given = responding(key.question(item.value if item else ""), form)
    if given is None:
        return tool.press("do", "dont_know")
    return tool.press("do", "answer", given)


def answer_all(tool: Tab, key: AnswerKey, responding: Responding) -> int:
    """Answer until the advice comes; returns the number of questions answered.

    Raises:
        PageNotAsExpected: another page came, or no end.
    """
    for count in range(MOST_QUESTIONS):
        if tool.path != QUESTION:
            expect(tool, ADVICE)
            return count
        expect(tool, QUESTION)
        answer_one(tool, key, responding)
    raise PageNotAsExpected("no end to the questions", tool.page)


def take_training(tool: Tab, key: AnswerKey, responding: Responding) -> int:
    """From a page that offers a training to its end; answers every check; returns the number of pages.

    Raises:
        PageNotAsExpected: no training is offered, or no end comes.
    """
    tool.press("do", "open")
    answered: set[str] = set()
    for count in range(1, MOST_PAGES):
        expect(tool, TRAINING)
        form = next((f for f in tool.page.forms if _asked_in(f) and _asked_in(f) not in answered), None)
        if form is not None:
            answered.add(_asked_in(form))
            given = responding(key.question(_asked_in(form)), form)
            tool.submit(form, given or {}, "check")
        elif tool.page.form_with("do", "finish") is not None:
            tool.press("do", "finish")
            expect(tool, TRAINING)
            return count
        else:
            tool.press_button(NEXT_STEP)
    raise PageNotAsExpected("no end to the training", tool.page)


def question_form(page: Page) -> Form:
    """Raises PageNotAsExpected when the page asks nothing."""
    form = next((f for f in page.forms if f.field("item") and f.button("do", "answer")), None)
    if form is None:
        raise PageNotAsExpected("no question", page)
    return form


def expect(tab: Tab, path: str) -> Tab:
    """The tab itself, when it shows a good page at this path or below.

    Raises:
        PageNotAsExpected: it does not.
    """
    if tab.page.status != 200 or not tab.path.startswith(path):
        raise PageNotAsExpected(f"expected {path}", tab.page)
    return tab


def _choose_team(tool: Tab, team: str) -> None:
    form = next((f for f in tool.page.forms if f.field("team")), None)
    if form is None or team not in form.values_of("team"):
        raise PageNotAsExpected(f"no team {team!r} to choose", tool.page)
    tool.press("do", "team", {"team": team})
    expect(tool, START)


def _asked_in(form: Form) -> str:
    """The item that a form of a training asks, or nothing."""
    item = form.field("item")
    return item.value if item is not None and form.button("do", "check") else ""
