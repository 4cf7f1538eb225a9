"""HTML and Markdown of other programs as the plain text of an item, telling what is not kept; and back."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from lti_tool.content_library.exchange.questions import NotTaken, cleaned, in_short

LONGEST_SOURCE = 32 * 1024
"""Characters, without pictures inside the text; the longest text of an item has 2,000."""
MOST_TAGS = 1000
"""The parser takes the square of it when none of them ends."""

_MEANING = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "dfn"), "italics"),
    **dict.fromkeys(("u", "ins"), "underlining"),
    **dict.fromkeys(("s", "strike", "del"), "struck-out text"),
    "mark": "marked text",
    "sub": "subscript",
    "sup": "superscript",
    **dict.fromkeys(("code", "kbd", "samp", "var"), "type for computer text"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    "table": "table",
    "blockquote": "quotation",
    "pre": "fixed layout",
    "font": "type face",
    "ruby": "reading aid",
    **dict.fromkeys(("svg", "canvas", "math"), "drawing or formula"),
    **dict.fromkeys(("script", "style", "form", "input", "select", "textarea", "button"), "program or form"),
    **dict.fromkeys(
        ("audio", "video", "iframe", "object", "embed", "source", "track"), "sound, film or other page"
    ),
}
"""What an HTML element says beside its text; nothing of it is kept."""
_UNREAD = ("script", "style", "svg", "math", "canvas", "object", "iframe", "select", "textarea", "audio", "video")
"""Elements whose inside is not text for a reader."""
_PARAGRAPHS = (
    *("p", "div", "ul", "ol", "dl", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("section", "article", "header", "footer", "aside", "figure", "hr", "form"),
)
_LINES = ("li", "tr", "dt", "dd", "caption", "figcaption")
_PLAIN = (
    *(
        "span",
        "td",
        "th",
        "tbody",
        "thead",
        "tfoot",
        "br",
        "a",
        "img",
        "small",
        "big",
        "q",
        "abbr",
        "center",
        "label",
    ),
    *("main", "nav", "wbr", "colgroup", "col", "html", "body", "head", "meta", "time", "address", "o:p"),
)
_KNOWN = {*_MEANING, *_PARAGRAPHS, *_LINES, *_PLAIN}
_SPACE = " \t\n\f\r"
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_FORMULAS = ((r"\(", r"\)"), (r"\[", r"\]"), ("$$", "$$"))
_LIST_BEGINS = re.compile(r"^(-|\d+\.) ", re.MULTILINE)
_FORMULA_BEGINS = re.compile(r"\\(?=[(\[])|\$(?=\$)")
_INSIDE = re.compile(r"\bdata:[a-z]+/[^\"'>\s]*")
"""A picture as text, which can be very long."""
_MANY_SPACES = re.compile(r"  +|(?<=\n) +| +(?=\n)")


def plain(text: str, text_format: str = "html") -> tuple[str, list[str]]:
    """The text as an item has it, and what of it got lost.

    Args:
        text: as the file has it.
        text_format: html, markdown, plain_text (or plain), or moodle_auto_format (or moodle): text with line ends
            and perhaps some HTML.

    Raises:
        NotTaken: longer than anything that fits in an item.
    """
    text = _INSIDE.sub("data:", text)
    if len(text) > LONGEST_SOURCE:
        raise NotTaken(f"a text of {len(text)} characters")
    if text.count("<") > MOST_TAGS:
        raise NotTaken(f"a text with {text.count('<')} tags")
    if text_format in ("plain_text", "plain"):
        return cleaned(text), []
    if text_format == "markdown":
        text = _MARKDOWN.render(text)
    elif text_format in ("moodle_auto_format", "moodle"):
        text = cleaned(text).replace("\n\n", "<p></p>").replace("\n", "<br>")
    reader = _Reader()
    reader.feed(text.replace("\x00", ""))
    reader.close()
    # With its signs as references, as `as_html` writes them, it is a formula to nobody.
    if any(opened in text and closed in text.partition(opened)[2] for opened, closed in _FORMULAS):
        reader.lost.append("a formula stays as it was typed")
    return reader.text(), list(dict.fromkeys(reader.lost))


def as_html(text: str) -> str:
    """A plain text as HTML that reads the same, and that `plain` reads back."""
    parts = [html.escape(part, quote=False) for part in re.split(r"\n{2,}", all_spaces(text))]
    parts = [_FORMULA_BEGINS.sub(lambda sign: f"&#{ord(sign[0])};", part) for part in parts]
    written = [part.replace("\n", "<br>") for part in parts]
    return written[0] if len(written) == 1 else "".join(f"<p>{part}</p>" for part in written)


def all_spaces(text: str) -> str:
    """A text of which HTML shows every space, and in which no line is taken for one of a list."""
    return _LIST_BEGINS.sub("\\1\xa0", _MANY_SPACES.sub(lambda run: "\xa0" * len(run[0]), text))


class _Reader(HTMLParser):
    """Collects the text; recursion and nesting cost nothing, because nothing is kept of what is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lost: list[str] = []
        self._parts: list[str] = []
        self._unread: list[str] = []
        self._numbers: list[int | None] = []
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            # Who writes about <naam> or x<y means those characters.
            self.handle_data(self.get_starttag_text() or "")
            return
        told = dict(attrs)
        self._tell(tag, told)
        if tag in _UNREAD:
            self._unread.append(tag)
        if tag in ("ol", "ul"):
            self._numbers.append(0 if tag == "ol" else None)
        self._pre += tag == "pre"
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _UNREAD:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _KNOWN:
            self.handle_data(f"</{tag}>")
            return
        if tag in self._unread:
            del self._unread[self._unread.index(tag) :]
        if tag in ("ol", "ul") and self._numbers:
            self._numbers.pop()
        self._pre -= tag == "pre" and self._pre > 0
        if tag in _PARAGRAPHS:
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if self._pre:
            self._add(data)
        else:
            self._add(re.sub(f"[{_SPACE}]+", " ", data))

    def unknown_decl(self, data: str) -> None:
        self.lost.append(f"<![{in_short(data)}")

    def _tell(self, tag: str, told: dict[str, str | None]) -> None:
        if tag in _MEANING:
            self.lost.append(f"{_MEANING[tag]} (<{tag}>)")
        if tag == "a" and told.get("href"):
            self.lost.append(f"a link to {in_short(told['href'] or '')}")
        if tag == "img":
            about = in_short(told.get("alt") or "")
            name = (
                "inside the text"
                if (told.get("src") or "").startswith("data:")
                else in_short(told.get("src") or "")
            )
            self.lost.append(f"a picture {name.removeprefix('@@PLUGINFILE@@/')}" + (f": {about}" if about else ""))
        if "multilang" in (told.get("class") or "").split():
            self.lost.append("several languages: all of them stand in the text now")
        if re.search(r"(?:^|;)\s*(?:color|background(?:-color)?)\s*:", told.get("style") or ""):
            self.lost.append("colour")

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._add("\n\n")
        if tag in _LINES or tag == "br":
            self._add("\n")
        if tag in ("td", "th") and self._parts and not self._parts[-1].endswith("\n"):
            self._add(" | ")
        if tag == "li":
            number = self._numbers[-1] if self._numbers else None
            if number is not None:
                self._numbers[-1] = number + 1
            self._add("- " if number is None else f"{number + 1}. ")

    def _add(self, text: str) -> None:
        if not self._unread:
            self._parts.append(text)

    def text(self) -> str:
        joined = cleaned("".join(self._parts))
        joined = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r" {2,}", " ", joined))
        joined = re.sub(r"\n{3,}", "\n\n", joined)
        joined = re.sub(r"\n\n(?=(?:- |\d+\. ))", "\n", joined)
        return joined.replace("\xa0", " ").strip()
