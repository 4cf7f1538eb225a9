"""Banks and people for the tests of the engine."""

from __future__ import annotations

import random
from collections.abc import Callable
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


def bank(items: list[ScoredItem] | None = None, **more: Any) -> Bank:
    return Bank.build(ladder() if items is None else items, version="1", domains=DOMAINS, **more)


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
