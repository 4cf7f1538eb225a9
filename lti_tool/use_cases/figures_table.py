"""Published figures as one long table: a row for each value of each figure, the same in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lti_tool.domain.disclosure import Disclosed
from xapi.warehouse.parquet import Column, Kind, as_parquet

RISKY_FIRST_CHARACTERS = ("=", "+", "-", "@", "\t", "\r")

COLUMNS = (
    Column("campaign", "text", "Name of the campaign."),
    Column("published_at", "moment", "When this figure was published; a published figure never changes."),
    Column("newest", "boolean", "Whether it is the last one published of this measure and group."),
    Column("group", "text", "`all`, or `team:` and the name of a team."),
    Column("measure", "text", "What is told: `participation`, `levels_pre:DOMAIN`, `levels_post:DOMAIN`, …"),
    Column("domain", "text", "The part of `measure` behind the colon: the domain; empty when it has none."),
    Column("n_at_least", "whole", "At least so many people are counted in this figure: rounded down to tens."),
    Column("value", "text", "Which value of the measure this row tells; empty: `n_at_least` is all there is."),
    Column("figure", "number", "The value when it is a number."),
    Column("text", "text", "The value when it is a text, such as `method` and `caveat`."),
)
"""What analysts read; `docs/analysts.md` has the same words."""

_CSVW: dict[Kind, str] = {
    "text": "string",
    "moment": "dateTimeStamp",
    "boolean": "boolean",
    "whole": "integer",
    "number": "number",
}


class FigureRow(NamedTuple):
    """In the order of COLUMNS."""

    campaign: str
    published_at: datetime
    newest: bool
    group: str
    measure: str
    domain: str
    n_at_least: int
    value: str
    figure: float | None
    text: str


def rows_of(campaign: str, published: Sequence[Disclosed]) -> list[FigureRow]:
    """Every value of every publication; `published` stands in the order of publication."""
    last = {(f.measure, f.group): place for place, disclosed in enumerate(published) for f in disclosed.figures}
    return [
        FigureRow(
            campaign=campaign,
            published_at=disclosed.at,
            newest=last[figure.measure, figure.group] == place,
            group=figure.group,
            measure=figure.measure,
            domain=figure.measure.partition(":")[2],
            n_at_least=figure.n_shown,
            value=name,
            figure=None if isinstance(value, str) else value,
            text=value if isinstance(value, str) else "",
        )
        for place, disclosed in enumerate(published)
        for figure in disclosed.figures
        for name, value in (figure.values or {"": None}).items()
    ]


def csv_of(rows: Sequence[FigureRow]) -> str:
    """RFC 4180, every field quoted, safe for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(column.name for column in COLUMNS)
    for row in rows:
        writer.writerow(_in_csv(cell) for cell in row)
    return out.getvalue()


def parquet_of(rows: Sequence[FigureRow]) -> bytes:
    """Raises AnalystExtraMissing."""
    return as_parquet(COLUMNS, rows)


def dictionary_of(csv_address: str) -> str:
    """What each column of the CSV means, as CSV on the Web says it (https://www.w3.org/TR/tabular-metadata/)."""
    columns = [
        {"name": c.name, "titles": c.name, "datatype": _CSVW[c.kind], "dc:description": c.meaning} for c in COLUMNS
    ]
    said = {"@context": "http://www.w3.org/ns/csvw", "url": csv_address, "tableSchema": {"columns": columns}}
    return json.dumps(said, indent=2, ensure_ascii=False)


def power_bi_source_of(csv_address: str) -> str:
    """A data source file with which Power BI Desktop opens the CSV.

    https://learn.microsoft.com/power-bi/connect-data/desktop-data-sources#use-pbids-files-to-get-data
    """
    details = {"protocol": "http", "address": {"url": csv_address}, "authentication": None, "query": None}
    return json.dumps(
        {"version": "0.1", "connections": [{"details": details, "options": {}, "mode": "Import"}]}, indent=2
    )


def _in_csv(cell: object) -> object:
    """A text is kept from being read as a formula; numbers stay numbers."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, str) and cell.startswith(RISKY_FIRST_CHARACTERS):
        return f"'{cell}"
    return cell
