"""Turns disclosed figures into rows that the chart macros draw; nothing is counted or estimated here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.domain.disclosure import Disclosed, DisclosedFigure
from lti_tool.domain.rounding import levels_in

ALL = "all"
TEAM = "team:"
CHART_WIDTH = 1000
"""Units of the SVG drawings; text stands beside them as HTML, so that it can grow and wrap."""
SMALLEST_AXIS = (-0.5, 1.0)
"""The effect axis shows at least this range, in standard deviations."""


@dataclass(frozen=True)
class Cell:
    """One or more neighbouring levels, and the share of people in them."""

    levels: tuple[str, ...]
    """Labels, lowest first."""
    shade: int
    """Which of the shades 0, 1, 2: that of the highest level in the cell."""
    merged: bool
    percent: int
    x: float
    width: float


@dataclass(frozen=True)
class LevelBar:
    """The levels of a group at one measurement."""

    cells: tuple[Cell, ...]
    people: int
    """At least this many, in tens."""


@dataclass(frozen=True)
class LevelRow:
    """One domain, before and after."""

    domain: str
    before: LevelBar | None
    after: LevelBar | None


@dataclass(frozen=True)
class EffectRow:
    """The mean change in one domain, in standard deviations, with its 95 % interval."""

    domain: str
    mean: float
    low: float
    high: float
    smallest_visible: float
    people: int
    x: float
    x_low: float
    x_high: float

    @property
    def verdict(self) -> str:
        """`up`, `down`, or `unclear` when the interval contains zero."""
        if self.low > 0:
            return "up"
        return "down" if self.high < 0 else "unclear"


@dataclass(frozen=True)
class TrainingRow:
    """How far the group is with one training."""

    title: str
    bar: LevelBar


@dataclass(frozen=True)
class GroupFigures:
    """Everything that may be shown of one group."""

    name: str
    people: int
    """At least this many took part, in tens."""
    width: float
    """Of the participation bar."""
    levels: tuple[LevelRow, ...]
    effects: tuple[EffectRow, ...]
    trainings: tuple[TrainingRow, ...]
    untold: tuple[str, ...]
    """Titles of the trainings of which nothing may be shown."""


@dataclass(frozen=True)
class Charts:
    """The group page: all people first, then the teams, and the groups of which nothing may be shown."""

    groups: tuple[GroupFigures, ...]
    too_small: tuple[str, ...]
    zero: float
    """Where no change lies on the effect axis."""
    ticks: tuple[tuple[float, float], ...]
    """Position and value of each tick of the effect axis."""


def charts(
    disclosed: Disclosed,
    domains: Sequence[tuple[str, str]],
    levels: Sequence[tuple[str, str]],
    modules: Sequence[tuple[str, str]] = (),
) -> Charts:
    """The rows of all charts.

    Args:
        disclosed: what passed the gate; nothing else can be drawn.
        domains: id and label, in the order to show.
        levels: id and label, lowest first.
        modules: id and title, in the order to show.
    """
    if not isinstance(disclosed, Disclosed):
        raise TypeError("only disclosed figures can be drawn")
    by_group: dict[str, dict[str, DisclosedFigure]] = {}
    for figure in disclosed.figures:
        by_group.setdefault(figure.group, {})[figure.measure] = figure
    effects = [f for f in disclosed.figures if f.measure.startswith("effect:")]
    axis = _axis(effects)
    most = max((_people(figures) for figures in by_group.values()), default=0)
    shown = sorted(by_group, key=lambda group: (group != ALL, group))
    hidden = {group for _measure, group, _reason in disclosed.hidden} - set(by_group)
    return Charts(
        groups=tuple(
            _group(group, by_group[group], domains, dict(levels), modules, axis, most) for group in shown
        ),
        too_small=tuple(group_name(group) for group in sorted(hidden)),
        zero=_at(0, axis),
        ticks=tuple((_at(value, axis), value) for value in _ticks(axis)),
    )


def group_name(group: str) -> str:
    return _("Iedereen") if group == ALL else group.removeprefix(TEAM)


def _group(
    group: str,
    figures: Mapping[str, DisclosedFigure],
    domains: Sequence[tuple[str, str]],
    levels: Mapping[str, str],
    modules: Sequence[tuple[str, str]],
    axis: tuple[float, float],
    most: int,
) -> GroupFigures:
    rows, effects = [], []
    for domain, label in domains:
        before, after = (figures.get(f"{when}:{domain}") for when in ("levels_pre", "levels_post"))
        if before or after:
            rows.append(LevelRow(label, _bar(before, levels), _bar(after, levels)))
        effect = figures.get(f"effect:{domain}")
        if effect:
            effects.append(_effect(label, effect, axis))
    steps = {"new": _("niet geopend"), "begun": _("begonnen"), "done": _("afgerond")}
    bars = [(title, _bar(figures.get(f"module:{module}"), steps)) for module, title in modules]
    people = _people(figures)
    width = CHART_WIDTH * people / most if most else 0
    return GroupFigures(
        name=group_name(group),
        people=people,
        width=width,
        levels=tuple(rows),
        effects=tuple(effects),
        trainings=tuple(TrainingRow(title, bar) for title, bar in bars if bar),
        untold=tuple(title for title, bar in bars if not bar),
    )


def _people(figures: Mapping[str, DisclosedFigure]) -> int:
    taking_part = figures.get("participation")
    return taking_part.n_shown if taking_part else 0


def _bar(figure: DisclosedFigure | None, levels: Mapping[str, str]) -> LevelBar | None:
    if figure is None:
        return None
    order = list(levels)
    total = sum(_number(share) for share in figure.values.values()) or 1
    cells: list[Cell] = []
    x = 0.0
    for key, share in figure.values.items():
        codes = levels_in(key)
        width = CHART_WIDTH * _number(share) / total
        cells.append(
            Cell(
                levels=tuple(levels.get(code, code) for code in codes),
                shade=min(order.index(codes[-1]), 2) if codes[-1] in order else 0,
                merged=len(codes) > 1,
                percent=round(_number(share)),
                x=x,
                width=width,
            )
        )
        x += width
    return LevelBar(tuple(cells), figure.n_shown)


def _effect(label: str, figure: DisclosedFigure, axis: tuple[float, float]) -> EffectRow:
    mean, low, high, smallest = (
        _number(figure.values[name]) for name in ("mean", "low95", "high95", "minimal_detectable")
    )
    return EffectRow(
        label, mean, low, high, smallest, figure.n_shown, _at(mean, axis), _at(low, axis), _at(high, axis)
    )


def _axis(effects: Sequence[DisclosedFigure]) -> tuple[float, float]:
    lows = [_number(f.values["low95"]) for f in effects]
    highs = [_number(f.values["high95"]) for f in effects]
    low, high = min([SMALLEST_AXIS[0], *lows]), max([SMALLEST_AXIS[1], *highs])
    return math.floor(low * 2) / 2, math.ceil(high * 2) / 2


def _ticks(axis: tuple[float, float]) -> list[float]:
    low, high = axis
    return [low + step / 2 for step in range(round((high - low) * 2) + 1)]


def _at(value: float, axis: tuple[float, float]) -> float:
    low, high = axis
    return round(CHART_WIDTH * (value - low) / (high - low), 1)


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError("a figure that is drawn must be a number")
    return float(value)
