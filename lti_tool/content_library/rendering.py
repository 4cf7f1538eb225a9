"""Markdown to safe HTML, and the municipality's own words into the texts.

Markdown is CommonMark (https://spec.commonmark.org/) with tables, without HTML and pictures.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

HIGHEST_HEADING = 2
"""The page has the title of the step at 1."""

KEPT_TEXTS = 1000
"""A package has some hundreds of them, in a preview rendered anew at every change of a file."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    "dfn",
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_VARIABLE = re.compile(r"\{\{\s*([a-z]+(?:\.[a-z]+)*)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_TAG_LIKE = re.compile(r"<(?!https://)[A-Za-z/!?]")
_WHOLE_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(\s+[A-Za-z-]+\s*=[^<>]*)?\s*/?>|<!--|&(#\d+|[a-z]{2,6});")
"""A tag from its beginning to its end, so that `A1<B1` is none; a comment; a character by its name."""


def variables_in(text: str) -> set[str]:
    """Names of the variables that a text uses."""
    return set(_VARIABLE.findall(text))


def has_loose_braces(text: str) -> bool:
    """Whether there are double braces that do not make a variable, such as a misspelt one."""
    return _BRACES.search(_VARIABLE.sub("", text)) is not None


def has_html(text: str) -> bool:
    """Whether a plain text holds HTML, which would be shown as it stands."""
    return ("<" in text or "&" in text) and _WHOLE_TAG.search(text) is not None


def prose(markdown: str) -> Iterator[tuple[int, str]]:
    """The words of each paragraph, heading, list entry and cell, with the line (from 0) on which it begins."""
    for token in _MARKDOWN.parse(markdown):
        if token.type == "inline" and token.map:
            parts = (" " if part.type.endswith("break") else part.content for part in token.children or ())
            yield token.map[0], "".join(parts)


def fill(text: str, values: Mapping[str, str]) -> str:
    """A plain text with its variables filled; names must be known."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def render(markdown: str, values: Mapping[str, str]) -> str:
    """Safe HTML. Values are filled in as text after rendering, so they can hold no Markdown or HTML.

    Only https links stay links; they open beside the portal's frame, which most sites refuse to be in.
    """
    return render_with_words(markdown, values, ())[0]


def render_with_words(
    markdown: str, values: Mapping[str, str], words: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Safe HTML with the first use of each word in `<dfn>`, and the words so found, in that order.

    A word is sought in running text: in headings, links and code an explanation would be in the way.
    """
    rendered, found = _rendered(markdown, tuple(words))
    filled = _VARIABLE.sub(lambda name: html.escape(values[name[1]]), rendered)
    cleaned = nh3.clean(
        filled,
        tags=_TAGS,
        attributes={"a": {"href", "target"}, "ol": {"start"}},
        url_schemes={"https"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        attribute_filter=_kept,
    )
    return cleaned, found


@lru_cache(maxsize=KEPT_TEXTS)
def _rendered(markdown: str, words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """HTML neither filled in nor cleaned yet, and the words found. The check and the building ask for the same."""
    tokens = _MARKDOWN.parse(markdown)
    headings = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = HIGHEST_HEADING - min(headings, default=HIGHEST_HEADING)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + shift)}"
    found = _mark(tokens, words)
    return _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}), tuple(found)


def _mark(tokens: list[Token], words: Sequence[str]) -> list[str]:
    """Put the first use of each word in `<dfn>`; the longest word wins where two begin in one place."""
    waiting = sorted(words, key=len, reverse=True)
    found: list[str] = []
    before = ""
    for token in tokens:
        if token.type == "inline" and before != "heading_open":
            token.children = list(_with_words(token.children or [], waiting, found))
        before = token.type
    return found


def _with_words(children: list[Token], waiting: list[str], found: list[str]) -> Iterator[Token]:
    links = 0
    for token in children:
        links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or links:
            yield token
            continue
        rest = token.content
        while use := _first_use(rest, waiting):
            found.append(waiting.pop(cast(int, use.lastindex) - 1))
            parts = (("text", rest[: use.start()]), ("html_inline", "<dfn>"), ("text", use[0]))
            yield from (Token(kind, "", 0, content=content) for kind, content in parts)
            yield Token("html_inline", "", 0, content="</dfn>")
            rest = rest[use.end() :]
        yield Token("text", "", 0, content=rest)


def _first_use(text: str, words: Sequence[str]) -> re.Match[str] | None:
    """Case apart exactly the word of the glossary; the name of a variable is no text."""
    wanted = "|".join(f"({re.escape(word)})" for word in words)
    uses = re.finditer(rf"\{{\{{.*?\}}\}}|(?<![\w-])(?:{wanted})(?![\w-])", text, re.IGNORECASE) if words else ()
    return next((use for use in uses if use.lastindex), None)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, or None to drop it."""
    # nh3 lets relative addresses and //host through (ecosystem research, A); nothing serves those.
    # A title is a hint that only a mouse can find.
    misleading = attribute == "href" and not value.startswith("https://")
    return None if misleading or attribute == "title" else value


def complaints(markdown: str) -> Iterator[str]:
    """What an author wrote that would not reach the reader."""
    if _TAG_LIKE.search(markdown):
        yield "HTML is not allowed; use Markdown"
    for token in _inline(_MARKDOWN.parse(markdown)):
        if token.type == "image":
            yield "a picture is a block of its own, of type image"
        # What the parser takes for a dangerous link stays as it was typed.
        if token.type == "text" and "](" in token.content:
            yield "a link must begin with https://"
        if token.type == "link_open" and not str(token.attrGet("href")).startswith("https://"):
            yield "a link must begin with https://"


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()
