"""`make prove-launches`: what is refused, what a replay comes to, what a launch costs; exit code 1 when short."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import create_engine, make_url, text

from benchmarks import proof
from benchmarks.launches import cost, refusals, replays, servers, throughput
from benchmarks.launches.house import TOOL_URL, Visitor, environment, open_house
from benchmarks.launches.portal import Portal
from benchmarks.launches.published_keys import SecureKeys, serving_keys
from benchmarks.proof import Figure, say, table
from lti_tool.demo.processes import free_port

DATABASES: Final = ("SQLite", "PostgreSQL")


class Numbers(NamedTuple):
    """How much of everything."""

    mutated: int
    sets: int
    replays: int
    launches: int
    at_a_time: int
    """Launches in one turn of the throughput."""
    turns: int


FULL: Final = Numbers(mutated=100_000, sets=5_000, replays=1_000, launches=500, at_a_time=100, turns=9)
QUICK: Final = Numbers(mutated=200, sets=60, replays=100, launches=25, at_a_time=15, turns=3)


class Houses:
    """Empty databases of either kind, in one folder on this machine's disk."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = make_url(server)
        self._made = 0

    def new(self, kind: str) -> tuple[Path, str]:
        """A folder, and the address of a database that nobody has used."""
        self._made += 1
        place = self._folder / f"house-{self._made}"
        place.mkdir()
        if kind == "SQLite":
            return place, f"sqlite:///{place / 'tool.sqlite3'}"
        name = f"house_{self._made}"
        engine = create_engine(self._server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"create database {name}"))
        engine.dispose()
        return place, self._server.set(database=name).render_as_string(hide_password=False)


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    with _everything() as (portal, keys, houses):
        return proof.finish("prove-launches", figures(portal, keys, houses, QUICK if quick else FULL))


def figures(portal: Portal, keys: SecureKeys, houses: Houses, much: Numbers) -> list[Figure]:
    """Each part is told as soon as it is there; the bad launches, which take longest, come last."""
    found: list[Figure] = []
    for title, part in (
        ("the cost of a launch", partial(_cost, portal, houses, much)),
        ("launches in a second", partial(_throughput, portal, keys, houses, much)),
        ("replays", partial(_replays, portal, houses, much)),
        ("bad launches", partial(_refusals, portal, houses, much)),
    ):
        say(title)
        made = part()
        say(table(made))
        found += made
    return found


def _cost(portal: Portal, houses: Houses, much: Numbers) -> list[Figure]:
    found = []
    for kind in DATABASES:
        place, url = houses.new(kind)
        app = open_house(place, portal, {**environment(url), "LOG_LEVEL": "warning"})
        found += cost.figures(app, Visitor(app, portal), kind, much.launches)
    return found


def _throughput(portal: Portal, keys: SecureKeys, houses: Houses, much: Numbers) -> list[Figure]:
    peer = os.environ.get("PEER_PYTHON", "")
    found = []
    for kind in DATABASES:
        found += throughput.figures(*_house(houses, kind), portal, keys, peer, much.at_a_time, much.turns)
    return found


def _replays(portal: Portal, houses: Houses, much: Numbers) -> list[Figure]:
    found = []
    for kind in DATABASES:
        found += replays.figures(*_house(houses, kind), portal, much.replays)
    return found


def _house(houses: Houses, kind: str) -> tuple[Path, str, str]:
    place, url = houses.new(kind)
    return place, kind, url


def _refusals(portal: Portal, houses: Houses, much: Numbers) -> list[Figure]:
    """Half of them on each database, in a process for each."""
    mutated, sets = refusals.Tally(), refusals.Tally()
    half = (much.mutated // 2, much.sets // 2)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(DATABASES), mp_context=spawn) as pool:
        running = []
        for seed, kind in enumerate(DATABASES, 1):
            place, url = houses.new(kind)
            running.append(pool.submit(refusals.attack, url, place, portal, *half, seed))
        for done in running:
            of_tokens, of_sets = done.result()
            mutated.add(of_tokens)
            sets.add(of_sets)
    for line in (mutated.remarkable + sets.remarkable)[:20]:
        say(line)
    return mutated.figures("mutated tokens", much.mutated) + sets.figures("generated claim sets", much.sets)


@contextmanager
def _everything() -> Iterator[tuple[Portal, SecureKeys, Houses]]:
    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("NO_PROXY", "no_proxy"):  # no proxy of this machine stands between the parts
        os.environ[name] = "127.0.0.1,localhost"
    with tempfile.TemporaryDirectory(prefix="launches-", dir=proof.FOLDER) as made:
        folder = Path(made)
        port = free_port()
        portal = Portal(f"http://127.0.0.1:{port}", TOOL_URL)
        with serving_keys(folder, port, portal) as keys, servers.postgresql(folder) as server:
            yield portal, keys, Houses(folder, server)


if __name__ == "__main__":
    sys.exit(main())
