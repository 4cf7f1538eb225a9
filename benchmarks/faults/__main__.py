"""`make prove-faults`: whatever dies, what is said about learners arrives once; exit code 1 when short."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import proof
from benchmarks.faults import delivery
from benchmarks.faults.world import Much, Tally, live
from benchmarks.proof import Figure, figure, say, table

DATABASES: Final = ("SQLite", "PostgreSQL")
WORLDS: Final = (("SQLite", False), ("PostgreSQL", True), ("PostgreSQL", False), ("SQLite", True))
AT_ONCE: Final = 2
LEAST_FAULTY: Final = ">= 0.15"


class Numbers(NamedTuple):
    """How much of everything."""

    statements: int
    """In one turn of the delivery."""
    turns: int
    worlds: Sequence[tuple[str, bool]]
    much: Much
    kills: str
    left_behind: str | None
    """Leases, by kills in the middle of a delivery or when the database went; with few, the kills prove little."""
    outages: str
    stops: str


FULL: Final = Numbers(
    statements=4_000,
    turns=10,
    worlds=WORLDS,
    much=Much(
        seconds=270,
        kills=55,
        writer_kills=8,
        outages=14,
        stops=6,
        tenants_each=4,
        pause_seconds=0.15,
        breaks=2,
        hangs=0.05,
        longest_outage=13,
        settle_seconds=300,
        lease_seconds=None,
    ),
    kills=">= 200",
    left_behind=">= 20",
    outages=">= 50",
    stops=">= 20",
)
QUICK: Final = Numbers(
    statements=2_000,
    turns=2,
    worlds=WORLDS[:2],
    much=Much(
        seconds=16,
        kills=8,
        writer_kills=1,
        outages=2,
        stops=2,
        tenants_each=1,
        pause_seconds=0.1,
        breaks=0,
        hangs=0,
        longest_outage=2,
        settle_seconds=90,
        lease_seconds=3,
    ),
    kills=">= 16",
    left_behind=None,
    outages=">= 4",
    stops=">= 4",
)


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("NO_PROXY", "no_proxy"):  # no proxy of this machine stands between the parts
        os.environ[name] = "127.0.0.1,localhost"
    with tempfile.TemporaryDirectory(prefix="faults-", dir=proof.FOLDER) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the PostgreSQL wheel wants a private one
        numbers = QUICK if quick else FULL
        say("delivery")
        figures = delivered(Path(folder), numbers)
        say(table(figures))
        say("bad days")
        return proof.finish("prove-faults", figures + faults(Path(folder), numbers))


def delivered(folder: Path, numbers: Numbers) -> list[Figure]:
    """How fast the outbox empties; first, while nothing else runs."""
    found: list[Figure] = []
    for kind in DATABASES:
        place = folder / f"delivery-{kind}"
        place.mkdir()
        found += delivery.figures(place, kind, numbers.statements, numbers.turns)
    return found


def faults(folder: Path, numbers: Numbers) -> list[Figure]:
    """Each world is told as soon as it is over."""
    found: list[Figure] = []
    tallies: list[Tally] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = []
        for number, (kind, built_in) in enumerate(numbers.worlds, 1):
            place = folder / f"world-{number}"
            place.mkdir()
            running.append(pool.submit(live, place, kind, built_in, numbers.much, number))
        for done in running:
            tally = done.result()
            tallies.append(tally)
            of_world = _of_world(tally)
            say(table(of_world))
            found += of_world
    return [*_together(tallies, numbers), *found]


def _together(tallies: Sequence[Tally], numbers: Numbers) -> list[Figure]:
    def total(name: str) -> int:
        return sum(getattr(tally, name) for tally in tallies)

    return [
        figure("workers killed", total("kills"), "", numbers.kills),
        figure("leases that nobody gave back", total("left_behind"), "", numbers.left_behind),
        figure("writers killed", total("writer_kills")),
        figure("LRSs killed or frozen", total("outages"), "", numbers.outages),
        figure("databases stopped", total("stops"), "", numbers.stops),
        figure("faulty answers to batches", total("faulty") / max(1, total("posts")), "", LEAST_FAULTY),
        figure("statements that must arrive", total("statements"), "", ">= 1"),
    ]


def _of_world(tally: Tally) -> list[Figure]:
    found = tally.judgement
    wrong = {
        "lost": found.lost,
        "stored twice": found.stored_twice,
        "alien": found.alien,
        "with another text": found.differing,
        "dead letters that are no poison, or poison that is none": found.wrongly_dead,
        "facts that were confirmed and are gone": found.confirmed_and_gone,
        "still waiting": tally.waiting,
        "programs that broke": tally.crashes,
    }
    return [
        figure(f"{tally.name}: statements", tally.statements),
        figure(f"{tally.name}: poison", tally.poison),
        figure(f"{tally.name}: batches", tally.posts),
        figure(f"{tally.name}: outbox empty after the last fault", tally.settled_in, "s"),
        *(figure(f"{tally.name}: {name}", value, "", "<= 0") for name, value in wrong.items()),
    ]


if __name__ == "__main__":
    sys.exit(main())
