"""How soon an author sees a changed item: from saving the file to the page with the new text, over HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import requests

EDITS = 5
NEW = "Nieuw nummer {number}. "
PATIENCE_SECONDS = 60
FROM_OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
_STEM = re.compile(r"^stem: [\"']?(?=[A-Z])", re.MULTILINE)


def preview_seconds(folder: Path) -> float:
    """Seconds until a change of one item shows, the median of `EDITS` changes.

    Args:
        folder: a package; one of its items is changed, and changed back.
    """
    edited = next(path for path in sorted(folder.glob("items/*/*.yaml")) if _STEM.search(path.read_text("utf-8")))
    text = edited.read_text(encoding="utf-8")
    arguments = (sys.executable, "-m", "lti_tool.cli", "content", "preview", str(folder), "--port", "0")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        try:
            return _measure(_said_by(process).split()[-1], edited, text)
        finally:
            process.terminate()
            edited.write_text(text, encoding="utf-8")


def _said_by(process: subprocess.Popen[str]) -> str:
    """The first line that a program writes; empty when it ended without a word."""
    return process.stdout.readline() if process.stdout else ""


def _measure(address: str, edited: Path, text: str) -> float:
    with requests.Session() as browser:
        browser.trust_env = False
        way_in = browser.get(address).text.partition("url=")[2].partition('"')[0]
        page = f"{address.split('/preview')[0]}{way_in}/items/{edited.stem}"
        browser.get(page, headers=FROM_OWN_PAGE).raise_for_status()
        return sorted(_shown_after(browser, page, edited, text, number) for number in range(EDITS))[EDITS // 2]


def _shown_after(browser: requests.Session, page: str, edited: Path, text: str, number: int) -> float:
    new = NEW.format(number=number)
    edited.write_text(_STEM.sub(rf"\g<0>{new}", text), encoding="utf-8")
    saved = time.perf_counter()
    while new not in browser.get(page, headers=FROM_OWN_PAGE).text:
        if time.perf_counter() - saved > PATIENCE_SECONDS:
            raise TimeoutError(f"{page} never showed {new!r}")
    return time.perf_counter() - saved
