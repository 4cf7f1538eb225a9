"""An administrator of a portal connects the tool with one address, and somebody of that portal comes in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lti_tool.demo.municipalities import VOORBEELDSTAD
from lti_tool.demo.stage import Stage
from tests.browser.test_thread import START, log_in, title
from tests.browser.window import SHOTS, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COURSE = "Digitaal vaardig op je werk"
ACTIVITY = "Digivaardig, zelf gekoppeld"


def link_of(stage: Stage, portal_id: str) -> str:
    """A one-time address, as an operator makes it."""
    printed = stage.cli("portal", "link", "--tenant", VOORBEELDSTAD, "--id", portal_id, "--name", "Zelf gekoppeld")
    # What earlier commands printed stands before it.
    return re.findall(r"http\S+/lti/register/\S+", printed)[-1]


def test_a_portal_is_connected_with_one_address_and_a_learner_of_it_comes_in(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    address = link_of(stage, "zelf")
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Ton Bakker")
        page.get_by_role("link", name="Koppel een toepassing").click()
        page.get_by_label("Plak het adres").fill(address)
        opened.shoot(SHOTS / "connect-01-paste.png")
        page.get_by_role("button", name="Koppel").click()
        tool = opened.tool
        expect(title(tool)).to_have_text("Digivaardig koppelen")
        expect(tool.get_by_text(stage.portal_url)).to_be_visible()
        opened.shoot(SHOTS / "connect-02-question.png")
        tool.get_by_role("button", name="Koppel Digivaardig").click()
        expect(title(tool)).to_have_text("Digivaardig is gekoppeld")
        expect(tool.get_by_text("‘Klaar’ doorgeven: werkt", exact=True)).to_be_visible()
        opened.shoot(SHOTS / "connect-03-done.png")
        tool.get_by_role("button", name="Sluit dit venster").click()
        expect(page.get_by_role("heading", name=COURSE, level=1)).to_be_visible()
        expect(page.get_by_role("link", name=ACTIVITY)).to_be_visible()
        opened.shoot(SHOTS / "connect-04-course.png")

        page.get_by_role("button", name="Uitloggen").click()
        log_in(page, "Sanne de Boer")
        page.get_by_role("link", name=ACTIVITY).click()
        opened.scroll_to_frame()
        expect(title(opened.tool)).to_have_text(START)

    said = stage.cli("portal", "check", "zelf")
    outcome = said.rpartition(f"{VOORBEELDSTAD}/zelf")[2]
    assert (outcome.count("green"), outcome.count("RED"), outcome.count("grey")) == (4, 0, 0), outcome
    listed = stage.cli("portal", "list", "--tenant", VOORBEELDSTAD).splitlines()[-2:]
    assert [line.split()[1] for line in listed] == ["leerportaal", "zelf"]


def test_without_script_it_connects_all_the_same(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    address = link_of(stage, "zonder-script")
    with window(browser, tmp_path / "profile", javascript=False) as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Ton Bakker")
        page.get_by_role("link", name="Koppel een toepassing").click()
        page.get_by_label("Plak het adres").fill(address)
        page.get_by_role("button", name="Koppel").click()
        opened.tool.get_by_role("button", name="Koppel Digivaardig").click()
        expect(title(opened.tool)).to_have_text("Digivaardig is gekoppeld")
        expect(opened.tool.get_by_text("Je kunt dit venster nu sluiten.")).to_be_visible()
        expect(opened.tool.get_by_role("button", name="Sluit dit venster")).to_have_count(0)
