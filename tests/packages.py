"""A small, clean content package to break in tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lti_tool.content_library import ContentBroken, Files, load_package
from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.parsed import parse
from lti_tool.content_library.translating import spots

Tree = dict[str, Any]
"""Path inside the package to what stands there: YAML data, or a text as it is."""
Change = Callable[[Tree], object]

ITEM = "items/veiligheid/VEI-INT-0001.yaml"
OPENER = "items/veiligheid/VEI-INT-0100.yaml"
MODULE = "modules/scherm-op-slot/module.yaml"
PAGE = "modules/scherm-op-slot/uitleg.nl.md"
FRAMEWORK = "framework/klein.yaml"
MANIFEST = "package.yaml"
LICENCES = "media/LICENSES.csv"


def single_choice(item_id: str, **changes: Any) -> dict[str, Any]:
    """A question about safety with three options, a right one first."""
    return {
        "schema": "item/1",
        "id": item_id,
        "version": 1,
        "status": "pilot",
        "pool": "assessment",
        "domain": "veiligheid",
        "subskill": "vei.internet",
        "digcomp": ["4.1"],
        "type": "single_choice",
        "scored": True,
        "difficulty": {"b": -0.2, "source": "estimate"},
        "stem": "Je loopt even weg van je werkplek. Wat doe je?",
        "options": [
            {
                "id": "a",
                "text": "Ik vergrendel het scherm.",
                "correct": True,
                "feedback": "Zo kan niemand erbij.",
            },
            {"id": "b", "text": "Ik zet het geluid uit.", "feedback": "Dan blijft je scherm nog te lezen."},
            {"id": "c", "text": "Ik draai het scherm even om.", "feedback": "Iemand kan het scherm terugdraaien."},
        ],
        "feedback": {
            "right": "Klopt.",
            "not_yet": "Nog niet helemaal.",
            "why": "Met een vergrendeld scherm kan niemand bij je gegevens.",
            "tip_at_work": "Bel {{meldpunt.incident}} als je twijfelt.",
        },
        "licence": "CC-BY-SA-4.0",
        "authors": ["Project Digivaardig"],
    } | changes


def small_package() -> Tree:
    """Two questions, one opener, and one micro-training with a page of its own."""
    return {
        "package.yaml": {
            "schema": "package/1",
            "id": "klein-pakket",
            "version": "1.2.3",
            "title": "Klein pakket voor {{gemeente.naam}}",
            "description": "Om mee te proeven.",
            "source_language": "nl",
            "languages": ["nl"],
            "framework": "framework/klein.yaml",
            "licence": "CC-BY-SA-4.0",
            "publisher": {"name": "Project Digivaardig"},
            "reviewed_by_municipality": False,
            "variables": {
                "gemeente.naam": {"required": True, "example": "Voorbeeldstad"},
                "meldpunt.incident": {"required": False, "example": "Meldpunt ICT"},
                "digihelden.contact": {"required": True, "example": "digihelden@voorbeeldstad.example"},
            },
            "practice_question": "VEI-INT-0100",
            "start_module": "M-VEI-001",
            "assessment": {
                "easy_first": 1,
                "min_items_per_domain": 1,
                "max_items_per_domain": 2,
                "max_items": 2,
                "level_certainty": 0.8,
                "show_level_from": 0.7,
                "success_floor": 0.6,
            },
        },
        "framework/klein.yaml": {
            "schema": "framework/1",
            "id": "klein",
            "version": "1.0.0",
            "source": "DigComp 2.2",
            "levels": [
                {
                    "id": "basis",
                    "label": {"nl": "je leert de basis", "en": "you are learning the basics"},
                },
                {"id": "zelfstandig", "label": {"nl": "je redt jezelf"}, "above": -0.5},
            ],
            "domains": {
                "veiligheid": {
                    "label": {"nl": "Digitale veiligheid"},
                    "can_do": {
                        "basis": {"nl": "Je leert veilig werken."},
                        "zelfstandig": {"nl": "Je kunt veilig werken."},
                    },
                    "subskills": {
                        "vei.internet": {
                            "label": {"nl": "Veilig online"},
                            "digcomp": ["4.1"],
                            "scored": True,
                            "grow": {"nl": "Je kunt handiger worden in veilig inloggen."},
                        },
                        "vei.durven": {
                            "label": {"nl": "Durven leren"},
                            "digcomp": ["5.4"],
                            "scored": False,
                            "grow": {"nl": "Je kunt handiger worden in leren."},
                        },
                    },
                }
            },
        },
        "items/veiligheid/VEI-INT-0001.yaml": single_choice("VEI-INT-0001", enemies=["VEI-INT-0002"]),
        "items/veiligheid/VEI-INT-0002.yaml": single_choice("VEI-INT-0002", modules=["M-VEI-001"]),
        "items/veiligheid/VEI-INT-0100.yaml": single_choice("VEI-INT-0100", pool="practice"),
        "modules/scherm-op-slot/module.yaml": {
            "schema": "module/1",
            "id": "M-VEI-001",
            "slug": "scherm-op-slot",
            "version": "1.0.0",
            "status": "pilot",
            "title": "Hoe zet je je scherm op slot?",
            "one_topic": "Je scherm vergrendelen als je wegloopt.",
            "benefit": "Niemand kan bij je gegevens.",
            "domain": "veiligheid",
            "subskills": ["vei.internet"],
            "digcomp": ["4.1"],
            "level": "start",
            "minutes": 10,
            "goals": ["Je kunt je scherm vergrendelen."],
            "steps": [
                _step("goal", {"type": "text", "md": "Je leert **één** ding."}),
                _step("explanation", {"type": "text", "file": "uitleg.nl.md"}),
                _step("practice", {"type": "steps", "items": ["Druk op Windows-toets + L."]}),
                _step("check", {"type": "item", "ref": "VEI-INT-0100"}),
                _step("tip", {"type": "checklist", "items": ["Ik meld het bij {{meldpunt.incident}}."]}),
                _step("done", {"type": "contact"}),
            ],
            "licence": "CC-BY-SA-4.0",
            "authors": ["Project Digivaardig"],
        },
        "modules/scherm-op-slot/uitleg.nl.md": "# Zo werkt het\n\nWelkom in {{gemeente.naam}}.\n",
    }


def _step(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    return {"id": kind, "kind": kind, "title": "Stap", "minutes": 1, "blocks": [block]}


class _Plain(yaml.SafeDumper):
    """YAML as authors write it, without references."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_package(folder: Path, change: Change | None = None) -> Path:
    """The small package on disk, after a change."""
    tree = small_package()
    if change:
        change(tree)
    shown = [name.removeprefix("media/") for name in tree if name.startswith("media/")]
    if shown and LICENCES not in tree:
        rows = [f"{name},CC0-1.0,Iemand,\n" for name in shown]
        tree[LICENCES] = "".join(["file,licence,maker,source\n", *rows])
    for name, content in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            content
            if isinstance(content, str)
            else yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False)
        )
        path.write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, change: Change | None = None, **given: Any) -> list[str]:
    """What loading says, a line for each problem; empty when the package is clean."""
    try:
        load_package(write_package(folder, change), **given)
    except ContentBroken as broken:
        return [str(problem) for problem in broken.problems]
    return []


def put(file: str, *way: str | int, to: Any) -> Callable[[Tree], None]:
    """A change that puts a value at a place."""

    def change(tree: Tree) -> None:
        target = tree[file]
        for step in way[:-1]:
            target = target[step]
        target[way[-1]] = to

    return change


def both(*changes: Change) -> Change:
    """These changes, one after the other."""
    return lambda tree: [change(tree) for change in changes]


def replace(file: str, **changes: Any) -> Callable[[Tree], None]:
    return lambda tree: tree[file].update(changes)


def translation(of: str, version: int | str, texts: dict[str, str]) -> dict[str, Any]:
    """A translation as it stands in its file."""
    return {"schema": "translation/1", "of": of, "source_version": version, "texts": dict(texts)}


def in_made_up_english(files: Files) -> dict[str, str]:
    """A file for every question and training, with every text of it behind "In English: "."""
    parsed, _ = parse(files)
    made = {}
    for entry in (*parsed.items, *parsed.modules):
        shape = entry.shape
        place = f"items/{shape.id}" if isinstance(shape, ItemShape) else f"modules/{shape.slug}"
        said = {way: f"In English: {spot.text}" for way, spot in spots(entry.document).items()}
        told = translation(shape.id, shape.version, said)
        made[f"i18n/en/{place}.yaml"] = yaml.safe_dump(told, allow_unicode=True, sort_keys=False)
    return made
