"""What may be told to the person after an assessment: a range and perhaps a level per domain, next steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lti_tool.measurement.bank import Bank
from lti_tool.measurement.model import (
    GRID,
    GRID_LIMIT,
    Array,
    Indices,
    chance_right,
    information,
    log_chances,
    slant,
)
from lti_tool.measurement.posterior import (
    Evidence,
    State,
    believe,
    interval95,
    level_shares,
    read_history,
)
from lti_tool.measurement.stop import Policy

# How far a person's skill on one tag lies from their skill in the domain (SD in logits). Not measured yet:
# half of the reference SD, so that a tag with two answers still leans mostly on its domain.
TAG_SPREAD: Final = 0.5

_FINE: Final[Array] = np.linspace(-GRID_LIMIT, GRID_LIMIT, 1201)
_NOTHING_KNOWN: Final = 1e-200
"""Stands for no information below a fraction line: items may be as good as flat."""


@dataclass(frozen=True, slots=True)
class DomainProfile:
    """One domain of one person; abilities in logits (reference population: mean 0, SD 1).

    mean, sd          of the joint belief, which also leans on the answers in the other domains
    low95, high95     the middle 95 % of that belief
    level_shares      share of the belief per level, lowest first; sums to 1
    level             the level to show, or None when no level is likely enough
    between           without a level: the two neighbouring levels that hold most of the belief
    items             answers that count
    wle, wle_se       from this domain's answers alone (for change between moments): Warm's weighted likelihood
                      estimate with its standard error; None without answers
    """

    domain: str
    mean: float
    sd: float
    low95: float
    high95: float
    level_shares: tuple[float, ...]
    level: str | None
    between: tuple[str, str] | None
    items: int
    wle: float | None
    wle_se: float | None


@dataclass(frozen=True, slots=True)
class Profile:
    """All domains of one person, in the order of the bank, with the bank version they were measured on."""

    domains: tuple[DomainProfile, ...]
    bank_version: str


def profile(bank: Bank, policy: Policy, state: State) -> Profile:
    """The honest profile so far, at any moment. Raises the same errors as `next_step`."""
    evidence = read_history(bank, state)
    beliefs = believe(evidence.log_likelihood, bank.prior)
    domains = []
    for place, domain in enumerate(bank.domains):
        masses = beliefs.masses[place]
        shares = tuple(float(share) for share in level_shares(masses, policy.cuts))
        level, between = _level_or_between(policy, shares)
        low95, high95 = interval95(masses)
        wle, wle_se = _own_estimates(bank, evidence, place)
        domains.append(
            DomainProfile(
                domain=domain,
                mean=float(beliefs.mean[place]),
                sd=float(beliefs.sd[place]),
                low95=float(low95),
                high95=float(high95),
                level_shares=shares,
                level=level,
                between=between,
                items=int(evidence.per_domain[place]),
                wle=wle,
                wle_se=wle_se,
            )
        )
    return Profile(tuple(domains), bank.version)


def _level_or_between(policy: Policy, shares: tuple[float, ...]) -> tuple[str | None, tuple[str, str] | None]:
    likeliest = max(range(len(shares)), key=shares.__getitem__)
    if shares[likeliest] >= policy.show_level_from or len(shares) == 1:
        return policy.level_ids[likeliest], None
    low = max(range(len(shares) - 1), key=lambda place: shares[place] + shares[place + 1])
    return None, (policy.level_ids[low], policy.level_ids[low + 1])


def _own_estimates(bank: Bank, evidence: Evidence, domain: int) -> tuple[float | None, float | None]:
    """WLE and its standard error from one domain's own answers."""
    here = bank.domain_of[evidence.scored] == domain
    items, right = evidence.scored[here], evidence.right[here]
    if not items.size:
        return None, None
    log_chance = log_chances(_FINE, *_columns(bank, items))
    log_likelihood = log_chance[right, np.arange(items.size)].sum(axis=0)
    wle = _weighted_likelihood(bank, items, log_likelihood)
    known = float(information(np.array([wle]), *_columns(bank, items)).sum())
    return wle, 1.0 / math.sqrt(max(known, _NOTHING_KNOWN))


def _columns(bank: Bank, items: Indices) -> tuple[Array, Array, Array]:
    return bank.a[items, None], bank.b[items, None], bank.c[items, None]


def _weighted_likelihood(bank: Bank, items: Indices, log_likelihood: Array) -> float:
    """Warm (1989): the ability where score + J / (2 I) = 0, with J = sum P' P'' / (P Q).

    The correction is integrated along the grid, so that the highest of several solutions (guessing!) is the
    one taken. Unlike ML it stays finite when all is right or all is wrong; unlike the mean it is not drawn
    to the middle.
    """
    a, b, c = _columns(bank, items)
    known = information(_FINE, a, b, c)  # P' P'' / (P Q) is this times P'' / P'
    correction = (known * slant(_FINE, a, b)).sum(axis=0) / (2.0 * np.maximum(known.sum(axis=0), _NOTHING_KNOWN))
    step = _FINE[1] - _FINE[0]
    weight = np.concatenate(([0.0], np.cumsum((correction[1:] + correction[:-1]) / 2.0 * step)))
    return float(_FINE[np.argmax(np.round(log_likelihood + weight, 12))])


def tag_weakness(bank: Bank, policy: Policy, state: State, *, target: float | None = None) -> Mapping[str, float]:
    """Per tag what there is to gain: the expected rise in success (0..1) on its items up to the target.

    `target` in logits; by default the border of the highest level (0 when there is one level only). A person
    who is past the target gains 0. A tag leans on its domain and on its own answers: skill on the tag =
    skill in the domain + a normal difference with SD TAG_SPREAD. Pilot items do not count. Raises the same
    errors as `next_step`.
    """
    if target is None:
        target = policy.cuts[-1] if policy.cuts else 0.0
    evidence = read_history(bank, state)
    at_target = np.array([target])
    gains: dict[str, float] = {}
    for place, tag in enumerate(bank.tags):
        items = np.flatnonzero(bank.tagged[:, place] & bank.counts)
        if not items.size:
            continue
        total = 0.0
        for domain in np.unique(bank.domain_of[items]):
            own = items[bank.domain_of[items] == domain]
            masses = _tag_masses(bank, state, evidence, own, int(domain))
            rise = np.maximum(chance_right(at_target, *_columns(bank, own)) - bank.chance[own], 0.0)
            total += float((rise @ masses).sum())
        gains[tag] = total / items.size
    return gains


_APART: Final[Array] = np.exp(-((GRID[:, None] - GRID[None, :]) ** 2) / (2.0 * TAG_SPREAD**2))
_DRIFT: Final[Array] = _APART / _APART.sum(axis=1, keepdims=True)


def _tag_masses(bank: Bank, state: State, evidence: Evidence, own: Indices, domain: int) -> Array:
    """Belief (81,) about the skill on one tag in one domain.

    The domain is believed without the tag's own answers first, or they would count twice.
    """
    names = {bank.item_ids[place] for place in own}
    without = replace(state, history=tuple(a for a in state.history if a.item_id not in names))
    elsewhere = read_history(bank, without)
    spread = believe(elsewhere.log_likelihood, bank.prior).masses[domain] @ _DRIFT
    own_log_likelihood = evidence.log_likelihood[domain] - elsewhere.log_likelihood[domain]
    logs = np.log(spread) + own_log_likelihood
    masses = np.exp(logs - logs.max())
    return np.asarray(masses / masses.sum(), dtype=np.float64)
