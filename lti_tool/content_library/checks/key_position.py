"""Whether the right answer stands in each place about as often as chance would put it there.

Pages mix the options, so this only shows where they are not mixed, and in what is exported or printed. It also
tells of an author who writes the key first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import erfc, exp, gamma, sqrt

from lti_tool.content_library.checks.key_length import key_length
from lti_tool.content_library.format import ItemShape
from lti_tool.domain.content import ASKABLE

UNLIKELY = 0.05
"""From this chance on downward the places are too uneven to be chance."""
FEWEST_FOR_A_TEST = 20
"""Choice items; of fewer the test says nothing."""


@dataclass(frozen=True)
class KeyPositions:
    """Where the key stands in choice items in use."""

    counts: tuple[int, ...]
    """How often first, second and so on."""
    p: float | None
    """The chance (0..1) of places this uneven or more, if each were as likely; None of too few items."""


def key_positions(items: Iterable[ItemShape]) -> KeyPositions:
    """Pearson's chi-square test of one place being as likely as another, items with three and four options apart.

    The parts are added, and so are their degrees of freedom (options - 1 each).
    """
    seen: dict[int, Counter[int]] = {}
    for item in items:
        found = key_length(item) if item.status in ASKABLE else None
        if found:
            seen.setdefault(len(item.options), Counter())[found.place] += 1
    total = Counter(place for counts in seen.values() for place in counts.elements())
    counts = tuple(total[place] for place in range(max(seen, default=0)))
    if sum(counts) < FEWEST_FOR_A_TEST:
        return KeyPositions(counts, None)
    statistic, freedom = 0.0, 0
    for options, at in seen.items():
        expected = at.total() / options
        statistic += sum((at[place] - expected) ** 2 / expected for place in range(options))
        freedom += options - 1
    return KeyPositions(counts, chance_above(statistic, freedom))


def chance_above(statistic: float, freedom: int) -> float:
    """The chance that chi-square with so many degrees of freedom (1 or more) is at least this (0 or more).

    Exact, by recursion over the degrees of freedom (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5).
    """
    half = statistic / 2
    at = 2 - freedom % 2
    chance = erfc(sqrt(half)) if at == 1 else exp(-half)
    while at < freedom:
        chance += half ** (at / 2) * exp(-half) / gamma(at / 2 + 1)
        at += 2
    return chance
