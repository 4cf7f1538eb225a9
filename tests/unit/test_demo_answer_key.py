"""Simulated people answer right or otherwise, as they were told, in every kind of question."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from lti_tool.demo.answer_key import SOMETHING_ELSE, AnswerKey, Question, QuestionUnknown, Row, fill_in
from lti_tool.demo.page import Form, read_page

OPTIONS = ("a", "b", "c")


def question(kind: str, **more: object) -> Question:
    values = {
        "id": "VEI-INT-0001",
        "version": 1,
        "type": kind,
        "domain": "veiligheid",
        "difficulty": 0.0,
        "options": OPTIONS,
        "right_options": ("b",),
        "rows": (),
        "typed": Row("", SOMETHING_ELSE, is_label=False),
        **more,
    }
    return Question(**values)  # type: ignore[arg-type]


def form(inside: str = "") -> Form:
    source = f"<form method=post>{inside}</form>"
    return read_page("http://localhost/", 200, {"Content-Type": "text/html"}, source).forms[0]


@pytest.mark.parametrize("kind", ["single_choice", "sjt"])
def test_one_choice_is_the_right_one_or_another(kind: str) -> None:
    for seed in range(20):
        dice = random.Random(seed)
        assert fill_in(question(kind), form(), right=True, dice=dice) == {"choice": "b"}
        assert fill_in(question(kind), form(), right=False, dice=dice)["choice"] in ("a", "c")


def test_a_question_without_a_right_option_gets_any_of_them() -> None:
    asked = question("declarative", right_options=())
    assert fill_in(asked, form(), right=True, dice=random.Random(1))["choice"] in OPTIONS


def test_several_choices_are_exactly_right_or_not() -> None:
    asked = question("multiple_response", right_options=("a", "c"))
    for seed in range(30):
        dice = random.Random(seed)
        assert fill_in(asked, form(), right=True, dice=dice) == {"choice": ["a", "c"]}
        other = fill_in(asked, form(), right=False, dice=dice)["choice"]
        assert other
        assert other != ["a", "c"]


def test_the_only_right_choice_is_never_simply_left_out() -> None:
    asked = question("multiple_response", options=("a", "b"), right_options=("a",))
    for seed in range(20):
        assert fill_in(asked, form(), right=False, dice=random.Random(seed))["choice"] in (["b"], ["a", "b"])


def test_an_order_is_the_listed_one_or_another() -> None:
    asked = question("order", right_options=())
    dice = random.Random(1)
    right = {"place-a": "1", "place-b": "2", "place-c": "3"}
    assert fill_in(asked, form(), right=True, dice=dice) == right
    other = fill_in(asked, form(), right=False, dice=dice)
    assert other != right
    assert sorted(str(v) for v in other.values()) == ["1", "2", "3"]


def test_pairs_are_matched_by_the_texts_on_the_page() -> None:
    asked = question("match", rows=(Row("r  one", "r two"), Row("r two", "r  one")))
    select = '<select name="row-{}"><option value="">-<option value="1">r one<option value="0">r two</select>'
    shown = form(select.format(0) + select.format(1))
    dice = random.Random(1)
    assert fill_in(asked, shown, right=True, dice=dice) == {"row-0": "1", "row-1": "0"}
    assert fill_in(asked, shown, right=False, dice=dice) in (
        {"row-0": "0", "row-1": "0"},
        {"row-0": "1", "row-1": "1"},
    )
    with pytest.raises(QuestionUnknown, match="row-0"):
        fill_in(asked, form(), right=True, dice=dice)


def test_a_text_is_one_that_is_accepted_or_something_else() -> None:
    asked = question("text_entry", typed=Row("=A3*$B$1", "niets", is_label=False))
    dice = random.Random(1)
    assert fill_in(asked, form(), right=True, dice=dice) == {"text": "=A3*$B$1"}
    assert fill_in(asked, form(), right=False, dice=dice)["text"] == "niets"


def test_a_row_where_everything_is_right_is_never_the_one_that_is_missed() -> None:
    asked = question(
        "simulation", rows=(Row("laten", None, is_label=False), Row("melden", "laten", is_label=False))
    )
    for seed in range(20):
        given = fill_in(asked, form(), right=False, dice=random.Random(seed))
        assert given == {"row-0": "laten", "row-1": "laten"}


def test_the_key_is_read_from_the_item_files(tmp_path: Path) -> None:
    folder = tmp_path / "basis" / "items" / "veiligheid"
    folder.mkdir(parents=True)
    choice = {
        "id": "VEI-INT-0001",
        "version": 2,
        "type": "single_choice",
        "domain": "veiligheid",
        "difficulty": {"b": -0.5},
        "options": [{"id": "a", "text": "x", "correct": True}, {"id": "b", "text": "y"}],
    }
    match = {
        "id": "VEI-INT-0002",
        "version": 1,
        "type": "match",
        "domain": "veiligheid",
        "difficulty": {"b": 1},
        "pairs": [{"left": "l", "right": "r"}],
    }
    typed = match | {"id": "VEI-INT-0003", "type": "text_entry", "pairs": [], "answer": {"accept": ["z"]}}
    number = match | {"id": "VEI-INT-0004", "type": "numeric", "pairs": [], "number": {"value": 2.5}}
    for item in (choice, match, typed, number):
        (folder / f"{item['id']}.yaml").write_text(yaml.safe_dump(item), "utf-8")
    key = AnswerKey.read(tmp_path)
    assert len(key) == 4
    first = key.question("VEI-INT-0001@2")
    assert (first.right_options, first.options, first.difficulty) == (("a",), ("a", "b"), -0.5)
    assert key.question("VEI-INT-0002@1").rows == (Row("r", None),)
    assert key.question("VEI-INT-0003@1").typed == Row("z", SOMETHING_ELSE, is_label=False)
    assert key.question("VEI-INT-0004@1").typed == Row("2,5", "3,5", is_label=False)
    with pytest.raises(QuestionUnknown, match="VEI-INT-0009@1"):
        key.question("VEI-INT-0009@1")
