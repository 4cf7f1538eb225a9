"""How soon an author sees a changed item: from saving the file to the page with the new text, over HTTP."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

ITEMS = 2000
EDITS = 5
NEW = "Nieuw nummer {number}. "
PATIENCE_SECONDS = 60
FROM_OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


def preview_seconds(package: Path, items: int = ITEMS) -> float:
    """Seconds until a change of one item shows, the median of `EDITS` changes.

    Args:
        package: a folder; it is copied, and its items are copied until there are `items`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(package, Path(scratch) / package.name))
        edited = _multiply(folder, items)
        arguments = (sys.executable, "-m", "lti_tool.cli", "content", "preview", str(folder), "--port", "0")
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            try:
                return _measure(_said_by(process).split()[-1], edited)
            finally:
                process.terminate()


def _said_by(process: subprocess.Popen[str]) -> str:
    """The first line that a program writes; empty when it ended without a word."""
    return process.stdout.readline() if process.stdout else ""


def _measure(address: str, edited: Path) -> float:
    with requests.Session() as browser:
        browser.trust_env = False
        way_in = browser.get(address).text.partition("url=")[2].partition('"')[0]
        page = f"{address.split('/preview')[0]}{way_in}/items/{edited.stem}"
        text = edited.read_text(encoding="utf-8")
        browser.get(page, headers=FROM_OWN_PAGE).raise_for_status()
        return sorted(_shown_after(browser, page, edited, text, number) for number in range(EDITS))[EDITS // 2]


def _shown_after(browser: requests.Session, page: str, edited: Path, text: str, number: int) -> float:
    new = NEW.format(number=number)
    edited.write_text(re.sub(r"^stem: [\"']?", rf"\g<0>{new}", text, flags=re.MULTILINE), encoding="utf-8")
    saved = time.perf_counter()
    while new not in browser.get(page, headers=FROM_OWN_PAGE).text:
        if time.perf_counter() - saved > PATIENCE_SECONDS:
            raise TimeoutError(f"{page} never showed {new!r}")
    return time.perf_counter() - saved


def _multiply(folder: Path, items: int) -> Path:
    """Copy items under new ids until there are enough; one of the first ones is returned, to be edited."""
    originals = sorted(folder.glob("items/*/*.yaml"))
    for number in range(items - len(originals)):
        original = originals[number % len(originals)]
        new_id = f"{original.stem[:8]}{2000 + number}"
        text = original.read_text(encoding="utf-8").replace(f"id: {original.stem}", f"id: {new_id}", 1)
        original.with_name(f"{new_id}.yaml").write_text(text, encoding="utf-8")
    return next(path for path in originals if re.search(r"^stem: \S", path.read_text("utf-8"), re.MULTILINE))
