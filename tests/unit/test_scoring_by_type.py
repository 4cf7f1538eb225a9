"""What an answer to each of the newer types is worth: hotspots, numbers, and everything that asks in rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.content import INTERACTIONS, Choice, Item, Number, Row
from lti_tool.domain.scoring import (
    LONGEST_TEXT,
    Response,
    ResponseDoesNotFit,
    expected_in_words,
    explanation,
    in_words,
    is_right,
    mixed_choices,
    numbers_in,
)
from tests.web_examples import STARTER

HOTSPOT = STARTER.item("OPE-SOF-0003")
BUDGET = STARTER.item("OPE-SOF-0005")
"""1,875.50 euros, to half a cent."""
CLOZE = STARTER.item("OPE-SOF-0006")
FILES = STARTER.item("INF-ZOE-0001")
MAILBOX = STARTER.item("VEI-INT-0002")
RULE = STARTER.item("OPE-SOF-0007")
SHARING = STARTER.item("STR-CLO-0001")
PROMPT = STARTER.item("VEI-INT-0003")
SEARCH = STARTER.item("INF-ZOE-0002")


# --- a place in a picture ---------------------------------------------------------------------------


def test_only_the_right_place_in_a_picture_is_right() -> None:
    right = [option.id for option in HOTSPOT.options if is_right(HOTSPOT, Response((option.id,)))]
    assert right == ["b"]


def test_a_place_is_explained_and_read_back_as_the_list_beside_the_picture_says_it() -> None:
    assert explanation(HOTSPOT, Response(("c",))) == "Daar typ je een adres."
    assert in_words(HOTSPOT, Response(("c",))) == ("De adresbalk",)
    assert expected_in_words(HOTSPOT) == ("De ronde pijl",)


@pytest.mark.parametrize("choice", [("b", "c"), ("z",), ()])
def test_one_place_is_chosen_of_those_that_are_there(choice: tuple[str, ...]) -> None:
    with pytest.raises(ResponseDoesNotFit):
        is_right(HOTSPOT, Response(choice))


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1875,5",
        "1875.50",
        "1.875,50",
        "1,875.50",
        "1 875,50",
        "1\u00a0875,50",
        " € 1.875,50 ",
        "€1875,5",
        "1.875,50 euro",
        "EUR 1875.5",
        "1.875,50€",
        "+1875,5",
    ],
)
def test_a_number_is_right_as_dutch_and_as_english_screens_write_it(text: str) -> None:
    assert is_right(BUDGET, Response(text=text))


@pytest.mark.parametrize("text", ["1875,51", "1875", "18755", "-1875,5", "0"])
def test_another_number_is_not_right(text: str) -> None:
    assert not is_right(BUDGET, Response(text=text))


@pytest.mark.parametrize(
    "text",
    ["veel", "1.2.3", "1875,5 of 1900", "12 euro 50", "1e3", "inf", "nan", "--5", "1,", "€", "0x10", "1" * 1001],
)
def test_what_is_no_number_is_asked_for_again(text: str) -> None:
    with pytest.raises(ResponseDoesNotFit) as refused:
        is_right(BUDGET, Response(text=text))
    assert text not in str(refused.value)


def test_one_dot_may_stand_for_thousands_or_for_a_fraction() -> None:
    assert numbers_in("1.250") == (Decimal(1250), Decimal("1.250"))
    assert numbers_in("1,250") == (Decimal("1.250"), Decimal(1250))
    assert is_right(asked(1250), Response(text="1.250"))
    assert is_right(asked(1.25), Response(text="1.250"))
    assert not is_right(asked(125), Response(text="1.250"))


@pytest.mark.parametrize(("text", "value"), [("12,-", 12), ("€ 12,--", 12), ("12%", 12), ("-€ 3", -3), ("−3", -3)])
def test_prices_percentages_and_any_minus_sign_are_read(text: str, value: int) -> None:
    assert numbers_in(text) == (value,)


@pytest.mark.parametrize(
    ("text", "right"), [("0,4", True), ("0,2", True), ("0,41", False), ("0,19", False), ("0,30000", True)]
)
def test_the_border_of_the_tolerance_is_right_as_the_author_wrote_it(text: str, right: bool) -> None:
    assert is_right(asked(0.3, 0.1), Response(text=text)) is right


@given(st.floats(-1e15, 1e15).map(lambda number: round(number, 6)))
def test_every_number_is_read_back_from_how_it_is_told(value: float) -> None:
    (told,) = expected_in_words(asked(value))
    assert is_right(asked(value), Response(text=told))
    assert "e" not in told.lower()


@given(st.text(alphabet="0123456789.,-+ €%eur\u2212\u00a0", max_size=30) | st.text(max_size=30))
def test_whatever_is_typed_has_at_most_two_meanings(text: str) -> None:
    assert len(numbers_in(text)) <= 2


def test_the_longest_text_is_read_at_once() -> None:
    assert numbers_in("1" + " " * (LONGEST_TEXT - 2) + "x") == ()
    assert numbers_in("1" * LONGEST_TEXT) == (Decimal("1" * LONGEST_TEXT),)


def test_a_number_is_explained_and_read_back() -> None:
    assert explanation(BUDGET, Response(text="12")) == BUDGET.feedback.why
    assert in_words(BUDGET, Response(text="12 euro")) == ("12 euro",)
    assert expected_in_words(BUDGET) == ("1875,5",)
    assert expected_in_words(asked(12_345_678_901.0)) == ("12345678901",)


def asked(value: float, tolerance: float = 0) -> Item:
    return replace(BUDGET, number=Number(value, tolerance))


# --- gaps in a sentence -----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["V", " v ", "v"])
def test_a_sentence_is_right_when_every_gap_is_whatever_its_capitals_and_spaces(typed: str) -> None:
    assert is_right(CLOZE, Response(("0", typed)))
    assert not is_right(CLOZE, Response(("1", typed)))


def test_a_typed_gap_is_never_guessed_from_its_spelling() -> None:
    assert not is_right(CLOZE, Response(("0", "vv")))


def test_a_gap_keeps_capitals_where_the_item_does_not_say_otherwise() -> None:
    strict = replace(CLOZE, normalise=())
    assert is_right(strict, Response(("0", "V")))
    assert not is_right(strict, Response(("0", "v")))


@pytest.mark.parametrize("choice", [("0",), ("0", "V", "V"), ("0", " "), ("3", "V"), ("", "V"), ("0", "x" * 1001)])
def test_a_sentence_with_a_gap_left_open_or_a_choice_that_is_not_there_is_asked_for_again(
    choice: tuple[str, ...],
) -> None:
    with pytest.raises(ResponseDoesNotFit):
        is_right(CLOZE, Response(choice))


def test_a_sentence_is_read_back_whole() -> None:
    said = in_words(CLOZE, Response(("2", "p")))
    assert said == ("Met Ctrl en P kopieer je een tekst. Met Ctrl en p plak je de tekst.",)
    assert expected_in_words(CLOZE) == ("Met Ctrl en C kopieer je een tekst. Met Ctrl en V plak je de tekst.",)


# --- files, mails, people, results ------------------------------------------------------------------


def test_files_are_right_when_each_is_in_its_folder() -> None:
    assert is_right(FILES, Response(("0", "1", "2")))
    assert not is_right(FILES, Response(("0", "1", "0")))
    assert not is_right(FILES, Response(("0", "0", "0")))
    assert in_words(FILES, Response(("0", "1", "0")))[2] == "boodschappen.docx → Besluiten"


@pytest.mark.parametrize(
    ("choice", "right"),
    [
        (("melden", "laten", "melden"), True),
        (("melden", "antwoorden", "melden"), True),
        (("melden", "melden", "melden"), False),
        (("laten", "laten", "melden"), False),
    ],
)
def test_a_mail_may_have_several_right_decisions_and_every_mail_counts(
    choice: tuple[str, ...], right: bool
) -> None:
    assert is_right(MAILBOX, Response(choice)) is right


def test_a_rule_is_right_only_as_a_whole() -> None:
    assert is_right(RULE, Response(("afzender", "verplaats")))
    assert not is_right(RULE, Response(("onderwerp", "verplaats")))
    assert not is_right(RULE, Response(("afzender", "wis")))


def test_sharing_is_right_when_everybody_has_what_they_need_and_the_link_fits_too() -> None:
    rights = ("bewerken", "lezen", "geen")
    assert is_right(SHARING, Response((*rights, "genoemd")))
    assert not is_right(SHARING, Response((*rights, "iedereen")))
    with pytest.raises(ResponseDoesNotFit):
        is_right(SHARING, Response(rights))


def test_one_decision_and_one_result_are_right_or_not() -> None:
    assert is_right(PROMPT, Response(("nee",)))
    assert not is_right(PROMPT, Response(("wachten",)))
    assert is_right(SEARCH, Response(("1",)))
    assert not is_right(SEARCH, Response(("0",)))


def test_a_search_may_have_several_right_results() -> None:
    row = replace(SEARCH.rows[0], accept=("1", "2"))
    several = replace(SEARCH, rows=(row,))
    assert [is_right(several, Response((place,))) for place in "012"] == [False, True, True]


def test_only_the_rows_that_were_answered_otherwise_are_explained() -> None:
    first, second, third = (row.why for row in MAILBOX.rows)
    assert explanation(MAILBOX, Response(("laten", "laten", "melden"))) == first
    assert explanation(MAILBOX, Response(("laten", "melden", "laten"))) == f"{first} {second} {third}"


def test_all_rows_right_or_rows_without_words_fall_back_on_the_item() -> None:
    silent = replace(MAILBOX, rows=tuple(replace(row, why="") for row in MAILBOX.rows))
    assert explanation(MAILBOX, Response(("melden", "laten", "melden"))) == MAILBOX.feedback.why
    assert explanation(silent, Response(("laten", "melden", "laten"))) == MAILBOX.feedback.why
    assert explanation(MAILBOX, Response(dont_know=True)) == MAILBOX.feedback.why


def test_a_decision_is_read_back_beside_what_it_is_about() -> None:
    assert in_words(PROMPT, Response(("ja",))) == ("Kies wat je doet → Ja, dit ben ik",)
    assert expected_in_words(MAILBOX) == (
        "Je mailbox is vol → Melden",
        "Agenda teamoverleg → Laten staan",
        "Betaal 1,99 voor je pakket → Melden",
    )
    assert in_words(MAILBOX, Response(dont_know=True)) == ()


def test_choices_of_a_screen_stand_as_the_screen_has_them() -> None:
    for item in (FILES, MAILBOX, CLOZE, SEARCH):
        assert all(mixed_choices(item, str(seed), row) == row.choices for row in item.rows for seed in range(20))


# --- what the engine and an LRS are told ------------------------------------------------------------


def test_a_guess_pays_where_there_is_one_thing_to_choose() -> None:
    chances = {item.id: item.guessing_options for item in (HOTSPOT, PROMPT, SEARCH)}
    assert chances == {"OPE-SOF-0003": 4, "VEI-INT-0003": 3, "INF-ZOE-0002": 3}
    assert [item.guessing_options for item in (MAILBOX, CLOZE, FILES, RULE, BUDGET)] == [None] * 5


def test_a_single_gap_that_is_typed_cannot_be_guessed() -> None:
    typed = replace(CLOZE, rows=(Row("", (), ("V",)),), sentence=("Plakken: ", "."))
    assert typed.guessing_options is None
    assert replace(typed, rows=(Row("", (Choice("0", "V"),), ("0",)),)).guessing_options == 1


@pytest.mark.parametrize(
    ("item", "called"),
    [
        (HOTSPOT, "choice"),
        (BUDGET, "numeric"),
        (CLOZE, "fill-in"),
        (FILES, "matching"),
        (MAILBOX, "performance"),
        (SEARCH, "performance"),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_what_is_done_is_called_as_xapi_calls_it(item: Item, called: str) -> None:
    assert item.interaction == called


def test_every_type_of_question_has_a_name_in_xapi() -> None:
    named = {"choice", "sequencing", "matching", "fill-in", "numeric", "performance", "likert"}
    assert set(INTERACTIONS.values()) == named
    assert {item.type for item in STARTER.items.values()} == set(INTERACTIONS)
