"""What a simulation shows: a mailbox, a share dialog, a login prompt, search results; all of it made up.

The rows of the item say what is asked. In a mailbox and a share dialog the first rows are about the mails or the
people, in their order; rows after those, and all rows of the other kinds, are fields of the dialog itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mail:
    """One message."""

    from_name: str
    from_address: str
    subject: str
    body: str
    link_text: str = ""
    link_address: str = ""
    """Where the link would lead; it is shown, and never a link."""
    attachment: str = ""
    """Name of a file; there is none."""


@dataclass(frozen=True)
class Mailbox:
    """Messages, each with a decision; or a rule to make for them."""

    mails: tuple[Mail, ...]
    decided: int
    """How many mails are asked about: all of them, or none when there is a rule to make."""
    kind: str = "mailbox"


@dataclass(frozen=True)
class Person:
    """Somebody in a share dialog."""

    name: str
    about: str


@dataclass(frozen=True)
class ShareDialog:
    """Who gets which rights to a file."""

    file: str
    people: tuple[Person, ...]
    kind: str = "share_dialog"

    @property
    def decided(self) -> int:
        return len(self.people)


@dataclass(frozen=True)
class LoginPrompt:
    """A message that somebody logs in."""

    service: str
    lines: tuple[str, ...]
    kind: str = "login_prompt"
    decided: int = 0


@dataclass(frozen=True)
class Result:
    """One thing that a search found; the choice of the same place in the item's row opens it."""

    title: str
    address: str
    snippet: str
    is_advertisement: bool


@dataclass(frozen=True)
class SearchResults:
    """What a search found."""

    query: str
    results: tuple[Result, ...]
    kind: str = "search_results"
    decided: int = 0


Scene = Mailbox | ShareDialog | LoginPrompt | SearchResults
