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
    MediaFile,
    ModuleId,
    Paragraph,
    ReviewShape,
    Shape,
    SubskillId,
    Version,
    text,
)

PageFile = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z]{2})?\.md$")]
"""A file beside module.yaml."""
CONTACT_VARIABLE = "digihelden.contact"
"""Whom to ask for help; a block of type contact shows it."""
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class TextShape(Shape):
    """Markdown, here or in a file beside module.yaml."""

    type: Literal["text"]
    md: Annotated[str, text(4000)] | None = None
    file: PageFile | None = None


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


class DeclarativeShape(Shape):
    """A question without a right answer, which may be left out."""

    type: Literal["declarative"]
    ref: ItemId


class ImageShape(Shape):
    """A picture of the package, with what it shows in words."""

    type: Literal["image"]
    file: MediaFile
    alt: Line
    long_description: Annotated[str, text(2000)] | None = None


class FrameShape(Shape):
    """One picture of a click-through, and what happens in it."""

    file: MediaFile
    alt: Line
    text: Paragraph


class ClickThroughShape(Shape):
    """Something done on a screen, one picture at a time."""

    type: Literal["click_through"]
    title: Line
    frames: list[FrameShape] = Field(min_length=2, max_length=12)


class VideoShape(Shape):
    """A film of the package with captions (WebVTT), and beside module.yaml all of it as a text."""

    type: Literal["video"]
    file: MediaFile
    captions: MediaFile
    transcript: PageFile
    poster: MediaFile | None = None


class ContactShape(Shape):
    """Whom to ask for help: shows the variable digihelden.contact."""

    type: Literal["contact"]


BlockShape = Annotated[
    TextShape
    | StepsShape
    | ChecklistShape
    | ItemBlockShape
    | DeclarativeShape
    | ImageShape
    | ClickThroughShape
    | VideoShape
    | ContactShape,
    Field(discriminator="type"),
]


class StepShape(Shape):
    """One page of a micro-training."""

    id: StepId
    kind: Literal["goal", "explanation", "practice", "check", "tip", "done"]
    title: Line
    minutes: int = Field(ge=1, le=30)
    blocks: list[BlockShape] = Field(min_length=1)


class WordShape(Shape):
    """A word that not everybody knows, as the texts write it, and what it means."""

    word: Annotated[str, text(60)]
    meaning: Line


class WorkshopGuideShape(Shape):
    """How a trainer does the same with a group."""

    minutes: int = Field(ge=5, le=240)
    group: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?(-[1-9][0-9]?)?$")]
    materials: list[Line] = Field(max_length=20)
    flow: list[Line] = Field(min_length=1, max_length=20)


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
    personas: list[Id] = []
    """For whom only; nobody is advised it, and everybody may choose it. Empty: for everybody."""
    minutes: int = Field(ge=1, le=30)
    goals: list[Line] = Field(min_length=1)
    requires: list[Id] = []
    glossary: list[WordShape] = Field(default=[], max_length=30)
    workshop_guide: WorkshopGuideShape | None = None
    steps: list[StepShape] = Field(min_length=1)
    sources: list[Paragraph] = []
    reviews: list[ReviewShape] = []
    review_before: Day | None = None
    licence: Licence
    authors: list[Line] = Field(min_length=1)
