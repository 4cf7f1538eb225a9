"""What each type of question needs, and what must agree inside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.format.items import GAP, GapShape
from lti_tool.content_library.format.simulations import (
    ChoiceShape,
    LoginPromptShape,
    MailboxShape,
    SearchResultsShape,
    ShareDialogShape,
    SimulationShape,
)
from lti_tool.content_library.media import ATTACHMENTS, PICTURES, ending
from lti_tool.content_library.parsed import Entry
from lti_tool.content_library.problems import Problem
from lti_tool.domain.scoring import normalised

OPTIONS = {
    "single_choice": (3, 4),
    "sjt": (3, 4),
    "multiple_response": (3, 6),
    "order": (3, 6),
    "hotspot": (3, 8),
    "declarative": (2, 7),
}
"""Fewest and most options for each type."""
PAIRS = (2, 6)
FILES = (3, 8)
FOLDERS = (2, 6)
EXPLAINED = ("single_choice", "sjt", "multiple_response", "hotspot")
"""Types whose every option has feedback of its own."""
PARTS = {
    "options": tuple(OPTIONS),
    "pairs": ("match",),
    "answer": ("text_entry",),
    "number": ("numeric",),
    "cloze": ("cloze",),
    "files": ("file_sort",),
    "folders": ("file_sort",),
    "simulation": ("simulation",),
}
"""The types that need each part; the others do not have it."""


def check_parts(entry: Entry[ItemShape], has: Callable[[str], bool]) -> Iterator[Problem]:
    """Every part of one question; `has` says whether the package has a file."""
    item = entry.shape
    if item.scored and item.type == "declarative":
        yield entry.problem("a declarative item is never scored", "scored")
    for part, types in PARTS.items():
        if bool(getattr(item, part)) != (item.type in types):
            yield entry.problem(f"{item.type}: {part} {'missing' if item.type in types else 'not used'}", part)
    if item.type in OPTIONS and item.options:
        yield from _options(entry)
    yield from _pairs(entry)
    yield from _typed(entry)
    yield from _files(entry)
    yield from _cloze(entry)
    yield from _simulation(entry)
    yield from _media(entry, has)


def _options(entry: Entry[ItemShape]) -> Iterator[Problem]:
    item = entry.shape
    fewest, most = OPTIONS[item.type]
    if not fewest <= len(item.options) <= most:
        yield entry.problem(f"{item.type} has {fewest} to {most} options", "options")
    if repeats(option.id for option in item.options):
        yield entry.problem("two options have the same id", "options")
    if repeats(option.text for option in item.options):
        yield entry.problem("two options have the same text", "options")
    yield from _keys(entry)
    for place, option in enumerate(item.options):
        if item.type in EXPLAINED and option.feedback is None:
            yield entry.problem(f"option {option.id} has no feedback", "options", place)
        if (option.area is None) == (item.type == "hotspot"):
            message = (
                "has no area in the picture" if option.area is None else "has an area; only a hotspot uses it"
            )
            yield entry.problem(f"option {option.id} {message}", "options", place)
        if option.area and max(option.area.x + option.area.width, option.area.y + option.area.height) > 100:
            yield entry.problem(f"the area of option {option.id} runs out of the picture", "options", place)


def _keys(entry: Entry[ItemShape]) -> Iterator[Problem]:
    item = entry.shape
    keys = sum(option.correct for option in item.options)
    if item.type in ("single_choice", "sjt", "hotspot") and keys != 1:
        yield entry.problem(f"exactly one option is correct, not {keys}", "options")
    if item.type == "multiple_response" and not 2 <= keys < len(item.options):
        yield entry.problem(f"at least two options are correct and at least one is not; now {keys}", "options")
    if item.type in ("order", "declarative") and keys:
        yield entry.problem(f"{item.type} has no correct options", "options")


def _pairs(entry: Entry[ItemShape]) -> Iterator[Problem]:
    pairs = entry.shape.pairs
    if not pairs:
        return
    if not PAIRS[0] <= len(pairs) <= PAIRS[1]:
        yield entry.problem(f"{PAIRS[0]} to {PAIRS[1]} pairs", "pairs")
    for side in ("left", "right"):
        if repeats(getattr(pair, side) for pair in pairs):
            yield entry.problem(f"two pairs have the same {side} text", "pairs")


def _typed(entry: Entry[ItemShape]) -> Iterator[Problem]:
    answer = entry.shape.answer
    if answer and not all(normalised(text, answer.normalise) for text in answer.accept):
        yield entry.problem("an accepted answer is empty after normalising", "answer", "accept")


def _files(entry: Entry[ItemShape]) -> Iterator[Problem]:
    files, folders = entry.shape.files, entry.shape.folders
    if not files or not folders:
        return
    if not FILES[0] <= len(files) <= FILES[1]:
        yield entry.problem(f"{FILES[0]} to {FILES[1]} files", "files")
    if not FOLDERS[0] <= len(folders) <= FOLDERS[1]:
        yield entry.problem(f"{FOLDERS[0]} to {FOLDERS[1]} folders", "folders")
    if repeats(folders):
        yield entry.problem("two folders have the same name", "folders")
    if repeats(file.name for file in files):
        yield entry.problem("two files have the same name", "files")
    for place, file in enumerate(files):
        if file.folder not in folders:
            yield entry.problem(f"there is no folder {file.folder}", "files", place)


def _cloze(entry: Entry[ItemShape]) -> Iterator[Problem]:
    cloze = entry.shape.cloze
    if not cloze:
        return
    wanted = list(range(1, len(cloze.gaps) + 1))
    if sorted(int(number) for number in GAP.findall(cloze.text)) != wanted or "[[" in GAP.sub("", cloze.text):
        gaps = " ".join(f"[[{number}]]" for number in wanted)
        yield entry.problem(f"the text should have each of {gaps} once", "cloze", "text")
    for place, gap in enumerate(cloze.gaps):
        for message in _gap(gap, cloze.normalise):
            yield entry.problem(message, "cloze", "gaps", place)


def _gap(gap: GapShape, normalise: list[str]) -> Iterator[str]:
    if bool(gap.choices) == bool(gap.accept):
        yield "a gap has either choices or accept"
    if gap.choices and not 2 <= len(gap.choices) <= 6:
        yield "a gap has 2 to 6 choices"
    if repeats(gap.choices):
        yield "two choices are the same"
    if gap.choices and gap.key not in gap.choices:
        yield "the key is not one of the choices"
    if gap.accept and gap.key:
        yield "what is typed has no key"
    if not all(normalised(text, normalise) for text in gap.accept):
        yield "an accepted answer is empty after normalising"


def _simulation(entry: Entry[ItemShape]) -> Iterator[Problem]:
    shape = entry.shape.simulation
    if shape is None:
        return
    for message, *where in _decisions(shape):
        yield entry.problem(str(message), "simulation", *where)
    if isinstance(shape, MailboxShape):
        yield from _mailbox(entry, shape)
    if isinstance(shape, SearchResultsShape):
        keys = sum(result.correct for result in shape.results)
        if not 1 <= keys < len(shape.results):
            yield entry.problem(
                f"at least one result is correct and one is not; now {keys}", "simulation", "results"
            )
        if repeats(result.title for result in shape.results):
            yield entry.problem("two results have the same title", "simulation", "results")
    if isinstance(shape, ShareDialogShape) and repeats(one.name for one in shape.people):
        yield entry.problem("two people have the same name", "simulation", "people")


def _mailbox(entry: Entry[ItemShape], shape: MailboxShape) -> Iterator[Problem]:
    if bool(shape.choices) == bool(shape.fields):
        yield entry.problem("a mailbox has either choices, for each mail, or fields, for a rule", "simulation")
    if shape.choices and len(shape.choices) < 2:
        yield entry.problem("2 to 6 choices", "simulation", "choices")
    if repeats(mail.subject for mail in shape.mails):
        yield entry.problem("two mails have the same subject", "simulation", "mails")
    for place, mail in enumerate(shape.mails):
        if bool(mail.key) == bool(shape.fields):
            message = "a mail has no key when a rule is asked for" if mail.key else "what should one do with it?"
            yield entry.problem(message, "simulation", "mails", place)


def _decisions(shape: SimulationShape) -> Iterator[tuple[str | int, ...]]:
    """Keys that are no choice, and choices that cannot be told apart: a message and the way to it."""
    if isinstance(shape, SearchResultsShape):
        return
    for place, field in enumerate(shape.fields):
        yield from ((message, "fields", place) for message in _choices(field.choices))
        yield from ((message, "fields", place) for message in _keys_of(field.key, field.choices))
    if isinstance(shape, LoginPromptShape):
        return
    yield from ((message, "choices") for message in _choices(shape.choices))
    name, parts = ("people", shape.people) if isinstance(shape, ShareDialogShape) else ("mails", shape.mails)
    for place, part in enumerate(parts):
        yield from ((message, name, place) for message in _keys_of(part.key, shape.choices))


def _choices(choices: Sequence[ChoiceShape]) -> Iterator[str]:
    if repeats(choice.id for choice in choices):
        yield "two choices have the same id"
    if repeats(choice.text for choice in choices):
        yield "two choices have the same text"


def _keys_of(key: Sequence[str], choices: Sequence[ChoiceShape]) -> Iterator[str]:
    offered = [choice.id for choice in choices]
    yield from (f"{one} is not one of the choices" for one in key if one not in offered)


def _media(entry: Entry[ItemShape], has: Callable[[str], bool]) -> Iterator[Problem]:
    item = entry.shape
    if item.type == "hotspot" and item.picture is None:
        yield entry.problem("hotspot: picture missing", "picture")
    if item.picture:
        yield from _medium(entry, item.picture.file, PICTURES, has, "picture")
    for place, attached in enumerate(item.attachments):
        yield from _medium(entry, attached.file, ATTACHMENTS, has, "attachments", place)


def _medium(
    entry: Entry[ItemShape], file: str, kinds: Collection[str], has: Callable[[str], bool], *where: str | int
) -> Iterator[Problem]:
    if ending(file) not in kinds:
        yield entry.problem(f"{file} is not one of: {', '.join(kinds)}", *where)
    elif not has(file):
        yield entry.problem(f"there is no file {file}", *where)
