"""GIFT as teachers and Moodle write it: what is taken over, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from lti_tool.content_library.exchange.gift_reading import read
from lti_tool.content_library.exchange.gift_writing import write
from lti_tool.content_library.exchange.questions import FileRefused


def one(text: str) -> tuple[dict[str, Any], list[str]]:
    """A file with one question that can be taken over."""
    (found,) = read(text.encode()).found
    assert found.fields is not None, found.lost
    return found.fields, [loss.what for loss in found.losses()]


CHOICES = [{"text": "Vergrendelen", "correct": True}, {"text": "Geluid uit"}, {"text": "Omdraaien"}]

TAKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "one right answer, with feedback": (
        "::Scherm:: Je loopt weg. Wat doe je? {\n=Vergrendelen # Zo kan niemand erbij.\n~Geluid uit\n"
        "~Omdraaien\n#### Een scherm is van jou.}",
        {
            "type": "single_choice",
            "stem": "Je loopt weg. Wat doe je?",
            "options": [CHOICES[0] | {"feedback": "Zo kan niemand erbij."}, *CHOICES[1:]],
            "feedback": {"why": "Een scherm is van jou."},
        },
    ),
    "several right answers": (
        "Wat bewaart? {~%50%a ~%50%b ~%-100%c}",
        {
            "type": "multiple_response",
            "stem": "Wat bewaart?",
            "options": [{"text": "a", "correct": True}, {"text": "b", "correct": True}, {"text": "c"}],
        },
    ),
    "true or false": (
        "De zon is koud.{F#Zij is juist heet.#Klopt, zij is heet.}",
        {
            "type": "single_choice",
            "stem": "De zon is koud.",
            "options": [
                {"text": "Waar", "feedback": "Zij is juist heet."},
                {"text": "Niet waar", "correct": True, "feedback": "Klopt, zij is heet."},
                {"text": "TODO: een derde antwoord."},
            ],
        },
    ),
    "matching": (
        "Kies. {=Nederland -> Amsterdam\n=Frankrijk -> Parijs}",
        {
            "type": "match",
            "stem": "Kies.",
            "pairs": [{"left": "Nederland", "right": "Amsterdam"}, {"left": "Frankrijk", "right": "Parijs"}],
        },
    ),
    "a typed answer": (
        "Welke functie? {=SOM =SUM =%0%*#Zoek op SOM.}",
        {
            "type": "text_entry",
            "stem": "Welke functie?",
            "answer": {"accept": ["SOM", "SUM"], "normalise": ["trim", "casefold"]},
            "feedback": {"not_yet": "Zoek op SOM."},
        },
    ),
    "a number with a tolerance": (
        "Wanneer?{#1822:5#Ja. ~#Kijk nog eens.}",
        {
            "type": "numeric",
            "stem": "Wanneer?",
            "number": {"value": 1822.0, "tolerance": 5.0},
            "feedback": {"right": "Ja.", "not_yet": "Kijk nog eens."},
        },
    ),
    "a number in a range": (
        "Hoeveel?{#3.141..3.142}",
        {"type": "numeric", "stem": "Hoeveel?", "number": {"value": 3.1415, "tolerance": 0.0005}, "feedback": {}},
    ),
    "a missing word to choose": (
        "Kopiëren doe je met {=Ctrl en C ~Ctrl en X#Dat is knippen.} in Word.",
        {
            "type": "cloze",
            "stem": "Vul in wat ontbreekt.",
            "cloze": {
                "text": "Kopiëren doe je met [[1]] in Word.",
                "gaps": [{"choices": ["Ctrl en C", "Ctrl en X"], "key": "Ctrl en C", "why": "Dat is knippen."}],
            },
        },
    ),
    "a missing word to type": (
        "Lees dit.\\n\\nVul in.\\n\\nPlakken doe je met {=Ctrl V =Ctrl-V}.",
        {
            "type": "cloze",
            "context": "Lees dit.",
            "stem": "Vul in.",
            "cloze": {"text": "Plakken doe je met [[1]].", "gaps": [{"accept": ["Ctrl V", "Ctrl-V"]}]},
        },
    ),
    "an order, as Moodle's own question writes it": (
        "[plain]Zet goed.{>3 ALL VERTICAL ALL_OR_NOTHING SHOW none\nEen\nTwee\nDrie\n}",
        {"type": "order", "stem": "Zet goed.", "options": [{"text": "Een"}, {"text": "Twee"}, {"text": "Drie"}]},
    ),
    "signs that are escaped": (
        r"Wat is \{1 \= 2\} \~ \# \: \\ \x?\n\nKies. {=a\=b ~c\~d#e\#f ~g\}h}",
        {
            "type": "single_choice",
            "context": "Wat is {1 = 2} ~ # : \\ \\x?",
            "stem": "Kies.",
            "options": [{"text": "a=b", "correct": True}, {"text": "c~d", "feedback": "e#f"}, {"text": "g}h"}],
        },
    ),
    "html and Markdown": (
        "[html]<p>Wat&nbsp;is R&amp;D?</p>{=[markdown]a &lt; b ~[plain]<b> ~x<y}",
        {
            "type": "single_choice",
            "stem": "Wat is R&D?",
            "options": [{"text": "a < b", "correct": True}, {"text": "<b>"}, {"text": "x<y"}],
        },
    ),
    "a name and tags of ours": (
        "// [id:VEI-INT-0007@3] [tag:type:sjt] [tag:digcomp:4.2] [tag:difficulty:-0.5/0.6/estimate/3]\n"
        "// question: 12  name: x\n::x::Wat doe je? {=Vergrendelen ~Geluid uit ~Omdraaien}",
        {
            "type": "sjt",
            "stem": "Wat doe je?",
            "options": CHOICES,
            "id": "VEI-INT-0007",
            "version": 3,
            "digcomp": ["4.2"],
            "difficulty": {"b": -0.5, "prior_sd": 0.6, "source": "estimate", "raters": 3},
        },
    ),
    "windows line ends and a byte order mark": (
        "\ufeffWat doe je?\r\n{\r\n=Vergrendelen\r\n~Geluid uit\r\n~Omdraaien\r\n}\r\n",
        {"type": "single_choice", "stem": "Wat doe je?", "options": CHOICES},
    ),
}


@pytest.mark.parametrize("what", TAKEN)
def test_it_is_taken_over(what: str) -> None:
    text, expected = TAKEN[what]
    fields, lost = one(text)
    assert (fields, lost) == (expected, [])


LOST = {
    "partial credit: b counts 50 %": "V?{=a ~%50%b ~c}",
    "penalty: c counts -50 %": "V?{~%50%a ~%50%b ~%-50%c}",
    "bold (<b>)": "V?{=<b>a</b> ~b ~c}",
    "a link to https://voorbeeld.example/": '[html]<a href\\="https\\://voorbeeld.example/">V</a>?{=a ~b ~c}',
    "italics (<em>)": "[markdown]*V*?{=a ~b ~c}",
    "a formula stays as it was typed": "$$x^2$$ is?{=a ~b ~c}",
    "tag moeilijk": "// [tag:moeilijk]\nV?{=a ~b ~c}",
    "id number A-1": "// [id:A-1]\nV?{=a ~b ~c}",
    "comment: nog nakijken": "// nog nakijken\nV?{=a ~b ~c}",
    "only 2 of the answers were shown": "V?{>2 RANDOM\na\nb\nc\n}",
    "partial credit (50 %): b": "V?{=a =%50%b}",
    "answers that belong with several texts": "V?{=a -> x =b -> x}",
}


@pytest.mark.parametrize("said", LOST)
def test_a_part_that_does_not_fit_is_told(said: str) -> None:
    assert any(what.startswith(said) for what in one(LOST[said])[1]), one(LOST[said])[1]


NOT_TAKEN = {
    "an essay": "Vertel.{}",
    "an essay, which": "Vertel.{####Mooi.}",
    "a description": "Nu komt er iets.",
    "a brace that opens or closes nothing; does a blank line stand inside the question?": "V?{=a\n",
    "a brace that opens": "V?} {=a}",
    "more than one {…}": "V? {=a} en {=b}",
    "no question text": "::x:: {=a ~b ~c}",
    "a pair without ->: b": "V?{=a -> x =b}",
    "0 numbers count in full": "V?{#}",
    "a lot is not a number": "V?{#a lot}",
    "a text with [[1]]": "Een [[1]] en {=a ~b} twee.",
    "an answer with a * for anything": "V?{=a*}",
}


@pytest.mark.parametrize("said", NOT_TAKEN)
def test_a_question_that_does_not_fit_is_told_and_not_taken(said: str) -> None:
    (found,) = read(NOT_TAKEN[said].encode()).found
    assert found.fields is None
    assert found.lost[-1].startswith(f"not taken over: {said}"), found.lost


def test_every_question_has_its_line_and_categories_are_told() -> None:
    reading = read(
        b"$CATEGORY: $course$/top/Veilig\n\n// los\n\n\nEen?{=a ~b ~c}\n\n::Twee::\nTwee?{=a ~b ~c}\n\n// eind\n"
    )
    assert [(found.place, found.name) for found in reading.found] == [("line 6", "Een?"), ("line 8", "Twee")]
    assert reading.found[0].lost == ["comment: los"]
    assert [str(loss) for loss in reading.lost] == [
        "line 1: category $course$/top/Veilig",
        "line 11: comment: eind",
    ]


REFUSED = {
    "no questions in it": b"\n// niets\n",
    "is no text: it has the control character 0": b"GIF89a\x00\x00",
    "is no text in UTF-8 or Windows-1252": b"\xff\xfe\x81\x8d",
    "more than 2000 questions": b"V?{=a ~b ~c}\n\n" * 2001,
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_file_that_is_no_gift_is_refused(said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(REFUSED[said])
    assert said in str(refused.value)


def test_windows_letters_are_read() -> None:
    (found,) = read("Eén café?{=ja ~nee ~soms}".encode("cp1252")).found
    assert found.fields is not None
    assert found.fields["stem"] == "Eén café?"


BASE: dict[str, Any] = {
    "id": "VEI-INT-0001",
    "version": 2,
    "pool": "assessment",
    "domain": "veiligheid",
    "subskill": "vei.internet",
    "digcomp": ["4.1"],
    "stem": "Vraag?",
    "difficulty": {"b": 0.0, "prior_sd": 0.7, "source": "estimate"},
    "feedback": {"right": "Klopt.", "not_yet": "Nog niet helemaal.", "why": "Daarom."},
    "licence": "CC-BY-SA-4.0",
    "authors": ["Project Digivaardig"],
}
CHOICE = {"type": "single_choice", "options": [{"text": "a", "correct": True}, {"text": "b"}, {"text": "c"}]}
TYPED = {"type": "text_entry", "answer": {"accept": ["a"], "normalise": ["trim", "casefold"]}}
GAP = {"type": "cloze", "cloze": {"text": "Een [[1]].", "normalise": ["trim", "casefold"]}}
FILES = {
    "type": "file_sort",
    "folders": ["Leeg", "Een", "Twee"],
    "files": [{"name": "x", "folder": "Een"}, {"name": "y", "folder": "Twee"}, {"name": "z", "folder": "Een"}],
}

STAYS = {
    "left out: GIFT has no order question": {"type": "order"},
    "left out: it cannot be asked without its picture": CHOICE | {"picture": {"file": "media/x.svg"}},
    "left out: GIFT takes -> for a pair": TYPED
    | {"answer": {"accept": ["a->b"], "normalise": ["trim", "casefold"]}},
    "left out: GIFT takes the % of %5": CHOICE | {"options": [{"text": "%5", "correct": True}, {"text": "b"}]},
    "left out: GIFT takes the first ->": {"type": "match", "pairs": [{"left": "a->b", "right": "c"}]},
    "left out: GIFT has one gap in a sentence": GAP
    | {"cloze": {"text": "[[1]] en [[2]].", "gaps": [{"accept": ["a"]}, {"accept": ["b"]}]}},
    "left out: GIFT has no gap at the end": GAP | {"cloze": {"text": "Een [[1]]", "gaps": [{"accept": ["a"]}]}},
    "sources stay in the package": CHOICE | {"sources": ["AVG"]},
    "the order of the options": CHOICE | {"shuffle": False},
    "a blank line in the question": CHOICE | {"stem": "Een.\n\nTwee?"},
    "feedback right: Mooi.": CHOICE | {"feedback": BASE["feedback"] | {"right": "Mooi."}},
    "author " + "x" * 60: CHOICE | {"authors": ["x" * 60]},
    "what does not matter in an answer (trim)": TYPED | {"answer": {"accept": ["a"], "normalise": ["trim"]}},
    "what does not matter in an answer (trim) ": GAP
    | {"cloze": {"text": "Een [[1]].", "gaps": [{"accept": ["a"]}], "normalise": ["trim"]}},
    "folders in which nothing belongs: Leeg": FILES,
    "the order of the folders": FILES | {"folders": ["Twee", "Een"]},
    "why each file belongs in its folder": FILES
    | {"files": [{"name": "x", "folder": "Een", "why": "Zo."}, {"name": "y", "folder": "Twee"}]},
}


@pytest.mark.parametrize("said", STAYS)
def test_what_gift_does_not_hold_is_told(said: str) -> None:
    made = write([BASE | STAYS[said]], {})
    assert any(str(loss).startswith(f"VEI-INT-0001: {said.strip()}") for loss in made.lost), made.lost
    assert made.written == ("left out" not in said)


@pytest.mark.parametrize("text", ["[html] is een naam", "[Enter] of [Esc]?", "[plain]"])
def test_a_text_that_begins_like_a_format_stays_a_text(text: str) -> None:
    item = (
        BASE
        | CHOICE
        | {"stem": text, "options": [{"text": text, "correct": True, "feedback": text}, {"text": "b"}]}
    )
    (found,) = read(write([item], {}).content).found
    assert found.fields is not None
    assert (found.fields["stem"], found.fields["options"][0]) == (text, item["options"][0])
