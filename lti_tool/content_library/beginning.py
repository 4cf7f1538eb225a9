"""A package to begin with: an item of every type and a micro-training, under a name of one's own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from lti_tool.content_library.loading import load_package
from lti_tool.content_library.parsed import MANIFEST
from lti_tool.content_library.problems import ContentBroken, Problem

STARTER_PACKAGE = Path(__file__).parent / "starter"
"""What a new package begins as: an item of every type, and a micro-training."""

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")


def id_from(name: str) -> str:
    """What a folder's name comes to as the id of a package; may be empty."""
    return _NOT_IN_AN_ID.sub("-", name.lower()).strip("-")


def begin_package(folder: Path, package_id: str, title: str) -> None:
    """Make a package in a folder that is not there yet, or empty.

    Raises:
        ContentBroken: the id or the title breaks the format.
        OSError: the folder holds something, or cannot be made.
    """
    if not title.isprintable():
        raise ContentBroken([Problem(MANIFEST, 0, "title: is one line of text")])
    with TemporaryDirectory(prefix=".new-package-", dir=folder.parent) as made_in:
        made = Path(made_in) / "package"
        for source in sorted(STARTER_PACKAGE.rglob("*")):
            if source.is_file():
                target = made / source.relative_to(STARTER_PACKAGE)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        manifest = made / MANIFEST
        named = {"id": package_id, "title": title}
        lines = manifest.read_text(encoding="utf-8").splitlines()
        manifest.write_text("".join(f"{_named(line, named)}\n" for line in lines), encoding="utf-8")
        load_package(made)
        made.rename(folder)  # refuses a folder that holds something, also one that came meanwhile


def _named(line: str, named: dict[str, str]) -> str:
    key = line.partition(":")[0]
    return f"{key}: {json.dumps(named[key], ensure_ascii=False)}" if key in named else line
