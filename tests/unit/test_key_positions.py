"""Whether the right answer stands in each place about equally often."""

from __future__ import annotations

from itertools import cycle, islice
from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library.checks.key_position import chance_above, key_positions
from lti_tool.content_library.format import ItemShape
from tests.packages import single_choice


def choices(*places: int, of: int = 4, **changes: Any) -> list[ItemShape]:
    """Choice items with their keys in these places."""
    return [
        ItemShape.model_validate(
            single_choice("VEI-INT-0001")
            | {"options": [{"id": "abcd"[at], "text": f"Optie {at}", "correct": at == place} for at in range(of)]}
            | changes
        )
        for place in places
    ]


def test_keys_that_stand_everywhere_are_what_chance_does() -> None:
    found = key_positions(choices(*islice(cycle(range(4)), 40)))
    assert (found.counts, found.p) == ((10, 10, 10, 10), 1.0)


def test_keys_that_always_stand_first_are_not() -> None:
    found = key_positions(choices(*[0] * 20))
    assert found.counts == (20, 0, 0, 0)
    assert found.p is not None
    assert found.p < 1e-6


def test_items_with_three_options_are_looked_at_by_themselves() -> None:
    # All four places together would look uneven: the fourth is not there in half of the items.
    items = choices(*islice(cycle(range(3)), 30), of=3) + choices(*islice(cycle(range(4)), 40))
    assert key_positions(items).p == 1.0
    assert key_positions(items).counts == (20, 20, 20, 10)


def test_of_few_items_nothing_is_said() -> None:
    assert key_positions(choices(*[0] * 19)).p is None
    assert key_positions([]).counts == ()


def test_items_that_are_not_in_use_and_other_types_do_not_count() -> None:
    assert key_positions(choices(*[0] * 30, status="retired")).counts == ()
    assert key_positions(choices(*[0] * 30, type="multiple_response")).counts == ()


@pytest.mark.parametrize(
    ("statistic", "freedom", "chance"),
    # Tables of chi-square, as in Abramowitz and Stegun 1964, 26.8.
    [(3.841459, 1, 0.05), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (11.070498, 5, 0.05), (23.209251, 10, 0.01)],
)
def test_the_chance_is_that_of_the_tables(statistic: float, freedom: int, chance: float) -> None:
    assert isclose(chance_above(statistic, freedom), chance, rel_tol=1e-5)


@given(st.floats(0, 200), st.floats(0, 200), st.integers(1, 12))
def test_a_chance_is_between_0_and_1_and_falls_as_places_get_more_uneven(
    one: float, other: float, df: int
) -> None:
    low, high = sorted((one, other))
    assert 0 <= chance_above(high, df) <= chance_above(low, df) + 1e-12
    assert chance_above(0, df) == 1
