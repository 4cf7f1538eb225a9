"""A package as its author sees it: what it holds, what is wrong with it, and what would make it better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lti_tool.content_library.archive import ENDING, opened
from lti_tool.content_library.loading import build_package, read_package
from lti_tool.content_library.problems import ContentBroken, Problem, Remark
from lti_tool.content_library.remarks import remarks
from lti_tool.content_library.statistics import statistics
from lti_tool.domain.content import Package

_PARTS = ("package.yaml", "framework", "items", "modules")


@dataclass(frozen=True)
class Inspection:
    """What was found in one folder."""

    package: Package | None
    """None when there are problems."""
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]
    more: int = 0
    """Problems besides, when there are too many to name."""


def is_package(path: Path) -> bool:
    """Whether a folder holds a package, or what is left of one, or a file is a packed one."""
    return path.suffix == ENDING or (path.is_dir() and any((path / part).exists() for part in _PARTS))


def inspect_package(path: Path, today: date) -> Inspection:
    """Every problem and every remark; files that can be read are checked also when others cannot."""
    try:
        with opened(path) as folder:
            checked = read_package(folder, path.absolute().parent)
    except ContentBroken as broken:
        return Inspection(None, broken.problems, (), broken.more)
    advised = (*remarks(checked.parsed, today), *sorted(checked.translated.remarks))
    try:
        return Inspection(build_package(checked), (), advised)
    except ContentBroken as broken:
        return Inspection(None, broken.problems, advised, broken.more)


def package_statistics(folder: Path) -> dict[str, Any]:
    """See `statistics`. Raises ContentBroken, naming every problem."""
    checked = read_package(folder)
    package = build_package(checked)
    return statistics(checked.parsed, checked.translated, package.bank_version)
