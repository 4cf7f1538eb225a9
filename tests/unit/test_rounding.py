"""How numbers of people are shown, and what somebody who calculates can read back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.domain.rounding import (
    MINIMUM,
    Cell,
    CountsDoNotFit,
    merge_cells,
    people_at,
    rounded_down,
    rounded_percent,
)

LEVELS = ("basis", "zelfstandig", "gevorderd")


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ((10, 10, 20), [(("basis",), 25), (("zelfstandig",), 25), (("gevorderd",), 50)]),
        ((3, 20, 17), [(("basis", "zelfstandig"), 60), (("gevorderd",), 40)]),
        ((20, 3, 11), [(("basis",), 60), (("zelfstandig", "gevorderd"), 40)]),
        ((11, 2, 20), [(("basis", "zelfstandig"), 40), (("gevorderd",), 60)]),
        ((4, 30, 5), None),
        ((0, 30, 0), None),
        ((4, 3, 1), None),
        ((10, 0, 1990), [(("basis", "zelfstandig"), 5), (("gevorderd",), 95)]),
    ],
)
def test_levels_with_few_people_are_taken_together_with_their_neighbours(
    counts: tuple[int, int, int], cells: list[tuple[tuple[str, ...], int]] | None
) -> None:
    merged = merge_cells(dict(zip(LEVELS, counts, strict=True)), LEVELS)
    assert merged == (None if cells is None else tuple(Cell(*cell) for cell in cells))


def test_a_share_that_can_only_be_ten_people_is_taken_together_with_its_neighbour() -> None:
    """25 % of at most 39 people, and at least ten: ten people, for whoever calculates."""
    cells = merge_cells({"basis": 10, "zelfstandig": 14, "gevorderd": 15}, ("basis", "zelfstandig", "gevorderd"))
    assert cells == (Cell(("basis", "zelfstandig"), 60), Cell(("gevorderd",), 40))


def test_a_cell_names_itself() -> None:
    assert Cell(("basis", "zelfstandig"), 55).key == "basis+zelfstandig_percent"


@pytest.mark.parametrize("counts", [{"expert": 3}, {"basis": -1}])
def test_counts_must_belong_to_the_levels(counts: dict[str, int]) -> None:
    with pytest.raises(CountsDoNotFit):
        merge_cells(counts, LEVELS)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
@settings(deadline=None)
def test_no_cell_ever_holds_fewer_than_ten_people(counts: list[int]) -> None:
    order = [f"level {place}" for place in range(len(counts))]
    by_level = dict(zip(order, counts, strict=True))
    cells = merge_cells(by_level, order)
    if cells is not None:
        assert [level for cell in cells for level in cell.levels] == order
        assert len(cells) > 1
        assert all(sum(by_level[level] for level in cell.levels) >= 10 for cell in cells)
        assert all(5 <= cell.share_percent <= 95 and cell.share_percent % 5 == 0 for cell in cells)


@given(st.integers(0, 5000), st.integers(1, 5000))
@settings(deadline=None)
def test_a_rounded_percentage_never_says_nobody_or_everybody(part: int, whole: int) -> None:
    assert rounded_percent(min(part, whole), whole) in range(5, 96, 5)
    assert rounded_down(part) % 10 == 0


# --- What can be read back


def at(values: Mapping[str, object], n_shown: int) -> dict[str, tuple[int, int]]:
    return {"+".join(sorted(levels)): span for levels, span in people_at(values, n_shown).items()}


def test_a_share_of_a_number_in_tens_can_be_of_so_many_people() -> None:
    """70 % of 20 to 29 people is at least 14 and at most 19, for the others are ten or more."""
    assert at({"basis_percent": 70, "zelfstandig+gevorderd_percent": 30}, 20) == {}
    assert at({"basis_percent": 60, "zelfstandig+gevorderd_percent": 40}, 20) == {
        "basis": (14, 18),
        "gevorderd+zelfstandig": (10, 12),
    }


def test_values_that_are_no_shares_of_one_group_say_nothing_about_people() -> None:
    assert people_at({"mean": 0.5, "low95": 0.1}, 20) == {}
    assert people_at({"basis_percent": 40}, 20) == {}
    assert people_at({"basis_percent": None}, 20) == {}


@given(st.lists(st.integers(0, 300), min_size=2, max_size=4))
@settings(deadline=None)
def test_the_truth_always_lies_in_what_can_be_read_back(counts: list[int]) -> None:
    by_level = {f"level {place}": count for place, count in enumerate(counts)}
    cells = merge_cells(by_level, list(by_level))
    if cells is not None:
        people = people_at({cell.key: cell.share_percent for cell in cells}, rounded_down(sum(counts)))
        assert len(people) == len(cells)
        for cell in cells:
            least, most = people[frozenset(cell.levels)]
            assert MINIMUM <= least <= sum(by_level[level] for level in cell.levels) <= most


@given(st.integers(20, 120), st.integers(1, 18))
@settings(deadline=None)
def test_what_is_read_back_is_exactly_what_some_group_could_be(n_shown: int, step: int) -> None:
    """Every pair of counts is tried."""
    n_shown, first = rounded_down(n_shown), 5 * step
    fit = [
        (one, people - one)
        for people in range(n_shown, n_shown + MINIMUM)
        for one in range(MINIMUM, people - MINIMUM + 1)
        if rounded_percent(one, people) == first and rounded_percent(people - one, people) == 100 - first
    ]
    ends = [(min(counts), max(counts)) for counts in zip(*fit, strict=True)] if fit else []
    assert list(people_at({"a_percent": first, "b_percent": 100 - first}, n_shown).values()) == ends
