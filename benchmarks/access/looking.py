"""Looks at pages in a real browser: axe, nothing sideways, nothing too small to hit, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Final

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests import chromium
from tests.browser.conftest import QUIET, served
from tests.browser.looks import CONTENT, LOOKS, MORE_LOOKS, Look, come_in, complaints_of, show
from tests.browser.rules import AXE, CUT_OFF, SIDEWAYS, SMALL_TARGETS, SMALLEST_TARGET_PX, violations
from tests.web_fakes import make_house

THEMES: Final = ("voorbeeld", "neutral")
WIDTHS: Final = (1280, 360)
NARROWEST: Final = 320
Job = tuple[str, str]
"""The name of a look, and a theme."""


@dataclass
class Seen:
    """How many screens were looked at, and what was wrong with them."""

    states: int = 0
    """Pages in one state and one theme."""
    screens: int = 0
    """The same, for each width and way of looking."""
    axe: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    forced_colours: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)
    """States that did not come."""

    def add(self, other: Seen) -> None:
        for part in fields(Seen):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))

    def wrong(self) -> Iterator[str]:
        """Everything that was wrong, in words."""
        for part in fields(Seen):
            found = getattr(self, part.name)
            yield from (f"{part.name}: {what}" for what in found) if isinstance(found, list) else ()


def content_looks() -> dict[str, Look]:
    """Every page with content, in every state, by name."""
    return {look.name: look for look in (*LOOKS, *MORE_LOOKS) if look.name.startswith(CONTENT)}


@contextmanager
def browser() -> Iterator[Browser]:
    """Raises RuntimeError when there is no Chromium."""
    path = chromium.find()
    if path is None:
        raise RuntimeError("Chromium was not found: install the package 'chromium', or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-first-run"])
        yield opened
        opened.close()


def look_at(jobs: Sequence[Job]) -> Seen:
    """Each of these, one after the other, in one window."""
    looks, seen = content_looks(), Seen()
    with browser() as opened:
        page = opened.new_context().new_page()
        for name, theme in jobs:
            seen.add(_seen(page, looks[name], theme))
            page.unroute_all()
            page.context.clear_cookies()
    return seen


def _seen(page: Page, look: Look, theme: str) -> Seen:
    house = make_house(theme=theme, csrf=True)
    look.prepare(house)
    seen = Seen(states=1)
    where = f"{look.name}, {theme}"
    with served(house.app) as address, complaints_of(page) as complaints:
        come_in(page.context, house, look)
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        try:
            show(page, address, look)
        except Error as err:
            return Seen(states=1, not_shown=[f"{where}: {err}"])
        page.evaluate(AXE)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            seen.axe += _named(f"{where}, {width} px", violations(page))
            seen.small += _named(f"{where}, {width} px", page.evaluate(SMALL_TARGETS, SMALLEST_TARGET_PX))
            seen.sideways += _sideways(page, f"{where}, {width} px")
        page.emulate_media(forced_colors="active")
        seen.forced_colours += _named(f"{where}, forced colours", violations(page))
        page.emulate_media(forced_colors="none")
        page.set_viewport_size({"width": NARROWEST, "height": 640})
        seen.sideways += _sideways(page, f"{where}, {NARROWEST} px")
        page.set_viewport_size({"width": 640, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        seen.sideways += _sideways(page, f"{where}, text twice as large")
        seen.cut_off += _named(where, page.evaluate(CUT_OFF))
        seen.screens = len(WIDTHS) + 3
        seen.complaints += _named(where, complaints)
    return seen


def _sideways(page: Page, where: str) -> list[str]:
    pixels = page.evaluate(SIDEWAYS)
    return [f"{where}: {pixels} px"] if pixels > 0 else []


def _named(where: str, found: Iterable[str]) -> list[str]:
    return [f"{where}: {what}" for what in found]
