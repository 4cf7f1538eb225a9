"""Which items come first at each ability: the table that makes a step as fast in a bank of 100,000 as of 100."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lti_tool.measurement.model import GRID, Array, Indices, Mask, information

LONGEST: Final = 256
"""Items kept for each domain and node; who has seen so many of them is served from the whole domain."""
NEARLY: Final = 0.1
"""How far below the floor an item's chance at a node may lie and still be looked at, after all others: averaged
over what is believed, it may reach the floor."""


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """For one floor of the chance of success, the items of each domain at each node, best first.

    First come items whose chance at the node reaches the floor, then those that nearly do; both in order of
    the information that they give there.

    order      (D, 81, at most LONGEST) places in the bank; -1 where there are no more
    complete   (D, 81) False where more items were left out
    """

    order: Indices
    complete: Mask


def rank(chance: Array, domains: tuple[Indices, ...], a: Array, b: Array, c: Array, floor: float) -> Ranking:
    """Rank the scored items of each domain, given as places; `chance` is (n, 81), `floor` 0..1."""
    width = min(max((items.size for items in domains), default=0), LONGEST)
    order = np.full((len(domains), GRID.size, max(width, 1)), -1, dtype=np.intp)
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
    """What decides the order: information, 1 higher for items that reach the floor; 0 for items out of reach."""
    # Rounded, so that the last bits of another processor cannot change the ranking.
    worth = np.round(informations / (1.0 + informations), 9) + 1e-9
    return np.where(chance >= floor, 1.0 + worth, np.where(chance >= floor - NEARLY, worth, 0.0))


def first_of(worth: Array, most: int) -> Indices:
    """Places of the highest worths above 0, at most `most`; of equals the one that comes first."""
    if worth.size > most:
        least = np.partition(worth, worth.size - most)[worth.size - most]
        some = np.flatnonzero(worth >= max(least, 1e-12))
    else:
        some = np.flatnonzero(worth)
    return np.asarray(some[np.argsort(-worth[some], kind="stable")][:most], dtype=np.intp)
