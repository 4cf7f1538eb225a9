"""Statements a second over the first fifteen thousand, beside Ralph 5.1 with its `fs` backend.

Each from empty, by one client in batches of fifty, the same bodies, one process each, in turns.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.lrs import said, servers
from benchmarks.lrs.filling import bare_insert
from benchmarks.proof import Figure, could_not_be_run, figure
from xapi.engine import make_engine
from xapi.lrs_server import SCHEMA

AT_LEAST: Final = ">= 2.5"
FIRST: Final = 15_000
"""Fewer say little: Ralph reads all that it has at every write."""
BATCH: Final = 50
IN_A_TURN: Final = 10
"""Batches."""

Write = Callable[[range], float]
"""Writes the statements with these numbers; the seconds that it took."""


def figures(folder: Path, urls: tuple[str, str], kind: str, peer_python: str, statements: int) -> list[Figure]:
    """`urls`: two empty databases of this kind, for the LRS and for the database alone."""
    name = f"first {statements:,} statements: ours / Ralph 5.1 fs, {kind}"
    if not Path(peer_python).exists():
        return [could_not_be_run(name, f"no {peer_python}", AT_LEAST)]
    with (
        servers.ours(folder / "ours", urls[0]) as (ours, _),
        servers.ralph(folder / "ralph", peer_python) as ralph,
    ):
        us, them, alone = _in_turns((ours.post, ralph.post), _alone(urls[1]), statements)
    return [
        figure(f"statements a second, ours, {kind}", statements / us, "/s"),
        figure("statements a second, Ralph 5.1 fs", statements / them, "/s"),
        figure(f"statements a second, {kind} alone with the same rows", statements / alone, "/s"),
        figure(name, them / us, "x", AT_LEAST if statements >= FIRST else None),
    ]


def _in_turns(posts: tuple[Callable[[list[bytes]], float], ...], alone: Write, statements: int) -> list[float]:
    took = [0.0] * (len(posts) + 1)
    for begin in range(0, statements, IN_A_TURN * BATCH):
        turn = range(begin, min(begin + IN_A_TURN * BATCH, statements))
        bodies = [
            json.dumps([said.statement(number) for number in turn[first : first + BATCH]]).encode()
            for first in range(0, len(turn), BATCH)
        ]
        for place, post in enumerate(posts):
            took[place] += post(bodies)
        took[-1] += alone(turn)
    return took


def _alone(url: str) -> Write:
    SCHEMA.upgrade(url)
    engine = make_engine(url)

    def write(turn: range) -> float:
        return bare_insert(engine, turn, BATCH)

    return write
