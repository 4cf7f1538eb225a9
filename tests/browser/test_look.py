"""What people see and can reach: accessibility rules, small screens, large text, keyboard, the portal's frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page, expect

from lti_tool.domain.scoring import is_right
from tests.browser.conftest import served
from tests.browser.keyboard import fields_of, fill_and_press, focused, tab_to
from tests.browser.looks import LOOKS, Look, come_in, complaints_of, open_as, show
from tests.browser.rules import AXE, CUT_OFF, SIDEWAYS, SMALL_TARGETS, SMALLEST_TARGET_PX, violations
from tests.factories import right_response
from tests.web_examples import QUESTIONS
from tests.web_fakes import make_house

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = {"wide": 1280, "phone": 360}


@pytest.fixture(scope="module")
def kept_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def page(kept_page: Page) -> Iterator[Page]:
    """A page in a window without cookies; a new window for each look would cost more than the look."""
    yield kept_page
    kept_page.unroute_all()
    kept_page.context.clear_cookies()


# Every line of a page is walked in tests/functional; to count them here too would only make the looks slower.
@pytest.mark.no_cover
@pytest.mark.parametrize("theme", ["voorbeeld", "neutral"])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_keeps_the_accessibility_rules_on_every_screen(page: Page, look: Look, theme: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    house = make_house(theme=theme, csrf=True)
    look.prepare(house)
    with served(house.app) as address, complaints_of(page) as complaints:
        come_in(page.context, house, look)
        page.set_viewport_size({"width": 1280, "height": 800})
        show(page, address, look)
        page.evaluate(AXE)
        for size, width in SIZES.items():
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=SHOTS / f"{look.name}-{theme}-{size}.png", full_page=True)
            assert violations(page) == [], size
            assert page.evaluate(SIDEWAYS) <= 0, size
            assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET_PX) == [], size
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate(SIDEWAYS) <= 0, "320 pixels"
        page.set_viewport_size({"width": 640, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.screenshot(path=SHOTS / f"{look.name}-{theme}-large-text.png", full_page=True)
        assert page.evaluate(SIDEWAYS) <= 0, "text twice as large"
        assert page.evaluate(CUT_OFF) == []
        assert complaints == []


@pytest.mark.parametrize("name", ["group", "question-1-single_choice", "start", "story"])
def test_high_contrast_shows_the_same(browser: Browser, name: str) -> None:
    look = next(look for look in LOOKS if look.name == name)
    house = make_house(csrf=True)
    with served(house.app) as address:
        context = open_as(browser, house, look, viewport={"width": 1000, "height": 800}, forced_colors="active")
        page = context.new_page()
        show(page, address, look)
        page.evaluate(AXE)
        page.screenshot(path=SHOTS / f"{name}-high-contrast.png", full_page=True)
        assert violations(page) == []
        context.close()


def test_the_whole_way_can_be_gone_with_the_keyboard(browser: Browser) -> None:
    house = make_house(csrf=True)
    asked = house.assessment.questions = QUESTIONS[:5]
    with served(house.app) as address:
        context = open_as(browser, house, LOOKS[0], viewport={"width": 1000, "height": 800})
        page = context.new_page()
        page.goto(f"{address}/start")
        tab_to(page, "button[value=practice]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/practice#title")
        expect(page.locator("#title")).to_be_focused()
        tab_to(page, "input[type=radio]")
        page.keyboard.press("Space")
        tab_to(page, "button[value=answer]")
        page.keyboard.press("Enter")
        expect(page.locator("#feedback")).to_be_focused()
        tab_to(page, "button[value=begin]")
        page.keyboard.press("Enter")
        for position, item in enumerate(asked, 1):
            expect(page.locator("#title")).to_have_text(f"Vraag {position}")
            expect(page.locator("#title")).to_be_focused()
            fill_and_press(page, fields_of(item, right_response(item)), "answer")
        page.wait_for_url("**/advice#title")
        assert all(is_right(*pair) for pair in zip(asked, house.assessment.given, strict=True))
        context.close()


def test_what_is_missing_gets_the_focus_and_leads_to_its_field(browser: Browser) -> None:
    house = make_house(csrf=True)
    with served(house.app) as address:
        context = open_as(browser, house, LOOKS[0])
        page = context.new_page()
        page.goto(f"{address}/question")
        page.click("button[value=answer]")
        expect(page.locator("#message")).to_be_focused()
        tab_to(page, "#message a")
        page.keyboard.press("Enter")
        expect(page.locator("#q-first")).to_be_focused()
        context.close()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_heading(browser: Browser) -> None:
    house = make_house(csrf=True)
    with served(house.app) as address:
        context = open_as(browser, house, LOOKS[0])
        page = context.new_page()
        page.goto(f"{address}/start")
        page.keyboard.press("Tab")
        assert focused(page) == "Naar de inhoud"
        page.keyboard.press("Enter")
        expect(page.locator("#title")).to_be_focused()
        context.close()


def portal(tool: list[str]) -> Flask:
    """A learning portal on another site, which shows the tool in a frame."""
    app = Flask("portal")

    @app.get("/")
    def course() -> str:
        address = f"{tool[0]}/lti/login?iss=portal&amp;login_hint=42&amp;target_link_uri={tool[0]}/"
        return f'<title>Leerportaal</title><iframe name="tool" src="{address}" width="800" height="700"></iframe>'

    @app.get("/auth")
    def auth() -> str:
        state = re.sub(r"[^\w-]", "", request.args["state"])
        return (
            f'<form method="post" action="{tool[0]}/lti/launch"><input name="state" value="{state}">'
            '<input name="id_token" value="a.b.c"></form><script>document.forms[0].submit()</script>'
        )

    return app


def test_in_the_frame_of_a_portal_the_tool_works_and_opens_a_window_of_its_own(browser: Browser) -> None:
    house = make_house(csrf=True)
    tool: list[str] = []
    with served(house.app) as address, served(portal(tool), "127.0.0.1") as portal_address:
        tool.append(address)
        house.enter.portal = portal_address
        context = browser.new_context()
        page = context.new_page()
        page.goto(portal_address)
        frame = page.frame_locator("iframe")
        expect(frame.locator("h1")).to_have_text("Ontdek wat je al kunt")
        frame.locator("button[value=begin]").click()
        expect(frame.locator("h1")).to_have_text("Vraag 1")
        page.screenshot(path=SHOTS / "portal-frame.png")
        with context.expect_page() as opened:
            frame.get_by_text("Open in een nieuw venster").click()
        window = opened.value
        expect(window.locator("h1")).to_have_text("Vraag 1")
        assert window.url == f"{address}/question#title"
        assert window.get_by_text("Open in een nieuw venster").count() == 0
        context.close()
