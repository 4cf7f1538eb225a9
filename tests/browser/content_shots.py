"""Pictures of a package as learners see it, for whoever reviews it: `make screenshots`.

Ten questions and three whole micro-trainings of the basic package, or what is named:

    .venv/bin/python -m tests.browser.content_shots content_packages/buitendienst-start M-OPE-101 OPE-SOF-0001

Each on a wide screen and on a phone, the phone in the theme of an example municipality.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from lti_tool.cli.content_preview import make_preview
from lti_tool.content_library import load_package
from lti_tool.domain.content import Package
from tests import chromium
from tests.browser.conftest import QUIET, served
from tests.browser.window import PHONE, SHOTS, WIDE

BASIC = Path("content_packages/digivaardig-basis")
MODULES = ("M-OPE-002", "M-STR-003", "M-VEI-001")
ITEMS = 10
SECRET = "s" * 43
LOOKS = {"wide": (WIDE, "neutral"), "phone": (PHONE, "voorbeeld")}


def some_items(package: Package) -> tuple[str, ...]:
    """One of each type and each kind of simulation, the easiest."""
    by_type: dict[str, str] = {}
    for item in sorted(package.items.values(), key=lambda item: (item.difficulty.b, item.id)):
        by_type.setdefault(item.type if item.scene is None else item.scene.kind, item.id)
    return tuple(by_type.values())[:ITEMS]


def steps_of(page: Page, address: str, module_id: str) -> Iterator[int]:
    """Goes through a micro-training, and says at each step which it is."""
    go(page, f"{address}/trainings/{module_id}")
    if page.locator("button[value=open]").count():
        page.click("button[value=open]")
    number = 1
    yield number
    while page.locator("button[name=step]", has_text="Volgende stap").count():
        page.locator("button[name=step]", has_text="Volgende stap").click()
        number += 1
        yield number


def main(arguments: Sequence[str]) -> None:
    """Take the pictures; the first argument may be a folder, the others ids of items and modules.

    Raises:
        SystemExit: no Chromium.
    """
    path = chromium.find()
    if path is None:
        sys.exit("Chromium is needed to take pictures.")
    folder = Path(arguments[0]) if arguments else BASIC
    package = load_package(folder)
    wanted = tuple(arguments[1:]) or (*some_items(package), *MODULES)
    (SHOTS / "content").mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-first-run"])
        with served(make_preview(folder.resolve(), Path(scratch), SECRET), "127.0.0.1") as address:
            for name, (size, theme) in LOOKS.items():
                page = entered(browser, address, size, theme)
                for one in wanted:
                    shoot(page, name, one)
        browser.close()
    sys.stdout.write(f"{len(wanted)} in {SHOTS / 'content'}\n")


def entered(browser: Browser, address: str, size: dict[str, int], theme: str) -> Page:
    page = browser.new_page(viewport=size)
    page.goto(f"{address}/preview/enter/{SECRET}")
    page.wait_for_url("**/s/*/preview")
    if theme != "neutral":
        page.click(f"button[value={theme}]")
    return page


def go(page: Page, address: str) -> None:
    """As by a link: an address with a session in its path is refused to whoever types it."""
    with page.expect_navigation():
        page.evaluate("address => { location.href = address }", address)


def shoot(page: Page, name: str, one: str) -> None:
    home = page.url.partition("/preview")[0].partition("/trainings")[0]
    if one.startswith("M-"):
        for number in steps_of(page, home, one):
            page.screenshot(path=SHOTS / "content" / f"{one}-{number:02}-{name}.png", full_page=True)
    else:
        go(page, f"{home}/preview/items/{one}")
        page.screenshot(path=SHOTS / "content" / f"{one}-{name}.png", full_page=True)


if __name__ == "__main__":
    main(sys.argv[1:])
