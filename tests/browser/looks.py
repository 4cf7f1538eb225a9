"""Every page in every state that is worth looking at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from lti_tool.domain.campaign import Campaign
from lti_tool.domain.content import Item
from lti_tool.domain.roles import ROLES
from lti_tool.lti.errors import RegistrationRefused
from lti_tool.use_cases.explain_completions import OwnCompletion
from lti_tool.web.sessions import COOKIE
from tests.factories import wrong_response
from tests.web_examples import (
    ASKED_IN_SESSION,
    CAMPAIGN,
    CARDS,
    COMPLETIONS,
    GROUP,
    LEARNER,
    MOLENWAARD,
    NOW,
    PORTAL,
    PRACTICE,
    QUESTIONS,
    QUIET_PORTAL,
    SESSION_ID,
    SIZE,
    START,
    STORY,
    TAUGHT,
    TROUBLED_PORTAL,
    WHERE,
    start_page,
)
from tests.web_fakes import CODE, House

CHOSEN_B = {"choice": ["b"], "text": "", "dont_know": False}
MODULE = "/trainings/M-VEI-001"
INVITATION = f"/invitation/molenwaard/{CODE}"


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
    fill: tuple[tuple[str, str], ...] = ()
    """Selector of a field, and what to type there first."""
    choose: str = ""
    """Selector of a choice to make first."""
    press: str = ""
    """Selector of a button to press before looking."""
    untick: str = ""
    """Selector of a choice to take back before that."""
    ready: str = "h1"
    browser: str = "nl-NL"
    posts: bool = False
    """Whether another site's form leads here, as for a launch."""


def _question(position: int) -> Callable[[House], None]:
    return lambda house: setattr(house.assessment, "position", position)


def _start(**change: Any) -> Callable[[House], None]:
    return lambda house: setattr(house.enter, "page", replace(START, **change))


def _group(**change: Any) -> Callable[[House], None]:
    return lambda house: setattr(house.reports, "group", replace(GROUP, **change))


def _nobody_has_a_role(house: House) -> None:
    house.roles.invitations, house.roles.holders = (), {}


def _step(step: str, *, finished: bool = False) -> Callable[[House], None]:
    def prepare(house: House) -> None:
        house.module.step, house.module.finished = step, finished

    return prepare


def _nobody_came_yet(house: House) -> None:
    stops = tuple(replace(stop, state="new", cards=CARDS[:1]) for stop in STORY.stops)
    house.story.shown = replace(STORY, stops=stops)


def _taught(step: str, **change: Any) -> Callable[[House], None]:
    """A step of the training in the starter package, with a film beside what stands there."""

    def prepare(house: House) -> None:
        house.module.module, house.module.step = TAUGHT, step
        vars(house.module).update(change)

    return prepare


TRANSLATED = next(number for number, item in enumerate(QUESTIONS, 1) if "en" in item.others)


def _place(**change: Any) -> Callable[[House], None]:
    return lambda house: vars(house.place).update(change)


def _practising(item: Item) -> Callable[[House], None]:
    return lambda house: setattr(house.module, "item", item)


def _checked(item: Item = QUESTIONS[0]) -> Callable[[House], None]:
    """Practised, with another answer than the right one."""

    def prepare(house: House) -> None:
        house.module.item = item
        house.module.check(WHERE, "M-VEI-001", item.key, wrong_response(item), NOW)

    return prepare


def _said(item: Item) -> Look:
    """What is said about an answer, below the question with that answer in it."""
    given = ("last_given", {"item": item.key, **asdict(wrong_response(item))})
    return Look(f"training-{item.id}-said", MODULE, prepare=_checked(item), session=(given,))


def _staying(house: House) -> None:
    house.forget.shown = replace(house.forget.shown, is_lost=True, roster=True, holds_role=True)


def _kept_at_the_lrs(house: House) -> None:
    house.forget.shown = replace(house.forget.shown, at_the_lrs="kept")


def _promised(language: str = "nl", campaign: Campaign = CAMPAIGN, **tenant: Any) -> Callable[[House], None]:
    """The start page as the settings of a municipality make it."""
    page = start_page(replace(MOLENWAARD, **tenant), campaign, language)
    return lambda house: setattr(house.enter, "page", page)


MANDATORY = replace(
    CAMPAIGN,
    purpose="individual",
    mode="verplicht",
    mandatory_reason="iedereen met de nieuwe computers gaat werken",
)


def _refused(house: House) -> None:
    house.registration.refuse = RegistrationRefused("domain_refused")


REGISTER = "/lti/register/molenwaard/geheim"
FROM_PORTAL = f"?{urlencode({'openid_configuration': f'{PORTAL}/openid', 'registration_token': 't'})}"
CONNECT = "main button[type=submit]"
MAKE = ".dv-login button"
NEW_PORTAL = (("#name", "Ons Moodle"), ("#portal_id", "moodle"))
WRONG_PORTAL = (("#name", "Ons Moodle"), ("#portal_id", "Ons Moodle"))


def _keeping(house: House) -> None:
    house.enter.storage_target = "_parent"


LOGIN = "iss=x&login_hint=42&target_link_uri=x"


def _nothing_sent(house: House) -> None:
    house.outbox.shown = house.outbox.dead = ()


def _troubled(house: House) -> None:
    house.completions.shown = replace(COMPLETIONS, portals=(QUIET_PORTAL, TROUBLED_PORTAL))


def _told(house: House) -> None:
    house.completions.told = OwnCompletion("hour", datetime(2026, 11, 23, 13, tzinfo=UTC))


ANSWER = "button[value=answer], button[value=check]"
MISSING = "#message"
MAIL, TARGET = ".dv-mail summary", ".dv-mail__target summary"
MAILBOX = QUESTIONS[9]
PLACE, PUT = "/staff/place", "button[value=place]"

LOOKS = (
    Look("start", "/start"),
    Look("start-running", "/start", prepare=_start(state="running")),
    Look("start-finished", "/start", prepare=_start(state="finished")),
    Look("start-closed", "/start", prepare=_start(openness="not_yet_open")),
    Look("start-roster", "/start", prepare=_promised(roster=True)),
    Look(
        "start-mandatory",
        "/start",
        prepare=_promised(campaign=MANDATORY, no_consequences_confirmed_by="De directie"),
    ),
    Look("start-english", "/start", prepare=_promised("en"), session=(("locale", "en"),)),
    Look("practice", "/practice"),
    Look("practice-said", "/practice", session=(("last_given", {"item": PRACTICE.key, **CHOSEN_B}),)),
    *(
        Look(f"question-{n}-{question.type}", "/question", prepare=_question(n))
        for n, question in enumerate(QUESTIONS, 1)
    ),
    *(
        Look(f"question-{n}-missing", "/question", prepare=_question(n), press=ANSWER, ready=MISSING)
        for n in (1, 3, 5, 8)
    ),
    Look("question-6-chosen", "/question", prepare=_question(6), choose=".dv-spot >> nth=1"),
    Look(
        "question-10-opened", "/question", prepare=_question(10), choose=MAIL, press=TARGET, ready=".dv-mail code"
    ),
    Look("question-10-half", "/question", prepare=_question(10), choose=".dv-option", press=ANSWER, ready=MISSING),
    Look("question-11-opened", "/question", prepare=_question(11), choose=MAIL, ready=".dv-mail__address"),
    Look("question-10-english", "/question", prepare=_question(10), session=(("locale", "en"),)),
    Look("question-english", "/question", prepare=_question(TRANSLATED), session=(("locale", "en"),)),
    Look("question-english-fallback", "/question", session=(("locale", "en"),)),
    Look("paused", "/paused", prepare=_start(state="running")),
    Look("advice", "/advice"),
    Look("advice-told", "/advice", prepare=_told),
    Look("advice-skipped", "/advice", prepare=lambda house: setattr(house.advice, "skipped", True)),
    Look("answers", "/answers"),
    Look("answers-english", "/answers", session=(("locale", "en"),)),
    Look("answers-gone", "/answers", prepare=lambda house: setattr(house.advice, "answers_gone", True)),
    Look("answers-every-type", "/answers", prepare=lambda house: setattr(house.advice, "answered", QUESTIONS)),
    Look("trainings", "/trainings"),
    Look("trainings-without-story", "/trainings", prepare=lambda house: setattr(house.story, "shown", None)),
    Look("story", "/story"),
    Look("story-new", "/story", prepare=_nobody_came_yet),
    Look("story-english", "/story", session=(("locale", "en"),)),
    Look("story-none", "/story", prepare=lambda house: setattr(house.story, "shown", None)),
    Look("about-content", "/about-content"),
    Look("about-content-english", "/about-content", session=(("locale", "en"),)),
    Look("training-explanation", MODULE, prepare=_step("uitleg")),
    Look("training-practice", MODULE),
    Look("training-practice-missing", MODULE, press=ANSWER, ready=MISSING),
    Look(
        "training-practice-said",
        MODULE,
        prepare=_checked(),
        session=(("last_given", {"item": QUESTIONS[0].key, **CHOSEN_B}),),
    ),
    Look("training-mailbox", MODULE, prepare=_practising(MAILBOX)),
    Look("training-mailbox-missing", MODULE, prepare=_practising(MAILBOX), press=ANSWER, ready=MISSING),
    Look("training-mailbox-opened", MODULE, prepare=_practising(MAILBOX), choose=MAIL, press=TARGET, ready="code"),
    _said(MAILBOX),
    Look("training-goal", MODULE, prepare=_taught("doel")),
    Look("training-shown", MODULE, prepare=_taught("uitleg")),
    Look("training-shown-further", f"{MODULE}?frame-3=2", prepare=_taught("uitleg")),
    Look("training-shown-english", MODULE, prepare=_taught("uitleg"), session=(("locale", "en"),)),
    Look("training-word", MODULE, prepare=_taught("uitleg"), press=".dv-word", ready=".dv-meaning:popover-open"),
    Look("training-check", MODULE, prepare=_taught("check")),
    Look("training-english-fallback", MODULE, prepare=_taught("oefenen"), session=(("locale", "en"),)),
    Look("training-rating", MODULE, prepare=_taught("klaar", finished=True)),
    Look("training-rated", MODULE, prepare=_taught("klaar", finished=True, rating="helped_a_bit")),
    Look("training-tip", MODULE, prepare=_step("tip")),
    Look("training-done", MODULE, prepare=_step("klaar", finished=True)),
    Look("training-invitation", MODULE, prepare=lambda house: setattr(house.module, "opened", False)),
    Look("progress", "/progress"),
    Look("progress-told", "/progress", prepare=_told),
    Look("xapi-word", "/xapi/ext/wle-se", who="nobody"),
    Look("preview", "/start", who="staff"),
    Look("staff", "/staff", who="staff"),
    Look("staff-closed", "/staff", who="staff", prepare=_group(openness="not_yet_open")),
    Look("group", "/staff/group", who="staff"),
    Look("group-too-few", "/staff/group", who="staff", prepare=_group(disclosed=None)),
    Look("place", PLACE, who="chooser"),
    Look("place-english", PLACE, who="chooser", session=(("locale", "en"),)),
    Look("place-one", PLACE, who="chooser", prepare=_place(several=False, can_show_done=False)),
    Look("place-missing", PLACE, who="chooser", untick="#activity-first", press=PUT, ready=MISSING),
    Look("place-nothing-fits", PLACE, who="chooser", prepare=_place(takes_links=False)),
    Look("place-send", PLACE, who="chooser", press=PUT, ready="form[data-sends-itself]"),
    Look("place-back", PLACE, who="chooser", press="button[value=cancel]", ready="form[data-sends-itself]"),
    Look("place-not-asked", PLACE, who="staff"),
    Look("start-greeting", "/start", prepare=_promised(greets_by_name=True), session=(("given_name", "Sanne"),)),
    Look("invitation", INVITATION, who="nobody"),
    Look("invitation-inside", INVITATION),
    Look("roles", "/roles"),
    Look(
        "roles-wrong-code",
        "/roles",
        fill=(("#code", "7K2M QX9T"),),
        press="button[value=accept]",
        ready=MISSING,
    ),
    Look("roles-held", "/roles", session=(("granted", [*ROLES]),)),
    Look("roles-held-english", "/roles", session=(("granted", [*ROLES]), ("locale", "en"))),
    Look("role-needed", "/admin"),
    Look("admin", "/admin", who="administrator"),
    Look("admin-roles", "/admin/roles", who="administrator"),
    Look(
        "admin-roles-made",
        "/admin/roles",
        who="administrator",
        choose="label:has([value=coach])",
        press="button[value=invite]",
        ready=MISSING,
    ),
    Look("admin-roles-none", "/admin/roles", who="administrator", prepare=_nobody_has_a_role),
    Look("campaigns", "/figures/campaigns", who="analyst"),
    Look("campaign", "/figures/campaigns/standaard", who="analyst"),
    Look("municipalities", "/admin", who="operator"),
    Look("admin-of-operator", "/admin/roles?tenant=waterland", who="operator"),
    Look("group-size", "/staff/group", who="staff", prepare=_group(size=SIZE)),
    Look("group-too-few-size", "/staff/group", who="staff", prepare=_group(disclosed=None, size=SIZE)),
    Look("completions", "/admin/completions", who="administrator"),
    Look("completions-trouble", "/admin/completions", who="administrator", prepare=_troubled),
    Look(
        "completions-english",
        "/admin/completions",
        who="administrator",
        prepare=_troubled,
        session=(("locale", "en"),),
    ),
    Look("completions-choice", "/admin/completions", who="operator"),
    Look("operator-login", "/operator/login", who="nobody"),
    Look("operator-statements", "/operator/statements?paused=1", who="operator"),
    Look("operator-outbox", "/operator/outbox", who="operator"),
    Look("operator-outbox-quiet", "/operator/outbox", who="operator", prepare=_nothing_sent),
    Look("what-happened", "/demo/what-happened", who="nobody"),
    Look("portals", "/admin/portals", who="operator"),
    Look("portals-of-one", "/admin/portals", who="administrator"),
    Look("portals-english", "/admin/portals", who="administrator", session=(("locale", "en"),)),
    Look("portals-checked", "/admin/portals", who="operator", press="button[value=check]", ready="#checked"),
    Look("portals-missing", "/admin/portals", who="operator", fill=WRONG_PORTAL, press=MAKE, ready=MISSING),
    Look("portals-made", "/admin/portals", who="operator", press=MAKE, ready="#made", fill=NEW_PORTAL),
    Look("registration", REGISTER + FROM_PORTAL, who="nobody"),
    Look("registration-english", REGISTER + FROM_PORTAL, who="nobody", browser="en-GB"),
    Look("registration-by-hand", REGISTER, who="nobody"),
    Look("registration-done", REGISTER + FROM_PORTAL, who="nobody", press=CONNECT, ready=".dv-check"),
    Look("registration-refused", REGISTER + FROM_PORTAL, who="nobody", prepare=_refused, press=CONNECT),
    Look("registration-gone", REGISTER.replace("geheim", "oud"), who="nobody"),
    Look("wipe", "/wipe"),
    Look("wipe-all-that-stays", "/wipe", prepare=_staying),
    Look("wipe-kept-at-the-lrs", "/wipe", prepare=_kept_at_the_lrs),
    Look("wipe-needed", "/wipe", press="button[value=wipe]", ready=".dv-needed"),
    Look("wiped", "/wiped", who="nobody"),
    Look("not-found", "/nergens"),
    Look("session-gone", "/start", who="nobody"),
    Look("refused", "/lti/login", who="nobody"),
    Look("no-cookies", f"/lti/login/once-more?{LOGIN}", who="nobody"),
    Look("no-cookies-long-ago", "/lti/launch", who="nobody", posts=True),
    Look("no-cookies-not-kept", f"/lti/login/once-more?{LOGIN}", who="nobody", prepare=_keeping),
    Look("copied", f"/s/{'x' * 43}/start", who="nobody"),
)

MORE_LOOKS = (
    *(
        Look(f"question-{n}-missing", "/question", prepare=_question(n), press=ANSWER, ready=MISSING)
        for n in range(1, len(QUESTIONS) + 1)
        if n not in (1, 3, 5, 8)
    ),
    *(_said(question) for question in QUESTIONS if question != MAILBOX),
    *(Look(f"training-{question.id}", MODULE, prepare=_practising(question)) for question in QUESTIONS[1:]),
)
"""The same states of every other type; `make prove-access` looks at these too."""
CONTENT = ("practice", "question", "answers", "training")
"""How the names begin of what a learner sees of the content."""


def open_as(browser: Browser, house: House, look: Look, **options: Any) -> BrowserContext:
    """A browser window with the session that the look needs."""
    context = browser.new_context(**options)
    come_in(context, house, look)
    return context


def come_in(context: BrowserContext, house: House, look: Look) -> None:
    """Give a browser window the language and the session that the look needs."""
    context.set_extra_http_headers({"Accept-Language": look.browser})
    values = {
        "learner": {**LEARNER, **dict(look.session)},
        "staff": {**LEARNER, "staff": True},
        "chooser": {**LEARNER, "staff": True, "deep_linking": ASKED_IN_SESSION, **dict(look.session)},
        "analyst": {**LEARNER, "granted": ["analyst"]},
        "operator": {"operator": "beheerder"},
        "administrator": {**LEARNER, "learner_id": "l-1", "granted": ["administrator"], **dict(look.session)},
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


@contextmanager
def complaints_of(page: Page) -> Iterator[list[str]]:
    """What the browser complains about inside the block (a CSP report, a missing file)."""
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if _matters(message.text):
            complaints.append(message.text)

    def failed(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", said)
    page.on("pageerror", failed)
    try:
        yield complaints
    finally:
        page.remove_listener("console", said)
        page.remove_listener("pageerror", failed)


def show(page: Page, address: str, look: Look) -> None:
    """Bring the page in its state."""
    # A page that sends itself on would be gone before anybody looked.
    page.route("**/send-on.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    if look.posts:
        page.goto("about:blank")
        page.set_content(f'<form method="post" action="{address}{look.path}"><button>x</button></form>')
        page.click("button")
    else:
        page.goto(address + look.path)
    if look.untick:
        page.uncheck(look.untick)
    for field, value in look.fill:
        page.fill(field, value)
    for target in filter(None, (look.choose, look.press)):
        page.click(target)
    page.wait_for_selector(look.ready)


def _matters(text: str) -> bool:
    """The browser reports the status of an error page too, which is not a complaint."""
    return not text.startswith("Failed to load resource: the server responded with a status of 4")
