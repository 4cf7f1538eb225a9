"""ZIP files byte by byte, so that each field can lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STORED, DEFLATED = 0, 8


@dataclass(frozen=True)
class Entry:
    """A member; what is None is told as it is."""

    name: bytes
    content: bytes = b""
    method: int = STORED
    flags: int = 0
    packed: bytes | None = None
    size: int | None = None
    checksum: int | None = None
    mode: int = 0o100644
    extra: bytes = b""
    local_name: bytes | None = None
    local_size: int | None = None
    starts: int | None = None
    behind: bytes = b""
    """Stands after the content: a descriptor, or something to hide."""


def deflated(content: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(content) + packing.flush()


def zeros(megabytes: int) -> bytes:
    """So many of nothing, deflated without ever being held."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1024 * 1024)
    return b"".join(packing.compress(piece) for _ in range(megabytes)) + packing.flush()


def zip_of(entries: Iterable[Entry], before: bytes = b"", behind: bytes = b"", count: int | None = None) -> bytes:
    """The file; `count` is how many members its end tells of."""
    whole, directory, made = bytearray(before), bytearray(), 0
    for entry in entries:
        starts = len(whole) - len(before) if entry.starts is None else entry.starts
        whole += _local(entry)
        directory += _central(entry, starts)
        made += 1
    begins = len(whole) - len(before)
    told = made if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), begins, 0)
    return bytes(whole + directory + end + behind)


def _packed(entry: Entry) -> bytes:
    if entry.packed is not None:
        return entry.packed
    return deflated(entry.content) if entry.method == DEFLATED else entry.content


def _numbers(entry: Entry) -> tuple[int, int, int]:
    checksum = zlib.crc32(entry.content) if entry.checksum is None else entry.checksum
    return checksum, len(_packed(entry)), len(entry.content) if entry.size is None else entry.size


def _local(entry: Entry) -> bytes:
    name = entry.name if entry.local_name is None else entry.local_name
    checksum, packed, size = _numbers(entry)
    if entry.flags & 0x0008:
        checksum, packed, size = 0, 0, 0
    size = size if entry.local_size is None else entry.local_size
    head = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, entry.flags, entry.method, 0, 33, checksum, packed, size, len(name), 0
    )
    return head + name + _packed(entry) + entry.behind


def _central(entry: Entry, starts: int) -> bytes:
    head = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        0x0314,
        20,
        entry.flags,
        entry.method,
        0,
        33,
        *_numbers(entry),
        len(entry.name),
        len(entry.extra),
        0,
        0,
        0,
        entry.mode << 16,
        starts,
    )
    return head + entry.name + entry.extra


def entries_of(folder: Path) -> list[Entry]:
    """The files of a folder, as they are."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [Entry(path.relative_to(folder).as_posix().encode(), path.read_bytes()) for path in files]
