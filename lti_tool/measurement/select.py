"""Choose the next item: an easy start, domains in turn, informative items that this person can probably do.

A pure function of bank, policy and state: the same three give the same item, so resuming is asking again.
Drawing among the best few: Kingsbury & Zara (1989). Easy items first: free in precision, and few give up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lti_tool.measurement.bank import Bank, Indices, Mask
from lti_tool.measurement.model import GRID, Array, information
from lti_tool.measurement.posterior import Beliefs, Evidence, State, believe, level_shares, read_history
from lti_tool.measurement.stop import Closing, Policy, closed_by_answers, why_done

Reason = Literal["easy_start", "fewest_asked", "least_certain", "pilot"]

_MOMENTS = np.stack([np.ones_like(GRID), GRID, GRID**2], axis=1)
_NEARLY_NEVER = 1e-12


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask this item. `reason` is a stable code; `p_success` the predicted chance of a right answer, 0..1."""

    item_id: str
    reason: Reason
    p_success: float


@dataclass(frozen=True, slots=True)
class Done:
    """Enough: every domain is clear, or else the strongest of cap, too little gain and an exhausted bank."""

    reason: Closing


@dataclass(frozen=True, eq=False, slots=True)
class _Offer:
    """Items that could be asked in one domain, with what each is expected to bring."""

    items: Indices
    success: Array
    sd_cut: Array
    information: Array

    def best(self, policy: Policy, floor: float) -> Indices:
        """Places in `items` of the few to draw from."""
        likely = np.flatnonzero(self.success >= floor)
        if not likely.size:
            # Nothing is easy enough for this person: the easiest items are the kindest that there are.
            return np.argsort(-np.round(self.success, 9), kind="stable")[: policy.best_of]
        # Rounded, so that the last bits of another processor cannot change the ranking.
        ranked = np.argsort(-np.round(self.information[likely], 9), kind="stable")
        return likely[ranked[: policy.best_of]]


def next_step(bank: Bank, policy: Policy, state: State) -> Ask | Done:
    """The next item, or the end. Raises AnotherBankVersion, UnknownItemInHistory or ItemTwiceInHistory."""
    evidence = read_history(bank, state)
    if evidence.asked.size >= policy.max_items:
        return Done("cap")
    beliefs = believe(evidence.log_likelihood, bank.prior)
    free = _free_items(bank, policy, state, evidence)
    step = _scored_step(bank, policy, state.seed, evidence, beliefs, free)
    if isinstance(step, Ask) and _is_pilot_step(bank, policy, state.seed, int(evidence.asked.size)):
        return _pilot_step(bank, state.seed, policy, evidence, beliefs, free) or step
    return step


def _free_items(bank: Bank, policy: Policy, state: State, evidence: Evidence) -> Mask:
    """Items not asked, not seen before, no enemy of an asked one, and with no tag that is full."""
    free = np.ones(len(bank.item_ids), dtype=np.bool_)
    free[evidence.asked] = False
    for place in evidence.asked:
        free[bank.enemies_of[place]] = False
    free[[bank.index[item_id] for item_id in state.excluded if item_id in bank.index]] = False
    if policy.tag_cap is not None:
        full = bank.tagged[evidence.asked].sum(axis=0) >= policy.tag_cap
        free &= ~bank.tagged[:, full].any(axis=1)
    return free


def _offer(bank: Bank, items: Indices, masses: Array) -> _Offer:
    """What each item would do to the belief about its domain.

    An item touches its own domain only, so that domain's posterior is enough to know the SD after either
    answer.
    """
    weights = masses[:, None] * _MOMENTS
    after_right = bank.right[items] @ weights
    after_wrong = weights.sum(axis=0) - after_right
    expected = np.zeros(items.size)
    for after in (after_right, after_wrong):
        chance = np.maximum(after[:, 0], _NEARLY_NEVER)
        variance = after[:, 2] / chance - (after[:, 1] / chance) ** 2
        expected += chance * np.sqrt(np.maximum(variance, 0.0))
    mean = masses @ GRID
    before = np.sqrt(max(float(masses @ GRID**2 - mean**2), 0.0))
    return _Offer(
        items=items,
        success=after_right[:, 0],
        sd_cut=before - expected,
        information=information(mean, bank.a[items], bank.b[items], bank.c[items]),
    )


def _scored_step(
    bank: Bank, policy: Policy, seed: str, evidence: Evidence, beliefs: Beliefs, free: Mask
) -> Ask | Done:
    certainty = [float(level_shares(masses, policy.cuts).max()) for masses in beliefs.masses]
    asked = [int(items) for items in evidence.per_domain]
    candidates = [items[free[items]] for items in bank.scored_of_domain]
    closings: set[Closing] = set()
    waiting: list[int] = []
    for domain in range(len(bank.domains)):
        closing = closed_by_answers(policy, asked[domain], certainty[domain])
        if closing is None and not candidates[domain].size:
            closing = "exhausted"
        if closing is None:
            waiting.append(domain)
        else:
            closings.add(closing)
    # Fewest items first, then the least clear domain; a person's own draw when nothing tells them apart.
    waiting.sort(key=lambda d: (asked[d], round(certainty[d], 6), _draw(seed, 0, bank.domains[d])))
    if waiting and evidence.asked.size < policy.easy_first:
        offers = [_offer(bank, candidates[domain], beliefs.masses[domain]) for domain in waiting]
        return _easy_step(bank, policy, seed, evidence, offers)
    for place, domain in enumerate(waiting):
        offer = _offer(bank, candidates[domain], beliefs.masses[domain])
        best = offer.best(policy, policy.success_floor)
        if asked[domain] >= policy.min_per_domain and offer.sd_cut[best].max() < policy.pser:
            closings.add("no_gain")
            continue
        others = [asked[other] for other in waiting[place + 1 :]]
        reason: Reason = "fewest_asked" if others and asked[domain] < min(others) else "least_certain"
        return _ask(bank, seed, evidence, offer, best, reason)
    return Done(why_done(closings))


def _easy_step(bank: Bank, policy: Policy, seed: str, evidence: Evidence, offers: list[_Offer]) -> Ask:
    """An easy item from the first domain in turn that has one; feeling safe goes before an even spread.

    Without any easy item: the easiest few of the domain whose turn it is.
    """
    easy = (offer for offer in offers if bool((offer.success >= policy.easy_success).any()))
    offer = next(easy, offers[0])
    return _ask(bank, seed, evidence, offer, offer.best(policy, policy.easy_success), "easy_start")


def _ask(bank: Bank, seed: str, evidence: Evidence, offer: _Offer, best: Indices, reason: Reason) -> Ask:
    chosen = best[_draw(seed, int(evidence.asked.size), "item") % best.size]
    return Ask(bank.item_ids[offer.items[chosen]], reason, float(offer.success[chosen]))


def _is_pilot_step(bank: Bank, policy: Policy, seed: str, step: int) -> bool:
    """Pilot slots lie after the easy start and before anyone can be done, at places drawn for this person."""
    slots = range(policy.easy_first, min(policy.max_items, policy.min_per_domain * len(bank.domains)))
    drawn = sorted(slots, key=lambda slot: _draw(seed, slot, "pilot slot"))
    return step in drawn[: policy.pilot_slots]


def _pilot_step(
    bank: Bank, seed: str, policy: Policy, evidence: Evidence, beliefs: Beliefs, free: Mask
) -> Ask | None:
    """A pilot item drawn from all that this person can probably do; None when there is none."""
    pilots = bank.pilots[free[bank.pilots]]
    success = np.sum(bank.right[pilots] * beliefs.masses[bank.domain_of[pilots]], axis=1)
    likely = np.flatnonzero(success >= policy.success_floor)
    if not likely.size:
        return None
    chosen = likely[_draw(seed, int(evidence.asked.size), "pilot") % likely.size]
    return Ask(bank.item_ids[pilots[chosen]], "pilot", float(success[chosen]))


def _draw(seed: str, step: int, purpose: str) -> int:
    """A number that depends on nothing but its arguments, on every machine and in every process."""
    return int.from_bytes(hashlib.sha256(f"{seed}|{step}|{purpose}".encode()).digest()[:8], "big")
