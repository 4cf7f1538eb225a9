"""Walks through XML that nobody vouches for; no tree is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

DEEPEST_XML = 60
_DECLARED = re.compile(r"\s*<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"']{1,40})")

Start = Callable[[str, Mapping[str, str], int], None]
"""Called with the tag as `{namespace}name`, its attributes and the line."""


class XmlRefused(Exception):
    """Why, and in which line (0: none)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


class _Walk:
    """What the parser tells."""

    def __init__(
        self,
        start: Start,
        most: int,
        words: Callable[[str], None] | None,
        end: Callable[[], None] | None,
    ) -> None:
        self._start = start
        self._room = most
        self._depth = 0
        self._end = end
        self.data = words or (lambda text: None)
        self.parser = DefusedXMLParser(target=self, forbid_dtd=True)

    @property
    def line(self) -> int:
        return int(self.parser.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._room -= 1
        self._depth += 1
        if self._room < 0:
            raise XmlRefused(self.line, "has too many elements")
        if self._depth > DEEPEST_XML:
            raise XmlRefused(self.line, f"is nested deeper than {DEEPEST_XML} levels")
        self._start(tag, attributes, self.line)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._end:
            self._end()

    def pi(self, target: str, data: str | None) -> None:
        raise XmlRefused(self.line, f"has an instruction for other programs (<?{target}); take it out")

    def close(self) -> None:
        """Nothing is made of it."""


def walk(
    content: bytes,
    start: Start,
    most: int,
    words: Callable[[str], None] | None = None,
    end: Callable[[], None] | None = None,
) -> None:
    """Every element from first to last.

    Args:
        content: one XML document.
        start: called at each element.
        most: elements.
        words: called with what stands between the tags.
        end: called where an element ends.

    Raises:
        XmlRefused: no XML, not in UTF-8, with a document type or entities, or too much of it.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise XmlRefused(0, "is not UTF-8 text") from None
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise XmlRefused(1, f"says that it is in {declared[1]}; only UTF-8 is read")
    walking = _Walk(start, most, words, end)
    try:
        walking.parser.feed(text)
        walking.parser.close()
    except DefusedXmlException:
        raise XmlRefused(walking.line, "has a document type or entities; take <!DOCTYPE …> out") from None
    except ParseError as err:
        raise XmlRefused(err.position[0], "is not well-formed XML") from None


def without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]
