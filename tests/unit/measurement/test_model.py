"""The response model against its formulas."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Prior, PriorUnusable
from lti_tool.measurement.model import (
    Array,
    chance_right,
    expert_regression,
    information,
    log_chances,
    slope_and_bend,
    softened_slope,
)


def one(value: float) -> Array:
    return np.array([value])


def test_at_its_difficulty_an_item_is_right_half_the_time_above_guessing() -> None:
    assert chance_right(one(0.4), one(1.2), one(0.4), one(0.0))[0] == pytest.approx(0.5)
    assert chance_right(one(0.4), one(1.2), one(0.4), one(0.2))[0] == pytest.approx(0.6)


@given(st.floats(-6, 6), st.floats(0.1, 5), st.floats(-10, 10), st.floats(0, 0.9))
@settings(deadline=None)
def test_logs_and_chances_always_agree_and_are_finite(ability: float, a: float, b: float, c: float) -> None:
    right = chance_right(one(ability), one(a), one(b), one(c))
    log_right, log_wrong = log_chances(one(ability), one(a), one(b), one(c))
    assert np.isfinite(log_right).all()
    assert np.isfinite(log_wrong).all()
    assert math.exp(log_right[0]) == pytest.approx(right[0], abs=1e-12)
    assert math.exp(log_wrong[0]) == pytest.approx(1 - right[0], abs=1e-12)


@given(st.floats(-4, 4), st.floats(0.3, 2.5), st.floats(-3, 3), st.floats(0, 0.4))
@settings(deadline=None)
def test_slopes_and_information_follow_from_the_chances(ability: float, a: float, b: float, c: float) -> None:
    step = 1e-4
    near = [chance_right(one(ability + k * step), one(a), one(b), one(c))[0] for k in (-1, 0, 1)]
    slope, bend = slope_and_bend(one(ability), one(a), one(b), one(c))
    assert slope[0] == pytest.approx((near[2] - near[0]) / (2 * step), abs=1e-6)
    assert bend[0] == pytest.approx((near[2] - 2 * near[1] + near[0]) / step**2, abs=1e-5)
    known = information(one(ability), one(a), one(b), one(c))[0]
    assert known == pytest.approx(slope[0] ** 2 / (near[1] * (1 - near[1])), rel=1e-6)


def test_an_uncertain_difficulty_flattens_the_curve_as_averaging_would() -> None:
    a, tau = 1.2, 0.6
    flatter = softened_slope(one(a), one(tau))
    errors = np.linspace(-6, 6, 4001)
    weights = np.exp(-(errors**2) / 2)
    for ability in (-2.0, -0.5, 0.0, 1.0, 3.0):
        averaged = np.average(chance_right(one(ability), one(a), errors * tau, one(0.0)), weights=weights)
        assert chance_right(one(ability), flatter, one(0.0), one(0.0))[0] == pytest.approx(averaged, abs=0.01)
    assert softened_slope(one(a), one(0.0))[0] == a


def test_experts_guesses_are_drawn_to_their_mean_and_what_stays_unknown_is_less() -> None:
    guesses = np.array([-2.0, 0.0, 1.0, 3.0])
    drawn, unknown = expert_regression(guesses, np.full(4, 0.7))
    assert drawn.mean() == pytest.approx(guesses.mean())
    assert (np.abs(drawn - guesses.mean()) <= np.abs(guesses - guesses.mean())).all()
    assert (unknown < 0.7).all()


def test_a_sure_expert_is_believed_and_equal_guesses_are_no_problem() -> None:
    guesses = np.array([-1.0, 2.0])
    drawn, unknown = expert_regression(guesses, np.zeros(2))
    assert drawn == pytest.approx(guesses)
    assert unknown == pytest.approx([0.0, 0.0])
    drawn, unknown = expert_regression(np.zeros(3), np.full(3, 0.7))
    assert drawn == pytest.approx([0.0, 0.0, 0.0])
    assert 0 < unknown[0] < 0.7


def test_the_regression_recovers_true_difficulties_in_a_large_bank() -> None:
    draw = np.random.default_rng(3)
    true = draw.normal(0.3, 1.1, 4000)
    drawn, unknown = expert_regression(true + draw.normal(0, 0.7, 4000), np.full(4000, 0.7))
    assert np.sqrt(np.mean((drawn - true) ** 2)) == pytest.approx(unknown[0], rel=0.05)


def test_no_experts_is_no_problem() -> None:
    drawn, unknown = expert_regression(np.array([]), np.array([]))
    assert drawn.size == unknown.size == 0


@pytest.mark.parametrize("loading", [-0.1, 0.96, float("nan")])
def test_a_loading_outside_its_range_is_refused(loading: float) -> None:
    with pytest.raises(PriorUnusable):
        Prior(loading)
