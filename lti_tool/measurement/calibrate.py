"""What a bank's difficulties are, from answers: a proposal that a person may activate, never a running change.

Maximum a posteriori by EM (Bock & Aitkin 1981, Mislevy 1986) with a prior of its own for each item: what the
experts guessed. With few answers the guess prevails, with many the answers do; a maximum-likelihood fit of sparse
adaptive answers runs away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lti_tool.measurement.bank import HARDEST, STEEPEST, ScoredItem, believed_difficulties, check_items
from lti_tool.measurement.model import (
    GRID,
    HIGHEST_LOADING,
    Array,
    Indices,
    Mask,
    Prior,
    chance_right,
    log_chances,
)
from lti_tool.measurement.sheets import Answers, Sheet, believe_piece, lay_out

# Spread (SD) of the logs of true slopes around their middle in the banks that were simulated.
SLOPE_SPREAD: Final = 0.25
# How far the loading may lie from what was assumed (SD); .1 is a correlation of .6 with .45 and .77 one SD away.
LOADING_SPREAD: Final = 0.1
# A group's mean lies so far from the reference population (SD in logits): weak, it only keeps tiny groups near.
MEAN_SPREAD: Final = 1.0
# Rounds of EM; it stops earlier when no difficulty (logits), group mean or loading moves more than this.
MOST_ROUNDS: Final = 200
STILL: Final = 0.001
# What counts as drifted (measurement research, section C).
DRIFT_Z: Final = 3.0
DRIFT_LOGITS: Final = 0.3

_NEWTON_STEPS: Final = 3
_LONGEST_STEP: Final = 0.5
_SMALLEST_SD: Final = 0.01
_LEAST_SEEN: Final = 0.05
# Finer than a round of EM moves it, or the loading would stay where it began.
_LOADINGS: Final[Array] = np.linspace(0.0, HIGHEST_LOADING, 9501)


class NothingToCalibrate(ValueError):
    """No answer to any item of the bank."""


@dataclass(frozen=True, slots=True)
class CalibratedItem:
    """One item after calibration; an item without answers keeps what was believed of it.

    a, b, c   slope (per logit), difficulty (logits) and guessing chance
    sd        SD of what is still unknown of b, logits
    answers   number of answers to it
    was       the difficulty that was believed before, logits
    z         b - was, in SDs of the change that chance alone would bring
    drifted   far from what was believed: |z| > 3 and more than .3 logits
    """

    item_id: str
    a: float
    b: float
    c: float
    sd: float
    answers: int
    was: float
    z: float
    drifted: bool


@dataclass(frozen=True, slots=True)
class GroupMean:
    """Mean ability of one group in one domain, logits on the scale of the bank, with its standard error.

    For the model's own use: figures about groups leave the tool through the disclosure gate only.
    """

    group: str
    domain: str
    people: int
    mean: float
    se: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that a new version of a bank is made of; items in order of their id.

    `loading` is the estimated loading of the domains on the general ability. Not `converged`: something still
    moved in the last round.
    """

    items: tuple[CalibratedItem, ...]
    groups: tuple[GroupMean, ...]
    loading: float
    people: int
    answers: int
    rounds: int
    converged: bool


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    """What is believed of n items before any answer: slope as a log, difficulty and its SD; c is fixed."""

    log_a: Array
    b: Array
    sd: Array
    c: Array

    def precision(self) -> Array:
        """(n, 2) of the log slope and the difficulty."""
        return np.stack([np.full(self.b.size, SLOPE_SPREAD**-2.0), self.sd**-2.0], axis=1)


def calibrate(
    items: Iterable[ScoredItem],
    domains: Sequence[str],
    sheets: Sequence[Sheet],
    *,
    prior: Prior | None = None,
) -> Calibration:
    """Estimate the items' parameters from sparse, adaptively chosen answers.

    The mean of each group is free in each domain; the SD of ability is the unit of the scale. Pilot items take
    part like all others. Raises BankUnusable, UnknownItemInHistory, ItemTwiceInHistory or NothingToCalibrate.
    """
    ordered = sorted(items, key=lambda item: item.item_id)
    check_items(ordered, domains)
    known = _known(ordered)
    answered = [sheet for sheet in sheets if sheet.answers]
    if not answered:
        raise NothingToCalibrate
    index = {item.item_id: place for place, item in enumerate(ordered)}
    of_domain = tuple(
        np.array([index[item.item_id] for item in ordered if item.domain == domain], dtype=np.intp)
        for domain in domains
    )
    answers = lay_out(answered, index, of_domain)
    counts = np.bincount(answers.item, minlength=len(ordered))
    fit = _Fit(known, answers, counts > 0, prior or Prior())
    rounds = fit.run()
    return Calibration(
        items=_items(ordered, known, fit, counts),
        groups=_groups(domains, answers, fit),
        loading=fit.loading,
        people=len(answered),
        answers=int(counts.sum()),
        rounds=rounds,
        converged=fit.moved <= STILL,
    )


def _known(items: Sequence[ScoredItem]) -> _Known:
    b, sd = believed_difficulties(items)
    a = np.array([item.a for item in items])
    return _Known(np.log(a), b, np.maximum(sd, _SMALLEST_SD), np.array([item.c for item in items]))


class _Fit:
    """The running estimates of one calibration."""

    def __init__(self, known: _Known, answers: Answers, free: Mask, prior: Prior) -> None:
        self.known, self.answers, self.free = known, answers, free
        self.log_a, self.b = known.log_a.copy(), known.b.copy()
        self.means = np.zeros((len(answers.groups), len(answers.of_domain)))
        self.prior_loading = self.loading = prior.loading
        self.sizes = np.bincount(answers.group_of, minlength=len(answers.groups))
        self.scores = np.zeros((2, self.b.size, GRID.size))
        """Expected number of people at each ability who had the item not right, and right."""
        self.ability = np.zeros((answers.group_of.size, len(answers.of_domain)))
        self.moved = np.inf

    def run(self) -> int:
        """Rounds of EM until nothing moves; returns their number."""
        for done in range(1, MOST_ROUNDS + 1):
            before = np.concatenate([self.b, self.means.ravel(), [self.loading]])
            self._expect()
            self._fit_items()
            after = np.concatenate([self.b, self.means.ravel(), [self.loading]])
            self.moved = float(np.abs(after - before).max())
            if self.moved <= STILL:
                return done
        return MOST_ROUNDS

    def _expect(self) -> None:
        """What is believed of everybody now; with it new group means and a new loading."""
        tables = self._log_chances()
        self.scores[:] = 0.0
        moments = np.zeros(3)
        for piece in self.answers.pieces():
            own = believe_piece(piece, self.answers.of_domain, tables, self.means[piece.group], self.loading)
            self.ability[piece.who] = (own.masses @ GRID).T
            moments += own.with_general, own.squared, own.general_squared
            for items, scores, masses in zip(self.answers.of_domain, piece.scores, own.masses, strict=True):
                self.scores[:, items] += scores.transpose(0, 2, 1) @ masses
        sums = np.zeros_like(self.means)
        np.add.at(sums, self.answers.group_of, self.ability)
        self.means = sums / (self.sizes[:, None] + MEAN_SPREAD**-2.0)
        if self.means.shape[1] > 1 and self.prior_loading > 0.0:
            self.loading = self._best_loading(*moments.tolist())

    def _log_chances(self) -> Array:
        return log_chances(GRID, np.exp(self.log_a)[:, None], self.b[:, None], self.known.c[:, None])

    def _best_loading(self, with_general: float, squared: float, general_squared: float) -> float:
        people, domains = self.ability.shape
        own = 1.0 - _LOADINGS**2
        rest = squared - 2.0 * _LOADINGS * with_general + _LOADINGS**2 * general_squared * domains
        likelihood = -(people * domains * np.log(own) + rest / own) / 2.0
        away = (_LOADINGS - self.prior_loading) / LOADING_SPREAD
        return float(_LOADINGS[np.argmax(likelihood - away**2 / 2.0)])

    def _fit_items(self) -> None:
        """Newton steps with the expected information on each free item's log slope and difficulty."""
        for _ in range(_NEWTON_STEPS):
            surprise, toward, information = self._slopes()
            away = np.stack([self.log_a - self.known.log_a, self.b - self.known.b], axis=1)
            precision = self.known.precision()
            gradient = np.einsum("nk,nik->ni", (self.scores * surprise).sum(axis=0), toward) - precision * away
            whole = information + precision[:, :, None] * np.eye(2)
            step = np.linalg.solve(whole, gradient[:, :, None])[:, :, 0]
            step = np.clip(step, -_LONGEST_STEP, _LONGEST_STEP) * self.free[:, None]
            self.log_a = np.minimum(self.log_a + step[:, 0], np.log(STEEPEST))
            self.b = np.clip(self.b + step[:, 1], -HARDEST, HARDEST)

    def _slopes(self) -> tuple[Array, Array, Array]:
        """What answers say about each item at each ability.

        The derivative to the logits of the log chance of each score, (2, n, 81); of the logits to log slope and
        difficulty, (n, 2, 81); and the expected information in all answers about the two, (n, 2, 2).
        """
        a, b, c = np.exp(self.log_a)[:, None], self.b[:, None], self.known.c[:, None]
        chance, logits = chance_right(GRID, a, b, c), a * (GRID - b)
        knowing = (chance - c) / (1.0 - c) / chance
        surprise = np.stack([-chance * knowing, (1.0 - chance) * knowing])
        toward = np.stack([logits, np.broadcast_to(-a, logits.shape)], axis=1)
        weight = self.scores.sum(axis=0) * chance * (1.0 - chance) * knowing**2
        return surprise, toward, np.einsum("nk,nik,njk->nij", weight, toward, toward)

    def unknown(self) -> Array:
        """(n,) SD of what stays unknown of each difficulty.

        The information in the answers less what is missing because abilities are not known (Louis 1982), with
        the prior's. On top comes the place of the whole domain: group means are free, so only the priors hold it.
        """
        surprise, toward, information = self._slopes()
        tables = self._log_chances()
        gradients = surprise[:, :, None, :] * toward
        missing = np.einsum("snk,snik,snjk->nij", self.scores, gradients, gradients)
        for piece in self.answers.pieces():
            own = believe_piece(piece, self.answers.of_domain, tables, self.means[piece.group], self.loading)
            for items, scores, masses in zip(self.answers.of_domain, piece.scores, own.masses, strict=True):
                for score, gradient in zip(scores, gradients[:, items], strict=True):
                    mean = [masses @ gradient[:, i].T for i in range(2)]
                    seen = [[(score * mean[i] * mean[j]).sum(axis=0) for j in range(2)] for i in range(2)]
                    missing[items] -= np.array(seen).transpose(2, 0, 1)
        values, vectors = np.linalg.eigh(information - missing)
        seen_in_answers = (vectors * np.maximum(values, 0.0)[:, None, :]) @ vectors.transpose(0, 2, 1)
        precision = self.known.precision()[:, :, None] * np.eye(2)
        variance = np.linalg.inv(seen_in_answers + precision)[:, 1, 1]
        for items in self.answers.of_domain:
            if items.size:
                variance[items] += 1.0 / (self.known.sd[items] ** -2.0).sum()
        return np.asarray(np.where(self.free, np.minimum(np.sqrt(variance), self.known.sd), self.known.sd))


def _items(items: Sequence[ScoredItem], known: _Known, fit: _Fit, counts: Indices) -> tuple[CalibratedItem, ...]:
    unknown = fit.unknown()
    # The data's own estimate against the belief, z = (new - old) / sqrt(new_se^2 + old_sd^2), comes out as the
    # change of the belief over the root of the variance that it lost.
    lost = np.sqrt(np.maximum(known.sd**2 - unknown**2, _SMALLEST_SD**2))
    z = (fit.b - known.b) / lost
    drifted = (np.abs(z) > DRIFT_Z) & (np.abs(fit.b - known.b) > DRIFT_LOGITS)
    return tuple(
        CalibratedItem(
            item_id=item.item_id,
            a=float(np.exp(fit.log_a[place])),
            b=float(fit.b[place]),
            c=item.c,
            sd=float(unknown[place]),
            answers=int(counts[place]),
            was=float(known.b[place]),
            z=float(z[place]),
            drifted=bool(drifted[place]),
        )
        for place, item in enumerate(items)
    )


def _groups(domains: Sequence[str], answers: Answers, fit: _Fit) -> tuple[GroupMean, ...]:
    means = []
    for group, name in enumerate(answers.groups):
        own = fit.ability[answers.group_of == group]
        # The information about a mean: one for each person, less what is not known of them, which leaves the
        # variance of what is believed.
        seen = np.maximum(own.var(axis=0), _LEAST_SEEN)
        se = 1.0 / np.sqrt(own.shape[0] * seen)
        for domain, label in enumerate(domains):
            means.append(GroupMean(name, label, own.shape[0], float(fit.means[group, domain]), float(se[domain])))
    return tuple(means)
