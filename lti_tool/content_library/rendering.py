"""Markdown to safe HTML, and the municipality's own words into the texts.

Markdown is CommonMark (https://spec.commonmark.org/) with tables, without HTML and pictures.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

HIGHEST_HEADING = 2
"""The page has the title of the step at 1."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_VARIABLE = re.compile(r"\{\{\s*([a-z]+(?:\.[a-z]+)*)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_TAG_LIKE = re.compile(r"<(?!https://)[A-Za-z/!?]")


def variables_in(text: str) -> set[str]:
    """Names of the variables that a text uses."""
    return set(_VARIABLE.findall(text))


def has_loose_braces(text: str) -> bool:
    """Whether there are double braces that do not make a variable, such as a misspelt one."""
    return _BRACES.search(_VARIABLE.sub("", text)) is not None


def fill(text: str, values: Mapping[str, str]) -> str:
    """A plain text with its variables filled; names must be known."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def render(markdown: str, values: Mapping[str, str]) -> str:
    """Safe HTML. Values are filled in as text after rendering, so they can hold no Markdown or HTML.

    Only https links stay links; they open beside the portal's frame, which most sites refuse to be in.
    """
    tokens = _MARKDOWN.parse(markdown)
    headings = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = HIGHEST_HEADING - min(headings, default=HIGHEST_HEADING)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + shift)}"
    rendered = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    filled = _VARIABLE.sub(lambda found: html.escape(values[found[1]]), rendered)
    return nh3.clean(
        filled,
        tags=_TAGS,
        attributes={"a": {"href", "target"}, "ol": {"start"}},
        url_schemes={"https"},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        attribute_filter=_kept,
    )


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute, or None to drop it."""
    # nh3 lets relative addresses and //host through (ecosystem research, A); nothing serves those.
    # A title is a hint that only a mouse can find.
    misleading = attribute == "href" and not value.startswith("https://")
    return None if misleading or attribute == "title" else value


def has_html(text: str) -> bool:
    """Whether something stands in a text that looks like a tag."""
    return _TAG_LIKE.search(text) is not None


def complaints(markdown: str) -> Iterator[str]:
    """What an author wrote that would not reach the reader."""
    if has_html(markdown):
        yield "HTML is not allowed; use Markdown"
    for token in _inline(_MARKDOWN.parse(markdown)):
        if token.type == "image":
            yield "pictures are not possible yet"
        if token.type == "link_open" and not str(token.attrGet("href")).startswith("https://"):
            yield "a link must begin with https://"


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()
