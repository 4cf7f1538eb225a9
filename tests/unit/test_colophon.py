"""Who made a package is told with it, also when another package builds on it; and which tools it fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lti_tool import VERSION
from lti_tool.content_library import ContentBroken, load_package, package_of, packed, unpacked
from lti_tool.content_library.composing import read_composed
from lti_tool.domain.colophon import Credit, MediaCredit
from tests.packages import ITEM, LICENCES, MANIFEST, OPENER, Tree, problems, put, small_package, write_package

CREDITS = "CREDITS.yaml"
PUBLISHER = (MANIFEST, "publisher")
BUILDING_ON = {"gemeente.naam": "Molenwaard", "digihelden.contact": "x"}


def thanked(*people: dict[str, Any]) -> Callable[[Tree], None]:
    """A package with a page of credits."""

    def change(tree: Tree) -> None:
        tree[CREDITS] = {"credits": list(people)}

    return change


def test_a_package_tells_who_made_it_and_on_what_terms(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[MANIFEST]["publisher"] = {"name": "Gemeente Molenwaard", "contact": "leren@molenwaard.nl"}
        thanked(
            {"name": "J. de Vries", "role": "Vragen"},
            {"name": "Waterland", "role": "Tekst", "licence": "CC-BY-4.0", "url_text": "www.waterland.nl/leren"},
        )(tree)

    colophon = load_package(write_package(tmp_path, change), BUILDING_ON).colophon
    assert (colophon.title, colophon.version) == ("Klein pakket voor Molenwaard", "1.2.3")
    assert (colophon.publisher, colophon.contact) == ("Gemeente Molenwaard", "leren@molenwaard.nl")
    assert colophon.licence == "CC-BY-SA-4.0"
    assert colophon.credits == (
        Credit("J. de Vries", "Vragen", "", ""),
        Credit("Waterland", "Tekst", "CC-BY-4.0", "www.waterland.nl/leren"),
    )


def test_a_package_that_thanks_nobody_by_name_is_whole(tmp_path: Path) -> None:
    colophon = load_package(write_package(tmp_path)).colophon
    assert (colophon.credits, colophon.contact, colophon.media, colophon.built_on) == ((), "", (), ())


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ({"role": "Vragen"}, f"{CREDITS}:2: credits.0.name: is missing"),
        ({"name": "J.", "role": 3}, f"{CREDITS}:3: credits.0.role: must be a text; put it between quotes"),
        (
            {"name": "J.", "role": "x", "mail": "j@x.nl"},
            f"{CREDITS}:4: credits.0.mail: the format has no such key",
        ),
        ({"name": "J. {{gemeente.naam}}", "role": "x"}, f"{CREDITS}:2: credits hold no variables"),
    ],
)
def test_a_mistake_in_the_credits_is_named_with_its_line(tmp_path: Path, person: Any, said: str) -> None:
    (found,) = problems(tmp_path, thanked(person))
    assert found.startswith(said)


def test_credits_without_anybody_are_no_credits(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, thanked())
    assert found.startswith(f"{CREDITS}:1: credits: List should have at least 1 item")


def test_a_publisher_is_the_same_in_every_municipality(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, put(*PUBLISHER, to={"name": "Gemeente {{gemeente.naam}}"}))
    assert found.startswith(f"{MANIFEST}:")
    assert "credits hold no variables" in found


def test_makers_of_pictures_are_told_without_the_names_of_the_files(tmp_path: Path) -> None:
    rows = [
        "file,licence,maker,source",
        "nepmail.svg,CC-BY-4.0,Van Dam,",
        "valse-link.svg,CC-BY-4.0,Van Dam,",
        '"kluis.svg",CC0-1.0,"Bakker, foto\'s",beeldbank.example',
    ]
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n'

    def pictured(tree: Tree) -> None:
        tree[LICENCES] = "\n".join(rows)
        for name, file in (("nepmail", ITEM), ("valse-link", ITEM.replace("0001", "0002")), ("kluis", OPENER)):
            tree[f"media/{name}.svg"] = drawing
            tree[file]["picture"] = {"file": f"media/{name}.svg", "alt": "Een plaatje."}

    assert load_package(write_package(tmp_path, pictured)).colophon.media == (
        MediaCredit("Van Dam", "CC-BY-4.0", "", 2),
        MediaCredit("Bakker, foto's", "CC0-1.0", "beeldbank.example", 1),
    )


def extending(folder: Path, base: Callable[[Tree], None]) -> Path:
    """A package of nothing but a manifest beside another one."""
    write_package(folder / "klein-pakket", base)

    def own(tree: Tree) -> None:
        for file in list(tree):
            if file != MANIFEST:
                del tree[file]
        tree[MANIFEST] |= {"id": "eigen-pakket", "version": "0.1.0", "title": "Eigen pakket"}
        tree[MANIFEST] |= {"publisher": {"name": "Gemeente Molenwaard"}, "licence": "EUPL-1.2"}
        tree[MANIFEST]["extends"] = [{"package": "klein-pakket", "version": ">=1,<2"}]

    return write_package(folder / "eigen-pakket", own)


def test_who_builds_on_a_package_tells_whose_it_is(tmp_path: Path) -> None:
    colophon = load_package(
        extending(tmp_path, thanked({"name": "J. de Vries", "role": "Vragen"})), BUILDING_ON
    ).colophon
    assert (colophon.title, colophon.publisher, colophon.credits) == ("Eigen pakket", "Gemeente Molenwaard", ())
    (base,) = colophon.built_on
    assert (base.title, base.version) == ("Klein pakket voor Molenwaard", "1.2.3")
    assert (base.publisher, base.licence) == ("Project Digivaardig", "CC-BY-SA-4.0")
    assert [credit.name for credit in base.credits] == ["J. de Vries"]


def test_credit_goes_along_however_many_packages_stand_on_each_other(tmp_path: Path) -> None:
    extending(tmp_path, thanked({"name": "J. de Vries", "role": "Vragen"}))

    def third(tree: Tree) -> None:
        for file in list(tree):
            if file != MANIFEST:
                del tree[file]
        tree[MANIFEST] |= {"id": "derde-pakket", "title": "Derde pakket"}
        tree[MANIFEST]["extends"] = [{"package": "eigen-pakket", "version": ">=0.1"}]

    colophon = load_package(write_package(tmp_path / "derde-pakket", third)).colophon
    assert {one.title for one in colophon.built_on} == {"Eigen pakket", "Klein pakket voor Voorbeeldstad"}


def test_a_title_with_words_that_only_the_other_package_has_keeps_its_own_example(tmp_path: Path) -> None:
    def base(tree: Tree) -> None:
        tree[MANIFEST]["title"] = "Voor {{wijk.naam}}"
        tree[MANIFEST]["variables"]["wijk.naam"] = {"required": True, "example": "Overwijk"}

    (told,) = load_package(extending(tmp_path, base)).colophon.built_on
    assert told.title == "Voor Overwijk"


def test_credit_is_kept_with_a_release(tmp_path: Path) -> None:
    folder = extending(tmp_path, thanked({"name": "J. de Vries", "role": "Vragen"}))
    body, _media = packed(folder)
    assert package_of(unpacked(body)).colophon == load_package(folder).colophon


def test_a_mistake_in_the_credits_of_the_other_package_says_whose_they_are(tmp_path: Path) -> None:
    with pytest.raises(ContentBroken, match=r"extended/klein-pakket/CREDITS.yaml:\d+: credits.0.role: is missing"):
        load_package(extending(tmp_path, thanked({"name": "J."})))


def test_no_folder_of_an_author_can_pretend_to_be_another_package(tmp_path: Path) -> None:
    pretending = {"extended/x/package.yaml": small_package()[MANIFEST]}
    (found,) = problems(tmp_path, lambda tree: tree.update(pretending))
    assert found == "extended/x/package.yaml: this file does not belong in a package"


@pytest.mark.parametrize("wanted", [f"=={VERSION}", ">=0.1", ">=0.1,<1", "<=99"])
def test_a_package_that_fits_this_tool_is_taken_in(tmp_path: Path, wanted: str) -> None:
    assert problems(tmp_path, put(MANIFEST, "tool", to=wanted)) == []


def test_a_package_for_another_tool_is_refused_and_says_which(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, put(MANIFEST, "tool", to=">=7.2"))
    assert found.startswith(f"{MANIFEST}:")
    assert found.endswith(f"is made for a tool of version >=7.2; this is {VERSION}")


def test_a_package_that_builds_on_one_for_another_tool_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(
        ContentBroken, match=r"extended/klein-pakket/package.yaml:\d+: is made for a tool of version <0"
    ):
        load_package(extending(tmp_path, put(MANIFEST, "tool", to="<0")))


@pytest.mark.parametrize("wanted", ["7", "^1.0", ">=1.0 <2", "", ">=1.0;rm"])
def test_a_range_that_is_none_is_refused(tmp_path: Path, wanted: str) -> None:
    assert any("tool: should " in one for one in problems(tmp_path, put(MANIFEST, "tool", to=wanted)))


def test_a_release_that_was_taken_in_stays_through_an_upgrade(tmp_path: Path) -> None:
    files = read_composed(write_package(tmp_path, put(MANIFEST, "tool", to=">=7.2")))
    assert package_of(files).id == "klein-pakket"
    with pytest.raises(ContentBroken):
        package_of(files, tool=VERSION)
    assert package_of(files, tool="7.10.1").id == "klein-pakket"
