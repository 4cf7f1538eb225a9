"""What the check found: facts that hold or not, and figures with a target; printed and kept as a file."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import ceil
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A measured value. `ok` is None when there is no target."""

    name: str
    value: float
    unit: str
    target: str = ""
    ok: bool | None = None


@dataclass
class Findings:
    """Everything found so far."""

    missing: list[str] = field(default_factory=list)
    """The facts that did not hold."""
    figures: list[Figure] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def fact(self, text: str, holds: bool, seen: object = "") -> None:
        """Note whether something holds; `seen` says what was there instead."""
        mark = "ok  " if holds else "NOT "
        tail = f" (saw: {seen})" if not holds and seen != "" else ""
        self.lines.append(f"{mark} {text}{tail}")
        if not holds:
            self.missing.append(text)

    def figure(self, name: str, value: float, unit: str, at_most: float | None = None) -> None:
        """Note a figure; over its target is told, but does not fail the check (machines differ)."""
        target = f"<= {at_most:g}" if at_most is not None else ""
        ok = value <= at_most if at_most is not None else None
        self.figures.append(Figure(name, round(value, 2), unit, target, ok))

    def table(self) -> str:
        """The figures as aligned lines."""
        width = max((len(f.name) for f in self.figures), default=0)
        words = {None: "", True: "within", False: "OVER"}
        return "\n".join(
            f"{f.name:<{width}}  {f.value:>9g} {f.unit:<10} {f.target:<8} {words[f.ok]}".rstrip()
            for f in self.figures
        )

    def write(self, path: Path) -> None:
        """Keep machine, moment, figures and what did not hold as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "figures": [{**asdict(f), "ok": f.ok is not False} for f in self.figures],
            "missing": self.missing,
        }
        path.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0..1) of the values does not exceed (nearest rank).

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(ceil(share * len(values)), 1) - 1]
