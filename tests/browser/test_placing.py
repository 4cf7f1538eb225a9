"""Staff put activities on a course page from within the portal, and a learner opens what they placed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect

from lti_tool.demo.stage import Stage
from tests.browser.test_thread import log_in, reload_until
from tests.browser.window import SHOTS, Window, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ASSESSMENT, TRAINING = "Ontdek wat je al kunt", "Hoe herken je phishing?"


@pytest.fixture(scope="module")
def stage(stage: Stage) -> Stage:
    """With a second campaign."""
    goal = "De balie werkt vanaf maart met een nieuw programma."
    described = (
        "--id",
        "balie",
        "--name",
        "Balie",
        "--goal",
        goal,
        "--starts",
        "2020-01-01",
        "--ends",
        "2099-12-31",
    )
    stage.cli("campaign", "add", "--tenant", "voorbeeldstad", *described)
    return stage


def test_a_teacher_places_two_activities_and_a_learner_launches_them(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Marijke Visser")
        tool = ask(opened)
        expect(title(tool)).to_have_text("Wat zet je in de cursus?")
        expect(tool.get_by_role("link", name="Open in een nieuw venster")).to_have_count(0)
        expect(tool.get_by_role("checkbox", name=ASSESSMENT)).to_be_checked()
        tool.get_by_role("checkbox", name=TRAINING).check()
        tool.get_by_role("radio", name="Balie").check()
        tool.get_by_role("checkbox", name="Laat in het leerportaal zien wie klaar is").check()
        opened.shoot(shot("1-choice"), phone=True)
        tool.get_by_role("button", name="Zet in de cursus").click()
        expect(tool.get_by_role("heading", name="Toegevoegd aan de cursus")).to_be_visible()
        expect(tool.get_by_text("2 onderdelen van Digivaardig toegevoegd.")).to_be_visible()
        opened.shoot(shot("2-added"))
        tool.get_by_role("link", name="Naar de cursus").click()
        expect(page.locator(".activities > li")).to_have_count(3)
        assert page.locator(".activities img").first.evaluate("image => image.naturalWidth") == 64
        opened.shoot(shot("3-course"))

        page.get_by_role("button", name="Uitloggen").click()
        log_in(page, "Youssef el Idrissi")
        page.get_by_role("link", name=TRAINING).click()
        expect(title(opened.tool)).to_have_text("Deze training staat klaar")
        expect(opened.tool.get_by_role("heading", name=TRAINING)).to_be_visible()
        opened.shoot(shot("4-training"))
        page.get_by_role("link", name="← Digitaal vaardig op je werk").click()
        placed = page.get_by_role("link", name=ASSESSMENT).last
        placed.click()
        expect(title(opened.tool)).to_have_text(ASSESSMENT)
        expect(opened.tool.get_by_text("De balie werkt vanaf maart")).to_be_visible()
        opened.scroll_to_frame()
        opened.tool.get_by_role("button", name="Sla de vragen over en begin meteen met leren").click()
        expect(title(opened.tool)).to_have_text("Dit is jouw advies")
        page.get_by_role("link", name="← Digitaal vaardig op je werk").click()
        of_the_new_one = page.locator(".activities > li").nth(1)
        reload_until(page, of_the_new_one.get_by_text("✓ klaar"))
        expect(page.get_by_text("nog niet klaar")).to_have_count(1)


def test_a_choice_needs_no_script_and_can_be_cancelled(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    with window(browser, tmp_path / "profile", javascript=False) as opened:
        page = opened.page
        page.goto(stage.portal_url)
        log_in(page, "Greetje van Dam")
        tool = ask(opened)
        for button in ("Kies een activiteit", "Naar de activiteit"):  # what the portal's script would press
            tool.get_by_role("button", name=button).click()
        expect(title(tool)).to_have_text("Wat zet je in de cursus?")
        tool.get_by_role("button", name="Annuleren").click()
        tool.get_by_role("button", name="Terug naar het leerportaal").click()
        expect(tool.get_by_text("Er is niets toegevoegd.")).to_be_visible()
        tool = ask(opened, again=True)
        for button in ("Kies een activiteit", "Naar de activiteit"):
            tool.get_by_role("button", name=button).click()
        tool.get_by_role("checkbox", name=ASSESSMENT).uncheck()
        tool.get_by_role("checkbox", name="Mijn digivaardigheid").check()
        tool.get_by_role("button", name="Zet in de cursus").click()
        expect(title(tool)).to_have_text("Je keuze gaat naar het leerportaal")
        opened.shoot(shot("5-no-script"))
        tool.get_by_role("button", name="Zet in de cursus").click()
        expect(tool.get_by_role("heading", name="Toegevoegd aan de cursus")).to_be_visible()
        tool.get_by_role("link", name="Naar de cursus").click()
        expect(page.get_by_role("link", name="Mijn digivaardigheid")).to_be_visible()


def ask(opened: Window, *, again: bool = False) -> Frame:
    """From the course page to the frame in which something is chosen."""
    if again:
        opened.page.get_by_role("link", name="← Digivaardig in Kleindorp").click()
    opened.page.get_by_role("link", name="Voeg een activiteit toe").click()
    expect(opened.page.get_by_role("heading", name="Voeg een activiteit toe")).to_be_visible()
    opened.scroll_to_frame()
    return opened.tool


def title(tool: Frame | Page) -> Locator:
    return tool.locator("#title")


def shot(name: str) -> Path:
    return SHOTS / f"placing-{name}.png"
