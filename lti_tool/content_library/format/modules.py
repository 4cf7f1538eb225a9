"""The shape of a micro-training: modules/<slug>/module.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lti_tool.content_library.format.words import (
    Day,
    Digcomp,
    Id,
    ItemId,
    Licence,
    Line,
    ModuleId,
    Paragraph,
    ReviewShape,
    Shape,
    SubskillId,
    Version,
    text,
)


class TextShape(Shape):
    """Markdown, here or in a file beside module.yaml."""

    type: Literal["text"]
    md: Annotated[str, text(4000)] | None = None
    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z]{2})?\.md$")] | None = None


class StepsShape(Shape):
    """A numbered list of things to do."""

    type: Literal["steps"]
    items: list[Paragraph] = Field(min_length=1)


class ChecklistShape(Shape):
    """Things to tick off at work."""

    type: Literal["checklist"]
    items: list[Paragraph] = Field(min_length=1)


class ItemBlockShape(Shape):
    """A practice question."""

    type: Literal["item"]
    ref: ItemId


class ContactShape(Shape):
    """Whom to ask for help: shows the variable digihelden.contact."""

    type: Literal["contact"]


BlockShape = Annotated[
    TextShape | StepsShape | ChecklistShape | ItemBlockShape | ContactShape, Field(discriminator="type")
]


class StepShape(Shape):
    """One page of a micro-training."""

    id: Id
    kind: Literal["goal", "explanation", "practice", "check", "tip", "done"]
    title: Line
    minutes: int = Field(ge=1, le=30)
    blocks: list[BlockShape] = Field(min_length=1)


class ModuleShape(Shape):
    """A micro-training: modules/<slug>/module.yaml."""

    schema_: Literal["module/1"] = Field(alias="schema")
    id: ModuleId
    slug: Id
    version: Version
    status: Literal["concept", "review", "pilot", "active"]
    title: Line
    one_topic: Line
    benefit: Paragraph
    domain: Id
    subskills: list[SubskillId] = Field(min_length=1)
    digcomp: list[Digcomp] = Field(min_length=1)
    level: Literal["start", "basis", "verder", "gevorderd"]
    minutes: int = Field(ge=1, le=30)
    goals: list[Line] = Field(min_length=1)
    requires: list[Id] = []
    steps: list[StepShape] = Field(min_length=1)
    sources: list[Paragraph] = []
    reviews: list[ReviewShape] = []
    review_before: Day | None = None
    licence: Licence
    authors: list[Line] = Field(min_length=1)
