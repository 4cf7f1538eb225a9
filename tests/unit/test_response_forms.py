"""A response goes into a form and comes out the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lti_tool.domain.scoring import Response
from lti_tool.web.response_forms import as_form, forget_last, keep_last, lacking, last_for, read_response
from tests.web_examples import QUESTIONS

SINGLE, MULTIPLE, ORDER, MATCH, TEXT = QUESTIONS[:5]


@given(st.permutations([option.id for option in ORDER.options]))
def test_every_order_survives_the_form(order: list[str]) -> None:
    response = Response(choice=tuple(order))
    assert read_response(as_form(ORDER, response)) == response


@given(st.tuples(*[st.sampled_from(["0", "1", "2"])] * 3))
def test_every_match_survives_the_form(chosen: tuple[str, ...]) -> None:
    response = Response(choice=chosen)
    assert read_response(as_form(MATCH, response)) == response


@given(st.sets(st.sampled_from(["a", "b", "c", "d"])))
def test_every_set_of_choices_survives_the_form(chosen: set[str]) -> None:
    response = Response(choice=tuple(sorted(chosen)))
    assert read_response(as_form(MULTIPLE, response)) == response


@given(st.text(max_size=50))
def test_every_text_survives_the_form(text: str) -> None:
    assert read_response(as_form(TEXT, Response(text=text))) == Response(text=text)


@given(st.dictionaries(st.sampled_from(["place-a", "place-b", "row-0", "row-7", "choice", "text"]), st.text()))
def test_no_form_whatever_breaks_the_reading(fields: dict[str, str]) -> None:
    assert isinstance(read_response(MultiDict(fields)), Response)


def test_two_lines_in_one_place_count_as_nothing_chosen() -> None:
    assert read_response(MultiDict({"place-a": "1", "place-b": "1"})).choice == ()


def test_what_lacks_is_named_in_the_order_of_the_question() -> None:
    assert lacking(MATCH, {}) == ("row-0", "row-1", "row-2")
    assert lacking(MATCH, {"row-0": "1", "row-1": " ", "row-2": "0"}) == ("row-1",)
    assert lacking(ORDER, {"place-b": "1", "place-c": ""}) == ("place-a", "place-c", "place-d")
    assert lacking(SINGLE, {}) == lacking(TEXT, {}) == ()


def test_two_lines_in_one_place_both_lack_one() -> None:
    form = {"place-a": "1", "place-b": "2", "place-c": "1", "place-d": "4"}
    assert lacking(ORDER, form) == ("place-a", "place-c")


@given(st.permutations([option.id for option in ORDER.options]))
def test_nothing_lacks_in_a_whole_answer(order: list[str]) -> None:
    assert lacking(ORDER, as_form(ORDER, Response(choice=tuple(order)))) == ()
    assert lacking(MATCH, as_form(MATCH, Response(choice=("0", "0", "1")))) == ()


def test_not_knowing_wins_over_what_was_filled_in() -> None:
    assert read_response(MultiDict({"do": "dont_know", "choice": "a"})) == Response(dont_know=True)


def test_the_last_practice_answer_is_remembered_for_its_own_question_only() -> None:
    session: dict[str, object] = {}
    keep_last(session, SINGLE.key, Response(choice=("a",)))
    assert last_for(session, SINGLE) == Response(choice=("a",))
    assert last_for(session, MULTIPLE) is None
    forget_last(session)
    assert last_for(session, SINGLE) is None
