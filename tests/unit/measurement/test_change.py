"""Change of a group, and of one person, between two moments."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import (
    Own,
    PairsDoNotMatch,
    TooFewPairs,
    chance_improved,
    group_change,
    latent_change,
    paired_change,
)
from lti_tool.measurement.change import summed_change, t_quantile
from lti_tool.measurement.model import GRID, Array, chance_right, log_chances


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


# --- Latent regression on likelihoods


def of_answers(abilities: Array, items: int, dice: np.random.Generator) -> Array:
    """Log likelihoods (n, 81) of people with these abilities, of so many items each."""
    a, b = np.full((abilities.size, items, 1), 1.2), dice.normal(0, 1.2, (abilities.size, items, 1))
    right = dice.random((abilities.size, items, 1)) < chance_right(
        abilities[:, None, None], a, b, np.zeros_like(b)
    )
    logs = log_chances(GRID, a, b, np.zeros_like(b))
    return np.asarray(np.where(right, logs[1], logs[0]).sum(axis=1))


def two_waves(
    people: int, change: float, items: int = 8, seed: int = 1, correlation: float = 0.8
) -> tuple[Array, Array]:
    dice = np.random.default_rng(seed)
    before = dice.standard_normal(people)
    after = correlation * before + math.sqrt(1 - correlation**2) * dice.standard_normal(people) + change
    return of_answers(before, items, dice), of_answers(after, items, dice)


def score(right: int, items: int, a: float = 1.2, b: float = 0.0) -> Array:
    """The log likelihood of one person with so many of so many equal items right."""
    logs = log_chances(GRID, np.array([a]), np.array([b]), np.zeros(1))
    return np.asarray(right * logs[1] + (items - right) * logs[0])


FLAT = np.zeros(81)


@pytest.mark.parametrize("change", [-0.5, 0.0, 0.4, 1.0])
def test_a_known_change_is_found_without_shrinking(change: float) -> None:
    found = [latent_change(*two_waves(400, change, seed=seed)).mean for seed in range(4)]
    assert np.mean(found) == pytest.approx(change, abs=0.06)


def test_latent_intervals_hold_the_true_change_as_often_as_they_say() -> None:
    held = [
        change.low95 <= 0.4 <= change.high95
        for seed in range(60)
        for change in [latent_change(*two_waves(40, 0.4, seed=seed))]
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.06)


def test_fewer_answers_and_fewer_people_give_wider_intervals() -> None:
    def width(people: int, items: int) -> float:
        change = latent_change(*two_waves(people, 0.4, items))
        return change.high95 - change.low95

    assert width(100, 12) < width(100, 6) < width(100, 2)
    assert width(200, 6) < width(100, 6) < width(30, 6)


def test_swapping_the_moments_turns_the_change_around() -> None:
    pre, post = two_waves(60, 0.5)
    there, back = latent_change(pre, post), latent_change(post, pre)
    assert there.method == "latent_regression"
    assert there.n == 60
    assert back.mean == pytest.approx(-there.mean, abs=1e-6)
    assert (back.low95, back.high95) == pytest.approx((-there.high95, -there.low95), abs=1e-6)


def test_the_order_of_the_people_does_not_matter() -> None:
    pre, post = two_waves(60, 0.5)
    there, back = latent_change(pre, post), latent_change(pre[::-1], post[::-1])
    assert back.mean == pytest.approx(there.mean, abs=1e-9)


def test_a_likelihood_may_be_off_by_any_factor() -> None:
    pre, post = two_waves(30, 0.5)
    factor = np.linspace(-500, 500, 30)[:, None]
    assert latent_change(pre + factor, post).mean == pytest.approx(latent_change(pre, post).mean, abs=1e-9)


def test_people_without_any_answer_add_nothing() -> None:
    pre, post = two_waves(200, 0.4)
    alone = latent_change(pre, post)
    nothing = np.zeros((100, 81))
    diluted = latent_change(np.vstack([pre, nothing]), np.vstack([post, nothing]))
    assert diluted.mean == pytest.approx(alone.mean, abs=0.05)
    assert diluted.high95 - diluted.low95 == pytest.approx(alone.high95 - alone.low95, rel=0.15)


@pytest.mark.parametrize("people", [2, 30])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FLAT, FLAT),
        (score(4, 8), FLAT),
        (FLAT, score(8, 8)),
    ],
)
def test_without_answers_at_a_moment_anything_is_possible(people: int, before: Array, after: Array) -> None:
    change = latent_change(np.stack([before] * people), np.stack([after] * people))
    assert change.low95 < -2 < 2 < change.high95


@pytest.mark.parametrize("people", [2, 60])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (score(4, 8), score(4, 8)),
        (score(2, 8), score(6, 8)),
        (score(8, 8), score(8, 8)),
        (score(0, 8), score(8, 8)),
        (score(0, 60, 5.0), score(60, 60, 5.0)),
        (score(60, 60, 5.0), score(60, 60, 5.0)),
        (score(0, 60, 5.0, 5.0), score(60, 60, 5.0, -5.0)),
        (score(30, 60, 5.0), score(30, 60, 5.0)),
        (score(24, 24, 5.0, -5.9), score(0, 24, 5.0, 5.9)),
    ],
)
def test_people_who_are_all_alike_never_make_a_change_certain(people: int, before: Array, after: Array) -> None:
    change = latent_change(np.stack([before] * people), np.stack([after] * people))
    assert np.isfinite([change.mean, change.low95, change.high95, change.minimal_detectable]).all()
    assert change.low95 < change.mean < change.high95
    assert change.high95 - change.low95 > 0.2 / math.sqrt(people)


@given(st.integers(0, 2**32), st.integers(2, 12), st.sampled_from([0.1, 1.2, 5.0]))
@settings(deadline=None, max_examples=15)
def test_whatever_the_answers_a_latent_interval_always_surrounds_its_mean(
    seed: int, people: int, a: float
) -> None:
    dice = random.Random(seed)
    kinds = [(dice.randint(0, 20), dice.choice([-5.0, 0.0, 1.3])) for _ in range(3)]

    def wave() -> Array:
        some = [dice.choice(kinds) for _ in range(people)]
        return np.stack([score(dice.choice([0, right // 2, right]), right, a, b) for right, b in some])

    change = latent_change(wave(), wave())
    assert np.isfinite([change.mean, change.low95, change.high95, change.minimal_detectable]).all()
    assert change.low95 < change.mean < change.high95
    assert abs(change.mean) <= 12


@pytest.mark.parametrize(
    ("pre", "post"),
    [
        (np.zeros((3, 81)), np.zeros((2, 81))),
        (np.zeros((3, 81)), np.zeros((3, 80))),
        (np.zeros((3, 80)), np.zeros((3, 80))),
        (np.zeros(81), np.zeros(81)),
        (np.full((3, 81), np.nan), np.zeros((3, 81))),
        (np.zeros((3, 81)), np.full((3, 81), np.inf)),
        (np.zeros((3, 81)), np.full((3, 81), -np.inf)),
    ],
)
def test_likelihoods_that_do_not_match_are_refused(pre: Array, post: Array) -> None:
    with pytest.raises(PairsDoNotMatch):
        latent_change(pre, post)


@pytest.mark.parametrize("people", [0, 1])
def test_a_latent_change_of_one_person_is_no_group_either(people: int) -> None:
    with pytest.raises(TooFewPairs):
        latent_change(np.zeros((people, 81)), np.zeros((people, 81)))


# --- A group, whatever its size


def own(logs: Array) -> list[Own]:
    return [Own(float(GRID[one.argmax()]), one) for one in logs]


def test_a_small_group_is_compared_by_its_estimates_and_a_large_one_by_its_likelihoods() -> None:
    pre, post = two_waves(30, 0.5)
    large = group_change(own(pre), own(post))
    assert large == latent_change(pre, post)
    small = group_change(own(pre[:29]), own(post[:29]))
    assert small == paired_change([one.wle for one in own(pre[:29])], [one.wle for one in own(post[:29])])
    assert small.method == "paired_t"


def test_when_one_person_cannot_be_weighed_any_more_all_are_compared_by_their_estimates() -> None:
    before, after = (own(logs) for logs in two_waves(40, 0.5))
    after[7] = after[7]._replace(log_likelihood=None)
    change = group_change(before, after)
    assert (change.n, change.method) == (40, "paired_t")


@pytest.mark.parametrize("people", [3, 40])
def test_a_group_of_which_the_moments_do_not_match_is_refused(people: int) -> None:
    pre, post = two_waves(people, 0.5)
    with pytest.raises(PairsDoNotMatch):
        group_change(own(pre), own(post)[:-1])
    with pytest.raises(PairsDoNotMatch):
        group_change(own(pre)[:-1], own(post))


@pytest.mark.parametrize("people", [0, 1])
def test_a_group_of_one_is_refused(people: int) -> None:
    with pytest.raises(TooFewPairs):
        group_change([Own(0.0, FLAT)] * people, [Own(0.0, FLAT)] * people)


# --- One person


def test_without_answers_improvement_is_as_likely_as_not() -> None:
    assert chance_improved(FLAT, FLAT) == pytest.approx(0.5, abs=1e-12)
    assert chance_improved(score(4, 8), score(4, 8)) == pytest.approx(0.5, abs=1e-12)


@given(st.integers(0, 12), st.integers(0, 12), st.floats(-2, 2), st.sampled_from([0.0, 0.5, 0.8, 0.97]))
@settings(deadline=None)
def test_the_chance_of_improvement_always_turns_around_with_the_moments(
    before: int, after: int, b: float, correlation: float
) -> None:
    pre, post = score(before, 12), score(after, 12, b=b)
    there = chance_improved(pre, post, correlation)
    assert 0 <= there <= 1
    assert there + chance_improved(post, pre, correlation) == pytest.approx(1.0, abs=1e-9)


@given(st.integers(0, 12), st.integers(0, 11))
@settings(deadline=None)
def test_one_more_right_answer_always_raises_the_chance_of_improvement(before: int, after: int) -> None:
    pre = score(before, 12)
    assert chance_improved(pre, score(after, 12)) < chance_improved(pre, score(after + 1, 12))


def test_the_chance_of_improvement_is_that_of_the_bivariate_normal() -> None:
    """With normal likelihoods the difference is normal too: mean and variance by hand."""
    pre, post = -((GRID + 0.3) ** 2) / (2 * 0.25), -((GRID - 0.4) ** 2) / (2 * 0.25)
    covariance = np.linalg.inv(np.linalg.inv(np.array([[1.0, 0.8], [0.8, 1.0]])) + np.eye(2) / 0.25)
    mean = covariance @ (np.array([-0.3, 0.4]) / 0.25)
    sd = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    by_hand = (1 + math.erf((mean[1] - mean[0]) / sd / math.sqrt(2))) / 2
    assert chance_improved(pre, post) == pytest.approx(by_hand, abs=0.01)


def test_whoever_could_do_nothing_and_can_do_everything_has_probably_improved() -> None:
    assert chance_improved(score(0, 24), score(24, 24)) > 0.99
    assert chance_improved(score(0, 200, 5.0), score(200, 200, 5.0)) == pytest.approx(1.0)


@pytest.mark.parametrize("correlation", [1.0, -1.0, 0.0])
def test_any_correlation_gives_a_chance(correlation: float) -> None:
    assert 0.5 < chance_improved(score(2, 8), score(6, 8), correlation) <= 1.0


@pytest.mark.parametrize(
    ("pre", "post"),
    [
        (np.full(81, np.nan), FLAT),
        (FLAT, np.full(81, -np.inf)),
        (FLAT, np.zeros(80)),
        (np.zeros(80), np.zeros(80)),
        (np.zeros((2, 81)), np.zeros((2, 81))),
    ],
)
def test_a_likelihood_that_is_none_is_refused(pre: Array, post: Array) -> None:
    with pytest.raises(PairsDoNotMatch):
        chance_improved(pre, post)


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=40))
def test_a_change_from_number_mean_and_sd_is_that_of_the_differences(differences: list[float]) -> None:
    whole = paired_change([0.0] * len(differences), differences)
    summed = summed_change(len(differences), float(np.mean(differences)), float(np.std(differences, ddof=1)))
    assert summed.n == whole.n
    for name in ("mean", "low95", "high95", "minimal_detectable"):
        assert getattr(summed, name) == pytest.approx(getattr(whole, name), abs=1e-9)


def test_one_difference_has_no_interval() -> None:
    with pytest.raises(TooFewPairs):
        summed_change(1, 0.3, 0.0)
