"""Each type of question as an author writes it, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.content_library.building.items import build_item
from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.reading import read_yaml
from lti_tool.domain.content import Area, Attachment, Choice, Item, Number, Picture, Row
from lti_tool.domain.scenes import LoginPrompt, Mail, Mailbox, Person, Result, SearchResults, ShareDialog
from lti_tool.domain.scoring import Response, expected_in_words, is_right
from tests.packages import single_choice
from tests.web_examples import STARTER

VALUES = {"gemeente.naam": "Zee & [[2]]", "meldpunt.incident": "Bel 14 0000"}
NOT_CHOICE = {"options": []}


def built(written: str, **changes: Any) -> Item:
    """A question with this part of it in YAML."""
    plain = single_choice("VEI-INT-0001", **NOT_CHOICE, **changes)
    return build_item(ItemShape.model_validate(plain | yaml.safe_load(written)), VALUES)


def test_a_hotspot_has_a_picture_in_words_and_a_place_for_each_option() -> None:
    item = built(
        """
        type: hotspot
        picture: {file: media/kaart.png, alt: "Kaart van {{gemeente.naam}}", long_description: Twee pleinen.}
        options:
          - {id: a, text: Het plein, correct: true, feedback: Ja., area: {x: 1, y: 2.5, width: 30, height: 40}}
        """
    )
    assert item.picture == Picture("media/kaart.png", "Kaart van Zee & [[2]]", "Twee pleinen.")
    assert item.options[0].area == Area(1, 2.5, 30, 40)
    assert item.rows == ()


def test_a_picture_may_go_with_any_question_and_need_no_long_description() -> None:
    item = built("{type: text_entry, answer: {accept: [x]}, picture: {file: media/kaart.png, alt: Kaart}}")
    assert item.picture == Picture("media/kaart.png", "Kaart", "")


def test_a_number_has_a_value_and_no_tolerance_unless_it_says_so() -> None:
    assert built("{type: numeric, number: {value: 12}}").number == Number(12.0, 0.0)
    assert built("{type: numeric, number: {value: 1.5, tolerance: 0.1}}").number == Number(1.5, 0.1)


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf"])
def test_a_file_to_open_knows_with_what(kind: str) -> None:
    item = built(
        f"""
        type: numeric
        number: {{value: 12}}
        attachments: [{{file: media/lijst.{kind}, name: "Lijst van {{{{gemeente.naam}}}}"}}]
        """
    )
    assert item.attachments == (Attachment(f"media/lijst.{kind}", "Lijst van Zee & [[2]]", kind),)


def test_gaps_come_in_reading_order_whatever_their_numbers() -> None:
    item = built(
        """
        type: cloze
        cloze:
          text: "[[2]] hoort bij [[1]]"
          gaps:
            - {choices: [een, twee], key: twee, why: Kijk nog eens.}
            - {accept: [drie]}
        """
    )
    assert item.sentence == ("", " hoort bij ", "")
    assert item.rows == (
        Row("", (), ("drie",)),
        Row("", (Choice("0", "een"), Choice("1", "twee")), ("1",), "Kijk nog eens."),
    )
    assert expected_in_words(item) == ("drie hoort bij twee",)


def test_capitals_and_spaces_in_a_gap_do_not_matter_unless_the_author_says_so() -> None:
    assert built("{type: cloze, cloze: {text: 'a [[1]]', gaps: [{accept: [b]}]}}").normalise == (
        "trim",
        "casefold",
    )
    strict = built("{type: cloze, cloze: {text: 'a [[1]]', gaps: [{accept: [b]}], normalise: []}}")
    assert strict.normalise == ()
    assert not is_right(strict, Response(("B",)))


def test_a_word_of_the_municipality_is_never_taken_for_a_gap() -> None:
    item = built("{type: cloze, cloze: {text: 'Welkom in {{gemeente.naam}}: [[1]]!', gaps: [{accept: [dag]}]}}")
    assert item.sentence == ("Welkom in Zee & [[2]]: ", "!")


def test_a_word_of_the_municipality_may_be_what_is_typed() -> None:
    typed = built("{type: text_entry, answer: {accept: ['{{meldpunt.incident}}']}}")
    assert is_right(typed, Response(text="Bel 14 0000"))
    gap = built("{type: cloze, cloze: {text: 'a [[1]]', gaps: [{accept: ['{{meldpunt.incident}}']}]}}")
    assert is_right(gap, Response(("bel 14 0000",)))


def test_files_have_the_folders_to_choose_from() -> None:
    item = built(
        """
        type: file_sort
        folders: [Besluiten, Verslagen]
        files: [{name: b.pdf, folder: Verslagen, why: Een verslag.}, {name: a.pdf, folder: Besluiten}]
        """
    )
    folders = (Choice("0", "Besluiten"), Choice("1", "Verslagen"))
    assert item.rows == (Row("b.pdf", folders, ("1",), "Een verslag."), Row("a.pdf", folders, ("0",)))


def test_each_mail_is_a_row_when_it_is_decided_about() -> None:
    item = built(
        """
        type: simulation
        simulation:
          kind: mailbox
          choices: [{id: melden, text: "Melden bij {{meldpunt.incident}}"}, {id: laten, text: Laten staan}]
          mails:
            - from_name: Balie
              from: balie@zee.example
              subject: Vol
              body: Je mailbox is vol.
              link: {text: Open, href: "https://zee.invalid/"}
              attachment: vol.pdf
              key: [melden, laten]
              why: Let op.
        """
    )
    mail = Mail(
        "Balie", "balie@zee.example", "Vol", "Je mailbox is vol.", "Open", "https://zee.invalid/", "vol.pdf"
    )
    assert item.scene == Mailbox((mail,), decided=1)
    choices = (Choice("melden", "Melden bij Bel 14 0000"), Choice("laten", "Laten staan"))
    assert item.rows == (Row("Vol", choices, ("melden", "laten"), "Let op."),)


def test_a_rule_is_asked_for_below_mails_that_are_only_read() -> None:
    item = STARTER.item("OPE-SOF-0007")
    assert isinstance(item.scene, Mailbox)
    assert (len(item.scene.mails), item.scene.decided) == (2, 0)
    assert item.scene.mails[0].link_text == item.scene.mails[0].attachment == ""
    assert [row.text for row in item.rows] == ["Als …", "Doe dan …"]


def test_people_come_before_the_fields_of_a_share_dialog() -> None:
    item = STARTER.item("STR-CLO-0001")
    assert isinstance(item.scene, ShareDialog)
    assert item.scene.people[1] == Person("Directie", "leest de begroting na afloop")
    assert item.scene.decided == 3
    assert [row.accept for row in item.rows] == [("bewerken",), ("lezen",), ("geen",), ("genoemd",)]


def test_a_login_prompt_has_lines_and_fields() -> None:
    item = STARTER.item("VEI-INT-0003")
    assert isinstance(item.scene, LoginPrompt)
    assert item.scene.lines == (
        "Iemand probeert in te loggen met jouw naam.",
        "Plaats: een andere stad",
        "Ben jij dit?",
    )
    assert (item.scene.decided, len(item.rows)) == (0, 1)


def test_search_results_are_the_choices_of_one_row() -> None:
    item = STARTER.item("INF-ZOE-0002")
    assert isinstance(item.scene, SearchResults)
    assert item.scene.query == "rijbewijs verlengen"
    assert item.scene.results[0] == Result(
        "Rijbewijs snel verlengd",
        "www.snel-rijbewijs.example",
        "Wij regelen het voor je. Nu 25 euro korting.",
        is_advertisement=True,
    )
    (row,) = item.rows
    assert [choice.text for choice in row.choices] == [result.title for result in item.scene.results]
    assert row.accept == ("1",)


def test_pairs_become_rows_with_the_same_right_hand_texts() -> None:
    item = STARTER.item("STR-SAM-0001")
    assert len({row.choices for row in item.rows}) == 1
    assert [row.accept for row in item.rows] == [("0",), ("1",), ("2",)]


@pytest.mark.parametrize("file", sorted(STARTER_PACKAGE.glob("items/*/*.yaml")), ids=lambda file: file.stem)
def test_the_yaml_of_the_starter_package_means_the_same_to_every_reader(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert read_yaml(file.name, text).data == yaml.safe_load(text)
