"""Each filter at ten thousand statements and at a million, over HTTP.

Every query asks for as many statements as there are at either size, so that what grows is the search.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.lrs import said, servers
from benchmarks.lrs.caller import Caller
from benchmarks.lrs.filling import fill, stored
from benchmarks.proof import Figure, figure, say
from xapi.engine import make_engine
from xapi.lrs_server import SCHEMA

AT_MOST: Final = "<= 3"
PAGE: Final = "25"

Asking = Callable[[random.Random, int], Mapping[str, str]]
"""A query, given so many statements."""


def _person(dice: random.Random, size: int) -> int:
    return dice.randrange(size // said.EACH)


def _agent(dice: random.Random, size: int) -> dict[str, str]:
    return {"agent": json.dumps(said.agent(_person(dice, size)))}


def _registration(dice: random.Random, size: int) -> dict[str, str]:
    return {"registration": said.registration(_person(dice, size))}


def _activity(dice: random.Random, size: int) -> dict[str, str]:
    return {"activity": said.activity(dice.randrange(said.ITEMS))}


def _verb(dice: random.Random, size: int) -> dict[str, str]:
    return {"verb": said.verb(dice.choice((0, 42)))["id"]}


def _campaign(dice: random.Random, size: int) -> dict[str, str]:
    return {"activity": said.campaign(_person(dice, size)), "related_activities": "true"}


def _between(dice: random.Random, size: int) -> dict[str, str]:
    first = dice.randrange(size - 100)
    return {"since": stored(first), "until": stored(first + 50)}


QUERIES: Final[Mapping[str, Asking]] = {
    "statementId": lambda dice, size: {"statementId": said.statement_id(dice.randrange(size))},
    "no filter": lambda dice, size: {},
    "ascending": lambda dice, size: {"ascending": "true"},
    "agent": _agent,
    "verb": _verb,
    "activity": _activity,
    "registration": _registration,
    "related_agents": lambda dice, size: {**_agent(dice, size), "related_agents": "true"},
    "related_activities": _campaign,
    "since": lambda dice, size: {"since": stored(size - 50)},
    "since, nothing new": lambda dice, size: {"since": stored(size)},
    "until": lambda dice, size: {"until": stored(dice.randrange(100, size))},
    "since and until": _between,
    "agent and verb": lambda dice, size: {**_agent(dice, size), **_verb(dice, size)},
    "activity and verb": lambda dice, size: {**_activity(dice, size), "verb": said.verb(0)["id"]},
    "registration, verb and activity": lambda dice, size: {
        **_registration(dice, size),
        **_activity(dice, size),
        **_verb(dice, size),
    },
    "related_activities and verb": lambda dice, size: {**_campaign(dice, size), "verb": said.verb(0)["id"]},
    "agent and since": lambda dice, size: {**_agent(dice, size), "since": stored(size // 2)},
    "verb and until": lambda dice, size: {**_verb(dice, size), "until": stored(dice.randrange(500, size))},
    "verb, ascending": lambda dice, size: {**_verb(dice, size), "ascending": "true"},
    "format=ids": lambda dice, size: {**_verb(dice, size), "format": "ids"},
    "format=canonical": lambda dice, size: {**_verb(dice, size), "format": "canonical"},
}

TURNED: Final = frozenset({"no filter", "verb"})
"""Of these the second page is asked too."""


def figures(folder: Path, urls: tuple[str, str], kind: str, sizes: tuple[int, int], times: int) -> list[Figure]:
    """`urls`: two empty databases; both are asked in turns, so that a busy machine is busy for both."""
    for url, size in zip(urls, sizes, strict=True):
        SCHEMA.upgrade(url)
        engine = make_engine(url)
        fill(engine, range(size))
        engine.dispose()
        say(f"{kind}: {size} statements are in")
    small_folder, large_folder = (folder / str(size) for size in sizes)
    with servers.ours(small_folder, urls[0]) as (_, small), servers.ours(large_folder, urls[1]) as (_, large):
        took = _measure((small, large), sizes, times)
    found = []
    for name, (few, many) in took.items():
        found.append(figure(f"{name}, at {sizes[1]:,}, {kind}", many * 1000, "ms"))
        found.append(figure(f"{name}: at {sizes[1]:,} / at {sizes[0]:,}, {kind}", many / few, "x", AT_MOST))
    return found


def _measure(readers: tuple[Caller, Caller], sizes: tuple[int, int], times: int) -> dict[str, list[float]]:
    """Medians for each size, in seconds."""
    seconds: dict[str, tuple[list[float], list[float]]] = {}
    dice = random.Random(sizes[1])  # noqa: S311
    for turn in range(-2, times):
        if turn == 0:  # what is new to the processes and the databases is not counted
            seconds.clear()
        for name, asking in QUERIES.items():
            for place, (reader, size) in enumerate(zip(readers, sizes, strict=True)):
                asked = dict(asking(dice, size))
                if "statementId" not in asked:
                    asked["limit"] = PAGE
                took, answer = reader.get(asked)
                seconds.setdefault(name, ([], []))[place].append(took)
                if name in TURNED:
                    took, _ = reader.get(json.loads(answer)["more"])
                    seconds.setdefault(f"{name}, next page", ([], []))[place].append(took)
    return {name: [statistics.median(each) for each in several] for name, several in seconds.items()}
