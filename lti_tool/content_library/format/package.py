"""The shape of the manifest and of the framework of skills."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lti_tool.content_library.format.words import (
    Digcomp,
    Id,
    ItemId,
    Licence,
    Line,
    Logits,
    ModuleId,
    Paragraph,
    Shape,
    Share,
    SubskillId,
    TextPath,
    VariableName,
    Version,
    VersionRange,
)


class LabelShape(Shape):
    """A name or a line in the languages of the pages."""

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
    digcomp_3: list[Digcomp] = []
    """Competences of DigComp 3.0, which kept the numbers of 2.2 and changed the words."""
    scored: bool
    grow: LabelShape
    """A line for the advice: in what somebody can grow."""


class DomainShape(Shape):
    """A skill that is measured."""

    label: LabelShape
    can_do: dict[Id, LabelShape]
    """A line for the advice of each level."""
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
    """Who stands behind the package, and how to reach them."""

    name: Line
    contact: Line | None = None


class VariableShape(Shape):
    """A text that each municipality fills in; one that is not required falls back on its example."""

    required: bool
    example: Line


class ExtendsShape(Shape):
    """Another package, beside this one, whose questions, trainings and skills belong to this one too."""

    package: Id
    version: VersionRange
    """Which versions fit, such as ">=1.0,<2"."""


class OverrideShape(Shape):
    """Local words for texts of a package that this one extends; what is asked and what is right stays."""

    item: ItemId | None = None
    module: ModuleId | None = None
    domain: Id | None = None
    texts: dict[TextPath, Paragraph] = Field(min_length=1)
    """The way to each text, such as `feedback.tip_at_work` or `options.a.text`."""


class PersonaShape(Shape):
    """An archetype of people, with the ability that their work asks for in each domain, in logits."""

    id: Id
    title: LabelShape
    about: Paragraph
    target: dict[Id, Logits] = Field(min_length=1)


class ItemsOfDomainShape(Shape):
    """How many items of one domain are asked, where that is not what it is for the others."""

    min_items: int = Field(ge=1, le=24)
    max_items: int = Field(ge=1, le=24)


class AssessmentShape(Shape):
    """How the assessment asks and stops: the blueprint."""

    easy_first: int = Field(ge=0, le=10)
    min_items_per_domain: int = Field(ge=1, le=24)
    max_items_per_domain: int = Field(ge=1, le=24)
    max_items: int = Field(ge=1, le=24)
    level_certainty: Share
    show_level_from: Share
    success_floor: Share
    domains: dict[Id, ItemsOfDomainShape] = {}
    """For domains that weigh more or less than the others."""


class PackageShape(Shape):
    """The manifest: package.yaml."""

    schema_: Literal["package/1"] = Field(alias="schema")
    id: Id
    version: Version
    title: Line
    description: Paragraph
    source_language: Literal["nl"]
    languages: list[Literal["nl", "en"]] = Field(min_length=1)
    framework: Annotated[str, StringConstraints(pattern=r"^framework/[a-z0-9-]+\.yaml$")]
    licence: Licence
    publisher: PublisherShape
    reviewed_by_municipality: bool
    tool: VersionRange | None = None
    """Which versions of the tool fit; None: whichever can read it."""
    extends: list[ExtendsShape] = Field(default=[], max_length=3)
    overrides: list[OverrideShape] = []
    variables: dict[VariableName, VariableShape]
    personas: list[PersonaShape] = Field(default=[], max_length=12)
    tools: dict[Id, Line] | None = None
    practice_question: ItemId
    assessment: AssessmentShape
    start_module: ModuleId
    story: Annotated[str, StringConstraints(pattern=r"^story/[a-z][a-z0-9-]{0,59}\.yaml$")] | None = None
    """The one that is told; it may come from a package that this one extends."""
