"""The one gate for figures about groups: nothing about fewer than ten people, not by subtraction either.

Rule (requirement R27, decisions T2 and T3). Think of somebody who keeps every figure ever published of one
measure and knows who is in which group. Each figure gives the total over its contributors, so every weighted
sum of figures is known too. A figure is published only when it adds no such sum that rests on 1 to 9 people:
no hidden remainder, no two views that differ by a few people, no small change between two dates, no cleverer
combination of overlapping groups either.

What the gate relies on: figures that tell the same thing have the same measure name, and the value of a
contributor id never changes (see `View`). What it does not stop: someone in a group of ten who knows the
other nine, and conclusions from ten or more people who are all alike; rounding and merged cells blunt those.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from lti_tool.domain.derivation import count_people, finding, persons

MINIMUM: Final = 10
EVERYBODY: Final = "all"

_NO_TEAM: Final = ""
_PERCENT_STEP: Final = 5
_DECIMALS: Final = 2

Value = float | int | str | None


class NotThroughTheGate(ValueError):
    """Something poses as disclosed figures that `disclose` did not make."""


class FigureTwice(ValueError):
    """One group has two candidates for one measure."""


class ValueNotShowable(ValueError):
    """A value is not a finite number, a text or None."""


class MomentWithoutTimezone(ValueError):
    """The moment of publication does not say its time zone."""


class CountsDoNotFit(ValueError):
    """A count is negative or belongs to no known level."""


@dataclass(frozen=True, slots=True)
class View:
    """Who contributes to one figure.

    measure        names one quantity about people; figures that tell the same quantity share the name
    group          "all" or "team:<name>"
    contributors   opaque ids of those who contribute to *this* figure

    The value behind an id never changes: where a person's value may (a later attempt counts instead of an
    earlier one), the id is "<person>#<attempt>". What stands before the # is the person, and persons are
    counted. After an erasure keep a random id in the ledger: a gate that forgets who was counted cannot
    protect those who stay.
    """

    measure: str
    group: str
    contributors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A candidate: a view and what would be shown of it.

    A whole number is a count and is shown rounded down to tens; under a key that ends in "percent" it is a
    percentage and is shown as 5, 10, ... 95; other numbers keep two decimals; texts and None stay.
    """

    view: View
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class DisclosedFigure:
    """A figure that may be shown. `n_shown` is the number of people rounded down to tens ("at least 20")."""

    measure: str
    group: str
    values: Mapping[str, Value]
    n_shown: int


class Hidden(NamedTuple):
    """A figure that may not be shown; `reason` is fewer_than_ten, unchanged, would_reveal_few or too_complex.

    The reason is for the log of the operator: a page says the same sentence for each of them.
    """

    measure: str
    group: str
    reason: str


_GATE: Final = object()


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Figures that passed the gate at one moment; nothing else may be shown or sent about groups."""

    at: datetime
    figures: tuple[DisclosedFigure, ...]
    hidden: tuple[Hidden, ...]
    gate: InitVar[object] = None

    def __post_init__(self, gate: object) -> None:
        if gate is not _GATE:
            raise NotThroughTheGate("only disclose() makes disclosed figures")

    def as_json(self) -> str:
        """For the row that keeps this publication."""
        figures = [
            {"measure": f.measure, "group": f.group, "values": dict(f.values), "n_shown": f.n_shown}
            for f in self.figures
        ]
        return json.dumps({"at": self.at.isoformat(), "figures": figures, "hidden": self.hidden})

    @classmethod
    def from_json(cls, text: str) -> Disclosed:
        """Back from a row that `as_json` wrote, and from nothing else. Raises NotThroughTheGate."""
        try:
            row = json.loads(text)
            figures = tuple(
                DisclosedFigure(f["measure"], f["group"], MappingProxyType(f["values"]), f["n_shown"])
                for f in row["figures"]
            )
            hidden = tuple(Hidden(*entry) for entry in row["hidden"])
            return cls(datetime.fromisoformat(row["at"]), figures, hidden, _GATE)
        except (ValueError, KeyError, TypeError) as err:
            raise NotThroughTheGate("not a row of disclosed figures") from err


def is_due(current: frozenset[str], last_published: frozenset[str] | None) -> bool:
    """Whether a group may be published (again): ten people, and ten who differ from the last time."""
    if count_people(current) < MINIMUM:
        return False
    return last_published is None or count_people(current ^ last_published) >= MINIMUM


def disclose(
    candidates: Sequence[Figure], ledger: Sequence[View], at: datetime
) -> tuple[Disclosed, tuple[View, ...]]:
    """Judge the candidates against everything published before: what may be shown, and the views to remember.

    `ledger` holds every view ever published, of any measure. Per measure "all" goes first, then the largest
    group. Raises FigureTwice, ValueNotShowable or MomentWithoutTimezone.
    """
    names = _check(candidates, at)
    heard_of = _groups_heard_of([*ledger, *(figure.view for figure in candidates)])
    reasons: dict[tuple[str, str], str | None] = {}
    for measure in {name[0] for name in names}:
        attacker = _Attacker([view for view in ledger if view.measure == measure], heard_of)
        views = [figure.view for figure in candidates if figure.view.measure == measure]
        views.sort(key=lambda view: (view.group != EVERYBODY, -count_people(view.contributors), view.group))
        for view in views:
            reasons[measure, view.group] = attacker.objection(view)
            if reasons[measure, view.group] is None:
                attacker.learn(view)
    shown = [figure for figure in candidates if reasons[figure.view.measure, figure.view.group] is None]
    hidden = tuple(Hidden(*name, reason) for name, reason in ((n, reasons[n]) for n in names) if reason)
    figures = tuple(_disclosed(figure) for figure in shown)
    return Disclosed(at, figures, hidden, _GATE), tuple(figure.view for figure in shown)


def repeated(candidates: Sequence[Figure], ledger: Sequence[View], at: datetime) -> Disclosed:
    """Figures worked out once more, from another source: only those of exactly the people of a view in the ledger.

    So nothing is told about a group that was not told already, whatever the source lacks or adds. Raises
    FigureTwice, ValueNotShowable or MomentWithoutTimezone.
    """
    _check(candidates, at)
    told = {(view.measure, view.group, view.contributors) for view in ledger}
    shown, hidden = [], []
    for figure in candidates:
        view = figure.view
        if (view.measure, view.group, view.contributors) in told:
            shown.append(_disclosed(figure))
        else:
            hidden.append(Hidden(view.measure, view.group, "never_disclosed"))
    return Disclosed(at, tuple(shown), tuple(hidden), _GATE)


def newest(published: Sequence[Disclosed]) -> Disclosed | None:
    """What may be seen now: of each measure and group the figure that was published last.

    `published` stands in the order of publication. A group is hidden when it never had a figure. None when
    nothing was published yet.
    """
    if not published:
        return None
    figures: dict[tuple[str, str], DisclosedFigure] = {}
    hidden: dict[tuple[str, str], Hidden] = {}
    for disclosed in published:
        figures.update({(figure.measure, figure.group): figure for figure in disclosed.figures})
        hidden.update({(entry.measure, entry.group): entry for entry in disclosed.hidden})
    still_hidden = tuple(entry for name, entry in hidden.items() if name not in figures)
    return Disclosed(published[-1].at, tuple(figures.values()), still_hidden, _GATE)


def _check(candidates: Sequence[Figure], at: datetime) -> list[tuple[str, str]]:
    """The measure and group of each, which must differ. Raises FigureTwice or MomentWithoutTimezone."""
    if at.tzinfo is None:
        raise MomentWithoutTimezone(at.isoformat())
    names = [(figure.view.measure, figure.view.group) for figure in candidates]
    if len(set(names)) != len(names):
        raise FigureTwice(f"{len(names)} figures for {len(set(names))} groups")
    return names


def _disclosed(figure: Figure) -> DisclosedFigure:
    return DisclosedFigure(
        figure.view.measure,
        figure.view.group,
        MappingProxyType({key: _shown_value(key, value) for key, value in figure.values.items()}),
        rounded_down(count_people(figure.view.contributors)),
    )


class _Attacker:
    """Somebody who knows every published figure of one measure, and who was in it."""

    def __init__(self, published: Sequence[View], heard_of: frozenset[str]) -> None:
        self._rows = list(dict.fromkeys(view.contributors for view in published))
        self._before = frozenset(self._rows)
        self._whole: frozenset[str] = frozenset()
        self._parts: frozenset[str] = frozenset()
        self._not_shown = set(heard_of)
        self._newest = {view.group: view.contributors for view in published}
        self._now: dict[str, frozenset[str]] = {}

    def objection(self, view: View) -> str | None:
        """Why this view may not be published now, or None."""
        if count_people(view.contributors) < MINIMUM:
            return "fewer_than_ten"
        if view.contributors in self._before:
            # The same people, later: nothing new to tell, and frozen figures cannot be compared.
            return "unchanged"
        if self._whole:
            rest = count_people(self._whole - self._parts - view.contributors)
            # Whoever knows that a rest is nobody or ten people, and sees no room for ten, knows that it is nobody.
            if 0 < rest < MINIMUM or (rest == 0 and self._not_shown - {view.group}):
                return "would_reveal_few"
            if self._tells_that_nobody_else_changed(view):
                return "would_reveal_few"
        if view.contributors in self._rows:
            return None
        return finding(self._rows, view.contributors, MINIMUM)

    def learn(self, view: View) -> None:
        """From now on this view is public."""
        if view.contributors not in self._rows:
            self._rows.append(view.contributors)
        self._now[view.group] = view.contributors
        if view.group == EVERYBODY:
            self._whole = view.contributors
        else:
            self._parts |= view.contributors
            self._not_shown.discard(view.group)

    def _tells_that_nobody_else_changed(self, view: View) -> bool:
        """Whether the sizes leave no room for ten others who came since the figures before, and there are none."""
        now = {**self._now, view.group: view.contributors}
        again = [group for group in now if group in self._newest]
        if EVERYBODY not in again or view.group not in again or not self._not_shown - {view.group}:
            return False
        changed = {group: now[group] ^ self._newest[group] for group in again}
        others = changed[EVERYBODY].difference(*(changed[group] for group in again if group != EVERYBODY))
        sizes = {
            group: (rounded_down(count_people(self._newest[group])), rounded_down(count_people(now[group])))
            for group in again
        }
        before, after = sizes.pop(EVERYBODY)
        room = after + MINIMUM - 1 - before
        room -= sum(max(MINIMUM, then - (earlier + MINIMUM - 1)) for earlier, then in sizes.values())
        return not others and room < MINIMUM


def _groups_heard_of(views: Sequence[View]) -> frozenset[str]:
    """The teams that a reader may wonder about; with people outside all of them, these are one more."""
    people: dict[bool, set[str]] = {True: set(), False: set()}
    for view in views:
        people[view.group == EVERYBODY] |= persons(view.contributors)
    teams = {view.group for view in views if view.group != EVERYBODY}
    return frozenset(teams | {_NO_TEAM} if people[True] - people[False] else teams)


def settled_size(people: int, before: int) -> int:
    """The size of a group to go on with: counted anew only once it differs by ten people from the one before.

    So no two sizes that are ever shown of it differ by a few people; 0 when it was never settled.
    """
    return people if abs(people - before) >= MINIMUM else before


@dataclass(frozen=True, slots=True)
class GroupSize:
    """At least how many people a group counted, in tens, and when; made by `shown_size` only."""

    people: int
    counted_at: datetime
    gate: InitVar[object] = None

    def __post_init__(self, gate: object) -> None:
        if gate is not _GATE:
            raise NotThroughTheGate("only shown_size() makes the size of a group")


def shown_size(settled: int, counted_at: datetime) -> GroupSize | None:
    """What may be seen of a size that `settled_size` gave; None below ten people."""
    people = rounded_down(settled)
    return GroupSize(people, counted_at, _GATE) if people else None


def rounded_down(count: int) -> int:
    """A number of people as it is shown: rounded down to tens, so that two counts cannot be subtracted."""
    return count // MINIMUM * MINIMUM


def rounded_percent(part: float, whole: float) -> int:
    """A percentage as it is shown: in steps of 5, and never 0 or 100, which would tell about everybody."""
    step = round(100.0 * part / whole / _PERCENT_STEP) * _PERCENT_STEP
    return min(max(step, _PERCENT_STEP), 100 - _PERCENT_STEP)


def _shown_value(key: str, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, float | int | str | None):
        raise ValueNotShowable(f"{key}: {type(value).__name__}")
    if isinstance(value, str) or value is None:
        return value
    if not math.isfinite(value):
        raise ValueNotShowable(f"{key}: not a finite number")
    if key.endswith("percent"):
        return rounded_percent(value, 100.0)
    return round(value, _DECIMALS) if isinstance(value, float) else rounded_down(value)


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring levels taken together, and the share of the people in them (5, 10, ... 95 percent)."""

    levels: tuple[str, ...]
    share_percent: int

    @property
    def key(self) -> str:
        """The name of this share among the values of a figure, such as "basis+zelfstandig_percent"."""
        return "+".join(self.levels) + "_percent"


def merge_cells(counts: Mapping[str, int], order: Sequence[str]) -> tuple[Cell, ...] | None:
    """Shares per level, neighbours merged until each cell holds ten people, and could hold more as far as a
    reader can tell; None when one cell is left.

    `order` names the levels, lowest first; a level without a count has nobody. Raises CountsDoNotFit.
    """
    if not set(counts) <= set(order) or any(count < 0 for count in counts.values()):
        raise CountsDoNotFit(f"{len(counts)} counts for {len(order)} levels")
    cells: list[tuple[tuple[str, ...], int]] = [((level,), counts.get(level, 0)) for level in order]
    total = sum(counts.values())
    while len(cells) > 1 and _too_small(min(count for _, count in cells), total):
        small = min(range(len(cells)), key=lambda place: cells[place][1])
        beside = [place for place in (small - 1, small + 1) if 0 <= place < len(cells)]
        low, high = sorted((small, min(beside, key=lambda place: cells[place][1])))
        cells[low : high + 1] = [(cells[low][0] + cells[high][0], cells[low][1] + cells[high][1])]
    if len(cells) < 2:
        return None
    return tuple(Cell(levels, rounded_percent(count, total)) for levels, count in cells)


def _too_small(count: int, total: int) -> bool:
    """Fewer than ten people, or a share that can only be ten: the same level of a team would then tell that
    nobody else is at it."""
    largest_share = (rounded_percent(count, total) + _PERCENT_STEP / 2) / 100 if total else 0.0
    return count < MINIMUM or int(largest_share * (rounded_down(total) + MINIMUM - 1)) <= MINIMUM
