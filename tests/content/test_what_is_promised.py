"""What the packages promise whoever starts tomorrow: enough of everything, plain, and looked at by others."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from lti_tool.content_library import load_package
from lti_tool.content_library.inspecting import inspect_package, package_statistics
from lti_tool.demo.stage import CONTENT
from lti_tool.domain.content import Package

FOLDERS = sorted(manifest.parent for manifest in CONTENT.glob("*/package.yaml"))
BASIC, TOGETHER = CONTENT / "digivaardig-basis", CONTENT / "digitaal-samenwerken"
DOMAINS = ("operationeel", "informatie", "strategisch", "veiligheid")
UNLIKELY = 0.05
TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def found(request: pytest.FixtureRequest) -> dict[str, Any]:
    return package_statistics(request.param)


@pytest.fixture(scope="module")
def basic() -> Package:
    return load_package(BASIC)


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    return package_statistics(BASIC)


def own_items(folder: Path) -> list[dict[str, Any]]:
    """The items that stand in a package itself."""
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("items/*/*.yaml"))]


def test_the_key_gives_itself_away_neither_by_its_length_nor_by_its_place(found: dict[str, Any]) -> None:
    assert found["shares"]["key_longest"] <= 0.30
    assert found["key_position"]["p"] > UNLIKELY, found["key_position"]


@pytest.mark.parametrize("kind", ["items", "modules"])
def test_texts_read_easily_and_none_is_hard(found: dict[str, Any], kind: str) -> None:
    ease = found["reading_ease"][kind]
    assert ease["mean"] >= 70
    assert ease["lowest"] >= 50, ease["lowest_of"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_item_was_answered_without_the_key_and_most_came_to_it(folder: Path) -> None:
    for item in own_items(folder):
        if not item["scored"]:
            continue
        blind = [review for review in item.get("reviews", ()) if "agreed" in review]
        assert blind, item["id"]
        assert all(review["agreed"] * 2 > review["count"] for review in blind), item["id"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_how_hard_an_item_is_was_guessed_by_three(folder: Path) -> None:
    for item in own_items(folder):
        told = item["difficulty"]
        if item["scored"]:
            assert (told["source"], told["raters"] >= 3, told.get("spread") is not None) == (
                "estimate",
                True,
                True,
            )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_package_says_that_no_municipality_has_reviewed_it_yet(folder: Path) -> None:
    manifest = yaml.safe_load((folder / "package.yaml").read_text(encoding="utf-8"))
    assert manifest["reviewed_by_municipality"] is False
    assert manifest["publisher"]["name"] == "Project Digivaardig"


def test_each_domain_of_the_basic_package_has_forty_items_to_ask(basic: Package) -> None:
    counts = Counter(item.domain for item in basic.assessment_items())
    assert min(counts[domain] for domain in DOMAINS) >= 40, counts


@pytest.mark.parametrize("domain", DOMAINS)
def test_they_are_spread_from_easy_to_hard(basic: Package, domain: str) -> None:
    b = sorted(item.difficulty.b for item in basic.assessment_items() if item.domain == domain)
    for low in (-2.5, -1.5, -0.5, 0.5, 1.5):
        assert sum(low <= one < low + 1 or (low == 1.5 and one >= 1.5) for one in b) >= 2, (low, b)


def test_every_sub_skill_that_is_scored_is_asked_about(counted: dict[str, Any]) -> None:
    asked = {one["subskill"]: one["asked"] for one in counted["subskills"] if one["scored"]}
    assert len(asked) == 10
    assert min(asked.values()) >= 8, asked


def test_there_is_enough_to_practise(basic: Package) -> None:
    assert sum(item.pool == "practice" for item in basic.items.values()) >= 60


def test_there_is_more_to_do_than_choosing_one_answer(counted: dict[str, Any]) -> None:
    assert counted["shares"]["not_one_choice"] >= 0.25
    assert counted["items"]["simulations"] >= 12
    assert counted["items"]["file_tasks"] >= 10


def test_there_are_trainings_for_every_domain_each_with_a_guide_for_a_workshop(basic: Package) -> None:
    counts = Counter(module.domain for module in basic.modules_for_everybody())
    assert min(counts[domain] for domain in DOMAINS) >= 6, counts
    assert sum(counts.values()) >= 24
    assert [module.id for module in basic.modules.values() if module.workshop_guide is None] == []


def test_managers_have_three_short_trainings_of_their_own(basic: Package) -> None:
    own = [module for module in basic.modules.values() if module.personas == ("leidinggevende",)]
    assert len(own) == 3
    assert all(module.minutes <= 20 for module in own)
    assert {persona.id for persona in basic.personas} == {"balie", "beleid", "buitendienst", "leidinggevende"}


def test_the_topics_that_were_asked_for_are_there(basic: Package) -> None:
    titles = " | ".join(module.title for module in basic.modules.values())
    for topic in (
        "e-mailregels in Outlook",
        "Trello",
        "phishing",
        "oude versie terug",
        "SharePoint",
        "AI en vertrouwelijke",
    ):
        assert topic in titles, topic


def test_one_domain_is_there_in_english(counted: dict[str, Any], basic: Package) -> None:
    own = [item for item in basic.items.values() if item.domain == "veiligheid"]
    assert [item.id for item in own if "en" not in item.others] == []
    assert [m.id for m in basic.modules.values() if m.domain == "veiligheid" and "en" not in m.others] == []
    assert counted["translations"][0]["waiting"] == 0


def test_an_english_text_of_an_older_version_is_told_and_dutch_is_shown(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASIC, tmp_path / "digivaardig-basis"))
    file = folder / "items/veiligheid/VEI-INT-0001.yaml"
    newer = file.read_text(encoding="utf-8").replace("\nversion: 1\n", "\nversion: 2\n")
    file.write_text(newer, encoding="utf-8")
    seen = inspect_package(folder, TODAY)
    assert [remark.message for remark in seen.remarks if remark.about == "translation"] == [
        "stale: VEI-INT-0001 is 2 now, and this translates 1; Dutch is shown"
    ]
    assert seen.package is not None
    assert [
        item.id for item in seen.package.items.values() if item.domain == "veiligheid" and not item.others
    ] == ["VEI-INT-0001"]


def test_another_city_tells_its_own_story_around_the_same_trainings(tmp_path: Path) -> None:
    core = load_package(TOGETHER)
    folder = tmp_path / "onze-stad"
    manifest = yaml.safe_load((TOGETHER / "package.yaml").read_text(encoding="utf-8"))
    own = {"id": "onze-stad", "story": "story/haven.yaml"}
    extends = [{"package": "digitaal-samenwerken", "version": ">=0.1,<1"}]
    story = {
        "schema": "story/1",
        "id": "haven",
        "version": "1.0.0",
        "title": "Een dag in onze haven",
        "intro": "Je loopt langs de kade.",
        "map": {"file": "media/haven.svg", "alt": "Een haven met één kade."},
        "stops": [
            {
                "id": "kade",
                "title": "De kade",
                "place": {"x": 50, "y": 50},
                "intro": "Een schip komt aan.",
                "modules": ["M-STR-101"],
            }
        ],
    }
    files = {
        "package.yaml": yaml.safe_dump({**manifest, **own, "extends": extends}, allow_unicode=True),
        "story/haven.yaml": yaml.safe_dump(story, allow_unicode=True),
        "media/haven.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 6 4"></svg>',
        "media/LICENSES.csv": "file,licence,maker,source\nhaven.svg,CC-BY-SA-4.0,Onze stad,\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    theirs = load_package(folder, beside=CONTENT)
    assert (theirs.story and theirs.story.title, core.story and core.story.title) == (
        "Een dag in onze haven",
        "Een rondje digitaal samenwerken",
    )
    assert theirs.modules == core.modules
