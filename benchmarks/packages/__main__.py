"""`make prove-packages`: hostile packages refused at little cost, large ones read fast, one file and back."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks import proof
from benchmarks.packages import large
from benchmarks.packages.hostile import Hostile, all_of_them
from benchmarks.packages.preview import preview_seconds
from benchmarks.proof import Figure, could_not_be_run, figure, say
from lti_tool.content_library import STARTER_PACKAGE, ContentBroken, load_package
from lti_tool.content_library.archive import pack, unpack

MOST_SECONDS: Final = 2
MOST_MIB: Final = 100
MOST_TIMES: Final = 3
MOST_PREVIEW_SECONDS: Final = 1
ITEMS: Final = 2000
QUICK_ITEMS: Final = 500
TRIES: Final = 3
"""Of a package that took too long: another program may have been busy."""


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    proof.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="packages-", dir=proof.FOLDER) as place:
        folder = large.make(Path(place) / "groot", QUICK_ITEMS if quick else ITEMS)
        found = [
            *hostile_ones(Path(place), all_of_them()[:: 4 if quick else 1]),
            *reading(folder, 3 if quick else 11),
            *there_and_back(Path(place), [large.BASIS, STARTER_PACKAGE, *([] if quick else [folder])]),
            *previewing(folder),
        ]
    return proof.finish("prove-packages", found)


def hostile_ones(place: Path, packages: list[Hostile]) -> list[Figure]:
    """Each in a process of its own; in words, soon, with little memory, and nothing is left behind."""
    say(f"{len(packages)} hostile packages")
    refused, left, slowest, cpu, peak = 0, 0, 0.0, 0.0, 0.0
    for number, hostile in enumerate(packages):
        here = place / f"hostile-{number}"
        here.mkdir()
        package = hostile.make(here)
        before = sorted(here.iterdir())
        told = _alone(package)
        for _ in range(TRIES - 1):
            if told["seconds"] > MOST_SECONDS:
                told = min(told, _alone(package), key=lambda one: one["seconds"])
        if hostile.said and hostile.said in told["said"]:
            refused += 1
        else:
            say(f"{hostile.name}: {told['said'][:500] or 'not refused'}")
        if told["seconds"] > MOST_SECONDS or told["peak"] > MOST_MIB:
            say(f"{hostile.name}: {told['seconds']:.2f} s, {told['peak']:.0f} MiB")
        left += sorted(here.iterdir()) != before
        slowest, cpu = max(slowest, told["seconds"]), max(cpu, told["cpu"])
        peak = max(peak, told["peak"])
    return [
        figure("hostile packages", len(packages), "", ">= 36"),
        figure("not refused, or for something else", len(packages) - refused, "", "<= 0"),
        figure("left something behind", left, "", "<= 0"),
        figure("the slowest", slowest, "s", f"<= {MOST_SECONDS}"),
        figure("the slowest, of the processor", cpu, "s"),
        figure("most memory", peak, "MiB", f"<= {MOST_MIB}"),
        figure("the reader alone, before it reads", _bare("lti_tool.content_library.archive"), "MiB"),
        figure("the whole command alone", _bare("lti_tool.cli"), "MiB"),
    ]


def _alone(package: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.packages.refuse", str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _bare(module: str) -> float:
    """MiB of a process that has imported it."""
    said = f"import {module}; from benchmarks.packages.refuse import peak_mib; print(peak_mib())"
    return float(subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout)


def reading(folder: Path, turns: int) -> list[Figure]:
    """The whole of checking and loading, in turns with parsing the same YAML by the C loader; medians."""
    say("reading a large package")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]
    ours, theirs = [], []
    try:
        for _ in range(turns):
            theirs.append(_seconds(lambda: [yaml.load(text, yaml.CSafeLoader) for text in texts]))
            ours.append(_seconds(lambda: load_package(folder)))
    except ContentBroken as broken:
        return [could_not_be_run("checking and loading", str(broken)[:500], f"<= {MOST_TIMES}")]
    return [
        figure("YAML files", len(texts)),
        figure("parsing them by the C loader", statistics.median(theirs), "s"),
        figure("checking and loading", statistics.median(ours), "s"),
        figure(
            "checking and loading beside parsing",
            statistics.median(ours) / statistics.median(theirs),
            "times",
            f"<= {MOST_TIMES}",
        ),
    ]


def previewing(folder: Path) -> list[Figure]:
    """From saving an item to seeing it in the browser's page."""
    say("previewing a changed item of it")
    return [figure("a changed item shows after", preview_seconds(folder), "s", f"<= {MOST_PREVIEW_SECONDS}")]


def _seconds(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def there_and_back(place: Path, folders: list[Path]) -> Iterator[Figure]:
    """Into one file twice, byte for byte the same, and unpacked with the same fingerprint."""
    say("one file and back")
    same = same_files = 0
    start = time.perf_counter()
    for number, folder in enumerate(folders):
        out = place / f"out-{number}"
        out.mkdir()
        packed = pack(folder, out / "one.digipakket")
        again = pack(folder, out / "two.digipakket")
        same_files += packed.sha256 == again.sha256
        unpacked = unpack(packed.file, out)
        same += packed.fingerprint == unpacked.fingerprint == load_package(folder).sha256
    yield figure("packages packed twice and unpacked", len(folders))
    yield figure("in all", time.perf_counter() - start, "s")
    yield figure("another file the second time", len(folders) - same_files, "", "<= 0")
    yield figure("another fingerprint", len(folders) - same, "", "<= 0")


if __name__ == "__main__":
    sys.exit(main())
