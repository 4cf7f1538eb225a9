from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lti_tool.content_library import load_package
from lti_tool.domain.content import Difficulty, Package, UnknownItem
from lti_tool.domain.errors import ModuleUnknown
from tests.packages import ITEM, OPENER, Tree, problems, replace, single_choice, write_package

GIVEN = {
    "gemeente.naam": "Zee & <b>Duin</b>",
    "digihelden.contact": "Aisha, 14 0000",
    "van.een.ander.pakket": "x",
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return load_package(write_package(tmp_path))


def test_a_clean_package_becomes_domain_values(package: Package) -> None:
    item = package.item("VEI-INT-0001")
    assert [found.id for found in package.assessment_items()] == ["VEI-INT-0001", "VEI-INT-0002"]
    assert item.key == "VEI-INT-0001@1"
    assert item.difficulty == Difficulty(-0.2, 0.7, "estimate")
    assert [option.correct for option in item.options] == [True, False, False]
    assert item.enemies == ("VEI-INT-0002",)
    assert package.practice_item().id == "VEI-INT-0100"
    assert package.module(package.start_module).key == "M-VEI-001@1.0.0"
    assert package.policy.max_items == 2


def test_the_framework_keeps_its_levels_and_labels(package: Package) -> None:
    domain = package.framework.domains[0]
    assert [(level.id, level.above) for level in package.framework.levels] == [
        ("basis", None),
        ("zelfstandig", -0.5),
    ]
    assert package.framework.levels[0].label == {
        "nl": "je leert de basis",
        "en": "you are learning the basics",
    }
    assert package.framework.levels[1].label == {"nl": "je redt jezelf"}
    assert domain.can_do["zelfstandig"] == {"nl": "Je kunt veilig werken."}
    assert [(part.id, part.scored) for part in domain.subskills] == [
        ("vei.internet", True),
        ("vei.durven", False),
    ]


def test_an_unknown_item_or_module_is_a_named_error(package: Package) -> None:
    with pytest.raises(UnknownItem):
        package.item("VEI-INT-9999")
    with pytest.raises(ModuleUnknown):
        package.module("M-VEI-999")


def test_a_loaded_package_cannot_be_changed(package: Package) -> None:
    with pytest.raises(TypeError):
        package.items["x"] = package.practice_item()  # type: ignore[index]


def test_only_scored_items_in_use_are_asked(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        for number, changes in enumerate(
            [{"status": "paused"}, {"status": "retired"}, {"scored": False}], start=3
        ):
            item_id = f"VEI-INT-{number:04}"
            tree[f"items/veiligheid/{item_id}.yaml"] = single_choice(item_id, **changes)

    asked = load_package(write_package(tmp_path, change)).assessment_items()
    assert [item.id for item in asked] == ["VEI-INT-0001", "VEI-INT-0002"]


def test_each_part_of_a_step_becomes_a_block(package: Package) -> None:
    steps = package.module("M-VEI-001").steps
    assert [step.kind for step in steps] == ["goal", "explanation", "practice", "check", "tip", "done"]
    goal, page, todo, item, tip, done = (step.blocks[0] for step in steps)
    assert goal.html == "<p>Je leert <strong>één</strong> ding.</p>\n"
    assert page.html == "<h2>Zo werkt het</h2>\n<p>Welkom in Voorbeeldstad.</p>\n"
    assert (todo.type, todo.entries) == ("steps", ("Druk op Windows-toets + L.",))
    assert (item.type, item.item_ref) == ("item", "VEI-INT-0100")
    assert (tip.type, tip.entries) == ("checklist", ("Ik meld het bij Meldpunt ICT.",))
    assert (done.type, done.entries) == ("contact", ("digihelden@voorbeeldstad.example",))


def test_a_municipality_fills_in_its_own_words_as_text_and_never_as_html(tmp_path: Path) -> None:
    package = load_package(write_package(tmp_path), GIVEN)
    steps = package.module("M-VEI-001").steps
    assert package.title == "Klein pakket voor Zee & <b>Duin</b>"
    assert "Welkom in Zee &amp; &lt;b&gt;Duin&lt;/b&gt;." in steps[1].blocks[0].html
    assert steps[-1].blocks[0].entries == ("Aisha, 14 0000",)


def test_a_variable_that_is_not_required_falls_back_on_its_example(tmp_path: Path) -> None:
    package = load_package(write_package(tmp_path), GIVEN)
    assert package.item("VEI-INT-0001").feedback.tip_at_work == "Bel Meldpunt ICT als je twijfelt."


def test_a_required_variable_must_have_a_value(tmp_path: Path) -> None:
    found = problems(tmp_path, variables=GIVEN | {"gemeente.naam": "  "})
    assert len(found) == 1
    assert "gemeente.naam is required and has no value" in found[0]


def test_the_bank_version_follows_the_files_and_not_the_municipality(tmp_path: Path) -> None:
    plain = load_package(write_package(tmp_path / "a"))
    filled = load_package(write_package(tmp_path / "b"), GIVEN)
    edited = load_package(write_package(tmp_path / "c", replace(ITEM, stem="Een andere vraag?")))
    assert plain.bank_version == filled.bank_version == f"klein-pakket@1.2.3+{plain.sha256[:12]}"
    assert edited.sha256 != plain.sha256


def test_the_fingerprint_can_be_made_with_sha256sum(tmp_path: Path, package: Package) -> None:
    listing = "find . -type f | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    printed = subprocess.run(["bash", "-c", listing], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert printed.stdout.split()[0] == package.sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "order", "options": [{"id": letter, "text": f"Stap {letter}"} for letter in "abc"]},
        {"type": "match", "options": [], "pairs": [{"left": "a", "right": "1"}, {"left": "b", "right": "2"}]},
        {
            "type": "text_entry",
            "options": [],
            "answer": {"accept": ["=A1"], "normalise": ["trim", "strip_equals"]},
        },
        {
            "type": "declarative",
            "scored": False,
            "options": [{"id": letter, "text": letter * 3} for letter in "abcd"],
        },
    ],
)
def test_every_type_of_item_can_be_written(tmp_path: Path, changes: dict[str, Any]) -> None:
    package = load_package(write_package(tmp_path, replace(OPENER, **changes)))
    assert package.practice_item().type == changes["type"]
