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
from lti_tool.domain.rounding import MINIMUM, Span, people_at, rounded_down, rounded_percent

EVERYBODY: Final = "all"

_NO_TEAM: Final = ""
_DECIMALS: Final = 2
_ROOM: Final = 3
"""For so many people there must be room where a reader may wonder whether anybody is: what several figures say
together is a little narrower than what is calculated here."""

Value = float | int | str | None


class NotThroughTheGate(ValueError):
    """Something poses as disclosed figures that `disclose` did not make."""


class FigureTwice(ValueError):
    """One group has two candidates for one measure."""


class ValueNotShowable(ValueError):
    """A value is not a finite number, a text or None."""


class MomentWithoutTimezone(ValueError):
    """The moment of publication does not say its time zone."""


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
    candidates: Sequence[Figure], ledger: Sequence[View], at: datetime, before: Disclosed | None = None
) -> tuple[Disclosed, tuple[View, ...]]:
    """Judge the candidates against everything published before: what may be shown, and the views to remember.

    `ledger` holds every view ever published, of any measure, and `before` what was shown of each the last time
    (see `newest`). Per measure "all" goes first, then the largest group. Raises FigureTwice, ValueNotShowable or
    MomentWithoutTimezone.
    """
    names = _check(candidates, at)
    figures = {(f.view.measure, f.view.group): (f.view, _disclosed(f)) for f in candidates}
    heard_of = _groups_heard_of([*ledger, *(figure.view for figure in candidates)])
    reasons: dict[tuple[str, str], str | None] = {}
    for measure in {name[0] for name in names}:
        attacker = _Attacker(
            [view for view in ledger if view.measure == measure],
            [figure for figure in (before.figures if before else ()) if figure.measure == measure],
            heard_of,
        )
        of_measure = [figure for figure in figures.values() if figure[0].measure == measure]
        for view, shown in sorted(of_measure, key=lambda figure: _turn(figure[0])):
            reasons[measure, view.group] = attacker.objection(view, shown)
            if reasons[measure, view.group] is None:
                attacker.learn(view, shown)
    hidden = tuple(Hidden(*name, reason) for name in names if (reason := reasons[name]))
    passed = [figures[name] for name in names if reasons[name] is None]
    return Disclosed(at, tuple(shown for _, shown in passed), hidden, _GATE), tuple(view for view, _ in passed)


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


def _turn(view: View) -> tuple[bool, int, str]:
    return view.group != EVERYBODY, -count_people(view.contributors), view.group


class _Attacker:
    """Somebody who knows every published figure of one measure, and who was in it."""

    def __init__(
        self, published: Sequence[View], shown: Sequence[DisclosedFigure], heard_of: frozenset[str]
    ) -> None:
        self._rows = list(dict.fromkeys(view.contributors for view in published))
        self._before = frozenset(self._rows)
        self._whole: frozenset[str] = frozenset()
        self._parts: frozenset[str] = frozenset()
        self._not_shown = set(heard_of)
        self._newest = {view.group: view.contributors for view in published}
        self._now: dict[str, frozenset[str]] = {}
        self._newest_shown = {figure.group: figure for figure in shown}
        self._at: dict[str, Mapping[frozenset[str], Span]] = {}
        """Group -> how many people can be at its levels, of those that are public now."""

    def objection(self, view: View, shown: DisclosedFigure) -> str | None:
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
        if self._tells_that_nobody_is_at_a_level(view, shown):
            return "would_reveal_few"
        if view.contributors in self._rows:
            return None
        return finding(self._rows, view.contributors, MINIMUM)

    def learn(self, view: View, shown: DisclosedFigure) -> None:
        """From now on this view is public."""
        if view.contributors not in self._rows:
            self._rows.append(view.contributors)
        self._now[view.group] = view.contributors
        self._at[view.group] = people_at(shown.values, shown.n_shown)
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
        spread = MINIMUM - 1
        grown = (
            after + spread - before - sum(max(MINIMUM, late - early - spread) for early, late in sizes.values())
        )
        # Or: as many others as there can be now, less those that there must have been, who were nobody or ten.
        were = before - sum(early + spread for early, _ in sizes.values())
        came = after + spread - sum(late for _, late in sizes.values()) - (max(were, MINIMUM) if were > 0 else 0)
        return not others and min(grown, came) < MINIMUM

    def _tells_that_nobody_is_at_a_level(self, view: View, shown: DisclosedFigure) -> bool:
        """Whether shares leave no room at a level: for people outside the teams that are shown, or, in a group
        that only grew, for who came."""
        grew = view.group in self._newest_shown and self._newest[view.group] <= view.contributors
        beside = view.group != EVERYBODY and EVERYBODY in self._at
        if not (grew or beside):
            return False
        people = people_at(shown.values, shown.n_shown)
        return (beside and self._no_others(view.group, people)) or (grew and self._nobody_new(view.group, people))

    def _no_others(self, group: str, people: Mapping[frozenset[str], Span]) -> bool:
        whole = self._at[EVERYBODY]
        teams = [*(own for name, own in self._at.items() if name != EVERYBODY), people]
        for levels in people:
            around = _around(levels, whole)
            inside = [sum(least for own, (least, _) in team.items() if own <= around) for team in teams]
            somebody_may_be = self._not_shown - {group} or not all(inside)
            if around and somebody_may_be and _most(around, whole) - sum(inside) < _ROOM:
                return True
        return False

    def _nobody_new(self, group: str, people: Mapping[frozenset[str], Span]) -> bool:
        before = self._newest_shown[group]
        return any(
            people and _most(_around(levels, people), people) - least < _ROOM
            for levels, (least, _) in people_at(before.values, before.n_shown).items()
        )


def _around(levels: frozenset[str], people: Mapping[frozenset[str], Span]) -> frozenset[str]:
    """All levels of the shares in which these levels are."""
    return frozenset().union(*(other for other in people if other & levels))


def _most(levels: frozenset[str], people: Mapping[frozenset[str], Span]) -> int:
    return sum(most for own, (_, most) in people.items() if own <= levels)


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
