"""Makes docs/images/thread.png, the picture on the first screen of the README, from the thread's screenshots.

Run by hand when a page looks different, from the folder of the project:

    .venv/bin/python -m pytest tests/browser/test_thread.py
    .venv/bin/python -m tests.browser.picture
"""

from __future__ import annotations

import struct
import sys
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.browser.conftest import QUIET
from tests.browser.window import SHOTS

PICTURE = SHOTS.parents[1] / "docs" / "images" / "thread.png"
MOST_BYTES = 300_000
WIDTH, HEIGHT = 760, 520
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
    Panel("2. A question, in the portal’s frame", "thread-06-question", left=260, top=232),
    Panel("3. The advice, for the learner’s eyes only", "thread-09-advice", left=260, top=232),
    Panel("4. What arrives at the LRS: a code, no name", "thread-11-operator", left=128, top=44, wide=912),
)
STYLE = f"""
body {{ margin: 0; padding: 24px; width: max-content; display: grid; gap: 24px;
        grid-template-columns: {WIDTH}px {WIDTH}px; background: #e8ecef; }}
figure {{ margin: 0; }}
figcaption {{ font: bold 26px/1.2 sans-serif; color: #1b2733; padding-bottom: 10px; }}
div {{ position: relative; overflow: hidden; height: {HEIGHT}px; outline: 1px solid #9aa7b2; background: #fff; }}
img {{ position: absolute; }}
"""
PIXELS = """async png => {
  const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  const pixels = canvas.getImageData(0, 0, picture.width, picture.height).data;
  let text = '';
  for (let i = 0; i < pixels.length; i += 32768) text += String.fromCharCode(...pixels.subarray(i, i + 32768));
  return [picture.width, picture.height, btoa(text)];
}"""


def smaller(page: Page, png: bytes) -> bytes:
    """The same picture in fewer bytes: text packs better without the row filters that the browser uses.

    The format: https://www.w3.org/TR/png-3/, sections 5 (chunks) and 9 (filters).
    """
    width, height, encoded = page.evaluate(PIXELS, b64encode(png).decode())
    red, green, blue = (b64decode(encoded)[channel::4] for channel in range(3))
    rows = bytearray()
    for row in range(height):
        part = slice(row * width, (row + 1) * width)
        line = bytearray(3 * width)
        line[0::3], line[1::3], line[2::3] = red[part], green[part], blue[part]
        rows += b"\0" + line
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits for each of red, green and blue
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


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
        PICTURE.write_bytes(smaller(page, page.locator("body").screenshot()))
        browser.close()
    size = PICTURE.stat().st_size
    sys.stdout.write(f"{PICTURE}: {size} bytes\n")
    if size > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES} bytes.")


if __name__ == "__main__":
    main()
