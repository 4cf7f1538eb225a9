"""What learners meet: items, the framework of skills, and the package that holds them and the micro-trainings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lti_tool.domain.colophon import Colophon
from lti_tool.domain.errors import MediumUnknown, ModuleUnknown
from lti_tool.domain.scenes import Scene
from lti_tool.domain.stories import Story

if TYPE_CHECKING:
    from lti_tool.domain.modules import Module

SOURCE_LANGUAGE = "nl"
"""In which content is written; from it, it is translated."""

SINGLE_ANSWER = ("single_choice", "sjt", "hotspot")
"""Item types with exactly one right option, which a blind guess can hit."""

IN_ROWS = ("match", "file_sort", "cloze", "simulation")
"""Item types that ask several things at once; all of them must be right."""

INTERACTIONS = {
    "single_choice": "choice",
    "sjt": "choice",
    "multiple_response": "choice",
    "hotspot": "choice",
    "order": "sequencing",
    "match": "matching",
    "file_sort": "matching",
    "text_entry": "fill-in",
    "cloze": "fill-in",
    "numeric": "numeric",
    "simulation": "performance",
    "declarative": "likert",
}
"""Item type to the interaction type of xAPI (xAPI-Data, section 2.4.4.1)."""

ASKABLE = ("concept", "review", "pilot", "active")
"""Statuses of items that may be asked; `paused` and `retired` items stay only for old attempts."""


class UnknownItem(LookupError):
    """The package has no item with this id."""


@dataclass(frozen=True)
class Area:
    """A rectangle in a picture, in percent of its width and height, from the upper left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Option:
    """One answer that a learner can choose, or one thing to put in order."""

    id: str
    text: str
    feedback: str
    """What is said to somebody who chose it; may be empty for `order` and `declarative`."""
    correct: bool
    area: Area | None = None
    """Where it stands in the picture of a `hotspot`."""


@dataclass(frozen=True)
class Choice:
    """One of the answers that a row can be given."""

    id: str
    text: str


@dataclass(frozen=True)
class Row:
    """One of the things that an item of `IN_ROWS` asks: a text, a file, a gap in a sentence, a decision."""

    text: str
    choices: tuple[Choice, ...]
    """Empty: the answer is typed."""
    accept: tuple[str, ...]
    """Ids of choices, or texts, any of which is right."""
    why: str = ""
    """What is said to somebody who answered otherwise; may be empty."""


@dataclass(frozen=True)
class Number:
    """The answer to a `numeric` item."""

    value: float
    tolerance: float
    """How far from it is still right."""


@dataclass(frozen=True)
class Medium:
    """A file of a package that is shown or downloaded as it is."""

    path: Path | None
    """None: its content is kept in the database, under its SHA-256."""
    content_type: str
    sha256: str
    """In hex."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Picture:
    """A picture in the package, with its text alternative."""

    file: str
    """Path inside the package."""
    alt: str
    long_description: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file to open with a program of one's own, for a question about it."""

    file: str
    """Path inside the package."""
    name: str
    kind: str
    """What to open it with: docx, pdf or xlsx."""


@dataclass(frozen=True)
class Difficulty:
    """How hard an item is, on the scale of ability."""

    b: float
    """Logits, -2.5..2.5."""
    prior_sd: float
    """How unsure that is, in logits."""
    source: str
    """`estimate` (by people) or `calibrated` (from answers)."""


@dataclass(frozen=True)
class Feedback:
    """What is said after an answer."""

    right: str
    not_yet: str
    tip_at_work: str
    """May be empty."""
    why: str


@dataclass(frozen=True)
class Item:
    """One question, with its key and its words; texts are plain, not HTML."""

    id: str
    version: int
    status: str
    pool: str
    """`assessment`, or `practice`: only in modules and as the opener, never in an assessment."""
    domain: str
    subskill: str
    digcomp: tuple[str, ...]
    type: str
    """single_choice, sjt, multiple_response, order, hotspot, text_entry, numeric, match, file_sort, cloze,
    simulation or declarative."""
    scored: bool
    difficulty: Difficulty
    stem: str
    context: str | None
    options: tuple[Option, ...]
    """For `order` they stand in the right order."""
    accept: tuple[str, ...]
    normalise: tuple[str, ...]
    shuffle: bool
    feedback: Feedback
    modules: tuple[str, ...]
    requires: tuple[str, ...]
    enemies: tuple[str, ...]
    """Ids of items that never meet this one in the same assessment."""
    rows: tuple[Row, ...] = ()
    """Of the types in `IN_ROWS`."""
    sentence: tuple[str, ...] = ()
    """The text of a `cloze` around its gaps: one piece more than there are rows."""
    scene: Scene | None = None
    """What a `simulation` shows."""
    number: Number | None = None
    """The answer to a `numeric` item."""
    picture: Picture | None = None
    attachments: tuple[Attachment, ...] = ()
    language: str = SOURCE_LANGUAGE
    others: Mapping[str, Item] = field(default_factory=dict, hash=False)
    """The same item in other languages; scored the same."""

    def said_in(self, language: str) -> Item:
        """This item in a language, or as it is when it is not there in that language."""
        return self.others.get(language, self)

    @property
    def key(self) -> str:
        """How statements and forms name exactly this text: "id@version"."""
        return f"{self.id}@{self.version}"

    @property
    def interaction(self) -> str:
        """How xAPI calls what a learner does here."""
        return INTERACTIONS[self.type]

    @property
    def guessing_options(self) -> int | None:
        """Number of options that a blind guess chooses from; None where guessing does not pay."""
        if self.type in SINGLE_ANSWER:
            return len(self.options)
        if len(self.rows) == 1 and self.rows[0].choices:
            return len(self.rows[0].choices)
        return None


@dataclass(frozen=True)
class Level:
    """A level that is shown to learners."""

    id: str
    label: Mapping[str, str]
    """Language code to text."""
    above: float | None
    """The ability in logits from which the level begins; None for the lowest."""


@dataclass(frozen=True)
class Subskill:
    """A part of a domain."""

    id: str
    label: Mapping[str, str]
    scored: bool
    grow: Mapping[str, str]
    """A line for the advice, language code to text: in what a learner can grow."""


@dataclass(frozen=True)
class Domain:
    """One of the skills that an assessment measures."""

    id: str
    label: Mapping[str, str]
    can_do: Mapping[str, Mapping[str, str]]
    """Level id to a line for the advice, language code to text."""
    subskills: tuple[Subskill, ...]


@dataclass(frozen=True)
class Framework:
    """The skills and levels that a package is about."""

    id: str
    version: str
    domains: tuple[Domain, ...]
    levels: tuple[Level, ...]
    """Lowest first."""

    def domain_name(self, domain_id: str, language: str) -> str:
        """What a domain is called; in Dutch where a language has no word for it, by its id when it is unknown."""
        label = next((domain.label for domain in self.domains if domain.id == domain_id), {})
        return label.get(language) or label.get(SOURCE_LANGUAGE, domain_id)


@dataclass(frozen=True)
class Persona:
    """An archetype of people, with what their work asks for."""

    id: str
    title: Mapping[str, str]
    """Language code to text."""
    about: str
    target: Mapping[str, float]
    """Domain to ability, in logits; a goal to grow towards, never a mark to pass (R13, R52)."""

    def title_in(self, language: str) -> str:
        """What they are called; in Dutch where a language has no word for it."""
        return self.title.get(language) or self.title[SOURCE_LANGUAGE]


@dataclass(frozen=True)
class Policy:
    """How an assessment asks and stops; probabilities are 0..1."""

    easy_first: int
    min_items_per_domain: int
    max_items_per_domain: int
    max_items: int
    level_certainty: float
    show_level_from: float
    success_floor: float
    of_domain: tuple[tuple[str, int, int], ...] = ()
    """Where a domain weighs more or less: its id, and its own least and most items."""

    def least_items(self, domain_id: str) -> int:
        """So many items are asked in a domain at least."""
        own = (least for name, least, _ in self.of_domain if name == domain_id)
        return next(own, self.min_items_per_domain)


@dataclass(frozen=True)
class Package:
    """One release of content as one municipality sees it; it never changes while loaded."""

    id: str
    version: str
    title: str
    framework: Framework
    items: Mapping[str, Item]
    modules: Mapping[str, Module]
    policy: Policy
    practice_question: str
    """Id of the opener: a very easy item before the assessment that does not count."""
    start_module: str
    """Id of the module for those who skip the assessment."""
    personas: tuple[Persona, ...]
    media: Mapping[str, Medium]
    """By path inside the package."""
    variables: Mapping[str, str]
    """Name of each variable that the texts use, with an example value."""
    colophon: Colophon
    sha256: str
    """Over the files as they stand, so the same whatever fills the variables."""
    bank_version: str
    story: Story | None = None
    tools: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Id -> name of the tools that some of it needs."""
    in_use: frozenset[str] | None = None
    """Which of these the municipality has; None: all, as far as anybody said."""

    def for_tools(self, in_use: frozenset[str] | None) -> Package:
        """The same for who works with these tools only: what needs another one is not offered (R104).

        Items stay there to look back at; an assessment does not ask them.
        """
        if in_use is None:
            return self
        modules = {name: module for name, module in self.modules.items() if in_use.issuperset(module.requires)}
        story = self.story.with_modules(modules) if self.story else None
        return replace(self, modules=MappingProxyType(modules), story=story, in_use=in_use)

    def modules_for_everybody(self) -> tuple[Module, ...]:
        """Without those that are for some personas only, in the order of the package."""
        return tuple(module for module in self.modules.values() if not module.personas)

    def assessment_items(self) -> tuple[Item, ...]:
        """The items that an assessment may ask and count, in order of id."""
        return tuple(
            item
            for _, item in sorted(self.items.items())
            if item.pool == "assessment"
            and item.scored
            and item.status in ASKABLE
            and (self.in_use is None or self.in_use.issuperset(item.requires))
        )

    def domains_short_of_items(self) -> tuple[str, ...]:
        """Ids of domains in which an assessment has fewer items to ask than its minimum."""
        there = Counter(item.domain for item in self.assessment_items())
        return tuple(d.id for d in self.framework.domains if there[d.id] < self.policy.least_items(d.id))

    def medium(self, file: str) -> Medium:
        """Raises MediumUnknown."""
        try:
            return self.media[file]
        except KeyError:
            raise MediumUnknown(file) from None

    def practice_item(self) -> Item:
        """The opener."""
        return self.item(self.practice_question)

    def item(self, item_id: str) -> Item:
        """Raises UnknownItem."""
        try:
            return self.items[item_id]
        except KeyError:
            raise UnknownItem(item_id) from None

    def module(self, module_id: str) -> Module:
        """Raises ModuleUnknown."""
        try:
            return self.modules[module_id]
        except KeyError:
            raise ModuleUnknown(module_id) from None
