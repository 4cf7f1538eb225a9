"""A package that is edited while somebody looks: what is seen is always what a fresh reading would find."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.content_library import ContentBroken, Problem, WatchedPackage, load_package
from lti_tool.content_library import watching as watching_module
from lti_tool.domain.content import Package
from tests.packages import FRAMEWORK, ITEM, MANIFEST, MODULE, OPENER, PAGE, write_package
from tests.unit.test_composing import base, extending


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "klein-pakket")


def read_anew(folder: Path) -> tuple[Package | None, tuple[Problem, ...]]:
    try:
        return load_package(folder), ()
    except ContentBroken as broken:
        return None, broken.problems


def edit(folder: Path, file: str, change: Callable[[str], str]) -> None:
    path = folder / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_clean_package_is_seen_as_it_is_loaded(folder: Path) -> None:
    look = WatchedPackage(folder).look()
    assert (look.package, look.problems, look.version) == (load_package(folder), (), 1)


def test_nothing_is_read_again_while_nothing_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = WatchedPackage(folder)
    first = watched.look()
    monkeypatch.setattr(watching_module, "read_composed", None)
    assert watched.look() is first


def test_only_what_changed_is_read_as_yaml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = WatchedPackage(folder)
    watched.look()
    read: list[str] = []
    parse = watching_module.parse

    def listening(files: Any) -> Any:
        read.extend(files.texts)
        return parse(files)

    monkeypatch.setattr(watching_module, "parse", listening)
    edit(folder, ITEM, lambda text: text.replace("Ik zet het geluid uit.", "Ik ga koffie halen."))
    package = watched.look().package
    assert package is not None
    assert "Ik ga koffie halen." in [option.text for option in package.item("VEI-INT-0001").options]
    assert {file for file in read if file.startswith(("items/", "modules/"))} == {ITEM}


def test_a_broken_package_tells_all_and_keeps_the_last_good_one(folder: Path) -> None:
    watched = WatchedPackage(folder)
    good = watched.look()
    before = {file: (folder / file).read_text(encoding="utf-8") for file in (ITEM, MODULE)}
    edit(folder, ITEM, lambda text: text + "colour: red\n")
    edit(folder, MODULE, lambda text: text.replace("minutes: 10", "minutes: 1"))
    broken = watched.look()
    assert broken.version == 2
    assert broken.package is good.package
    assert broken.problems == read_anew(folder)[1] != ()
    for file, text in before.items():
        _write(folder, file, text)
    assert watched.look().problems == ()


def test_a_package_that_never_was_good_has_problems_only(tmp_path: Path) -> None:
    look = WatchedPackage(tmp_path / "weg").look()
    assert look.package is None
    assert [str(problem) for problem in look.problems] == ["weg: there is no package folder here"]


def test_a_new_picture_in_an_old_place_is_a_change(folder: Path) -> None:
    (folder / "media").mkdir()
    watched = WatchedPackage(folder)
    before = watched.look()
    (folder / "media/a.svg").write_text("<svg/>")
    added = watched.look()
    assert added.version == before.version + 1
    assert [str(problem) for problem in added.problems] == read_as_words(folder)
    (folder / "media/a.svg").write_text("<svg />")
    assert watched.look().version == added.version + 1


def read_as_words(folder: Path) -> list[str]:
    return [str(problem) for problem in read_anew(folder)[1]]


def test_a_file_that_goes_while_its_folder_is_read_does_no_harm(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "walk", lambda folder: [(str(folder), [], ["weg.yaml"])])
    assert watching_module._stamps([folder]) == {}


def test_many_may_look_while_somebody_edits(folder: Path) -> None:
    watched = WatchedPackage(folder)
    seen: list[int] = []

    def look_on() -> None:
        seen.extend(watched.look().version for _ in range(20))

    lookers = [Thread(target=look_on) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for number in range(5):
        edit(folder, PAGE, lambda text, number=number: f"{text}\n\nRegel {number}.\n")
    for looker in lookers:
        looker.join()
    assert watched.look().problems == ()
    assert watched.look().package == load_package(folder)


EDITS: dict[str, Callable[[Path], None]] = {
    "an item says something else": lambda f: edit(f, ITEM, lambda text: text.replace("scherm", "beeldscherm")),
    "an item is no YAML": lambda f: edit(f, ITEM, lambda text: text + "}\n"),
    "an item has a key too many": lambda f: edit(f, ITEM, lambda text: text + "colour: red\n"),
    "an item is unkind": lambda f: edit(f, OPENER, lambda text: text.replace("Klopt.", "Helaas.")),
    "an item goes": lambda f: (f / ITEM).unlink(missing_ok=True),
    "the opener goes": lambda f: (f / OPENER).unlink(missing_ok=True),
    "a page names a real address": lambda f: edit(f, PAGE, lambda text: text + "\nKijk op postbode.nl.\n"),
    "a page goes": lambda f: (f / PAGE).unlink(missing_ok=True),
    "a page comes": lambda f: _write(f, "modules/scherm-op-slot/los.md", "Los."),
    "a module takes too long": lambda f: edit(f, MODULE, lambda text: text.replace("minutes: 1", "minutes: 29")),
    "a variable goes": lambda f: _drop(f, "meldpunt.incident"),
    "the manifest is no YAML": lambda f: edit(f, MANIFEST, lambda text: text + "}\n"),
    "the manifest goes": lambda f: (f / MANIFEST).unlink(missing_ok=True),
    "the framework goes": lambda f: (f / FRAMEWORK).unlink(missing_ok=True),
    "a file comes that does not belong": lambda f: _write(f, "run.py", "x"),
    "everything is made anew": lambda f: _anew(f),
}


def _write(folder: Path, file: str, text: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")


def _drop(folder: Path, variable: str) -> None:
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["variables"].pop(variable, None)
    (folder / MANIFEST).write_text(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _anew(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    write_package(folder)


@settings(max_examples=40)
@given(names=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=6))
def test_after_any_edits_it_is_seen_as_a_fresh_reading_finds_it(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = write_package(tmp_path_factory.mktemp("edited") / "klein-pakket")
    watched = WatchedPackage(folder)
    last_good = watched.look().package
    for name in names:
        try:
            EDITS[name](folder)
        except (FileNotFoundError, yaml.YAMLError, AttributeError):
            continue
        package, problems = read_anew(folder)
        last_good = package or last_good
        look = watched.look()
        assert look.problems == problems, name
        assert look.package == last_good, name


def test_a_change_in_a_package_that_is_extended_is_seen(tmp_path: Path) -> None:
    shared, own = base(tmp_path), extending(tmp_path)
    watched = WatchedPackage(own)
    watched.look()
    edit(shared, ITEM, lambda text: text.replace("stem: ", "stem: Nieuw. ", 1))
    look = watched.look()
    assert (look.package, look.version) == (load_package(own), 2)
    assert look.package is not None
    assert look.package.item("VEI-INT-0001").stem.startswith("Nieuw. ")
