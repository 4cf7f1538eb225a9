"""Read statements from a file: one JSON document, or JSON lines of any number, a line at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, NoReturn

LARGEST = 64 * 1024 * 1024
"""Bytes of one line, or of a document that is not in JSON lines: so much is held in memory."""


@dataclass(frozen=True)
class Read:
    """A statement, and where it stood."""

    place: str
    statement: Any


@dataclass(frozen=True)
class Unreadable:
    """What stood in a place is no JSON. After a line that is none the next ones are read all the same."""

    place: str
    why: str


class _NotJson(Exception):
    pass


def read_statements(file: IO[bytes]) -> Iterator[Read | Unreadable]:
    """Every statement of a file.

    It holds a statement, an array of statements or an LRS's answer (`{"statements": […]}`), or one of these on
    each line.
    """
    first = file.readline(LARGEST)
    if _is_json(first):
        yield from _lines(chain([first], _lines_of(file)))
        return
    start = first + file.read(LARGEST)
    try:
        whole = _json(start)
    except _NotJson as err:
        if _is_json(start.removeprefix(first).split(b"\n", 1)[0]):  # JSON lines, of which the first is none
            start += file.readline(LARGEST)
            yield from _lines(chain(_lines_of(io.BytesIO(start)), _lines_of(file)))
        elif len(start) >= LARGEST:
            yield Unreadable("", "is too large; write it as JSON lines, one statement on each line")
        else:
            yield Unreadable("", str(err))
    else:
        yield from _statements_in(whole, "")


def _lines(lines: Iterator[bytes]) -> Iterator[Read | Unreadable]:
    for number, line in enumerate(lines, 1):
        if len(line) >= LARGEST:
            yield Unreadable(f"line {number}", "is too large")
        elif line.strip():
            try:
                yield from _statements_in(_json(line), f"line {number}")
            except _NotJson as err:
                yield Unreadable(f"line {number}", str(err))


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """Each line; of one that is too large the beginning."""
    while line := file.readline(LARGEST):
        yield line
        while len(line) == LARGEST and not line.endswith(b"\n"):
            line = file.readline(LARGEST)


def _statements_in(part: Any, place: str) -> Iterator[Read]:
    if isinstance(part, dict) and isinstance(part.get("statements"), list):
        part = part["statements"]
    if isinstance(part, list):
        for number, statement in enumerate(part, 1):
            yield Read(f"{place}, statement {number}" if place else f"statement {number}", statement)
    else:
        yield Read(place, part)


def _is_json(text: bytes) -> bool:
    try:
        _json(text)
    except _NotJson:
        return False
    return True


def _json(text: bytes) -> Any:
    """Raises _NotJson, which tells no more of the text than where it went wrong."""
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as err:
        raise _NotJson(f"is not JSON: {err.msg}, line {err.lineno}, column {err.colno}") from err
    except UnicodeDecodeError as err:
        raise _NotJson("is not UTF-8") from err
    except ValueError as err:
        raise _NotJson("is not JSON: it holds a number that is none, or is too long") from err
    except RecursionError as err:
        raise _NotJson("nests too deeply") from err


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity; JSON has neither."""
    raise ValueError(name)
