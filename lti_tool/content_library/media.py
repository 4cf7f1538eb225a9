"""Pictures, films and office files of a package: what they may be, found out from their first bytes."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.domain.content import Medium

LARGEST_MEDIUM_BYTES = 2 * 1024 * 1024
LARGEST_FILM_BYTES = 40 * 1024 * 1024

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

_STARTS = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "mp4": re.compile(rb"....ftyp", re.DOTALL),
    "vtt": re.compile(rb"(\xef\xbb\xbf)?WEBVTT[ \t\r\n]"),
    "pdf": re.compile(rb"%PDF-[12]\."),
    "docx": re.compile(rb"PK\x03\x04"),
    "xlsx": re.compile(rb"PK\x03\x04"),
    "svg": re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|svg|!--)"),
}


def is_medium(name: str) -> bool:
    """Whether a file of this name belongs to the pictures, films and office files of a package."""
    return _BELONGS.fullmatch(name) is not None


def ending(name: str) -> str:
    """The letters behind the last dot."""
    return name.rpartition(".")[2]


def read_medium(path: Path, name: str) -> Medium:
    """A file that is what its name says. Raises ContentBroken."""
    kind = ending(name)
    largest = LARGEST_FILM_BYTES if kind == "mp4" else LARGEST_MEDIUM_BYTES
    size = path.stat().st_size
    if size > largest:
        raise ContentBroken([Problem(name, 0, f"larger than {largest // 1024**2} MB")])
    content = path.read_bytes()
    if not _STARTS[kind].match(content):
        raise ContentBroken([Problem(name, 0, f"is not what {kind} files are inside")])
    return Medium(path, CONTENT_TYPES[kind], sha256(content).hexdigest(), size)
