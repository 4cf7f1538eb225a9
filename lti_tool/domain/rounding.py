"""How numbers of people are shown, and what can be read back: tens, and shares in steps of five of ten or more.

Rule: requirement R27 and decisions T2 and T3.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MINIMUM: Final = 10
"""Of fewer people nothing is ever shown."""

_PERCENT: Final = "_percent"
_PERCENT_STEP: Final = 5

Span = tuple[int, int]
"""At least and at most so many people."""


class CountsDoNotFit(ValueError):
    """A count is negative or belongs to no known level."""


def rounded_down(count: int) -> int:
    """A number of people as it is shown: rounded down to tens, so that two counts cannot be subtracted."""
    return count // MINIMUM * MINIMUM


def rounded_percent(part: float, whole: float) -> int:
    """A percentage as it is shown: in steps of 5, and never 0 or 100, which would tell about everybody."""
    step = round(100.0 * part / whole / _PERCENT_STEP) * _PERCENT_STEP
    return min(max(step, _PERCENT_STEP), 100 - _PERCENT_STEP)


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring levels taken together, and the share of the people in them (5, 10, ... 95 percent)."""

    levels: tuple[str, ...]
    share_percent: int

    @property
    def key(self) -> str:
        """The name of this share among the values of a figure, such as "basis+zelfstandig_percent"."""
        return "+".join(self.levels) + _PERCENT


def levels_in(key: str) -> list[str]:
    """The levels that a share is about, by its name among the values of a figure; see `Cell.key`."""
    return key.removesuffix(_PERCENT).split("+")


def merge_cells(counts: Mapping[str, int], order: Sequence[str]) -> tuple[Cell, ...] | None:
    """Shares per level, neighbours merged until each cell holds ten people, and could hold more as far as a
    reader can tell; None when one cell is left.

    `order` names the levels, lowest first; a level without a count has nobody. Raises CountsDoNotFit.
    """
    if not set(counts) <= set(order) or any(count < 0 for count in counts.values()):
        raise CountsDoNotFit(f"{len(counts)} counts for {len(order)} levels")
    cells: list[tuple[tuple[str, ...], int]] = [((level,), counts.get(level, 0)) for level in order]
    total = sum(counts.values())
    while len(cells) > 1 and _too_small(min(count for _, count in cells), total):
        small = min(range(len(cells)), key=lambda place: cells[place][1])
        beside = [place for place in (small - 1, small + 1) if 0 <= place < len(cells)]
        low, high = sorted((small, min(beside, key=lambda place: cells[place][1])))
        cells[low : high + 1] = [(cells[low][0] + cells[high][0], cells[low][1] + cells[high][1])]
    if len(cells) < 2:
        return None
    return tuple(Cell(levels, rounded_percent(count, total)) for levels, count in cells)


def _too_small(count: int, total: int) -> bool:
    """Fewer than ten people, or a share that can only be ten: the same level of a team would then tell that
    nobody else is at it."""
    largest_share = (rounded_percent(count, total) + _PERCENT_STEP / 2) / 100 if total else 0.0
    return count < MINIMUM or int(largest_share * (rounded_down(total) + MINIMUM - 1)) <= MINIMUM


def people_at(values: Mapping[str, object], n_shown: int) -> dict[frozenset[str], Span]:
    """How many people each share of a figure can be, for whoever sees all of them: levels to least and most.

    `values` are shown values; other than shares of levels are left alone. `n_shown` is the number of people in
    tens. Empty where the shares are not those of one group.
    """
    shares = {
        frozenset(levels_in(key)): share
        for key, share in values.items()
        if key.endswith(_PERCENT) and isinstance(share, int)
    }
    found: dict[frozenset[str], Span] = {}
    for people in range(n_shown, n_shown + MINIMUM):
        for levels, (least, most) in _that_add_up(shares, people).items():
            low, high = found.get(levels, (least, most))
            found[levels] = min(low, least), max(high, most)
    return found


def _that_add_up(shares: Mapping[frozenset[str], int], people: int) -> dict[frozenset[str], Span]:
    """Of one exact number of people."""
    spans = {levels: _span(share, people) for levels, share in shares.items()}
    least, most = (sum(span[end] for span in spans.values()) for end in (0, 1))
    if not least <= people <= most or any(low > high for low, high in spans.values()):
        return {}
    return {
        levels: (max(low, people - (most - high)), min(high, people - (least - low)))
        for levels, (low, high) in spans.items()
    }


def _span(share: int, people: int) -> Span:
    counts = range(people + 1)

    def shown(count: int) -> int:
        return rounded_percent(count, people)

    return max(bisect_left(counts, share, key=shown), MINIMUM), bisect_right(counts, share, key=shown) - 1
