"""`make bench`: speed and, when it is there, quality; exit code 1 when a figure is short."""

from __future__ import annotations

import importlib.util
import os
import sys

from benchmarks import proof, speed


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    figures = speed.figures(quick)
    if importlib.util.find_spec("benchmarks.quality"):
        figures += importlib.import_module("benchmarks.quality").figures(quick)
    return proof.finish("bench", figures)


if __name__ == "__main__":
    sys.exit(main())
