"""`make prove-access`: the pages with content, for everybody's eyes and hands; exit code 1 when short."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from benchmarks import proof
from benchmarks.access.looking import THEMES, Seen, content_looks, look_at
from benchmarks.access.looking import Job as LookJob
from benchmarks.access.walking import ITEMS, WAYS, kind_of, walk
from benchmarks.access.walking import Job as WalkJob
from benchmarks.proof import Figure, could_not_be_run, figure, say
from tests.web_examples import QUESTIONS

WORKERS: Final = 2


class Jobs(NamedTuple):
    """What is looked at, and what is walked."""

    looks: Sequence[LookJob]
    walks: Sequence[WalkJob]


def full() -> Jobs:
    return Jobs(
        looks=[(name, theme) for name in content_looks() for theme in THEMES],
        walks=[(item.id, way, script) for item in ITEMS for way in WAYS for script in (True, False)],
    )


def quick() -> Jobs:
    """Each type of question once, in turns in one theme or the other; each walked once."""
    names = [f"question-{number}-{item.type}" for number, item in enumerate(QUESTIONS, 1)]
    ways = list(WAYS)
    return Jobs(
        looks=[(name, THEMES[place % 2]) for place, name in enumerate([*names, "training-mailbox-opened"])],
        walks=[(item.id, ways[place % 2], place % 4 < 2) for place, item in enumerate(ITEMS)],
    )


def main() -> int:
    jobs = quick() if os.environ.get("QUICK", "") not in ("", "0") else full()
    try:
        figures = _figures(jobs)
    except RuntimeError as err:
        figures = [could_not_be_run("looking and walking", err, "<= 0")]
    return proof.finish("prove-access", figures)


def _figures(jobs: Jobs) -> list[Figure]:
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        say(f"{len(jobs.looks)} states to look at, {len(jobs.walks)} walks with the keyboard")
        looked = pool.map(look_at, [jobs.looks[worker::WORKERS] for worker in range(WORKERS)])
        walked = list(pool.map(walk, [jobs.walks[worker::WORKERS] for worker in range(WORKERS)]))
        seen = Seen()
        for part in looked:
            seen.add(part)
    done = [job for part in walked for job in part.done]
    for what in (*seen.wrong(), *(what for part in walked for what in part.stuck)):
        say(what)
    kinds = {kind_of(item.id) for item in ITEMS}
    return [
        figure("pages and states, in each theme", seen.states - len(seen.not_shown), "", f">= {len(jobs.looks)}"),
        figure("screens looked at", seen.screens, "", "> 0"),
        figure("axe violations at 1280 and 360 pixels", len(seen.axe), "", "<= 0"),
        figure("axe violations in forced colours", len(seen.forced_colours), "", "<= 0"),
        figure("sideways at 1280, 360 and 320 pixels, and at 200 % text", len(seen.sideways), "", "<= 0"),
        figure("targets under 24 pixels", len(seen.small), "", "<= 0"),
        figure("texts cut off at 200 % text", len(seen.cut_off), "", "<= 0"),
        figure("complaints of the browser (CSP, missing files)", len(seen.complaints), "", "<= 0"),
        figure("types and simulations", len(kinds), "", "> 0"),
        figure(
            "walked with the keyboard", len({kind_of(item_id) for item_id, _, _ in done}), "", f">= {len(kinds)}"
        ),
        *(
            figure(f"walks: {way}, {'with' if script else 'without'} scripts", count, "", f">= {wanted}")
            for way in WAYS
            for script in (True, False)
            for count, wanted in [(_count(done, way, script), _count(jobs.walks, way, script))]
        ),
    ]


def _count(jobs: Sequence[WalkJob], way: str, script: bool) -> int:
    return sum(job[1:] == (way, script) for job in jobs)


if __name__ == "__main__":
    sys.exit(main())
