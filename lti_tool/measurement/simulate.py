"""How an assessment would go for people whose abilities are known, because they are made up: a bank's health.

What experts guessed is not what is true, so the truth is drawn too: many worlds in which the guesses are as far
off as they are said to be (or as one wants to try), each with some of the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from lti_tool.measurement.bank import MOST_UNCERTAIN, Bank, ScoredItem, believed_difficulties
from lti_tool.measurement.calibrate import SLOPE_SPREAD
from lti_tool.measurement.lockstep import Sittings, sit_together
from lti_tool.measurement.model import Array, Mask, Prior, chance_right
from lti_tool.measurement.ranking import NO_ITEM
from lti_tool.measurement.stop import CLOSINGS, Policy

MOST_WORLDS: Final = 20
MOST_LEARNERS: Final = 100_000
LOW_SUCCESS: Final = 0.4
"""Somebody with fewer right answers than this share goes home discouraged."""


class SimulationUnusable(ValueError):
    """What was asked of the simulation cannot be done; `field` says which of it, `reason` why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DomainHealth:
    """One domain: items to ask, mean number asked of a person, share of levels that are right."""

    items: int
    mean_items: float
    level_accuracy: float


@dataclass(frozen=True, slots=True)
class Health:
    """How a bank does with simulated learners; shares run from 0 to 1.

    mean_items          items asked of a person, pilot items included
    level_accuracy      likeliest level = true level, over all people and domains
    claimed_accuracy    what the engine itself believes that to be; an honest engine claims what it reaches
    shown_share         domains for which a level is shown
    shown_right         of those levels the share that is right
    coverage95          true ability inside the 95 % interval
    first_three_right   right answers among the first three items
    under_40_percent    people with fewer than 40 % right answers
    max_exposure        share of people who saw the item that is seen most
    unused_items        number of scored items that nobody saw
    exposure            item id to the share of people who saw it, pilots included
    closings            why assessments ended, as shares of people
    """

    learners: int
    mean_items: float
    level_accuracy: float
    claimed_accuracy: float
    shown_share: float
    shown_right: float
    coverage95: float
    first_three_right: float
    under_40_percent: float
    max_exposure: float
    unused_items: int
    exposure: Mapping[str, float]
    closings: Mapping[str, float]
    domains: Mapping[str, DomainHealth]


def simulate(
    items: Iterable[ScoredItem],
    domains: Sequence[str],
    policy: Policy,
    *,
    learners: int,
    seed: int,
    prior: Prior | None = None,
    rho: float | None = None,
    judge_error: float | None = None,
) -> Health:
    """Let people take the assessment. The same arguments give the same health.

    `rho` is the true correlation between domains (0..1, by default what the engine assumes), `judge_error` the
    true SD of the experts' errors in logits (0..5, by default what each item says). Raises BankUnusable or
    SimulationUnusable.
    """
    if not 1 <= learners <= MOST_LEARNERS:
        raise SimulationUnusable("learners", f"{learners} is not between 1 and {MOST_LEARNERS}")
    if judge_error is not None and not 0.0 <= judge_error <= MOST_UNCERTAIN:
        raise SimulationUnusable("judge-error", f"{judge_error} is not between 0 and {MOST_UNCERTAIN:g}")
    prior = prior or Prior()
    rho = prior.loading**2 if rho is None else rho
    if not 0.0 <= rho <= 1.0:
        raise SimulationUnusable("rho", f"{rho} is not between 0 and 1")
    if seed < 0:
        raise SimulationUnusable("seed", f"{seed} is below 0")
    ordered = sorted(items, key=lambda item: item.item_id)
    bank = Bank.build(ordered, version="simulated", domains=domains, prior=prior)
    dice = np.random.default_rng(seed)
    abilities = draw_abilities(dice, learners, len(domains), rho)
    rights = np.zeros((learners, len(ordered)), dtype=np.bool_)
    for people in np.array_split(np.arange(learners), min(MOST_WORLDS, learners)):
        a, b, c = draw_world(dice, ordered, judge_error)
        rights[people] = draw_answers(dice, a, b, c, abilities[people][:, bank.domain_of])
    sittings = sit_together(bank, policy, rights, seeds=[f"{seed}/{person}" for person in range(learners)])
    return health_of(bank, policy, sittings, abilities)


def draw_abilities(dice: np.random.Generator, people: int, domains: int, rho: float) -> Array:
    """(people, domains) standard normal, each pair of domains correlated `rho`."""
    general = dice.standard_normal((people, 1))
    own = dice.standard_normal((people, domains))
    return np.asarray(np.sqrt(rho) * general + np.sqrt(1.0 - rho) * own)


def draw_world(
    dice: np.random.Generator, items: Sequence[ScoredItem], judge_error: float | None
) -> tuple[Array, Array, Array]:
    """One truth behind the items, as a, b, c of (n,): what is not known of them is drawn."""
    by_expert = np.array([item.source == "expert" for item in items])
    if judge_error is not None:
        items = [replace(item, prior_sd=judge_error) if item.source == "expert" else item for item in items]
    b, unknown = believed_difficulties(items)
    slopes = np.array([item.a for item in items]) * np.exp(
        SLOPE_SPREAD * by_expert * dice.standard_normal(len(items))
    )
    return slopes, b + unknown * dice.standard_normal(len(items)), np.array([item.c for item in items])


def draw_answers(dice: np.random.Generator, a: Array, b: Array, c: Array, abilities: Array) -> Mask:
    """(people, n) what each would answer; `abilities` (people, n) are those in each item's domain."""
    return dice.random(abilities.shape) < chance_right(abilities, a, b, c)


def health_of(bank: Bank, policy: Policy, sittings: Sittings, abilities: Array) -> Health:
    """Compare sittings of N people with their true abilities (N, D)."""
    true_level = np.searchsorted(np.array(policy.cuts), abilities, side="right")
    believed = sittings.level_shares.max(axis=-1)
    hit = sittings.level_shares.argmax(axis=-1) == true_level
    shown = believed >= policy.show_level_from
    was_asked = sittings.asked != NO_ITEM
    number = was_asked.sum(axis=1)
    seen = np.bincount(sittings.asked[was_asked], minlength=len(bank.item_ids)) / number.size
    first = was_asked[:, :3]
    return Health(
        learners=int(number.size),
        mean_items=float(number.mean()),
        level_accuracy=float(hit.mean()),
        claimed_accuracy=float(believed.mean()),
        shown_share=float(shown.mean()),
        shown_right=_share(hit[shown]),
        coverage95=float(((sittings.low95 <= abilities) & (abilities <= sittings.high95)).mean()),
        first_three_right=_share(sittings.right[:, :3][first]),
        under_40_percent=float((sittings.right.sum(axis=1) < LOW_SUCCESS * number).mean()),
        max_exposure=float(seen.max()),
        unused_items=int(((seen == 0.0) & bank.counts).sum()),
        exposure=MappingProxyType(dict(zip(bank.item_ids, seen.tolist(), strict=True))),
        closings=MappingProxyType({why: float((sittings.closing == k).mean()) for k, why in enumerate(CLOSINGS)}),
        domains=MappingProxyType(
            {
                domain: DomainHealth(
                    items=int(bank.scored_of_domain[place].size),
                    mean_items=float(sittings.per_domain[:, place].mean()),
                    level_accuracy=float(hit[:, place].mean()),
                )
                for place, domain in enumerate(bank.domains)
            }
        ),
    )


def _share(hits: Mask) -> float:
    """Share of hits; 0 when there was nothing to hit."""
    return float(hits.mean()) if hits.size else 0.0
