"""Change of a group between two moments."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import PairsDoNotMatch, TooFewPairs, paired_change
from lti_tool.measurement.change import t_quantile


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.3027),
        (0.975, 9, 2.2622),
        (0.975, 29, 2.0452),
        (0.975, 120, 1.9799),
        (0.975, 5000, 1.9604),
        (0.975, 100_000, 1.95999),
        (0.8, 1, 1.3764),
        (0.8, 9, 0.8834),
        (0.5, 4, 0.0),
    ],
)
def test_quantiles_are_those_of_the_tables(share: float, freedom: int, value: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(value, abs=5e-5)


def test_a_change_by_hand() -> None:
    change = paired_change([0.0, 0.2, -0.4, 1.0], [0.5, 0.4, 0.2, 1.3])
    assert change.n == 4
    assert change.mean == pytest.approx(0.4)
    half = 3.1824 * math.sqrt((0.01 + 0.04 + 0.04 + 0.01) / 3) / 2
    assert (change.low95, change.high95) == pytest.approx((0.4 - half, 0.4 + half), abs=1e-4)
    assert change.minimal_detectable == pytest.approx(half * (3.1824 + 0.9785) / 3.1824, abs=1e-4)


def test_ten_people_can_show_large_effects_only() -> None:
    """With a standard deviation of .895 of the differences: smallest effect .89, half interval .64."""
    post = [math.sqrt(0.9) * 0.895 * sign for sign in (1, -1) * 5]
    change = paired_change([0.0] * 10, post)
    assert change.high95 == pytest.approx(0.64, abs=0.005)
    assert change.minimal_detectable == pytest.approx(0.89, abs=0.005)


def test_equal_changes_leave_no_doubt() -> None:
    change = paired_change([0.0, 1.0], [0.5, 1.5])
    assert (change.mean, change.low95, change.high95, change.minimal_detectable) == (0.5, 0.5, 0.5, 0.0)


def test_intervals_hold_the_true_change_as_often_as_they_say() -> None:
    chance = random.Random(4)
    held = 0
    for _ in range(400):
        change = paired_change([0.0] * 12, [chance.gauss(0.4, 0.9) for _ in range(12)])
        held += change.low95 <= 0.4 <= change.high95
    assert held / 400 == pytest.approx(0.95, abs=0.035)


@pytest.mark.parametrize("values", [[], [0.3]])
def test_one_person_is_no_group(values: list[float]) -> None:
    with pytest.raises(TooFewPairs):
        paired_change(values, values)


def test_both_moments_hold_the_same_people() -> None:
    with pytest.raises(PairsDoNotMatch):
        paired_change([0.0, 1.0], [0.0])
    with pytest.raises(PairsDoNotMatch):
        paired_change([0.0, float("nan")], [0.0, 1.0])


@given(st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), min_size=2, max_size=60))
@settings(deadline=None)
def test_the_interval_always_surrounds_the_mean(pairs: list[tuple[float, float]]) -> None:
    change = paired_change([pre for pre, _ in pairs], [post for _, post in pairs])
    assert change.low95 <= change.mean <= change.high95
    assert change.minimal_detectable >= 0
