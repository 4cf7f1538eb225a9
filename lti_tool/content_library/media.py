"""Pictures, films and office files of a package: what they may be, found out from what is inside."""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from lti_tool.content_library.inside.drawings import complaints_of_svg
from lti_tool.content_library.inside.films import complaints_of_mp4, complaints_of_vtt
from lti_tool.content_library.inside.office import complaints_of_office
from lti_tool.content_library.inside.papers import complaints_of_pdf
from lti_tool.content_library.inside.pictures import complaints_of_jpeg, complaints_of_png, complaints_of_webp
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.domain.content import Medium

LARGEST_MEDIUM_BYTES = 2 * 1024 * 1024
LARGEST_FILM_BYTES = 40 * 1024 * 1024
LICENCES = "media/LICENSES.csv"
COLUMNS = ["file", "licence", "maker", "source"]
"""Of the list of licences; the source may be empty."""

_BELONGS = re.compile(r"media/[a-z0-9][a-z0-9-]{0,79}\.(svg|png|jpg|webp|mp4|vtt|pdf|docx|xlsx)")
_OFFICE = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "vtt": "text/vtt",
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}
PICTURES = ("svg", "png", "jpg", "webp")
ATTACHMENTS = ("pdf", "docx", "xlsx")
FILMS = ("mp4",)
SUBTITLES = ("vtt",)

_COMPLAINTS: dict[str, Callable[[bytes], Iterator[tuple[int, str]]]] = {
    "svg": complaints_of_svg,
    "png": complaints_of_png,
    "jpg": complaints_of_jpeg,
    "webp": complaints_of_webp,
    "vtt": complaints_of_vtt,
    "pdf": complaints_of_pdf,
    "docx": lambda content: complaints_of_office(content, "docx"),
    "xlsx": lambda content: complaints_of_office(content, "xlsx"),
}
"""A film is looked at where it stands: it may be too large to hold."""
_CHUNK = 256 * 1024


def is_medium(name: str) -> bool:
    """Whether a file of this name belongs to the pictures, films and office files of a package."""
    return _BELONGS.fullmatch(name) is not None


def ending(name: str) -> str:
    """The letters behind the last dot."""
    return name.rpartition(".")[2]


def opened_plainly(path: Path) -> BinaryIO:
    """A regular file, open for reading; links are not followed and pipes not waited for.

    Raises:
        OSError: it is not there, or none.
    """
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(f"not a regular file: {path.name}")
    return os.fdopen(number, "rb")


def read_medium(path: Path, name: str) -> Medium:
    """A file that is what its name says. Raises ContentBroken, and OSError when it is no regular file."""
    kind = ending(name)
    largest = LARGEST_FILM_BYTES if kind == "mp4" else LARGEST_MEDIUM_BYTES
    whole, size, held = sha256(), 0, bytearray()
    with opened_plainly(path) as file:
        while size <= largest and (piece := file.read(_CHUNK)):
            size += len(piece)
            whole.update(piece)
            if kind != "mp4":
                held += piece
        if size > largest:
            raise ContentBroken([Problem(name, 0, f"larger than {largest // 1024**2} MB")])
        found = complaints_of_mp4(file, size) if kind == "mp4" else _COMPLAINTS[kind](bytes(held))
        problems = [Problem(name, line, message) for line, message in found]
    if problems:
        raise ContentBroken(problems)
    return Medium(path, CONTENT_TYPES[kind], whole.hexdigest(), size)


def check_licences(listed: str | None, media: Collection[str]) -> Iterator[Problem]:
    """Whose each file is, and what others may do with it.

    Args:
        listed: the text of the list, None when there is none.
        media: the files, with `media/` before their names.
    """
    names = {name.removeprefix("media/") for name in media}
    if listed is None:
        if names:
            yield Problem(LICENCES, 0, f"is missing; it has a line for each file in media: {','.join(COLUMNS)}")
        return
    rows = csv.reader(StringIO(listed.removeprefix("\ufeff"), newline=""), strict=True)
    told: set[str] = set()
    try:
        if next(rows, None) != COLUMNS:
            yield Problem(LICENCES, 1, f"the first line is {','.join(COLUMNS)}")
            return
        for row in rows:
            yield from (Problem(LICENCES, rows.line_num, message) for message in _row(row, told, names))
            told.update(row[:1])
    except csv.Error as err:
        yield Problem(LICENCES, rows.line_num, f"is no line of a CSV file: {err}")
        return
    for name in sorted(names - told):
        yield Problem(LICENCES, rows.line_num + 1, f"there is no line for {name}")


def _row(row: list[str], told: Collection[str], names: Collection[str]) -> Iterator[str]:
    if len(row) != len(COLUMNS):
        yield f"a line has {len(COLUMNS)} values: {', '.join(COLUMNS)}"
        return
    file, licence, maker, _ = row
    if file not in names:
        yield f"there is no file media/{file}"
    if file in told:
        yield f"{file} stands here twice"
    if not licence.strip() or not maker.strip():
        yield f"{file} needs a licence and a maker"
