"""A crowd in step asks exactly what each would be asked alone."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import (
    AnswersDoNotMatch,
    Ask,
    Bank,
    Policy,
    Sittings,
    profile,
    sit_together,
)
from lti_tool.measurement.model import Mask
from lti_tool.measurement.posterior import read_history
from lti_tool.measurement.ranking import NO_ITEM
from lti_tool.measurement.stop import CLOSINGS
from tests.unit.measurement.examples import DOMAINS, bank, item, ladder, sit, some_items, some_policy, state


def answered(seed: int, people: int, of_bank: Bank) -> Mask:
    """Some are right about anything, some about nothing, the others about half."""
    dice = np.random.default_rng(seed)
    share = dice.choice([0.0, 0.5, 0.8, 1.0], size=(people, 1))
    return np.asarray(dice.random((people, len(of_bank.item_ids))) < share)


def asked_of(of_bank: Bank, sittings: Sittings, person: int) -> list[str]:
    return [of_bank.item_ids[place] for place in sittings.asked[person] if place != NO_ITEM]


def knowing(of_bank: Bank, rights: Mask) -> Callable[[Ask], bool]:
    """Somebody with these answers to the items of the bank."""
    return lambda step: bool(rights[of_bank.index[step.item_id]])


def assert_as_alone(of_bank: Bank, policy: Policy, rights: Mask, excluded: Mask | None = None) -> Sittings:
    seeds = [f"person {k}" for k in range(rights.shape[0])]
    together = sit_together(of_bank, policy, rights, seeds=seeds, excluded=excluded)
    for person, seed in enumerate(seeds):
        places = [] if excluded is None else np.flatnonzero(excluded[person]).tolist()
        seen = frozenset(of_bank.item_ids[place] for place in places)
        asked, history, done = sit(of_bank, policy, knowing(of_bank, rights[person]), seed, excluded=seen)
        assert asked_of(of_bank, together, person) == [step.item_id for step in asked]
        assert CLOSINGS[together.closing[person]] == done.reason
        assert together.right[person, : len(asked)].tolist() == [answer.right for answer in history]
        assert not together.right[person, len(asked) :].any()
        alone = profile(of_bank, policy, state(history))
        for name in ("mean", "sd", "low95", "high95", "level_shares"):
            of_domains = np.array([getattr(domain, name) for domain in alone.domains])
            assert getattr(together, name)[person] == pytest.approx(of_domains, abs=1e-9)
        evidence = read_history(of_bank, state(history))
        assert together.per_domain[person].tolist() == evidence.per_domain
        assert together.log_likelihood[person] == pytest.approx(evidence.log_likelihood, abs=1e-9)
    return together


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4))
@settings(deadline=None, max_examples=100)
def test_a_crowd_is_always_asked_what_each_would_be_asked_alone(seed: int, people: int, domains: int) -> None:
    dice = random.Random(seed)
    of_bank = bank(some_items(dice, DOMAINS[:domains]), DOMAINS[:domains])
    policy = some_policy(dice)
    rights = answered(seed, people, of_bank)
    excluded = None if seed % 2 else answered(seed + 1, people, of_bank)
    assert_as_alone(of_bank, policy, rights, excluded)


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=20)
def test_numbers_about_a_crowd_are_always_proper(seed: int) -> None:
    dice = random.Random(seed)
    of_bank, policy = bank(some_items(dice)), some_policy(dice)
    done = sit_together(of_bank, policy, answered(seed, 6, of_bank), seeds=list("abcdef"))
    assert (done.low95 <= done.high95).all()
    assert (done.sd > 0).all()
    assert np.isfinite(done.mean).all()
    assert done.level_shares.sum(axis=-1) == pytest.approx(np.ones((6, 4)))
    assert (done.level_shares >= 0).all()


def test_an_ordinary_crowd_with_pilots_is_asked_what_each_would_be_asked_alone() -> None:
    pilots = [item(f"pilot {k}", DOMAINS[k], -1.0, pilot=True) for k in range(4)]
    of_bank = bank([*ladder(), *pilots])
    done = assert_as_alone(of_bank, Policy(pilot_slots=2), answered(3, 30, of_bank))
    assert np.isin(done.asked, of_bank.pilots).any()


@pytest.mark.parametrize("floor", [0.0, 0.6])
def test_who_has_seen_all_ranked_items_gets_the_rest_in_a_crowd_too(floor: float) -> None:
    large = [item(f"i{k:03d}", b=-3.0 + 2.5 * k / 299, source="calibrated", prior_sd=0.0) for k in range(300)]
    of_bank = bank([*large, item("other", "informatie")])
    policy = Policy(success_floor=floor, easy_first=1)
    excluded = np.zeros((4, 301), dtype=np.bool_)
    excluded[0, of_bank.ranking(floor).order[0, 40]] = True
    excluded[1, 20:] = True
    excluded[2, :40] = True
    done = assert_as_alone(of_bank, policy, answered(5, 4, of_bank), excluded)
    assert (done.per_domain[:, 0] == policy.max_per_domain).any()


def test_a_crowd_is_not_asked_what_nobody_can_do_either() -> None:
    of_bank = bank([item("a", b=10.0, a=5.0, source="calibrated", prior_sd=0.0), item("b", "informatie")])
    done = assert_as_alone(of_bank, Policy(min_per_domain=0, easy_first=0), answered(1, 4, of_bank))
    assert not (done.asked == of_bank.index["a"]).any()


def test_nobody_is_a_crowd_too() -> None:
    done = sit_together(bank(), Policy(), np.zeros((0, 60), dtype=np.bool_), seeds=[])
    assert done.asked.shape == (0, 24)
    assert done.mean.shape == (0, 4)


def test_of_a_crowd_that_has_seen_everything_nothing_is_asked() -> None:
    everything = np.ones((3, 60), dtype=np.bool_)
    done = assert_as_alone(bank(), Policy(), everything, excluded=everything)
    assert (done.asked == NO_ITEM).all()
    assert {CLOSINGS[why] for why in done.closing} == {"exhausted"}
    assert everything.all()


def test_the_table_of_items_seen_before_is_left_as_it_was() -> None:
    excluded = np.zeros((2, 60), dtype=np.bool_)
    sit_together(bank(), Policy(), np.ones((2, 60), dtype=np.bool_), seeds=["a", "b"], excluded=excluded)
    assert not excluded.any()


@pytest.mark.parametrize(
    ("rights", "seeds", "excluded"),
    [
        ((2, 59), 2, None),
        ((2, 60), 3, None),
        ((60,), 1, None),
        ((2, 60), 2, (2, 59)),
        ((2, 60), 2, (1, 60)),
    ],
)
def test_tables_that_do_not_match_are_refused(
    rights: tuple[int, ...], seeds: int, excluded: tuple[int, ...] | None
) -> None:
    seen = None if excluded is None else np.zeros(excluded, dtype=np.bool_)
    with pytest.raises(AnswersDoNotMatch):
        sit_together(bank(), Policy(), np.zeros(rights, dtype=np.bool_), seeds=["a"] * seeds, excluded=seen)


def test_a_level_that_is_all_but_clear_is_the_same_in_a_crowd() -> None:
    """A certainty of .79999999 is .8 for both: they look at as many decimals."""
    of_bank = bank()
    rights = answered(1, 1, of_bank)
    asked, history, _ = sit(of_bank, Policy(), knowing(of_bank, rights[0]), "person 0")
    for place in range(12, len(asked)):
        told = profile(of_bank, Policy(), state(history[:place])).domains
        for domain in told:
            policy = Policy(level_certainty=max(domain.level_shares) + 1e-8)
            assert_as_alone(of_bank, policy, rights)
