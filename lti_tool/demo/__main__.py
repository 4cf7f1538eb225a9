"""The command `python -m lti_tool.demo [--people N] [--check]`, behind `make demo`."""

from __future__ import annotations

import argparse
import sys

from lti_tool.demo.check import check
from lti_tool.demo.run import run

EVERYBODY = 24


def main(given: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 1 when something did not work."""
    options = argparse.ArgumentParser(prog="python -m lti_tool.demo", description=__doc__)
    options.add_argument(
        "--people",
        type=int,
        default=EVERYBODY,
        choices=range(EVERYBODY + 1),
        metavar=f"0..{EVERYBODY}",
        help="how many fictitious colleagues take part beforehand",
    )
    options.add_argument("--check", action="store_true", help="walk everything, assert, stop; exit 0 or 1")
    chosen = options.parse_args(given)
    return check() if chosen.check else run(chosen.people)


if __name__ == "__main__":
    sys.exit(main())
