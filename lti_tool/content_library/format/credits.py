"""The shape of CREDITS.yaml: who helped to make the package."""

from __future__ import annotations

from pydantic import Field

from lti_tool.content_library.format.words import Line, Shape


class CreditShape(Shape):
    """Somebody who helped, and with what."""

    name: Line
    role: Line
    licence: Line | None = None
    url_text: Line | None = None
    """An address to read; it is shown as a text and is no link."""


class CreditsShape(Shape):
    """Everybody to thank: CREDITS.yaml."""

    credits: list[CreditShape] = Field(min_length=1, max_length=100)
