"""The response model against its formulas."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Prior, PriorUnusable
from lti_tool.measurement.model import (
    GRID,
    Array,
    chance_right,
    expert_regression,
    information,
    log_chances,
    nearest_node,
    nearest_nodes,
    slant,
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
    log_wrong, log_right = log_chances(one(ability), one(a), one(b), one(c))
    assert np.isfinite(log_right).all()
    assert np.isfinite(log_wrong).all()
    assert math.exp(log_right[0]) == pytest.approx(right[0], abs=1e-12)
    assert math.exp(log_wrong[0]) == pytest.approx(1 - right[0], abs=1e-12)


@given(st.floats(-4, 4), st.floats(0.3, 2.5), st.floats(-3, 3), st.floats(0, 0.4))
@settings(deadline=None)
def test_slopes_and_information_follow_from_the_chances(ability: float, a: float, b: float, c: float) -> None:
    step = 1e-4
    near = [chance_right(one(ability + k * step), one(a), one(b), one(c))[0] for k in (-1, 0, 1)]
    slope, bend = (near[2] - near[0]) / (2 * step), (near[2] - 2 * near[1] + near[0]) / step**2
    known = information(one(ability), one(a), one(b), one(c))[0]
    assert known == pytest.approx(slope**2 / (near[1] * (1 - near[1])), rel=1e-4)
    assert slant(one(ability), one(a), one(b))[0] * slope == pytest.approx(bend, abs=1e-5)


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=5))
@settings(deadline=None)
def test_the_nearest_node_is_always_the_nearest_alone_and_together(abilities: list[float]) -> None:
    nodes = nearest_nodes(np.array(abilities)).tolist()
    assert nodes == [nearest_node(ability) for ability in abilities]
    for ability, node in zip(abilities, nodes, strict=True):
        assert abs(GRID[node] - ability) == pytest.approx(np.abs(GRID - ability).min(), abs=1e-9)


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
    drawn, unknown = expert_regression(guesses, np.full(4, 0.7), np.ones(4, dtype=bool))
    assert drawn.mean() == pytest.approx(guesses.mean())
    assert (np.abs(drawn - guesses.mean()) <= np.abs(guesses - guesses.mean())).all()
    assert (unknown < 0.7).all()


def test_calibrated_items_stay_as_they_are_and_guesses_go_to_the_mean_of_all() -> None:
    b, sd, by_expert = np.array([2.0, 2.0, -1.0]), np.array([0.3, 0.7, 0.0]), np.array([False, True, False])
    drawn, unknown = expert_regression(b, sd, by_expert)
    assert drawn[[0, 2]].tolist() == [2.0, -1.0]
    assert unknown[[0, 2]].tolist() == [0.3, 0.0]
    assert b.mean() < drawn[1] < 2.0
    assert 0.0 < unknown[1] < 0.7


@given(
    st.lists(st.tuples(st.floats(-10, 10), st.floats(0, 5), st.booleans()), min_size=1, max_size=12),
)
@settings(deadline=None)
def test_the_regression_never_passes_the_mean_and_never_adds_doubt(
    items: list[tuple[float, float, bool]],
) -> None:
    b, sd = np.array([one[0] for one in items]), np.array([one[1] for one in items])
    drawn, unknown = expert_regression(b, sd, np.array([one[2] for one in items]))
    assert (np.abs(drawn - b.mean()) <= np.abs(b - b.mean()) + 1e-9).all()
    assert ((drawn - b.mean()) * (b - b.mean()) >= -1e-9).all()
    assert (unknown <= sd).all()


def test_a_sure_expert_is_believed_and_equal_guesses_are_no_problem() -> None:
    guesses = np.array([-1.0, 2.0])
    drawn, unknown = expert_regression(guesses, np.zeros(2), np.ones(2, dtype=bool))
    assert drawn == pytest.approx(guesses)
    assert unknown == pytest.approx([0.0, 0.0])
    drawn, unknown = expert_regression(np.zeros(3), np.full(3, 0.7), np.ones(3, dtype=bool))
    assert drawn == pytest.approx([0.0, 0.0, 0.0])
    assert 0 < unknown[0] < 0.7


def test_the_regression_recovers_true_difficulties_in_a_large_bank() -> None:
    draw = np.random.default_rng(3)
    true = draw.normal(0.3, 1.1, 4000)
    drawn, unknown = expert_regression(
        true + draw.normal(0, 0.7, 4000), np.full(4000, 0.7), np.ones(4000, dtype=bool)
    )
    assert np.sqrt(np.mean((drawn - true) ** 2)) == pytest.approx(unknown[0], rel=0.05)


def test_no_experts_is_no_problem() -> None:
    drawn, unknown = expert_regression(np.array([]), np.array([]), np.array([], dtype=bool))
    assert drawn.size == unknown.size == 0


@pytest.mark.parametrize("loading", [-0.1, 0.96, float("nan")])
def test_a_loading_outside_its_range_is_refused(loading: float) -> None:
    with pytest.raises(PriorUnusable):
        Prior(loading)
