"""What an author sees in the preview, in a real browser, while editing the package."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lti_tool.cli.content_preview import make_preview
from lti_tool.content_library import STARTER_PACKAGE
from tests.browser.conftest import served
from tests.browser.looks import complaints_of
from tests.browser.test_look import (
    AXE,
    SHOTS,
    SIDEWAYS,
    SIZES,
    SMALL_TARGETS,
    SMALLEST_TARGET_PX,
    tab_to,
    violations,
)

pytestmark = pytest.mark.browser

SECRET = "s" * 43
ITEM = "items/veiligheid/VEI-INT-0100.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER_PACKAGE, tmp_path / "mijn-pakket"))


@pytest.fixture
def page(browser: Browser, folder: Path, tmp_path: Path) -> Iterator[Page]:
    """The overview, where the address that the command prints leads."""
    app = make_preview(folder, tmp_path, SECRET)
    with served(app, "127.0.0.1") as address:
        context = browser.new_context(viewport={"width": 1000, "height": 800})
        page = context.new_page()
        with complaints_of(page) as complaints:
            page.goto(f"{address}/preview/enter/{SECRET}")
            page.wait_for_url("**/s/*/preview")
            assert context.cookies() == [], "a cookie would need https in some browsers"
            yield page
        assert complaints == []
        context.close()


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / ITEM
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def look_at(page: Page, name: str) -> None:
    """The rules of `test_look.py`."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate(AXE)
    for size, width in SIZES.items():
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=SHOTS / f"{name}-{size}.png", full_page=True)
        assert violations(page) == [], (name, size)
        assert page.evaluate(SIDEWAYS) <= 0, (name, size)
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET_PX) == [], (name, size)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(SIDEWAYS) <= 0, (name, "320 pixels")


@pytest.mark.parametrize("theme", ["neutral", "voorbeeld"])
def test_the_pages_of_the_preview_keep_the_rules(page: Page, folder: Path, theme: str) -> None:
    if theme != "neutral":
        page.click(f"button[value={theme}]")
    look_at(page, f"preview-overview-{theme}")
    page.click("a[href$='/preview/items/VEI-INT-0100']")
    page.locator("input[type=radio]").first.check()
    page.click("button[value=answer]")
    expect(page.locator("#feedback")).to_be_focused()
    look_at(page, f"preview-item-{theme}")
    edit(folder, "version: 1", "version: een")
    page.wait_for_selector(".dv-problems")
    look_at(page, f"preview-problems-{theme}")
    page.click("button[value=last_good]")
    page.wait_for_selector("button[value=problems]")
    look_at(page, f"preview-last-good-{theme}")


def test_a_saved_file_shows_by_itself(page: Page, folder: Path) -> None:
    page.click("a[href$='/preview/items/VEI-INT-0100']")
    edit(folder, "stem: ", "stem: Nieuw. ")
    expect(page.locator("legend")).to_contain_text("Nieuw.")
    edit(folder, "version: 1", "version: een")
    expect(page.locator(".dv-problems")).to_contain_text(f"{ITEM}:3")
    edit(folder, "version: een", "version: 1")
    expect(page.locator("legend")).to_contain_text("Nieuw.")


def test_a_training_is_walked_with_the_keyboard(page: Page) -> None:
    tab_to(page, "a[href$='/trainings/M-VEI-001']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trainings/M-VEI-001")
    tab_to(page, "button[value=open]")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_be_focused()
    tab_to(page, "button[value=uitleg]")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("Let op vier dingen")
    _read_a_word_and_the_pictures(page)
    tab_to(page, "button[value=oefenen]")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("Oefen in een nagemaakte mailbox")
    for name in ("row-0", "row-1", "row-2"):
        tab_to(page, f"input[name={name}]")
        page.keyboard.press("Space")
    tab_to(page, "button[value=check]")
    page.keyboard.press("Enter")
    expect(page.locator("#feedback-VEI-INT-0101")).to_be_focused()
    expect(page.locator(".dv-outcomes")).to_have_count(2)
    page.go_back()
    page.click("button[value=again]")
    expect(page.locator("#VEI-INT-0101-first")).not_to_be_checked()


def _read_a_word_and_the_pictures(page: Page) -> None:
    tab_to(page, ".dv-word")
    page.keyboard.press("Enter")
    note = page.locator(".dv-meaning:popover-open")
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    for number in (2, 3):
        tab_to(page, f"a[href*='frame-3={number}']")
        page.keyboard.press("Enter")
        expect(page.locator("#frame-3")).to_be_focused()
        expect(page.locator(".dv-frame__number")).to_have_text(f"Beeld {number} van 3")
    page.reload()
    expect(page.locator(".dv-frame__number")).to_have_text("Beeld 3 van 3")
