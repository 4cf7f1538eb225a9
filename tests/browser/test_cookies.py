"""Each way into the tool, by what the browser keeps and what the portal offers (ADR 17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from lti_tool.demo.answer_key import AnswerKey
from lti_tool.demo.stage import CONTENT, Stage
from lti_tool.web.pages import STATIC
from lti_tool.web.sessions import COOKIE, PROOF_COOKIE
from tests.browser.rules import AXE, SIDEWAYS, violations
from tests.browser.test_thread import (
    ADVICE,
    MOST_STEPS,
    START,
    asked_in,
    fill,
    log_in,
    open_activity,
    title,
)
from tests.browser.window import SHOTS, Cookies, Window, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HANDLE = re.compile(r"/s/[A-Za-z0-9_-]{43}(/[^#]*)")
NEW_WINDOW = "Open Digivaardig in een nieuw venster"
NO_COOKIES = "Je browser bewaart geen cookies"
COPIED = "Dit adres werkt alleen in je leerportaal"
ANSWERS_IT = "Failed to load resource: the server responded with a status of 403 (FORBIDDEN)"
"""Chromium reports every page with this status."""
ACTIVITY_OF_KLEINDORP = "/activity/2"
PUT, GET = "lti.put_data.response", "lti.get_data.response"
VOICES = f"""
crypto.randomUUID = () => "known";
window.heard = 0;
addEventListener("message", () => window.heard += 1);
{(STATIC / "portal-storage.js").read_text()}
addEventListener("DOMContentLoaded", () => {{
  const answer = {{message_id: "known", subject: "{PUT}", value: "v"}};
  for (const said of [null, 1, "x", [], answer]) postMessage(said, "*");
}});
"""
"""The tool's script, and a page of another origin than the portal's that answers its question."""


@pytest.fixture(scope="module")
def stage(stage: Stage) -> Iterator[Stage]:
    """At the end nothing in the logs may tell a session."""
    yield stage
    said = "".join(log.read_text("utf-8", "replace") for log in stage.folder.glob("*.log"))
    assert not HANDLE.search(said)


def test_a_learner_whose_browser_keeps_no_cookie_at_all_goes_from_the_portal_to_the_advice(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    key = AnswerKey.read(CONTENT)
    with window(browser, tmp_path / "profile", cookies=Cookies.NONE_OF_THE_TOOL) as opened:
        opened.page.goto(stage.portal_url)
        log_in(opened.page, "Sanne de Boer")
        tool = open_activity(opened)
        expect(title(tool)).to_have_text(START)
        assert path_of(tool) == "/start"
        assert names_of_the_tool(opened) == set()
        opened.shoot(shot("handle-start"))

        tool.get_by_role("button", name="English").click()
        expect(title(tool)).to_have_text("Discover what you can do already")
        tool.get_by_role("button", name="Nederlands").click()
        tool.get_by_role("button", name="Sla de vragen over en begin meteen met leren").click()
        tool.get_by_role("button", name="Terug naar de startpagina").click()
        expect(title(tool)).to_have_text(START)
        tool.get_by_role("button", name="Start met de vragen").click()
        for position in range(1, MOST_STEPS):
            expect(title(tool)).to_have_text(f"Vraag {position}")
            if position == 2:
                for way in ("back", "forward"):
                    with tool.expect_navigation():
                        tool.evaluate(f"history.{way}()")
                    expect(title(tool)).to_have_text("Vraag 2")
            if position % 3:
                fill(tool, asked_in(tool), key, right=True)
                tool.get_by_role("button", name="Antwoord geven").click()
            else:
                tool.get_by_role("button", name="Weet ik niet").click()
            expect(title(tool)).not_to_have_text(f"Vraag {position}")
            if title(tool).inner_text() == ADVICE:
                break
        assert path_of(tool) == "/advice"
        tool.locator(".dv-card").first.get_by_role("button").click()
        expect(tool.locator(".dv-over-title")).to_contain_text("stap 1 van")
        assert names_of_the_tool(opened) == set()


def test_a_window_of_ones_own_works_and_a_copied_address_does_not(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile", cookies=Cookies.NONE_OF_THE_TOOL) as opened:
        opened.page.goto(stage.portal_url)
        log_in(opened.page, "Youssef el Idrissi")
        tool = open_activity(opened)
        tool.get_by_role("button", name="Start met de vragen").click()
        expect(title(tool)).to_have_text("Vraag 1")
        with opened.context.expect_page() as new:
            tool.get_by_role("link", name="Open in een nieuw venster").click()
        own = new.value
        expect(title(own)).to_have_text("Vraag 1")
        assert path_of(own) == "/question"
        own.get_by_role("button", name="Weet ik niet").click()
        expect(title(own)).to_have_text("Vraag 2")
        own.reload()
        expect(title(own)).to_have_text("Vraag 2")

        copied = opened.context.new_page()
        copied.goto(own.url)
        expect(title(copied)).to_have_text(COPIED)
        copied.reload()
        expect(title(copied)).to_have_text(COPIED)
        copied.screenshot(path=shot("copied"))
        opened.page.evaluate("address => { location = address }", own.url)  # a link on another site
        expect(title(opened.page)).to_have_text(COPIED)
        assert opened.complaints == [ANSWERS_IT] * 3
        opened.complaints.clear()


@pytest.mark.parametrize("cookies", list(Cookies))
def test_where_the_portal_keeps_nothing_a_new_window_opens_or_says_what_to_do(
    browser: Browser, stage: Stage, tmp_path: Path, cookies: Cookies
) -> None:
    with window(browser, tmp_path / "profile", cookies=cookies) as opened:
        tool = visit(opened, stage, "Anneke Smit", "none")
        if cookies is Cookies.NO_THIRD_PARTY:
            expect(title(tool)).to_have_text(START)
            assert names_of_the_tool(opened) == {COOKIE, PROOF_COOKIE}
            return
        expect(title(tool)).to_have_text(NEW_WINDOW)
        look_at(opened, tool, "new-window")
        with opened.context.expect_page() as new:
            tool.get_by_role("link", name="Open in een nieuw venster").click()
        own = new.value
        if cookies is Cookies.NONE_IN_FRAMES:
            expect(title(own)).to_have_text(START)
            assert own.url == f"{stage.tool_url}/start#title"
            assert opened.complaints == [ANSWERS_IT]
        else:
            expect(title(own)).to_have_text(NO_COOKIES)
            expect(own.locator("main")).to_contain_text("Sta in de instellingen van je browser cookies toe")
            expect(own.locator("main")).to_contain_text("browser_proof_missing")
            own.screenshot(path=shot("no-cookies"))
            assert opened.complaints == [ANSWERS_IT] * 2
        opened.complaints.clear()


def test_a_portal_that_offers_storage_but_never_answers_is_waited_for_and_then_left(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile", cookies=Cookies.NONE_OF_THE_TOOL) as opened:
        tool = visit(opened, stage, "Bart Jansen", "silent")
        expect(tool.get_by_text("Digivaardig gaat open.")).to_be_visible()
        expect(title(tool)).to_be_hidden()
        opened.shoot(shot("waiting"), phone=True)
        expect(title(tool)).to_have_text(NEW_WINDOW)
        expect(title(tool)).to_be_focused()
        expect(tool.get_by_text("Digivaardig gaat open.")).to_be_hidden()
        look_at(opened, tool, "not-answered")


def test_only_the_portal_is_listened_to(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    """Others answer in its place, even knowing the id of the question; and the portal says something else."""
    with window(browser, tmp_path / "profile", cookies=Cookies.NONE_OF_THE_TOOL) as opened:
        opened.page.route(
            "**/portal-storage.js*", lambda route: route.fulfill(body=VOICES, content_type="text/javascript")
        )
        tool = visit(opened, stage, "Chantal Peters", "silent")
        expect(tool.get_by_text("Digivaardig gaat open.")).to_be_visible()
        for said in ({"message_id": "other", "subject": PUT}, {"message_id": "known", "subject": GET}):
            opened.page.evaluate("said => frames[0].postMessage(said, '*')", said)
        expect(title(tool)).to_have_text(NEW_WINDOW)
        expect(title(tool)).to_be_visible()
        assert tool.evaluate("window.heard") == 7, "all were heard, and none was listened to"


def test_without_script_the_page_says_at_once_what_to_do(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    with window(browser, tmp_path / "profile", cookies=Cookies.NONE_OF_THE_TOOL, javascript=False) as opened:
        tool = visit(opened, stage, "Dirk Mulder", "answers")
        tool.get_by_role("button", name="Naar").click()  # what the portal's script would press
        expect(title(tool)).to_have_text(NEW_WINDOW)
        expect(tool.get_by_text("Digivaardig gaat open.")).to_be_hidden()


def test_the_portal_keeps_values_for_its_tool_only(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    with window(browser, tmp_path / "profile") as opened:
        tool = visit(opened, stage, "Emine Yilmaz", "answers")
        expect(title(tool)).to_have_text(START)
        put = {"subject": "lti.put_data", "message_id": "1", "key": "k"}
        ask = {"subject": "lti.get_data", "message_id": "2", "key": "k"}
        assert said_by_the_portal(tool, {**put, "value": "v"}) == {
            "subject": "lti.put_data.response",
            "message_id": "1",
            "key": "k",
            "value": "v",
        }
        assert said_by_the_portal(tool, ask)["value"] == "v"
        assert said_by_the_portal(opened.page, ask)["error"]["code"] == "wrong_origin"
        assert said_by_the_portal(tool, {**put, "value": "v" * 5000})["error"]["code"] == "storage_exhaustion"
        assert said_by_the_portal(tool, {**put, "key": 7, "value": "v"})["error"]["code"] == "bad_request"
        assert said_by_the_portal(tool, {**ask, "subject": "toString"})["error"]["code"] == "unsupported_subject"
        assert len(said_by_the_portal(tool, {**ask, "subject": "lti.capabilities"})["supported_messages"]) == 3
        said_by_the_portal(tool, put)
        assert said_by_the_portal(tool, ask)["value"] is None, "without a value it is taken away"
        for number in range(60):
            last = said_by_the_portal(tool, {**put, "key": f"k{number}", "value": "v"})
        assert last["error"]["code"] == "storage_exhaustion"


def visit(opened: Window, stage: Stage, name: str, storage: str) -> Frame:
    """Into an activity whose page keeps values for the tool, or does not."""
    opened.page.goto(stage.portal_url)
    log_in(opened.page, name)
    opened.page.goto(f"{stage.portal_url}{ACTIVITY_OF_KLEINDORP}?storage={storage}")
    return opened.tool


def look_at(opened: Window, tool: Frame, name: str) -> None:
    """The page in the frame keeps the accessibility rules, and fits."""
    opened.shoot(shot(name), phone=True)
    tool.evaluate(AXE)
    assert violations(tool) == []
    assert tool.evaluate(SIDEWAYS) <= 0


def said_by_the_portal(tool: Frame | Page, message: dict[str, object]) -> dict[str, object]:
    return tool.evaluate(
        """message => new Promise(said => {
          addEventListener("message", function hear({ data }) {
            if (!data.subject.endsWith(".response")) return;
            removeEventListener("message", hear);
            said(data);
          });
          window.parent.postMessage(message, "*");
        })""",
        message,
    )


def path_of(tool: Frame | Page) -> str:
    """The path below the handle; empty: there is no handle."""
    found = HANDLE.search(tool.evaluate("location.pathname"))
    return found[1] if found else ""


def names_of_the_tool(opened: Window) -> set[str]:
    return {cookie["name"] for cookie in opened.context.cookies() if cookie["domain"] == "localhost"}


def shot(name: str) -> Path:
    return SHOTS / f"cookies-{name}.png"
