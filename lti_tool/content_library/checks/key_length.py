"""Whether the right answer gives itself away by its length (content.md, C.4 and its corrections)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lti_tool.content_library.format import ItemShape
from lti_tool.content_library.parsed import Parsed
from lti_tool.content_library.problems import Problem
from lti_tool.domain.content import ASKABLE

KEY_TO_DISTRACTOR = 1.2
"""The key has at most this many times the characters of the longest other option."""
UNSEEN = 3
"""A difference of so few characters shows nothing: "Nee" beside "Ja"."""
MOST_LONGEST = 0.40
"""More than this share of keys that are the longest option is refused."""
BETTER_LONGEST = 0.30
FEWEST_FOR_A_SHARE = 10
"""Of fewer choice items a share says nothing."""
NAMED = 5


@dataclass(frozen=True)
class KeyLength:
    """Characters of the right option and of the longest other one."""

    place: int
    """Position of the key among the options."""
    key: int
    distractor: int

    @property
    def is_longest(self) -> bool:
        return self.key > self.distractor


def key_length(item: ItemShape) -> KeyLength | None:
    """None where there is no choice of one, or the options have problems of their own."""
    keys = [place for place, option in enumerate(item.options) if option.correct]
    others = [len(option.text) for option in item.options if not option.correct]
    if item.type not in ("single_choice", "sjt") or len(keys) != 1 or not others:
        return None
    return KeyLength(keys[0], len(item.options[keys[0]].text), max(others))


def check_key_lengths(parsed: Parsed) -> Iterator[Problem]:
    """Keys that are much longer than the rest, and a package whose keys are the longest too often."""
    for entry in parsed.items:
        found = key_length(entry.shape) if entry.shape.status in ASKABLE else None
        if found and found.key > max(KEY_TO_DISTRACTOR * found.distractor, found.distractor + UNSEEN):
            yield entry.problem(
                f"the key has {found.key} characters and the longest other option {found.distractor}: at most "
                f"{KEY_TO_DISTRACTOR} times as many; make the key shorter, or another option longer",
                *("options", found.place),
            )
    share, of, longest = longest_keys(entry.shape for entry in parsed.items)
    if parsed.package and of >= FEWEST_FOR_A_SHARE and share > MOST_LONGEST:
        yield parsed.package.problem(too_often(share, of, longest, MOST_LONGEST))


def longest_keys(items: Iterable[ItemShape]) -> tuple[float, int, list[str]]:
    """Share (0..1) of choice items in use whose key is the longest option, of how many, and which ones."""
    found = [(item.id, key_length(item)) for item in items if item.status in ASKABLE]
    choices = [(item_id, length) for item_id, length in found if length]
    longest = [item_id for item_id, length in choices if length.is_longest]
    return (len(longest) / len(choices) if choices else 0.0), len(choices), longest


def too_often(share: float, of: int, longest: list[str], most: float) -> str:
    """What to do about keys that are the longest too often."""
    more = f" and {len(longest) - NAMED} more" if len(longest) > NAMED else ""
    return (
        f"the key is the longest option in {100 * share:.0f} % of {of} choice items, which people notice; at most "
        f"{100 * most:.0f} %: make another option longer in {', '.join(longest[:NAMED])}{more}"
    )
