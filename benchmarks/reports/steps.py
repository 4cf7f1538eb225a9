"""The steps that a process of its own takes, so that its memory is its own."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reports import statements as made
from xapi.warehouse.landing import opened
from xapi.warehouse.marts import build


def peak_mib() -> float:
    """The most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def flatten(folder: Path, sittings: int) -> float:
    """The same sittings again and again: memory does not depend on how many there are."""
    several = [made.of_a_sitting(number) for number in range(sittings)]
    times = 20
    with opened(folder, "https://lrs.example") as landing:
        landing.begin_anew()
        start = time.perf_counter()
        for _ in range(times):
            for statements in several:
                landing.add(statements)
                if landing.is_full:
                    landing.keep(None)
        landing.keep(None)
        seconds = time.perf_counter() - start
    return times * sum(map(len, several)) / seconds


def make_tables(folder: Path, files: Sequence[Path]) -> float:
    """Seconds."""
    start = time.perf_counter()
    build(folder, files)
    return time.perf_counter() - start
