"""What a writer put down, apart from the database: the truth that the LRS is held against in the end."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xapi.comparison import same_statement

Json = dict[str, Any]

POISON: Final = "https://tool.example/poison"
"""Extension of a statement that no LRS takes; its value is the status that the stub LRS answers with."""


class Ledger:
    """A file of lines that only grows; a line that a kill cut off was never written."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._file, b"\n")  # ends what an earlier writer left unfinished

    def will_write(self, fact: str, tenant: str, bodies: Iterable[str]) -> None:
        """Before the commit: what the fact says if it comes to be."""
        self._line({"fact": fact, "tenant": tenant, "bodies": list(bodies)})

    def written(self, fact: str) -> None:
        """After the commit."""
        self._line({"fact": fact})

    def _line(self, told: Json) -> None:
        os.write(self._file, json.dumps(told).encode() + b"\n")


@dataclass(frozen=True)
class Told:
    """What must be at the LRS, by municipality and id."""

    good: Mapping[tuple[str, str], Json]
    poison: frozenset[tuple[str, str]]
    never: frozenset[tuple[str, str]]
    """Of transactions that were rolled back or killed."""
    confirmed_and_gone: int
    """Facts that the database confirmed, and does not have."""


def read(file: Path, facts: Collection[str]) -> Told:
    """The ledger beside the facts that are in the database; these decide what a kill left open."""
    good: dict[tuple[str, str], Json] = {}
    poison, never, confirmed = set(), set(), set()
    for line in _lines(file):
        if "bodies" not in line:
            confirmed.add(line["fact"])
            continue
        for body in map(json.loads, line["bodies"]):
            place = (line["tenant"], body["id"])
            if line["fact"] not in facts:
                never.add(place)
            elif is_poison(body):
                poison.add(place)
            else:
                good[place] = body
    return Told(good, frozenset(poison), frozenset(never), len(confirmed - set(facts)))


def is_poison(statement: Json) -> bool:
    return POISON in statement.get("context", {}).get("extensions", {})


def _lines(file: Path) -> Iterator[Json]:
    with file.open("rb") as found:
        for line in found:
            try:
                yield json.loads(line)
            except ValueError:
                continue


@dataclass
class Judgement:
    """What is wrong at the LRS and in the outbox."""

    lost: int = 0
    stored_twice: int = 0
    alien: int = 0
    differing: int = 0
    wrongly_dead: int = 0
    """Dead letters that are no poison, and poison that is no dead letter."""
    confirmed_and_gone: int = 0
    remarks: list[str] = field(default_factory=list)


def judge(
    told: Told, stored: Iterable[tuple[str, Json]], dead: Collection[tuple[str, str]], waiting: int
) -> Judgement:
    """Hold what an LRS stored (a row for each time it did) against what was told."""
    found = Judgement(confirmed_and_gone=told.confirmed_and_gone)
    seen: set[tuple[str, str]] = set()
    said: set[str] = set()
    for tenant, statement in stored:
        place = (tenant, statement["id"])
        if place in seen:
            found.stored_twice += 1
            found.remarks.append(f"twice under one id: {place}")
            continue
        seen.add(place)
        # One fact under two ids would be two statements that say the same about one sitting.
        essence = _essence(statement)
        if essence in said:
            found.stored_twice += 1
            found.remarks.append(f"the same under another id: {place}")
        said.add(essence)
        ours = told.good.get(place)
        if ours is None:
            found.alien += 1
            found.remarks.append(f"alien: {place}, rolled back: {place in told.never}")
        elif not same_statement(statement, ours):
            found.differing += 1
            found.remarks.append(f"differs: {place}")
    lost = told.good.keys() - seen
    found.lost = len(lost)
    found.remarks += [f"lost: {place}" for place in sorted(lost)[:5]]
    wrong = set(dead) ^ told.poison
    found.wrongly_dead = len(wrong)
    found.remarks += [f"wrongly dead or alive: {place}, dead: {place in dead}" for place in sorted(wrong)[:5]]
    if waiting:
        found.remarks.append(f"{waiting} still wait")
    return found


def _essence(statement: Json) -> str:
    kept = {key: statement.get(key) for key in ("actor", "object", "context", "result", "timestamp")}
    return json.dumps([statement["verb"]["id"], kept], sort_keys=True)
