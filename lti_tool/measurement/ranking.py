"""Which items come first at each ability: the table that makes a step as fast in a bank of 100,000 as of 100."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lti_tool.measurement.model import GRID, Array, Indices, Mask, information

LONGEST: Final = 256
"""Items kept for each domain and node; who has seen so many of them is served from the whole domain."""


NO_ITEM: Final = -1


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """For one floor of the chance of success, the items of each domain that reach it at each node, best first.

    Best is what tells most about somebody with that ability (Fisher information).

    order      (D, 81, at most LONGEST) places in the bank; -1 where there are no more
    complete   (D, 81) False where more items were left out
    """

    order: Indices
    complete: Mask


def rank(chance: Array, domains: tuple[Indices, ...], a: Array, b: Array, c: Array, floor: float) -> Ranking:
    """Rank the scored items of each domain, given as places; `chance` is (n, 81), `floor` 0..1."""
    width = min(max((items.size for items in domains), default=0), LONGEST)
    order = np.full((len(domains), GRID.size, max(width, 1)), NO_ITEM, dtype=np.intp)
    complete = np.ones((len(domains), GRID.size), dtype=np.bool_)
    for domain, items in enumerate(domains):
        columns = a[items, None], b[items, None], c[items, None]
        worth = worth_of(information(GRID, *columns), chance[items], floor)
        for node in range(GRID.size):
            best = first_of(worth[:, node], width)
            order[domain, node, : best.size] = items[best]
            complete[domain, node] = np.count_nonzero(worth[:, node]) <= width
    for table in (order, complete):
        table.setflags(write=False)
    return Ranking(order, complete)


def worth_of(informations: Array, chance: Array, floor: float) -> Array:
    """What decides the order: the information, and 0 for items below the floor."""
    # Rounded, so that the last bits of another processor cannot change the ranking; above 0 for every item.
    return np.where(chance.round(9) >= floor, informations.round(9) + 1e-9, 0.0)


def first_of(worth: Array, most: int) -> Indices:
    """Places of the highest worths above 0, at most `most`; of equals the one that comes first."""
    if worth.size > most:
        least = np.partition(worth, worth.size - most)[worth.size - most]
        some = np.flatnonzero(worth >= max(least, np.finfo(np.float64).tiny))
    else:
        some = np.flatnonzero(worth)
    return np.asarray(some[np.argsort(-worth[some], kind="stable")][:most], dtype=np.intp)
