"""Questions in a spreadsheet, a row each: both kinds of file, both languages, and what cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from lti_tool.content_library.exchange.columns import HEADINGS, TYPES
from lti_tool.content_library.exchange.questions import FileRefused
from lti_tool.content_library.exchange.rows import row
from lti_tool.content_library.exchange.spreadsheet import read_csv, read_xlsx, write_xlsx
from tests.unit.exchange.test_gift import BASE, CHOICE


def one(**cells: str) -> tuple[dict[str, Any] | None, list[str]]:
    """A table with one question: what it became and what got lost."""
    quoted = [
        ";".join('"' + cell.replace('"', '""') + '"' for cell in line)
        for line in (list(cells), list(cells.values()))
    ]
    reading = read_csv("\n".join(quoted).encode())
    (found,) = reading.found
    return found.fields, [loss.what for loss in found.losses()] + [str(loss) for loss in reading.lost]


def workbook(*rows: list[object], change: Callable[[Workbook], object] | None = None) -> bytes:
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    if change:
        change(book)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


ABC = {"antwoord a": "Op slot", "antwoord b": "Uit", "antwoord c": "Om"}

TAKEN: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "a choice of which the type goes without saying": (
        {"vraag": "Wat doe je?", **ABC, "juist": "A", "uitleg a": "Zo kan niemand erbij.", "waarom": "Daarom."},
        {
            "type": "single_choice",
            "options": [
                {"text": "Op slot", "correct": True, "feedback": "Zo kan niemand erbij."},
                {"text": "Uit"},
                {"text": "Om"},
            ],
            "stem": "Wat doe je?",
            "feedback": {"why": "Daarom."},
        },
    ),
    "several right answers": (
        {"Vraag": "Wat?", "Soort": "Meer antwoorden", **ABC, "Juist": "a, c", "mengen": "nee"},
        {
            "type": "multiple_response",
            "options": [{"text": "Op slot", "correct": True}, {"text": "Uit"}, {"text": "Om", "correct": True}],
            "stem": "Wat?",
            "shuffle": False,
        },
    ),
    "English headings": (
        {
            "stem": "Which?",
            "option a": "x",
            "match A": "1",
            "Option_B": "y",
            "match b": "2",
            "digcomp": "4.1; 4,2",
        },
        {
            "type": "match",
            "pairs": [{"left": "x", "right": "1"}, {"left": "y", "right": "2"}],
            "stem": "Which?",
            "digcomp": ["4.1", "4.2"],
        },
    ),
    "a typed answer": (
        {"vraag": "Welke?", "goedgekeurd": "=SOM(A1)\n=SUM(A1)", "maakt niet uit": "trim casefold strip_spaces"},
        {
            "type": "text_entry",
            "answer": {"accept": ["=SOM(A1)", "=SUM(A1)"], "normalise": ["trim", "casefold", "strip_spaces"]},
            "stem": "Welke?",
        },
    ),
    "a number with commas": (
        {
            "vraag": "Hoeveel?",
            "getal": "1875,5",
            "marge": "0,005",
            "b": "-0,3",
            "beoordelaars": "3",
            "versie": "2",
        },
        {
            "type": "numeric",
            "number": {"value": 1875.5, "tolerance": 0.005},
            "stem": "Hoeveel?",
            "difficulty": {"b": -0.3, "source": "estimate", "raters": 3},
            "version": 2,
        },
    ),
    "a sentence with gaps": (
        {
            "vraag": "Vul in.",
            "zin": "[[1]] en [[2]].",
            "antwoord a": "x\ny",
            "hoort bij a": "x",
            "hoort bij b": "V\nv",
        },
        {
            "type": "cloze",
            "cloze": {
                "text": "[[1]] en [[2]].",
                "gaps": [{"choices": ["x", "y"], "key": "x"}, {"accept": ["V", "v"]}],
                "normalise": ["trim", "casefold"],
            },
            "stem": "Vul in.",
        },
    ),
    "files to sort": (
        {
            "vraag": "Waar?",
            "soort": "bestanden",
            "antwoord a": "x.pdf",
            "hoort bij a": "Besluiten",
            "uitleg a": "Zo.",
        },
        {
            "type": "file_sort",
            "folders": ["Besluiten"],
            "files": [{"name": "x.pdf", "folder": "Besluiten", "why": "Zo."}],
            "stem": "Waar?",
        },
    ),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_row_is_taken_over(what: str) -> None:
    cells, expected = TAKEN[what]
    assert one(**cells) == (expected, [])


NOT_TAKEN = {
    "no question text": {"soort": "tekst", "goedgekeurd": "x", "vraag": ""},
    "a question of the kind raadsel": {"vraag": "V?", "soort": "raadsel"},
    "no options": {"vraag": "V?"},
    "correct names an option that is not there: d": {"vraag": "V?", **ABC, "juist": "d"},
    "option a and belongs a: one of them is empty": {"vraag": "V?", "soort": "match", "antwoord a": "x"},
    "nothing stands in the columns option a to g": {"vraag": "V?", "soort": "match"},
    "nothing stands in the column accept": {"vraag": "V?", "soort": "tekst"},
    "nothing stands in the column sentence": {"vraag": "V?", "soort": "cloze", "hoort bij a": "x"},
    "zeven is not a number": {"vraag": "V?", "getal": "zeven"},
    "scored is yes or no, not misschien": {"vraag": "V?", **ABC, "telt mee": "misschien"},
    "version is no whole number: 1.0": {"vraag": "V?", **ABC, "versie": "1.0"},
    "12 is no id; leave it empty for the next free one": {"vraag": "V?", **ABC, "id": "12"},
}


@pytest.mark.parametrize("said", NOT_TAKEN)
def test_a_row_that_does_not_fit_is_told_and_not_taken(said: str) -> None:
    fields, lost = one(**NOT_TAKEN[said])
    assert fields is None
    assert lost == [f"not taken over: {said}"]


def test_cells_and_columns_that_nothing_uses_are_told() -> None:
    _, lost = one(vraag="V?", getal="5", **{"antwoord a": "x", "plaatje": "a.png"})
    assert lost == ["option a is not used with numeric: x", 'column D, "plaatje": is no column that we know']


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_program_writes_its_own_csv(separator: str, encoding: str) -> None:
    text = f'vraag{separator}goedgekeurd\r\n"Eén, twee; of ""drie""?"{separator}één\r\n'
    (found,) = read_csv(text.encode(encoding)).found
    assert found.fields is not None
    assert found.fields["stem"] == 'Eén, twee; of "drie"?'
    assert (found.fields["answer"]["accept"], found.place) == (["één"], "row 2")


def test_a_workbook_has_numbers_dates_and_yes() -> None:
    head = ["vraag", "getal", "marge", "nakijken voor", "telt mee", "digcomp"]
    content = workbook(head, ["Hoeveel?", 1875.5, 0, datetime(2027, 11, 1), True, 4.1])  # noqa: DTZ001
    (found,) = read_xlsx(content).found
    assert found.fields == {
        "type": "numeric",
        "number": {"value": 1875.5, "tolerance": 0.0},
        "stem": "Hoeveel?",
        "review_before": "2027-11-01",
        "digcomp": ["4.1"],
        "scored": True,
    }


def test_formulas_errors_and_other_sheets_are_told() -> None:
    def more(book: Workbook) -> None:
        book.create_sheet("Kladblok")

    content = workbook(
        ["vraag", "goedgekeurd", "tip"], ["Welke?", "x", "=A1"], ["Welke?", "y", "#REF!"], change=more
    )
    assert [str(loss) for loss in read_xlsx(content).lost] == [
        "cell C2: a formula without a result; open and save the file first",
        "cell C3: the error #REF!",
        "sheet Kladblok: is not read",
    ]


def test_a_text_like_a_formula_stays_a_text() -> None:
    item = BASE | {"scored": True, "type": "text_entry", "answer": {"accept": ["=SOM(A1)"], "normalise": ["trim"]}}
    (found,) = read_xlsx(write_xlsx([item], {}).content).found
    assert found.fields is not None
    assert found.fields["answer"]["accept"] == ["=SOM(A1)"]


STAYS = {
    "left out: it cannot be asked without its attachments": CHOICE | {"attachments": [{"file": "media/x.pdf"}]},
    "left out: a row holds no simulation": {"type": "simulation"},
    "left out: a new line in sources, which stand a line each": CHOICE | {"sources": ["a\nb"]},
    "left out: a row holds 7 files, not 8": {
        "type": "file_sort",
        "folders": ["a", "b"],
        "files": [{"name": str(n), "folder": "a"} for n in range(8)],
    },
}


@pytest.mark.parametrize("said", STAYS)
def test_what_a_row_does_not_hold_is_told(said: str) -> None:
    made = write_xlsx([BASE | {"scored": True} | STAYS[said]], {})
    assert ([loss.what for loss in made.lost], made.written) == ([said], 0)


def test_more_questions_than_a_file_may_have_are_told() -> None:
    made = write_xlsx([BASE | {"scored": True} | CHOICE] * 2001, {})
    assert (made.written, [loss.what for loss in made.lost]) == (2000, ["left out: more than 2000"])


def test_every_cell_of_a_row_has_a_column_and_every_type_a_name() -> None:
    cells = row(BASE | {"scored": True} | CHOICE, [].append)
    assert set(cells) <= set(HEADINGS)
    assert all(names[0] != kind for kind, names in TYPES.items())


def zipped(**members: bytes) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def replaced(name: str, content: bytes) -> bytes:
    """A workbook with one of its parts replaced."""
    made = BytesIO()
    with ZipFile(BytesIO(workbook(["vraag"], ["V?"]))) as good, ZipFile(made, "w", ZIP_DEFLATED) as bad:
        for member in good.namelist():
            bad.writestr(member, content if member == name else good.read(member))
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HOSTILE_WORKBOOKS = {
    "is no workbook: File is not a zip file": lambda: b"\x00\x01" * 5000,
    "is no workbook": lambda: zipped(hallo=b"x"),
    "unpacks to more than 20 MB": lambda: zipped(bomb=b"0" * (21 * 1024 * 1024)),
    "a workbook of 201 parts": lambda: zipped(**{str(n): b"" for n in range(201)}),
    "a DTD or entities": lambda: replaced(
        SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>'
    ),
    "is no workbook:": lambda: replaced("xl/workbook.xml", b"<workbook"),
    "no questions in it": lambda: workbook(["vraag"]),
    "the first row has no column vraag (or stem)": lambda: workbook(["naam", "klas"], ["Jan", "3b"]),
    "two columns mean the same: stem, vraag": lambda: workbook(["vraag", "stem"], ["V?", "S?"]),
    "more than 200 columns": lambda: workbook(["vraag", *["x"] * 201]),
    "more than 5000 rows": lambda: workbook(
        ["vraag"], change=lambda book: book.active.cell(row=1_000_000, column=1, value="V?")
    ),
    "more than 2000 questions": lambda: workbook(["vraag"], *[["V?"]] * 2001),
}


@pytest.mark.parametrize("said", HOSTILE_WORKBOOKS)
def test_a_workbook_that_cannot_be_trusted_is_refused(said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_xlsx(HOSTILE_WORKBOOKS[said]())
    assert said in str(refused.value)


HOSTILE_TABLES = {
    "is no text": b"vraag;x\n\x00\x01",
    "row 2 cannot be read": b'vraag;x\n"open;' + b"x" * 200_000,
    "the first row has no column vraag": b"a;b\n1;2\n",
    "no questions in it": b"\n\n",
    "more than 5000 rows": b"vraag\n" + b"\n" * 5000 + b"V?\n",
    "more than 2000 questions": b"vraag\n" + b"V?\n" * 100_000,
}


@pytest.mark.parametrize("said", HOSTILE_TABLES)
def test_a_table_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_csv(HOSTILE_TABLES[said])
    assert said in str(refused.value)
