"""Choose the next item: an easy start, domains in turn, informative items that this person can probably do.

A pure function of bank, policy and state: the same three give the same item, so resuming is asking again.
Drawing among the best few: Kingsbury & Zara (1989). Easy items first: free in precision, and few give up.
`lockstep` keeps the same rules for a crowd at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

import numpy as np

from lti_tool.measurement import lots
from lti_tool.measurement.bank import Bank
from lti_tool.measurement.model import GRID, Array, Indices, information, nearest_node
from lti_tool.measurement.posterior import Evidence, State, believe, level_shares, read_history
from lti_tool.measurement.ranking import NO_ITEM, first_of, worth_of
from lti_tool.measurement.stop import Closing, Policy, is_clear, why_done

Reason = Literal["easy_start", "fewest_asked", "least_certain", "pilot"]

FIRST_LOOK: Final = 16
"""Of the ranked items so many are looked at first: nearly always enough to find the best few."""
DIGITS: Final = 9
"""Chances are compared in so many decimals: the last bits of another processor cannot change the choice."""
CERTAINTY_DIGITS: Final = 6
MOMENTS: Final[Array] = np.stack([np.ones_like(GRID), GRID, GRID**2], axis=1)
NEARLY_NEVER: Final = 1e-12
_NONE: Final[Indices] = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask this item. `reason` is a stable code; `p_success` the predicted chance of a right answer, 0..1.

    The prediction is averaged over what is believed; the floors of the policy look at the likeliest ability.
    """

    item_id: str
    reason: Reason
    p_success: float


@dataclass(frozen=True, slots=True)
class Done:
    """Enough: every domain is clear, or else the strongest of cap, too little gain and an exhausted bank."""

    reason: Closing


def next_step(bank: Bank, policy: Policy, state: State) -> Ask | Done:
    """The next item, or the end. Raises AnotherBankVersion, UnknownItemInHistory or ItemTwiceInHistory."""
    evidence = read_history(bank, state)
    if len(evidence.asked) >= policy.max_items:
        return Done("cap")
    return _Sitting(bank, policy, state, evidence).step()


class _Sitting:
    """Where one person stands, and what can be asked next."""

    def __init__(self, bank: Bank, policy: Policy, state: State, evidence: Evidence) -> None:
        self.bank, self.policy, self.evidence = bank, policy, evidence
        self.seed = lots.seed_of(state.seed)
        beliefs = believe(evidence.log_likelihood, bank.prior)
        self.masses = beliefs.masses
        self.mean: list[float] = beliefs.mean.tolist()
        self.sd: list[float] = beliefs.sd.round(CERTAINTY_DIGITS).tolist()
        shares = np.maximum.reduce(level_shares(beliefs.masses, policy.cuts), axis=-1)
        self.certainty: list[float] = shares.round(CERTAINTY_DIGITS).tolist()
        self.blocked = _blocked(bank, state, evidence)
        self.full_tags = _full_tags(bank, policy, evidence)

    def step(self) -> Ask | Done:
        step = self._scored_step()
        if self.bank.pilots.size and isinstance(step, Ask) and self._is_pilot_slot():
            return self._pilot() or step
        return step

    def _scored_step(self) -> Ask | Done:
        asked, closings, waiting = self.evidence.per_domain, set[Closing](), list[int]()
        for domain, items in enumerate(asked):
            name = self.bank.domains[domain]
            if is_clear(self.policy, name, items, self.certainty[domain], self.sd[domain]):
                closings.add("certain")
            elif items >= self.policy.limits(name)[1]:
                closings.add("cap")
            else:
                waiting.append(domain)
        waiting.sort(key=self._turn)
        if len(self.evidence.asked) < self.policy.easy_first:
            easy = self._easy(waiting)
            if easy:
                return self._ask(easy, "easy_start")
        for place, domain in enumerate(waiting):
            offer = self._best(domain, self.policy.success_floor) or self._easiest(domain)
            if not offer:
                closings.add("exhausted")
            elif self._brings_too_little(domain, offer):
                closings.add("no_gain")
            else:
                fewer = all(asked[domain] < asked[other] for other in waiting[place + 1 :])
                return self._ask(offer, "fewest_asked" if fewer and waiting[place + 1 :] else "least_certain")
        return Done(why_done(closings))

    def _turn(self, domain: int) -> tuple[int, float, int]:
        """Fewest answers first, then the least clear domain, then a lot of the person's own."""
        return self.evidence.per_domain[domain], self.certainty[domain], lots.draw(self.seed, lots.TURN, domain)

    def _easy(self, waiting: Sequence[int]) -> list[int]:
        """Easy items of the first domain in turn that has them; feeling safe goes before an even spread.

        Without any easy item: the easiest few of the first domain in turn that has an item at all.
        """
        offers = (self._best(domain, self.policy.easy_success) for domain in waiting)
        kindest = (self._easiest(domain) for domain in waiting)
        return next((offer for offer in offers if offer), None) or next((offer for offer in kindest if offer), [])

    def _best(self, domain: int, floor: float) -> list[int]:
        """The most informative free items whose chance of success reaches the floor, a few.

        Information and chance are those at the node nearest to the mean of what is believed.
        """
        ranking = self.bank.ranking(floor)
        node = nearest_node(self.mean[domain])
        order = ranking.order[domain, node]
        found = self._first(order[:FIRST_LOOK])
        if len(found) < self.policy.best_of:
            found = self._first(order)
        if len(found) < self.policy.best_of and not ranking.complete[domain, node]:
            found = self._first(whole_domain(self.bank, domain, node, floor))
        return found

    def _easiest(self, domain: int) -> list[int]:
        """The free items that are easiest for this person, whatever the floor: the kindest that there are."""
        items = self.bank.scored_of_domain[domain]
        success = (self.bank.chance[items] @ self.masses[domain]).round(DIGITS)
        return self._first(items[np.argsort(-success, kind="stable")])

    def _first(self, items: Indices) -> list[int]:
        """The first few of these items that are free."""
        return list(islice((item for item in items.tolist() if self._is_free(item)), self.policy.best_of))

    def _is_free(self, item: int) -> bool:
        if item in self.blocked or item == NO_ITEM:
            return False
        return not (self.full_tags.size and self.bank.tagged[item, self.full_tags].any())

    def _brings_too_little(self, domain: int, offer: list[int]) -> bool:
        """Whether no item of the offer should cut the domain's SD by `pser`; asked from the minimum on.

        An item touches its own domain most, so that domain's posterior is enough to know the SD after either
        answer.
        """
        least, _ = self.policy.limits(self.bank.domains[domain])
        if self.policy.pser == 0.0 or self.evidence.per_domain[domain] < least:
            return False
        moments = self.masses[domain][:, None] * MOMENTS
        whole: list[float] = np.add.reduce(moments, axis=0).tolist()
        # The first of an offer tells most, so nearly always one look is enough.
        after_right = ((self.bank.chance[item] @ moments).tolist() for item in offer)
        return all(self.sd[domain] - _expected_sd(whole, part) < self.policy.pser for part in after_right)

    def _ask(self, offer: list[int], reason: Reason) -> Ask:
        item = offer[lots.draw(self.seed, lots.ITEM, len(self.evidence.asked)) % len(offer)]
        return self._asking(item, reason)

    def _asking(self, item: int, reason: Reason) -> Ask:
        success = float(self.bank.chance[item] @ self.masses[self.bank.domain_of[item]])
        return Ask(self.bank.item_ids[item], reason, success)

    def _is_pilot_slot(self) -> bool:
        """Pilot slots lie after the easy start and before anyone can be done, at places drawn for this person."""
        return len(self.evidence.asked) in pilot_slots(self.bank, self.policy, self.seed)

    def _pilot(self) -> Ask | None:
        """A pilot item drawn from all that this person can probably do; None when there is none."""
        pilots = likely_pilots(self.bank, self.policy, self.masses)
        free = [item for item in pilots.tolist() if self._is_free(item)]
        if not free:
            return None
        item = free[lots.draw(self.seed, lots.PILOT, len(self.evidence.asked)) % len(free)]
        return self._asking(item, "pilot")


def _blocked(bank: Bank, state: State, evidence: Evidence) -> set[int]:
    """Places of items asked, seen before, or enemies of an asked one."""
    blocked = set(evidence.asked)
    if bank.enemies_of:
        blocked.update(enemy for place in evidence.asked for enemy in bank.enemies_of.get(place, ()))
    blocked.update(bank.index[item_id] for item_id in state.excluded if item_id in bank.index)
    return blocked


def _full_tags(bank: Bank, policy: Policy, evidence: Evidence) -> Indices:
    if policy.tag_cap is None:
        return _NONE
    return np.flatnonzero(np.count_nonzero(bank.tagged[list(evidence.asked)], axis=0) >= policy.tag_cap)


def _expected_sd(whole: Sequence[float], after_right: Sequence[float]) -> float:
    """The SD to expect after an answer, from the moments (1, x, x^2) of the belief and of its part "right"."""
    after_wrong = [total - part for total, part in zip(whole, after_right, strict=True)]
    expected = 0.0
    for chance, first, second in (after_right, after_wrong):
        if chance > NEARLY_NEVER:
            expected += chance * math.sqrt(max(second / chance - (first / chance) ** 2, 0.0))
    return expected


def pilot_slots(bank: Bank, policy: Policy, seed: int) -> frozenset[int]:
    """The steps, counted from 0, at which this person may meet a pilot item."""
    least = sum(policy.limits(domain)[0] for domain in bank.domains)
    slots = range(policy.easy_first, min(policy.max_items, least))
    drawn = sorted(slots, key=lambda slot: lots.draw(seed, lots.PILOT_SLOT, slot))
    return frozenset(drawn[: policy.pilot_slots])


def likely_pilots(bank: Bank, policy: Policy, masses: Array) -> Indices:
    """The pilot items that somebody with these beliefs (D, 81) can probably do."""
    pilots = bank.pilots
    success = (bank.chance[pilots] * masses[bank.domain_of[pilots]]).sum(axis=1).round(DIGITS)
    likely: Indices = pilots[success >= policy.success_floor]
    return likely


def whole_domain(bank: Bank, domain: int, node: int, floor: float) -> Indices:
    """The ranking of one node without its limit, for somebody who used up the ranked items."""
    items = bank.scored_of_domain[domain]
    worth = worth_of(
        information(GRID[node : node + 1], bank.a[items], bank.b[items], bank.c[items]),
        bank.chance[items, node],
        floor,
    )
    ranked: Indices = items[first_of(worth, items.size)]
    return ranked
