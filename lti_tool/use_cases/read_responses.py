"""A file of answers, from elsewhere: read line by line, every mistake named by line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from lti_tool.domain.calibration import PersonalAnswer, ResponsesBroken
from lti_tool.domain.content import Package

COLUMNS = ("person", "group", "item", "right")
NEEDED = ("person", "item", "right")
SHOWN = 50
"""Mistakes that are named; of the others only the number."""
LONGEST_LINE = 10_000
"""Bytes. A longer line is no line of answers, and would fill the memory."""
RIGHT = {"1": True, "true": True, "0": False, "false": False}

_KEY = re.compile(r"([A-Z]{3}-[A-Z]{3}-[0-9]{4})(?:@([0-9]{1,9}))?")


def read_responses(path: Path, package: Package) -> list[PersonalAnswer]:
    """The answers in the file, in its order.

    The header names the columns `person`, `item`, `right` and, where there are several groups, `group`.
    Values of `person` and `group` are never repeated in a message.

    Raises:
        ResponsesBroken: names the file, and each line and column with what is wrong there.
    """
    reader = _Reader(path, package)
    try:
        with path.open("rb") as file:
            answers = reader.answers(file)
    except OSError as err:
        raise ResponsesBroken(f"{path}: cannot be read: {err.strerror}") from err
    reader.check()
    if not answers:
        raise ResponsesBroken(f"{path}: has no answers")
    return answers


class _Reader:
    def __init__(self, path: Path, package: Package) -> None:
        self._path = path
        self._asked = {item.id: item.version for item in package.assessment_items()}
        self._package = package
        self._problems: list[str] = []
        self._count = 0

    def answers(self, file: BinaryIO) -> list[PersonalAnswer]:
        rows = csv.reader(self._lines(file), strict=True)
        found: list[PersonalAnswer] = []
        first_line: dict[tuple[str, str], int] = {}
        try:
            header = [name.strip() for name in next(rows, [])]
            if not self._fits(header):
                return []
            for row in rows:
                answer = self._answer(header, row, rows.line_num)
                if answer is None:
                    continue
                before = first_line.setdefault((answer.person, answer.item_id), rows.line_num)
                if before == rows.line_num:
                    found.append(answer)
                else:
                    self._note(f"line {rows.line_num}: item: this person answered it in line {before} already")
        except csv.Error as err:
            self._note(f"line {rows.line_num}: cannot be read further: {err}")
        return found

    def check(self) -> None:
        """Raises ResponsesBroken."""
        if self._count > len(self._problems):
            self._problems.append(f"{self._path}: and {self._count - len(self._problems)} more")
        if self._problems:
            raise ResponsesBroken("\n".join(self._problems))

    def _note(self, problem: str) -> None:
        self._count += 1
        if self._count <= SHOWN:
            self._problems.append(f"{self._path}: {problem}")

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        """Lines of text; one that is none reads as empty."""
        number = 0
        while raw := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE:
                self._note(f"line {number}: is longer than {LONGEST_LINE} bytes; the rest was not read")
                return
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                self._note(f"line {number}: is not UTF-8")
                line = "\n"
            if "\0" in line:
                self._note(f"line {number}: has a NUL byte")
                line = "\n"
            yield line

    def _fits(self, header: Sequence[str]) -> bool:
        """Whether the columns can be told from the first line."""
        noted = self._count
        missing = [name for name in NEEDED if name not in header]
        if not any(header):
            self._note("line 1: there is no header; it names the columns person, group, item, right")
        elif missing:
            self._note(f"line 1: the header lacks {', '.join(missing)}; columns are separated by commas")
        elif unknown := sum(name not in COLUMNS for name in header):
            self._note(f"line 1: {unknown} columns are not known; leave out all but {', '.join(COLUMNS)}")
        elif len(set(header)) < len(header):
            self._note("line 1: a column is there twice")
        return self._count == noted

    def _answer(self, header: Sequence[str], row: Sequence[str], line: int) -> PersonalAnswer | None:
        if not row:
            return None
        if len(row) != len(header):
            self._note(f"line {line}: has {len(row)} columns where the header has {len(header)}")
            return None
        values = dict(zip(header, (cell.strip() for cell in row), strict=True))
        noted = self._count
        if not values["person"]:
            self._note(f"line {line}: person: is empty")
        item_id = self._item(values["item"], line)
        right = RIGHT.get(values["right"].casefold())
        if right is None:
            self._note(f"line {line}: right: must be 0, 1, false or true")
        if self._count > noted or right is None:
            return None
        person, group = values["person"], values.get("group", "")
        return PersonalAnswer(person, f"{person}\0{group}", group, item_id, right)

    def _item(self, key: str, line: int) -> str:
        """The id of the item that is named; empty when there is none, which is noted."""
        found = _KEY.fullmatch(key)
        if found is None:
            # Not repeated: in the wrong column it may be the name of somebody.
            self._note(f"line {line}: item: is not an item's id, such as VEI-INT-0001 or VEI-INT-0001@1")
            return ""
        item_id, version = found[1], found[2]
        if item_id not in self._asked:
            why = "is not asked in an assessment of" if item_id in self._package.items else "is not in"
            self._note(f"line {line}: item: {item_id} {why} {self._package.id}")
        elif version is not None and int(version) != self._asked[item_id]:
            self._note(f"line {line}: item: {item_id} has version {self._asked[item_id]} here, not {int(version)}")
        return item_id
