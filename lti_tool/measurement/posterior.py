"""From a history of answers to what is now believed about each domain: a second-order factor posterior.

All answers weigh at once, in bank order, so the order in which they were given cannot change a single bit.
Higher-order model: de la Torre & Song (2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from lti_tool.measurement.bank import Bank
from lti_tool.measurement.model import GRID, Array, Indices, Prior

GENERAL_LIMIT: Final = 5.0
GENERAL_NODES: Final = 21


class UnknownItemInHistory(LookupError):
    """An answer names an item that this bank does not have."""

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class ItemTwiceInHistory(ValueError):
    """An item was answered twice in one attempt."""

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class AnotherBankVersion(ValueError):
    """The attempt was begun on another version of the bank; two versions do not share one scale."""

    def __init__(self, of_bank: str, of_state: str) -> None:
        super().__init__(f"bank {of_bank}, attempt {of_state}")
        self.of_bank = of_bank
        self.of_state = of_state


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered item; "I don't know" is not right."""

    item_id: str
    right: bool


@dataclass(frozen=True, slots=True)
class State:
    """All that decides the next item: the row in the database is the state, nothing else is remembered.

    `seed` is the attempt's own text (its id); `excluded` are items that this person saw before. Excluded ids
    that the bank does not know are no mistake: they may come from an earlier release.
    """

    bank_version: str
    seed: str
    history: tuple[Answer, ...] = ()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What one person's history says, before any prior."""

    asked: tuple[int, ...]
    """Places of items in the order in which they were asked, pilots included."""
    scored: Indices
    """Items that count, in bank order."""
    right: Indices
    """For each of `scored` 1 or 0."""
    per_domain: list[int]
    """(D,) number of answers that count."""
    log_likelihood: Array
    """(D, 81)"""


@dataclass(frozen=True, eq=False, slots=True)
class Beliefs:
    """The posterior of each domain: masses (..., D, 81) that sum to 1, with mean and SD (..., D) in logits."""

    masses: Array
    mean: Array
    sd: Array


def read_history(bank: Bank, state: State) -> Evidence:
    """Weigh the answers. Raises AnotherBankVersion, UnknownItemInHistory or ItemTwiceInHistory."""
    if state.bank_version != bank.version:
        raise AnotherBankVersion(bank.version, state.bank_version)
    rights: dict[int, bool] = {}
    for answer in state.history:
        place = bank.index.get(answer.item_id)
        if place is None:
            raise UnknownItemInHistory(answer.item_id)
        if place in rights:
            raise ItemTwiceInHistory(answer.item_id)
        rights[place] = answer.right
    scored = np.array(sorted(rights), dtype=np.intp)
    if bank.pilots.size:
        scored = scored[bank.counts[scored]]
    right = np.array([rights[place] for place in scored.tolist()], dtype=np.intp)
    belongs = bank.belongs[scored]
    per_domain = [int(count) for count in np.add.reduce(belongs, axis=0).tolist()]
    return Evidence(tuple(rights), scored, right, per_domain, belongs.T @ bank.log_chances[right, scored])


def own_log_likelihood(bank: Bank, state: State, domain: str) -> Array | None:
    """What the answers in one domain say by themselves, (81,); None without such answers.

    Raises the same errors as `read_history`.
    """
    evidence = read_history(bank, state)
    place = bank.domains.index(domain)
    return evidence.log_likelihood[place] if evidence.per_domain[place] else None


@dataclass(frozen=True, eq=False, slots=True)
class _Quadrature:
    """Tables of one prior: nodes of the general ability g, and a domain's ability given each of them."""

    log_weights: Array
    """(nodes,)"""
    given: Array
    """(nodes, 81) rows sum to 1."""
    to_general: Array
    """The same, turned: (81, nodes)."""
    alone: Array
    """(81,) the belief about a domain before any answer."""


@lru_cache(maxsize=16)
def _quadrature(prior: Prior) -> _Quadrature:
    # A high loading makes the posterior of g narrow: then the nodes must lie closer together.
    nodes = GENERAL_NODES if prior.loading <= 0.8 else 2 * GENERAL_NODES - 1
    general = np.linspace(-GENERAL_LIMIT, GENERAL_LIMIT, nodes)
    own_variance = 1.0 - prior.loading**2
    given = np.exp(-((GRID[None, :] - prior.loading * general[:, None]) ** 2) / (2.0 * own_variance))
    given /= given.sum(axis=1, keepdims=True)
    log_weights = -(general**2) / 2.0
    alone = np.exp(-(GRID**2) / 2.0)
    alone /= alone.sum()
    to_general = np.ascontiguousarray(given.T)
    for table in (given, to_general, log_weights, alone):
        table.setflags(write=False)
    return _Quadrature(log_weights, given, to_general, alone)


_MOMENTS: Final[Array] = np.stack([GRID, GRID**2], axis=1)


def believe(log_likelihood: Array, prior: Prior) -> Beliefs:
    """Exact quadrature over the general factor; `log_likelihood` is (..., D, 81), any number of domains.

    Each domain learns from the other domains through g only, so given g they are independent: sum over the
    ability inside each domain, then over g, leaving the domain itself out (it comes back with its own
    likelihood).
    """
    tables = _quadrature(prior)
    likelihood = np.exp(log_likelihood - np.maximum.reduce(log_likelihood, axis=-1, keepdims=True))
    if log_likelihood.shape[-2] == 1 or prior.loading == 0.0:
        masses = likelihood * tables.alone  # nothing to learn from other domains
    else:
        of_general = np.log(_times(likelihood, tables.to_general))
        from_others = tables.log_weights + np.add.reduce(of_general, axis=-2, keepdims=True) - of_general
        cavity = np.exp(from_others - np.maximum.reduce(from_others, axis=-1, keepdims=True))
        masses = likelihood * _times(cavity, tables.given)
    masses /= np.add.reduce(masses, axis=-1, keepdims=True)
    moments = _times(masses, _MOMENTS)
    mean = moments[..., 0]
    return Beliefs(masses, mean, np.sqrt(np.maximum(moments[..., 1] - mean**2, 0.0)))


def _times(rows: Array, table: Array) -> Array:
    """`rows @ table` for rows of any number of dimensions, as one product instead of many small ones."""
    if rows.ndim == 2:
        return np.asarray(rows @ table)
    return np.asarray((rows.reshape(-1, rows.shape[-1]) @ table).reshape(*rows.shape[:-1], table.shape[-1]))


_HALF_CELL: Final = float(GRID[1] - GRID[0]) / 2.0
_EDGES: Final[Array] = np.append(GRID - _HALF_CELL, GRID[-1] + _HALF_CELL)


def quantile(masses: Array, share: float) -> Array:
    """The ability in logits below which `share` (0..1) of each belief (..., 81) lies.

    Every node stands for the even cell around it.
    """
    below = np.cumsum(masses, axis=-1)
    cell = np.minimum(np.count_nonzero(below < share, axis=-1), GRID.size - 1)[..., None]
    inside = np.take_along_axis(masses, cell, axis=-1)
    missing = share - (np.take_along_axis(below, cell, axis=-1) - inside)
    part = np.clip(missing / np.maximum(inside, np.finfo(np.float64).tiny), 0.0, 1.0)
    return np.asarray((_EDGES[cell] + part * 2.0 * _HALF_CELL)[..., 0])


def interval95(masses: Array) -> tuple[Array, Array]:
    """The borders in logits of the middle 95 % of each belief (..., 81)."""
    return quantile(masses, 0.025), quantile(masses, 0.975)


def level_shares(masses: Array, cuts: tuple[float, ...]) -> Array:
    """Share of each belief (..., 81) in each level, (..., len(cuts) + 1), lowest level first; sums to 1."""
    return _times(masses, _parts(cuts))


@lru_cache(maxsize=64)
def _parts(cuts: tuple[float, ...]) -> Array:
    """(81, levels) which part of the cell around each node lies in each level."""
    borders = np.array([-np.inf, *cuts, np.inf])
    low = np.maximum(_EDGES[:-1, None], borders[None, :-1])
    high = np.minimum(_EDGES[1:, None], borders[None, 1:])
    parts: Array = np.maximum(high - low, 0.0) / (2.0 * _HALF_CELL)
    parts.setflags(write=False)
    return parts
