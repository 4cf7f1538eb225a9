"""Somebody who uses the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page


def focused(page: Page) -> str:
    """What has the focus, in a word or two."""
    return str(
        page.evaluate(
            "() => { const e = document.activeElement; return e.id || e.value || e.innerText || e.tagName }"
        )
    )


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; each stop must be visible as such."""
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", focused(page)
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")
