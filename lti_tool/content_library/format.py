"""The shape of the files in a package: keys, types and limits; the JSON Schemas are made from these."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lti_tool.domain.scoring import LONGEST_TEXT


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Line = Annotated[str, _text(200)]
Paragraph = Annotated[str, _text(800)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
SubskillId = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}\.[a-z]{1,40}$")]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[A-Z]{3}-[0-9]{4}$")]
ModuleId = Annotated[str, StringConstraints(pattern=r"^M-[A-Z]{3}-[0-9]{3}$")]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$")]
Digcomp = Annotated[str, StringConstraints(pattern=r"^(1\.[1-3]|2\.[1-6]|3\.[1-4]|4\.[1-4]|5\.[1-4])$")]
"""A competence of DigComp 2.2."""
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)*$", max_length=60)]
Logits = Annotated[float, Field(ge=-2.5, le=2.5)]
Share = Annotated[float, Field(ge=0, le=1)]


class Shape(BaseModel):
    """A mapping with exactly these keys, and no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionShape(Shape):
    """One answer, or one thing to put in order."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]$")]
    text: Annotated[str, _text(300)]
    correct: bool = False
    feedback: Paragraph | None = None


class PairShape(Shape):
    """Two texts that belong together."""

    left: Line
    right: Line


class AnswerShape(Shape):
    """What a typed answer may be."""

    accept: list[Annotated[str, _text(LONGEST_TEXT)]] = Field(min_length=1)
    normalise: list[Literal["trim", "casefold", "strip_spaces", "strip_equals"]] = ["trim"]


class DifficultyShape(Shape):
    """How hard, in logits."""

    b: Logits
    prior_sd: float = Field(default=0.7, gt=0, le=2)
    source: Literal["estimate", "calibrated"]
    raters: int | None = Field(default=None, ge=1)


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
    type: Literal["single_choice", "sjt", "multiple_response", "order", "match", "text_entry", "declarative"]
    scored: bool
    difficulty: DifficultyShape
    context: Paragraph | None = None
    stem: Paragraph
    shuffle: bool = True
    options: list[OptionShape] = []
    pairs: list[PairShape] = []
    answer: AnswerShape | None = None
    feedback: FeedbackShape
    requires: list[Id] = []
    enemies: list[ItemId] = []
    modules: list[ModuleId] = []
    sources: list[Paragraph] = []
    review_before: Day | None = None
    licence: Line
    authors: list[Line] = Field(min_length=1)


class TextShape(Shape):
    """Markdown, here or in a file beside module.yaml."""

    type: Literal["text"]
    md: Annotated[str, _text(4000)] | None = None
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
    review_before: Day | None = None
    licence: Line
    authors: list[Line] = Field(min_length=1)


class LabelShape(Shape):
    """A name in the languages of the pages."""

    nl: Line
    en: Line | None = None


class LevelShape(Shape):
    """A level that is shown; the lowest has no `above`."""

    id: Id
    label: LabelShape
    above: Logits | None = None


class SubskillShape(Shape):
    """A part of a domain."""

    label: LabelShape
    digcomp: list[Digcomp] = Field(min_length=1)
    scored: bool
    grow: Line


class DomainShape(Shape):
    """A skill that is measured."""

    label: LabelShape
    can_do: dict[Id, Line]
    subskills: dict[SubskillId, SubskillShape] = Field(min_length=1)


class FrameworkShape(Shape):
    """The skills and levels: framework/<id>.yaml."""

    schema_: Literal["framework/1"] = Field(alias="schema")
    id: Id
    version: Version
    source: Paragraph
    levels: list[LevelShape] = Field(min_length=2)
    domains: dict[Id, DomainShape] = Field(min_length=1)


class PublisherShape(Shape):
    """Who stands behind the package."""

    name: Line


class VariableShape(Shape):
    """A text that each municipality fills in; one that is not required falls back on its example."""

    required: bool
    example: Line


class AssessmentShape(Shape):
    """How the assessment asks and stops."""

    easy_first: int = Field(ge=0, le=10)
    min_items_per_domain: int = Field(ge=1, le=24)
    max_items_per_domain: int = Field(ge=1, le=24)
    max_items: int = Field(ge=1, le=24)
    level_certainty: Share
    show_level_from: Share
    success_floor: Share


class PackageShape(Shape):
    """The manifest: package.yaml."""

    schema_: Literal["package/1"] = Field(alias="schema")
    id: Id
    version: Version
    title: Line
    description: Paragraph
    source_language: Literal["nl"]
    languages: list[Literal["nl"]] = Field(min_length=1)
    framework: Annotated[str, StringConstraints(pattern=r"^framework/[a-z0-9-]+\.yaml$")]
    licence: Line
    publisher: PublisherShape
    reviewed_by_municipality: bool
    variables: dict[VariableName, VariableShape]
    practice_question: ItemId
    assessment: AssessmentShape
    start_module: ModuleId
