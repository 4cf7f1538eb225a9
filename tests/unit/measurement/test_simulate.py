"""A bank's health: simulated people, whose abilities are known."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import BankUnusable, Health, Policy, Prior, ScoredItem, SimulationUnusable, simulate
from lti_tool.measurement.simulate import draw_abilities, draw_answers, draw_world
from lti_tool.measurement.stop import CLOSINGS
from tests.unit.measurement.examples import DOMAINS, bank, item, ladder, some_items, some_policy

POLICY = Policy()


@cache
def health(learners: int = 600, seed: int = 1, **more: Any) -> Health:
    return simulate(ladder(), DOMAINS, POLICY, learners=learners, seed=seed, **more)


def assert_sensible(found: Health, items: list[ScoredItem], policy: Policy) -> None:
    shares = [
        found.level_accuracy,
        found.claimed_accuracy,
        found.shown_share,
        found.shown_right,
        found.coverage95,
        found.first_three_right,
        found.under_40_percent,
        found.max_exposure,
        *found.exposure.values(),
        *found.closings.values(),
        *(domain.level_accuracy for domain in found.domains.values()),
    ]
    assert all(0 <= share <= 1 for share in shares)
    assert set(found.closings) == set(CLOSINGS)
    assert sum(found.closings.values()) == pytest.approx(1.0)
    assert list(found.exposure) == sorted(one.item_id for one in items)
    assert found.max_exposure == max(found.exposure.values())
    scored = [one for one in items if not one.pilot]
    assert found.unused_items == sum(found.exposure[one.item_id] == 0 for one in scored)
    assert sum(found.exposure.values()) == pytest.approx(found.mean_items)
    assert 0 <= found.mean_items <= policy.max_items
    for name, domain in found.domains.items():
        own = [one for one in scored if one.domain == name]
        assert domain.items == len(own)
        assert domain.mean_items == pytest.approx(sum(found.exposure[one.item_id] for one in own))


# --- What it tells


def test_an_honest_bank_reaches_what_it_claims() -> None:
    found = health(1200)
    assert found.learners == 1200
    assert found.level_accuracy == pytest.approx(found.claimed_accuracy, abs=0.03)
    assert found.coverage95 == pytest.approx(0.95, abs=0.02)
    assert found.shown_right > found.level_accuracy
    assert found.first_three_right > 0.65
    assert found.under_40_percent < 0.08
    assert_sensible(found, ladder(), POLICY)


def test_worse_judges_than_the_bank_says_make_it_promise_too_much() -> None:
    honest, worse = health(), health(judge_error=2.0)
    assert worse.coverage95 < honest.coverage95 - 0.03
    assert worse.level_accuracy < honest.level_accuracy
    assert worse.claimed_accuracy - worse.level_accuracy > honest.claimed_accuracy - honest.level_accuracy + 0.03


def test_a_bank_that_admits_bad_judges_claims_less_and_keeps_to_it() -> None:
    """Guesses with a larger error lie further apart."""
    admits = [replace(one, b=1.8 * one.b, prior_sd=2.0) for one in ladder()]
    unsure = simulate(admits, DOMAINS, POLICY, learners=600, seed=1)
    assert unsure.claimed_accuracy < health().claimed_accuracy - 0.01
    assert unsure.level_accuracy == pytest.approx(unsure.claimed_accuracy, abs=0.04)
    assert unsure.coverage95 == pytest.approx(0.95, abs=0.03)


def test_calibrated_items_are_no_guess_of_judges() -> None:
    items = [replace(one, source="calibrated", prior_sd=0.1) for one in ladder()]
    arguments: dict[str, Any] = {"learners": 100, "seed": 3}
    assert simulate(items, DOMAINS, POLICY, **arguments) == simulate(
        items, DOMAINS, POLICY, judge_error=3.0, **arguments
    )


def test_a_correlation_that_is_not_there_makes_intervals_too_short() -> None:
    assert health(rho=0.0).coverage95 < health(rho=0.6).coverage95 - 0.02


def test_by_default_domains_correlate_as_the_engine_believes() -> None:
    assert health(100, prior=Prior(0.5)) == health(100, prior=Prior(0.5), rho=0.25)


def test_items_that_everybody_gets_are_seen_by_everybody() -> None:
    items = [item(f"{domain}-{k}", domain) for domain in DOMAINS for k in range(2)] + [item("pilot", pilot=True)]
    found = simulate(items, DOMAINS, Policy(pilot_slots=0), learners=50, seed=1)
    assert found.max_exposure == 1.0
    assert found.unused_items == 0
    assert found.exposure["pilot"] == 0.0
    assert found.closings["exhausted"] == 1.0


# --- What holds always


def test_the_same_arguments_give_the_same_health_and_another_seed_another() -> None:
    arguments: dict[str, Any] = {"learners": 60, "seed": 5, "judge_error": 0.9, "rho": 0.4}
    items = ladder()
    once = simulate(items, DOMAINS, POLICY, **arguments)
    assert simulate(random.Random(1).sample(items, len(items)), DOMAINS, POLICY, **arguments) == once
    assert simulate(items, DOMAINS, POLICY, **{**arguments, "seed": 6}) != once


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 19, 21]), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_whatever_the_bank_and_the_policy_health_is_always_sensible(
    seed: int, learners: int, domains: int
) -> None:
    dice = random.Random(seed)
    items, policy = some_items(dice, DOMAINS[:domains]), some_policy(dice)
    rho, judge_error = dice.choice([None, 0.0, 1.0]), dice.choice([None, 0.0, 5.0])
    found = simulate(
        items, DOMAINS[:domains], policy, learners=learners, seed=seed, rho=rho, judge_error=judge_error
    )
    assert found.learners == learners
    assert_sensible(found, items, policy)


def test_nobody_need_be_asked_anything() -> None:
    at_once = Policy(min_per_domain=0, level_certainty=0.0, show_level_from=1.0)
    found = simulate(ladder(), DOMAINS, at_once, learners=10, seed=1)
    assert (found.mean_items, found.first_three_right, found.shown_right) == (0.0, 0.0, 0.0)
    assert found.closings["certain"] == 1.0
    assert_sensible(found, ladder(), at_once)


# --- The dice


@pytest.mark.parametrize("rho", [0.0, 0.36, 1.0])
def test_abilities_are_standard_normal_and_correlate_as_asked(rho: float) -> None:
    abilities = draw_abilities(np.random.default_rng(1), 20_000, 3, rho)
    assert abilities.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.03)
    assert abilities.std(axis=0) == pytest.approx(np.ones(3), abs=0.03)
    assert np.asarray(np.corrcoef(abilities.T))[np.triu_indices(3, 1)] == pytest.approx(np.full(3, rho), abs=0.03)


def worlds(items: list[ScoredItem], judge_error: float | None) -> tuple[list[float], list[float]]:
    """Mean and SD of the difficulties of many worlds."""
    dice = np.random.default_rng(1)
    drawn = np.stack([draw_world(dice, items, judge_error)[1] for _ in range(3000)])
    return drawn.mean(axis=0).tolist(), drawn.std(axis=0).tolist()


def test_a_world_lies_around_what_is_believed_as_far_as_that_is_uncertain() -> None:
    items = [item("a", b=2.0, prior_sd=0.3, source="calibrated"), item("b", b=-1.0, prior_sd=0.7)]
    mean, sd = worlds(items, None)
    assert mean == pytest.approx(bank(items).b.tolist(), abs=0.05)
    assert sd[0] == pytest.approx(0.3, rel=0.05)
    assert 0.5 < sd[1] < 0.7
    assert worlds(items, 0.0)[1] == pytest.approx([0.3, 0.0], rel=0.05)
    assert worlds(items, 2.0)[1][1] > 0.9


def test_only_slopes_that_were_guessed_are_drawn() -> None:
    items = [item("a", a=1.5, source="calibrated"), item("b", a=1.5, c=0.2)]
    a, _, c = draw_world(np.random.default_rng(1), items, None)
    assert a[0] == 1.5
    assert a[1] not in (1.5, 0.0)
    assert c.tolist() == [0.0, 0.2]


def test_answers_are_right_as_often_as_the_model_says() -> None:
    one = np.ones(1)
    rights = draw_answers(np.random.default_rng(1), one, one * 0.5, one * 0.2, np.full((20_000, 1), 1.5))
    assert rights.mean() == pytest.approx(0.2 + 0.8 / (1 + np.exp(-1.0)), abs=0.01)


# --- What is refused


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        ({"learners": 0}, "learners"),
        ({"learners": -1}, "learners"),
        ({"learners": 100_001}, "learners"),
        ({"judge_error": -0.1}, "judge-error"),
        ({"judge_error": 5.1}, "judge-error"),
        ({"judge_error": float("nan")}, "judge-error"),
        ({"rho": -0.1}, "rho"),
        ({"rho": 1.1}, "rho"),
        ({"rho": float("nan")}, "rho"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_simulated_is_named(argument: dict[str, Any], field: str) -> None:
    with pytest.raises(SimulationUnusable) as caught:
        simulate(ladder(3), DOMAINS, POLICY, **{"learners": 10, "seed": 1, **argument})
    assert caught.value.field == field
    assert caught.value.reason in str(caught.value)


@pytest.mark.parametrize("items", [[], [item("a", pilot=True)], [item("a", b=float("inf"))]])
def test_items_that_make_no_bank_cannot_be_simulated(items: list[ScoredItem]) -> None:
    with pytest.raises(BankUnusable):
        simulate(items, DOMAINS, POLICY, learners=10, seed=1)
