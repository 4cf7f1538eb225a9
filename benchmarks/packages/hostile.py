"""Packages that somebody made to do harm: what each is made of, and what must be said about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.packages.hostile_folders import FOLDERS
from benchmarks.packages.hostile_media import MEDIA
from benchmarks.packages.hostile_zips import ZIPS
from lti_tool.content_library import STARTER_PACKAGE


@dataclass(frozen=True)
class Hostile:
    """One of them."""

    name: str
    make: Callable[[Path], Path]
    """Into an empty folder; returns the package."""
    said: str
    """Part of a problem, with the file and, where there is one, the line."""


def all_of_them() -> list[Hostile]:
    return [*_folders(), *_media(), *_zips()]


def _starter(place: Path) -> Path:
    folder = place / "pakket"
    shutil.copytree(STARTER_PACKAGE, folder)
    return folder


def _folders() -> Iterable[Hostile]:
    for name, (spoil, said) in FOLDERS.items():

        def make(place: Path, spoil: Callable[[Path], object] = spoil) -> Path:
            folder = _starter(place)
            spoil(folder)
            return folder

        yield Hostile(name, make, said)


def _media() -> Iterable[Hostile]:
    for name, (file, content, said) in MEDIA.items():

        def make(place: Path, file: str = file, content: Callable[[], bytes] = content) -> Path:
            folder = _starter(place)
            (folder / "media" / file).write_bytes(content())
            with (folder / "media" / "LICENSES.csv").open("a", encoding="utf-8") as listed:
                listed.write(f"{file},CC-BY-SA-4.0,Iemand,\n")
            return folder

        yield Hostile(name, make, f"media/{file}{said}")


def _zips() -> Iterable[Hostile]:
    for name, (content, said) in ZIPS.items():

        def make(place: Path, content: Callable[[], bytes] = content) -> Path:
            file = place / "pakket.digipakket"
            file.write_bytes(content())
            return file

        yield Hostile(name, make, said)
