"""SVG (https://www.w3.org/TR/SVG2/): only what stands in a list of what draws; the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lti_tool.content_library.inside.xml_parts import XmlRefused, walk, without_namespace

LARGEST_SVG_BYTES = 512 * 1024
MOST_ELEMENTS = 10_000
MOST_USES = 200

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ELEMENTS = {
    *("svg", "g", "defs", "title", "desc", "use", "clipPath", "linearGradient", "radialGradient", "stop"),
    *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"),
}
_LOOKS = {
    *("color", "fill", "fill-opacity", "fill-rule", "clip-path", "clip-rule", "opacity", "stop-color"),
    *("stop-opacity", "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin"),
    *("stroke-miterlimit", "stroke-opacity", "stroke-width", "paint-order", "vector-effect", "display"),
    *("visibility", "overflow", "font-family", "font-size", "font-style", "font-variant", "font-weight"),
    *("letter-spacing", "word-spacing", "line-height", "text-align", "text-anchor", "text-decoration"),
    *("white-space", "dominant-baseline", "shape-rendering", "text-rendering", "mix-blend-mode"),
}
"""Allowed as attributes, and as properties in a style attribute."""
_PLACES = {
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "dx", "dy", "r", "rx", "ry", "fx", "fy", "d", "points"),
    *("width", "height", "viewBox", "preserveAspectRatio", "transform", "rotate", "pathLength", "textLength"),
    *("lengthAdjust", "offset", "gradientUnits", "gradientTransform", "spreadMethod", "clipPathUnits", "version"),
}
_NAMES = {"id", "class", "role", "lang", "aria-label", "aria-labelledby", "aria-hidden", "focusable"}
_NAMES |= {f"{_XML}space", f"{_XML}lang"}
_FRAGMENT = re.compile(r"#[A-Za-z_][\w.-]{0,99}")
_CALL = re.compile(r"([\w-]{0,40})\s{0,5}\(([^)]{0,200})")
_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "translate", "scale", "rotate", "matrix", "skewX", "skewY"}
_INNER = re.compile(r"\s*[\"']?(#[\w.-]{1,100})[\"']?\s*")


def complaints_of_svg(content: bytes) -> Iterator[tuple[int, str]]:
    """All that is not a plain drawing."""
    if len(content) > LARGEST_SVG_BYTES:
        yield 0, f"larger than {LARGEST_SVG_BYTES // 1024} KB"
        return
    drawing = _Drawing()
    try:
        walk(content, drawing.start, MOST_ELEMENTS, end=drawing.end)
    except XmlRefused as refused:
        drawing.found.append((refused.line, refused.message))
    yield from drawing.found


class _Drawing:
    """What is wrong with a drawing, element after element."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []
        self._elements = 0
        self._uses = 0
        self._named: list[bool] = []
        """For each open element: whether something may refer to it."""

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        name = without_namespace(tag)
        self._elements += 1
        self._named.append("id" in attributes and self._elements > 1)
        if self._elements == 1 and tag != f"{_SVG}svg":
            raise XmlRefused(line, "is not an SVG picture; it begins with <svg xmlns=…>")
        if not tag.startswith(_SVG) or name not in _ELEMENTS:
            self.found.append((line, f"<{name}> is not allowed in a picture; save it as plain SVG"))
            return
        if name == "use":
            self._use(line)
        for attribute, value in attributes.items():
            message = _about(name, attribute, value)
            if message:
                self.found.append((line, message))

    def end(self) -> None:
        self._named.pop()

    def _use(self, line: int) -> None:
        """A copy inside what is copied: a few lines draw a billion shapes."""
        self._uses += 1
        if self._uses > MOST_USES:
            raise XmlRefused(line, f"has more than {MOST_USES} <use> elements")
        if any(self._named[:-1]):
            self.found.append((line, "<use> inside an element with an id is not allowed; copy the shape"))


def _about(element: str, attribute: str, value: str) -> str | None:
    """What is wrong with an attribute."""
    if attribute in _NAMES:
        return None
    if attribute in _HREFS:
        return None if _FRAGMENT.fullmatch(value) else "href may only lead to a part of the picture itself: #…"
    if attribute == "style":
        return _about_style(value)
    if attribute not in _LOOKS and attribute not in _PLACES:
        return f"the attribute {without_namespace(attribute)} is not allowed on <{element}>"
    return None if _is_plain(value) else f"{attribute} refers to something outside the picture"


def _about_style(value: str) -> str | None:
    for declaration in value.split(";"):
        name, colon, said = declaration.partition(":")
        if declaration.strip() and (not colon or name.strip() not in _LOOKS):
            return f"style may not say {name.strip()[:40]!r}"
        if not _is_plain(said):
            return f"{name.strip()} refers to something outside the picture"
    return None


def _is_plain(value: str) -> bool:
    """Whether a value has no escapes or comments, and no functions but of colours, places and its own parts."""
    if "\\" in value or "/*" in value or "@" in value:
        return False
    if "(" not in value:
        return True
    return all(
        function in _FUNCTIONS or (function == "url" and _INNER.fullmatch(inside) is not None)
        for function, inside in _CALL.findall(value)
    )
