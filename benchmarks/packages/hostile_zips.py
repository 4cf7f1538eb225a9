"""Files that lie about what is in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Final

from benchmarks.packages.zips import DEFLATED, Entry, deflated, entries_of, zeros, zip_of
from lti_tool.content_library import STARTER_PACKAGE

README: Final = b"README.md"
MEGABYTE: Final = 1024 * 1024


def _with(*added: Entry) -> Callable[[], bytes]:
    return lambda: zip_of([*entries_of(STARTER_PACKAGE), *added])


def _named(name: bytes) -> Callable[[], bytes]:
    return _with(Entry(name, b"x", flags=0x0800))


def _zeros() -> bytes:
    return _with(Entry(README, method=DEFLATED, packed=zeros(200), size=200 * MEGABYTE, checksum=0))()


def _zeros_that_lie() -> bytes:
    return _with(Entry(README, method=DEFLATED, packed=zeros(200), size=60_000, checksum=0))()


def _one_kernel_for_many() -> bytes:
    """As in "A better zip bomb" (Fifield, 2019): many members in the directory, one in the file."""
    kernel = Entry(README, bytes(60_000), DEFLATED, packed=deflated(bytes(60_000)) + bytes(2000), size=60_000)
    others = (f"modules/een/p{number}.md".encode() for number in range(4000))
    directory = [Entry(name, kernel.content, DEFLATED, packed=b"", starts=0) for name in others]
    return zip_of([kernel, *directory])


def _descriptor_that_lies() -> bytes:
    told = struct.pack("<4s3L", b"PK\x07\x08", 1, 2, 3)
    return _with(Entry(README, b"x", flags=0x0008, behind=told))()


def _huge_directory() -> bytes:
    entries = [Entry(b"a", extra=bytes(60_000)) for _ in range(300)]
    return zip_of(entries, count=300)


def _second_name() -> bytes:
    body = b"\x01" + struct.pack("<L", zlib.crc32(README)) + b"../../x"
    return _with(Entry(README, b"x", extra=struct.pack("<2H", 0x7075, len(body)) + body))()


ZIPS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "200 MB of zeros": (_zeros, "README.md: unpacks to more than 100 times its size"),
    "200 MB of zeros that say they are 60 KB": (_zeros_that_lie, "README.md: unpacks to more than it says"),
    "one content for 4,000 files": (_one_kernel_for_many, "more than 100 times its size"),
    "overlapping files": (
        _with(Entry(README, b"x", starts=0)),
        "CREDITS.yaml: does not end where the next one begins",
    ),
    "a file that hides another": (
        _with(Entry(README, b"x", behind=zip_of([Entry(README, b"y")]))),
        "README.md: does not end where the next one begins",
    ),
    "a way up": (_named(b"../../weg.md"), "../../weg.md: leads out of the package"),
    "a way up in the middle": (_named(b"items/../../weg.md"), "items/../../weg.md: leads out of the package"),
    "a way from the root": (_named(b"/etc/cron.d/weg"), "/etc/cron.d/weg: leads out of the package"),
    "a drive": (_named(b"C:/weg.md"), "C:/weg.md: leads out of the package"),
    "backslashes": (_named(rb"items\..\..\weg.md"), r"items\..\..\weg.md: leads out of the package"),
    "a name for the terminal": (_named(b"\x1b[2Jweg.md"), r"\x1b[2Jweg.md: is no name for a file"),
    "a name of nothing": (_named(b""), "is no name for a file"),
    "a link": (
        _with(Entry(README, b"/etc/passwd", mode=0o120777)),
        "README.md: is a link, or something else that is no file",
    ),
    "a device": (_with(Entry(README, b"", mode=0o020666)), "README.md: is a link, or something else"),
    "a folder": (_with(Entry(b"items/", b"", mode=0o040755)), "items/: is a folder"),
    "a name twice": (_with(Entry(b"package.yaml", b"x")), "package.yaml: stands in it twice"),
    "a name in other capitals": (_with(Entry(b"PACKAGE.yaml", b"x")), "PACKAGE.yaml: stands in it twice"),
    "a name in another Unicode form": (
        _with(Entry("é.md".encode(), b"x", flags=0x0800), Entry("e\u0301.md".encode(), b"x", flags=0x0800)),
        "stands in it twice",
    ),
    "a second name": (_second_name, "README.md: has a second name"),
    "a name that is no UTF-8": (_named(b"\xff\xfe.md"), r"\xff\xfe.md: a name in it is not UTF-8"),
    "an encrypted file": (_with(Entry(README, b"x", flags=0x0001)), "README.md: is encrypted"),
    "an unknown way of packing": (_with(Entry(README, b"x", method=14)), "README.md: is packed in an unknown way"),
    "another name in the directory": (
        _with(Entry(README, b"x", local_name=b"run.sh...")),
        "README.md: is told in two different ways",
    ),
    "another size in the directory": (
        _with(Entry(README, b"x", local_size=9)),
        "README.md: is told in two different ways",
    ),
    "a descriptor that lies": (_descriptor_that_lies, "README.md: is told in two different ways"),
    "a wrong checksum": (_with(Entry(README, b"x", checksum=1)), "README.md: is not what its checksum"),
    "something behind a packed file": (
        _with(Entry(README, b"x", DEFLATED, packed=deflated(b"x") + b"weg")),
        "README.md: holds something behind its end",
    ),
    "what cannot be unpacked": (
        _with(Entry(README, b"x", DEFLATED, packed=b"\xff" * 20)),
        "README.md: cannot be unpacked",
    ),
    "ZIP64": (_with(Entry(README, b"x", size=0xFFFFFFFF)), "README.md: is of the kind for very large files"),
    "a program in front": (
        lambda: zip_of(entries_of(STARTER_PACKAGE), before=b"MZ\x90\0" + bytes(500)),
        "pakket.digipakket: is a ZIP file with its directory in the wrong place",
    ),
    "a page behind": (
        lambda: zip_of(entries_of(STARTER_PACKAGE), behind=b"<script>alert(1)</script>"),
        "pakket.digipakket: is not a ZIP file, or something stands behind its end",
    ),
    "no ZIP at all": (lambda: b"PK, dat is geen zip. " * 99, "pakket.digipakket: is not a ZIP file"),
    "nothing": (lambda: b"", "pakket.digipakket: is not a ZIP file"),
    "half a file": (
        lambda: zip_of(entries_of(STARTER_PACKAGE))[:9000],
        "pakket.digipakket: is not a ZIP file",
    ),
    "60 MB": (lambda: bytes(60 * MEGABYTE), "pakket.digipakket: is larger than 50 MB"),
    "5,001 files": (
        lambda: zip_of(Entry(f"modules/een/p{number}.md".encode()) for number in range(5001)),
        "pakket.digipakket: holds more than 5,000 files",
    ),
    "a huge directory": (_huge_directory, "pakket.digipakket: is a ZIP file with too large a directory"),
    "more files than it says": (
        lambda: zip_of(entries_of(STARTER_PACKAGE), count=20),
        "pakket.digipakket: is a ZIP file that does not hold as many files as it says",
    ),
    "a broken directory": (
        lambda: zip_of(entries_of(STARTER_PACKAGE)).replace(b"PK\x01\x02", b"PK\x01\x03"),
        "pakket.digipakket: is a ZIP file with a broken directory",
    ),
    "a directory that ends in the middle": (
        lambda: zip_of([Entry(README, b"x")]).replace(b"\x09\0\0\0\0\0\0\0\0\0", b"\x99\0\0\0\0\0\0\0\0\0"),
        "pakket.digipakket: is a ZIP file with a broken directory",
    ),
    "a file that is not where the directory says": (
        lambda: zip_of(entries_of(STARTER_PACKAGE)).replace(b"PK\x03\x04", b"PK\x03\x05", 1),
        "CREDITS.yaml: does not stand where the directory says",
    ),
    "the end of a large file (ZIP64)": (
        lambda: zip_of([Entry(README, b"x")], count=0xFFFF),
        "pakket.digipakket: is of the kind for very large files",
    ),
    "something that the directory does not tell": (
        lambda: zip_of([], before=b"").replace(b"PK\x05\x06", b"x" * 30 + b"PK\x05\x06"),
        "pakket.digipakket: is a ZIP file with its directory in the wrong place",
    ),
    "300 films of 1 MB each": (
        lambda: zip_of(
            Entry(f"media/f{n}.mp4".encode(), method=DEFLATED, packed=bytes(10_486), size=MEGABYTE, checksum=0)
            for n in range(300)
        ),
        "pakket.digipakket: holds more than 216 MB",
    ),
    "texts of 20 MB": (
        lambda: zip_of(Entry(f"modules/een/p{n}.md".encode(), bytes(60_000)) for n in range(350)),
        "pakket.digipakket: holds more than 16 MB of texts",
    ),
    "a text of 1 MB": (_with(Entry(README, bytes(MEGABYTE))), "README.md: is larger than 64 KB"),
    "a program": (_with(Entry(b"run.exe", b"MZ")), "run.exe: this file does not belong in a package"),
    "a ZIP in it": (
        _with(Entry(b"media/pakket.zip", zip_of([Entry(README, b"x")]))),
        "media/pakket.zip: this file does not belong in a package",
    ),
    "a ZIP in it that says it is a document": (
        _with(Entry(b"media/brief.docx", zip_of([Entry(b"a.zip", zip_of([Entry(README, b"x")]))]))),
        "media/brief.docx: is not what docx files are inside",
    ),
    "what is not a package": (lambda: zip_of([Entry(README, b"x")]), "package.yaml: is missing"),
}
