"""Pictures, films and office files that are something else as well."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.packages.zips import DEFLATED, Entry, zeros, zip_of

_SVG: Final = "http://www.w3.org/2000/svg"
_RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_BOMB: Final = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
Content = Callable[[], bytes]


def svg(inside: str, before: str = "", more: str = "") -> Content:
    text = f'{before}<svg xmlns="{_SVG}" xmlns:xlink="http://www.w3.org/1999/xlink"{more}>\n{inside}\n</svg>'
    return text.encode


def png(width: int = 1, height: int = 1, behind: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    head = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts + behind


def jpeg(width: int = 1, height: int = 1, behind: bytes = b"") -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    segments = b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + segments + scan + b"\xff\xd9" + behind


def webp(width: int = 1, height: int = 1, behind: bytes = b"") -> bytes:
    content = b"\x2f" + struct.pack("<L", (width - 1) | (height - 1) << 14) + bytes(5)
    chunk = b"VP8L" + struct.pack("<L", len(content)) + content
    return b"RIFF" + struct.pack("<L", len(chunk) + 4) + b"WEBP" + chunk + behind


def mp4(*boxes: bytes) -> bytes:
    kinds = boxes or (b"ftyp", b"moov", b"mdat")
    return b"".join(struct.pack(">L4s", 16, kind) + bytes(8) for kind in kinds)


def pdf(inside: bytes = b"", behind: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Type /Catalog " + inside + b">>\nendobj\n%%EOF\n" + behind


def _pdf_with_packed_objects(content: bytes, more: bytes = b"/Filter /FlateDecode") -> bytes:
    head = b"2 0 obj\n<</Type /ObjStm " + more + b" /Length %d>>\nstream\n" % len(content)
    return b"%PDF-1.7\n" + head + content + b"\nendstream\nendobj\n%%EOF\n"


def office(kind: str = "docx", changes: Mapping[str, bytes | Entry] | None = None, types: str = "") -> bytes:
    """A document of its own, with parts put in or changed."""
    main = "word/document.xml" if kind == "docx" else "xl/workbook.xml"
    of_main = "wordprocessingml.document" if kind == "docx" else "spreadsheetml.sheet"
    parts: dict[str, bytes | Entry] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{main}" ContentType="{_OFFICE}.{of_main}.main+xml"/>{types}</Types>'
        ).encode(),
        "_rels/.rels": relationships("officeDocument", main),
        main: b"<document/>",
    }
    parts |= changes or {}
    made = [part if isinstance(part, Entry) else Entry(name.encode(), part) for name, part in parts.items()]
    return zip_of(made)


def relationships(kind: str, target: str, mode: str = "") -> bytes:
    mode = f' TargetMode="{mode}"' if mode else ""
    one = f'<Relationship Id="r1" Type="{_KINDS}/{kind}" Target="{target}"{mode}/>'
    return f'<Relationships xmlns="{_RELATIONSHIPS}">{one}</Relationships>'.encode()


def _word(inside: str) -> bytes:
    return f'<w:document xmlns:w="{_W}">{inside}</w:document>'.encode()


def _sheet(formula: str) -> bytes:
    return f"<worksheet><sheetData><row><c><f>{formula}</f></c></row></sheetData></worksheet>".encode()


_USES = "".join(
    f'<g id="g{level}">' + f'<use href="#g{level - 1}"/>' * 10 + "</g>\n" if level else '<g id="g0"><rect/></g>\n'
    for level in range(12)
)
_HEIGHT = "is 30000 x 30000 pixels; at most 6000 x 6000"
_ACTS = "which does something by itself or hides something"

MEDIA: Final[dict[str, tuple[str, Content, str]]] = {
    "SVG: a script": ("x.svg", svg("<script>alert(1)</script>"), ":2: <script> is not allowed"),
    "SVG: an event": ("x.svg", svg('<rect onload="alert(1)"/>'), ":2: the attribute onload is not allowed"),
    "SVG: HTML": ("x.svg", svg("<foreignObject><p/></foreignObject>"), ":2: <foreignObject> is not allowed"),
    "SVG: styles from elsewhere": (
        "x.svg",
        svg("<style>@import url(https://weg.example/)</style>"),
        ":2: <style> is not allowed",
    ),
    "SVG: a picture from elsewhere": (
        "x.svg",
        svg('<image href="https://weg.example/x.png"/>'),
        ":2: <image> is not allowed",
    ),
    "SVG: a shape from elsewhere": (
        "x.svg",
        svg('<use xlink:href="https://weg.example/x.svg#a"/>'),
        ":2: href may only lead to a part of the picture itself",
    ),
    "SVG: a link that runs": ("x.svg", svg('<a href="javascript:alert(1)"/>'), ":2: <a> is not allowed"),
    "SVG: a change that runs": (
        "x.svg",
        svg('<set attributeName="href" to="javascript:alert(1)"/>'),
        ":2: <set> is not allowed",
    ),
    "SVG: a colour from elsewhere": (
        "x.svg",
        svg('<rect fill="url(https://weg.example/x#a)"/>'),
        ":2: fill refers to something outside the picture",
    ),
    "SVG: a style from elsewhere": (
        "x.svg",
        svg('<rect style="fill: u\\72l(https://weg.example/x)"/>'),
        ":2: fill refers to something outside the picture",
    ),
    "SVG: a property that fetches": (
        "x.svg",
        svg('<rect style="background: url(https://weg.example/x)"/>'),
        ":2: style may not say 'background'",
    ),
    "SVG: copies of copies of copies": ("x.svg", svg(_USES), ":3: <use> inside an element with an id"),
    "SVG: entities": ("x.svg", svg("<text>&c;</text>", before=_BOMB), ":1: has a document type or entities"),
    "SVG: a file of the server": (
        "x.svg",
        svg("<text>&e;</text>", before='<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        ":1: has a document type or entities",
    ),
    "SVG: an instruction": (
        "x.svg",
        svg("", before='<?xml-stylesheet href="https://weg.example/x.css"?>'),
        ":1: has an instruction for other programs",
    ),
    "SVG: another encoding": (
        "x.svg",
        svg("", before='<?xml version="1.0" encoding="ISO-2022-JP"?>'),
        ":1: says that it is in ISO-2022-JP",
    ),
    "SVG: UTF-16": ("x.svg", lambda: svg("<script/>")().decode().encode("utf-16"), ": is not UTF-8 text"),
    "SVG: 50,000 levels": ("x.svg", svg("<g>" * 50_000), ":2: is nested deeper than 60 levels"),
    "SVG: 100,000 shapes": ("x.svg", svg("<g/>" * 100_000), ":2: has too many elements"),
    "SVG: 500 KB of one value": ("x.svg", svg(f'<rect fill="{"a" * 500_000}" onload=""/>'), ":2: the attribute"),
    "SVG: 1 MB": ("x.svg", svg(" " * 1024 * 1024), ": larger than 512 KB"),
    "SVG: HTML in its place": ("x.svg", lambda: b"<html><script>1</script></html>", ":1: is not an SVG picture"),
    "PNG: 900 million pixels": ("x.png", lambda: png(30_000, 30_000), f": {_HEIGHT}"),
    "PNG: a ZIP behind it": (
        "x.png",
        lambda: png(behind=zip_of([Entry(b"x", b"x")])),
        ": is no whole picture, or something stands behind its end",
    ),
    "PNG: a page in its place": ("x.png", lambda: b"<script>alert(1)</script>", ": is not what png files are"),
    "JPEG: 900 million pixels": ("x.jpg", lambda: jpeg(30_000, 30_000), f": {_HEIGHT}"),
    "JPEG: a ZIP behind it that ends as a picture": (
        "x.jpg",
        lambda: jpeg(behind=zip_of([Entry(b"x", b"x")]) + b"\xff\xd9"),
        ": is no whole picture, or something stands behind its end",
    ),
    "JPEG: 2 MB of markers": ("x.jpg", lambda: jpeg()[:-2] + b"\xff\x00" * 1_000_000, ": is no whole picture"),
    "WEBP: 268 million pixels": ("x.webp", lambda: webp(16_384, 16_384), ": is 16384 x 16384 pixels"),
    "WEBP: a page behind it": ("x.webp", lambda: webp(behind=b"<script>"), ": is no whole picture"),
    "MP4: a page in its place": ("x.mp4", lambda: b"<html><script>ftyp", ": is not what mp4 files are inside"),
    "MP4: a page behind it": ("x.mp4", lambda: mp4() + b"<script>alert(1)</script>", ": is no whole film"),
    "MP4: five million boxes": ("x.mp4", lambda: b"\0\0\0\x08free" * 5_000_000, ": is not what mp4 files"),
    "VTT: styles": (
        "x.vtt",
        lambda: b"WEBVTT\n\nSTYLE\n::cue {background: url(https://weg.example)}\n",
        ":3: STYLE",
    ),
    "PDF: a script": (
        "x.pdf",
        lambda: pdf(b"/Names <</JavaScript 1 0 R>> /S /JavaScript /JS (app.alert(1))"),
        f": holds /JS, {_ACTS}",
    ),
    "PDF: a script with another spelling": ("x.pdf", lambda: pdf(b"/J#53 (x)"), f": holds /JS, {_ACTS}"),
    "PDF: a script in packed objects": (
        "x.pdf",
        lambda: _pdf_with_packed_objects(zlib.compress(b"<</S /JavaScript /JS (x)>>")),
        f": holds /JS, {_ACTS}",
    ),
    "PDF: objects packed twice": (
        "x.pdf",
        lambda: _pdf_with_packed_objects(b"x", b"/Filter [/ASCII85Decode /FlateDecode]"),
        ": has objects packed in a way that cannot be looked into",
    ),
    "PDF: 200 MB in packed objects": (
        "x.pdf",
        lambda: _pdf_with_packed_objects(zlib.compress(bytes(200 * 1024 * 1024))),
        ": has objects packed in a way that cannot be looked into",
    ),
    "PDF: a program": ("x.pdf", lambda: pdf(b"/S /Launch /F (cmd.exe)"), f": holds /Launch, {_ACTS}"),
    "PDF: a file in it": ("x.pdf", lambda: pdf(b"/Type /EmbeddedFile"), f": holds /EmbeddedFile, {_ACTS}"),
    "PDF: something at the opening": ("x.pdf", lambda: pdf(b"/OpenAction 1 0 R"), f": holds /OpenAction, {_ACTS}"),
    "PDF: a ZIP behind it": ("x.pdf", lambda: pdf(behind=zip_of([Entry(b"x")])), ": is no whole PDF"),
    "DOCX: a macro": (
        "x.docx",
        lambda: office(changes={"word/vbaProject.bin": b"x"}),
        ": holds word/vbaProject.bin; save it anew",
    ),
    "DOCX: a macro under another name": (
        "x.docx",
        lambda: office(types='<Default Extension="png" ContentType="application/vnd.ms-office.vbaProject"/>'),
        ": [Content_Types].xml:1 in it tells of vba",
    ),
    "DOCX: a template from elsewhere": (
        "x.docx",
        lambda: office(
            changes={
                "word/_rels/settings.xml.rels": relationships(
                    "attachedTemplate", "https://weg.example/", "External"
                )
            }
        ),
        ": word/_rels/settings.xml.rels:1 in it leads to something elsewhere",
    ),
    "DOCX: a page in it": (
        "x.docx",
        lambda: office(changes={"word/_rels/document.xml.rels": relationships("aFChunk", "x.xml")}),
        ": word/_rels/document.xml.rels:1 in it tells of afchunk",
    ),
    "DOCX: a program in it": (
        "x.docx",
        lambda: office(changes={"word/embeddings/oleObject1.bin": b"MZ"}),
        ": holds word/embeddings/oleObject1.bin",
    ),
    "DOCX: a document in it that says it is a picture": (
        "x.docx",
        lambda: office(changes={"word/media/a.png": office()}),
        ": word/media/a.png in it is another document",
    ),
    "DOCX: entities": (
        "x.docx",
        lambda: office(changes={"word/document.xml": _BOMB.encode() + b"<x>&c;</x>"}),
        ": word/document.xml:1 in it has a document type or entities",
    ),
    "DOCX: a field that starts a program, in pieces": (
        "x.docx",
        lambda: office(
            changes={
                "word/document.xml": _word(
                    "<w:instrText>DD</w:instrText><w:instrText>EAUTO c:\\\\windows\\\\cmd.exe</w:instrText>"
                )
            }
        ),
        ": word/document.xml in it has a field DDEAUTO",
    ),
    "XLSX: in a DOCX": ("x.docx", lambda: office("xlsx"), ": is not what docx files are inside"),
    "XLSX: entities": (
        "x.xlsx",
        lambda: office("xlsx", {"xl/sharedStrings.xml": _BOMB.encode() + b"<x>&c;</x>"}),
        ": xl/sharedStrings.xml:1 in it has a document type or entities",
    ),
    "XLSX: a workbook from elsewhere": (
        "x.xlsx",
        lambda: office("xlsx", {"xl/externalLinks/externalLink1.xml": b"<x/>"}),
        ": holds xl/externalLinks/externalLink1.xml",
    ),
    "XLSX: a formula that starts a program": (
        "x.xlsx",
        lambda: office("xlsx", {"xl/worksheets/sheet1.xml": _sheet("cmd|' /C calc'!A0")}),
        ": xl/worksheets/sheet1.xml in it has a formula that asks another program",
    ),
    "XLSX: a formula that tells somebody": (
        "x.xlsx",
        lambda: office("xlsx", {"xl/worksheets/sheet1.xml": _sheet("WEBSERVICE(&#34;https://weg.example&#34;)")}),
        ": xl/worksheets/sheet1.xml in it has a formula",
    ),
    "XLSX: 200 MB of zeros": (
        "x.xlsx",
        lambda: office(
            "xlsx",
            {"a": Entry(b"xl/a.xml", method=DEFLATED, packed=zeros(200), size=200 * 1024 * 1024, checksum=0)},
        ),
        ": xl/a.xml in it unpacks to more than 100 times its size",
    ),
    "XLSX: 7 MB of cells": (
        "x.xlsx",
        lambda: office("xlsx", {"a": Entry(b"xl/a.xml", b"<a>" + b"<c  r='1'/>" * 140_000 + b"</a>", DEFLATED)}),
        "",
    ),
    "XLSX: a way out": (
        "x.xlsx",
        lambda: office("xlsx", {"../../a.xml": b"<a/>"}),
        ": ../../a.xml in it leads out",
    ),
}
