"""A package whose files may change at any moment; only what changed is read as YAML and judged anew."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Lock

from lti_tool import VERSION
from lti_tool.content_library.building.items import build_item
from lti_tool.content_library.checks import check
from lti_tool.content_library.checks.credits import check_tool
from lti_tool.content_library.checks.wording import check_wording
from lti_tool.content_library.composing import extended_folders, read_composed
from lti_tool.content_library.format import ItemShape, ModuleShape, TranslationShape
from lti_tool.content_library.golden import check_golden
from lti_tool.content_library.loading import Checked, build_package
from lti_tool.content_library.media import LICENCES, check_licences
from lti_tool.content_library.parsed import Entry, Parsed, parse
from lti_tool.content_library.problems import ContentBroken, Problem, Problems
from lti_tool.content_library.reading import MOST_FILES, Files
from lti_tool.content_library.translating import Remembered, translate
from lti_tool.domain.content import Item, Package

_MANY = ("items/", "modules/", "i18n/")
"""Folders whose files are remembered one by one; the few others are read each time."""

Stamp = tuple[int, int, int, int]
"""What changes when a file is written: moment of its content and of its entry, size, and which file it is."""


@dataclass(frozen=True)
class Look:
    """A package as it stands at one moment, with its own examples for the words of a municipality."""

    version: int
    """One higher each time that something changed."""
    problems: tuple[Problem, ...]
    package: Package | None
    """The last good one; None when there was none yet."""


class WatchedPackage:
    """Several threads may look at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._stamps: Mapping[str, Stamp] | None = None
        self._look = Look(0, (), None)
        self._remembered = _Remembered()

    def look(self) -> Look:
        """The package now; quick when nothing changed since the last look."""
        with self._lock:
            # Before reading, so that what is written meanwhile is seen the next time.
            stamps = _stamps([self._folder, *extended_folders(self._folder)])
            if stamps != self._stamps:
                self._look = self._anew()
                self._stamps = stamps
            return self._look

    def _anew(self) -> Look:
        version = self._look.version + 1
        try:
            return Look(version, (), self._remembered.load(read_composed(self._folder)))
        except ContentBroken as broken:
            return Look(version, broken.problems, self._look.package)


class _Remembered:
    """What was read and found in each file of `_MANY`, by its path, as long as its text stays the same."""

    def __init__(self) -> None:
        self._texts: Mapping[str, str] = {}
        self._entries: dict[str, Entry[ItemShape] | Entry[ModuleShape] | Entry[TranslationShape]] = {}
        self._unreadable: dict[str, list[Problem]] = {}
        self._wording: dict[str, list[Problem]] = {}
        self._declared: Collection[str] | None = None
        self._said: Remembered = {}
        self._items: dict[tuple[str, str], tuple[ItemShape, Mapping[str, str], Item]] = {}
        """By id and language, with what each was made from."""

    def load(self, files: Files) -> Package:
        """The same as `load_package`. Raises ContentBroken."""
        changed = {file for file, text in files.texts.items() if self._texts.get(file) != text}
        gone = set(self._texts) - set(files.texts)
        for file in changed | gone:
            for kept in (self._entries, self._unreadable, self._wording):
                kept.pop(file, None)
        self._texts = files.texts
        parsed, found = self._parse(files, changed)
        problems = Problems()
        problems.add([*files.refused, *found, *self._check_wording(parsed, changed), *check(parsed)])
        problems.add(check_licences(files.texts.get(LICENCES), files.media))
        problems.add(check_tool(parsed, VERSION))
        translated = translate(parsed, self._said)
        problems.add(translated.problems)
        problems.add(check_golden(parsed, problems))
        return build_package(Checked(files, parsed, translated, problems), None, self._item)

    def _item(self, shape: ItemShape, values: Mapping[str, str], language: str) -> Item:
        made = self._items.get((shape.id, language))
        if made is None or made[0] is not shape or made[1] != values:
            made = self._items[shape.id, language] = (shape, values, build_item(shape, values, language))
        return made[2]

    def _parse(self, files: Files, changed: Collection[str]) -> tuple[Parsed, list[Problem]]:
        texts = {file: text for file, text in files.texts.items() if file in changed or not file.startswith(_MANY)}
        parsed, problems = parse(Files(texts, files.media, files.refused))
        self._entries |= {entry.file: entry for entry in (*parsed.items, *parsed.modules, *parsed.translations)}
        _sort(problems, self._unreadable)
        entries = [self._entries[file] for file in files.texts if file in self._entries]
        whole = replace(
            parsed,
            texts=files.texts,
            items=tuple(entry for entry in entries if isinstance(entry.shape, ItemShape)),
            modules=tuple(entry for entry in entries if isinstance(entry.shape, ModuleShape)),
            translations=tuple(entry for entry in entries if isinstance(entry.shape, TranslationShape)),
        )
        few = [problem for problem in problems if not problem.file.startswith(_MANY)]
        return whole, [*few, *_all(self._unreadable)]

    def _check_wording(self, parsed: Parsed, changed: Collection[str]) -> list[Problem]:
        """What a text says is judged file by file, given the names of the variables."""
        declared = set(parsed.package.shape.variables) if parsed.package else None
        if declared != self._declared:
            self._declared, changed = declared, set(parsed.texts)
            self._wording.clear()
        anew = replace(
            parsed,
            texts={file: text for file, text in parsed.texts.items() if file in changed},
            items=tuple(item for item in parsed.items if item.file in changed),
            modules=tuple(module for module in parsed.modules if module.file in changed),
            translations=tuple(said for said in parsed.translations if said.file in changed),
        )
        found = check_wording(anew)
        _sort(found, self._wording)
        return [*(problem for problem in found if not problem.file.startswith(_MANY)), *_all(self._wording)]


def _sort(problems: Iterable[Problem], by_file: dict[str, list[Problem]]) -> None:
    for problem in problems:
        if problem.file.startswith(_MANY):
            by_file.setdefault(problem.file, []).append(problem)


def _all(by_file: Mapping[str, list[Problem]]) -> list[Problem]:
    return [problem for problems in by_file.values() for problem in problems]


def _stamps(packages: Iterable[Path]) -> dict[str, Stamp]:
    """Of each file and folder, as far as packages may have; links are not followed."""
    found: dict[str, Stamp] = {}
    for package in packages:
        paths = (entry for root, folders, files in os.walk(package) for entry in _paths(root, folders, files))
        for path in islice(paths, 2 * MOST_FILES):
            try:
                about = os.lstat(path)
            except FileNotFoundError:  # it went between the two
                continue
            found[path] = (about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino)
    return found


def _paths(root: str, folders: list[str], files: list[str]) -> Iterable[str]:
    folders.sort()
    return (os.path.join(root, name) for name in (*folders, *sorted(files)))
