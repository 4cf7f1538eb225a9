"""The words that a learner reads, in pieces with file and line; what made-up others wrote is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lti_tool.content_library.format import ItemShape, ModuleShape
from lti_tool.content_library.format.items import GAP
from lti_tool.content_library.format.modules import BlockShape, TextShape
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.reading import Where, texts_in
from lti_tool.content_library.rendering import fill, prose

_READ = {
    *("context", "stem", "text", "feedback", "right", "not_yet", "why", "tip_at_work", "left", "label", "about"),
    *("lines", "alt", "long_description", "title", "one_topic", "benefit", "goals", "items", "meaning"),
}
"""Keys whose texts are ours to keep simple."""
_OPENS = re.compile(r"\{\{|\[\[")
"""Where a variable or a gap begins."""
_NOT_OURS = ("results", "link")
"""What an advertiser, a search engine or a swindler would write."""


@dataclass(frozen=True)
class Passage:
    """A text, or a paragraph of a longer one."""

    file: str
    line: int
    words: str


class _Example(dict[str, str]):
    """A value for every variable: the package's example, or a word of ordinary length."""

    def __missing__(self, name: str) -> str:
        return "gemeente"


def passages(entry: Entry[ItemShape] | Entry[ModuleShape], parsed: Parsed) -> Iterator[Passage]:
    """Everything that is read in an item, or in a micro-training with its pages."""
    values = examples(parsed)
    for where, text in _texts(entry.document.data):
        line = entry.document.line_of(*where)
        if where[-1] == "md":
            yield from (Passage(entry.file, line, fill(words, values)) for _, words in prose(text))
        else:
            yield Passage(entry.file, line, fill(GAP.sub("iets", text), values) if _OPENS.search(text) else text)
    if isinstance(entry.shape, ModuleShape):
        beside = entry.file.removesuffix("module.yaml")
        for file in sorted(_pages(entry.shape, beside)):
            for line, words in prose(parsed.texts.get(file, "")):
                yield Passage(file, line + 1, fill(words, values))


def words_of_block(block: BlockShape, beside: str, texts: Mapping[str, str]) -> int:
    """How many words a learner reads in one piece of a step, whose files stand `beside`."""
    if isinstance(block, TextShape):
        markdown = texts.get(beside + block.file, "") if block.file else block.md or ""
        return sum(len(words.split()) for _, words in prose(markdown))
    return sum(len(text.split()) for _, text in _texts(block.model_dump()))


def examples(parsed: Parsed) -> Mapping[str, str]:
    """The package's example for each variable."""
    variables = parsed.package.shape.variables if parsed.package else {}
    return _Example({name: variable.example for name, variable in variables.items()})


def _pages(module: ModuleShape, beside: str) -> set[str]:
    blocks = (block for step in module.steps for block in step.blocks)
    return {beside + block.file for block in blocks if isinstance(block, TextShape) and block.file}


def _texts(value: object) -> Iterator[tuple[Where, str]]:
    for where, text in texts_in(value, _is_ours):
        key = next((step for step in reversed(where) if isinstance(step, str)), "")
        if key in _READ or key == "md":
            yield where, text


def _is_ours(key: str, where: Where) -> bool:
    return key not in _NOT_OURS
