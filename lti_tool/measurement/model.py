"""The response model: what an answer says about an ability, as numbers on one grid of abilities.

Three-parameter logistic model (Birnbaum 1968): P(right) = c + (1 - c) / (1 + exp(-a (ability - b))).
Abilities and difficulties are in logits on the scale of the reference population (mean 0, SD 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Range matters more than step: -4..4 distorts the SE of extreme people at any step, 81 nodes over -6..6 are
# exact to four decimals (measured).
GRID_LIMIT: Final = 6.0
GRID: Final[Array] = np.linspace(-GRID_LIMIT, GRID_LIMIT, 81)
GRID.setflags(write=False)
_STEP: Final = float(GRID[1] - GRID[0])

# The first loading of the domains on the general factor: a correlation of .6 between domains. Assuming too
# much correlation makes intervals too short (measured: 95 % intervals that hold 91 %), too little does not;
# hence the cap.
START_LOADING: Final = 0.775
HIGHEST_LOADING: Final = 0.95

# Spread (SD) of true difficulties in the banks that were simulated, and the number of items that this
# expectation weighs as much as: an own small bank tells little about its own spread.
EXPECTED_SPREAD: Final = 1.2
EXPECTED_SPREAD_WEIGHT: Final = 20.0
# Guesses that lie closer together than their own errors do not prove that all items are equally hard.
LEAST_SPREAD: Final = 0.6

_SMALLEST: Final = 1e-300  # stands for "no guessing" inside a logarithm


def nearest_node(ability: float) -> int:
    """The place in the grid that lies nearest to an ability in logits."""
    return min(max(round((ability + GRID_LIMIT) / _STEP), 0), GRID.size - 1)


def nearest_nodes(abilities: Array) -> Indices:
    """The same for many abilities at once."""
    nearest = np.round((abilities + GRID_LIMIT) / _STEP).astype(np.intp)
    return np.asarray(np.clip(nearest, 0, GRID.size - 1))


class PriorUnusable(ValueError):
    """The loading is not a number from 0 to HIGHEST_LOADING."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before any answer: ability_d = loading * g + sqrt(1 - loading^2) * e_d.

    The general ability g and the domains' own parts e_d are standard normal. `loading` runs from 0 (domains
    tell nothing about each other) to 0.95; domains correlate loading squared.
    """

    loading: float = START_LOADING

    def __post_init__(self) -> None:
        if not 0.0 <= self.loading <= HIGHEST_LOADING:
            raise PriorUnusable(f"loading {self.loading} is not between 0 and {HIGHEST_LOADING}")


def _logistic(logits: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float64)


def chance_right(ability: Array, a: Array, b: Array, c: Array) -> Array:
    """Chance of a right answer, 0..1. Arguments broadcast: pass columns for items and a row of abilities."""
    return np.asarray(c + (1.0 - c) * _logistic(a * (ability - b)), dtype=np.float64)


def log_chances(ability: Array, a: Array, b: Array, c: Array) -> Array:
    """Log of the chance of each score, not right (0) and right (1): stacked in front; else like `chance_right`.

    Never -inf.
    """
    logits = a * (ability - b)
    log_knows = -np.logaddexp(0.0, -logits)
    log_not = -np.logaddexp(0.0, logits)
    free = np.log1p(-c)
    return np.stack([free + log_not, np.logaddexp(np.log(np.maximum(c, _SMALLEST)), free + log_knows)])


def information(ability: Array, a: Array, b: Array, c: Array) -> Array:
    """Fisher information about the ability in one answer, per squared logit (Birnbaum 1968); broadcasts."""
    odds_not = np.exp(-a * (ability - b))
    knows = 1.0 / (1.0 + odds_not)
    right = c + (1.0 - c) * knows
    # Not 1 - knows: of a sharp item that is easy for somebody, that would be rounded to 0.
    return np.asarray(a**2 * (1.0 - c) * knows**2 * (odds_not * knows) / right, dtype=np.float64)


def slant(ability: Array, a: Array, b: Array) -> Array:
    """Second over first derivative of `chance_right` to the ability, whatever the guessing; broadcasts."""
    return np.asarray(a * (1.0 - 2.0 * _logistic(a * (ability - b))), dtype=np.float64)


def softened_slope(a: Array, difficulty_sd: Array) -> Array:
    """The slope that is left when the difficulty itself is uncertain: a / sqrt(1 + (pi/8) a^2 tau^2).

    Averaging a logistic curve over a normal error of its place gives, nearly, a flatter logistic curve
    (MacKay 1992). Without this, guessed difficulties make intervals that promise too much; with it they hold
    95 % again (measured).
    """
    return np.asarray(a / np.sqrt(1.0 + math.pi / 8.0 * a**2 * difficulty_sd**2), dtype=np.float64)


def expert_regression(b: Array, error_sd: Array, by_expert: Mask) -> tuple[Array, Array]:
    """Best guess of the true difficulties, and the SD (tau) of what stays unknown.

    `b` are difficulties in logits, `error_sd` the SD of what is unknown of each (>= 0), `by_expert` marks the
    guesses of experts; the others are calibrated and stay as they are. True difficulties are taken as normal
    around the mean of all; their variance is the variance seen less the error variance, drawn to
    EXPECTED_SPREAD when the items are few. (Kelley's regression to the mean, 1927.)
    """
    if b.size == 0:
        return b, error_sd
    centre = float(np.mean(b))
    seen = max(float(np.mean((b - centre) ** 2) - np.mean(error_sd**2)), 0.0)
    spread = (b.size * seen + EXPECTED_SPREAD_WEIGHT * EXPECTED_SPREAD**2) / (b.size + EXPECTED_SPREAD_WEIGHT)
    spread = max(spread, LEAST_SPREAD**2)
    trust = spread / (spread + error_sd**2)
    regressed, unknown = centre + trust * (b - centre), np.sqrt(trust) * error_sd
    return np.where(by_expert, regressed, b), np.where(by_expert, unknown, error_sd)
