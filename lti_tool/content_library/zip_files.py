"""Reads ZIP files that nobody vouches for, in the one form that every reader understands in the same way.

PKWARE's APPNOTE (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 and 4.4). The members follow
each other from the first byte to the directory at the end, without gaps, overlaps or anything before or behind
them, and what stands at a member agrees with the directory. So there is one way to read it, and no second file.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

HIGHEST_RATIO = 100
"""Bytes out for one byte in. Of each member, so of all of them too."""
_MOST_DIRECTORY_BYTES = 512
"""For each member: its name, and what programs add to it."""

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_TOLD_BEHIND = 0x0008
"""Size and checksum stand behind the content, in a descriptor."""
_IN_UTF8 = 0x0800
_ELSEWHERE = 0xFFFFFFFF
"""ZIP64: the true number stands in another place."""
_SECOND_NAME = 0x7075
_DESCRIPTORS = {12: "<3L", 16: "<4x3L", 20: "<LQQ", 24: "<4xLQQ"}
"""By length: checksum, packed size, size; with a signature or without, in ZIP64 or not (4.3.9)."""
_CHUNK = 64 * 1024
_DRIVE = re.compile(r"[A-Za-z]:")


class ZipRefused(Exception):
    """Why this file is not opened, and which member is about (empty: the file as a whole)."""

    def __init__(self, message: str, member: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.member = member


@dataclass(frozen=True)
class Member:
    """A file in the ZIP, as the directory tells; `read` finds out whether that is true."""

    name: str
    size: int
    packed: int
    checksum: int
    method: int
    flags: int
    starts: int
    """Where its local header is."""
    raw_name: bytes


def members_of(file: BinaryIO, most: int, largest: int) -> list[Member]:
    """What is in a ZIP file, in the order in which it stands there.

    Args:
        file: open for reading, at any place.
        most: members.
        largest: bytes of all members together, unpacked.

    Raises:
        ZipRefused: when it is anything but the plain form, or too much.
    """
    directory, begins, count = _directory(file, most)
    members, at, names = [], 0, set[str]()
    while at < len(directory):
        member, at = _member(directory, at)
        folded = unicodedata.normalize("NFKC", member.name).casefold()
        if folded in names:
            raise ZipRefused("stands in it twice, or differs in capitals or accents only", member.name)
        names.add(folded)
        members.append(member)
    if len(members) != count:
        raise ZipRefused("is a ZIP file that does not hold as many files as it says")
    if sum(member.size for member in members) > largest:
        raise ZipRefused(f"holds more than {largest // 1024**2} MB")
    members.sort(key=lambda member: member.starts)
    _check_places(file, members, begins)
    return members


def _directory(file: BinaryIO, most: int) -> tuple[bytes, int, int]:
    """The directory at the end, where it begins, and how many members it says it has."""
    size = file.seek(0, 2)
    if size < _END.size:
        raise ZipRefused("is not a ZIP file")
    file.seek(size - _END.size)
    sign, disk, first, here, count, length, begins, comment = _END.unpack(file.read(_END.size))
    if sign != b"PK\x05\x06" or comment:
        raise ZipRefused("is not a ZIP file, or something stands behind its end")
    if count == 0xFFFF or _ELSEWHERE in (length, begins):
        raise ZipRefused("is of the kind for very large files (ZIP64)")
    if count > most:
        raise ZipRefused(f"holds more than {most:,} files")
    if (disk, first, here) != (0, 0, count) or begins + length != size - _END.size:
        raise ZipRefused("is a ZIP file with its directory in the wrong place")
    if length > count * _MOST_DIRECTORY_BYTES:
        raise ZipRefused("is a ZIP file with too large a directory")
    file.seek(begins)
    return file.read(length), begins, count


def _member(directory: bytes, at: int) -> tuple[Member, int]:
    """The member that is told at a place in the directory, and where the next one is."""
    if len(directory) - at < _CENTRAL.size or directory[at : at + 4] != b"PK\x01\x02":
        raise ZipRefused("is a ZIP file with a broken directory")
    (_, _, _, flags, method, _, _, checksum, packed, size, *lengths, _, _, attributes, starts) = (
        _CENTRAL.unpack_from(directory, at)
    )
    at += _CENTRAL.size
    raw_name = directory[at : at + lengths[0]]
    extra = directory[at + lengths[0] : at + lengths[0] + lengths[1]]
    at += sum(lengths)
    if at > len(directory):
        raise ZipRefused("is a ZIP file with a broken directory")
    try:
        name = raw_name.decode("utf-8" if flags & _IN_UTF8 else "ascii")
    except UnicodeDecodeError:
        raise ZipRefused("a name in it is not UTF-8", raw_name.decode("ascii", "backslashreplace")) from None
    if problem := unsafe(name):
        raise ZipRefused(problem, name)
    _check_kind(name, flags, method, attributes, {size, packed, starts}, extra)
    if size > HIGHEST_RATIO * packed:
        raise ZipRefused(f"unpacks to more than {HIGHEST_RATIO} times its size", name)
    return Member(name, size, packed, checksum, method, flags, starts, raw_name), at


def _check_kind(name: str, flags: int, method: int, attributes: int, numbers: set[int], extra: bytes) -> None:
    if flags & _ENCRYPTED:
        raise ZipRefused("is encrypted", name)
    if method not in (_STORED, _DEFLATED):
        raise ZipRefused(f"is packed in an unknown way ({method})", name)
    if _ELSEWHERE in numbers:
        raise ZipRefused("is of the kind for very large files (ZIP64)", name)
    # What kind of file it is on Unix stands in the upper half; other systems leave that empty.
    if stat.S_IFMT(attributes >> 16) not in (0, stat.S_IFREG):
        raise ZipRefused("is a link, or something else that is no file", name)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _SECOND_NAME:
            raise ZipRefused("has a second name", name)
        at += 4 + length


def unsafe(name: str) -> str | None:
    """Why nothing may be written under this name."""
    if not name or len(name) > 200 or not name.isprintable():
        return "is no name for a file"
    if "\\" in name or name.startswith("/") or _DRIVE.match(name):
        return "leads out of the package"
    steps = name.split("/")
    if ".." in steps:
        return "leads out of the package"
    if name.endswith("/"):
        return "is a folder; a ZIP file holds files, and their folders come by themselves"
    if any(step in ("", ".") or step.endswith((" ", ".")) for step in steps):
        return "is no name for a file"
    return None


def _check_places(file: BinaryIO, members: Sequence[Member], end: int) -> None:
    """Each member begins where the one before ends, and says there what the directory says."""
    if not members and end:
        raise ZipRefused("holds something that its directory does not tell")
    expected = 0
    for place, member in enumerate(members):
        after = members[place + 1].starts if place + 1 < len(members) else end
        if member.starts != expected:
            raise ZipRefused("does not begin where the file before it ends", member.name)
        data = _begins(file, member)
        behind = after - data - member.packed
        told_behind = bool(member.flags & _TOLD_BEHIND)
        if behind not in (_DESCRIPTORS if told_behind else (0,)):
            raise ZipRefused("does not end where the next one begins", member.name)
        if told_behind:
            file.seek(after - behind)
            told = struct.unpack(_DESCRIPTORS[behind], file.read(behind))
            if told != (member.checksum, member.packed, member.size):
                raise ZipRefused("is told in two different ways", member.name)
        expected = after


def _begins(file: BinaryIO, member: Member) -> int:
    """Where the content of a member begins."""
    file.seek(member.starts)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise ZipRefused("does not stand where the directory says", member.name)
    _, _, flags, method, _, _, *numbers, name_length, extra_length = _LOCAL.unpack(header)
    told = [member.checksum, member.packed, member.size]
    agrees = member.flags & _TOLD_BEHIND or numbers == told
    if file.read(name_length) != member.raw_name or (flags, method) != (member.flags, member.method) or not agrees:
        raise ZipRefused("is told in two different ways", member.name)
    return member.starts + _LOCAL.size + name_length + extra_length


def read(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The content of a member, a piece at a time; never more than its size.

    Raises:
        ZipRefused: as soon as it is not what the directory says.
    """
    inflater = zlib.decompressobj(-15) if member.method == _DEFLATED else None
    left, room, checksum = member.packed, member.size, 0
    file.seek(_begins(file, member))
    waiting = b""
    while True:
        if left and not waiting:
            waiting = file.read(min(left, _CHUNK))
            left -= len(waiting)
            if not waiting:
                raise ZipRefused("ends too early", member.name)
        piece, waiting = _inflated(inflater, waiting, member) if inflater else (waiting, b"")
        room -= len(piece)
        if room < 0:
            raise ZipRefused("unpacks to more than it says", member.name)
        checksum = zlib.crc32(piece, checksum)
        if piece:
            yield piece
        elif not left and not waiting:
            break
    if room or checksum != member.checksum or (inflater and not inflater.eof):
        raise ZipRefused("is not what its checksum and size say", member.name)


def _inflated(inflater: zlib._Decompress, waiting: bytes, member: Member) -> tuple[bytes, bytes]:
    """A piece, and what is still to be inflated."""
    if inflater.eof and waiting:
        raise ZipRefused("holds something behind its end", member.name)
    try:
        piece = inflater.decompress(waiting, _CHUNK)
    except zlib.error:
        raise ZipRefused("cannot be unpacked", member.name) from None
    if inflater.unused_data:
        raise ZipRefused("holds something behind its end", member.name)
    return piece, inflater.unconsumed_tail
