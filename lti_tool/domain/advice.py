"""From results to advice: strong points first, one next step, and what may be skipped (R11, R25, R30, R31)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.domain.content import Level, Package
from lti_tool.domain.modules import Module
from lti_tool.domain.people import DomainResult

CONDITION = "operationeel"
"""The domain that is a condition for the others: when it is low, it comes first (R11)."""

ALTERNATIVES = 2


@dataclass(frozen=True)
class Advice:
    """Ids of domains and modules, most important first."""

    strong: tuple[str, ...]
    furthest: bool
    """Whether `strong` are only the furthest of somebody who learns the basics everywhere."""
    grow: tuple[str, ...]
    next_module: str | None
    reason: str
    """Why this step: `start`, `condition`, `most_gain`, or `helper` when there is nothing left to train."""
    others: tuple[str, ...]
    skippable: tuple[str, ...]
    minutes_saved: int


def first_step(package: Package, finished: Collection[str]) -> Advice:
    """The advice for somebody who skipped the assessment: the first, easy training, nothing assumed.

    Who did that one already gets the next of the package.
    """
    start = package.module(package.start_module)
    rest = [module.id for module in package.modules_for_everybody() if module.id != start.id]
    open_ = [module_id for module_id in (start.id, *rest) if module_id not in finished]
    return Advice(
        strong=(),
        furthest=False,
        grow=(),
        next_module=open_[0] if open_ else None,
        reason="start" if open_ else "helper",
        others=tuple(open_[1 : 1 + ALTERNATIVES]),
        skippable=(),
        minutes_saved=0,
    )


def advise(results: Sequence[DomainResult], package: Package, finished: Collection[str]) -> Advice:
    """The advice after an assessment.

    A module fits when the learner's estimate lies under the cut above the module's own level; a module
    that does not fit may be skipped, and its minutes are the time saved. What is for some people only is
    neither advised nor saved, because nobody is asked who they are. Of the fitting ones the next step is
    the one whose sub-skills promise the largest gain; on a tie the one nearest to the learner's own level,
    then the weaker domain.

    Args:
        results: one for each domain of the assessment.
        finished: ids of modules that the learner has done already.
    """
    by_domain = {result.domain: result for result in results}
    cuts = [level.above for level in package.framework.levels if level.above is not None]
    fitting: list[Module] = []
    skippable: list[Module] = []
    for module in package.modules_for_everybody():
        mean = by_domain[module.domain].mean
        (fitting if mean < _fits_below(module, cuts) else skippable).append(module)
    open_ = [module for module in fitting if module.id not in finished]
    condition_low = CONDITION in by_domain and _is_low(by_domain[CONDITION], package)
    gains = {tag: gain for result in results for tag, gain in result.gains}
    open_.sort(
        key=lambda m: (
            not (condition_low and m.domain == CONDITION),
            -_gain(m, gains),
            abs(_level_of(m, cuts) - sum(cut <= by_domain[m.domain].mean for cut in cuts)),
            by_domain[m.domain].mean,
            m.id,
        )
    )
    ranked = sorted(results, key=lambda result: (-result.mean, result.domain))
    reason = "helper"
    if open_:
        reason = "condition" if condition_low and open_[0].domain == CONDITION else "most_gain"
    half = len(ranked) // 2
    highest = package.framework.levels[-1].id
    grow = [result for result in ranked[half:] if result.level != highest]
    strong = [result for result in ranked if result not in grow]
    return Advice(
        strong=tuple(result.domain for result in strong),
        furthest=all(_is_low(result, package) for result in strong),
        grow=tuple(result.domain for result in reversed(grow)),
        next_module=open_[0].id if open_ else None,
        reason=reason,
        others=tuple(module.id for module in open_[1 : 1 + ALTERNATIVES]),
        skippable=tuple(module.id for module in skippable),
        minutes_saved=sum(module.minutes for module in skippable),
    )


def minutes_by_level(modules: Collection[Module], levels: Sequence[Level]) -> tuple[tuple[Level, int], ...]:
    """How long modules take somebody on each level, lowest first, without those that they may skip (R99)."""
    cuts = [level.above for level in levels if level.above is not None]

    def minutes(level: Level) -> int:
        lowest = float("-inf") if level.above is None else level.above
        return sum(module.minutes for module in modules if lowest < _fits_below(module, cuts))

    return tuple((level, minutes(level)) for level in levels)


def _fits_below(module: Module, cuts: Sequence[float]) -> float:
    """Up to which estimate a module teaches something new: the cut above its own level."""
    steps = {"start": 0, "basis": 1}
    index = steps.get(module.level, len(cuts))
    return cuts[index] if index < len(cuts) else float("inf")


def _level_of(module: Module, cuts: Sequence[float]) -> int:
    """The level for which a module is, 0 the lowest: start and basis, then verder, then gevorderd."""
    return min({"verder": 1, "gevorderd": len(cuts)}.get(module.level, 0), len(cuts))


def _is_low(result: DomainResult, package: Package) -> bool:
    lowest = package.framework.levels[0].id
    return result.level == lowest or (result.between is not None and result.between[0] == lowest)


def _gain(module: Module, gains: Mapping[str, float]) -> float:
    return max((gains.get(subskill, 0.0) for subskill in module.subskills), default=0.0)
