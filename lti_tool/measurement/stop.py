"""When an assessment has asked enough: the policy of a package, and the rules that close a domain."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

Closing = Literal["certain", "cap", "no_gain", "exhausted"]
CLOSINGS: Final[tuple[Closing, ...]] = get_args(Closing)
"""From what stands least in the way of certainty to what stands most."""


class PolicyUnusable(ValueError):
    """The numbers of the policy contradict each other."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an assessment is put together. The defaults were measured: about 20 items.

    easy_first         number of items at the start that have a chance of at least `easy_success` to be right,
                       for somebody with the likeliest ability (the mean of what is believed)
    success_floor      after that no item with a lower such chance, as long as there is another
    best_of            the seeded draw is among this many of the most informative items
    min_per_domain,
    max_per_domain     scored items in one domain
    of_domain          for some domains other such numbers: id, least, most
    max_items          items in all, pilot items included
    level_certainty    a domain is clear when one level holds at least this share of the belief
    certain_sd         instead of that: a domain is clear when its SD is at most this (logits), or None
    show_level_from    a level is shown from this share on
    pser               a domain closes when the next item should cut its SD by less than this (logits)
    cuts               borders between the levels in logits, rising; a level runs from its border upwards
    tag_cap            most items with the same tag, or None
    pilot_slots        most items in one assessment whose answers do not count
    """

    easy_first: int = 3
    easy_success: float = 0.8
    success_floor: float = 0.6
    best_of: int = 5
    min_per_domain: int = 3
    max_per_domain: int = 8
    max_items: int = 24
    level_certainty: float = 0.8
    show_level_from: float = 0.7
    pser: float = 0.01
    cuts: tuple[float, ...] = (-0.5, 0.8)
    level_ids: tuple[str, ...] = ("basis", "zelfstandig", "gevorderd")
    tag_cap: int | None = None
    pilot_slots: int = 1
    certain_sd: float | None = None
    of_domain: tuple[tuple[str, int, int], ...] = ()

    def __post_init__(self) -> None:
        shares = (self.easy_success, self.success_floor, self.level_certainty, self.show_level_from)
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise PolicyUnusable(f"a share is not between 0 and 1: {shares}")
        own = [(least, most) for _, least, most in self.of_domain]
        limits = [(self.min_per_domain, self.max_per_domain), *own]
        if not all(0 <= least <= most for least, most in limits) or self.max_items < 1:
            raise PolicyUnusable("the numbers of items contradict each other")
        if self.easy_first < 0 or self.best_of < 1 or self.pilot_slots < 0 or not self.pser >= 0.0:
            raise PolicyUnusable("a number is too low")
        if self.tag_cap is not None and self.tag_cap < 1:
            raise PolicyUnusable("a tag cap below 1 leaves no items")
        if self.certain_sd is not None and not self.certain_sd > 0.0:
            raise PolicyUnusable("an SD is above 0")
        rising = all(low < high for low, high in zip(self.cuts, self.cuts[1:], strict=False))
        if not rising or not all(math.isfinite(cut) for cut in self.cuts):
            raise PolicyUnusable(f"the cuts do not rise: {self.cuts}")
        if len(self.level_ids) != len(self.cuts) + 1:
            raise PolicyUnusable("there must be one level more than cuts")

    def limits(self, domain: str) -> tuple[int, int]:
        """The least and the most scored items in a domain."""
        own = ((least, most) for name, least, most in self.of_domain if name == domain)
        return next(own, (self.min_per_domain, self.max_per_domain))


def is_clear(policy: Policy, domain: str, items: int, certainty: float, sd: float) -> bool:
    """Whether a domain needs no more items, as far as its own answers can tell.

    `certainty` is the share of the belief in its likeliest level, `sd` its SD. Both may get worse by answers in
    other domains; then the domain simply opens again: the rule looks at what is believed now, not at how that
    came about.
    """
    sure = certainty >= policy.level_certainty if policy.certain_sd is None else sd <= policy.certain_sd
    return sure and items >= policy.limits(domain)[0]


def why_done(closings: Collection[Closing]) -> Closing:
    """One reason for the whole assessment: what stood most in the way of certainty."""
    return max(closings, key=CLOSINGS.index, default="certain")
