"""A package of two thousand items, made of the real ones."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Final

from lti_tool.content_library import STARTER_PACKAGE

BASIS: Final = Path(__file__).resolve().parents[2] / "content_packages" / "digivaardig-basis"
_MEDIUM = re.compile(r"media/([a-z0-9-]+\.[a-z]+)")
_ID = re.compile(r"([A-Z]{3}-[A-Z]{3})-[0-9]{4}")


def make(folder: Path, items: int) -> Path:
    """The delivered package with what the starter has besides, copied under new ids until there are so many."""
    shutil.copytree(BASIS, folder)
    there = sorted((folder / "items").rglob("*.yaml"))
    started = sorted((STARTER_PACKAGE / "items").rglob("*.yaml"))
    _take_media(started, folder / "media")
    numbers: Counter[str] = Counter()
    made = len(there)
    for path in cycle([*started, *there]):
        if made >= items:
            return folder
        family = _ID.fullmatch(path.stem)[1]  # type: ignore[index]
        numbers[family] += 1
        new = f"{family}-{10_000 - numbers[family]}"
        text = path.read_text(encoding="utf-8").replace(path.stem, new)
        # Those of the starter are not here.
        text = re.sub(r"^(enemies|modules):.*\n", "", text, flags=re.MULTILINE)
        target = folder / "items" / path.parent.name / f"{new}.yaml"
        target.write_text(text, encoding="utf-8")
        made += 1
    raise AssertionError("a cycle never ends")


def _take_media(items: Sequence[Path], media: Path) -> None:
    """What items of the starter show, with its licences."""
    shown = {name for item in items for name in _MEDIUM.findall(item.read_text(encoding="utf-8"))}
    head, *rows = (STARTER_PACKAGE / "media" / "LICENSES.csv").read_text(encoding="utf-8").splitlines()
    media.mkdir()
    (media / "LICENSES.csv").write_text("\n".join([head, *(row for row in rows if row.split(",")[0] in shown)]))
    for name in shown:
        shutil.copy(STARTER_PACKAGE / "media" / name, media)
