"""An item bank: one fixed version of the scored items of a package, with every table that a step needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from lti_tool.measurement.model import (
    GRID,
    Array,
    Indices,
    Mask,
    Prior,
    expert_regression,
    softened_slope,
)
from lti_tool.measurement.model import log_chances as log_chances_of
from lti_tool.measurement.ranking import Ranking, rank

# Slopes are unknown until a bank has been calibrated; 1.2 is the middle of those that were simulated.
START_SLOPE: Final = 1.2
# Beyond these an item is a typing error: nobody on a scale with SD 1 is that far, no real item is that sharp.
HARDEST: Final = 10.0
STEEPEST: Final = 5.0
MOST_UNCERTAIN: Final = 5.0


class BankUnusable(ValueError):
    """No assessment can be taken from these items; `reason` says which one and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item as the engine sees it.

    b           difficulty in logits, -10..10; the expert's guess, or the calibrated value
    prior_sd    0..5 logits; source "expert": SD of the error of such a guess; "calibrated": SD of what is
                still unknown
    a           slope, above 0, at most 5
    c           chance to be right without knowing, 0 <= c < 1; callers pass 0.8 / options for choice formats
    tags        sub-skills or topics, for caps and advice
    enemies     items of which only one may be asked of a person; one side naming the other is enough
    pilot       asked now and then to learn about the item; its answer never counts
    """

    item_id: str
    domain: str
    b: float
    prior_sd: float
    a: float = START_SLOPE
    c: float = 0.0
    source: Literal["expert", "calibrated"] = "expert"
    tags: frozenset[str] = frozenset()
    enemies: frozenset[str] = frozenset()
    pilot: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Bank:
    """Read-only tables over n items (in order of item id), D domains and the 81 nodes of the ability grid.

    Made by `build`. Safe to share between threads and forked processes; the same items give the same bank in
    whatever order they come.
    """

    version: str
    domains: tuple[str, ...]
    prior: Prior
    item_ids: tuple[str, ...]
    index: Mapping[str, int]
    domain_of: Indices
    """(n,) place of the item's domain in `domains`."""
    belongs: Array
    """(n, D) 1.0 where the item belongs to the domain, else 0.0."""
    a: Array
    """(n,) slope, softened for the uncertain difficulty."""
    b: Array
    """(n,) difficulty; experts' guesses regressed to their mean."""
    c: Array
    """(n,) guessing chance."""
    log_chances: Array
    """(2, n, 81) log of the chance of each score: 0 not right, 1 right. Partial credit would be more rows."""
    chance: Array
    """(n, 81) chance of a right answer."""
    scored_of_domain: tuple[Indices, ...]
    """For each domain the scored (not pilot) items."""
    pilots: Indices
    counts: Mask
    """(n,) False for pilot items."""
    tags: tuple[str, ...]
    tagged: Mask
    """(n, tags) which item carries which tag."""
    enemies_of: Mapping[int, Indices]
    """Place of an item to the places of its enemies; items without any are left out."""
    _rankings: dict[float, Ranking]

    @classmethod
    def build(
        cls, items: Iterable[ScoredItem], *, version: str, domains: Sequence[str], prior: Prior | None = None
    ) -> Bank:
        """Check the items and lay out the tables. A domain without items is allowed. Raises BankUnusable."""
        ordered = sorted(items, key=lambda item: item.item_id)
        check_items(ordered, domains)
        index = {item.item_id: place for place, item in enumerate(ordered)}
        a, b, c = _parameters(ordered)
        log_chances = log_chances_of(GRID, a[:, None], b[:, None], c[:, None])
        place_of_domain = {domain: place for place, domain in enumerate(domains)}
        domain_of = np.array([place_of_domain[item.domain] for item in ordered], dtype=np.intp)
        belongs = np.eye(len(domains))[domain_of]
        counts = np.array([not item.pilot for item in ordered], dtype=np.bool_)
        tags = tuple(sorted({tag for item in ordered for tag in item.tags}))
        tagged = _tagged(ordered, tags)
        chance = np.exp(log_chances[1])
        for table in (a, b, c, log_chances, chance, domain_of, belongs, counts, tagged):
            table.setflags(write=False)
        return cls(
            version=version,
            domains=tuple(domains),
            prior=prior or Prior(),
            item_ids=tuple(index),
            index=MappingProxyType(index),
            domain_of=domain_of,
            belongs=belongs,
            a=a,
            b=b,
            c=c,
            log_chances=log_chances,
            chance=chance,
            scored_of_domain=tuple(np.flatnonzero(counts & (domain_of == d)) for d in range(len(domains))),
            pilots=np.flatnonzero(~counts),
            counts=counts,
            tags=tags,
            tagged=tagged,
            enemies_of=MappingProxyType(_enemies(ordered, index)),
            _rankings={},
        )

    def ranking(self, floor: float) -> Ranking:
        """The items in order of use for one floor of the chance of success (0..1): made once, then kept."""
        known = self._rankings.get(floor)
        if known is None:
            # Two threads may both make it at first; they make the same.
            known = rank(self.chance, self.scored_of_domain, self.a, self.b, self.c, floor)
            self._rankings[floor] = known
        return known


def check_items(items: Sequence[ScoredItem], domains: Sequence[str]) -> None:
    """Raises BankUnusable, naming the first item that is wrong."""
    if not domains or len(set(domains)) != len(domains):
        raise BankUnusable("the domains are empty or named twice")
    if all(item.pilot for item in items):
        raise BankUnusable("no item that counts")
    seen: set[str] = set()
    for item in items:
        fault = _fault(item, domains)
        if item.item_id in seen:
            fault = "is there twice"
        if fault:
            raise BankUnusable(f"item {item.item_id} {fault}")
        seen.add(item.item_id)


def _fault(item: ScoredItem, domains: Sequence[str]) -> str | None:
    if item.domain not in domains:
        return f"has the unknown domain {item.domain}"
    if item.source not in ("expert", "calibrated"):
        return f"has the unknown source {item.source}"
    if not all(math.isfinite(number) for number in (item.a, item.b, item.c, item.prior_sd)):
        return "has a parameter that is not a number"
    if abs(item.b) > HARDEST or not 0 <= item.prior_sd <= MOST_UNCERTAIN:
        return f"has a difficulty out of range: {item.b} (SD {item.prior_sd})"
    if not 0 < item.a <= STEEPEST or not 0 <= item.c < 1:
        return f"has a slope or guessing chance out of range: {item.a}, {item.c}"
    return None


def _parameters(items: Sequence[ScoredItem]) -> tuple[Array, Array, Array]:
    a = np.array([item.a for item in items], dtype=np.float64)
    c = np.array([item.c for item in items], dtype=np.float64)
    b, unknown = believed_difficulties(items)
    return softened_slope(a, unknown), b, c


def believed_difficulties(items: Sequence[ScoredItem]) -> tuple[Array, Array]:
    """What is believed of each item's difficulty, and the SD of what is not known of it: (n,) logits each."""
    return expert_regression(
        np.array([item.b for item in items], dtype=np.float64),
        np.array([item.prior_sd for item in items], dtype=np.float64),
        np.array([item.source == "expert" for item in items], dtype=np.bool_),
    )


def _tagged(items: Sequence[ScoredItem], tags: Sequence[str]) -> Mask:
    place_of = {tag: place for place, tag in enumerate(tags)}
    tagged = np.zeros((len(items), len(tags)), dtype=np.bool_)
    for row, item in enumerate(items):
        tagged[row, [place_of[tag] for tag in item.tags]] = True
    return tagged


def _enemies(items: Sequence[ScoredItem], index: Mapping[str, int]) -> dict[int, Indices]:
    pairs: dict[int, set[int]] = {}
    for item in items:
        here = index[item.item_id]
        # An enemy that is not in this bank (another pool, a withdrawn item) cannot be asked: nothing to guard.
        for there in (index[enemy] for enemy in item.enemies if enemy in index):
            pairs.setdefault(here, set()).add(there)
            pairs.setdefault(there, set()).add(here)
    return {here: np.array(sorted(there), dtype=np.intp) for here, there in pairs.items()}
