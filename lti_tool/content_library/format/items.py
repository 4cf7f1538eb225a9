"""The shape of a question: items/<domain>/<id>.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from lti_tool.content_library.format.simulations import SimulationShape
from lti_tool.content_library.format.words import (
    Day,
    Digcomp,
    Id,
    ItemId,
    Licence,
    Line,
    Logits,
    MediaFile,
    ModuleId,
    OptionId,
    Paragraph,
    Percent,
    ReviewShape,
    Shape,
    SubskillId,
    text,
)
from lti_tool.domain.scoring import LONGEST_TEXT

Normalisers = Annotated[
    list[Literal["trim", "casefold", "strip_spaces", "strip_equals"]],
    # A few may come twice; hundreds of them on hundreds of accepted answers take long.
    Field(max_length=8),
]
"""What does not count in a typed answer, in this order."""
GAP = re.compile(r"\[\[([1-9])\]\]")
"""Where a gap stands in the text of a cloze."""


class AreaShape(Shape):
    """A rectangle in the picture, in percent of its width and height, from the upper left."""

    x: Percent
    y: Percent
    width: Annotated[float, Field(ge=2, le=100)]
    height: Annotated[float, Field(ge=2, le=100)]


class OptionShape(Shape):
    """One answer, or one thing to put in order; in a hotspot also its place in the picture."""

    id: OptionId
    text: Annotated[str, text(300)]
    correct: bool = False
    feedback: Paragraph | None = None
    area: AreaShape | None = None


class PairShape(Shape):
    """Two texts that belong together."""

    left: Line
    right: Line


class AnswerShape(Shape):
    """What a typed answer may be."""

    accept: list[Annotated[str, text(LONGEST_TEXT)]] = Field(min_length=1)
    normalise: Normalisers = ["trim"]


class NumberShape(Shape):
    """The number that is asked for, and how far from it is still right."""

    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0


class SortedFileShape(Shape):
    """A file, and the folder where it belongs."""

    name: Line
    folder: Line
    why: Paragraph | None = None


class GapShape(Shape):
    """A gap in a sentence: choices with one key, or what may be typed."""

    choices: list[Line] = []
    key: Line | None = None
    accept: list[Line] = []
    why: Paragraph | None = None


class ClozeShape(Shape):
    """A sentence with a gap at [[1]], [[2]] and so on, and what belongs there."""

    text: Paragraph
    gaps: list[GapShape] = Field(min_length=1, max_length=6)
    normalise: Normalisers = ["trim", "casefold"]


class PictureShape(Shape):
    """A picture of the package, with what it shows in words."""

    file: MediaFile
    alt: Line
    long_description: Annotated[str, text(2000)] | None = None


class AttachmentShape(Shape):
    """A file to open with a program of one's own."""

    file: MediaFile
    name: Line


class DifficultyShape(Shape):
    """How hard, in logits."""

    b: Logits
    prior_sd: float = Field(default=0.7, gt=0, le=2)
    source: Literal["estimate", "calibrated"]
    raters: int | None = Field(default=None, ge=1)
    """How many guessed, each alone, how many of ten colleagues know it without guessing."""
    spread: float | None = Field(default=None, ge=0, le=5)
    """Standard deviation between these guesses, in logits."""


class FeedbackShape(Shape):
    """What is said after the answer."""

    right: Paragraph
    not_yet: Paragraph
    why: Paragraph
    tip_at_work: Paragraph | None = None


class ItemShape(Shape):
    """A question: items/<domain>/<id>.yaml."""

    schema_: Literal["item/1"] = Field(alias="schema")
    id: ItemId
    version: int = Field(ge=1)
    status: Literal["concept", "review", "pilot", "active", "paused", "retired"]
    pool: Literal["assessment", "practice"]
    domain: Id
    subskill: SubskillId
    digcomp: list[Digcomp] = Field(min_length=1)
    type: Literal[
        "single_choice",
        "sjt",
        "multiple_response",
        "order",
        "match",
        "hotspot",
        "text_entry",
        "numeric",
        "cloze",
        "file_sort",
        "simulation",
        "declarative",
    ]
    scored: bool
    difficulty: DifficultyShape
    context: Paragraph | None = None
    stem: Paragraph
    shuffle: bool = True
    options: list[OptionShape] = []
    pairs: list[PairShape] = []
    answer: AnswerShape | None = None
    number: NumberShape | None = None
    folders: list[Line] = []
    files: list[SortedFileShape] = []
    cloze: ClozeShape | None = None
    simulation: SimulationShape | None = None
    picture: PictureShape | None = None
    attachments: list[AttachmentShape] = []
    feedback: FeedbackShape
    personas: list[Id] = []
    requires: list[Id] = []
    enemies: list[ItemId] = []
    modules: list[ModuleId] = []
    sources: list[Paragraph] = []
    reviews: list[ReviewShape] = []
    review_before: Day | None = None
    licence: Licence
    authors: list[Line] = Field(min_length=1)
