"""What learners meet: items, micro-trainings, the framework of skills, and the package that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.domain.errors import ModuleUnknown

SINGLE_ANSWER = ("single_choice", "sjt")
"""Item types with exactly one right option, which a blind guess can hit."""

ASKABLE = ("concept", "review", "pilot", "active")
"""Statuses of items that may be asked; `paused` and `retired` items stay only for old attempts."""


class UnknownItem(LookupError):
    """The package has no item with this id."""


@dataclass(frozen=True)
class Option:
    """One answer that a learner can choose, or one thing to put in order."""

    id: str
    text: str
    feedback: str
    """What is said to somebody who chose it; may be empty for `order` and `declarative`."""
    correct: bool


@dataclass(frozen=True)
class Pair:
    """Two texts that belong together in a `match` item."""

    left: str
    right: str


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
    """single_choice, sjt, multiple_response, order, match, text_entry or declarative."""
    scored: bool
    difficulty: Difficulty
    stem: str
    context: str | None
    options: tuple[Option, ...]
    """For `order` they stand in the right order."""
    pairs: tuple[Pair, ...]
    accept: tuple[str, ...]
    normalise: tuple[str, ...]
    shuffle: bool
    feedback: Feedback
    modules: tuple[str, ...]
    requires: tuple[str, ...]
    enemies: tuple[str, ...]
    """Ids of items that never meet this one in the same assessment."""

    @property
    def key(self) -> str:
        """How statements and forms name exactly this text: "id@version"."""
        return f"{self.id}@{self.version}"

    @property
    def guessing_options(self) -> int | None:
        """Number of options that a blind guess chooses from; None where guessing does not pay."""
        return len(self.options) if self.type in SINGLE_ANSWER else None


@dataclass(frozen=True)
class Block:
    """One piece of a step."""

    type: str
    """text, item, checklist, steps or contact."""
    html: str = ""
    """Safe HTML, rendered already; only for `text`."""
    item_ref: str | None = None
    entries: tuple[str, ...] = ()
    """Plain texts of a checklist or of steps; for `contact` whom to ask."""
    media: str | None = None
    alt: str | None = None


@dataclass(frozen=True)
class Step:
    """One page of a micro-training."""

    id: str
    kind: str
    """goal, explanation, practice, check, tip or done."""
    title: str
    minutes: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Module:
    """One micro-training: one topic, at most 30 minutes."""

    id: str
    slug: str
    version: str
    title: str
    one_topic: str
    benefit: str
    domain: str
    subskills: tuple[str, ...]
    level: str
    """start, basis, verder or gevorderd."""
    minutes: int
    goals: tuple[str, ...]
    steps: tuple[Step, ...]
    requires: tuple[str, ...]

    @property
    def key(self) -> str:
        """How statements name exactly this text: "id@version"."""
        return f"{self.id}@{self.version}"


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
    grow: str
    """One Dutch line for the advice page: in what a learner can grow."""


@dataclass(frozen=True)
class Domain:
    """One of the skills that an assessment measures."""

    id: str
    label: Mapping[str, str]
    can_do: Mapping[str, str]
    """Level id to one Dutch line for the advice page."""
    subskills: tuple[Subskill, ...]


@dataclass(frozen=True)
class Framework:
    """The skills and levels that a package is about."""

    id: str
    version: str
    domains: tuple[Domain, ...]
    levels: tuple[Level, ...]
    """Lowest first."""


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
    variables: Mapping[str, str]
    """Name of each variable that the texts use, with an example value."""
    sha256: str
    """Over the files as they stand, so the same whatever fills the variables."""
    bank_version: str

    def assessment_items(self) -> tuple[Item, ...]:
        """The items that an assessment may ask and count, in order of id."""
        return tuple(
            item
            for _, item in sorted(self.items.items())
            if item.pool == "assessment" and item.scored and item.status in ASKABLE
        )

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
