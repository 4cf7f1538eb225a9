"""The shape of a translation: i18n/<language>/items/<ID>.yaml and i18n/<language>/modules/<slug>.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lti_tool.content_library.format.words import ItemId, ModuleId, Shape, TextPath, Version, text


class TranslationShape(Shape):
    """Every text of one question or micro-training in another language."""

    schema_: Literal["translation/1"] = Field(alias="schema")
    of: ItemId | ModuleId
    source_version: int | Version
    """The version of the question or micro-training that was translated; of another one it is stale."""
    texts: dict[TextPath, Annotated[str, text(4000)]] = Field(min_length=1)
    """The way to each text, such as `stem`, `options.a.text` or, in a list without ids, `folders.0`."""
