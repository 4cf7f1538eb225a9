"""Banks and people for the tests of the engine."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lti_tool.measurement import Answer, Ask, Bank, Done, Policy, ScoredItem, State, next_step

DOMAINS = ("operationeel", "informatie", "strategisch", "veiligheid")


def item(item_id: str, domain: str = "operationeel", b: float = 0.0, **more: Any) -> ScoredItem:
    return ScoredItem(item_id, domain, b, more.pop("prior_sd", 0.7), **more)


def ladder(per_domain: int = 15, **more: Any) -> list[ScoredItem]:
    """Difficulties from -2.3 to 2.1 in each domain, three tags a domain."""
    return [
        item(
            f"{domain[:3]}-{k:02d}",
            domain,
            -2.3 + 4.4 * k / max(per_domain - 1, 1),
            tags=frozenset({f"{domain[:3]}.{k % 3}"}),
            **more,
        )
        for domain in DOMAINS
        for k in range(per_domain)
    ]


def bank(items: list[ScoredItem] | None = None, domains: Sequence[str] = DOMAINS, **more: Any) -> Bank:
    return Bank.build(ladder() if items is None else items, version="1", domains=domains, **more)


def state(history: tuple[Answer, ...] = (), seed: str = "attempt 1", **more: Any) -> State:
    return State("1", seed, history, **more)


def sit(
    of_bank: Bank, policy: Policy, answers: Callable[[Ask], bool], seed: str = "attempt 1", **more: Any
) -> tuple[list[Ask], tuple[Answer, ...], Done]:
    """A whole assessment: what was asked, the history, and how it ended."""
    asked: list[Ask] = []
    history: tuple[Answer, ...] = ()
    while True:
        step = next_step(of_bank, policy, state(history, seed, **more))
        if isinstance(step, Done):
            return asked, history, step
        asked.append(step)
        history += (Answer(step.item_id, answers(step)),)


def as_predicted(seed: int) -> Callable[[Ask], bool]:
    """Someone who answers right as often as predicted."""
    chance = random.Random(seed)
    return lambda step: chance.random() < step.p_success


def some_items(dice: random.Random, domains: Sequence[str] = DOMAINS) -> list[ScoredItem]:
    """A small bank in which everything may happen: domains without items, enemies, tags, pilots, twins."""
    number = dice.choice([1, 2, 5, 12, 30])
    names = [f"i{k:02d}" for k in range(number)]
    some = dice.choice([0.0, 0.2])
    items = [
        item(
            name,
            dice.choice(domains[: dice.randint(1, len(domains))]),
            dice.choice([0.0, dice.gauss(0, 1.2)]),
            a=dice.choice([1.2, dice.uniform(0.05, 3.0)]),
            c=dice.choice([0.0, 0.2]),
            source=dice.choice(["expert", "calibrated"]),
            tags=frozenset(tag for tag in "xyz" if dice.random() < 2 * some),
            enemies=frozenset(other for other in [*names, "elsewhere"] if dice.random() < some / 4),
            pilot=dice.random() < some,
        )
        for name in names
    ]
    return items if not all(one.pilot for one in items) else [replace(one, pilot=False) for one in items]


def some_policy(dice: random.Random) -> Policy:
    """Safe or efficient, to a level or to an SD, short or long, with and without caps and pilot items."""
    least = dice.randint(0, 3)
    return Policy(
        easy_first=dice.choice([0, 3, 5]),
        success_floor=dice.choice([0.0, 0.6]),
        best_of=dice.choice([1, 3, 5]),
        min_per_domain=least,
        max_per_domain=least + dice.randint(0, 6),
        max_items=dice.choice([1, 9, 24]),
        level_certainty=dice.choice([0.6, 0.8, 1.0]),
        pser=dice.choice([0.0, 0.01, 0.1]),
        tag_cap=dice.choice([None, 1, 3]),
        pilot_slots=dice.choice([0, 1, 3]),
        certain_sd=dice.choice([None, None, 0.5, 0.8]),
        of_domain=dice.choice([(), (), (("strategisch", 0, 1), ("veiligheid", 2, 9))]),
    )
