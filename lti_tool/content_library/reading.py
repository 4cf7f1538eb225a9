"""Reads the files of a package and the YAML in them, and trusts neither.

YAML 1.2.2 (https://yaml.org/spec/1.2.2/), in the smaller form that authors need: no aliases, tags or
repeated keys, and only what is plainly a number, true/false or null is not a text (so `no` and
2027-11-01 stay texts).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import yaml

from lti_tool.content_library.media import is_medium, read_medium
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.domain.content import Medium

LARGEST_TEXT_BYTES = 64 * 1024
MOST_TEXT_BYTES = 16 * 1024 * 1024
"""Two thousand items come to some 4 MB; all texts are held in memory."""
MOST_MEDIA_BYTES = 200 * 1024 * 1024
MOST_FILES = 5000
"""Both after ecosystem research, D.3, with room for 2,000 items."""
DEEPEST_NESTING = 12
"""The format itself needs 7."""

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
)

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
        """A problem at a place in this document, or at the nearest place around it that has a line.

        Steps of `where` that the document does not know are passed over: pydantic puts the name of the
        chosen shape of a block in between.
        """
        known: Where = ()
        for step in where:
            if (*known, step) in self.lines:
                known = (*known, step)
        return Problem(self.file, self.lines.get(known, 0), message)


@dataclass(frozen=True)
class Files:
    """What stands in a package, by path inside it and in order of path."""

    texts: Mapping[str, str]
    media: Mapping[str, Medium]


def read_files(folder: Path) -> Files:
    """Everything in a package.

    Raises:
        ContentBroken: when there is no package, or a file is too large, a link, not what its name says or out of
            place.
    """
    if not folder.is_dir():
        raise ContentBroken([Problem(folder.name, 0, "there is no package folder here")])
    texts: dict[str, str] = {}
    media: dict[str, Medium] = {}
    problems = []
    room = {True: MOST_MEDIA_BYTES, False: MOST_TEXT_BYTES}
    for number, path in enumerate(_walk(folder), start=1):
        name = path.relative_to(folder).as_posix()
        about = path.lstat()
        shown = is_medium(name) and stat.S_ISREG(about.st_mode)
        room[shown] -= about.st_size
        if number > MOST_FILES or room[shown] < 0:
            megabytes = f"{MOST_TEXT_BYTES // 1024**2} MB of texts and {MOST_MEDIA_BYTES // 1024**2} MB of media"
            problems.append(Problem(name, 0, f"a package has at most {MOST_FILES} files, {megabytes}"))
            break
        try:
            if shown:
                media[name] = read_medium(path, name)
            else:
                texts[name] = _read(path, name)
        except ContentBroken as refused:
            problems.extend(refused.problems)
    if problems:
        raise ContentBroken(problems)
    return Files(texts, media)


def _walk(folder: Path) -> Iterator[Path]:
    """Files and links in order of path; links are not followed."""
    for root, folders, files in os.walk(folder):
        here = Path(root)
        folders.sort()
        yield from (here / name for name in folders if (here / name).is_symlink())
        yield from (here / name for name in sorted(files))


def _read(path: Path, name: str) -> str:
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        raise ContentBroken([Problem(name, 0, "links are not allowed in a package")])
    if not stat.S_ISREG(about.st_mode) or not _BELONGS.fullmatch(name):
        raise ContentBroken([Problem(name, 0, "this file does not belong in a package")])
    if about.st_size > LARGEST_TEXT_BYTES:
        raise ContentBroken([Problem(name, 0, f"larger than {LARGEST_TEXT_BYTES // 1024} KB")])
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise ContentBroken([Problem(name, 0, "is not UTF-8 text")]) from None


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
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            composer.take(event)
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
        self._file = file
        self._open: list[dict[str | int, object] | list[object]] = []
        self._way: list[str | int] = []
        self._key: str | int | None = None
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(event, [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()
            if self._way:
                self._way.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, "a reference to another place (*) is not allowed; repeat the text")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "one file holds one document; remove the second ---")

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
            self._way.append(step)
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
