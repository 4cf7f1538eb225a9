"""A package of two thousand items, made of the real ones."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Final

BASIS: Final = Path(__file__).resolve().parents[2] / "content_packages" / "digivaardig-basis"
_ID = re.compile(r"([A-Z]{3}-[A-Z]{3})-[0-9]{4}")


def make(folder: Path, items: int) -> Path:
    """The delivered package, its items copied under new ids until there are so many."""
    shutil.copytree(BASIS, folder)
    there = sorted((folder / "items").rglob("*.yaml"))
    numbers: Counter[str] = Counter()
    made = len(there)
    for path in cycle(there):
        if made >= items:
            return folder
        family = _ID.fullmatch(path.stem)[1]  # type: ignore[index]
        numbers[family] += 1
        new = f"{family}-{10_000 - numbers[family]}"
        text = path.read_text(encoding="utf-8").replace(path.stem, new)
        target = folder / "items" / path.parent.name / f"{new}.yaml"
        target.write_text(text, encoding="utf-8")
        made += 1
    raise AssertionError("a cycle never ends")
