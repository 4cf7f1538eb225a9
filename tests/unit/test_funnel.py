"""How far groups are with a training, and attackers who keep everything that was ever published of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.domain.disclosure import DisclosedFigure, Figure, View, disclose, is_due
from lti_tool.domain.funnel import STEPS, funnel_shares, funnel_view
from tests.unit.test_disclosure import few_are_exposed

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def people(new: int, begun: int, done: int) -> dict[str, str]:
    steps = [STEPS[0]] * new + [STEPS[1]] * begun + [STEPS[2]] * done
    return {f"p{number}": step for number, step in enumerate(steps)}


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ((20, 15, 25), {"new_percent": 35, "begun_percent": 25, "done_percent": 40}),
        ((40, 4, 16), {"new_percent": 65, "begun+done_percent": 35}),
        ((40, 16, 4), {"new_percent": 65, "begun+done_percent": 35}),
        ((4, 16, 40), {"new+begun_percent": 35, "done_percent": 65}),
        ((30, 9, 0), None),
        ((30, 0, 9), None),
        ((30, 4, 5), None),
        ((30, 0, 0), None),
        ((0, 0, 30), None),
        ((3, 3, 3), None),
        ((0, 0, 0), None),
    ],
)
def test_steps_with_few_people_are_taken_together_and_a_training_that_few_opened_is_not_told(
    counts: tuple[int, int, int], shares: dict[str, int] | None
) -> None:
    assert funnel_shares(people(*counts)) == shares


def test_everybody_contributes_and_who_goes_on_is_another_value_of_the_same_person() -> None:
    view = funnel_view("M-VEI-001", "all", {"a": "new", "b": "done"})
    assert view == View("module:M-VEI-001", "all", frozenset({"a#new", "b#done"}))
    earlier, few_went_on, ten_went_on = people(20, 0, 20), people(11, 9, 20), people(10, 10, 20)
    groups = (earlier, few_went_on, ten_went_on)
    before, few, ten = (funnel_view("m", "all", steps).contributors for steps in groups)
    assert not is_due(few, before)
    assert is_due(ten, before)


@given(st.tuples(*[st.integers(0, 60)] * 3))
def test_neither_opened_less_finished_nor_any_other_difference_of_shares_is_one_to_nine_people(
    counts: tuple[int, int, int],
) -> None:
    shares = funnel_shares(people(*counts))
    if shares is None:
        return
    cells = [key.removesuffix("_percent").split("+") for key in shares]
    assert [step for cell in cells for step in cell] == list(STEPS)
    sizes = [sum(counts[STEPS.index(step)] for step in cell) for cell in cells]
    for weights in itertools.product((-1, 0, 1), repeat=len(sizes)):
        chosen = [size for weight, size in zip(weights, sizes, strict=True) if weight]
        assert not chosen or sum(chosen) >= 10


Moves = list[list[tuple[int, int, int]]]
"""Publication by publication: so many people of a team move so many steps on."""


@st.composite
def lives(draw: st.DrawFn) -> Moves:
    move = st.tuples(st.integers(0, 3), st.integers(1, 14), st.integers(0, 2))
    return draw(st.lists(st.lists(move, min_size=1, max_size=5), min_size=1, max_size=5))


Shown = dict[tuple[str, str], DisclosedFigure]


def published(life: Moves, sizes: Iterable[int]) -> tuple[list[View], list[Shown]]:
    """Teams of these sizes come in, go on step by step, and whatever is due is published at once."""
    where: dict[str, tuple[int, int]] = {}
    ledger: list[View] = []
    moments = []
    coming = list(sizes)
    for moves in [[(team, size, 0) for team, size in enumerate(coming)], *life]:
        for team, many, on in moves:
            theirs = [person for person, (own, step) in where.items() if own == team and step + on <= 2]
            if on:
                where.update({person: (team, where[person][1] + on) for person in theirs[:many]})
            else:
                where.update({f"p{len(where) + k}": (team, 0) for k in range(many)})
        groups = {"all": {p: STEPS[step] for p, (_, step) in where.items()}}
        for team in range(len(coming)):
            groups[f"team:{team}"] = {p: STEPS[step] for p, (own, step) in where.items() if own == team}
        last = {view.group: view.contributors for view in ledger}
        due = []
        for group, steps in groups.items():
            view, shares = funnel_view("m", group, steps), funnel_shares(steps)
            if shares is not None and (group not in last or is_due(view.contributors, last[group])):
                due.append(Figure(view, shares))
        disclosed, views = disclose(due, ledger, AT)
        ledger.extend(views)
        moments.append({(figure.measure, figure.group): figure for figure in disclosed.figures})
    return ledger, moments


@given(lives(), st.lists(st.integers(5, 40), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_no_attacker_isolates_a_few_by_adding_and_subtracting_whatever_was_published(
    life: Moves, sizes: list[int]
) -> None:
    rows = list(dict.fromkeys(view.contributors for view in published(life, sizes)[0]))
    for one, other in itertools.combinations([*rows, frozenset()], 2):
        assert not 0 < len({contributor.split("#")[0] for contributor in one ^ other}) < 10
    if rows and len(rows) < 5:
        assert not few_are_exposed(rows)


def possible(figure: DisclosedFigure) -> dict[str, set[tuple[int, int]]]:
    """For each share: the sizes of the group and of the cell that agree with what is shown."""
    found: dict[str, set[tuple[int, int]]] = {}
    for key, share in figure.values.items():
        found[key] = {
            (n, cell)
            for n in range(figure.n_shown, figure.n_shown + 10)
            for cell in range(10, n - 9)
            if min(max(round(Fraction(20 * cell, n)), 1), 19) * 5 == share
        }
    return found


def told(sums: Iterable[int]) -> Mapping[str, int] | None:
    """What a reader knows for sure, when that is a number of 1 to 9 people."""
    values = set(sums)
    return {"people": values.pop()} if len(values) == 1 and 0 < min(values) < 10 else None


@given(lives(), st.lists(st.integers(10, 60), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_no_reader_of_shares_knows_that_a_few_people_went_on_or_are_elsewhere(
    life: Moves, sizes: list[int]
) -> None:
    """Between two moments of one group, and between everybody and a team: the shares leave more than one world."""
    newest: Shown = {}
    for moment in published(life, sizes)[1]:
        for name, figure in moment.items():
            if name in newest:
                before, after = possible(newest[name]), possible(figure)
                for key in before.keys() & after.keys():
                    pairs = itertools.product(before[key], after[key])
                    assert told(late[1] - early[1] for early, late in pairs if late[0] >= early[0]) is None
        newest.update(moment)
        everybody = moment.get(("module:m", "all"))
        for (_, group), figure in moment.items():
            if everybody is not None and group != "all":
                whole, part = possible(everybody), possible(figure)
                for key in whole.keys() & part.keys():
                    pairs = itertools.product(whole[key], part[key])
                    rest = [all_[1] - team[1] for all_, team in pairs if all_[0] - team[0] in (0, *range(10, 999))]
                    assert told(rest) is None
