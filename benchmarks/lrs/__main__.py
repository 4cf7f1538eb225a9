"""`make bench-lrs`: the built-in LRS beside Ralph, and each filter in a full LRS; exit code 1 when short."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import proof
from benchmarks.launches.__main__ import Houses
from benchmarks.launches.servers import postgresql
from benchmarks.lrs import reading, writing
from benchmarks.proof import Figure, say, table

DATABASES: Final = ("SQLite", "PostgreSQL")


class Numbers(NamedTuple):
    """How much of everything."""

    written: int
    sizes: tuple[int, int]
    times: int
    """How often each query is asked."""


FULL: Final = Numbers(written=15_000, sizes=(10_000, 1_000_000), times=100)
QUICK: Final = Numbers(written=3_000, sizes=(2_000, 20_000), times=20)


def main() -> int:
    much = QUICK if os.environ.get("QUICK", "") not in ("", "0") else FULL
    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lrs-", dir=proof.FOLDER) as made:
        folder = Path(made)
        with postgresql(folder) as server:
            return proof.finish("bench-lrs", figures(Houses(folder, server), much))


def figures(houses: Houses, much: Numbers) -> list[Figure]:
    """Each part is told as soon as it is there."""
    peer = os.environ.get("PEER_PYTHON", "")
    found: list[Figure] = []
    for kind in DATABASES:
        place, urls = _two(houses, kind)
        found += writing.figures(place, urls, kind, peer, much.written)
        say(table(found[-4:]))
    for kind in DATABASES:
        place, urls = _two(houses, kind)
        made = reading.figures(place, urls, kind, much.sizes, much.times)
        say(table(made))
        found += made
    return found


def _two(houses: Houses, kind: str) -> tuple[Path, tuple[str, str]]:
    place, one = houses.new(kind)
    return place, (one, houses.new(kind)[1])


if __name__ == "__main__":
    sys.exit(main())
