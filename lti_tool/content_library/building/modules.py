"""From the shape of a micro-training to the micro-training, with the municipality's own words filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lti_tool.content_library.format import ModuleShape, StepShape, TextShape
from lti_tool.content_library.format.modules import (
    CONTACT_VARIABLE,
    BlockShape,
    ClickThroughShape,
    ContactShape,
    DeclarativeShape,
    ImageShape,
    ItemBlockShape,
    VideoShape,
    WorkshopGuideShape,
)
from lti_tool.content_library.parsed import Entry
from lti_tool.content_library.rendering import fill, render, render_with_words
from lti_tool.domain.content import Picture
from lti_tool.domain.modules import Block, Film, Frame, Module, Step, Word, WorkshopGuide


def build_module(entry: Entry[ModuleShape], texts: Mapping[str, str], values: Mapping[str, str]) -> Module:
    """The micro-training as one municipality sees it; the shape must have been checked."""
    shape = entry.shape
    beside = entry.file.removesuffix("module.yaml")
    glossary = {word.word: Word(word.word, fill(word.meaning, values)) for word in shape.glossary}
    blocks = _Blocks(beside, texts, values, glossary)
    return Module(
        id=shape.id,
        slug=shape.slug,
        version=shape.version,
        title=fill(shape.title, values),
        one_topic=fill(shape.one_topic, values),
        benefit=fill(shape.benefit, values),
        domain=shape.domain,
        subskills=tuple(shape.subskills),
        level=shape.level,
        minutes=shape.minutes,
        goals=blocks.say_each(shape.goals),
        steps=tuple(_step(step, blocks) for step in shape.steps),
        requires=tuple(shape.requires),
        personas=tuple(shape.personas),
        glossary=tuple(glossary.values()),
        workshop_guide=_guide(shape.workshop_guide, blocks) if shape.workshop_guide else None,
    )


def _step(shape: StepShape, blocks: _Blocks) -> Step:
    built = tuple(blocks.build(block) for block in shape.blocks)
    return Step(shape.id, shape.kind, blocks.say(shape.title), shape.minutes, built)


def _guide(shape: WorkshopGuideShape, blocks: _Blocks) -> WorkshopGuide:
    return WorkshopGuide(shape.minutes, shape.group, blocks.say_each(shape.materials), blocks.say_each(shape.flow))


@dataclass(frozen=True)
class _Blocks:
    """What the blocks of one micro-training are built from."""

    beside: str
    """The folder of the module, with a slash behind it."""
    texts: Mapping[str, str]
    values: Mapping[str, str]
    glossary: Mapping[str, Word]

    def say(self, text: str) -> str:
        return fill(text, self.values)

    def say_each(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.say, texts))

    def build(self, block: BlockShape) -> Block:
        if isinstance(block, TextShape):
            return self._text(block)
        if isinstance(block, ItemBlockShape | DeclarativeShape):
            return Block(block.type, item_ref=block.ref)
        if isinstance(block, ContactShape):
            return Block("contact", entries=(self.values[CONTACT_VARIABLE],))
        if isinstance(block, ImageShape):
            return Block("image", picture=self._picture(block.file, block.alt, block.long_description or ""))
        if isinstance(block, ClickThroughShape):
            frames = tuple(
                Frame(self._picture(frame.file, frame.alt), self.say(frame.text)) for frame in block.frames
            )
            return Block("click_through", title=self.say(block.title), frames=frames)
        if isinstance(block, VideoShape):
            transcript = render(self.texts[self.beside + block.transcript], self.values)
            return Block("video", film=Film(block.file, block.captions, transcript, block.poster or ""))
        return Block(block.type, entries=self.say_each(block.items))

    def _text(self, block: TextShape) -> Block:
        markdown = self.texts[self.beside + block.file] if block.file else block.md or ""
        html, found = render_with_words(markdown, self.values, tuple(self.glossary))
        return Block("text", html=html, words=tuple(self.glossary[word] for word in found))

    def _picture(self, file: str, alt: str, long_description: str = "") -> Picture:
        return Picture(file, self.say(alt), self.say(long_description))
