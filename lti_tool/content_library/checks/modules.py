"""What must agree inside a micro-training, and between it and the files and questions that it shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format import ItemShape, ModuleShape, TextShape
from lti_tool.content_library.format.modules import (
    BlockShape,
    ClickThroughShape,
    DeclarativeShape,
    ImageShape,
    ItemBlockShape,
    VideoShape,
)
from lti_tool.content_library.media import FILMS, PICTURES, SUBTITLES, ending
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.content_library.rendering import render_with_words
from lti_tool.domain.content import ASKABLE

STEP_ORDER = re.compile(r"goal (explanation )((explanation|practice) )*practice (check )+tip done")


def check_module(entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[Problem]:
    """Everything about one micro-training but its place in the framework."""
    module = entry.shape
    if entry.file != f"modules/{module.slug}/module.yaml":
        yield entry.problem(f"should stand in modules/{module.slug}/module.yaml", "slug")
    kinds = " ".join(step.kind for step in module.steps)
    if not STEP_ORDER.fullmatch(kinds):
        yield entry.problem(
            "steps go goal, explanation, practice (these two may repeat), check, tip, done; not: " + kinds,
            "steps",
        )
    minutes = sum(step.minutes for step in module.steps)
    if minutes > module.minutes:
        yield entry.problem(f"the steps take {minutes} minutes, the module says {module.minutes}", "minutes")
    if repeats(step.id for step in module.steps):
        yield entry.problem("two steps have the same id", "steps")
    if repeats(block.ref for block in _blocks(module) if isinstance(block, ItemBlockShape | DeclarativeShape)):
        yield entry.problem("the same item stands in it twice", "steps")
    for number, step in enumerate(module.steps):
        if step.kind == "check" and not any(block.type == "item" for block in step.blocks):
            yield entry.problem("a check needs at least one item", "steps", number)
        for place, block in enumerate(step.blocks):
            for message in _block(block, entry, parsed):
                yield entry.problem(message, "steps", number, "blocks", place)
    yield from _glossary(entry, parsed)


def pages_of(entry: Entry[ModuleShape]) -> Iterator[str]:
    """The Markdown files that a micro-training shows, by path inside the package."""
    for block in _blocks(entry.shape):
        if isinstance(block, TextShape) and block.file:
            yield _beside(entry) + block.file
        if isinstance(block, VideoShape):
            yield _beside(entry) + block.transcript


def media_of(module: ModuleShape) -> Iterator[str]:
    """The pictures and films that a micro-training shows, by path inside the package."""
    for block in _blocks(module):
        yield from (file for file, _ in _media(block))


def for_practice(item: ItemShape | None) -> bool:
    """An item that could not be read gets the benefit of the doubt: its own problems are told already."""
    return item is None or (item.pool == "practice" and item.status in ASKABLE)


def _blocks(module: ModuleShape) -> Iterator[BlockShape]:
    return (block for step in module.steps for block in step.blocks)


def _beside(entry: Entry[ModuleShape]) -> str:
    return entry.file.removesuffix("module.yaml")


def _block(block: BlockShape, entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[str]:
    if isinstance(block, ItemBlockShape | DeclarativeShape):
        yield from _item(block, parsed)
    if isinstance(block, TextShape) and (block.md is None) == (block.file is None):
        yield "a text has either md or file"
    if isinstance(block, TextShape | VideoShape):
        page = block.file if isinstance(block, TextShape) else block.transcript
        if page is not None and not parsed.has(_beside(entry) + page):
            yield f"there is no file {_beside(entry)}{page}"
    for file, kinds in _media(block):
        if ending(file) not in kinds:
            yield f"{file} is not one of: {', '.join(kinds)}"
        elif not parsed.has(file):
            yield f"there is no file {file}"


def _item(block: ItemBlockShape | DeclarativeShape, parsed: Parsed) -> Iterator[str]:
    item = parsed.items_by_id.get(block.ref)
    if block.ref not in parsed.item_ids:
        yield f"there is no item {block.ref}"
    if not for_practice(item):
        yield f"{block.ref} is not of the practice pool, or not in use"
    if item is not None and block.type == "declarative" and item.type != "declarative":
        yield f"{block.ref} is of type {item.type}; show it in a block of type item"


def _media(block: BlockShape) -> Iterator[tuple[str, Collection[str]]]:
    """Each file that a block shows, with the endings that it may have."""
    if isinstance(block, ImageShape):
        yield block.file, PICTURES
    if isinstance(block, ClickThroughShape):
        yield from ((frame.file, PICTURES) for frame in block.frames)
    if isinstance(block, VideoShape):
        yield block.file, FILMS
        yield block.captions, SUBTITLES
        if block.poster:
            yield block.poster, PICTURES


def _glossary(entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[Problem]:
    words = [word.word for word in entry.shape.glossary]
    if not words:
        return
    if repeats(word.casefold() for word in words):
        yield entry.problem("the same word stands in it twice", "glossary")
        return
    used: set[str] = set()
    for block in _blocks(entry.shape):
        if isinstance(block, TextShape):
            text = block.md or parsed.texts.get(f"{_beside(entry)}{block.file}", "")
            used.update(render_with_words(text, _AnyValue(), words)[1])
    for place, word in enumerate(words):
        if word not in used:
            yield entry.problem(f"no text uses {word!r}; write it as the texts do", "glossary", place)


class _AnyValue(dict[str, str]):
    """Something for each variable, also for one that is not declared: that is told elsewhere."""

    def __missing__(self, name: str) -> str:
        return name
