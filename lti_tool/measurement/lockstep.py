"""A crowd takes the assessment in step, everybody's first item, then everybody's second: for simulation.

The rules are those of `select`, kept for all people at once; a test holds that both ask the same items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lti_tool.measurement import lots
from lti_tool.measurement.bank import Bank
from lti_tool.measurement.model import GRID, Array, Indices, Mask, nearest_nodes
from lti_tool.measurement.posterior import Beliefs, believe, interval95, level_shares
from lti_tool.measurement.ranking import NO_ITEM, Ranking
from lti_tool.measurement.select import (
    CERTAINTY_DIGITS,
    DIGITS,
    FIRST_LOOK,
    MOMENTS,
    NEARLY_NEVER,
    likely_pilots,
    pilot_slots,
    whole_domain,
)
from lti_tool.measurement.stop import CLOSINGS, Closing, Policy

_NO_TURN: Final = np.iinfo(np.intp).max
_LAST_LOT: Final = np.uint64(2**64 - 1)


class AnswersDoNotMatch(ValueError):
    """The answers are not a table of people by items of the bank, or the seeds are not one for each person."""


@dataclass(frozen=True, eq=False, slots=True)
class Sittings:
    """N finished assessments over D domains and L levels; abilities in logits.

    asked             (N, most items) places in the bank in order, -1 after the last
    right             (N, most items) whether that answer was right
    closing           (N,) place in `stop.CLOSINGS`: why it ended
    per_domain        (N, D) answers that count
    mean, sd, low95, high95   (N, D) of the joint belief
    level_shares      (N, D, L) lowest level first
    log_likelihood    (N, D, 81)
    """

    asked: Indices
    right: Mask
    closing: Indices
    per_domain: Indices
    mean: Array
    sd: Array
    low95: Array
    high95: Array
    level_shares: Array
    log_likelihood: Array


def sit_together(
    bank: Bank, policy: Policy, rights: Mask, *, seeds: Sequence[str], excluded: Mask | None = None
) -> Sittings:
    """Let N people take the whole assessment.

    `rights` (N, n) says what each would answer to each item, in order of `bank.item_ids`; `seeds` are N texts as
    in `State.seed`; `excluded` (N, n) marks items that somebody saw before. Raises AnswersDoNotMatch.
    """
    if rights.shape != (len(seeds), len(bank.item_ids)) or (
        excluded is not None and excluded.shape != rights.shape
    ):
        raise AnswersDoNotMatch(f"{rights.shape} answers, {len(seeds)} seeds, {len(bank.item_ids)} items")
    size = len(seeds)
    asked = np.full((size, policy.max_items), NO_ITEM, dtype=np.intp)
    closing = np.full(size, CLOSINGS.index("cap"), dtype=np.intp)
    log_likelihood = np.zeros((size, len(bank.domains), GRID.size))
    per_domain = np.zeros((size, len(bank.domains)), dtype=np.intp)
    crowd = _Crowd.beginning(bank, np.array([lots.seed_of(seed) for seed in seeds], dtype=np.uint64), excluded)
    for step in range(policy.max_items):
        decision = _Decision(bank, policy, crowd, step)
        items = decision.items()
        stays = items != NO_ITEM
        if not stays.all():
            closing[crowd.who[~stays]] = decision.closing[~stays]
            log_likelihood[crowd.who[~stays]] = crowd.log_likelihood[~stays]
            per_domain[crowd.who[~stays]] = crowd.per_domain[~stays]
            crowd, items = crowd.only(stays), items[stays]
            if not items.size:
                break
        asked[crowd.who, step] = items
        crowd.answer(bank, items, rights[crowd.who, items])
    log_likelihood[crowd.who] = crowd.log_likelihood
    per_domain[crowd.who] = crowd.per_domain
    beliefs = believe(log_likelihood, bank.prior)
    low95, high95 = interval95(beliefs.masses)
    right = np.take_along_axis(rights, np.maximum(asked, 0), axis=1) & (asked != NO_ITEM)
    return Sittings(
        asked=asked,
        right=right,
        closing=closing,
        per_domain=per_domain,
        mean=beliefs.mean,
        sd=beliefs.sd,
        low95=low95,
        high95=high95,
        level_shares=level_shares(beliefs.masses, policy.cuts),
        log_likelihood=log_likelihood,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Crowd:
    """Where M people stand who were all asked equally many items; `answer` changes the tables themselves."""

    who: Indices
    """(M,) their places among all people."""
    seeds: lots.Lots
    log_likelihood: Array
    """(M, D, 81)"""
    per_domain: Indices
    """(M, D)"""
    blocked: Mask
    """(M, n) items asked already, seen before, or enemies of one that was asked."""
    per_tag: Indices
    """(M, tags)"""

    @classmethod
    def beginning(cls, bank: Bank, seeds: lots.Lots, excluded: Mask | None) -> _Crowd:
        size, domains = seeds.size, len(bank.domains)
        nothing = np.zeros((size, len(bank.item_ids)), dtype=np.bool_)
        return cls(
            who=np.arange(size),
            seeds=seeds,
            log_likelihood=np.zeros((size, domains, GRID.size)),
            per_domain=np.zeros((size, domains), dtype=np.intp),
            blocked=nothing if excluded is None else excluded.copy(),
            per_tag=np.zeros((size, len(bank.tags)), dtype=np.intp),
        )

    def only(self, people: Mask) -> _Crowd:
        return _Crowd(
            self.who[people],
            self.seeds[people],
            self.log_likelihood[people],
            self.per_domain[people],
            self.blocked[people],
            self.per_tag[people],
        )

    def answer(self, bank: Bank, items: Indices, right: Mask) -> None:
        everybody = np.arange(items.size)
        count = bank.counts[items]
        who, what = everybody[count], items[count]
        domain = bank.domain_of[what]
        self.log_likelihood[who, domain] += bank.log_chances[right[count].astype(np.intp), what]
        self.per_domain[who, domain] += 1
        self.blocked[everybody, items] = True
        if bank.tags:
            self.per_tag[:] += bank.tagged[items]
        if bank.enemies_of:
            for person, item in enumerate(items.tolist()):
                self.blocked[person, bank.enemies_of.get(item, [])] = True


@dataclass(frozen=True, eq=False, slots=True)
class _Offer:
    """The few items to draw from, for each of K people: places (K, best_of), -1 where there are fewer."""

    items: Indices

    def none(self) -> Mask:
        return np.asarray(self.items[:, 0] == NO_ITEM)


class _Decision:
    """One step of a crowd, worked out domain by domain until everybody has an item or is done.

    Its parts have the names that they have in `select`, where the same is said for one person.
    """

    def __init__(self, bank: Bank, policy: Policy, crowd: _Crowd, step: int) -> None:
        self.bank, self.policy, self.crowd, self.step = bank, policy, crowd, step
        self.beliefs: Beliefs = believe(crowd.log_likelihood, bank.prior)
        self.certainty: Array = level_shares(self.beliefs.masses, policy.cuts).max(axis=-1).round(CERTAINTY_DIGITS)
        self.sd: Array = self.beliefs.sd.round(CERTAINTY_DIGITS)
        sure = self.certainty >= policy.level_certainty
        if policy.certain_sd is not None:
            sure = self.sd <= policy.certain_sd
        self.least, most = (np.array(ends) for ends in zip(*map(policy.limits, bank.domains), strict=True))
        clear = sure & (crowd.per_domain >= self.least)
        self.open: Mask = ~(clear | (crowd.per_domain >= most))
        self.closing: Indices = np.where(clear.all(axis=1), CLOSINGS.index("certain"), CLOSINGS.index("cap"))
        self._items: Indices = np.full(crowd.who.size, NO_ITEM, dtype=np.intp)

    def items(self) -> Indices:
        """(M,) the next item of everybody, -1 for those who are done."""
        waiting = np.flatnonzero(self.open.any(axis=1))
        if self.step < self.policy.easy_first:
            waiting = self._easy(waiting)
        self._scored_step(waiting)
        if self.bank.pilots.size and self.policy.pilot_slots:
            self._pilot()
        return self._items

    def _easy(self, people: Indices) -> Indices:
        """Ask everybody who has one an easy item; returns those for whom there is no item at all."""
        for floor in (self.policy.easy_success, None):
            turns = self.open.copy()
            waiting, left = people, [np.zeros(0, dtype=np.intp)]
            while waiting.size:
                domain = self._turn(waiting, turns)
                offer = self._easiest(waiting, domain) if floor is None else self._best(waiting, domain, floor)
                none = offer.none()
                self._ask(waiting, offer, ~none)
                turns[waiting, domain] = False
                waiting = waiting[none]
                another = turns[waiting].any(axis=1)
                left.append(waiting[~another])
                waiting = waiting[another]
            people = np.concatenate(left)
        return people

    def _scored_step(self, people: Indices) -> None:
        while people.size:
            domain = self._turn(people, self.open)
            offer = self._best(people, domain, self.policy.success_floor)
            none = np.flatnonzero(offer.none())
            if none.size:
                offer.items[none] = self._easiest(people[none], domain[none]).items
            exhausted = offer.none()
            useless = ~exhausted & self._brings_too_little(people, domain, offer)
            self._ask(people, offer, ~(exhausted | useless))
            self._close(people[exhausted], domain[exhausted], "exhausted")
            self._close(people[useless], domain[useless], "no_gain")
            people = people[exhausted | useless]
            people = people[self.open[people].any(axis=1)]

    def _close(self, people: Indices, domain: Indices, why: Closing) -> None:
        self.open[people, domain] = False
        self.closing[people] = np.maximum(self.closing[people], CLOSINGS.index(why))

    def _turn(self, people: Indices, turns: Mask) -> Indices:
        """The domain whose turn it is: fewest answers, then least clear, then a lot of the person's own."""
        waiting = turns[people]
        if waiting.shape[1] == 1:
            return np.zeros(people.size, dtype=np.intp)
        asked = np.where(waiting, self.crowd.per_domain[people], _NO_TURN)
        waiting = asked == asked.min(axis=1, keepdims=True)
        certainty = np.where(waiting, self.certainty[people], 2.0)
        waiting = certainty == certainty.min(axis=1, keepdims=True)
        seeds = self.crowd.seeds[people]
        drawn = np.stack([lots.draw_all(seeds, lots.TURN, place) for place in range(waiting.shape[1])], axis=1)
        return np.asarray(np.where(waiting, drawn, _LAST_LOT).argmin(axis=1))

    def _best(self, people: Indices, domain: Indices, floor: float) -> _Offer:
        """The most informative free items whose chance of success reaches the floor."""
        ranking: Ranking = self.bank.ranking(floor)
        node = nearest_nodes(self.beliefs.mean[people, domain])
        offer = self._nothing(people.size)
        rest = np.arange(people.size)
        for width in (FIRST_LOOK, ranking.order.shape[-1]):
            items = ranking.order[domain[rest], node[rest], :width]
            rest = rest[~self._first(offer, rest, people[rest], items)]
            if not rest.size:
                return offer
        for place in rest[~ranking.complete[domain[rest], node[rest]]]:
            items = whole_domain(self.bank, int(domain[place]), int(node[place]), floor)[None, :]
            self._first(offer, np.array([place]), people[place : place + 1], items)
        return offer

    def _easiest(self, people: Indices, domain: Indices) -> _Offer:
        """The free items that are easiest for each of these people, whatever the floor."""
        offer = self._nothing(people.size)
        for place, its_domain in enumerate(domain.tolist()):
            items = self.bank.scored_of_domain[its_domain]
            success = self.bank.chance[items] @ self.beliefs.masses[people[place], its_domain]
            order = items[np.argsort(-success.round(DIGITS), kind="stable")][None, :]
            if order.size:
                self._first(offer, np.array([place]), people[place : place + 1], order)
        return offer

    def _nothing(self, size: int) -> _Offer:
        return _Offer(np.full((size, self.policy.best_of), NO_ITEM, dtype=np.intp))

    def _first(self, offer: _Offer, rows: Indices, people: Indices, items: Indices) -> Mask:
        """Put into these rows the first few of `items` (rows, w) that are free; says where there were enough."""
        free = (items != NO_ITEM) & self._is_free(people, items)
        rank = np.cumsum(free, axis=1)
        row, column = np.nonzero(free & (rank <= self.policy.best_of))
        offer.items[rows[row], rank[row, column] - 1] = items[row, column]
        return np.asarray(rank[:, -1] >= self.policy.best_of)

    def _is_free(self, people: Indices, items: Indices) -> Mask:
        free = ~self.crowd.blocked[people[:, None], items]
        if self.policy.tag_cap is not None:
            full = self.crowd.per_tag[people] >= self.policy.tag_cap
            free &= ~(self.bank.tagged[items] & full[:, None, :]).any(axis=-1)
        return np.asarray(free)

    def _brings_too_little(self, people: Indices, domain: Indices, offer: _Offer) -> Mask:
        """Whether no item of the offer should cut the domain's SD by `pser`; asked from the minimum on."""
        due = self.crowd.per_domain[people, domain] >= self.least[domain]
        if self.policy.pser == 0.0 or not due.any():
            return np.zeros(people.size, dtype=np.bool_)
        masses = self.beliefs.masses[people, domain][:, None, :]
        after_right = (self.bank.chance[offer.items] * masses) @ MOMENTS
        expected = np.zeros(offer.items.shape)
        for part in (after_right, masses @ MOMENTS - after_right):
            chance = np.maximum(part[..., 0], NEARLY_NEVER)
            variance = part[..., 2] / chance - (part[..., 1] / chance) ** 2
            expected += chance * np.sqrt(np.maximum(variance, 0.0))
        cut = self.sd[people, domain][:, None] - expected
        return np.asarray(due & (np.where(offer.items != NO_ITEM, cut, 0.0).max(axis=1) < self.policy.pser))

    def _ask(self, people: Indices, offer: _Offer, found: Mask) -> None:
        """Draw one item of the offer for each of these people for whom one was found."""
        items, who = offer.items[found], people[found]
        count = np.count_nonzero(items != NO_ITEM, axis=1).astype(np.uint64)
        drawn = lots.draw_all(self.crowd.seeds[who], lots.ITEM, self.step) % count
        self._items[who] = items[np.arange(who.size), drawn.astype(np.intp)]

    def _pilot(self) -> None:
        """Instead of a scored item now and then a pilot item that this person can probably do."""
        for person in np.flatnonzero(self._items != NO_ITEM):
            seed = int(self.crowd.seeds[person])
            if self.step not in pilot_slots(self.bank, self.policy, seed):
                continue
            pilots = likely_pilots(self.bank, self.policy, self.beliefs.masses[person])
            free = pilots[self._is_free(np.array([person]), pilots[None, :])[0]]
            if free.size:
                self._items[person] = free[lots.draw(seed, lots.PILOT, self.step) % free.size]
