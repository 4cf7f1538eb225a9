"""A calibration: how hard items are according to answers, as a value that never changes; and whose answers count.

What leaves is about items, never about a group or a person, yet it rests on people. So nothing of it rests on
fewer than ten of them, and neither does what one proposal tells beyond another (R27, ADR 11).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from lti_tool.domain.content import Package
from lti_tool.domain.rounding import MINIMUM, rounded_down

SCHEMA: Final = "calibration/1"
ID_DIGITS: Final = 12
"""Hexadecimal digits of the SHA-256 that name a calibration."""
DECIMALS: Final = 2
"""Of a, b and sd: far finer than what is unknown of an item, and the same on every computer."""
DECIMALS_OF_CHANCES: Final = 4
MOVED: Final = 0.3
"""Logits from which a difference in difficulty is worth a look; the engine's drift asks for it too."""

_NOTE: Final = re.compile(r"(\S+) (\d+) people, proposal ([0-9a-f]+)")


class CalibrationRefused(Exception):
    """The base of what is refused before anything was estimated, kept or activated."""


class ResponsesBroken(CalibrationRefused):
    """A file of answers has mistakes; the message names file, line, column and mistake."""


class ProposalBroken(CalibrationRefused):
    """A proposal's file cannot be used; the message names file, field and mistake."""


class TooFewPeople(CalibrationRefused):
    """No item was answered by ten people."""


class TooSoon(CalibrationRefused):
    """Between this proposal and the last one stand 1 to 9 people, who could be found by subtraction."""


class NotSettled(Exception):
    """The engine found no usable parameters; nothing was proposed."""


class PersonalAnswer(NamedTuple):
    """One answer on its way to the engine. `person` and `sheet` are opaque and never leave."""

    person: str
    sheet: str
    """The answers of one person at one moment."""
    group: str
    """Those who share a mean: a municipality at one wave."""
    item_id: str
    right: bool


class FinishedAnswer(NamedTuple):
    """An answer of a sitting that ended, as the rows have it."""

    learner_id: str
    attempt_id: str
    begun_at: datetime
    finished_at: datetime
    item_id: str
    item_version: int
    right: bool


@dataclass(frozen=True)
class ItemParameters:
    """One calibrated item."""

    item: str
    """Its key, "id@version"."""
    a: float
    """Slope, per logit."""
    b: float
    """Difficulty, in logits."""
    c: float
    """Chance to be right without knowing, 0..1."""
    sd: float
    """Of what is still unknown of b, in logits."""
    answers: int
    drifted: bool
    """Whether b is surprisingly far from what was believed."""
    was: float
    """The difficulty that the package states, in logits."""

    @property
    def moved(self) -> bool:
        return abs(self.b - self.was) >= MOVED


@dataclass(frozen=True)
class Calibration:
    """The parameters of a bank's items, made from answers to one release of a package."""

    package: str
    release: str
    """The package's `bank_version`."""
    loading: float
    """Of the domains on the general ability."""
    people: int
    answers: int
    items: tuple[ItemParameters, ...]
    """In order of their keys, however they came."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(sorted(self.items, key=lambda item: item.item)))

    @cached_property
    def id(self) -> str:
        """Follows from the content: other content has another id."""
        canonical = json.dumps(
            self._content(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()[:ID_DIGITS]

    def __hash__(self) -> int:
        return hash(self.id)

    def of(self, package: Package) -> dict[str, ItemParameters]:
        """Item id → parameters, for the items that are still what was answered: the same id and version.

        All other items keep what the package says of them.
        """
        known = {item.key: item.id for item in package.assessment_items()}
        return {known[item.item]: item for item in self.items if item.item in known}

    def as_fields(self) -> dict[str, Any]:
        """For a file or a row."""
        content = self._content()
        return {"schema": content.pop("schema"), "id": self.id, **content}

    @classmethod
    def from_fields(cls, found: object, source: str) -> Calibration:
        """Back from a file or a row; `source` names it. Raises ProposalBroken, naming every mistake."""
        problems: list[str] = []
        whole = _checked(found, _KINDS, "", problems)
        listed = whole.get("items", [])
        items = [_checked(item, _ITEM_KINDS, f"items.{place}.", problems) for place, item in enumerate(listed)]
        if not problems:
            problems += _disagreements(whole, [str(item["item"]) for item in items])
        if not problems:
            own = {name: whole[name] for name in _OWN}
            made = cls(**own, items=tuple(ItemParameters(**item) for item in items))
            if made.id == whole["id"]:
                return made
            problems.append("id: does not fit the content: the file was changed")
        raise ProposalBroken("\n".join(f"{source}: {problem}" for problem in problems))

    def _content(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _OWN}
        items = [{f.name: getattr(item, f.name) for f in fields(item)} for item in self.items]
        return {"schema": SCHEMA, **own, "items": items}


_OWN: Final = ("package", "release", "loading", "people", "answers")
_PEOPLE: Final = f"a whole number, at least {MINIMUM}"
_NUMBER: Final = "a number"
_TEXT: Final = "a text"
_KINDS: Final = {
    "schema": _TEXT,
    "id": _TEXT,
    "package": _TEXT,
    "release": _TEXT,
    "loading": _NUMBER,
    "people": _PEOPLE,
    "answers": _PEOPLE,
    "items": "a list with items",
}
_ITEM_KINDS: Final = {
    "item": _TEXT,
    "a": _NUMBER,
    "b": _NUMBER,
    "c": _NUMBER,
    "sd": _NUMBER,
    "answers": _PEOPLE,
    "drifted": "true or false",
    "was": _NUMBER,
}


def _checked(found: object, kinds: Mapping[str, str], place: str, problems: list[str]) -> dict[str, Any]:
    """The values of one object of the file that are what they must be; notes the others."""
    if not isinstance(found, dict):
        problems.append(f"{place.rstrip('.') or 'file'}: must be an object")
        return {}
    problems += [f"{place}{name}: is not known" for name in found if name not in kinds]
    values: dict[str, Any] = {}
    for name, kind in kinds.items():
        if name not in found:
            problems.append(f"{place}{name}: is missing")
        elif not _fits(found[name], kind):
            problems.append(f"{place}{name}: must be {kind}")
        else:
            values[name] = float(found[name]) if kind == _NUMBER else found[name]
    return values


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool) or kind == "true or false":
        return isinstance(value, bool) and kind == "true or false"
    if kind == _NUMBER:
        # A whole number of hundreds of digits does not fit in a float.
        return isinstance(value, float | int) and abs(value) < 1e300 and math.isfinite(value)
    if kind == _PEOPLE:
        return isinstance(value, int) and value >= MINIMUM
    return isinstance(value, str if kind == _TEXT else list) and bool(value)


def _disagreements(whole: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    if whole["schema"] != SCHEMA:
        return [f"schema: must be {SCHEMA}"]
    return ["items: an item is there twice"] if len(set(keys)) < len(keys) else []


def countable(answers: Sequence[PersonalAnswer], *, in_tens: bool) -> list[PersonalAnswer]:
    """The answers that the engine may see, in the order in which they came.

    An item counts once ten people answered it. Of somebody who answered it more often only the first answer
    does. `in_tens`: of each item only whole tens of people count, those who came first, so that two proposals
    never differ by an answer of fewer than ten people, for any item.
    """
    firsts: dict[str, dict[str, int]] = defaultdict(dict)
    for place, answer in enumerate(answers):
        firsts[answer.item_id].setdefault(answer.person, place)
    kept: set[int] = set()
    for of_item in firsts.values():
        most = rounded_down(len(of_item)) if in_tens else len(of_item)
        if most >= MINIMUM:
            kept.update(list(of_item.values())[:most])
    return [answer for place, answer in enumerate(answers) if place in kept]


def check_enough_people(countable_answers: Sequence[PersonalAnswer]) -> None:
    """Raises TooFewPeople."""
    if not countable_answers:
        raise TooFewPeople(
            f"no question was answered by {MINIMUM} people or more; what is estimated from fewer is about them"
        )


class ProposalNote(NamedTuple):
    """What is remembered of a proposal, so that the next one cannot be subtracted from it."""

    package: str
    people: int
    """All those whose answers there were to choose from."""
    calibration_id: str
    at: datetime
    """Later answers were not there yet."""

    def as_text(self) -> str:
        """For the audit; begins with the package."""
        return f"{self.package} {self.people} people, proposal {self.calibration_id}"

    @classmethod
    def from_text(cls, text: str, at: datetime) -> ProposalNote:
        """Back from what `as_text` wrote. Raises ValueError."""
        found = _NOTE.fullmatch(text)
        if found is None:
            raise ValueError(f"not a note of a proposal: {text}")
        return cls(found[1], int(found[2]), found[3], at)


def check_may_propose_again(last: ProposalNote | None, people_and_moments: Iterable[tuple[str, datetime]]) -> None:
    """Whether enough people came, or went, since the last proposal; the same answers again are no harm.

    `people_and_moments` names, for each sitting that there is now, the person and when it ended.

    Raises:
        TooSoon: those who make the difference are 1 to 9 people.
    """
    if last is None:
        return
    before: set[str] = set()
    since: set[str] = set()
    for person, finished_at in people_and_moments:
        (since if finished_at > last.at else before).add(person)
    difference = len(since) + abs(last.people - len(before))
    if 0 < difference < MINIMUM:
        raise TooSoon(
            f"fewer than {MINIMUM} people make the difference with proposal {last.calibration_id} of "
            f"{last.at:%Y-%m-%d %H:%M} UTC, so the two together would tell about them; try again when {MINIMUM} "
            f"people or more have finished since then, or use that proposal"
        )
