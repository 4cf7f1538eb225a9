"""What a browser sees of an HTML page: title, words, links, frames, and forms that can be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

SILENT = ("script", "style", "template", "title")


@dataclass
class Field:
    """A control that can be sent. `options` are the values and labels of a select."""

    name: str
    kind: str
    value: str = ""
    chosen: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Button:
    """A button that sends its form."""

    name: str
    value: str
    text: str = ""
    action: str = ""
    """An address of its own (`formaction`); empty: that of the form."""


@dataclass
class Form:
    """A form of a page; `action` is absolute."""

    action: str
    method: str
    id: str = ""
    sends_itself: bool = False
    """The page's script submits it at once."""
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)

    def values_of(self, name: str) -> list[str]:
        """What can be chosen for a radio, checkbox or select of this name."""
        found = [f for f in self.fields if f.name == name]
        return [value for f in found for value in ([v for v, _ in f.options] or [f.value])]

    def button(self, name: str, value: str) -> Button | None:
        return next((b for b in self.buttons if (b.name, b.value) == (name, value)), None)

    def filled(self, values: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
        """The names and values that are sent when `values` were filled in and the rest left alone.

        Raises:
            KeyError: the form has no field of that name.
        """
        unknown = set(values) - {f.name for f in self.fields}
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        sent = [
            (f.name, f.value)
            for f in self.fields
            if f.name not in values and (f.kind not in ("radio", "checkbox") or f.chosen)
        ]
        for name, value in values.items():
            sent.extend((name, one) for one in ([value] if isinstance(value, str) else value))
        return sent


@dataclass(frozen=True)
class Link:
    """A link; `address` is absolute."""

    address: str
    text: str


@dataclass(frozen=True)
class Frame:
    """An iframe; `address` is absolute."""

    address: str
    title: str


@dataclass(frozen=True)
class Page:
    """A page as it arrived."""

    url: str
    status: int
    headers: Mapping[str, str]
    source: str
    title: str = ""
    heading: str = ""
    words: str = ""
    forms: tuple[Form, ...] = ()
    links: tuple[Link, ...] = ()
    frames: tuple[Frame, ...] = ()

    def form_with(self, name: str, value: str) -> Form | None:
        """The form that has this button."""
        return next((f for f in self.forms if f.button(name, value)), None)

    def link(self, text: str) -> Link | None:
        """The first link whose words contain this."""
        return next((link for link in self.links if text in link.text), None)

    def link_to(self, path: str) -> Link | None:
        """The first link whose address contains this."""
        return next((link for link in self.links if path in link.address), None)


def read_page(url: str, status: int, headers: Mapping[str, str], source: str) -> Page:
    """Read the HTML of an answer; anything else gives a page with its source only."""
    if "text/html" not in headers.get("Content-Type", ""):
        return Page(url, status, headers, source)
    reader = _Reader(url)
    reader.feed(source)
    reader.close()
    reader.tidy()
    return Page(
        url=url,
        status=status,
        headers=headers,
        source=source,
        title=_tidy(reader.title),
        heading=_tidy(reader.heading),
        words=_tidy(reader.words),
        forms=tuple(reader.forms),
        links=tuple(Link(address, _tidy(text)) for address, text in reader.links),
        frames=tuple(reader.frames),
    )


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self.title = self.heading = self.words = ""
        self.forms: list[Form] = []
        self.links: list[list[str]] = []
        self.frames: list[Frame] = []
        self._inside: list[str] = []
        self._link: list[str] | None = None
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in (*SILENT, "h1"):
            self._inside.append(tag)
        if tag == "form":
            self._form = Form(
                action=urljoin(self._url, given.get("action") or self._url),
                method=(given.get("method") or "get").upper(),
                id=given.get("id", ""),
                sends_itself="data-sends-itself" in given,
            )
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = [urljoin(self._url, given["href"]), ""]
            self.links.append(self._link)
        elif tag == "iframe":
            self.frames.append(Frame(urljoin(self._url, given.get("src", "")), given.get("title", "")))
        elif tag in ("input", "select", "textarea", "button"):
            self._control(tag, given)
        elif tag == "option" and self._select is not None:
            self._select.options.append((given.get("value", ""), ""))
            if "selected" in given or len(self._select.options) == 1:
                self._select.value = given.get("value", "")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self._form
        if "form" in given:
            form = next((f for f in self.forms if f.id == given["form"]), None)
        if form is None or "disabled" in given:
            return
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "submit" if tag == "button" else "text")
        if kind == "submit" and tag in ("button", "input"):
            action = urljoin(self._url, given["formaction"]) if "formaction" in given else ""
            button = Button(name, value, value if tag == "input" else "", action)
            form.buttons.append(button)
            self._button = button if tag == "button" else None
            return
        if not name or kind == "button":
            return
        made = Field(name, tag if tag != "input" else kind, value, "checked" in given)
        if kind in ("radio", "checkbox") and "value" not in given:
            made.value = "on"
        form.fields.append(made)
        self._select = made if tag == "select" else None
        self._area = made if tag == "textarea" else None

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                continue
        if tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if "title" in self._inside:
            self.title += data
        if any(tag in self._inside for tag in SILENT):
            return
        self.words += f"{data} "
        if "h1" in self._inside:
            self.heading += data
        if self._link is not None:
            self._link[1] += data
        if self._button is not None:
            self._button.text += data
        if self._area is not None:
            self._area.value += data
        if self._select is not None and self._select.options:
            value, text = self._select.options[-1]
            self._select.options[-1] = (value, text + data)

    def tidy(self) -> None:
        """Texts of buttons and options as people read them: single spaces, none around."""
        for form in self.forms:
            for button in form.buttons:
                button.text = _tidy(button.text)
            for control in form.fields:
                control.options = [(value, _tidy(text)) for value, text in control.options]


def _tidy(text: str) -> str:
    return " ".join(text.split())
