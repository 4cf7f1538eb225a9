"""Nobody vouches for a package: each of these is refused in words, and nothing of it is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.packages.hostile import Hostile, all_of_them
from lti_tool.content_library import ContentBroken, load_package
from lti_tool.content_library.archive import opened, pack, unpack
from lti_tool.content_library.problems import MOST_PROBLEMS

HOSTILE = all_of_them()


def take(package: Path, out: Path) -> None:
    """What somebody does with it who was sent it."""
    if package.is_dir():
        pack(package, out / "weg.digipakket")
    else:
        unpack(package, out)


def test_there_are_many_of_them() -> None:
    assert len(HOSTILE) >= 36
    assert len({one.name for one in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.name)
def test_a_hostile_package_is_refused_in_words_and_leaves_nothing(hostile: Hostile, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    package = hostile.make(tmp_path / "in")
    with pytest.raises(ContentBroken) as broken:
        take(package, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    said = str(broken.value)
    assert hostile.said in said
    assert len(said.splitlines()) <= MOST_PROBLEMS + 1
    assert all(line.isprintable() and len(line) < 700 for line in said.splitlines())


@pytest.mark.parametrize("hostile", HOSTILE[::9], ids=lambda one: one.name)
def test_looking_at_one_leaves_nothing_either(hostile: Hostile, tmp_path: Path) -> None:
    package = hostile.make(tmp_path)
    before = sorted(path.name for path in package.parent.iterdir())
    with pytest.raises(ContentBroken), opened(package) as folder:
        load_package(folder)
    assert sorted(path.name for path in package.parent.iterdir()) == before
