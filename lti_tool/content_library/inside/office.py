"""DOCX and XLSX: texts and tables only (ECMA-376 part 2, the package; part 1, what is in it)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

from lti_tool.content_library.inside.xml_parts import XmlRefused, walk, without_namespace
from lti_tool.content_library.problems import printable, shortened
from lti_tool.content_library.zip_files import Member, ZipRefused, members_of, read

MOST_PARTS = 500
MOST_INFLATED_BYTES = 8 * 1024 * 1024
MOST_ELEMENTS = 100_000
"""Of all parts together; a sheet of 5,000 filled cells has some 15,000."""

_LIST = "[Content_Types].xml"
_MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_PARTS = re.compile(r".*\.(xml|rels|vml|png|jpe?g|gif)|xl/printersettings/printersettings[0-9]+\.bin")
_ACTS = re.compile(
    r"vba|macro|activex|embeddings?/|oleobject|externallink|ctrlprops|customui|afchunk|altchunk|attachedtoolbars"
    r"|dialogsheet|subdocument|attachedtemplate|connections\.xml|querytable|webextension"
)
"""In names of parts, in content types and in kinds of relationships: what runs, hides or fetches something."""
_FIELDS = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|MACROBUTTON|DATABASE|IMPORT|LINK)\b", re.IGNORECASE
)
_SAYING = ("instrText", "f", "definedName")
_FORMULAS = re.compile(
    r"\|[^!]{0,200}!|\b(WEBSERVICE|CALL|REGISTER(\.ID)?|EXEC|RTD|HYPERLINK)\s{0,9}\(", re.IGNORECASE
)

_ANEW = "save it anew, without macros, links and other documents in it"


def complaints_of_office(content: bytes, kind: str) -> Iterator[tuple[int, str]]:
    """All that is not a plain document of its kind; `kind` is docx or xlsx."""
    file = BytesIO(content)
    try:
        members = members_of(file, MOST_PARTS, MOST_INFLATED_BYTES)
        parts = {member.name: b"".join(read(file, member)) for member in members if _belongs(member)}
    except ZipRefused as refused:
        named = f"{printable(shortened(refused.member))} in it " if refused.member else ""
        yield 0, f"{named}{refused.message}"
        return
    yield from ((0, f"holds {member.name}; {_ANEW}") for member in members if not _belongs(member))
    if _LIST not in parts:
        yield 0, f"is not what {kind} files are inside"
        return
    document = _Document()
    for name, part in parts.items():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            document.look_at(name, part)
        elif part.startswith(b"PK\x03\x04"):
            document.tell(f"{name} in it is another document; {_ANEW}")
    if _MAIN[kind] not in document.types:
        document.tell(f"is not what {kind} files are inside")
    yield from ((0, message) for message in document.found)


def _belongs(member: Member) -> bool:
    name = member.name.lower()
    return _PARTS.fullmatch(name) is not None and not _ACTS.search(name)


class _Document:
    """What is wrong with the parts, one after the other."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self._messages: dict[str, None] = {}
        self._room = MOST_ELEMENTS
        self._name = ""
        self._open = ""
        self._said: list[str] = []
        """What the fields of a part say: Word cuts one into pieces at will."""
        self._text: list[str] = []

    @property
    def found(self) -> list[str]:
        return list(self._messages)

    def tell(self, message: str) -> None:
        self._messages[message] = None

    def look_at(self, name: str, part: bytes) -> None:
        self._name, self._open, self._said = name, "", []
        try:
            walk(part, self._start, self._room, words=self._words, end=self._end)
        except XmlRefused as refused:
            self.tell(f"{name}:{refused.line} in it {refused.message}")
        self._check_field("".join(self._said))

    def _start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        self._room -= 1
        self._open = without_namespace(tag)
        self._text = []
        if self._open in ("Default", "Override"):
            self.types.add(attributes.get("ContentType", ""))
        if self._open == "Relationship" and attributes.get("TargetMode", "Internal") != "Internal":
            self.tell(f"{self._name}:{line} in it leads to something elsewhere; {_ANEW}")
        if self._open in ("Default", "Override", "Relationship"):
            told = f"{attributes.get('ContentType', '')} {attributes.get('Type', '')}".lower()
            if found := _ACTS.search(told):
                self.tell(f"{self._name}:{line} in it tells of {found[0].rstrip('/')}; {_ANEW}")
        if self._open == "fldSimple":
            self._check_field(" ".join(attributes.values()))

    def _words(self, text: str) -> None:
        if self._open in _SAYING:
            self._text.append(text)

    def _end(self) -> None:
        text = "".join(self._text)
        self._text = []
        if self._open == "instrText":
            self._said.append(text)
        elif found := _FORMULAS.search(text):
            self.tell(f"{self._name} in it has a formula that asks another program or place: {found[0][:60]}")

    def _check_field(self, text: str) -> None:
        if found := _FIELDS.search(text):
            self.tell(f"{self._name} in it has a field {found[0].upper()}, which asks another program or place")
