"""Each thing that can be wrong inside one question, told with its line: the starter package, broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import yaml

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.content_library.checks import check
from lti_tool.content_library.parsed import parse
from lti_tool.content_library.reading import Files, read_files, read_yaml
from tests.packages import Tree, put, replace

FOLDER = {"INF": "informatie", "OPE": "operationeel", "STR": "strategisch", "VEI": "veiligheid"}


def file_of(item_id: str) -> str:
    return f"items/{FOLDER[item_id[:3]]}/{item_id}.yaml"


MANY, ORDER, HOTSPOT, TEXT, NUMBER, CLOZE = (file_of(f"OPE-SOF-000{number}") for number in range(1, 7))
RULE = file_of("OPE-SOF-0007")
FILES, SEARCH = file_of("INF-ZOE-0001"), file_of("INF-ZOE-0002")
SHARING, SCALE, MATCH = file_of("STR-CLO-0001"), file_of("STR-MIN-0001"), file_of("STR-SAM-0001")
SITUATION, MAILBOX, PROMPT = (file_of(f"VEI-INT-000{number}") for number in (1, 2, 3))
SINGLE = file_of("VEI-INT-0100")


@cache
def starter() -> Files:
    return read_files(STARTER_PACKAGE)


def items() -> Tree:
    """The questions of the starter package as data."""
    texts = starter().texts
    return {name: read_yaml(name, text).data for name, text in texts.items() if name.startswith("items/")}


def told(change: Callable[[Tree], object], *, without: str = "") -> list[str]:
    """What is said of the starter package after a change to one of its files."""
    files = starter()
    tree = items()
    before = deepcopy(tree)
    change(tree)
    changed = {
        name: yaml.safe_dump(data, allow_unicode=True) for name, data in tree.items() if data != before[name]
    }
    media = {name: medium for name, medium in files.media.items() if name != without}
    parsed, problems = parse(Files({**files.texts, **changed}, media))
    return [str(problem) for problem in [*problems, *check(parsed)]]


def options(file: str, count: int) -> Callable[[Tree], None]:
    """Another number of options, all that is right first."""

    def change(tree: Tree) -> None:
        some = tree[file]["options"]
        more = [{**deepcopy(some[-1]), "id": letter, "text": f"Iets anders: {letter}"} for letter in "mnopqrstu"]
        tree[file]["options"] = [*some, *more][:count]

    return change


def simulated(file: str, **changes: Any) -> Callable[[Tree], None]:
    return lambda tree: tree[file]["simulation"].update(changes)


def choices(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "text": name.title()} for name in names]


BROKEN: dict[str, tuple[str, Callable[[Tree], object]]] = {
    # Which parts a type has.
    "a declarative item is never scored": (SCALE, replace(SCALE, scored=True)),
    "single_choice: options missing": (SINGLE, replace(SINGLE, options=[])),
    "match: pairs missing": (MATCH, replace(MATCH, pairs=[])),
    "text_entry: answer missing": (TEXT, lambda tree: tree[TEXT].pop("answer")),
    "numeric: number missing": (NUMBER, lambda tree: tree[NUMBER].pop("number")),
    "cloze: cloze missing": (CLOZE, lambda tree: tree[CLOZE].pop("cloze")),
    "file_sort: files missing": (FILES, replace(FILES, files=[])),
    "file_sort: folders missing": (FILES, replace(FILES, folders=[])),
    "simulation: simulation missing": (PROMPT, lambda tree: tree[PROMPT].pop("simulation")),
    "sjt: pairs not used": (SITUATION, replace(SITUATION, pairs=[{"left": "a", "right": "b"}])),
    "text_entry: number not used": (TEXT, replace(TEXT, number={"value": 3})),
    "numeric: answer not used": (NUMBER, replace(NUMBER, answer={"accept": ["3"]})),
    "match: folders not used": (MATCH, replace(MATCH, folders=["Besluiten"])),
    "match: files not used": (MATCH, replace(MATCH, files=[{"name": "a", "folder": "b"}])),
    "order: cloze not used": (ORDER, replace(ORDER, cloze={"text": "[[1]]", "gaps": [{"accept": ["x"]}]})),
    "sjt: simulation not used": (
        SITUATION,
        lambda tree: tree[SITUATION].update(simulation=deepcopy(tree[PROMPT]["simulation"])),
    ),
    # Options.
    "sjt has 3 to 4 options": (SITUATION, options(SITUATION, 5)),
    "multiple_response has 3 to 6 options": (MANY, options(MANY, 7)),
    "order has 3 to 6 options": (ORDER, options(ORDER, 2)),
    "hotspot has 3 to 8 options": (HOTSPOT, options(HOTSPOT, 9)),
    "declarative has 2 to 7 options": (SCALE, options(SCALE, 1)),
    "two options have the same id": (ORDER, put(ORDER, "options", 1, "id", to="a")),
    "two options have the same text": (ORDER, put(ORDER, "options", 1, "text", to="Het menu Bestand openen")),
    "exactly one option is correct, not 2": (HOTSPOT, put(HOTSPOT, "options", 0, "correct", to=True)),
    "exactly one option is correct, not 0": (SITUATION, put(SITUATION, "options", 0, "correct", to=False)),
    "at least two options are correct and at least one is not; now 1": (
        MANY,
        put(MANY, "options", 0, "correct", to=False),
    ),
    "order has no correct options": (ORDER, put(ORDER, "options", 0, "correct", to=True)),
    "declarative has no correct options": (SCALE, put(SCALE, "options", 0, "correct", to=True)),
    "option c has no feedback": (HOTSPOT, lambda tree: tree[HOTSPOT]["options"][2].pop("feedback")),
    # Places in a picture.
    "option b has no area in the picture": (HOTSPOT, lambda tree: tree[HOTSPOT]["options"][1].pop("area")),
    "option b has an area; only a hotspot uses it": (
        SITUATION,
        put(SITUATION, "options", 1, "area", to={"x": 1, "y": 1, "width": 5, "height": 5}),
    ),
    "the area of option d runs out of the picture": (HOTSPOT, put(HOTSPOT, "options", 3, "area", "width", to=12)),
    "hotspot: picture missing": (HOTSPOT, lambda tree: tree[HOTSPOT].pop("picture")),
    "media/browser.pdf is not one of: svg, png, jpg, webp": (
        HOTSPOT,
        put(HOTSPOT, "picture", "file", to="media/browser.pdf"),
    ),
    "there is no file media/scherm.png": (HOTSPOT, put(HOTSPOT, "picture", "file", to="media/scherm.png")),
    "media/wijkfeest.svg is not one of: pdf, docx, xlsx": (
        NUMBER,
        put(NUMBER, "attachments", 0, "file", to="media/wijkfeest.svg"),
    ),
    "there is no file media/straatfeest.xlsx": (
        NUMBER,
        put(NUMBER, "attachments", 0, "file", to="media/straatfeest.xlsx"),
    ),
    # Pairs and typed answers.
    "2 to 6 pairs": (MATCH, put(MATCH, "pairs", to=[{"left": "a", "right": "b"}])),
    "two pairs have the same left text": (MATCH, put(MATCH, "pairs", 1, "left", to="Je bent tien minuten later.")),
    "two pairs have the same right text": (MATCH, put(MATCH, "pairs", 1, "right", to="Een chatbericht")),
    "an accepted answer is empty after normalising": (TEXT, put(TEXT, "answer", "accept", 1, to="=")),
    # Files and folders.
    "3 to 8 files": (FILES, lambda tree: tree[FILES]["files"].pop()),
    "2 to 6 folders": (FILES, put(FILES, "folders", to=["Besluiten"])),
    "two folders have the same name": (FILES, put(FILES, "folders", 1, to="Besluiten")),
    "two files have the same name": (FILES, put(FILES, "files", 1, "name", to="boodschappen.docx")),
    "there is no folder Foto's": (FILES, put(FILES, "files", 1, "folder", to="Foto's")),
    # Gaps.
    "the text should have each of [[1]] [[2]] once": (CLOZE, put(CLOZE, "cloze", "text", to="Alleen [[2]].")),
    "a gap has either choices or accept": (CLOZE, put(CLOZE, "cloze", "gaps", 1, "accept", to=[])),
    "a gap has 2 to 6 choices": (CLOZE, put(CLOZE, "cloze", "gaps", 0, "choices", to=["Ctrl en C"])),
    "two choices are the same": (CLOZE, put(CLOZE, "cloze", "gaps", 0, "choices", 1, to="Ctrl en C")),
    "the key is not one of the choices": (CLOZE, put(CLOZE, "cloze", "gaps", 0, "key", to="Ctrl en Q")),
    "what is typed has no key": (CLOZE, put(CLOZE, "cloze", "gaps", 1, "key", to="V")),
    # Simulations.
    "a mailbox has either choices, for each mail, or fields, for a rule": (
        RULE,
        simulated(RULE, choices=choices("melden", "laten")),
    ),
    "2 to 6 choices": (MAILBOX, simulated(MAILBOX, choices=choices("melden"))),
    "two mails have the same subject": (
        MAILBOX,
        put(MAILBOX, "simulation", "mails", 1, "subject", to="Je mailbox is vol"),
    ),
    "what should one do with it?": (MAILBOX, put(MAILBOX, "simulation", "mails", 1, "key", to=[])),
    "a mail has no key when a rule is asked for": (RULE, put(RULE, "simulation", "mails", 0, "key", to=["wis"])),
    "at least one result is correct and one is not; now 0": (
        SEARCH,
        put(SEARCH, "simulation", "results", 1, "correct", to=False),
    ),
    "two results have the same title": (
        SEARCH,
        put(SEARCH, "simulation", "results", 0, "title", to="Rijbewijs verlengen"),
    ),
    "two people have the same name": (SHARING, put(SHARING, "simulation", "people", 1, "name", to="Aisha")),
    "two choices have the same id": (SHARING, put(SHARING, "simulation", "choices", 1, "id", to="geen")),
    "two choices have the same text": (
        PROMPT,
        put(PROMPT, "simulation", "fields", 0, "choices", 1, "text", to="Ja, dit ben ik"),
    ),
    "weigeren is not one of the choices": (PROMPT, put(PROMPT, "simulation", "fields", 0, "key", to=["weigeren"])),
    "wissen is not one of the choices": (
        MAILBOX,
        put(MAILBOX, "simulation", "mails", 0, "key", to=["melden", "wissen"]),
    ),
    "alles is not one of the choices": (SHARING, put(SHARING, "simulation", "people", 0, "key", to=["alles"])),
}


@pytest.mark.parametrize("said", BROKEN)
def test_what_is_wrong_in_a_question_is_told_with_its_line(said: str) -> None:
    file, change = BROKEN[said]
    found = told(change)
    assert any(line.startswith(f"{file}:") and said in line for line in found), found


def test_the_starter_package_itself_has_nothing_wrong_in_its_questions() -> None:
    assert told(lambda tree: None) == []


def test_a_problem_deep_in_a_simulation_stands_on_the_line_where_it_is() -> None:
    change = put(MAILBOX, "simulation", "mails", 2, "key", to=["wissen"])
    (line,) = told(change)
    tree = items()
    change(tree)
    written = yaml.safe_dump(tree[MAILBOX], allow_unicode=True).splitlines()
    number = int(line.split(":")[1])
    assert "Scan de code" in "".join(written[number - 1 : number + 2])


@pytest.mark.parametrize(
    "text", ["Met [[1]] en [[2]] en [[3]].", "Met [[1]], [[1]] en [[2]].", "[[1]] [[2]] [[10]]"]
)
def test_a_gap_that_nobody_fills_is_told(text: str) -> None:
    (line,) = told(put(CLOZE, "cloze", "text", to=text))
    assert "the text should have each of [[1]] [[2]] once" in line


def test_an_accepted_text_of_a_gap_must_leave_something() -> None:
    change = put(CLOZE, "cloze", "gaps", 1, "accept", to=["="])
    normalise = put(CLOZE, "cloze", "normalise", to=["strip_equals"])
    found = told(lambda tree: (change(tree), normalise(tree)))
    assert [line for line in found if "an accepted answer is empty after normalising" in line]


def test_a_picture_that_nothing_shows_any_more_is_told() -> None:
    assert "media/browser.svg: nothing shows this file" in " ".join(
        told(put(HOTSPOT, "picture", "file", to="media/scherm.png"))
    )


def test_a_question_without_its_picture_is_told_at_the_picture() -> None:
    (line,) = told(lambda tree: None, without="media/browser.svg")
    assert line.startswith(f"{HOTSPOT}:")
    assert "there is no file media/browser.svg" in line


def test_several_things_wrong_are_all_told() -> None:
    def change(tree: Tree) -> None:
        for said in ("2 to 6 folders", "3 to 8 files"):
            BROKEN[said][1](tree)

    found = told(change)
    assert any("2 to 6 folders" in line for line in found)
    assert any("3 to 8 files" in line for line in found)
    assert sum("there is no folder" in line for line in found) == 1
