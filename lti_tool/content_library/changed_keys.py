"""Whether another answer became right: then old answers say nothing about the new question (content.md, C.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.format.items import OptionShape
from lti_tool.content_library.format.simulations import (
    LoginPromptShape,
    MailboxShape,
    SearchResultsShape,
    ShareDialogShape,
    SimulationShape,
)


@dataclass(frozen=True)
class Asked:
    """One thing that an item asks."""

    name: str
    right: Collection[str]
    offered: Collection[str] = ()
    """Empty: the answer is typed."""


def key_changed(old: ItemShape, new: ItemShape) -> bool:
    """Whether something that was right is not any more, or the other way round.

    A text that is worded otherwise is no other key, and neither is one more way to type the same.
    """
    if old.type == "order":
        return _order_changed(old.options, new.options)
    if old.type == "numeric":
        return old.number is not None and new.number is not None and old.number.value != new.number.value
    if old.type in ("single_choice", "sjt", "multiple_response", "hotspot"):
        return _options_changed(old.options, new.options)
    return any(_is_other(before, after) for before, after in _together(list(_asked(old)), list(_asked(new))))


def _is_other(old: Asked, new: Asked) -> bool:
    if not old.offered or not new.offered:
        return not set(old.right) <= set(new.right)
    still_offered = set(old.offered) & set(new.offered)
    return set(old.right) & still_offered != set(new.right) & still_offered


def _options_changed(old: Sequence[OptionShape], new: Sequence[OptionShape]) -> bool:
    """By their texts; an option that was worded otherwise is known by its letter."""
    before, after = ({option.text: option.correct for option in options} for options in (old, new))
    if any(before[text] != after[text] for text in before.keys() & after.keys()):
        return True
    letters = {option.id: option.correct for option in new if option.text not in before}
    reworded = [option for option in old if option.text not in after]
    return any(letters.get(option.id, option.correct) != option.correct for option in reworded)


def _order_changed(old: Sequence[OptionShape], new: Sequence[OptionShape]) -> bool:
    """By their texts; by their letters when nearly all are worded otherwise."""
    for key in ("text", "id"):
        before, after = ([getattr(option, key) for option in options] for options in (old, new))
        common = set(before) & set(after)
        if len(common) > 1:
            return [one for one in before if one in common] != [one for one in after if one in common]
    return False


def _together(old: Sequence[Asked], new: Sequence[Asked]) -> Iterator[tuple[Asked, Asked]]:
    """The same question in both: by its name, or else by its place among those that got another name."""
    by_name = {asked.name: asked for asked in new}
    yield from ((asked, by_name[asked.name]) for asked in old if asked.name in by_name)
    names = {asked.name for asked in old}
    renamed = [asked for asked in new if asked.name not in names]
    yield from zip([asked for asked in old if asked.name not in by_name], renamed, strict=False)


def _asked(item: ItemShape) -> Iterator[Asked]:
    if item.answer:
        yield Asked("", item.answer.accept)
    rights = [pair.right for pair in item.pairs]
    yield from (Asked(pair.left, [pair.right], rights) for pair in item.pairs)
    yield from (Asked(file.name, [file.folder], item.folders) for file in item.files)
    for number, gap in enumerate(item.cloze.gaps if item.cloze else ()):
        yield Asked(str(number), [gap.key] if gap.key else gap.accept, gap.choices)
    if item.simulation:
        yield from _decisions(item.simulation)


def _decisions(shape: SimulationShape) -> Iterator[Asked]:
    if isinstance(shape, SearchResultsShape):
        right = [result.address for result in shape.results if result.correct]
        yield Asked("", right, [result.address for result in shape.results])
        return
    for field in shape.fields:
        yield Asked(field.label, field.key, [choice.id for choice in field.choices])
    if isinstance(shape, LoginPromptShape):
        return
    offered = [choice.id for choice in shape.choices]
    if isinstance(shape, MailboxShape) and shape.choices:
        yield from (Asked(f"mail {mail.subject}", mail.key, offered) for mail in shape.mails)
    if isinstance(shape, ShareDialogShape):
        yield from (Asked(f"person {one.name}", one.key, offered) for one in shape.people)
