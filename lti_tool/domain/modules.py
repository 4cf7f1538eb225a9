"""Micro-trainings: steps with blocks, a glossary, and how a trainer does the same with a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.domain.content import SOURCE_LANGUAGE, Picture


@dataclass(frozen=True)
class Frame:
    """One picture of a click-through, and what happens in it."""

    picture: Picture
    text: str


@dataclass(frozen=True)
class Film:
    """A film in the package; each path is one inside the package."""

    file: str
    captions: str
    transcript: str
    """All that is said and shown; safe HTML."""
    poster: str = ""
    """The picture that stands there before it plays; may be empty."""


@dataclass(frozen=True)
class Word:
    """A word that not everybody knows, and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True)
class Block:
    """One piece of a step."""

    type: str
    """text, item, declarative, checklist, steps, image, click_through, video or contact."""
    html: str = ""
    """Safe HTML, rendered already; only for `text`. What `words` explains stands in `<dfn>`, in that order."""
    words: tuple[Word, ...] = ()
    """Words of the glossary that a `text` uses, in the order in which it first does."""
    item_ref: str | None = None
    """Of an `item` or `declarative`."""
    entries: tuple[str, ...] = ()
    """Plain texts of a checklist or of steps; for `contact` whom to ask."""
    picture: Picture | None = None
    """Of an `image`."""
    title: str = ""
    """Of a `click_through`."""
    frames: tuple[Frame, ...] = ()
    """Of a `click_through`: two or more."""
    film: Film | None = None
    """Of a `video`."""


@dataclass(frozen=True)
class Step:
    """One page of a micro-training."""

    id: str
    kind: str
    """goal, explanation, practice, check, tip or done."""
    title: str
    minutes: int
    blocks: tuple[Block, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that its texts explain, each once, in the order of the texts."""
        return tuple(dict.fromkeys(word for block in self.blocks for word in block.words))


@dataclass(frozen=True)
class WorkshopGuide:
    """How a trainer does the same as a module with a group."""

    minutes: int
    group: str
    """How many people, such as "4-10"."""
    materials: tuple[str, ...]
    flow: tuple[str, ...]


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
    personas: tuple[str, ...] = ()
    """For whom only; empty: for everybody."""
    glossary: tuple[Word, ...] = ()
    workshop_guide: WorkshopGuide | None = None
    """For trainers; learners do not see it."""
    language: str = SOURCE_LANGUAGE
    others: Mapping[str, Module] = field(default_factory=dict, hash=False)
    """The same module in other languages."""

    def said_in(self, language: str) -> Module:
        """This module in a language, or as it is when it is not there in that language."""
        return self.others.get(language, self)

    @property
    def key(self) -> str:
        """How statements name exactly this text: "id@version"."""
        return f"{self.id}@{self.version}"
