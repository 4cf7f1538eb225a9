"""MP4 by its boxes, and WEBVTT."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

MOST_BOXES = 10_000
LARGEST_VTT_BYTES = 512 * 1024
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"udta", b"moof", b"sidx", b"mfra", b"styp"}
_STYLE = re.compile(r"^STYLE[ \t]*$", re.MULTILINE)


def complaints_of_mp4(film: BinaryIO, size: int) -> Iterator[tuple[int, str]]:
    """ISO 14496-12, 4.2: boxes, one after the other, that fill the file; only their headers are read."""
    at, kinds = 0, list[bytes]()
    while at + 8 <= size and len(kinds) < MOST_BOXES:
        film.seek(at)
        header = film.read(16)
        length, kind = struct.unpack_from(">L4s", header)
        if length == 1 and len(header) == 16:
            length = struct.unpack_from(">Q", header, 8)[0]
        if length == 0:
            length = size - at
        if kind not in _BOXES or length < 8:
            break
        kinds.append(kind)
        at += length
    if kinds[:1] != [b"ftyp"]:
        yield 0, "is not what mp4 files are inside"
    elif at != size or not {b"moov", b"mdat"} <= set(kinds):
        yield 0, "is no whole film, or holds something else; save it anew as MP4"


def complaints_of_vtt(content: bytes) -> Iterator[tuple[int, str]]:
    """https://www.w3.org/TR/webvtt1/, 4.1; subtitles without styles, which could load something from elsewhere."""
    if len(content) > LARGEST_VTT_BYTES:
        yield 0, f"larger than {LARGEST_VTT_BYTES // 1024} KB"
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield 0, "is not UTF-8 text"
        return
    if not re.match(r"WEBVTT([ \t\r\n]|$)", text):
        yield 0, "is not what vtt files are inside; the first line is WEBVTT"
    if "\0" in text:
        yield 0, "holds a character that no text has"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _STYLE.search(text):
        yield text.count("\n", 0, found.start()) + 1, "STYLE is not allowed in subtitles"
