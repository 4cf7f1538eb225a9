"""A medium is what its name says, and nothing besides."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.packages.hostile_media import jpeg, mp4, office, pdf, png, svg, webp
from benchmarks.packages.zips import DEFLATED, Entry, zip_of
from lti_tool.content_library.media import CONTENT_TYPES, LICENCES, check_licences, read_medium
from lti_tool.content_library.problems import ContentBroken
from tests.packages import problems


def told(folder: Path, kind: str, content: bytes) -> list[str]:
    path = folder / f"x.{kind}"
    path.write_bytes(content)
    try:
        medium = read_medium(path, f"media/x.{kind}")
    except ContentBroken as broken:
        return [str(problem) for problem in broken.problems]
    assert (medium.size, medium.content_type) == (len(content), CONTENT_TYPES[kind])
    return []


def workbook() -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    book.active.append(["Wat", 12])
    book.active["B2"] = "=SUM(B1:B1)"
    book.save(file)
    return file.getvalue()


WEBP_FRAME = b"\0\0\0\x9d\x01\x2a\x40\0\x30\0"
WEBP_CANVAS = b"\0\0\0\0\x3f\0\0\x2f\0\0"


def riff(kind: bytes, content: bytes) -> bytes:
    chunk = kind + len(content).to_bytes(4, "little") + content
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (
            "svg",
            svg('<g id="a"><path d="M0 0L9 9"/></g><use href="#a"/><rect style="fill: url(#b); opacity: 1"/>')(),
        ),
        (
            "svg",
            svg('<text transform="translate(1 2)">a</text>', before='<?xml version="1.0" encoding="UTF-8"?>')(),
        ),
        ("svg", b"\xef\xbb\xbf" + svg("<!-- zo --><title>Een huis</title>")()),
        ("png", png(6000, 6000)),
        ("jpg", jpeg(6000, 6000)),
        ("webp", webp(6000, 6000)),
        ("webp", riff(b"VP8 ", WEBP_FRAME)),
        ("webp", riff(b"VP8X", WEBP_CANVAS)),
        ("mp4", mp4()),
        ("mp4", mp4(b"ftyp", b"free", b"moov") + b"\0\0\0\0mdat" + bytes(99)),
        ("mp4", mp4(b"ftyp", b"moov") + b"\0\0\0\x01mdat" + (24).to_bytes(8, "big") + bytes(8)),
        ("vtt", b"WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nZo doe je het.\r\n"),
        ("pdf", pdf(b"/Title (Over /JavaScripting)")),
        ("xlsx", workbook()),
        ("xlsx", office("xlsx", {"xl/printerSettings/printerSettings1.bin": b"x"})),
        ("docx", office()),
        ("docx", office(changes={"a": Entry(b"word/media/a.png", png(), DEFLATED)})),
    ],
    ids=lambda value: value if isinstance(value, str) else "made",
)
def test_what_programs_for_it_make_is_accepted(tmp_path: Path, kind: str, content: bytes) -> None:
    assert told(tmp_path, kind, content) == []


@pytest.mark.parametrize("kind", CONTENT_TYPES)
@pytest.mark.parametrize("content", [b"", b"\0", b"<html><script>alert(1)</script>", zip_of([Entry(b"a", b"x")])])
def test_something_else_under_its_name_is_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    assert told(tmp_path, kind, content)


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("png", png()[:-5], "is no whole picture"),
        ("png", png().replace(b"IEND", b"IENX"), "is no whole picture"),
        ("png", png(0, 5), "is 0 x 5 pixels"),
        ("jpg", jpeg()[:-2], "is no whole picture"),
        ("jpg", jpeg()[:4], "is no whole picture"),
        ("webp", riff(b"ALPH", bytes(20)), "is no whole picture"),
        ("webp", riff(b"VP8 ", b"x"), "is no whole picture"),
        ("mp4", mp4(b"ftyp", b"mdat"), "is no whole film"),
        ("vtt", b"WEBVTT\xff", "is not UTF-8 text"),
        ("vtt", b"WEBVTT \0", "holds a character that no text has"),
        ("vtt", b"WEBVTT\n" + b"x" * 600_000, "larger than 512 KB"),
        ("pdf", b"%PDF-1.4 /Obj#53tm %%EOF", "packed in a way that cannot be looked into"),
        (
            "pdf",
            b"%PDF-1.4\n1 0 obj<</Type /ObjStm /Filter /FlateDecode>>\nstream\nx\nendstream %%EOF",
            "packed in a",
        ),
        ("svg", svg("<use/>" * 300)(), "has more than 200 <use> elements"),
        ("svg", svg("<rect")(), "media/x.svg:3: is not well-formed XML"),
        ("svg", svg('<rect style="x"/>')(), "style may not say 'x'"),
        ("docx", zip_of([Entry(b"word/document.xml", b"<a/>")]), "is not what docx files are inside"),
        (
            "docx",
            office(changes={"word/document.xml": b"<a>"}),
            "word/document.xml:1 in it is not well-formed XML",
        ),
        (
            "docx",
            office(changes={"word/document.xml": b'<w:p xmlns:w="w"><w:fldSimple w:instr="DDE a b"/></w:p>'}),
            "has a field DDE",
        ),
    ],
)
def test_what_is_broken_or_bad_is_told(tmp_path: Path, kind: str, content: bytes, said: str) -> None:
    assert said in "\n".join(told(tmp_path, kind, content))


def test_only_a_film_may_be_larger_than_two_megabytes(tmp_path: Path) -> None:
    assert told(tmp_path, "png", png() + bytes(3 * 1024**2)) == ["media/x.png: larger than 2 MB"]
    film = mp4(b"ftyp", b"moov") + b"\0\0\0\0mdat"
    assert told(tmp_path, "mp4", film + bytes(3 * 1024**2)) == []
    assert told(tmp_path, "mp4", film + bytes(40 * 1024**2)) == ["media/x.mp4: larger than 40 MB"]


@given(kind=st.sampled_from(sorted(CONTENT_TYPES)), content=st.binary(max_size=200), cut=st.integers(0, 200))
def test_no_bytes_break_the_checks(
    kind: str, content: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any bytes, and each kind with any bytes put in."""
    whole = {
        "svg": svg("<rect/>")(),
        "png": png(),
        "jpg": jpeg(),
        "webp": webp(),
        "mp4": mp4(),
        "vtt": b"WEBVTT\n",
        "pdf": pdf(),
        "docx": office(),
        "xlsx": office("xlsx"),
    }[kind]
    path = tmp_path_factory.getbasetemp() / f"y.{kind}"
    for tried in (content, whole[:cut] + content + whole[cut:], whole[:cut] + content):
        path.write_bytes(tried)
        with suppress(ContentBroken):
            read_medium(path, f"media/y.{kind}")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(OSError, match="not a regular file"):
        read_medium(tmp_path / "x.png", "media/x.png")


def licences(text: str | None, *files: str) -> list[str]:
    return [str(problem) for problem in check_licences(text, [f"media/{file}" for file in files])]


HEAD = "file,licence,maker,source\n"


def test_each_file_in_media_has_a_line_with_its_licence() -> None:
    assert licences(None) == []
    assert licences(HEAD) == []
    assert licences(HEAD + 'a.svg,CC0-1.0,"Wim, en Zus",https://a.example\n', "a.svg") == []
    assert licences("\ufeff" + HEAD.replace("\n", "\r\n") + "a.svg,CC0-1.0,Wim,\r\n", "a.svg") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ["is missing; it has a line for each file in media: file,licence,maker,source"]),
        ("", ["1: the first line is file,licence,maker,source"]),
        ("a.svg;CC0-1.0;Wim;\n", ["1: the first line is file,licence,maker,source"]),
        (HEAD, ["2: there is no line for a.svg"]),
        (HEAD + "a.svg,,Wim,\n", ["2: a.svg needs a licence and a maker"]),
        (HEAD + "a.svg,CC0-1.0, ,\n", ["2: a.svg needs a licence and a maker"]),
        (HEAD + "a.svg,CC0-1.0\n", ["2: a line has 4 values: file, licence, maker, source"]),
        (HEAD + "a.svg,CC0-1.0,Wim,\nb.svg,CC0-1.0,Wim,\n", ["3: there is no file media/b.svg"]),
        (HEAD + "a.svg,CC0-1.0,Wim,\n" * 2, ["3: a.svg stands here twice"]),
    ],
)
def test_a_line_that_is_not_right_is_named(text: str | None, said: list[str]) -> None:
    separator = ": " if text is None else ":"
    assert licences(text, "a.svg") == [f"media/LICENSES.csv{separator}{one}" for one in said]


def test_a_package_tells_of_licences_together_with_everything_else(tmp_path: Path) -> None:
    change: Callable[[dict[str, object]], object] = lambda tree: tree.update(  # noqa: E731
        {"media/a.svg": svg("<rect/>")().decode(), LICENCES: "", "modules/leeg/weg.nl.md": "x"}
    )
    assert problems(tmp_path, change) == [
        "media/LICENSES.csv:1: the first line is file,licence,maker,source",
        "media/a.svg: nothing shows this file",
        "modules/leeg/weg.nl.md: no step uses this file",
    ]
