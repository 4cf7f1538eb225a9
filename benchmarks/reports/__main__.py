"""`make bench-reports`: statements to tables within 4 GiB, and reports beside the bare aggregates they need."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from benchmarks import proof
from benchmarks.proof import Figure, figure, say
from benchmarks.reports import statements as made
from benchmarks.reports.steps import flatten, make_tables, peak_mib
from xapi.warehouse.metrics import Metrics, Pair

MOST_MIB: Final = 4096
REPEATS: Final = 7
_ASKED: Final = f"""
    select registration, min(attempt) filter (phase = 'pretest') as before,
        min(attempt) filter (phase = 'posttest') as after
    from read_parquet('{{marts}}/attempt.parquet') where campaign = '{made.CAMPAIGN}' group by registration
"""


def main() -> int:
    """Measure all of it; the exit code."""
    quick = bool(os.environ.get("QUICK"))
    total = 6_000_000 if quick else 10_000_000
    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reports-", dir=proof.FOLDER) as place:
        folder = Path(place)
        say(f"{total:,} statements as flat rows")
        files = made.land(folder, total)
        figures = [*_flattening(folder, 50 if quick else 400), *_building(folder, files), *_reports(folder)]
    return proof.finish("bench-reports", figures)


def _apart(act: Callable[[], float]) -> tuple[float, float]:
    """What a process of its own says, and the most memory that it had, in MiB."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        said = pool.submit(act).result()
        return said, pool.submit(peak_mib).result()


def _flattening(folder: Path, sittings: int) -> list[Figure]:
    say("statements to flat rows")
    rate, peak = _apart(partial(flatten, folder / "copy", sittings))
    return [
        figure("flattening", rate, "statements/s"),
        figure("flattening, most memory", peak, "MiB", f"<= {MOST_MIB}"),
    ]


def _building(folder: Path, files: Sequence[Path]) -> list[Figure]:
    say("flat rows to tables")
    seconds, peak = _apart(partial(make_tables, folder, files))
    return [
        figure("tables from flat rows", seconds, "s"),
        figure("tables from flat rows, most memory", peak, "MiB", f"<= {MOST_MIB}"),
    ]


def _reports(folder: Path) -> list[Figure]:
    """One campaign of 5,000 people among all: each metric as the report asks it, and the bare SQL of the same."""
    say("reports")
    marts = folder / "marts"
    with duckdb.connect() as bare:
        bare.execute("set memory_limit = '2GB'")
        bare.execute(f"create table asked as {_ASKED.format(marts=marts)}")
        people = bare.execute("select registration, before, after from asked").fetchall()
        attempts = [attempt for _, before, after in people for attempt in (before, after)]
        pairs = [Pair(d, d, before, after) for _, before, after in people for d in made.DOMAINS]
        score = f"read_parquet('{marts}/domain_score.parquet')"
        metrics = Metrics(folder)
        whole: list[tuple[str, Callable[[], object], str]] = [
            (
                "who takes part",
                lambda: metrics.taking_part([row[0] for row in people]),
                f"select count(distinct registration) from read_parquet('{marts}/participation.parquet') "
                "semi join asked using (registration)",
            ),
            (
                "mean changes",
                lambda: metrics.mean_changes(pairs),
                # Materialized, because DuckDB would join everybody's scores by domain first, which takes for ever.
                f"with f as materialized (select asked.registration, domain, wle from asked join {score} s "
                "on s.attempt = before), "
                f"l as materialized (select asked.registration, domain, wle from asked join {score} s "
                "on s.attempt = after) "
                "select domain, count(*), avg(l.wle - f.wle), stddev_samp(l.wle - f.wle) "
                "from f join l using (registration, domain) group by 1",
            ),
            (
                "estimates",
                lambda: metrics.scores(attempts),
                f"select domain, count(*), avg(wle) from {score} "
                "where attempt in (select before from asked union all select after from asked) group by 1",
            ),
        ]
        figures = []
        sums = [0.0, 0.0]
        for name, ask, sql in whole:
            ours, theirs = _seconds(ask), _seconds(lambda sql=sql: bare.execute(sql).fetchall())  # type: ignore[misc]
            sums = [sums[0] + ours, sums[1] + theirs]
            figures += [figure(f"{name}", ours * 1000, "ms"), figure(f"{name}, bare", theirs * 1000, "ms")]
        metrics.close()
    return [*figures, figure("reports beside the bare aggregates", sums[0] / sums[1], "times", "<= 3")]


def _seconds(act: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        act()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
