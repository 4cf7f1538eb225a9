"""What is advised about a package and never refused: only `digivaardig content check` asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lti_tool.content_library.checks.key_length import (
    BETTER_LONGEST,
    FEWEST_FOR_A_SHARE,
    MOST_LONGEST,
    longest_keys,
    too_often,
)
from lti_tool.content_library.checks.key_position import UNLIKELY, key_positions
from lti_tool.content_library.coverage import coverage_remarks
from lti_tool.content_library.format import ItemShape, ModuleShape
from lti_tool.content_library.format.modules import CONTACT_VARIABLE
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.passages import passages, words_of_block
from lti_tool.content_library.plain_language import EASY, advice, reading_ease
from lti_tool.content_library.problems import Remark
from lti_tool.content_library.rendering import variables_in
from lti_tool.domain.content import ASKABLE

WORDS_A_MINUTE = 180
"""How fast people read when they must understand it (requirement R91)."""
LONGEST_READING = 2
"""Minutes before there is something to do (requirement R91)."""
INTERACTIVE = ("item", "simulation")
"""Types of blocks in which a learner does something."""

PRODUCTS = (
    *(
        "Android",
        "Chrome",
        "Copilot",
        "DigiD",
        "Edge",
        "Excel",
        "Exchange",
        "Facebook",
        "Firefox",
        "Google",
        "iPad",
    ),
    *(
        "iPhone",
        "Instagram",
        "LinkedIn",
        "Microsoft",
        "OneDrive",
        "OneNote",
        "Outlook",
        "PowerPoint",
        "SharePoint",
    ),
    *("Signal", "Teams", "Trello", "WhatsApp", "Windows", "YouTube", "Zoom"),
)
_WORD = r"(?<![.!?] )(?<!^)\bWord\b"
"""The program; the first word of a sentence may be the verb."""
LAWS = ("AVG", "BIO", "NIS2", "Woo")

Documents = Entry[ItemShape] | Entry[ModuleShape]


def remarks(parsed: Parsed, today: date) -> list[Remark]:
    """Everything that is advised, in order of file and line."""
    claims = _claims(parsed)
    documents: list[Documents] = [item for item in parsed.items if item.shape.status in ASKABLE]
    documents += parsed.modules
    found = [
        *(remark for entry in documents for remark in _language(entry, parsed)),
        *(remark for entry in documents for remark in _freshness(entry, today)),
        *(remark for entry in documents for remark in _sources(entry, claims)),
        *(remark for module in parsed.modules for remark in _interaction(module, parsed)),
        *_key_lengths(parsed),
        *_key_positions(parsed),
        *_unused(parsed),
        *coverage_remarks(parsed),
    ]
    return sorted(set(found))


def _remark(about: str, message: str, entry: Documents, *where: str | int) -> Remark:
    return Remark(entry.file, entry.document.line_of(*where), message, about)


def _language(entry: Documents, parsed: Parsed) -> Iterator[Remark]:
    read = list(passages(entry, parsed))
    for passage in read:
        for message in advice(passage.words):
            yield Remark(passage.file, passage.line, message, "language")
    ease = reading_ease(passage.words for passage in read)
    where = "stem" if isinstance(entry.shape, ItemShape) else "title"
    if ease is not None and ease < EASY:
        message = (
            f"reading ease is {ease:.0f}, {EASY} or more reads easily: use shorter sentences and shorter words"
        )
        yield _remark("language", message, entry, where)


def _freshness(entry: Documents, today: date) -> Iterator[Remark]:
    day = entry.shape.review_before
    if day is not None and day < today.isoformat():
        message = f"should have been looked at again before {day}: check that it is still true, and give a new day"
        yield _remark("freshness", message, entry, "review_before")


def _sources(entry: Documents, claims: re.Pattern[str]) -> Iterator[Remark]:
    shape = entry.shape
    if shape.sources or not isinstance(shape, ItemShape) or not shape.scored:
        return
    told = " ".join(filter(None, (shape.context, shape.stem, shape.feedback.why)))
    named = claims.search(" ".join([told, *(option.text for option in shape.options)]))
    if named or shape.subskill.startswith("vei."):
        about = named[0] if named else "safety"
        yield _remark("sources", f"is about {about}: name a source that others can check", entry, "subskill")


def _claims(parsed: Parsed) -> re.Pattern[str]:
    """The names of products and laws, those of package.yaml included."""
    tools = parsed.package.shape.tools if parsed.package else None
    names = sorted({*PRODUCTS, *LAWS, *(tools or {}).values()} - {"Word"})
    return re.compile("|".join([_WORD, *(rf"\b{re.escape(name)}\b" for name in names)]))


def _interaction(entry: Entry[ModuleShape], parsed: Parsed) -> Iterator[Remark]:
    beside = entry.file.removesuffix("module.yaml")
    words = 0
    for number, step in enumerate(entry.shape.steps):
        for place, block in enumerate(step.blocks):
            if block.type in INTERACTIVE:
                return
            words += words_of_block(block, beside, parsed.texts)
            if words > LONGEST_READING * WORDS_A_MINUTE:
                message = (
                    f"{words} words to read and nothing to do yet: put a question before this, so that people are "
                    f"busy within {LONGEST_READING} minutes"
                )
                yield _remark("interaction", message, entry, "steps", number, "blocks", place)
                return


def _key_lengths(parsed: Parsed) -> Iterator[Remark]:
    share, of, longest = longest_keys(entry.shape for entry in parsed.items)
    if parsed.package and of >= FEWEST_FOR_A_SHARE and BETTER_LONGEST < share <= MOST_LONGEST:
        message = too_often(share, of, longest, BETTER_LONGEST)
        yield Remark(parsed.package.file, 0, message, "key_length")


def _key_positions(parsed: Parsed) -> Iterator[Remark]:
    found = key_positions(entry.shape for entry in parsed.items)
    if parsed.package and found.p is not None and found.p <= UNLIKELY:
        places = ", ".join(f"{count} times in place {place}" for place, count in enumerate(found.counts, start=1))
        message = f"the key stands {places}, which is no chance: change the order of the options in some items"
        yield Remark(parsed.package.file, 0, message, "key_position")


def _unused(parsed: Parsed) -> Iterator[Remark]:
    """Variables and tools that package.yaml declares for nothing."""
    if parsed.package is None:
        return
    manifest, lines = parsed.package.shape, parsed.package.document
    used = used_variables(parsed)
    for name in manifest.variables:
        if name not in used:
            message = f"no text uses the variable {name}: take it out, so that nobody has to fill it in"
            yield Remark(parsed.package.file, lines.line_of("variables", name), message, "variables")
    needed = {tool for item in parsed.items for tool in item.shape.requires}
    needed |= {tool for module in parsed.modules for tool in module.shape.requires}
    for tool in manifest.tools or {}:
        if tool not in needed:
            message = f"nothing requires the tool {tool}: take it out"
            yield Remark(parsed.package.file, lines.line_of("tools", tool), message, "tools")


def used_variables(parsed: Parsed) -> set[str]:
    """Names of the variables in all texts, and the one that a contact block shows."""
    shown = (text for file, text in parsed.texts.items() if "/" in file or file == "package.yaml")
    used = {name for text in shown for name in variables_in(text)}
    blocks = (block for module in parsed.modules for step in module.shape.steps for block in step.blocks)
    if any(block.type == "contact" for block in blocks):
        used.add(CONTACT_VARIABLE)
    return used
