"""Reading ease and advice about language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library.plain_language import (
    EASY,
    FEWEST_WORDS,
    advice,
    reading_ease,
    sentences,
    syllables_in,
    words_in,
)

SIMPLE = "Je loopt even weg van je werkplek. Wat doe je met je scherm? " * 3
OFFICIAL = (
    "Ingevolge voornoemde bestuursrechtelijke verantwoordelijkheidsverdeling dienen gemeentelijke medewerkers "
    "informatiebeveiligingsincidenten onverwijld schriftelijk te rapporteren aan de functionaris "
    "gegevensbescherming, teneinde onrechtmatige gegevensverwerkingen dienovereenkomstig tegen te gaan en "
    "toekomstige onregelmatigheden en soortgelijke normoverschrijdingen te voorkomen."
)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("goed", 1),
        ("even", 2),
        ("auto", 2),
        ("ideeën", 3),
        ("reactie", 3),
        ("team", 1),
        ("cadeau", 2),
        ("2027", 1),
    ],
)
def test_syllables_are_counted_as_people_say_them(word: str, syllables: int) -> None:
    assert syllables_in(word) == syllables


def test_reading_ease_is_the_formula_of_douma() -> None:
    # 40 words in 4 sentences, with one syllable each.
    text = "De man ziet een kat op de mat bij mij. " * 4
    assert reading_ease([text]) == pytest.approx(206.84 - 0.93 * 10 - 77 * 1)


def test_simple_words_read_more_easily_than_official_ones() -> None:
    simple, official = reading_ease([SIMPLE]), reading_ease([OFFICIAL])
    assert simple is not None
    assert official is not None
    assert simple > EASY > official


def test_addresses_do_not_make_a_text_hard_to_read() -> None:
    plain = "Je leest de tekst op je werk en dan ga je weer door. " * 3
    told = plain.replace(
        "tekst", "tekst op lokaleregelgeving.overheid.nl/voorbeeldstad of bij a.b@voorbeeldstad.example"
    )
    assert reading_ease([told]) == pytest.approx(reading_ease([plain.replace("tekst", "tekst op of bij")]))


def test_a_short_text_has_no_reading_ease() -> None:
    assert reading_ease(["woord " * (FEWEST_WORDS - 1)]) is None
    assert reading_ease(["woord " * 10] * 3) is not None
    assert reading_ease([]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Een " + "woord " * 15 + ".", "a sentence of 16 words, 'Een woord woord woord woord …': make it two"),
        (
            "De gemeentesecretarisvergadering begint.",
            "'gemeentesecretarisvergadering' has 29 letters: use shorter",
        ),
        ("Dat gaat d.m.v. een knop.", "write 'd.m.v.' in full, or leave it out"),
        ("Kies een programma, bijv. Word.", "write 'bijv.' in full, or leave it out"),
        (
            "De aanvraag wordt door de gemeente behandeld en opgestuurd. Daarna worden de stukken ingeleverd.",
            "two sentences in a row hide who does it, 'De aanvraag wordt door de …': say who",
        ),
    ],
)
def test_advice_says_what_to_do_and_where(text: str, said: str) -> None:
    found = list(advice(text))
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "Een " + "woord " * 14 + ".",
        "Je ziet een nepmail. Je klikt niet. Je meldt het bij ICT.",
        "De aanvraag wordt opgestuurd. Daarna lees jij de stukken.",
        "De gegevens worden groter. De gemeenten worden kleiner.",
        "Kijk op https://eenheellangadresvoorbeeldstadgemeente.example/inloggen.",
        "Typ =A3*$B$1 en druk op Enter. Versie 2.0 is van 1 mei.",
        "",
    ],
)
def test_plain_texts_get_no_advice(text: str) -> None:
    assert list(advice(text)) == []


@given(st.text(max_size=300) | st.text(alphabet="ab.v ge!?\"'\n…-d", max_size=300))
def test_no_word_is_lost_between_sentences_and_every_word_is_said_in_one_breath_at_least(text: str) -> None:
    assert [word for sentence in sentences(text) for word in words_in(sentence)] == words_in(text)
    assert all(syllables_in(word) >= 1 for word in words_in(text))
    assert all(isinstance(message, str) for message in advice(text))


@pytest.mark.parametrize("piece", ["a.", "ge", "<a ", "wordt ", "'", "a-", ".", '…"', "bij."])
def test_a_hostile_text_is_read_in_one_go(piece: str) -> None:
    # Without a time limit: a search that goes back over what it read would not come back at all.
    assert list(advice(piece * 200_000)) is not None
