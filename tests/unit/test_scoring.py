from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.content import Difficulty, Feedback, Item, Option
from lti_tool.domain.errors import JourneyError
from lti_tool.domain.scoring import (
    LONGEST_TEXT,
    NORMALISERS,
    Response,
    ResponseDoesNotFit,
    by_row,
    expected_in_words,
    explanation,
    in_words,
    is_right,
    mixed_choices,
    normalised,
    shuffled_options,
)
from tests.factories import matched

OPTIONS = (
    Option("a", "Weigeren en melden", "Zo houd je die persoon buiten.", correct=True),
    Option("b", "Goedkeuren", "Dan laat je misschien een vreemde binnen.", correct=False),
    Option("c", "Niets doen", "Je wachtwoord is misschien bekend.", correct=False),
)
PAIRS = (("Tekst", ".docx"), ("Tabel", ".xlsx"), ("Foto", ".jpg"))


def item(type_: str, **changes: Any) -> Item:
    plain = Item(
        id="VEI-INT-0012",
        version=2,
        status="pilot",
        pool="assessment",
        domain="veiligheid",
        subskill="vei.internet",
        digcomp=("4.1",),
        type=type_,
        scored=type_ != "declarative",
        difficulty=Difficulty(-0.2, 0.7, "estimate"),
        stem="Wat doe je?",
        context=None,
        options=() if type_ in ("match", "text_entry") else OPTIONS,
        accept=("=A3*$B$1", "a3*b1") if type_ == "text_entry" else (),
        normalise=("trim", "casefold", "strip_spaces", "strip_equals"),
        shuffle=True,
        feedback=Feedback("Klopt.", "Nog niet.", "", "Dit is de uitleg."),
        modules=(),
        requires=(),
        enemies=(),
        rows=matched(PAIRS) if type_ == "match" else (),
    )
    return replace(plain, **changes)


def two_right() -> Item:
    second = replace(OPTIONS[1], correct=True)
    return item("multiple_response", options=(OPTIONS[0], second, OPTIONS[2]))


@pytest.mark.parametrize("type_", ["single_choice", "sjt"])
def test_only_the_key_of_a_choice_is_right(type_: str) -> None:
    assert is_right(item(type_), Response(("a",)))
    assert not is_right(item(type_), Response(("b",)))


@pytest.mark.parametrize(
    ("choice", "right"), [("ab", True), ("ba", True), ("a", False), ("abc", False), ("c", False)]
)
def test_several_answers_are_right_only_as_the_exact_set(choice: str, right: bool) -> None:
    assert is_right(two_right(), Response(tuple(choice))) is right


def test_an_order_is_right_in_one_order_only() -> None:
    orders = {order: is_right(item("order"), Response(order)) for order in permutations("abc")}
    assert [order for order, right in orders.items() if right] == [("a", "b", "c")]


def test_a_match_is_right_when_every_pair_is() -> None:
    assert is_right(item("match"), Response(("0", "1", "2")))
    assert not is_right(item("match"), Response(("0", "2", "1")))
    assert not is_right(item("match"), Response(("0", "0", "0")))


@pytest.mark.parametrize("text", ["=A3*$B$1", " =a3 * $b$1 ", "A3*$B$1", "A3*B1"])
def test_a_typed_answer_is_right_whatever_its_spaces_capitals_and_equals_sign(text: str) -> None:
    assert is_right(item("text_entry"), Response(text=text))


def test_a_typed_answer_is_never_guessed_from_its_spelling() -> None:
    assert not is_right(item("text_entry"), Response(text="=A3*$B1"))


def test_an_item_without_normalising_takes_the_text_as_it_is() -> None:
    strict = item("text_entry", normalise=())
    assert is_right(strict, Response(text="a3*b1"))
    assert not is_right(strict, Response(text="A3*b1"))


def test_every_answer_to_a_declarative_item_is_a_good_one() -> None:
    assert all(is_right(item("declarative"), Response((option.id,))) for option in OPTIONS)


@pytest.mark.parametrize(
    "type_", ["single_choice", "multiple_response", "order", "match", "text_entry", "declarative"]
)
def test_i_dont_know_always_fits_and_is_never_right(type_: str) -> None:
    for choice in [(), ("a",), ("0", "1", "2")]:
        assert not is_right(item(type_), Response(choice, "=A3*$B$1", dont_know=True))


@pytest.mark.parametrize(
    ("type_", "response"),
    [
        ("single_choice", Response()),
        ("single_choice", Response(("z",))),
        ("sjt", Response(("a", "b"))),
        ("declarative", Response(("a", "b"))),
        ("multiple_response", Response()),
        ("multiple_response", Response(("a", "a"))),
        ("order", Response(("a", "b"))),
        ("order", Response(("a", "b", "b"))),
        ("match", Response(("0", "1"))),
        ("match", Response(("0", "1", "3"))),
        ("match", Response(("0", "1", "-1"))),
        ("text_entry", Response(text=" \n")),
        ("text_entry", Response(("a",))),
        ("text_entry", Response(text="x" * (LONGEST_TEXT + 1))),
    ],
)
def test_what_does_not_answer_the_item_is_refused_without_repeating_it(type_: str, response: Response) -> None:
    with pytest.raises(ResponseDoesNotFit) as refused:
        is_right(item(type_), response)
    assert refused.value.item_id == "VEI-INT-0012"
    assert refused.value.what in str(refused.value)
    assert "z" not in refused.value.what
    assert isinstance(refused.value, JourneyError)


def test_the_longest_text_allowed_fits() -> None:
    assert not is_right(item("text_entry"), Response(text="x" * LONGEST_TEXT))


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing_more_but_for_repeated_equals_signs(text: str) -> None:
    once = normalised(text, NORMALISERS)
    again = normalised(once, NORMALISERS)
    assert again == once or once.startswith("=")


@given(st.text(min_size=1))
def test_the_options_are_mixed_the_same_way_for_the_same_attempt(seed: str) -> None:
    mixed = shuffled_options(item("single_choice"), seed)
    assert mixed == shuffled_options(item("single_choice"), seed)
    assert sorted(option.id for option in mixed) == ["a", "b", "c"]


def test_attempts_and_items_differ_in_their_order_of_options() -> None:
    seeds = [str(number) for number in range(60)]
    assert len({shuffled_options(item("single_choice"), seed) for seed in seeds}) == 6
    assert any(
        shuffled_options(item("single_choice"), seed)
        != shuffled_options(item("single_choice", id="VEI-INT-0013"), seed)
        for seed in seeds
    )


def test_the_mixed_order_is_the_same_on_every_version_of_python() -> None:
    assert [option.id for option in shuffled_options(item("single_choice"), "0")] == ["b", "c", "a"]


def test_an_item_may_ask_for_its_own_order_but_an_order_item_never_gives_itself_away() -> None:
    fixed = item("single_choice", shuffle=False)
    orders = {shuffled_options(item("order", shuffle=False), str(seed)) for seed in range(60)}
    assert shuffled_options(fixed, "any") == OPTIONS
    assert len(orders) == 6


def test_a_scale_keeps_its_order() -> None:
    assert {shuffled_options(item("declarative"), str(seed)) for seed in range(20)} == {OPTIONS}


def test_the_right_hand_texts_of_a_match_are_mixed_and_keep_their_index() -> None:
    first, last = item("match").rows[0], item("match").rows[-1]
    orders = {mixed_choices(item("match"), str(seed), first) for seed in range(60)}
    assert len(orders) == 6
    assert all(PAIRS[int(choice.id)][1] == choice.text for order in orders for choice in order)
    assert mixed_choices(item("match"), "any", first) == mixed_choices(item("match"), "any", last)


def test_the_explanation_is_that_of_the_chosen_option() -> None:
    assert explanation(item("single_choice"), Response(("b",))) == OPTIONS[1].feedback
    assert explanation(item("sjt"), Response(("a",))) == OPTIONS[0].feedback


def test_several_answers_explain_what_should_not_have_been_chosen() -> None:
    assert explanation(two_right(), Response(("a", "c"))) == OPTIONS[2].feedback
    assert explanation(two_right(), Response(("a", "b"))) == "Dit is de uitleg."
    assert explanation(two_right(), Response(("a",))) == "Dit is de uitleg."


@pytest.mark.parametrize(
    ("type_", "response"),
    [
        ("order", Response(("b", "a", "c"))),
        ("match", Response(("1", "0", "2"))),
        ("text_entry", Response(text="A1")),
        ("single_choice", Response(("b",), dont_know=True)),
    ],
)
def test_otherwise_the_item_explains_itself(type_: str, response: Response) -> None:
    assert explanation(item(type_), response) == "Dit is de uitleg."


def test_a_declarative_option_without_words_of_its_own_falls_back_on_the_item() -> None:
    silent = tuple(replace(option, feedback="") for option in OPTIONS)
    assert explanation(item("declarative", options=silent), Response(("a",))) == "Dit is de uitleg."
    assert explanation(item("declarative"), Response(("a",))) == OPTIONS[0].feedback


@pytest.mark.parametrize(
    ("type_", "response", "words"),
    [
        ("single_choice", Response(("b",)), ("Goedkeuren",)),
        ("multiple_response", Response(("c", "a")), ("Weigeren en melden", "Niets doen")),
        ("order", Response(("c", "a", "b")), ("Niets doen", "Weigeren en melden", "Goedkeuren")),
        ("match", Response(("1", "0", "2")), ("Tekst → .xlsx", "Tabel → .docx", "Foto → .jpg")),
        ("text_entry", Response(text="=A1"), ("=A1",)),
        ("single_choice", Response(dont_know=True), ()),
    ],
)
def test_an_answer_can_be_read_back_in_words(type_: str, response: Response, words: tuple[str, ...]) -> None:
    assert in_words(item(type_), response) == words


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("single_choice", ("Weigeren en melden",)),
        ("order", ("Weigeren en melden", "Goedkeuren", "Niets doen")),
        ("match", ("Tekst → .docx", "Tabel → .xlsx", "Foto → .jpg")),
        ("text_entry", ("=A3*$B$1",)),
        ("declarative", ()),
    ],
)
def test_the_right_answer_can_be_read_in_words(type_: str, words: tuple[str, ...]) -> None:
    options = tuple(replace(option, correct=False) for option in OPTIONS)
    asked = item(type_, options=options) if type_ == "declarative" else item(type_)
    assert expected_in_words(asked) == words


def test_an_item_is_named_with_its_version_and_says_how_many_options_a_guess_has() -> None:
    assert item("sjt").key == "VEI-INT-0012@2"
    assert item("sjt").guessing_options == 3
    assert item("multiple_response").guessing_options is None
    assert item("text_entry").guessing_options is None


def test_each_row_of_an_answer_is_told_apart() -> None:
    outcomes = by_row(item("match"), Response(choice=("0", "2", "2")))
    assert [(outcome.row.text, outcome.given, outcome.fits) for outcome in outcomes] == [
        ("Tekst", ".docx", True),
        ("Tabel", ".jpg", False),
        ("Foto", ".jpg", True),
    ]


def test_what_is_not_asked_in_rows_or_not_answered_has_none() -> None:
    assert by_row(item("single_choice"), Response(choice=("a",))) == ()
    assert by_row(item("match"), Response(dont_know=True)) == ()


@given(st.permutations(["0", "1", "2"]))
def test_an_answer_is_right_when_each_of_its_rows_fits(given_rows: list[str]) -> None:
    response = Response(choice=tuple(given_rows))
    assert is_right(item("match"), response) == all(row.fits for row in by_row(item("match"), response))
