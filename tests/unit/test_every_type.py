"""What always holds for a question, of whatever type: the starter package has one of each."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain, combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lti_tool.domain.content import IN_ROWS, Item
from lti_tool.domain.scoring import (
    TYPED,
    Response,
    ResponseDoesNotFit,
    check_fits,
    expected_in_words,
    explanation,
    in_words,
    is_right,
)
from lti_tool.web.response_forms import as_form, read_response
from tests.factories import right_response, wrong_response
from tests.web_examples import STARTER

ITEMS = tuple(STARTER.items.values())
IN_ROW_ITEMS = tuple(item for item in ITEMS if item.type in IN_ROWS)
EVERY_ITEM = pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.id}-{item.type}")
TYPED_TEXTS = st.text(min_size=1, max_size=20).filter(str.strip)


def complete(item: Item) -> st.SearchStrategy[Response]:
    """Responses to everything that the item asks."""
    if item.type == "numeric":
        return st.integers().map(lambda number: Response(text=str(number)))
    if item.type in TYPED:
        return TYPED_TEXTS.map(lambda text: Response(text=text))
    if item.type in IN_ROWS:
        rows = (st.sampled_from([c.id for c in row.choices]) if row.choices else TYPED_TEXTS for row in item.rows)
        return st.tuples(*rows).map(Response)
    ids = [option.id for option in item.options]
    if item.type == "order":
        return st.permutations(ids).map(lambda order: Response(tuple(order)))
    if item.type == "multiple_response":
        return st.sets(st.sampled_from(ids), min_size=1).map(lambda chosen: Response(tuple(sorted(chosen))))
    return st.sampled_from(ids).map(lambda chosen: Response((chosen,)))


COMPLETE = st.sampled_from(ITEMS).flatmap(lambda item: st.tuples(st.just(item), complete(item)))
WHATEVER = st.builds(
    Response,
    st.lists(st.sampled_from("abcdef012345") | st.text(max_size=5), max_size=8).map(tuple),
    st.text(max_size=40),
    st.booleans(),
)


@EVERY_ITEM
def test_the_right_response_is_right_and_can_be_told(item: Item) -> None:
    response = right_response(item)
    assert is_right(item, response)
    assert in_words(item, response)
    assert item.type == "declarative" or in_words(item, response) == expected_in_words(item)


@EVERY_ITEM
def test_another_response_is_not_and_is_explained(item: Item) -> None:
    if item.type == "declarative":
        return
    response = wrong_response(item)
    assert not is_right(item, response)
    assert explanation(item, response)
    assert in_words(item, response) != expected_in_words(item)


@pytest.mark.parametrize("item", [item for item in ITEMS if item.options], ids=lambda item: item.type)
def test_of_all_that_can_be_chosen_exactly_one_is_right(item: Item) -> None:
    ids = [option.id for option in item.options]
    if item.type == "order":
        ways = list(permutations(ids))
    elif item.type == "multiple_response":
        ways = list(chain.from_iterable(combinations(ids, size) for size in range(1, len(ids) + 1)))
    else:
        ways = [(one,) for one in ids]
    right = [way for way in ways if is_right(item, Response(way))]
    assert right == (ways if item.type == "declarative" else [right_response(item).choice])


@pytest.mark.parametrize("item", IN_ROW_ITEMS, ids=lambda item: f"{item.id}-{item.type}")
def test_rows_are_right_exactly_when_every_row_is_accepted(item: Item) -> None:
    offered = [[choice.id for choice in row.choices] or ["V", "X"] for row in item.rows]
    for given_rows in product(*offered):
        accepted = all(answer in row.accept for row, answer in zip(item.rows, given_rows, strict=True))
        assert is_right(item, Response(given_rows)) is accepted, given_rows


@given(COMPLETE)
def test_every_complete_response_survives_the_form(asked: tuple[Item, Response]) -> None:
    item, response = asked
    assert read_response(as_form(item, response)) == response


@given(COMPLETE)
def test_every_complete_response_fits_and_is_explained(asked: tuple[Item, Response]) -> None:
    item, response = asked
    assert is_right(item, response) in (True, False)
    assert explanation(item, response)
    assert in_words(item, response)


def fits(item: Item, response: Response) -> bool:
    """Whether it answers the item; nothing but a refusal by name says that it does not."""
    with suppress(ResponseDoesNotFit):
        check_fits(item, response)
        return True
    return False


@given(st.sampled_from(ITEMS), WHATEVER)
def test_whatever_is_sent_fits_or_is_refused_by_name(item: Item, response: Response) -> None:
    if fits(item, response):
        assert is_right(item, response) in (True, False)
        assert isinstance(explanation(item, response), str)
        assert isinstance(in_words(item, response), tuple)
    else:
        with pytest.raises(ResponseDoesNotFit):
            is_right(item, response)


FIELDS = st.sampled_from(
    ["choice", "text", "do", "item", *(f"{kind}-{part}" for kind in ("row", "place") for part in "0123ab-")]
)


@given(st.sampled_from(ITEMS), st.lists(st.tuples(FIELDS, st.text(max_size=10) | st.sampled_from("0123abc"))))
def test_whatever_form_is_sent_is_read_and_fits_or_does_not(item: Item, fields: list[tuple[str, str]]) -> None:
    assert fits(item, read_response(MultiDict(fields))) in (True, False)


@EVERY_ITEM
@pytest.mark.parametrize("fields", [{}, {"choice": ""}, {"text": " "}, {"row-0": ""}, {"place-a": ""}])
def test_a_form_in_which_nothing_was_filled_in_is_asked_for_again(item: Item, fields: dict[str, str]) -> None:
    with pytest.raises(ResponseDoesNotFit):
        check_fits(item, read_response(MultiDict(fields)))


@pytest.mark.parametrize("item", [item for item in IN_ROW_ITEMS if len(item.rows) > 1], ids=lambda item: item.id)
def test_one_row_left_open_is_noticed_whichever_it_is(item: Item) -> None:
    whole = as_form(item, right_response(item))
    for name in list(whole):
        empty = MultiDict((key, "" if key == name else value) for key, value in whole.items())
        without = MultiDict((key, value) for key, value in whole.items() if key != name)
        for form in (empty, without):
            with pytest.raises(ResponseDoesNotFit):
                check_fits(item, read_response(form))
