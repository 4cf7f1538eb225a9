"""Makes docs/images/thread.png, the picture on the first screen of the README, from the thread's screenshots.

Run by hand when a page looks different, from the folder of the project:

    .venv/bin/python -m pytest tests/browser/test_thread.py
    .venv/bin/python -m tests.browser.picture
"""

from __future__ import annotations

import sys
from base64 import b64encode
from dataclasses import dataclass

from playwright.sync_api import sync_playwright

from tests import chromium
from tests.browser.conftest import QUIET
from tests.browser.window import SHOTS

PICTURE = SHOTS.parents[1] / "docs" / "images" / "thread.png"
MOST_BYTES = 300_000
WIDTH, HEIGHT = 740, 500
"""Of one panel, in pixels."""


@dataclass(frozen=True)
class Panel:
    """A part of a screenshot: from `left` and `top` on, `wide` pixels of it, shown `WIDTH` pixels wide."""

    caption: str
    shot: str
    left: int
    top: int
    wide: int = WIDTH

    def html(self) -> str:
        """The panel, with the screenshot inside it."""
        data = b64encode((SHOTS / f"{self.shot}.png").read_bytes()).decode()
        zoom = WIDTH / self.wide
        return (
            f"<figure><figcaption>{self.caption}</figcaption><div>"
            f'<img src="data:image/png;base64,{data}" style="zoom: {zoom}; '
            f'left: {-self.left}px; top: {-self.top}px">'
            "</div></figure>"
        )


PANELS = (
    Panel("1. The course page in the municipality’s portal", "thread-02-course", left=8, top=0),
    Panel("2. A question, in the portal’s frame", "thread-06-question", left=270, top=246),
    Panel("3. The advice, for the learner’s eyes only", "thread-09-advice", left=270, top=246),
    Panel("4. What arrives at the LRS: a code, no name", "thread-11-operator", left=132, top=60, wide=900),
)
STYLE = f"""
body {{ margin: 0; padding: 24px; width: max-content; display: grid; gap: 24px;
        grid-template-columns: {WIDTH}px {WIDTH}px; background: #e8ecef; }}
figure {{ margin: 0; }}
figcaption {{ font: bold 26px/1.2 sans-serif; color: #1b2733; padding-bottom: 10px; }}
div {{ position: relative; overflow: hidden; height: {HEIGHT}px; outline: 1px solid #9aa7b2; background: #fff; }}
img {{ position: absolute; }}
"""


def main() -> None:
    """Draw the picture and save it.

    Raises:
        SystemExit: no Chromium, or the picture became too large.
    """
    path = chromium.find()
    if path is None:
        sys.exit("Chromium is needed to draw the picture.")
    panels = "".join(panel.html() for panel in PANELS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-first-run"])
        page = browser.new_page()
        page.set_content(f"<!doctype html><style>{STYLE}</style>{panels}")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.locator("body").screenshot(path=PICTURE)
        browser.close()
    size = PICTURE.stat().st_size
    sys.stdout.write(f"{PICTURE}: {size} bytes\n")
    if size > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES} bytes.")


if __name__ == "__main__":
    main()
