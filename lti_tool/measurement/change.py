"""Has a group, or one person, changed between two moments; with an honest interval, and never a verdict.

Differences of posterior means shrink a change (a true .40 shows as .28 to .33), and joint ones leak it into
domains where nothing changed. So a group's change comes from each domain's own answers: for small groups the
differences of estimates without a prior, for others a latent regression (Mislevy 1985) on the likelihoods of both
moments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import numpy as np

from lti_tool.measurement.model import GRID, Array

FEWEST_FOR_REGRESSION: Final = 30
"""From so many people on the latent regression; below it the t-interval (measurement research, D1)."""
RETEST_CORRELATION: Final = 0.8
"""Of somebody's ability at two moments some months apart; between .70 and .85 in the literature's range."""

_CONFIDENCE: Final = 0.95
_POWER: Final = 0.80
# The continued fraction needs about the square root of the degrees of freedom: enough for 10,000 people.
_TERMS: Final = 120
_MOST_LEAPS: Final = 300
_STILL: Final = 1e-4
# SDs of a group, where the reference population has 1; with few answers the data alone would let them run away.
_LEAST_SD: Final = 0.2
_LARGEST_SD: Final = 2.0
_FARTHEST_MEAN: Final = 5.0
_NO_BEND: Final = 1e-12
_HIGHEST_CORRELATION: Final = 0.98
_LEAST_KNOWN: Final = 1e-4
# Every second node: two dimensions cost the square, and no likelihood of a few answers is narrower than that.
_NODES: Final[Array] = GRID[::2]

Method = Literal["paired_t", "latent_regression"]


class TooFewPairs(ValueError):
    """A change with an interval needs at least two people measured twice."""


class PairsDoNotMatch(ValueError):
    """The two moments are not lists of the same people, or hold something that is not a number."""


@dataclass(frozen=True, slots=True)
class Change:
    """Mean change of n people, in SDs of the reference population (abilities are on that scale already).

    low95, high95        95 % interval of the mean change
    minimal_detectable   the true change that a comparison like this finds in 8 of 10 cases (two-sided, .05)
    method               "paired_t" or "latent_regression"
    """

    n: int
    mean: float
    low95: float
    high95: float
    minimal_detectable: float
    method: Method


class Own(NamedTuple):
    """What one person's answers in one domain say by themselves, without a prior and without the other domains.

    wle              Warm's weighted maximum likelihood, logits: unlike the plain one it stays finite when all is
                     right, which an assessment of likely items makes common (ADR 12)
    log_likelihood   (81,), or None when the answers cannot be weighed any more
    """

    wle: float
    log_likelihood: Array | None


def group_change(pre: Sequence[Own], post: Sequence[Own]) -> Change:
    """Change of a group in one domain, by the method that its size asks for.

    `pre` and `post` list the same people in the same order. Raises PairsDoNotMatch or TooFewPairs.
    """
    logs = [[own.log_likelihood for own in moment if own.log_likelihood is not None] for moment in (pre, post)]
    if len(pre) >= FEWEST_FOR_REGRESSION and len(logs[0]) == len(pre) and len(logs[1]) == len(post):
        return latent_change(*logs)
    return paired_change([own.wle for own in pre], [own.wle for own in post])


def paired_change(pre: Sequence[float], post: Sequence[float]) -> Change:
    """Change from `pre` to `post`, estimates without a prior of the same people in the same order.

    Raises PairsDoNotMatch or TooFewPairs.
    """
    n = _pairs(len(pre), len(post))
    difference = np.asarray(post, dtype=np.float64) - np.asarray(pre, dtype=np.float64)
    if not np.isfinite(difference).all():
        raise PairsDoNotMatch("an estimate is not a number")
    return _change(n, float(difference.mean()), float(difference.std(ddof=1)) / math.sqrt(n), "paired_t")


def summed_change(n: int, mean: float, sd: float) -> Change:
    """The same from what is known of the differences: their number, mean and standard deviation (of a sample).

    Raises TooFewPairs.
    """
    return _change(_pairs(n, n), mean, sd / math.sqrt(n), "paired_t")


def latent_change(pre: Sequence[Array], post: Sequence[Array]) -> Change:
    """Change from `pre` to `post`, log likelihoods (81,) of the same people's own answers in one domain.

    Abilities at the two moments are taken as bivariate normal with everything free: both means, both SDs and the
    correlation. EM; the standard error from the information about the means that is not missing (Louis 1982).
    Raises PairsDoNotMatch or TooFewPairs.
    """
    n = _pairs(len(pre), len(post))
    first, second = _likelihood(pre), _likelihood(post)
    mean, covariance = _fitted(first, second)
    means, squares = _moments(first, second, mean, covariance)
    unknown = (squares - means[:, :, None] * means[:, None, :]).mean(axis=0)
    return _change(n, float(mean[1] - mean[0]), _standard_error(n, covariance, unknown), "latent_regression")


def chance_improved(pre: Array, post: Array, correlation: float = RETEST_CORRELATION) -> float:
    """How likely it is, 0..1, that one person's ability is higher than before; never a verdict.

    `pre`, `post` are the log likelihoods (81,) of the person's own answers in one domain. Before any answer both
    abilities are those of the reference population, with this correlation; without answers it is .5. Empirical
    prior for individual change: Chalmers & Campbell (2025), Jabrayilov et al. (2016). Raises PairsDoNotMatch.
    """
    together = min(max(correlation, -_HIGHEST_CORRELATION), _HIGHEST_CORRELATION)
    population = np.array([[1.0, together], [together, 1.0]])
    joint = _likelihood([pre]).T * _bivariate(np.zeros(2), population) * _likelihood([post])
    total = float(joint.sum())
    return (float(np.triu(joint, 1).sum()) + float(np.trace(joint)) / 2.0) / total


def _fitted(first: Array, second: Array) -> tuple[Array, Array]:
    """Mean (2,) and covariance (2, 2) of the abilities at both moments, by EM.

    EM creeps when answers are few, so every third round leaps along the way that the two before it took (SQUAREM,
    Varadhan & Roland 2008).
    """
    now = np.array([0.0, 0.0, 1.0, RETEST_CORRELATION, 1.0])
    for _ in range(_MOST_LEAPS):
        once = _round(first, second, now)
        twice = _round(first, second, once)
        step, bend = once - now, twice - once - (once - now)
        if np.abs(step).max() < _STILL:
            break
        reach = max(float(np.linalg.norm(step)) / max(float(np.linalg.norm(bend)), _NO_BEND), 1.0)
        now = _round(first, second, _bounded(now + 2.0 * reach * step + reach**2 * bend))
    return now[:2], now[[2, 3, 3, 4]].reshape(2, 2)


def _round(first: Array, second: Array, now: Array) -> Array:
    """One round of EM: both means, variance before, covariance, variance after."""
    means, squares = _moments(first, second, now[:2], now[[2, 3, 3, 4]].reshape(2, 2))
    mean = means.mean(axis=0)
    covariance = squares.mean(axis=0) - np.outer(mean, mean)
    return _bounded(np.array([*mean, covariance[0, 0], covariance[0, 1], covariance[1, 1]]))


def _standard_error(n: int, covariance: Array, unknown: Array) -> float:
    """Of the mean change: `covariance` of the abilities, of which n answers leave `unknown` on average.

    In the directions in which abilities differ, scaled to 1, the share that is known says how much each person
    adds. Answers that say nothing leave everything unknown: then the error is large, never 0.
    """
    half = np.linalg.cholesky(covariance)
    turned = np.linalg.inv(half)
    known, directions = np.linalg.eigh(np.eye(2) - turned @ unknown @ turned.T)
    contrast = np.array([-1.0, 1.0]) @ half @ directions
    return math.sqrt(float((contrast**2 / np.maximum(known, _LEAST_KNOWN)).sum()) / n)


def _pairs(before: int, after: int) -> int:
    if before != after:
        raise PairsDoNotMatch(f"{before} before, {after} after")
    if before < 2:
        raise TooFewPairs(f"{before}")
    return before


def _change(n: int, mean: float, standard_error: float, method: Method) -> Change:
    far = t_quantile((1.0 + _CONFIDENCE) / 2.0, n - 1)
    return Change(
        n=n,
        mean=mean,
        low95=mean - far * standard_error,
        high95=mean + far * standard_error,
        minimal_detectable=(far + t_quantile(_POWER, n - 1)) * standard_error,
        method=method,
    )


def _likelihood(logs: Sequence[Array]) -> Array:
    """(n, nodes) of log likelihoods (81,). Raises PairsDoNotMatch."""
    if any(row.shape != GRID.shape or not np.isfinite(row).all() for row in logs):
        raise PairsDoNotMatch("a likelihood is not a row of 81 numbers")
    kept = np.array(logs)[:, ::2]
    return np.asarray(np.exp(kept - kept.max(axis=1, keepdims=True)))


def _bivariate(mean: Array, covariance: Array) -> Array:
    """(nodes before, nodes after) masses of a bivariate normal, not normalised."""
    inverse = np.linalg.inv(covariance)
    x, y = (_NODES - mean[0])[:, None], (_NODES - mean[1])[None, :]
    return np.asarray(np.exp(-(inverse[0, 0] * x**2 + 2.0 * inverse[0, 1] * x * y + inverse[1, 1] * y**2) / 2.0))


def _moments(first: Array, second: Array, mean: Array, covariance: Array) -> tuple[Array, Array]:
    """What is believed of each person: means (n, 2) and second moments (n, 2, 2) of both abilities."""
    prior = _bivariate(mean, covariance)
    to_first, to_second = second @ prior.T, first @ prior
    mass_first, mass_second = first * to_first, second * to_second
    total = mass_first.sum(axis=1)
    before, after = mass_first @ _NODES / total, mass_second @ _NODES / total
    both = ((first * _NODES) @ prior * (second * _NODES)).sum(axis=1) / total
    squares = np.stack([mass_first @ _NODES**2 / total, both, both, mass_second @ _NODES**2 / total], axis=1)
    return np.stack([before, after], axis=1), squares.reshape(-1, 2, 2)


def _bounded(now: Array) -> Array:
    """Keep means, SDs, that of the difference and the correlation where they can be, and the grid can follow."""
    mean = np.clip(now[:2], -_FARTHEST_MEAN, _FARTHEST_MEAN)
    before, after = np.clip(np.sqrt(np.maximum(now[[2, 4]], 0.0)), _LEAST_SD, _LARGEST_SD)
    most = min(_HIGHEST_CORRELATION * before * after, (before**2 + after**2 - _LEAST_SD**2) / 2.0)
    return np.array([*mean, before**2, np.clip(now[3], -most, most), after**2])


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
