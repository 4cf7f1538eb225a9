"""What a page must keep to, as a browser sees it: axe, nothing sideways, targets large enough, nothing cut off."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})"
SMALLEST_TARGET_PX = 24

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """least => [...document.querySelectorAll('a, button, input, select, summary')]
  .filter(e => e.checkVisibility() && e.type !== 'hidden' && !e.closest('.utrecht-skip-link'))
  .filter(e => !(e.matches('p a') && getComputedStyle(e).display === 'inline'))
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least).map(([html]) => html)"""
CUT_OFF = """() => [...document.querySelectorAll('main *, header *, footer *')]
  .filter(e => getComputedStyle(e).overflow === 'hidden' && e.scrollHeight > e.clientHeight + 1)
  .filter(e => !e.closest('.dv-visually-hidden, .dv-table--words thead'))
  .filter(e => !(e instanceof SVGElement) && e.tagName !== 'SELECT')
  .map(e => e.outerHTML.slice(0, 90))"""


def violations(page: Page) -> list[str]:
    found = page.evaluate(RUN)["violations"]
    return [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]
