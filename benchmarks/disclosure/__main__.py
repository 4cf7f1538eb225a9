"""`make prove-disclosure`: what published figures tell about a few people; exit code 1 when a figure is short."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import proof
from benchmarks.disclosure import naive
from benchmarks.disclosure.organisations import history
from benchmarks.proof import Figure, could_not_be_run, figure, say

WORKERS: Final = 2


class Numbers(NamedTuple):
    """How much of everything."""

    organisations: int
    snapshots: int
    tables_of: int
    whole: int


FULL: Final = Numbers(organisations=1_000, snapshots=20, tables_of=40, whole=20)
QUICK: Final = Numbers(organisations=16, snapshots=8, tables_of=2, whole=2)


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    return proof.finish("prove-disclosure", figures(QUICK if quick else FULL))


def figures(much: Numbers) -> list[Figure]:
    return [*_attacks(much), *_whole_tool(much), *_oracle(much)]


def _attacks(much: Numbers) -> list[Figure]:
    try:
        from benchmarks.disclosure.attack import attacked
        from benchmarks.disclosure.worlds import NARROW, Outcome
    except ImportError as err:
        return [could_not_be_run("the attack", err, "<= 0")]
    total, leaks, publications, shown, done = dict[str, Outcome](), naive.Leaks(), 0, 0, 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn) as pool:
        seeds, each = range(much.organisations), [much.snapshots] * much.organisations
        for outcomes, leaked, moments, seen in pool.map(attacked, seeds, each):
            for kind, outcome in outcomes.items():
                total.setdefault(kind, Outcome()).add(outcome)
            leaks.add(leaked)
            publications, shown, done = publications + moments, shown + seen, done + 1
            if done % 50 == 0:
                say(f"{done} organisations attacked")
    found = [
        figure("organisations attacked", done, "", f">= {much.organisations}"),
        figure("snapshots of each", much.snapshots),
        figure("publications that came through the gate", publications, "", "> 0"),
        figure("figures shown in them", shown, "", "> 0"),
    ]
    everything = Outcome()
    for kind, outcome in sorted(total.items()):
        everything.add(outcome)
        found += [
            figure(f"{kind}: under ten, so secret", outcome.secrets),
            figure(f"{kind}: 1 to 9 people recovered", outcome.recovered, "", "<= 0"),
            figure(f"{kind}: nobody, and that recovered", outcome.recovered_empty, "", "<= 0"),
            figure(f"{kind}: known to within {NARROW - 1}", _share(outcome.narrow, outcome.secrets), "%"),
        ]
    return [
        *found,
        figure("all secrets", everything.secrets, "", "> 0"),
        figure("all secrets: recovered", everything.recovered + everything.recovered_empty, "", "<= 0"),
        figure("all secrets: not decided in time", everything.undecided, "", "<= 0"),
        figure("naive rule: numbers of 1 to 9 people recovered", leaks.cells, "", "> 0"),
        figure("naive rule: organisations that leak", _share(leaks.leaking, leaks.organisations), "%", "> 0"),
        figure(
            "naive rule: organisations with a shown team that leak by total less teams",
            _share(leaks.by_totals, leaks.with_hidden_teams),
            "%",
            "> 0",
        ),
        figure(
            "naive rule: refreshes that differ by 1 to 9", _share(leaks.by_refreshing, leaks.refreshes), "%", "> 0"
        ),
        figure("naive rule: hidden levels found by subtraction", leaks.by_levels, "", "> 0"),
    ]


def _whole_tool(much: Numbers) -> list[Figure]:
    say("the same organisations in the whole tool")
    from benchmarks.disclosure.whole_tool import differences

    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    apart: Counter[str] = Counter()
    for seed in range(much.whole):
        with tempfile.TemporaryDirectory(prefix="disclosure-", dir=proof.FOLDER) as folder:
            apart.update(differences(seed, much.snapshots, Path(folder)))
    lines = apart.pop("lines attacked")
    return [
        figure("whole tool: organisations", much.whole, "", "> 0"),
        figure("whole tool: lines that were attacked", lines, "", "> 0"),
        *(figure(f"whole tool: {place} says something else", count, "", "<= 0") for place, count in apart.items()),
    ]


def _oracle(much: Numbers) -> list[Figure]:
    say("acro as an independent judge")
    try:
        from benchmarks.disclosure import oracle

        with oracle.own_folder():
            acro = oracle.Acro()
            judged = [oracle.disagreements(history(seed, much.snapshots), acro) for seed in range(much.tables_of)]
    except Exception as err:  # noqa: BLE001 - whatever a peer does, the table says so
        return [could_not_be_run("acro as an independent judge", err, "<= 0")]
    return [
        figure("acro: cells that it suppresses", sum(hidden for hidden, _ in judged), "", "> 0"),
        figure("acro: of those shown by us", sum(ours for _, ours in judged), "", "<= 0"),
    ]


def _share(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


if __name__ == "__main__":
    sys.exit(main())
