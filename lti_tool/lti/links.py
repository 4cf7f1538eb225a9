"""The next page of a service's answer, from its Link header as portals really write it (RFC 8288, section 3).

https://www.rfc-editor.org/rfc/rfc8288#section-3; a recorded Moodle 4.5 writes `&amp;` and curly quotes in it, and
Canvas has addresses of which the case matters.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from lti_tool.lti.addresses import origin_of

MAX_HEADER: Final = 16 * 1024
"""Characters; http.client takes 64 KB a line."""

_QUOTES: Final = '"“”„‟'
_TARGET = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(
    rf"""\s*;\s*(?P<name>[^\s=;,<>]*)\s*
    (?:=\s*(?:
        "(?P<quoted>(?:[^"\\]|\\.)*)"
        | [{_QUOTES}](?P<curly>[^{_QUOTES}]*)[{_QUOTES}]
        | (?P<bare>[^;,<>]*)
    ))?""",
    re.VERBOSE | re.DOTALL,
)


class NextPageUnusable(Exception):
    """The Link header leads to another origin, where no token may go, or is too long to read."""


def next_page(header: str | None, asked: str) -> str | None:
    """The address of the page after `asked`; None when this was the last one.

    Args:
        header: the Link headers joined with commas, as `requests` gives them.
        asked: the address of the page that came with it; relative addresses start there.

    Raises:
        NextPageUnusable: following it would send the access token to somebody else, or nowhere.
    """
    if not header:
        return None
    if len(header) > MAX_HEADER:
        raise NextPageUnusable("too long")
    header, place = _as_text(header), 0
    while (link := _TARGET.search(header, place)) is not None:
        parameters, place = _parameters(header, link.end())
        # With an anchor it is about another page than the one asked (section 3.2).
        if "anchor" not in parameters and "next" in parameters.get("rel", "").lower().split():
            return _address(link[1], asked)
    return None


def _as_text(header: str) -> str:
    """HTTP hands bytes on as Latin-1; curly quotes were UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _parameters(header: str, place: int) -> tuple[dict[str, str], int]:
    """Name in small letters → value of the parameters at a place, the first of each, and where they end."""
    found: dict[str, str] = {}
    while (parameter := _PARAMETER.match(header, place)) is not None:
        place = parameter.end()
        value = parameter["quoted"] or parameter["curly"] or parameter["bare"] or ""
        found.setdefault(parameter["name"].lower(), value)
    return found, place


def _address(target: str, asked: str) -> str:
    """Raises NextPageUnusable."""
    # Moodle escapes its addresses as if they stood in a page.
    address = target.strip().replace("&amp;", "&")
    try:
        # A whole address stays as it is, to the letter; joining would tidy it.
        address = address if urlsplit(address).scheme else urljoin(asked, address)
    except ValueError as err:
        raise NextPageUnusable("no address") from err
    if origin_of(address) is None or origin_of(address) != origin_of(asked):
        raise NextPageUnusable("another origin")
    return address
