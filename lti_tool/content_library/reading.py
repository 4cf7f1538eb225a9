"""Reads the files of a package and the YAML in them, and trusts neither.

YAML 1.2.2 (https://yaml.org/spec/1.2.2/), in the smaller form that authors need: no aliases, tags or
repeated keys, and only what is plainly a number, true/false or null is not a text (so `no` and
2027-11-01 stay texts).
"""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from lti_tool.content_library.media import is_medium, opened_plainly, read_medium
from lti_tool.content_library.problems import ContentBroken, Problem, Problems, TooMuch
from lti_tool.domain.content import Medium

LARGEST_TEXT_BYTES = 64 * 1024
MOST_TEXT_BYTES = 16 * 1024 * 1024
"""Two thousand items come to some 4 MB; all texts are held in memory."""
MOST_MEDIA_BYTES = 200 * 1024 * 1024
MOST_FILES = 5000
"""Both after ecosystem research, D.3, with room for 2,000 items."""
DEEPEST_NESTING = 12
"""The format itself needs 7."""
DEEPEST_FOLDERS = 3
MOST_VALUES = 1000
"""Texts, numbers, lists and mappings in one file; the framework, which has the most, has 300."""
MOST_VALUES_IN_ALL = 200_000
"""Two thousand items have some 100,000."""
MOST_MARKS = 2000
"""Signs that mean something in Markdown, in one file of a micro-training; the fullest has 160."""
MOST_MARKS_IN_ALL = 60_000
"""Reading Markdown takes as long as its signs are many: a text of nothing else takes a thousand times as long."""

Where = tuple[str | int, ...]
"""The way to a value in a document: keys and list positions."""

_BELONGS = re.compile(
    r"package\.yaml"
    r"|(LICENSE|LICENSE\.md|README\.md|CHANGELOG\.md)"
    r"|framework/[a-z0-9-]+\.yaml"
    r"|items/[a-z]+/[A-Z0-9-]+\.yaml"
    r"|modules/[a-z0-9-]+/module\.yaml"
    r"|modules/[a-z0-9-]+/[a-z0-9-]+(\.[a-z]{2})?\.md"
    r"|i18n/[a-z]{2}/(items/[A-Z0-9-]+|modules/[a-z0-9-]+)\.yaml"
    r"|media/LICENSES\.csv"
    r"|story/[a-z0-9-]+\.yaml"
    r"|CREDITS\.yaml"
    r"|tests/golden\.yaml"
)

_MARKS = "[]*_`<&|\\!\n="
_NULL = ("", "~", "null")
_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")


@dataclass(frozen=True)
class Document:
    """The content of one YAML file and where its parts stand."""

    file: str
    data: object
    lines: Mapping[Where, int] = field(default_factory=dict)

    def problem(self, message: str, *where: str | int) -> Problem:
        """A problem at a place in this document, or at the nearest place around it that has a line."""
        return Problem(self.file, self.line_of(*where), message)

    def line_of(self, *where: str | int) -> int:
        """The line of a place, or of the nearest one around it that has a line.

        Steps of `where` that the document does not know are passed over: pydantic puts the name of the
        chosen shape of a block in between.
        """
        known: Where = ()
        for step in where:
            if (*known, step) in self.lines:
                known = (*known, step)
        return self.lines.get(known, 0)


def _anything(key: str, where: Where) -> bool:
    return True


def texts_in(
    value: object, enters: Callable[[str, Where], bool] = _anything, where: Where = ()
) -> Iterator[tuple[Where, str]]:
    """Every text in the data of a document, with the way to it.

    `enters` says of a key, and of the way to the mapping that has it, whether what stands under it is looked at.
    """
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if enters(key, where):
                yield from texts_in(part, enters, (*where, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from texts_in(part, enters, (*where, place))


@dataclass(frozen=True)
class Files:
    """What stands in a package, by path inside it and in order of path."""

    texts: Mapping[str, str]
    media: Mapping[str, Medium]
    refused: tuple[Problem, ...] = ()
    """What stands there and was not read: too large, a link, not what its name says or out of place."""


def read_files(folder: Path) -> Files:
    """Everything in a package that can be read.

    Raises:
        ContentBroken: when there is no package, or it is too large as a whole.
    """
    if not folder.is_dir():
        raise ContentBroken([Problem(folder.name, 0, "there is no package folder here")])
    texts: dict[str, str] = {}
    media: dict[str, Medium] = {}
    problems = Problems()
    room = {True: MOST_MEDIA_BYTES, False: MOST_TEXT_BYTES}
    for number, (path, message) in enumerate(_walk(folder), start=1):
        name = path.relative_to(folder).as_posix()
        about = path.lstat()
        shown = is_medium(name) and stat.S_ISREG(about.st_mode)
        room[shown] -= about.st_size
        if number > MOST_FILES or room[shown] < 0:
            megabytes = f"{MOST_TEXT_BYTES // 1024**2} MB of texts and {MOST_MEDIA_BYTES // 1024**2} MB of media"
            problems.add([Problem(name, 0, f"a package has at most {MOST_FILES} files, {megabytes}")])
            raise problems.broken()
        try:
            if message:
                problems.add([Problem(name, 0, message)])
            elif shown:
                media[name] = read_medium(path, name)
            else:
                texts[name] = _read(path, name)
        except ContentBroken as refused:
            problems.add(refused.problems)
        except OSError:
            problems.add([Problem(name, 0, "cannot be read")])
    for problem in _too_full(texts):
        problems.add([problem])
        del texts[problem.file]
    if problems.more:
        raise problems.broken()
    return Files(texts, media, tuple(problems))


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files and what else stands there, each with what is wrong with it, if so; links are not followed."""
    waiting, folders = deque([(folder, 0)]), 0
    while waiting:
        here, depth = waiting.popleft()
        with os.scandir(here) as found:
            entries = sorted(islice(found, MOST_FILES + 1), key=lambda entry: entry.name)
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                yield path, "links are not allowed in a package"
            elif not entry.is_dir():
                yield path, ""
            elif depth == DEEPEST_FOLDERS or entry.name.startswith("."):
                yield path, "this folder does not belong in a package"
            elif folders == MOST_FILES:
                yield path, f"a package has at most {MOST_FILES} folders"
                return
            else:
                folders += 1
                waiting.append((path, depth + 1))


def _read(path: Path, name: str) -> str:
    if not belongs(name) or not stat.S_ISREG(path.lstat().st_mode):
        raise ContentBroken([Problem(name, 0, "this file does not belong in a package")])
    with opened_plainly(path) as file:
        content = file.read(LARGEST_TEXT_BYTES + 1)
    if len(content) > LARGEST_TEXT_BYTES:
        raise ContentBroken([Problem(name, 0, f"larger than {LARGEST_TEXT_BYTES // 1024} KB")])
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ContentBroken([Problem(name, 0, "is not UTF-8 text")]) from None


def belongs(name: str) -> bool:
    """Whether a file of this name has a place in the format."""
    return _BELONGS.fullmatch(name) is not None or is_medium(name)


def _too_full(texts: Mapping[str, str]) -> Iterator[Problem]:
    """Pages that would take long to make. Raises TooMuch when all of them together would."""
    room = MOST_MARKS_IN_ALL
    for name, text in tuple(texts.items()):
        if not name.startswith("modules/"):
            continue
        marks = sum(text.count(mark) for mark in _MARKS)
        if marks > MOST_MARKS:
            yield Problem(name, 0, f"has more than {MOST_MARKS:,} signs such as [ * _ and ends of lines")
            continue
        room -= marks
        if room < 0:
            raise TooMuch(name, f"micro-trainings have at most {MOST_MARKS_IN_ALL:,} signs such as [ * _ in all")


def fingerprint(files: Files) -> str:
    """SHA-256 in hex over paths and bytes: `sha256sum` of what `sha256sum` prints for the sorted files."""
    parts = {name: sha256(text.encode()).hexdigest() for name, text in files.texts.items()}
    parts |= {name: medium.sha256 for name, medium in files.media.items()}
    whole = sha256()
    for name in sorted(parts):
        whole.update(f"{parts[name]}  {name}\n".encode())
    return whole.hexdigest()


def read_yaml(file: str, text: str) -> Document:
    """One YAML file as plain dicts, lists, strings, numbers, booleans and None.

    Raises:
        ContentBroken: naming the line and what is wrong; a repeated key does not hide the next one.
    """
    composer = _Composer(file)
    loader = yaml.CSafeLoader(text)
    try:
        while not composer.ended:
            composer.take(loader.get_event())
    except yaml.MarkedYAMLError as err:
        line = err.problem_mark.line + 1 if err.problem_mark else 0
        hint = "; does a text with a colon, quote or question mark need quotes around it?"
        raise ContentBroken([Problem(file, line, f"this is not YAML: {err.problem}{hint}")]) from None
    except yaml.reader.ReaderError as err:
        raise ContentBroken([Problem(file, 0, f"this is not YAML: {err.reason}")]) from None
    if composer.problems:
        raise ContentBroken(composer.problems)
    return Document(file, composer.root, composer.lines)


class _Composer:
    """Builds a document from parser events.

    PyYAML's own composer expands aliases, lets the last of two equal keys win and forgets the lines.
    """

    def __init__(self, file: str) -> None:
        self.root: object = None
        self.lines: dict[Where, int] = {}
        self.problems: list[Problem] = []
        self.ended = False
        self._file = file
        self._open: list[dict[str | int, object] | list[object]] = []
        self._way: Where = ()
        self._key: str | int | None = None
        self._documents = 0
        self._kinds: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
            yaml.StreamEndEvent: self._stream_end,
        }

    def take(self, event: yaml.Event) -> None:
        act = self._kinds.get(type(event))
        if act:
            act(event)

    def _mapping(self, event: yaml.MappingStartEvent) -> None:
        self._begin(event, {})

    def _sequence(self, event: yaml.SequenceStartEvent) -> None:
        self._begin(event, [])

    def _end(self, event: yaml.Event) -> None:
        self._open.pop()
        self._way = self._way[:-1]

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._refuse(event, "a reference to another place (*) is not allowed; repeat the text")

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "one file holds one document; remove the second ---")

    def _stream_end(self, event: yaml.StreamEndEvent) -> None:
        self.ended = True

    def _refuse(self, event: yaml.Event, message: str) -> None:
        """Stops at once: what follows cannot be placed any more."""
        raise ContentBroken([*self.problems, Problem(self._file, _line(event), message)])

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.anchor or event.tag:
            self._refuse(event, "anchors (&) and tags (!) are not allowed; does the text need quotes?")
        if self._open and isinstance(self._open[-1], dict) and self._key is None:
            self._take_key(event)
            return
        plain = event.style in (None, "")
        self._place(event, _value(event.value) if plain else event.value)

    def _take_key(self, event: yaml.ScalarEvent) -> None:
        key = event.value
        if key in self._open[-1]:
            message = f"the key {key!r} stands here twice"
            self.problems.append(Problem(self._file, _line(event), message))
        self._key = key

    def _begin(self, event: yaml.CollectionStartEvent, value: dict[str | int, object] | list[object]) -> None:
        if event.anchor or event.tag:
            self._refuse(event, "anchors (&) and tags (!) are not allowed; does the text need quotes?")
        if self._open and isinstance(self._open[-1], dict) and self._key is None:
            self._refuse(event, "a key must be a word; does a text with { or [ need quotes around it?")
        if len(self._open) >= DEEPEST_NESTING:
            self._refuse(event, f"nested deeper than {DEEPEST_NESTING} levels")
        step = self._place(event, value)
        if step is not None:
            self._way = (*self._way, step)
        self._open.append(value)

    def _place(self, event: yaml.Event, value: object) -> str | int | None:
        """Puts a value where it belongs; returns the step that leads to it (None for the root)."""
        line = _line(event)
        if not self._open:
            self.root = value
            self.lines[()] = line
            return None
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
            step: str | int = len(parent) - 1
        else:
            step = self._key if self._key is not None else ""
            parent[step] = value
            self._key = None
        self.lines[(*self._way, step)] = line
        if len(self.lines) > MOST_VALUES:
            raise TooMuch(self._file, f"more than {MOST_VALUES:,} values in one file")
        return step


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _value(plain: str) -> object:
    """What an unquoted scalar means."""
    if plain in _NULL:
        return None
    if plain in _BOOLEANS:
        return _BOOLEANS[plain]
    if _INTEGER.fullmatch(plain):
        return int(plain)
    return float(plain) if _FLOAT.fullmatch(plain) else plain
