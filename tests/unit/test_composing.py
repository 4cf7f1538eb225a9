"""A municipality's package stands on a shared one: its questions, its own beside them, its own words in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import ContentBroken, Files, load_package, package_of, packed, unpacked
from lti_tool.content_library.archive import pack, unpack
from lti_tool.content_library.composing import extended_folders, fits
from lti_tool.content_library.inspecting import inspect_package
from tests.packages import (
    ITEM,
    MANIFEST,
    MODULE,
    OPENER,
    Tree,
    problems,
    single_choice,
    small_package,
    write_package,
)

OWN_ITEM = "items/veiligheid/VEI-INT-0900.yaml"
RANGE = ">=1.0,<2"
TODAY = date(2026, 11, 26)


def base(folder: Path, **manifest: Any) -> Path:
    return write_package(folder / "klein-pakket", lambda tree: tree[MANIFEST].update(manifest))


def extending(folder: Path, change: Any = lambda tree: None, **manifest: Any) -> Path:
    """A package of one question of its own beside `klein-pakket`."""

    def own(tree: Tree) -> None:
        for file in list(tree):
            if file != MANIFEST:
                del tree[file]
        tree[MANIFEST] |= {"id": "eigen-pakket", "version": "0.1.0"}
        tree[MANIFEST]["extends"] = [{"package": "klein-pakket", "version": RANGE}]
        tree[MANIFEST] |= manifest
        tree[OWN_ITEM] = single_choice("VEI-INT-0900", stem="Wie bel je bij ons bij een datalek?")
        change(tree)

    return write_package(folder / "eigen-pakket", own)


def test_an_extending_package_has_what_the_other_has_and_its_own(tmp_path: Path) -> None:
    shared = load_package(base(tmp_path))
    both = load_package(extending(tmp_path))
    assert set(both.items) == {*shared.items, "VEI-INT-0900"}
    assert both.modules == shared.modules
    assert both.framework == shared.framework
    assert both.bank_version.startswith("eigen-pakket@0.1.0+")
    assert both.sha256 != shared.sha256


def test_what_changes_in_the_other_makes_another_release_of_this_one(tmp_path: Path) -> None:
    base(tmp_path)
    before = load_package(extending(tmp_path)).sha256
    item = tmp_path / "klein-pakket" / ITEM
    item.write_text(item.read_text("utf-8").replace("Ik zet het geluid uit.", "Ik zet het geluid zacht."), "utf-8")
    assert load_package(tmp_path / "eigen-pakket").sha256 != before


def test_a_municipality_puts_its_own_words_in_texts_and_only_there(tmp_path: Path) -> None:
    shared = load_package(base(tmp_path))
    words = [
        {
            "item": "VEI-INT-0001",
            "texts": {"feedback.tip_at_work": "Bel 1400.", "options.b.text": "Ik doe niets."},
        },
        {"item": "VEI-INT-0001", "texts": {"context": "Je werkt in het stadhuis."}},
        {"module": "M-VEI-001", "texts": {"title": "Ons scherm op slot"}},
        {"domain": "veiligheid", "texts": {"label.nl": "Veilig bij ons"}},
    ]
    both = load_package(extending(tmp_path, overrides=words))
    item, was = both.item("VEI-INT-0001"), shared.item("VEI-INT-0001")
    assert (item.feedback.tip_at_work, item.options[1].text) == ("Bel 1400.", "Ik doe niets.")
    assert item.context == "Je werkt in het stadhuis."
    assert (item.key, item.options[0]) == (was.key, was.options[0])
    assert both.module("M-VEI-001").title == "Ons scherm op slot"
    assert [domain.label["nl"] for domain in both.framework.domains] == ["Veilig bij ons"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"item": "VEI-INT-0777", "texts": {"stem": "Iets anders."}}, "names nothing that was taken over"),
        ({"module": "M-VEI-777", "texts": {"title": "Iets anders"}}, "names nothing that was taken over"),
        ({"texts": {"title": "Iets anders"}}, "names nothing that was taken over"),
        ({"item": "VEI-INT-0001", "texts": {"type": "sjt"}}, "type: type stays what it is"),
        ({"item": "VEI-INT-0001", "texts": {"options.a.id": "z"}}, "options.a.id: id stays what it is"),
        ({"item": "VEI-INT-0001", "texts": {"options.z.text": "Iets"}}, "options.z.text: there is no z"),
        ({"item": "VEI-INT-0001", "texts": {"difficulty.b": "0"}}, "difficulty.b: there is no text there"),
        ({"item": "VEI-INT-0001", "texts": {"stem.a": "Iets"}}, "stem.a: there is no text there"),
        ({"item": "VEI-INT-0001", "texts": {"weg.a": "Iets"}}, "weg.a: there is no weg"),
    ],
)
def test_an_override_that_cannot_be_done_is_named(tmp_path: Path, override: dict[str, Any], said: str) -> None:
    base(tmp_path)
    with pytest.raises(ContentBroken) as broken:
        load_package(extending(tmp_path, overrides=[override]))
    (problem,) = broken.value.problems
    assert problem.file == MANIFEST
    assert problem.line > 1
    assert problem.message == said


def test_a_text_that_breaks_the_format_is_refused_where_it_came_to_stand(tmp_path: Path) -> None:
    base(tmp_path)
    words = [{"item": "VEI-INT-0001", "texts": {"feedback.not_yet": "Helaas, dat is fout."}}]
    with pytest.raises(ContentBroken, match=f"{ITEM}.*feedback does not say"):
        load_package(extending(tmp_path, overrides=words))


def test_what_is_not_there_or_of_another_version_is_named(tmp_path: Path) -> None:
    folder = extending(tmp_path)
    with pytest.raises(ContentBroken, match="klein-pakket: there is no package folder here"):
        load_package(folder)
    base(tmp_path, version="2.0.0")
    with pytest.raises(ContentBroken, match=r"version 2\.0\.0 does not fit >=1\.0,<2"):
        load_package(folder)
    (tmp_path / "klein-pakket" / MANIFEST).unlink()
    with pytest.raises(ContentBroken, match="version None does not fit"):
        load_package(folder)


def test_packages_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    folder = extending(tmp_path)
    base(tmp_path, extends=[{"package": "eigen-pakket", "version": ">=0.1"}])
    with pytest.raises(ContentBroken, match="packages extend each other"):
        load_package(folder)


def test_the_same_file_in_both_is_refused(tmp_path: Path) -> None:
    base(tmp_path)
    with pytest.raises(ContentBroken, match=f"{ITEM} stands in klein-pakket too"):
        load_package(extending(tmp_path, lambda tree: tree.update({ITEM: small_package()[ITEM]})))


def test_a_manifest_that_is_no_manifest_is_told_as_that(tmp_path: Path) -> None:
    base(tmp_path)
    with pytest.raises(ContentBroken, match=r"extends\.0\.version"):
        load_package(extending(tmp_path, extends=[{"package": "klein-pakket", "version": "new"}]))
    with pytest.raises(ContentBroken, match=r"overrides\.0\.texts"):
        load_package(extending(tmp_path, overrides=[{"item": "VEI-INT-0001"}]))


def test_a_kept_release_needs_the_other_package_no_more(tmp_path: Path) -> None:
    base(tmp_path)
    folder = extending(tmp_path)
    loaded = load_package(folder)
    body, media = packed(folder)
    assert media == {}
    again = package_of(unpacked(body))
    assert isinstance(unpacked(body), Files)
    assert (again.bank_version, again.items) == (loaded.bank_version, loaded.items)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=3), st.lists(st.integers(0, 20), min_size=1, max_size=3))
def test_versions_are_compared_as_numbers(version: list[int], bound: list[int]) -> None:
    here, there = (".".join(map(str, numbers)) for numbers in (version, bound))
    left, right = ([*numbers, 0, 0][:3] for numbers in (version, bound))
    assert fits(here, f">={there}") == (left >= right)
    assert fits(here, f"<{there}") == (left < right)
    assert fits(here, f"<={there},>={there}") == fits(here, f"=={there}") == (left == right)
    assert fits(here, f">{there}") == (left > right)


PERSONA = {
    "id": "balie",
    "title": {"nl": "Balie"},
    "about": "Helpt mensen aan de balie.",
    "target": {"veiligheid": 0.5},
}


def test_personas_come_with_their_targets(tmp_path: Path) -> None:
    (persona,) = load_package(base(tmp_path, personas=[PERSONA])).personas
    assert (persona.id, persona.title["nl"], persona.target["veiligheid"]) == ("balie", "Balie", 0.5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tree: tree[MANIFEST].update(personas=[PERSONA, PERSONA]), "two personas have the same id"),
        (
            lambda tree: tree[MANIFEST].update(personas=[{**PERSONA, "target": {"koken": 0}}]),
            "the framework has no domain koken",
        ),
        (lambda tree: tree[ITEM].update(personas=["balie"]), "package.yaml has no persona balie"),
        (lambda tree: tree[MODULE].update(personas=["balie"]), "package.yaml has no persona balie"),
        (lambda tree: tree[MODULE].update(personas=["balie"]), "is for some only, but anybody may begin with it"),
        (
            lambda tree: tree[ITEM].update(
                reviews=[{"by": "Tegenlezer", "count": 2, "agreed": 3, "on": "2026-11-01"}]
            ),
            "3 of 2 cannot agree",
        ),
        (
            lambda tree: tree[OPENER].update(reviews=[{"by": "Project Digivaardig", "on": "2026-11-01"}]),
            "Project Digivaardig is an author; somebody else reviews",
        ),
        (
            lambda tree: tree[MODULE].update(reviews=[{"by": "Project Digivaardig", "on": "2026-11-01"}]),
            "Project Digivaardig is an author; somebody else reviews",
        ),
    ],
)
def test_people_that_cannot_be_are_named(tmp_path: Path, change: Any, said: str) -> None:
    assert any(said in problem for problem in problems(tmp_path, change))


def test_a_review_by_somebody_else_and_a_persona_that_is_known_are_fine(tmp_path: Path) -> None:
    def reviewed(tree: Tree) -> None:
        tree[MANIFEST]["personas"] = [PERSONA]
        tree[ITEM] |= {
            "personas": ["balie"],
            "reviews": [{"by": "Tegenlezer", "count": 3, "agreed": 2, "on": "2026-11-01"}],
        }

    assert problems(tmp_path, reviewed) == []


def test_licences_of_pictures_of_both_packages_stand_in_one_list(tmp_path: Path) -> None:
    head = "file,licence,maker,source\n"

    def pictured(tree: Tree, name: str) -> None:
        tree[f"media/{name}.svg"] = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n'
        tree["media/LICENSES.csv"] = f"{head}{name}.svg,CC-BY-4.0,Iemand,\n"
        item = OWN_ITEM if name == "eigen" else ITEM
        tree[item]["picture"] = {"file": f"media/{name}.svg", "alt": "Een plaatje."}

    write_package(tmp_path / "klein-pakket", lambda tree: pictured(tree, "gedeeld"))
    body, media = packed(extending(tmp_path, lambda tree: pictured(tree, "eigen")))
    files = unpacked(body)
    assert set(files.media) == {"media/eigen.svg", "media/gedeeld.svg"}
    assert len(media) == 1
    rows = files.texts["media/LICENSES.csv"].splitlines()
    assert rows == [head.strip(), "eigen.svg,CC-BY-4.0,Iemand,", "gedeeld.svg,CC-BY-4.0,Iemand,"]


def test_an_extending_package_is_packed_checked_and_unpacked_beside_the_other(tmp_path: Path) -> None:
    base(tmp_path / "hier")
    packed = pack(extending(tmp_path / "hier"), tmp_path / "hier" / "eigen.digipakket")
    assert inspect_package(packed.file, TODAY).problems == ()
    (tmp_path / "elders").mkdir()
    with pytest.raises(ContentBroken, match="klein-pakket: "):
        unpack(packed.file, tmp_path / "elders")
    assert list((tmp_path / "elders").iterdir()) == []
    base(tmp_path / "elders")
    unpacked = unpack(packed.file, tmp_path / "elders")
    assert unpacked.fingerprint == packed.fingerprint
    assert load_package(unpacked.folder).sha256 == packed.fingerprint


def test_the_others_are_found_from_inside_the_package_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base(tmp_path)
    monkeypatch.chdir(extending(tmp_path))
    assert load_package(Path()).id == "eigen-pakket"
    assert extended_folders(Path()) == [tmp_path / "klein-pakket"]


def test_what_cannot_be_read_extends_nothing(tmp_path: Path) -> None:
    assert extended_folders(tmp_path / "weg") == []
    (tmp_path / MANIFEST).write_bytes(b"\xff")
    assert extended_folders(tmp_path) == []
    (tmp_path / MANIFEST).write_text("extends: [", "utf-8")
    assert extended_folders(tmp_path) == []


def test_packages_that_extend_each_other_are_each_found_once(tmp_path: Path) -> None:
    base(tmp_path, extends=[{"package": "eigen-pakket", "version": ">=0.1"}])
    own = extending(tmp_path)
    assert extended_folders(own) == [tmp_path / "klein-pakket"]
