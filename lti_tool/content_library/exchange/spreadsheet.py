"""Reads questions from .xlsx and .csv, a row each, and writes them as .xlsx; trusts no workbook."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from lti_tool.content_library.exchange.columns import HEADINGS, column_of
from lti_tool.content_library.exchange.leaving import each
from lti_tool.content_library.exchange.questions import (
    MOST_QUESTIONS,
    Fields,
    FileRefused,
    Loss,
    NotTaken,
    Reading,
    Writing,
    cleaned,
    in_short,
)
from lti_tool.content_library.exchange.rows import Cells, question, row
from lti_tool.content_library.exchange.words import as_text
from lti_tool.domain.content import Medium

MOST_MEMBERS = 200
MOST_UNPACKED_BYTES = 20 * 1024 * 1024
"""Of the parts of a workbook together; a table of 2,000 questions has some 5 MB."""
MOST_ROWS = 5000
MOST_COLUMNS = 200
SHEET = "vragen"

Row = tuple[int, list[str]]
"""Its number, and its cells as text."""


def read_csv(content: bytes) -> Reading:
    """A table with ; or , or tabs between the cells. Raises FileRefused."""
    text, _ = as_text(content)
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    table = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    reading = Reading()
    try:
        _table(((table.line_num, cells) for cells in table), reading)
    except csv.Error as err:
        raise FileRefused(f"row {table.line_num} cannot be read: {err}") from None
    return reading


def read_xlsx(content: bytes) -> Reading:
    """The first sheet of a workbook. Raises FileRefused."""
    _check_members(content)
    reading = Reading()
    try:
        shown = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        typed = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in shown.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
        if not sheets:
            raise FileRefused("no sheet in it")
        formulas = _formulas(typed.worksheets[0])
        _table(_xlsx_rows(sheets[0], formulas, reading), reading)
        reading.lost.extend(Loss(f"sheet {in_short(sheet.title)}", "", "is not read") for sheet in sheets[1:])
    except FileRefused:
        raise
    except (BadZipFile, InvalidFileException, DefusedXmlException, zlib.error, *_UNREADABLE) as err:
        raise FileRefused(_why(err)) from None
    return reading


_UNREADABLE = (AttributeError, KeyError, IndexError, TypeError, ValueError, SyntaxError, EOFError, OSError)
"""What openpyxl raises on parts that are not what they should be."""


def _why(err: BaseException) -> str:
    """In words; openpyxl hides what it met behind errors of its own."""
    inner: BaseException | None = err
    while inner is not None:
        if isinstance(inner, DefusedXmlException):
            return "a DTD or entities, which no spreadsheet program writes"
        inner = inner.__context__
    return f"is no workbook: {in_short(str(err)) or type(err).__name__}"


def _check_members(content: bytes) -> None:
    """Before anything is unpacked: a small file can hold a large one."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, OverflowError) as err:
        raise FileRefused(f"is no workbook: {in_short(str(err))}") from None
    if len(members) > MOST_MEMBERS:
        raise FileRefused(f"a workbook of {len(members)} parts; at most {MOST_MEMBERS}")
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise FileRefused(f"a workbook that unpacks to more than {MOST_UNPACKED_BYTES // 1024**2} MB")
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused("a workbook with a password")


def _formulas(sheet: ReadOnlyWorksheet) -> set[tuple[int, int]]:
    return {
        (cell.row, cell.column)
        for cells in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
        for cell in cells
        if cell.data_type == "f"
    }


def _xlsx_rows(sheet: ReadOnlyWorksheet, formulas: set[tuple[int, int]], reading: Reading) -> Iterator[Row]:
    rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1)
    for number, cells in enumerate(rows, start=1):
        values = []
        for place, cell in enumerate(cells, start=1):
            where = f"cell {get_column_letter(place)}{number}"
            if (number, place) in formulas and cell.value is None:
                reading.lost.append(Loss(where, "", "a formula without a result; open and save the file first"))
            if cell.data_type == "e":
                reading.lost.append(Loss(where, "", f"the error {in_short(str(cell.value))}"))
                values.append("")
            else:
                values.append(_text(cell.value))
        yield number, values


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(rows: Iterable[Row], reading: Reading) -> None:
    columns: list[str | None] = []
    headings: list[str] = []
    untold: set[int] = set()
    for number, raw in rows:
        cells = [cleaned(cell) for cell in raw]
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise FileRefused(f"row {number}: more than {MOST_COLUMNS} columns")
        if number > MOST_ROWS:
            raise FileRefused(f"more than {MOST_ROWS} rows; split the file")
        if not any(cells):
            continue
        if not columns:
            columns, headings = [column_of(cell) for cell in cells], cells
            _check_headings(columns, headings)
            continue
        untold |= {place for place, cell in enumerate(cells) if cell and _column(columns, place) is None}
        _row(
            number,
            {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell},
            reading,
        )
    if not reading.found:
        raise FileRefused("no questions in it; the first row names the columns, then a row for each question")
    for place in sorted(untold):
        name = headings[place] if place < len(headings) else ""
        reading.lost.append(
            Loss(f"column {get_column_letter(place + 1)}", in_short(name), "is no column that we know")
        )


def _column(columns: Sequence[str | None], place: int) -> str | None:
    return columns[place] if place < len(columns) else None


def _check_headings(columns: Sequence[str | None], headings: Sequence[str]) -> None:
    known = [column for column in columns if column]
    if "stem" not in known:
        raise FileRefused(f"the first row has no column {HEADINGS['stem'][0]} (or {HEADINGS['stem'][1]})")
    twice = {
        heading for column, heading in zip(columns, headings, strict=True) if column and known.count(column) > 1
    }
    if twice:
        raise FileRefused(f"two columns mean the same: {in_short(', '.join(sorted(twice)))}")


def _row(number: int, cells: Cells, reading: Reading) -> None:
    if not cells:
        return
    found = reading.begin(f"row {number}", cells.get("id", "") or cells.get("stem", ""))
    try:
        found.fields = question(cells, found.lost.append)
    except NotTaken as reason:
        found.lost.append(f"not taken over: {reason}")


def write_xlsx(items: Sequence[Fields], media: Mapping[str, Medium]) -> Writing:
    """A table that `read_xlsx` reads back; texts stay texts, also those that look like a formula."""
    rows, lost = each(items[:MOST_QUESTIONS], row)
    lost.extend(Loss(item["id"], "", f"left out: more than {MOST_QUESTIONS}") for item in items[MOST_QUESTIONS:])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(HEADINGS, start=1):
        wide = column in ("stem", "context", "why", "sentence") or column.startswith(("option", "feedback"))
        sheet.column_dimensions[get_column_letter(place)].width = 40 if wide else 14
    sheet.append([_cell(sheet, names[0], bold=True) for names in HEADINGS.values()])
    for cells in rows:
        sheet.append([_cell(sheet, cells.get(column, "")) for column in HEADINGS])
    made = BytesIO()
    book.save(made)
    return Writing(made.getvalue(), len(rows), tuple(lost))


def _cell(sheet: object, text: str, *, bold: bool = False) -> WriteOnlyCell | None:
    if not text:
        return None
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell
