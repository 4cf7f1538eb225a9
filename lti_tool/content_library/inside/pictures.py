"""PNG, JPEG and WEBP by their structure: how large they become, and that nothing else is hidden in the file."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

MOST_PIXELS_WIDE = 6000
"""Or high."""
_NOT_WHOLE = "is no whole picture, or something stands behind its end; save it anew"
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
"""Of JPEG (ITU T.81, B.1.1.2): not a stuffed byte, and not a restart."""
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


def complaints_of_png(content: bytes) -> Iterator[tuple[int, str]]:
    """https://www.w3.org/TR/png-3/, 5."""
    if not content.startswith(_PNG):
        yield 0, "is not what png files are inside"
        return
    at, kinds = len(_PNG), list[bytes]()
    while at + 12 <= len(content) and kinds[-1:] != [b"IEND"]:
        length, kind = struct.unpack_from(">L4s", content, at)
        end = at + 12 + length
        body = content[at + 4 : end - 4]
        if end > len(content) or zlib.crc32(body) != struct.unpack_from(">L", content, end - 4)[0]:
            break
        if not kinds and (kind, length) == (b"IHDR", 13):
            yield from _too_large(*struct.unpack_from(">2L", content, at + 8))
        kinds.append(kind)
        at = end
    if at != len(content) or kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        yield 0, _NOT_WHOLE


def complaints_of_jpeg(content: bytes) -> Iterator[tuple[int, str]]:
    """https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B."""
    if not content.startswith(b"\xff\xd8\xff"):
        yield 0, "is not what jpg files are inside"
        return
    at, in_scan, framed = 2, False, False
    while found := (_MARKER.search if in_scan else _MARKER.match)(content, at):
        kind, at = found[1][0], found.end()
        if kind == _END_OF_IMAGE:
            break
        if at + 2 > len(content):
            break
        length = struct.unpack_from(">H", content, at)[0]
        if kind in _FRAMES and length >= 8 and at + length <= len(content):
            height, width = struct.unpack_from(">2H", content, at + 3)
            framed = True
            yield from _too_large(width, height)
        at += max(2, length)
        in_scan = kind == _START_OF_SCAN
    if not framed or not found or found[1][0] != _END_OF_IMAGE or at != len(content):
        yield 0, _NOT_WHOLE


def complaints_of_webp(content: bytes) -> Iterator[tuple[int, str]]:
    """https://www.rfc-editor.org/rfc/rfc9649.html, 2."""
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        yield 0, "is not what webp files are inside"
        return
    whole = struct.unpack_from("<L", content, 4)[0] + 8 == len(content)
    at, sizes = 12, list[tuple[int, int]]()
    while at + 8 <= len(content):
        kind, length = struct.unpack_from("<4sL", content, at)
        size = _webp_size(kind, content[at + 8 : at + 18])
        if size:
            sizes.append(size)
        at += 8 + length + length % 2
    for size in sizes:
        yield from _too_large(*size)
    if not whole or at != len(content) or not sizes:
        yield 0, _NOT_WHOLE


def _webp_size(kind: bytes, begins: bytes) -> tuple[int, int] | None:
    """Width and height that a chunk tells, if it tells them."""
    if len(begins) < 10:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(begins[4:7], "little"), 1 + int.from_bytes(begins[7:10], "little")
    if kind == b"VP8L" and begins[0] == 0x2F:
        bits = int.from_bytes(begins[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and begins[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<2H", begins, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _too_large(width: int, height: int) -> Iterator[tuple[int, str]]:
    if not 0 < width <= MOST_PIXELS_WIDE or not 0 < height <= MOST_PIXELS_WIDE:
        most = f"{MOST_PIXELS_WIDE} x {MOST_PIXELS_WIDE}"
        yield 0, f"is {width} x {height} pixels; at most {most}, and at least one"
