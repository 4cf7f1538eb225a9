"""Every page in every state that is worth looking at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from lti_tool.domain.scoring import Response
from lti_tool.use_cases.explain_completions import OwnCompletion
from lti_tool.web.sessions import COOKIE
from tests.web_examples import (
    COMPLETIONS,
    GROUP,
    LEARNER,
    NOW,
    PRACTICE,
    QUESTIONS,
    QUIET_PORTAL,
    SESSION_ID,
    START,
    TROUBLED_PORTAL,
    WHERE,
)
from tests.web_fakes import House

CHOSEN_B = {"choice": ["b"], "text": "", "dont_know": False}
MODULE = "/trainings/M-VEI-001"


def _nothing(house: House) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Look:
    """A page as somebody sees it."""

    name: str
    path: str
    who: str = "learner"
    prepare: Callable[[House], None] = _nothing
    session: tuple[tuple[str, Any], ...] = ()
    press: str = ""
    """Selector of a button to press before looking."""
    ready: str = "h1"


def _question(position: int) -> Callable[[House], None]:
    return lambda house: setattr(house.assessment, "position", position)


def _start(**change: Any) -> Callable[[House], None]:
    return lambda house: setattr(house.enter, "page", replace(START, **change))


def _group(**change: Any) -> Callable[[House], None]:
    return lambda house: setattr(house.reports, "group", replace(GROUP, **change))


def _step(step: str, *, finished: bool = False) -> Callable[[House], None]:
    def prepare(house: House) -> None:
        house.module.step, house.module.finished = step, finished

    return prepare


def _checked(house: House) -> None:
    house.module.check(WHERE, "M-VEI-001", QUESTIONS[0].key, Response(("b",)), NOW)


def _troubled(house: House) -> None:
    house.completions.shown = replace(COMPLETIONS, portals=(QUIET_PORTAL, TROUBLED_PORTAL))


def _told(house: House) -> None:
    house.completions.told = OwnCompletion("hour", datetime(2026, 11, 23, 13, tzinfo=UTC))


ANSWER = "button[value=answer], button[value=check]"
MISSING = "#message"

LOOKS = (
    Look("start", "/start"),
    Look("start-running", "/start", prepare=_start(state="running")),
    Look("start-finished", "/start", prepare=_start(state="finished")),
    Look("start-closed", "/start", prepare=_start(openness="not_yet_open")),
    Look("start-english", "/start", session=(("locale", "en"),)),
    Look("practice", "/practice"),
    Look("practice-said", "/practice", session=(("last_given", {"item": PRACTICE.key, **CHOSEN_B}),)),
    *(Look(f"question-{n}-{QUESTIONS[n - 1].type}", "/question", prepare=_question(n)) for n in range(1, 6)),
    *(
        Look(f"question-{n}-missing", "/question", prepare=_question(n), press=ANSWER, ready=MISSING)
        for n in (1, 3, 5)
    ),
    Look("question-english", "/question", session=(("locale", "en"),)),
    Look("paused", "/paused", prepare=_start(state="running")),
    Look("advice", "/advice"),
    Look("advice-skipped", "/advice", prepare=lambda house: setattr(house.advice, "skipped", True)),
    Look("answers", "/answers"),
    Look("trainings", "/trainings"),
    Look("training-explanation", MODULE, prepare=_step("uitleg")),
    Look("training-practice", MODULE),
    Look("training-practice-missing", MODULE, press=ANSWER, ready=MISSING),
    Look(
        "training-practice-said",
        MODULE,
        prepare=_checked,
        session=(("last_given", {"item": QUESTIONS[0].key, **CHOSEN_B}),),
    ),
    Look("training-tip", MODULE, prepare=_step("tip")),
    Look("training-done", MODULE, prepare=_step("klaar", finished=True)),
    Look("training-invitation", MODULE, prepare=lambda house: setattr(house.module, "opened", False)),
    Look("progress", "/progress"),
    Look("progress-told", "/progress", prepare=_told),
    Look("preview", "/start", who="staff"),
    Look("staff", "/staff", who="staff"),
    Look("staff-closed", "/staff", who="staff", prepare=_group(openness="not_yet_open")),
    Look("group", "/staff/group", who="staff"),
    Look("group-too-few", "/staff/group", who="staff", prepare=_group(disclosed=None)),
    Look("completions", "/admin/completions", who="administrator"),
    Look("completions-trouble", "/admin/completions", who="administrator", prepare=_troubled),
    Look(
        "completions-english",
        "/admin/completions",
        who="administrator",
        prepare=_troubled,
        session=(("locale", "en"),),
    ),
    Look("completions-asked", "/admin/completions", who="administrator", press="button[value=ask]"),
    Look("completions-choice", "/admin/completions", who="operator"),
    Look("operator-login", "/operator/login", who="nobody"),
    Look("operator-statements", "/operator/statements?paused=1", who="operator"),
    Look("what-happened", "/demo/what-happened", who="nobody"),
    Look("not-found", "/nergens"),
    Look("session-gone", "/start", who="nobody"),
    Look("refused", "/lti/login", who="nobody"),
)


def open_as(browser: Browser, house: House, look: Look, **options: Any) -> BrowserContext:
    """A browser window with the session that the look needs."""
    context = browser.new_context(**options)
    values = {
        "learner": {**LEARNER, **dict(look.session)},
        "staff": {**LEARNER, "staff": True},
        "operator": {"operator": "beheerder"},
        "administrator": {**LEARNER, "granted": ["administrator"], **dict(look.session)},
    }.get(look.who)
    if values:
        house.keep_session(SESSION_ID, values)
        context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": SESSION_ID,
                    "domain": "localhost",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "None",
                }
            ]
        )
    return context


def show(context: BrowserContext, address: str, look: Look) -> tuple[Page, list[str]]:
    """The page in its state, and what the browser complained about (a CSP report, a missing file)."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if _matters(said.text) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address + look.path)
    if look.press:
        page.click(look.press)
    page.wait_for_selector(look.ready)
    return page, complaints


def _matters(text: str) -> bool:
    """The browser reports the status of an error page too, which is not a complaint."""
    return not text.startswith("Failed to load resource: the server responded with a status of 4")
