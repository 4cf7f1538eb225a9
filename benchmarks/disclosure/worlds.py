"""Every world that agrees with what a reader saw: whole numbers under linear rules, and what they leave open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, eye_array, vstack

Sum = Mapping[int, int]
"""A weighted sum of numbers: place of the number -> weight."""

NARROW: Final = 3

_MOST: Final = 5_000
_TURNS: Final = 6
_TURNS_FROM_TRUTH: Final = 2
_SECONDS: Final = 20.0
_IMPOSSIBLE: Final = 2
"""`status` of SciPy's milp."""
_ALMOST: Final = 1e-5
_HALF: Final = 0.5


class RuleBroken(ValueError):
    """The truth itself does not agree with what the attacker holds for certain: the attack is wrong."""


class Secret(NamedTuple):
    """A number under ten about people that should stay open."""

    kind: str
    what: Sum
    truth: int


@dataclass(slots=True)
class Outcome:
    """What became of the secrets of one kind; a sum of outcomes is an outcome."""

    secrets: int = 0
    recovered: int = 0
    recovered_empty: int = 0
    narrow: int = 0
    undecided: int = 0

    def add(self, other: Outcome) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Worlds:
    """Unknown whole numbers with rules; the truth is kept beside them, to check every rule on it."""

    truth: list[int] = field(default_factory=list)
    _lows: list[float] = field(default_factory=list)
    _highs: list[float] = field(default_factory=list)
    _rules: list[tuple[Sum, float, float]] = field(default_factory=list)

    def number(self, truth: int, low: int = 0, high: int = _MOST) -> int:
        """A new unknown number; returns its place."""
        if not low <= truth <= high:
            raise RuleBroken(f"{truth} is not in {low}..{high}")
        self.truth.append(truth)
        self._lows.append(low)
        self._highs.append(high)
        return len(self.truth) - 1

    def rule(self, what: Sum, low: float, high: float = np.inf) -> None:
        """A weighted sum lies between these, borders included."""
        true = self.value(what)
        if not low <= true <= high:
            raise RuleBroken(f"{true} is not in {low}..{high}")
        self._rules.append((what, low, high))

    def none_or_ten(self, what: Sum) -> None:
        """A sum is 0 or at least ten: the rule of the gate."""
        is_some = self.number(int(self.value(what) != 0), 0, 1)
        self.rule({**what, is_some: -10}, 0)
        self.rule({**what, is_some: -_MOST}, -np.inf, 0)

    def value(self, what: Sum) -> int:
        return sum(weight * self.truth[place] for place, weight in what.items())

    def attack(self, secrets: Sequence[Secret], steps: Sequence[Sum], *, seed: int) -> dict[str, Outcome]:
        """What the rules leave open of each secret: recovered where smallest and largest possible are the same.

        One world that differs shows that a secret is safe. So first somebody walks from the truth in small
        `steps`, through worlds that all agree with the rules; what stays alike in all of them is then decided
        one by one, exactly: by linear programming, and where that leaves it open in whole numbers.
        """
        outcomes: dict[str, Outcome] = {}
        for secret in secrets:
            outcomes.setdefault(secret.kind, Outcome()).secrets += 1
        if not secrets:
            return outcomes
        low, high = _Walk(self, secrets, steps, seed).seen()
        sums = _matrix([secret.what for secret in secrets], len(self.truth))
        solver = _Solver(self)
        decided: dict[tuple[tuple[int, int], ...], tuple[float, float, bool]] = {}
        for place in np.flatnonzero(high == low):
            if high[place] == low[place]:
                secret = secrets[place]
                name = tuple(sorted((at, weight) for at, weight in secret.what.items() if weight))
                if name not in decided:
                    decided[name] = solver.range_of(sums[[place], :].toarray()[0], secret.truth)
                least, most, certain = decided[name]
                low[place], high[place] = min(low[place], least), max(high[place], most)
                if low[place] == high[place]:
                    outcome = outcomes[secret.kind]
                    outcome.undecided += not certain
                    outcome.recovered += certain and secret.truth != 0
                    outcome.recovered_empty += certain and secret.truth == 0
        for place in np.flatnonzero(high - low < NARROW):
            outcomes[secrets[place].kind].narrow += 1
        return outcomes


class _Walk:
    """Through worlds that all agree with the rules, from the truth, in small steps."""

    def __init__(self, worlds: Worlds, secrets: Sequence[Secret], steps: Sequence[Sum], seed: int) -> None:
        places = len(worlds.truth)
        rules = worlds._rules
        # Rules and borders of numbers are one list: what holds for a sum holds for a single number too.
        checked = _stacked(_matrix([what for what, _, _ in rules], places), places)
        low = np.array([low for _, low, _ in rules] + worlds._lows)
        high = np.array([high for _, _, high in rules] + worlds._highs)
        true = checked @ np.array(worlds.truth, float)
        self._slack_down, self._slack_up = true - low, high - true
        moves = _matrix(steps, places).T
        self._effects = _columns(checked @ moves)
        self._learned = _columns(_matrix([secret.what for secret in secrets], places) @ moves)
        self._values = np.array([float(secret.truth) for secret in secrets])
        self._low, self._high = self._values.copy(), self._values.copy()
        self._dice = np.random.default_rng(seed)

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and the largest value of each secret in the worlds that were passed."""
        whole = len(self._effects)
        at = np.zeros(len(self._slack_up))
        values = self._values.copy()
        for turn in range(_TURNS):
            if turn % _TURNS_FROM_TRUTH == 0:
                at[:], values[:] = 0.0, self._values
            for step in self._dice.permutation(whole):
                about = self._learned[step][0]
                if (self._high[about] - self._low[about] >= NARROW).all():
                    continue
                sign = 1.0 if self._dice.random() < _HALF else -1.0
                other = int(self._dice.integers(whole)) if turn % 2 else None
                for _ in range(NARROW):
                    if not self._go(
                        at, values, [(int(step), sign)] + ([(other, -sign)] if other is not None else [])
                    ):
                        break
        return self._low, self._high

    def _go(self, at: np.ndarray, values: np.ndarray, steps: Sequence[tuple[int, float]]) -> bool:
        for place, sign in steps:
            rows, by = self._effects[place]
            at[rows] += sign * by
        rows = np.concatenate([self._effects[place][0] for place, _ in steps])
        moved = at[rows]
        if (moved > self._slack_up[rows]).any() or (-moved > self._slack_down[rows]).any():
            for place, sign in steps:
                rows, by = self._effects[place]
                at[rows] -= sign * by
            return False
        for place, sign in steps:
            rows, by = self._learned[place]
            values[rows] += sign * by
        for place, _ in steps:
            rows = self._learned[place][0]
            self._low[rows] = np.minimum(self._low[rows], values[rows])
            self._high[rows] = np.maximum(self._high[rows], values[rows])
        return True


class _Solver:
    """HiGHS over all numbers and rules."""

    def __init__(self, worlds: Worlds) -> None:
        places = len(worlds.truth)
        self._whole = np.ones(places)
        self._bounds = Bounds(np.array(worlds._lows, float), np.array(worlds._highs, float))
        rules = worlds._rules
        self._rules = (
            LinearConstraint(
                _matrix([what for what, _, _ in rules], places),
                np.array([low for _, low, _ in rules]),
                np.array([high for _, _, high in rules]),
            )
            if rules
            else None
        )

    def range_of(self, weights: np.ndarray, truth: int) -> tuple[float, float, bool]:
        """Smallest and largest value of a sum, as far as tells whether both are the truth; certain?"""
        least, most, certain = float(truth), float(truth), True
        for way in (1.0, -1.0):
            border, _ = self._largest(way * weights, whole=False)
            if border is not None and math.floor(border + _ALMOST) == way * truth:
                continue
            value, exact = self._largest(way * weights, whole=True)
            certain = certain and exact
            if value is not None:
                least, most = min(least, way * value), max(most, way * value)
            if least != most:
                break
        return least, most, certain

    def _largest(self, weights: np.ndarray, *, whole: bool) -> tuple[float | None, bool]:
        # HiGHS's presolve has called impossible what the truth itself satisfies; without it the same is solved.
        for presolve in (True, False):
            found = milp(
                -weights,
                integrality=self._whole if whole else None,
                bounds=self._bounds,
                constraints=self._rules,
                options={"time_limit": _SECONDS, "presolve": presolve},
            )
            if found.status != _IMPOSSIBLE and (found.x is None or not whole or self._agrees(np.round(found.x))):
                break
        else:
            raise RuleBroken("no world agrees, while the truth does")
        value = None if found.x is None else float(weights @ (np.round(found.x) if whole else found.x))
        return value, found.status == 0

    def _agrees(self, world: np.ndarray) -> bool:
        """Whether a world that the solver names keeps to the rules and borders, to the last digit that matters."""
        inside = ((world >= self._bounds.lb) & (world <= self._bounds.ub)).all()
        if self._rules is None:
            return bool(inside)
        sums = self._rules.A @ world
        return bool(
            inside and (sums >= self._rules.lb - _ALMOST).all() and (sums <= self._rules.ub + _ALMOST).all()
        )


def _stacked(rules: csr_array, places: int) -> csr_array:
    return csr_array(vstack([rules, eye_array(places, format="csr")]))


def _columns(matrix: csr_array) -> list[tuple[np.ndarray, np.ndarray]]:
    by_column = csc_array(matrix)
    by_column.eliminate_zeros()
    borders = zip(by_column.indptr[:-1], by_column.indptr[1:], strict=True)
    return [(by_column.indices[a:b], by_column.data[a:b]) for a, b in borders]


def _matrix(sums: Sequence[Sum], places: int) -> csr_array:
    rows = [row for row, what in enumerate(sums) for _ in what]
    columns = [place for what in sums for place in what]
    weights = [float(weight) for what in sums for weight in what.values()]
    return csr_array((weights, (rows, columns)), shape=(len(sums), places))
