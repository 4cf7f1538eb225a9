"""What `content check` advises, and never refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lti_tool.content_library import load_package
from lti_tool.content_library.inspecting import Inspection, inspect_package, is_package
from tests.packages import (
    FRAMEWORK,
    ITEM,
    MANIFEST,
    MODULE,
    OPENER,
    PAGE,
    Change,
    Tree,
    both,
    put,
    replace,
    single_choice,
    write_package,
)

TODAY = date(2026, 11, 26)
SOURCE = {"sources": ["NCSC"]}


def inspected(folder: Path, change: Change | None = None) -> Inspection:
    return inspect_package(write_package(folder, change), TODAY)


def remarks(folder: Path, about: str, change: Change | None = None) -> list[str]:
    """What is remarked about one thing, a line for each remark; the package has no problems."""
    found = inspected(folder, change)
    assert found.problems == ()
    return [f"{remark.place}: {remark.message}" for remark in found.remarks if remark.about == about]


def items(count: int, **changes: Any) -> Callable[[Tree], None]:
    """So many more questions."""

    def change(tree: Tree) -> None:
        for number in range(count):
            item_id = f"VEI-INT-{number + 1000:04}"
            tree[f"items/veiligheid/{item_id}.yaml"] = single_choice(item_id) | changes

    return change


def test_keys_that_always_stand_in_one_place_are_remarked(tmp_path: Path) -> None:
    assert remarks(tmp_path / "few", "key_position", items(5)) == []
    assert remarks(tmp_path / "many", "key_position", items(17)) == [
        "package.yaml: the key stands 20 times in place 1, 0 times in place 2, 0 times in place 3, which is no "
        "chance: change the order of the options in some items"
    ]


def test_a_text_that_is_hard_to_read_is_remarked_with_its_line(tmp_path: Path) -> None:
    long = "Je krijgt vandaag een mail van iemand die je niet kent en die iets van je wil weten."
    found = remarks(
        tmp_path,
        "language",
        both(replace(ITEM, context=long), lambda tree: tree.update({PAGE: f"# Kop\n\n{long}\n"})),
    )
    assert [line.partition(": ")[0] for line in found] == [f"{ITEM}:37", f"{PAGE}:3"]
    assert all("a sentence of 18 words, 'Je krijgt vandaag een mail …'" in line for line in found)


def test_the_reading_ease_of_a_whole_question_and_of_a_whole_training_is_told(tmp_path: Path) -> None:
    heavy = "Gemeentelijke verantwoordelijkheden. " * 20
    found = remarks(
        tmp_path, "language", both(replace(ITEM, context=heavy), put(MODULE, "goals", to=[heavy[:190]]))
    )
    assert any(line.startswith(f"{ITEM}:") and "reading ease is -" in line for line in found)
    heavy_pages = lambda tree: tree.update({PAGE: heavy})  # noqa: E731
    found = remarks(tmp_path, "language", heavy_pages)
    assert any(line.startswith(f"{MODULE}:") and "60 or more reads easily" in line for line in found)


def test_what_a_swindler_would_write_is_no_language_of_ours(tmp_path: Path) -> None:
    body = "Ingevolge m.b.t. " + "uw account " * 20 + "."
    mails = [{"from_name": "x", "from": "x@x.example", "subject": "y", "body": body, "key": ["melden"]}]
    choices = [{"id": "melden", "text": "Melden"}, {"id": "laten", "text": "Laten staan"}]
    simulation = {"kind": "mailbox", "choices": choices, "mails": mails}
    change = replace(ITEM, type="simulation", options=[], simulation=simulation)
    assert remarks(tmp_path, "language", change) == []


def test_a_variable_counts_as_the_words_that_it_becomes(tmp_path: Path) -> None:
    example = put(MANIFEST, "variables", "meldpunt.incident", "example", to="een " * 16)
    found = remarks(tmp_path, "language", both(replace(ITEM, context="Bel {{meldpunt.incident}}."), example))
    assert len(found) == 5  # three tips, the context, and the checklist


def test_a_review_day_that_is_over_is_remarked(tmp_path: Path) -> None:
    change = both(replace(ITEM, review_before="2026-11-25"), replace(OPENER, review_before="2026-11-26"))
    assert len(found := remarks(tmp_path, "freshness", change)) == 1
    assert "should have been looked at again before 2026-11-25: check that it is still true" in found[0]
    assert remarks(tmp_path, "freshness", replace(ITEM, review_before="2026-11-25", status="paused")) == []


def test_safety_and_products_and_laws_need_a_source(tmp_path: Path) -> None:
    assert len(remarks(tmp_path, "sources")) == 3
    sourced = both(replace(ITEM, **SOURCE), replace(OPENER, **SOURCE), items(0))
    assert len(remarks(tmp_path, "sources", sourced)) == 1


@pytest.mark.parametrize(
    ("stem", "named"),
    [
        ("Je mail staat in Outlook. Wat doe je?", "Outlook"),
        ("Wat zegt de AVG hierover?", "AVG"),
        ("Je schrijft in Word een brief.", "Word"),
        ("Je zaak staat in Join. Wat doe je?", "Join"),
        ("Word jij hier blij van? Word je dat niet?", ""),
        ("Hoe heet dit?", ""),
    ],
)
def test_a_product_is_known_by_its_name(tmp_path: Path, stem: str, named: str) -> None:
    def change(tree: Tree) -> None:
        skills = tree[FRAMEWORK]["domains"]["veiligheid"]["subskills"]
        tree[FRAMEWORK]["domains"]["veiligheid"]["subskills"] = {"inf.zoeken": skills["vei.internet"]} | skills
        tree[ITEM].update(subskill="inf.zoeken", stem=stem)
        tree[MANIFEST]["tools"] = {"join": "Join"}

    found = [line for line in remarks(tmp_path, "sources", change) if line.startswith(ITEM)]
    assert found == ([f"{ITEM}:7: is about {named}: name a source that others can check"] if named else [])


def test_a_training_must_give_something_to_do_within_two_minutes(tmp_path: Path) -> None:
    page = "woord " * 180 + "\n\n" + "woord " * 178
    found = remarks(tmp_path, "interaction", lambda tree: tree.update({PAGE: page}))
    assert len(found) == 1
    assert found[0].startswith(f"{MODULE}:")
    assert "362 words to read and nothing to do yet: put a question before this" in found[0]
    assert remarks(tmp_path, "interaction", lambda tree: tree.update({PAGE: "woord " * 340})) == []


def test_what_nothing_uses_is_remarked(tmp_path: Path) -> None:
    change = both(
        put(MANIFEST, "variables", "wifi.naam", to={"required": True, "example": "x"}),
        replace(MANIFEST, tools={"excel": "Excel", "word": "Word"}),
        replace(ITEM, requires=["word"]),
    )
    assert [line.partition(": ")[2] for line in remarks(tmp_path, "variables", change)] == [
        "no text uses the variable wifi.naam: take it out, so that nobody has to fill it in"
    ]
    assert [line.partition(": ")[2] for line in remarks(tmp_path, "tools", change)] == [
        "nothing requires the tool excel: take it out"
    ]


def test_what_lacks_is_told_in_one_table(tmp_path: Path) -> None:
    assert remarks(tmp_path, "coverage", items(12, difficulty={"b": -1.0, "source": "estimate"})) == [
        "package.yaml: too few questions to ask of status pilot or active; each domain needs 15, with 3 at each "
        "level. Write what is missing:\n"
        "    domain      basis  zelfstandig  all\n"
        "    veiligheid  12     2 (1 more)   14 (1 more)"
    ]
    enough = both(items(12, difficulty={"b": -1.0, "source": "estimate"}), replace(OPENER, pool="practice"))
    more = lambda tree: tree.update(  # noqa: E731
        {"items/veiligheid/VEI-INT-0900.yaml": single_choice("VEI-INT-0900")}
    )
    assert remarks(tmp_path, "coverage", both(enough, more)) == []


@pytest.mark.parametrize(("of_the_first", "of_the_second", "remarked"), [(14, 7, False), (15, 7, True)])
def test_with_two_sub_skills_one_has_at_most_two_thirds_of_the_questions(
    tmp_path: Path, of_the_first: int, of_the_second: int, remarked: bool
) -> None:
    def change(tree: Tree) -> None:
        skills = tree[FRAMEWORK]["domains"]["veiligheid"]["subskills"]
        skills["vei.gegevens"] = skills["vei.internet"]
        for number in range(of_the_first + of_the_second - 2):  # two are there already
            item_id = f"VEI-INT-{number + 1000:04}"
            subskill = "vei.internet" if number < of_the_first - 2 else "vei.gegevens"
            hard = {"difficulty": {"b": 1.0 if number % 2 else -1.0, "source": "estimate"}, "subskill": subskill}
            tree[f"items/veiligheid/{item_id}.yaml"] = single_choice(item_id) | hard

    found = remarks(tmp_path, "coverage", change)
    said = "15 of the 22 questions of veiligheid are about vei.internet, more than 67 %: write more about"
    assert found == ([f"package.yaml: {said} vei.gegevens"] if remarked else [])


def long_keys(of: int, longest: int) -> Callable[[Tree], None]:
    """So many choice items, of which so many have the longest option as the key."""

    def change(tree: Tree) -> None:
        for number in range(of - 3):  # three are there already, whose key is not the longest
            item = single_choice(f"VEI-INT-{number + 1000:04}")
            if number < longest:
                item["options"][0]["text"] = "Ik vergrendel mijn hele scherm."
            tree[f"items/veiligheid/{item['id']}.yaml"] = item

    return change


def test_a_key_that_is_often_the_longest_is_remarked_and_then_refused(tmp_path: Path) -> None:
    assert remarks(tmp_path / "a", "key_length", long_keys(20, 6)) == []
    assert remarks(tmp_path / "b", "key_length", long_keys(20, 8)) == [
        "package.yaml: the key is the longest option in 40 % of 20 choice items, which people notice; at most "
        "30 %: make another option longer in VEI-INT-1000, VEI-INT-1001, VEI-INT-1002, VEI-INT-1003, VEI-INT-1004 "
        "and 3 more"
    ]
    found = inspected(tmp_path / "c", long_keys(20, 9))
    assert len(found.problems) == 1
    assert "in 45 % of 20 choice items, which people notice; at most 40 %" in found.problems[0].message
    assert not [remark for remark in found.remarks if remark.about == "key_length"]


def test_a_share_of_few_items_says_nothing(tmp_path: Path) -> None:
    assert remarks(tmp_path, "key_length") == []


def test_files_that_can_be_read_are_checked_also_when_others_cannot(tmp_path: Path) -> None:
    write_package(tmp_path, both(replace(OPENER, colour="red"), replace(ITEM, modules=["M-VEI-002"])))
    (tmp_path / MODULE).write_bytes(b"\xff")
    (tmp_path / "run.py").write_text("x")
    found = inspect_package(tmp_path, TODAY)
    assert found.package is None
    assert [str(problem).partition(": ")[2] for problem in found.problems] == [
        "colour: the format has no such key",
        "is not UTF-8 text",
        "this file does not belong in a package",
    ]
    assert {remark.about for remark in found.remarks} >= {"sources", "coverage"}


@pytest.mark.parametrize("file", [MANIFEST, FRAMEWORK, ITEM, OPENER, MODULE, PAGE])
def test_a_file_that_cannot_be_read_gives_no_second_hand_problems(tmp_path: Path, file: str) -> None:
    write_package(tmp_path)
    (tmp_path / file).write_bytes(b"\xff")
    assert [str(problem) for problem in inspect_package(tmp_path, TODAY).problems] == [
        f"{file}: is not UTF-8 text"
    ]


def test_remarks_never_keep_a_package_from_being_used(tmp_path: Path) -> None:
    found = inspected(tmp_path, replace(ITEM, review_before="2020-01-01"))
    assert found.remarks
    assert found.package == load_package(tmp_path)


def test_a_package_is_known_by_its_parts(tmp_path: Path) -> None:
    assert not is_package(tmp_path)
    assert not is_package(tmp_path / "weg")
    (tmp_path / "README.md").write_text("x")
    assert not is_package(tmp_path)
    assert not is_package(tmp_path / "README.md")
    (tmp_path / "items").mkdir()
    assert is_package(tmp_path)
    assert [str(problem) for problem in inspect_package(tmp_path / "weg", TODAY).problems] == [
        "weg: there is no package folder here"
    ]
