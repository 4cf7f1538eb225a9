"""The rule that everybody writes first: hide what is about fewer than ten, show exact counts, each time anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.disclosure.organisations import Count, History
from lti_tool.domain.disclosure import EVERYBODY
from lti_tool.domain.rounding import MINIMUM


@dataclass(slots=True)
class Leaks:
    """What subtraction alone tells a reader of exact counts; numbers of 1 to 9 people."""

    organisations: int = 0
    with_hidden_teams: int = 0
    by_totals: int = 0
    """Organisations where the total less the teams shown leaves a few people."""
    refreshes: int = 0
    by_refreshing: int = 0
    """Refreshes of a total that differ from the one before by a few people."""
    by_levels: int = 0
    """Hidden levels that are the total less the levels shown."""
    leaking: int = 0

    def add(self, other: Leaks) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def cells(self) -> int:
        return self.by_totals + self.by_refreshing + self.by_levels


def leaks(history: History) -> Leaks:
    """What the naive rule gives away about one organisation."""
    found = Leaks(organisations=1, refreshes=max(len(history.refreshes) - 1, 0))
    rests = [_rest(refresh) for refresh in history.refreshes]
    found.with_hidden_teams = int(any(rest is not None for rest in rests))
    found.by_totals = int(any(rest is not None and 0 < rest < MINIMUM for rest in rests))
    for before, after in zip(history.refreshes, history.refreshes[1:], strict=False):
        shown = before[EVERYBODY].taking_part >= MINIMUM and after[EVERYBODY].taking_part >= MINIMUM
        grown = abs(after[EVERYBODY].taking_part - before[EVERYBODY].taking_part)
        found.by_refreshing += int(shown and 0 < grown < MINIMUM)
    for refresh in history.refreshes:
        for group, count in refresh.items():
            if group and count.pre >= MINIMUM:
                hidden = [[people for people in cells if people < MINIMUM] for cells in count.pre_cells]
                found.by_levels += sum(len(few) == 1 and few[0] > 0 for few in hidden)
    found.leaking = int(found.cells > 0)
    return found


def _rest(refresh: Mapping[str, Count]) -> int | None:
    """Who is left when the teams that are shown are taken off the total; None when no total or team is shown."""
    whole = refresh[EVERYBODY].taking_part
    teams = [count.taking_part for group, count in refresh.items() if group not in (EVERYBODY, "")]
    shown = [people for people in teams if people >= MINIMUM]
    return whole - sum(shown) if whole >= MINIMUM and shown else None
