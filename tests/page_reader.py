"""Reads a page the way the tests look at it: its tags, its title and its words."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.web_fakes import House


class Page(HTMLParser):
    """What the tests look at in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.text = ""
        self._in: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "title":
            self.title += data
        elif "head" not in self._in:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(house: House, path: str) -> Page:
    """The page, seen by whoever it is for."""
    if path.startswith(("/operator/statements", "/operator/outbox")):
        client = house.operator()
    elif path.startswith("/admin"):
        client = house.administrator()
    elif path.startswith("/staff"):
        client = house.staff()
    elif path.startswith(("/admin", "/figures/campaigns")):
        client = house.administrator()
    else:
        client = house.learner()
    return Page(client.get(path).text)
