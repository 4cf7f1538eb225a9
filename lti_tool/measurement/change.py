"""Has a group changed between two moments: the mean difference of paired estimates, with an honest interval.

Meant for estimates without a prior (WLE); differences of posterior means shrink the change (a true .40 shows
as .28 to .33).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

_CONFIDENCE: Final = 0.95
_POWER: Final = 0.80
# The continued fraction needs about the square root of the degrees of freedom: enough for 10,000 people.
_TERMS: Final = 120


class TooFewPairs(ValueError):
    """A change with an interval needs at least two people measured twice."""


class PairsDoNotMatch(ValueError):
    """The two moments are not lists of the same people, or hold something that is not a number."""


@dataclass(frozen=True, slots=True)
class Change:
    """Mean change of n people, in SDs of the reference population (abilities are on that scale already).

    low95, high95        95 % t-interval of the mean difference
    minimal_detectable   the true change that a comparison like this finds in 8 of 10 cases (two-sided, .05)
    """

    n: int
    mean: float
    low95: float
    high95: float
    minimal_detectable: float


def paired_change(pre: Sequence[float], post: Sequence[float]) -> Change:
    """Change from `pre` to `post`, which list the same people in the same order.

    Raises PairsDoNotMatch or TooFewPairs.
    """
    if len(pre) != len(post):
        raise PairsDoNotMatch(f"{len(pre)} before, {len(post)} after")
    n = len(pre)
    if n < 2:
        raise TooFewPairs(f"{n}")
    difference = np.asarray(post, dtype=np.float64) - np.asarray(pre, dtype=np.float64)
    if not np.isfinite(difference).all():
        raise PairsDoNotMatch("an estimate is not a number")
    mean = float(difference.mean())
    standard_error = float(difference.std(ddof=1)) / math.sqrt(n)
    far = t_quantile((1.0 + _CONFIDENCE) / 2.0, n - 1)
    return Change(
        n=n,
        mean=mean,
        low95=mean - far * standard_error,
        high95=mean + far * standard_error,
        minimal_detectable=(far + t_quantile(_POWER, n - 1)) * standard_error,
    )


@lru_cache(maxsize=256)
def t_quantile(share: float, freedom: int) -> float:
    """The value below which `share` (0.5 up to 1) of Student's t with `freedom` (>= 1) lies."""

    def too_low(value: float) -> bool:
        tail = _incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + value * value)) / 2.0
        return 1.0 - tail < share

    high = 1.0
    while too_low(high):
        high *= 2.0
    return _where_it_turns(too_low, 0.0, high)


def _where_it_turns(too_low: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(60):  # halves the distance each time: to the precision of a float
        middle = (low + high) / 2.0
        if too_low(middle):
            low = middle
        else:
            high = middle
    return high


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function I_x(a, b) for 0 < x <= 1 (DLMF 8.17.5 and 8.17.22)."""
    if x >= 1.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1.0) / (a + b + 2.0):  # there the fraction of the mirrored function converges faster
        return 1.0 - front / (b * _beta_fraction(b, a, 1.0 - x))
    return front / (a * _beta_fraction(a, b, x))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction 1 + d1/(1 + d2/(1 + ...)) of DLMF 8.17.22, from the tail to the front."""
    value = 1.0
    for m in range(_TERMS, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        value = 1.0 + odd / (1.0 + even / value)
    return value
