"""Bytes of a file as text, whichever editor made it."""

from __future__ import annotations

import re

from lti_tool.content_library.exchange.questions import FileRefused

_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NONCHARACTERS = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")


def as_text(content: bytes) -> tuple[str, str]:
    """The text with plain line ends, and the name of its encoding.

    UTF-8 with or without a byte order mark, or what Windows programs write in Western Europe.

    Raises:
        FileRefused: it is no text.
    """
    try:
        text, encoding = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        try:
            text, encoding = content.decode("cp1252"), "cp1252"
        except UnicodeDecodeError as err:
            raise FileRefused(f"is no text in UTF-8 or Windows-1252 (byte {err.start})") from None
    if found := _NOT_TEXT.search(text):
        raise FileRefused(f"is no text: it has the control character {ord(found[0])} at character {found.start()}")
    text = _NONCHARACTERS.sub("", text)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
