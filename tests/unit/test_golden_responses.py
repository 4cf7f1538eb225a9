"""An author writes down what a response should count for, and hears which ones do not come out so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import VERSION
from lti_tool.content_library import ContentBroken, WatchedPackage, load_package, package_of
from lti_tool.content_library.archive import pack, unpack
from lti_tool.content_library.beginning import STARTER_PACKAGE
from lti_tool.content_library.format import GoldenShape
from lti_tool.content_library.golden import check_golden
from lti_tool.content_library.parsed import GOLDEN, Entry, parse
from lti_tool.content_library.problems import Problem, Problems
from lti_tool.content_library.reading import MOST_VALUES, Document, Files, read_files
from lti_tool.domain.content import IN_ROWS, INTERACTIONS, Item
from lti_tool.domain.scenes import SearchResults
from lti_tool.domain.scoring import TYPED, Response, is_right, numbers_in, typed_number
from tests.factories import right_response, wrong_response
from tests.packages import ITEM, MANIFEST, Tree, problems, put, write_package
from tests.unit.test_composing import base, extending
from tests.unit.test_every_type import COMPLETE
from tests.web_examples import STARTER

PARSED, _ = parse(read_files(STARTER_PACKAGE))
SCORED = [item for item in STARTER.items.values() if item.type != "declarative"]


def written(item: Item, response: Response, *, named: bool = False) -> Any:
    """A response as an author would write it; rows as a list, or by their names."""
    if response.dont_know:
        return "dont_know"
    if item.type in TYPED:
        return response.text
    if item.type not in IN_ROWS:
        return list(response.choice)
    by_id = item.type == "simulation" and not isinstance(item.scene, SearchResults)
    answers = []
    for row, given_id in zip(item.rows, response.choice, strict=True):
        texts = {choice.id: choice.id if by_id else choice.text for choice in row.choices}
        answers.append(texts.get(given_id, given_id))
    names = [row.text or str(number) for number, row in enumerate(item.rows, start=1)]
    return dict(zip(names, answers, strict=True)) if named else answers


def golden(items: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "golden/1", "items": items}


def line(response: Any, right: Any = True) -> dict[str, Any]:
    return {"response": response, "right": right}


def told(item_id: str, *lines: dict[str, Any]) -> list[str]:
    """What is said about golden responses to an item of the starter package."""
    data = golden({item_id: list(lines)})
    entry = Entry(Document(GOLDEN, data), GoldenShape.model_validate(data))
    return [problem.message for problem in check_golden(replace(PARSED, golden=entry), Problems())]


def with_golden(*lines: dict[str, Any], item: str = "VEI-INT-0001") -> Callable[[Tree], None]:
    return lambda tree: tree.update({GOLDEN: golden({item: list(lines)})})


def test_the_starter_package_shows_a_golden_response_of_every_type_that_is_scored() -> None:
    assert PARSED.golden is not None
    shown = {STARTER.item(item_id).type for item_id in PARSED.golden.shape.items}
    # Their responses look like those of a single choice.
    assert shown == set(INTERACTIONS) - {"declarative", "sjt", "hotspot"}


@pytest.mark.parametrize("named", [False, True], ids=["as a list", "by name"])
@pytest.mark.parametrize("item", SCORED, ids=lambda item: f"{item.id}-{item.type}")
def test_a_right_and_another_response_come_out_as_they_are_written(item: Item, *, named: bool) -> None:
    right, wrong = (written(item, given(item), named=named) for given in (right_response, wrong_response))
    assert told(item.id, line(right), line(wrong, False), line("dont_know", False)) == []
    said = told(item.id, line(right, False), line(wrong), line("dont_know"))
    assert len(said) == 3
    assert said[0].endswith("counts as right, not as not yet")
    assert "counts as not yet, not as right" in said[1]
    assert said[2] == f"{item.id}: this counts as not yet, not as right"


@given(COMPLETE.filter(lambda asked: asked[0].type != "declarative"), st.booleans())
def test_whatever_somebody_answers_its_golden_response_counts_the_same(
    asked: tuple[Item, Response], named: bool
) -> None:
    item, response = asked
    said, right = written(item, response, named=named), is_right(item, response)
    if said == "dont_know" or "{{" in str(said):
        return
    assert told(item.id, line(said, right)) == []
    assert len(told(item.id, line(said, not right))) == 1


WORDS = st.text(max_size=12) | st.integers() | st.floats(allow_nan=False) | st.sampled_from("abcd")


@given(st.sampled_from(SCORED), WORDS | st.lists(WORDS) | st.dictionaries(st.text(max_size=12), WORDS))
def test_whatever_an_author_writes_is_scored_or_told(item: Item, said: Any) -> None:
    assert all(len(told(item.id, line(said, right))) <= 1 for right in (True, False))
    assert told(item.id, line(said, True)) + told(item.id, line(said, False))


@given(st.floats(-1e14, 1e14, allow_nan=False) | st.integers(-(10**14), 10**14))
def test_a_number_is_typed_so_that_it_is_read_again(number: float) -> None:
    assert number in [float(read) for read in numbers_in(typed_number(number))]


UNFIT = {
    "OPE-SOF-0001: there is no e; one chooses from: a, b, c, d": ("OPE-SOF-0001", ["a", "e"]),
    "OPE-SOF-0001: the same option was chosen twice": ("OPE-SOF-0001", ["a", "a"]),
    "OPE-SOF-0001: nothing was chosen": ("OPE-SOF-0001", []),
    "OPE-SOF-0001: multiple_response takes the id of an option, or a list of them": ("OPE-SOF-0001", {"a": "b"}),
    "VEI-INT-0100: 2 chosen where 1 are needed": ("VEI-INT-0100", ["a", "b"]),
    "OPE-SOF-0002: 1 chosen where 4 are needed": ("OPE-SOF-0002", "a"),
    "OPE-SOF-0004: text_entry takes one text or number": ("OPE-SOF-0004", ["=SOM(A1:A10)"]),
    "OPE-SOF-0004: longer than 1000 characters": ("OPE-SOF-0004", "a" * 1001),
    "OPE-SOF-0004: nothing was typed": ("OPE-SOF-0004", " "),
    "OPE-SOF-0004: package.yaml does not declare the variable naam": ("OPE-SOF-0004", "{{naam}}"),
    "OPE-SOF-0005: is not a number": ("OPE-SOF-0005", "veel"),
    "OPE-SOF-0005: '1875' counts as not yet, not as right": ("OPE-SOF-0005", 1875),
    "STR-SAM-0001: nothing is said about Je wilt een afspraak vastleggen.": (
        "STR-SAM-0001",
        {"Je bent tien minuten later.": "Een chatbericht", "Je wilt een lastig gesprek voeren.": "Een e-mail"},
    ),
    "STR-SAM-0001: there is no Een e-mail; it asks about: Je bent tien minuten later., Je wilt": (
        "STR-SAM-0001",
        {"Een e-mail": "Een chatbericht"},
    ),
    "INF-ZOE-0001: there is no Prullenbak; one chooses from: Besluiten, Verslagen, Persoonlijk": (
        "INF-ZOE-0001",
        ["Prullenbak", "Verslagen", "Persoonlijk"],
    ),
    "INF-ZOE-0001: 1 given where 3 are needed, for: 2026-03 besluit parkeren.pdf, verslag": (
        "INF-ZOE-0001",
        "Besluiten",
    ),
    "INF-ZOE-0001: this counts as not yet, not as right, because of: boodschappen.docx": (
        "INF-ZOE-0001",
        ["Besluiten", "Verslagen", "Verslagen"],
    ),
    "OPE-SOF-0006: this counts as not yet, not as right, because of: 1, 2": ("OPE-SOF-0006", ["Ctrl en X", 5]),
    "OPE-SOF-0006: there is no 3; it asks about: 1, 2": ("OPE-SOF-0006", {"1": "Ctrl en C", "2": "V", "3": "V"}),
    "VEI-INT-0002: there is no Melden; one chooses from: melden, antwoorden, laten": (
        "VEI-INT-0002",
        ["Melden", "laten", "melden"],
    ),
    "INF-ZOE-0002: there is no 1; one chooses from: Rijbewijs snel verlengd, Rijbewijs verlengen": (
        "INF-ZOE-0002",
        1,
    ),
    "STR-MIN-0001 is declarative: it is never scored, so no response to it is right or not yet": (
        "STR-MIN-0001",
        "a",
    ),
}


@pytest.mark.parametrize("said", UNFIT)
def test_a_response_that_answers_nothing_or_counts_otherwise_is_told_with_the_reason(said: str) -> None:
    item_id, response = UNFIT[said]
    found = told(item_id, line(response))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_gaps_that_are_read_in_another_order_than_they_are_numbered_keep_their_numbers() -> None:
    entry = next(entry for entry in PARSED.items if entry.shape.id == "OPE-SOF-0006")
    assert entry.shape.cloze is not None
    cloze = entry.shape.cloze.model_copy(update={"text": "Met Ctrl en [[2]] plak je. Met [[1]] kopieer je."})
    turned = Entry(entry.document, entry.shape.model_copy(update={"cloze": cloze}))
    data = golden({"OPE-SOF-0006": [line({"1": "Ctrl en C", "2": "V"}), line(["V", "Ctrl en C"])]})
    written_down = Entry(Document(GOLDEN, data), GoldenShape.model_validate(data))
    assert check_golden(replace(PARSED, items=(turned,), golden=written_down), Problems()) == []


def test_rows_of_the_same_name_need_a_list() -> None:
    entry = next(entry for entry in PARSED.items if entry.shape.id == "OPE-SOF-0007")
    shape: Any = entry.shape.simulation
    fields = [field.model_copy(update={"label": "Kies"}) for field in shape.fields]
    same = entry.shape.model_copy(update={"simulation": shape.model_copy(update={"fields": fields})})
    data = golden({"OPE-SOF-0007": [line({"Kies": "afzender"}), line(["afzender", "verplaats"])]})
    written_down = Entry(Document(GOLDEN, data), GoldenShape.model_validate(data))
    found = check_golden(replace(PARSED, items=(Entry(entry.document, same),), golden=written_down), Problems())
    message = "OPE-SOF-0007: two rows have the same name; give a list, for: Kies, Kies"
    assert [problem.message for problem in found] == [message]


FORM = "should be a text or number, a list of these, or a mapping to them; quotes make a text of a word"
BROKEN = {
    f"{GOLDEN}:4: VEI-INT-0001: this counts as not yet, not as right": with_golden(line("b")),
    f"{GOLDEN}:6: VEI-INT-0001: there is no d; one chooses from: a, b, c": with_golden(line("a"), line("d")),
    f"{GOLDEN}:4: there is no item VEI-INT-0777": with_golden(line("a"), item="VEI-INT-0777"),
    f"{GOLDEN}:4: items.vei-int-0001.[key]: should match pattern": with_golden(line("a"), item="vei-int-0001"),
    f"{GOLDEN}:4: items.VEI-INT-0001.0.response: {FORM}": with_golden(line(True)),
    f"{GOLDEN}:4: items.VEI-INT-0001.0.response: {FORM} ": with_golden(line(None)),
    f"{GOLDEN}:5: items.VEI-INT-0001.0.response: {FORM}": with_golden(line([["a"]])),
    f"{GOLDEN}:5: items.VEI-INT-0001.0.right: should be a valid boolean": with_golden(line("a", "ja")),
    f"{GOLDEN}:6: items.VEI-INT-0001.0.score: the format has no such key": with_golden(line("a") | {"score": 1}),
    f"{GOLDEN}:4: items.VEI-INT-0001.0.right: is missing": with_golden({"response": "a"}),
    f"{GOLDEN}:1: schema: is missing": lambda tree: tree.update(
        {GOLDEN: {"items": {"VEI-INT-0001": [line("a")]}}}
    ),
    f"{GOLDEN}:2: items: Dictionary should have at least 1 item": lambda tree: tree.update({GOLDEN: golden({})}),
    f"{GOLDEN}:3: items.VEI-INT-0001: List should have at least 1 item": with_golden(),
    f"{GOLDEN}:2: items: should be a valid dictionary": lambda tree: tree.update({GOLDEN: golden([])}),  # type: ignore[arg-type]
    f"{GOLDEN}: the file: must have keys of its own": lambda tree: tree.update({GOLDEN: ""}),
    f"{GOLDEN}:2: this is not YAML": lambda tree: tree.update({GOLDEN: "items: ["}),
    f"{GOLDEN}: more than {MOST_VALUES:,} values in one file": with_golden(*[line("a")] * 400),
    f"{GOLDEN}: larger than 64 KB": with_golden(line("a" * 70_000)),
    "tests/zilver.yaml: this file does not belong in a package": lambda tree: tree.update(
        {"tests/zilver.yaml": ""}
    ),
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_golden_file_is_refused_with_its_line(tmp_path: Path, said: str) -> None:
    found = problems(tmp_path, BROKEN[said])
    assert len(found) == 1
    assert found[0].startswith(said.strip())


def test_what_golden_responses_say_does_not_depend_on_the_words_of_the_municipality(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        answer = {"accept": ["{{meldpunt.incident}}"], "normalise": ["trim"]}
        for key in ("options", "enemies"):
            tree[ITEM].pop(key)
        tree[ITEM] |= {"type": "text_entry", "answer": answer}
        lines = [line("{{meldpunt.incident}}"), line("Meldpunt ICT"), line("14 0000", False)]
        with_golden(*lines)(tree)

    given_values = {"gemeente.naam": "Molenwaard", "digihelden.contact": "x", "meldpunt.incident": "14 0000"}
    assert problems(tmp_path, change, variables=given_values) == []


def test_an_item_with_a_problem_of_its_own_is_not_scored_and_the_others_are(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        put(ITEM, "options", 0, "correct", to=False)(tree)
        tree[GOLDEN] = golden({"VEI-INT-0001": [line("a")], "VEI-INT-0002": [line("b")]})

    found = problems(tmp_path, change)
    assert [said.partition(":")[0] for said in found] == [ITEM, GOLDEN]
    assert "VEI-INT-0002: this counts as not yet" in found[1]


@pytest.mark.parametrize("item", ["VEI-INT-0001", "VEI-INT-0002"])
def test_an_item_that_cannot_be_read_is_there(tmp_path: Path, item: str) -> None:
    def change(tree: Tree) -> None:
        tree[ITEM].pop("stem")
        with_golden(line("a"), item=item)(tree)

    assert problems(tmp_path, change) == [f"{ITEM}:1: stem: is missing"]


def test_golden_responses_wait_until_the_manifest_can_be_read_and_problems_can_be_counted(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        with_golden(line("b"))(tree)
        tree[MANIFEST].pop("title")

    assert problems(tmp_path, change) == [f"{MANIFEST}:1: title: is missing"]
    many = Problems()
    many.add([], more=1)
    assert check_golden(PARSED, many) == []


def test_golden_responses_come_along_and_are_a_part_of_the_release(tmp_path: Path) -> None:
    without = load_package(write_package(tmp_path / "zonder"))
    folder = write_package(tmp_path / "bron", with_golden(line("a")))
    packed = pack(folder, tmp_path / "p.digipakket")
    (tmp_path / "hier").mkdir()
    unpacked = unpack(packed.file, tmp_path / "hier")
    assert (unpacked.folder / GOLDEN).read_bytes() == (folder / GOLDEN).read_bytes()
    assert packed.fingerprint == unpacked.fingerprint != without.sha256


def test_a_package_that_extends_has_golden_responses_of_its_own_only(tmp_path: Path) -> None:
    shared = base(tmp_path)
    (shared / "tests").mkdir()
    (shared / GOLDEN).write_text(
        "schema: golden/1\nitems: {VEI-INT-0001: [{response: b, right: true}]}\n", "utf-8"
    )
    assert load_package(extending(tmp_path)).item("VEI-INT-0001")
    lines = {"VEI-INT-0001": [line("a")], "VEI-INT-0900": [line("c", False)]}
    assert load_package(extending(tmp_path, put_golden(lines))).item("VEI-INT-0900")
    with pytest.raises(ContentBroken, match=r"^tests/golden\.yaml:4: VEI-INT-0001: this counts as not yet"):
        load_package(extending(tmp_path, put_golden({"VEI-INT-0001": [line("b")]})))


def put_golden(items: dict[str, Any]) -> Callable[[Tree], None]:
    return lambda tree: tree.update({GOLDEN: golden(items)})


def test_a_release_that_a_campaign_has_is_not_scored_again(tmp_path: Path) -> None:
    files: Files = read_files(write_package(tmp_path, with_golden(line("b"))))
    assert package_of(files).id == "klein-pakket"
    with pytest.raises(ContentBroken, match="counts as not yet"):
        package_of(files, tool=VERSION)


def test_who_mends_a_golden_response_or_its_item_sees_it_at_once(tmp_path: Path) -> None:
    folder = write_package(tmp_path, with_golden(line("b")))
    watched = WatchedPackage(folder)
    assert watched.look().problems == (Problem(GOLDEN, 4, "VEI-INT-0001: this counts as not yet, not as right"),)
    golden_file = folder / GOLDEN
    golden_file.write_text(golden_file.read_text("utf-8").replace("right: true", "right: false"), "utf-8")
    assert watched.look().problems == ()
    item = folder / ITEM
    item.write_text(item.read_text("utf-8").replace("id: b", "id: x"), "utf-8")
    assert [problem.message for problem in watched.look().problems] == [
        "VEI-INT-0001: there is no b; one chooses from: a, x, c"
    ]
