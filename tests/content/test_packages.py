"""The packages that ship with the tool keep to what authors were promised."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lti_tool.content_library import load_package
from lti_tool.content_library.inspecting import inspect_package
from lti_tool.content_library.schemas import schemas
from lti_tool.domain.content import Item, Package
from lti_tool.domain.scoring import expected_in_words, explanation, is_right
from tests.factories import right_response

HOME = Path(__file__).parents[2] / "content_packages"
FOLDERS = sorted(manifest.parent for manifest in HOME.glob("*/package.yaml"))

FEWEST_ITEMS_PER_DOMAIN = 15
FEWEST_MODULES = 4
TODAY = date(2026, 11, 1)
"""Remarks about what is out of date are for people who look, not for a test that one day breaks."""


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def package(request: pytest.FixtureRequest) -> Package:
    return load_package(request.param)


def choice_items(package: Package) -> list[Item]:
    return [item for item in package.items.values() if item.type in ("single_choice", "sjt")]


def test_the_basic_package_ships() -> None:
    assert "digivaardig-basis" in [folder.name for folder in FOLDERS]


def test_a_package_stands_in_a_folder_of_its_own_name() -> None:
    assert [load_package(folder).id for folder in FOLDERS] == [folder.name for folder in FOLDERS]


def test_each_domain_has_enough_items_to_ask(package: Package) -> None:
    counts = Counter(item.domain for item in package.assessment_items())
    assert all(counts[domain.id] >= FEWEST_ITEMS_PER_DOMAIN for domain in package.framework.domains), counts


def test_there_are_enough_micro_trainings_for_a_first_route(package: Package) -> None:
    assert len(package.modules) >= FEWEST_MODULES


def test_each_domain_has_easy_and_hard_items(package: Package) -> None:
    for domain in package.framework.domains:
        b = [item.difficulty.b for item in package.assessment_items() if item.domain == domain.id]
        assert min(b) <= -1.5, domain.id
        assert max(b) >= 1.5, domain.id


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_key_is_seldom_the_longest_option(folder: Path) -> None:
    about = [remark.about for remark in inspect_package(folder, TODAY).remarks]
    assert "key_length" not in about


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_questions_are_spread_over_levels_and_sub_skills(folder: Path) -> None:
    about = [remark.about for remark in inspect_package(folder, TODAY).remarks]
    assert "coverage" not in about


def test_the_first_option_is_not_always_the_key_where_options_are_not_mixed(package: Package) -> None:
    fixed = [item for item in choice_items(package) if not item.shuffle]
    first = [item.id for item in fixed if item.options[0].correct]
    assert len(first) <= max(1, len(fixed) // 2), first


def test_no_two_items_ask_the_same(package: Package) -> None:
    asked = Counter(
        f"{item.context} {item.stem} {sorted(o.text for o in item.options)}" for item in package.items.values()
    )
    assert [text for text, times in asked.items() if times > 1] == []


def test_the_opener_is_easy(package: Package) -> None:
    assert package.practice_item().difficulty.b <= -1.5


def test_the_first_module_for_those_who_skip_is_an_easy_one(package: Package) -> None:
    assert package.module(package.start_module).level in ("start", "basis")


def test_what_is_expected_counts_as_right_and_is_explained(package: Package) -> None:
    for item in package.items.values():
        response = right_response(item)
        assert is_right(item, response), item.id
        assert explanation(item, response), item.id
        assert expected_in_words(item) or item.type == "declarative", item.id


def test_learners_are_addressed_with_je(package: Package) -> None:
    formal = re.compile(r"\b(u|uw)\b")
    for item in package.items.values():
        told = [
            item.stem,
            item.feedback.right,
            item.feedback.not_yet,
            item.feedback.why,
            item.feedback.tip_at_work,
        ]
        assert not [text for text in told if formal.search(text)], item.id
    for module in package.modules.values():
        told = [module.title, module.one_topic, module.benefit, *module.goals]
        told += [block.html for step in module.steps for block in step.blocks]
        assert not [text for text in told if formal.search(text)], module.id


def test_every_domain_has_a_micro_training_to_advise(package: Package) -> None:
    assert {module.domain for module in package.modules.values()} == {
        domain.id for domain in package.framework.domains
    }


def test_the_schemas_are_those_of_the_format() -> None:
    # Made anew by: digivaardig content schemas content_packages/schema
    assert {path.name: path.read_text(encoding="utf-8") for path in (HOME / "schema").iterdir()} == schemas()
