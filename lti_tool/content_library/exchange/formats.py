"""The file formats: one row each. A new one (QTI) is a reader and a writer, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.content_library.exchange import (
    gift_reading,
    gift_writing,
    moodle_reading,
    moodle_writing,
    spreadsheet,
)
from lti_tool.content_library.exchange.questions import Fields, Reading, Writing
from lti_tool.domain.content import Medium

Reader = Callable[[bytes], Reading]
"""Raises FileRefused when the file as a whole cannot be read."""
Writer = Callable[[Sequence[Fields], Mapping[str, Medium]], Writing]


@dataclass(frozen=True)
class Format:
    """A kind of file with questions."""

    endings: tuple[str, ...]
    """Of file names, the usual one first."""
    read: Reader
    write: Writer | None = None
    keeps_variables: bool = False
    """Whether its readers know what {{gemeente.naam}} is."""


FORMATS: Mapping[str, Format] = {
    "gift": Format((".gift", ".txt"), gift_reading.read, gift_writing.write),
    "moodle-xml": Format((".xml",), moodle_reading.read, moodle_writing.write),
    "xlsx": Format((".xlsx",), spreadsheet.read_xlsx, spreadsheet.write_xlsx, keeps_variables=True),
    "csv": Format((".csv",), spreadsheet.read_csv),
}


def format_of(file_name: str) -> Format | None:
    """The format that the end of a file name means."""
    return next((known for known in FORMATS.values() if file_name.lower().endswith(known.endings)), None)
