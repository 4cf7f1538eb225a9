"""What a reader finds in a file and what a writer makes of a package, with everything that got lost on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

LARGEST_FILE_BYTES = 10 * 1024 * 1024
MOST_QUESTIONS = 2000
"""As many as the largest package that the tool is proved with."""
LONGEST_NAME = 80
"""Characters of a name in the report."""

Fields = dict[str, Any]
"""A question in the keys of item/1, as far as a file tells them; options have no ids yet."""

_ID = re.compile(r"([A-Z]{3}-[A-Z]{3}-[0-9]{4})(?:@([1-9][0-9]{0,8}))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What neither YAML nor XML can hold as it is."""


class FileRefused(Exception):
    """The whole file cannot be read; says why, and where when that is known."""


class NotTaken(Exception):
    """One question cannot be taken over; says why."""


@dataclass(frozen=True)
class Loss:
    """A part, or a whole question, that the other side cannot hold."""

    place: str
    """Where in the file it stood ("line 12"), or the id of the item; empty for the file as a whole."""
    name: str
    what: str

    def __str__(self) -> str:
        about = ", ".join(part for part in (self.place, f'"{self.name}"' if self.name else "") if part)
        return f"{about}: {self.what}" if about else self.what


@dataclass
class Found:
    """A question in a file."""

    place: str
    name: str
    fields: Fields | None = None
    """None: it cannot be taken over, and `lost` says why."""
    lost: list[str] = field(default_factory=list)

    def losses(self) -> list[Loss]:
        return [Loss(self.place, self.name, what) for what in dict.fromkeys(self.lost)]


@dataclass
class Reading:
    """Everything in a file."""

    found: list[Found] = field(default_factory=list)
    lost: list[Loss] = field(default_factory=list)
    """What belongs to no single question, such as categories."""

    def begin(self, place: str, name: str) -> Found:
        """A next question. Raises FileRefused when there are too many."""
        if len(self.found) == MOST_QUESTIONS:
            raise FileRefused(f"more than {MOST_QUESTIONS} questions; split the file")
        self.found.append(Found(place, in_short(name)))
        return self.found[-1]


@dataclass(frozen=True)
class Writing:
    """A file for another program."""

    content: bytes
    written: int
    """How many questions stand in it."""
    lost: tuple[Loss, ...]


def in_short(text: str) -> str:
    """One line for a report, without anything that could steer a terminal."""
    line = " ".join(_CONTROL.sub("", text).split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


def cleaned(text: str) -> str:
    """The text without control characters and with one kind of line end."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def id_in(name: str) -> Fields:
    """The id and version that a name holds, when it is the name of an item of ours."""
    told = _ID.fullmatch(name.strip())
    if not told:
        return {}
    return {"id": told[1]} | ({"version": int(told[2])} if told[2] else {})


def key_of(item: Mapping[str, Any]) -> str:
    """How an item is called in files: `ID@version`."""
    return f"{item['id']}@{item['version']}"


def plain_number(value: float) -> str:
    """A number with a point and without an exponent."""
    text = f"{Decimal(repr(value)):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
