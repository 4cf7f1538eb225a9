"""From a history of answers to what is now believed about each domain: a second-order factor posterior.

All answers weigh at once, in bank order, so the order in which they were given cannot change a single bit.
Higher-order model: de la Torre & Song (2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from lti_tool.measurement.bank import Bank, Indices
from lti_tool.measurement.model import GRID, Array, Prior

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
    """What the history says, before any prior."""

    asked: Indices
    """Items in the order in which they were asked, pilots included."""
    scored: Indices
    """Items that count, in bank order."""
    right: Array
    """For each of `scored` 1.0 or 0.0."""
    per_domain: Indices
    """(D,) number of answers that count."""
    log_likelihood: Array
    """(D, 81)"""


@dataclass(frozen=True, eq=False, slots=True)
class Beliefs:
    """The posterior of each domain: masses (D, 81) that sum to 1, with mean and SD (D,) in logits."""

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
    asked = np.array(list(rights), dtype=np.intp)
    scored = np.sort(asked[bank.counts[asked]])
    right = np.array([rights[int(place)] for place in scored], dtype=np.float64)
    rows = np.where(right[:, None] == 1.0, bank.log_right[scored], bank.log_wrong[scored])
    log_likelihood = np.zeros((len(bank.domains), GRID.size))
    np.add.at(log_likelihood, bank.domain_of[scored], rows)
    per_domain = np.bincount(bank.domain_of[scored], minlength=len(bank.domains)).astype(np.intp)
    return Evidence(asked, scored, right, per_domain, log_likelihood)


@lru_cache(maxsize=16)
def _quadrature(prior: Prior) -> tuple[Array, Array]:
    """Log weights of the nodes of g, and per node the masses of a domain's ability given g: (nodes, 81)."""
    # A high loading makes the posterior of g narrow: then the nodes must lie closer together.
    nodes = GENERAL_NODES if prior.loading <= 0.8 else 2 * GENERAL_NODES - 1
    general = np.linspace(-GENERAL_LIMIT, GENERAL_LIMIT, nodes)
    own_variance = 1.0 - prior.loading**2
    given = np.exp(-((GRID[None, :] - prior.loading * general[:, None]) ** 2) / (2.0 * own_variance))
    given /= given.sum(axis=1, keepdims=True)
    log_weights = -(general**2) / 2.0
    for table in (given, log_weights):
        table.setflags(write=False)
    return log_weights, given


def believe(log_likelihood: Array, prior: Prior) -> Beliefs:
    """Exact quadrature over the general factor; `log_likelihood` is (D, 81), any number of domains.

    Each domain learns from the other domains through g only, so given g they are independent: sum over the
    ability inside each domain, then over g, leaving the domain itself out (it comes back with its own
    likelihood).
    """
    log_weights, given = _quadrature(prior)
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    of_general = np.log(likelihood @ given.T)
    from_others = log_weights + of_general.sum(axis=0) - of_general
    cavity = np.exp(from_others - from_others.max(axis=1, keepdims=True))
    log_posterior = log_likelihood + np.log(cavity @ given)
    masses = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
    masses /= masses.sum(axis=1, keepdims=True)
    mean = masses @ GRID
    sd = np.sqrt(np.maximum(masses @ GRID**2 - mean**2, 0.0))
    return Beliefs(masses, mean, sd)


_HALF_CELL: Final = float(GRID[1] - GRID[0]) / 2.0
_EDGES: Final[Array] = np.append(GRID - _HALF_CELL, GRID[-1] + _HALF_CELL)


def cumulative(masses: Array) -> Array:
    """Chance below each cell edge (82,): every node stands for the even cell around it."""
    return np.concatenate(([0.0], np.cumsum(masses)))


def quantile(masses: Array, share: float) -> float:
    """The ability in logits below which `share` (0..1) of the belief lies."""
    return float(np.interp(share, cumulative(masses), _EDGES))


def level_shares(masses: Array, cuts: tuple[float, ...]) -> Array:
    """Share of the belief in each level, (len(cuts) + 1,), lowest level first; sums to 1."""
    below = np.interp(cuts, _EDGES, cumulative(masses)) if cuts else np.array([])
    return np.diff(np.concatenate(([0.0], below, [1.0])))
