"""The shape of what a simulation shows, and of what it asks; all of it is drawn by the tool."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lti_tool.content_library.format.words import Id, Line, Paragraph, Shape, text


class ChoiceShape(Shape):
    """Something that one can do."""

    id: Id
    text: Line


class FieldShape(Shape):
    """One thing to decide in a dialog, and which choices are right."""

    label: Line
    choices: list[ChoiceShape] = Field(min_length=2, max_length=6)
    key: list[Id] = Field(min_length=1)
    why: Paragraph | None = None


class LinkShape(Shape):
    """A link in a made-up message; it is shown and never followed."""

    text: Line
    href: Line


class MailShape(Shape):
    """A made-up message; `key` says what one should do with it."""

    from_name: Line
    from_: Line = Field(alias="from")
    subject: Line
    body: Annotated[str, text(2000)]
    link: LinkShape | None = None
    attachment: Line | None = None
    key: list[Id] = []
    why: Paragraph | None = None


class MailboxShape(Shape):
    """Messages to decide about with `choices`, or a rule to make for them with `fields`."""

    kind: Literal["mailbox"]
    mails: list[MailShape] = Field(min_length=1, max_length=8)
    choices: list[ChoiceShape] = Field(default=[], max_length=6)
    fields: list[FieldShape] = Field(default=[], max_length=6)


class PersonShape(Shape):
    """Somebody with whom a file is shared; `key` says which right fits."""

    name: Line
    about: Line
    key: list[Id] = Field(min_length=1)
    why: Paragraph | None = None


class ShareDialogShape(Shape):
    """Who gets which rights to a file."""

    kind: Literal["share_dialog"]
    file: Line
    choices: list[ChoiceShape] = Field(min_length=2, max_length=6)
    people: list[PersonShape] = Field(min_length=1, max_length=8)
    fields: list[FieldShape] = Field(default=[], max_length=6)


class LoginPromptShape(Shape):
    """A message that somebody logs in."""

    kind: Literal["login_prompt"]
    service: Line
    lines: list[Line] = Field(min_length=1, max_length=6)
    fields: list[FieldShape] = Field(min_length=1, max_length=4)


class ResultShape(Shape):
    """Something that a search found."""

    title: Line
    address: Line
    snippet: Paragraph
    advertisement: bool = False
    correct: bool = False


class SearchResultsShape(Shape):
    """What a search found; one opens one of them."""

    kind: Literal["search_results"]
    query: Line
    label: Line
    results: list[ResultShape] = Field(min_length=2, max_length=8)
    why: Paragraph | None = None


SimulationShape = Annotated[
    MailboxShape | ShareDialogShape | LoginPromptShape | SearchResultsShape, Field(discriminator="kind")
]
