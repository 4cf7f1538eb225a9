"""The ranking table against sorting everything."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lti_tool.measurement import Bank
from lti_tool.measurement.model import GRID, Array
from lti_tool.measurement.ranking import LONGEST, NO_ITEM, first_of
from tests.unit.measurement.examples import bank, item, ladder


def known(of_bank: Bank, place: int, node: int) -> tuple[float, float]:
    """Chance and information of one item at one node, by the book."""
    a, b, c = of_bank.a[place], of_bank.b[place], of_bank.c[place]
    chance = c + (1 - c) / (1 + math.exp(-a * (GRID[node] - b)))
    return chance, a**2 * (1 - chance) / chance * ((chance - c) / (1 - c)) ** 2


def best_of_all(of_bank: Bank, domain: int, node: int, floor: float) -> list[int]:
    told = {place: known(of_bank, place, node) for place in of_bank.scored_of_domain[domain].tolist()}
    likely = [place for place, (chance, _) in told.items() if round(chance, 9) >= floor]
    return sorted(likely, key=lambda place: (-round(told[place][1], 9), place))


@pytest.mark.parametrize("floor", [0.0, 0.6, 0.8, 1.0])
@pytest.mark.parametrize("c", [0.0, 0.25])
def test_the_ranking_is_that_of_a_full_sort(floor: float, c: float) -> None:
    twins = [item(f"twin {k}", b=0.3, c=c) for k in range(4)]
    of_bank = bank([*ladder(9, c=c), *twins, item("pilot", b=0.2, pilot=True)])
    ranking = of_bank.ranking(floor)
    for domain in range(4):
        for node in range(0, GRID.size, 8):
            ranked = [place for place in ranking.order[domain, node].tolist() if place != NO_ITEM]
            assert ranked == best_of_all(of_bank, domain, node, floor)
    assert ranking.complete.all()


def test_of_more_items_than_are_kept_the_best_are() -> None:
    many = bank([item(f"i{k:03d}", b=-3 + 6 * k / 299, source="calibrated") for k in range(300)])
    ranking = many.ranking(0.0)
    for node in (0, 40, 66):
        assert ranking.order[0, node].tolist() == best_of_all(many, 0, node, 0.0)[:LONGEST]
    assert not ranking.complete[0].any()
    assert ranking.complete[1:].all()
    assert (ranking.order[1:] == NO_ITEM).all()


def test_a_floor_that_few_items_reach_leaves_out_nothing() -> None:
    many = bank([item(f"i{k:03d}", b=-3 + 6 * k / 299, source="calibrated") for k in range(300)])
    ranking = many.ranking(0.8)
    assert ranking.complete[0, 40]
    assert not ranking.complete[0, 80]


def test_a_ranking_is_made_once_for_each_floor_and_cannot_be_written() -> None:
    of_bank = bank(ladder(3))
    assert of_bank.ranking(0.6) is of_bank.ranking(0.6)
    assert of_bank.ranking(0.6) is not of_bank.ranking(0.8)
    with pytest.raises(ValueError, match="read-only"):
        of_bank.ranking(0.6).order[0, 0, 0] = 1


@given(
    arrays.arrays(np.float64, st.integers(0, 30), elements=st.sampled_from([0.0, 1e-9, 0.25, 0.5, 1.0])),
    st.integers(1, 20),
)
@settings(deadline=None)
def test_the_first_few_are_always_those_of_a_full_sort(worth: Array, most: int) -> None:
    everything = sorted(np.flatnonzero(worth).tolist(), key=lambda place: (-worth[place], place))
    assert first_of(worth, most).tolist() == everything[:most]
