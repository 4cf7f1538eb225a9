"""PDF: only pages to read, nothing that acts."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

MOST_INFLATED_BYTES = 8 * 1024 * 1024
"""Of all objects that are packed together in streams."""

_ACTS = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|SubmitForm|ImportData|RichMedia|XFA|GoToE|Encrypt)"
    rb"(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"
)
"""Names that end here: a space, or a character that begins something else (ISO 32000-1, 7.2.2)."""
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED = re.compile(rb"/ObjStm")
_STREAM = re.compile(rb"stream\r?\n")
_DEFLATED = re.compile(rb"/Filter\s{0,8}\[?\s{0,8}/FlateDecode\s{0,8}\]?")
_NEAR = 1000
"""Bytes between the word ObjStm and both ends of its dictionary, at most."""


def complaints_of_pdf(content: bytes) -> Iterator[tuple[int, str]]:
    """Names of actions are looked for everywhere, also escaped (#4A) and in packed objects (7.5.7)."""
    if not re.match(rb"%PDF-[12]\.", content):
        yield 0, "is not what pdf files are inside"
        return
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\0\t\n\x0c\r "):
        yield 0, "is no whole PDF, or something stands behind its end; save it anew"
    parts = [content, *_packed_objects(content)]
    found: set[bytes] = set()
    for part in parts:
        if part is None:
            yield 0, "has objects packed in a way that cannot be looked into; save it anew, as PDF 1.4 or PDF/A"
        else:
            found.update(_ACTS.findall(part), _ACTS.findall(_unescaped(part)))
    for name in sorted(found):
        told = name.decode()
        yield 0, f"holds /{told}, which does something by itself or hides something; save it anew, as PDF/A"


def _unescaped(content: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)


def _packed_objects(content: bytes) -> Iterator[bytes | None]:
    """What is in streams of objects; None, and nothing after it, where that cannot be found out."""
    if len(_PACKED.findall(_unescaped(content))) > len(_PACKED.findall(content)):
        yield None
        return
    room = MOST_INFLATED_BYTES
    for packed in _PACKED.finditer(content):
        begins = content.rfind(b"obj", max(0, packed.start() - _NEAR), packed.start())
        stream = _STREAM.search(content, packed.end(), packed.end() + _NEAR)
        about = content[max(0, begins) : stream.start()] if stream else b""
        if stream is None or begins < 0 or not _DEFLATED.search(about) or b"DecodeParms" in about:
            yield None
            return
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(content[stream.end() : content.find(b"endstream", stream.end())], room)
        except zlib.error:
            yield None
            return
        room -= len(plain)
        if not inflater.eof or room <= 0 or len(inflater.unused_data) > len(b"\r\n"):
            yield None
            return
        yield plain
