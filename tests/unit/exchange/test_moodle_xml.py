"""Moodle XML, as Moodle 4.5 writes it: what is taken over, and what is told of the rest."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.content_library.exchange.exporting import write_export
from lti_tool.content_library.exchange.formats import FORMATS
from lti_tool.content_library.exchange.moodle_reading import read
from lti_tool.content_library.exchange.questions import FileRefused, Reading

FILES = Path(__file__).parent / "files"


def golden(name: str) -> Reading:
    return read((FILES / name).read_bytes())


def one(inside: str, kind: str = "multichoice", text: str = "Vraag?") -> tuple[dict[str, Any] | None, list[str]]:
    """A file with one question: what it became and what got lost."""
    xml = f"""<quiz><question type="{kind}"><name><text>Naam</text></name>
      <questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{inside}</question></quiz>"""
    (found,) = read(xml.encode()).found
    return found.fields, [loss.what for loss in found.losses()]


def answer(text: str, fraction: str = "0", feedback: str = "", more: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="html"><text><![CDATA[{text}]]></text>'
        f"<feedback><text>{feedback}</text></feedback>{more}</answer>"
    )


def test_a_bank_about_safety_as_moodle_writes_it() -> None:
    reading = golden("veilig-werken.xml")
    choice, true_false, several, essay, description = reading.found
    assert choice.fields == {
        "type": "single_choice",
        "context": "Je loopt even weg van je werkplek.",
        "stem": "Wat doe je met je scherm?",
        "options": [
            {"text": "Ik vergrendel mijn scherm.", "correct": True, "feedback": "Zo kan niemand erbij."},
            {"text": "Ik zet mijn geluid & licht uit."},
            {"text": "Ik draai mijn scherm om."},
        ],
        "feedback": {
            "right": "Je antwoord is juist.",
            "not_yet": "Nog niet.",
            "why": "Met een vergrendeld scherm kan niemand bij je gegevens.",
        },
    }
    assert choice.lost == [
        "tag veiligheid",
        "partial credit: Ik draai mijn scherm om. counts 33.3333 %",
        "bold (<strong>)",
        "feedback for an answer that is partly right: Je antwoord is gedeeltelijk juist.",
        "hint: Denk aan de toets met het vlaggetje.",
    ]
    assert true_false.fields is not None
    assert [option.get("correct", False) for option in true_false.fields["options"]] == [False, True, False]
    assert true_false.fields["options"][0]["feedback"] == "Wat zij dan doet, staat op jouw naam."
    assert true_false.fields["options"][2] == {"text": "TODO: een derde antwoord."}
    assert true_false.lost == ["id number WW-1"]
    assert several.fields is not None
    assert (several.fields["type"], several.fields["shuffle"]) == ("multiple_response", False)
    assert several.lost == [
        "penalty: Het is de naam van je kat. counts -50 %",
        "the file slot.png",
        "a picture slot.png: Een slot",
        "defaultgrade: 2.0000000",
    ]
    assert essay.lost == ["not taken over: an essay, which nobody can score at once (essay)"]
    assert description.lost == ["not taken over: a description, which asks nothing (description)"]
    assert [str(loss) for loss in reading.lost] == ["category $course$/top/Standaard voor Veilig werken"]


def test_a_bank_about_the_office_as_moodle_writes_it() -> None:
    match, typed, number, cloze, select, order, calculated = golden("kantoor.xml").found
    assert match.fields == {
        "type": "match",
        "stem": "Welk kanaal past erbij?",
        "pairs": [
            {"left": "Je bent tien minuten later.", "right": "Een chatbericht"},
            {"left": "Je legt een afspraak vast.", "right": "Een e-mail"},
        ],
        "feedback": {"why": "Kort en snel past in de chat."},
    }
    assert match.lost == ["an answer that belongs nowhere: Een fax"]
    assert typed.fields is not None
    assert typed.fields["answer"] == {"accept": ["SOM", "SUM"], "normalise": ["trim", "casefold"]}
    assert typed.fields["feedback"] == {"right": "Ja, SOM.", "not_yet": "Zoek op SOM."}
    assert typed.lost == ["partial credit (50 %): SUBTOTAAL"]
    assert number.fields is not None
    assert number.fields["number"] == {"value": 1876.5, "tolerance": 0.5}
    assert number.lost == ["penalty: 0.1000000", "<units>: 1 euro"]
    assert cloze.fields == {
        "type": "cloze",
        "stem": "Maak de zin af.",
        "cloze": {
            "text": "Kopiëren doe je met [[1]], plakken met Ctrl en [[2]].",
            "gaps": [
                {"choices": ["Ctrl en C", "Ctrl en X", "Ctrl en P"], "key": "Ctrl en C", "why": "Dat is knippen."},
                {"accept": ["V"]},
            ],
            "normalise": ["trim", "casefold"],
        },
    }
    assert cloze.lost == ["partial credit: v } klein counts 50 %"]
    assert select.fields is not None
    assert select.fields["cloze"] == {
        "text": "Bewaren doe je met [[1]], in een [[2]].",
        "gaps": [
            {"choices": ["Ctrl en Z", "Ctrl en S"], "key": "Ctrl en S"},
            {"choices": ["map", "la"], "key": "map"},
        ],
    }
    assert select.lost == []
    assert order.fields is not None
    assert [option["text"] for option in order.fields["options"]] == [
        "Bestand openen",
        "Opslaan als kiezen",
        "Op Opslaan klikken",
    ]
    assert order.lost == ["gradingtype: ABSOLUTE_POSITION"]
    assert calculated.fields is None


ABC = answer("a", "100") + answer("b") + answer("c")
TYPED = answer("a", "100")

NOT_TAKEN = {
    "no question text": ("multichoice", f"<single>1</single>{ABC}", " <p></p>"),
    "no answer counts in full": ("multichoice", f"<single>1</single>{answer('a', '50')}{answer('b')}", "V?"),
    "27 answers": ("multichoice", answer("a", "100") * 27, "V?"),
    "an answer that counts much %": ("multichoice", answer("a", "much"), "V?"),
    "a text of 70000 characters": ("multichoice", f"<single>1</single>{ABC}", "x" * 70000),
    "a text with 1001 tags": ("multichoice", f"<single>1</single>{ABC}", "<b>" * 1001),
    "a text of 17000 characters": ("cloze", "", "x" * 17000),
    "a true/false question without true and false": ("truefalse", answer("ja", "100"), "V?"),
    "no pairs": ("matching", "", "V?"),
    "an answer with a * for anything: a*": ("shortanswer", answer("a*", "100"), "V?"),
    "2 numbers count in full": ("numerical", answer("1", "100") + answer("2", "100"), "V?"),
    "zeven is not a number": ("numerical", answer("zeven", "100"), "V?"),
    "1e99 is not a number": ("numerical", answer("1e99", "100"), "V?"),
    "nan is not a number": ("numerical", answer("nan", "100"), "V?"),
    "no gaps in it": ("cloze", "", "V?"),
    "a gap of the kind MULTIRESPONSE": ("cloze", "", "V {1:MULTIRESPONSE:=a~=b}"),
    "a gap in which several choices are right": ("cloze", "", "V {1:MC:=a~=b}"),
    "a gap without an answer that counts in full": ("cloze", "", "V {1:MC:a~b}"),
    "a gap in which a * stands for anything": ("cloze", "", "V {1:SA:=a*}"),
    "a gap for a number with a tolerance": ("cloze", "", "V {1:NM:=5:1}"),
    "7 gaps": ("cloze", "", "V {1:SA:=a}" * 7),
    "a text with [[1]] in it": ("cloze", "", "[[1]] {1:SA:=a}"),
    "a gap [[9]] without a choice of that number": ("ddwtos", "<dragbox><text>a</text></dragbox>", "[[9]]"),
    "no gaps in it ": ("gapselect", "", "V?"),
    "dragging onto a picture (ddimageortext)": ("ddimageortext", "", "V?"),
    "a type that we do not have (coderunner)": ("coderunner", "", "V?"),
}


@pytest.mark.parametrize("said", NOT_TAKEN)
def test_a_question_that_does_not_fit_is_told_and_not_taken(said: str) -> None:
    kind, inside, text = NOT_TAKEN[said]
    fields, lost = one(inside, kind, text)
    assert fields is None
    assert said.strip() in lost[-1]


LOST = {
    "several answers could be ticked where one is right": ("multichoice", f"<single>false</single>{ABC}"),
    "feedback with each answer of an order": ("ordering", answer("a", "1", "Eerst.") + answer("b", "2")),
    "a wrong answer: b with feedback of its own": ("shortanswer", TYPED + answer("b", "0", "Nee.")),
    "feedback of its own for the answer b": ("shortanswer", answer("a", "100", "A.") + answer("b", "100", "B.")),
    "<timelimit>: 30": ("shortanswer", f"{TYPED}<timelimit>30</timelimit>"),
    "hidden: 1": ("shortanswer", f"{TYPED}<hidden>1</hidden>"),
    "selectcount: 2": ("ordering", answer("a", "1") + answer("b", "2") + "<selectcount>2</selectcount>"),
    "answers that belong with several texts": (
        "matching",
        "".join(f"<subquestion><text>{n}</text><answer><text>x</text></answer></subquestion>" for n in "ab"),
    ),
}


@pytest.mark.parametrize("said", LOST)
def test_a_part_that_does_not_fit_is_told(said: str) -> None:
    kind, inside = LOST[said]
    fields, lost = one(inside, kind)
    assert fields is not None
    assert any(what.startswith(said) for what in lost), lost


def test_gaps_may_say_more_than_a_sentence_keeps() -> None:
    text = "<p>Zin {1:SAC:=a#Ja.~b~*#Nee.} en {2:SA:=c} en {1:NM:=5:0}.</p>"
    fields, lost = one("", "cloze", text)
    assert fields is not None
    assert fields["stem"] == "Vul in wat ontbreekt."
    assert fields["cloze"]["normalise"] == ["trim", "casefold"]
    assert fields["cloze"]["gaps"] == [{"accept": ["a"], "why": "Nee."}, {"accept": ["c"]}, {"accept": ["5"]}]
    assert lost == [
        "gaps that count differently",
        "capitals matter in some gaps only: now they matter in none",
        "feedback with the right answer of a gap",
        "a wrong answer in a gap: b",
    ]


def test_different_feedback_in_one_gap_is_told() -> None:
    _, lost = one("", "cloze", "Zin {1:MC:=a~b#B.~c#C.}.")
    assert lost == ["feedback for each answer of a gap: only the first one stays, not C."]


def test_a_sentence_may_go_on_in_a_next_paragraph() -> None:
    fields, _ = one("", "cloze", "<p>Lees.</p><p>Vul in.</p><p>Een {1:SA:=a}.</p><p>Twee {1:SA:=b}.</p>")
    assert fields is not None
    assert (fields["context"], fields["stem"]) == ("Lees.", "Vul in.")
    assert fields["cloze"]["text"] == "Een [[1]].\n\nTwee [[2]]."


REFUSED = {
    "no questions in it": "<quiz></quiz>",
    "is no XML": "<quiz><question>",
    "is no XML: no element found": "",
    "it begins with <html>": "<html></html>",
    "<answer> stands where a question should": "<quiz><answer/></quiz>",
    "a DTD or entities": '<!DOCTYPE q [<!ENTITY a "x">]><quiz><question type="essay">&a;</question></quiz>',
    "a DTD": '<!DOCTYPE quiz SYSTEM "http://localhost/quiz.dtd"><quiz></quiz>',
    "nested deeper than 20": "<quiz><question>" + "<p>" * 50,
    "is no XML:": '<?xml version="1.0" encoding="klingon"?><quiz/>',
    "more than 2000 questions": "<quiz>" + '<question type="essay"></question>' * 2001 + "</quiz>",
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_file_that_is_no_bank_is_refused(said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(REFUSED[said].encode())
    assert said in str(refused.value)


def test_pictures_and_files_go_along() -> None:
    made = write_export(STARTER_PACKAGE, FORMATS["moodle-xml"], None)
    text = made.content.decode()
    assert '<a href="@@PLUGINFILE@@/wijkfeest.xlsx">Begroting wijkfeest</a>' in text
    inside = text.partition('<file name="wijkfeest.xlsx" path="/" encoding="base64">')[2].partition("<")[0]
    assert b64decode(inside) == (STARTER_PACKAGE / "media/wijkfeest.xlsx").read_bytes()
    assert "OPE-SOF-0003: left out: Moodle XML has no hotspot question" in [str(loss) for loss in made.lost]
    assert "{{" not in text
