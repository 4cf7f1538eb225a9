"""What every proof ends in: a table of figures with targets, kept as JSON; exit code 1 when one is short."""

from __future__ import annotations

import json
import math
import operator
import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "build" / "proof"

say = partial(print, file=sys.stderr, flush=True)  # progress, apart from the table

_ORDERS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; without a target it informs only. A value that could not be had is None, never ok."""

    name: str
    value: float | None
    unit: str
    target: str | None
    ok: bool


def figure(name: str, value: float, unit: str = "", target: str | None = None) -> Figure:
    """A measured number, held to a target such as "<= 3", ">= 15" or ".94..0.96"."""
    value = float(value)
    if not math.isfinite(value):
        return Figure(f"{name} (not a number)", None, unit, target, ok=False)
    return Figure(name, value, unit, target, ok=target is None or meets(value, target))


def could_not_be_run(name: str, reason: object, target: str | None = None) -> Figure:
    """What should have been measured but was not: short, with the reason; nothing is skipped in silence."""
    said = " ".join(str(reason).split()) or type(reason).__name__
    return Figure(f"{name} could not be run: {said}", None, "", target, ok=False)


def meets(value: float, target: str) -> bool:
    """Whether the value is inside the target; both borders of a range count. Raises ValueError on another text."""
    low, dots, high = target.partition("..")
    if dots and _number(low) <= _number(high):
        return _number(low) <= value <= _number(high)
    order = next((sign for sign in _ORDERS if target.startswith(sign)), None)
    if order is None:
        raise ValueError(f"not a target: {target!r}")
    return bool(_ORDERS[order](value, _number(target[len(order) :])))


def _number(text: str) -> float:
    # "0..02" means 0 to .02 to whoever wrote it and 0 to 2 to Python: a bar that nothing would ever miss.
    if re.match(r"\s*-?0\d", text):
        raise ValueError(f"not a target: {text!r}")
    return float(text)


def finish(target: str, figures: Iterable[Figure]) -> int:
    """Print the table and write `build/proof/<target>.json`; the exit code: 1 when a figure is short, or none."""
    rows = list(figures)
    print(table(rows))
    FOLDER.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": [asdict(row) for row in rows],
    }
    (FOLDER / f"{target}.json").write_text(
        json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    short = [row for row in rows if not row.ok]
    print(f"{target}: {len(rows)} figures, {len(short)} short")
    return 1 if short or not rows else 0


def machine() -> dict[str, str | int | None]:
    """What the figures depend on; no host name and no path."""
    known = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", known.read_text() if known.exists() else "", re.MULTILINE)
    cpu = found[1] if found else platform.processor() or platform.machine()
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__}


def table(rows: Iterable[Figure]) -> str:
    """The figures below each other, with their targets."""
    rows = list(rows)
    cells = [("figure", "value", "unit", "target", "ok")]
    cells += [(r.name, _shown(r.value), r.unit, r.target or "", "ok" if r.ok else "SHORT") for r in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {target:<{widths[3]}}  {ok}"
        for name, value, unit, target, ok in cells
    )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
