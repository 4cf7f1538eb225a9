"""The author's door: `python -m lti_tool.content_library FOLDER` prints every problem of a package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lti_tool.content_library.archive import opened
from lti_tool.content_library.loading import load_package
from lti_tool.content_library.problems import ContentBroken
from lti_tool.content_library.schemas import write_schemas


def main(arguments: Sequence[str]) -> int:
    """0 when the package is clean, 1 when it has problems."""
    parser = argparse.ArgumentParser(prog="python -m lti_tool.content_library", description=__doc__)
    parser.add_argument("folder", type=Path, help="a package (its folder, or one file)")
    parser.add_argument(
        "--write-schemas",
        action="store_true",
        help="instead, write the JSON Schemas of the format into FOLDER",
    )
    given = parser.parse_args(arguments)
    if given.write_schemas:
        write_schemas(given.folder)
        return 0
    try:
        with opened(given.folder) as folder:
            package = load_package(folder)
    except ContentBroken as broken:
        sys.stdout.write(f"{broken}\n\n{broken.count:,} problems\n")
        return 1
    sys.stdout.write(
        f"{package.bank_version}: {len(package.assessment_items())} items to ask, "
        f"{len(package.items)} items and {len(package.modules)} modules in all\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
