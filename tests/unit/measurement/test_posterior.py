"""The joint posterior against brute force, and its promises."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import (
    AnotherBankVersion,
    Answer,
    ItemTwiceInHistory,
    Policy,
    Prior,
    State,
    UnknownItemInHistory,
    own_log_likelihood,
    profile,
)
from lti_tool.measurement.model import GRID, Array, log_chances
from lti_tool.measurement.posterior import Beliefs, believe, level_shares, quantile, read_history
from tests.unit.measurement.examples import DOMAINS, bank, item, ladder, state

POLICY = Policy()
BANK = bank()


def history(rights: list[bool], seed: int = 1) -> tuple[Answer, ...]:
    chosen = random.Random(seed).sample(BANK.item_ids, len(rights))
    return tuple(Answer(item_id, right) for item_id, right in zip(chosen, rights, strict=True))


def exactly(log_likelihood: Array, loading: float) -> Beliefs:
    """The same model on the joint grid of two domains: a bivariate normal prior, no general factor in sight."""
    correlation = loading**2
    one, other = np.meshgrid(GRID, GRID, indexing="ij")
    prior = -(one**2 - 2 * correlation * one * other + other**2) / (2 * (1 - correlation**2))
    joint = np.exp(prior + log_likelihood[0][:, None] + log_likelihood[1][None, :])
    joint /= joint.sum()
    masses = np.stack([joint.sum(axis=1), joint.sum(axis=0)])
    mean = masses @ GRID
    return Beliefs(masses, mean, np.sqrt(masses @ GRID**2 - mean**2))


@pytest.mark.parametrize("loading", [0.0, 0.5, 0.775, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("right", [(10, 0), (4, 4), (0, 0), (12, 12), (1, 9)])
def test_two_domains_agree_with_the_bivariate_normal(loading: float, right: tuple[int, int]) -> None:
    b = np.linspace(-1.5, 1.5, 12)[:, None]
    log_wrong, log_right = log_chances(GRID, np.full_like(b, 1.2), b, np.zeros_like(b))
    likelihood = np.stack([log_right[:n].sum(axis=0) + log_wrong[n:].sum(axis=0) for n in right])
    ours, exact = believe(likelihood, Prior(loading)), exactly(likelihood, loading)
    assert ours.mean == pytest.approx(exact.mean, abs=0.004)
    assert ours.sd == pytest.approx(exact.sd, rel=0.004)


def test_four_domains_agree_with_a_dense_grid_of_the_general_ability() -> None:
    likelihood = read_history(BANK, state(history([True] * 14 + [False] * 10))).log_likelihood
    ours = believe(likelihood, Prior())
    general = np.linspace(-8, 8, 1601)
    fine = np.linspace(-8, 8, 1601)
    spread = 1 - Prior().loading ** 2
    given_g = np.exp(-((fine[None, :] - Prior().loading * general[:, None]) ** 2) / (2 * spread))
    evidence = read_history(BANK, state(history([True] * 14 + [False] * 10)))
    columns = BANK.a[:, None], BANK.b[:, None], BANK.c[:, None]
    log_wrong, log_right = log_chances(fine, *columns)
    logs = np.zeros((4, fine.size))
    for place, right in zip(evidence.scored, evidence.right, strict=True):
        logs[BANK.domain_of[place]] += log_right[place] if right else log_wrong[place]
    within = np.exp(logs) @ given_g.T
    for domain in range(4):
        weight = np.exp(-(general**2) / 2) * np.prod(np.delete(within, domain, axis=0), axis=0)
        masses = np.exp(logs[domain]) * (weight @ given_g)
        masses /= masses.sum()
        mean = masses @ fine
        assert ours.mean[domain] == pytest.approx(mean, abs=0.002)
        assert ours.sd[domain] == pytest.approx(np.sqrt(masses @ fine**2 - mean**2), rel=0.001)


@given(st.lists(st.booleans(), min_size=1, max_size=24), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_answers_never_changes_the_profile(rights: list[bool], chance: random.Random) -> None:
    answers = list(history(rights))
    before = profile(BANK, POLICY, state(tuple(answers)))
    chance.shuffle(answers)
    assert profile(BANK, POLICY, state(tuple(answers))) == before


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([0.0, 0.775, 0.95]), st.floats(0, 0.5))
@settings(deadline=None)
def test_beliefs_are_always_proper(rights: list[bool], loading: float, c: float) -> None:
    log_wrong, log_right = log_chances(GRID, np.array([[5.0]]), np.array([[-10.0]]), np.array([[c]]))
    extreme = np.zeros((4, GRID.size))
    for place, right in enumerate(rights):
        extreme[place % 4] += (log_right if right else log_wrong)[0]
    for likelihood in (extreme, read_history(BANK, state(history(rights))).log_likelihood):
        beliefs = believe(likelihood, Prior(loading))
        assert np.isfinite(beliefs.masses).all()
        assert beliefs.masses.sum(axis=1) == pytest.approx(np.ones(4))
        assert (beliefs.sd > 0).all()


@given(
    st.lists(st.booleans(), max_size=24),
    st.integers(0, 59),
    st.sampled_from([0.0, 0.5, 0.775, 0.95]),
    st.sampled_from([0.0, 0.3]),
)
@settings(deadline=None, max_examples=60)
def test_an_answer_never_makes_any_domain_less_certain_to_expect(
    rights: list[bool], place: int, loading: float, c: float
) -> None:
    of_bank = bank(ladder(c=c), prior=Prior(loading))
    answers = history(rights)
    before = read_history(of_bank, state(answers)).log_likelihood
    now = believe(before, of_bank.prior)
    domain = of_bank.domain_of[place]
    chance = float(now.masses[domain] @ of_bank.chance[place])
    expected = np.zeros(4)
    for score, share in enumerate((1 - chance, chance)):
        after = before.copy()
        after[domain] += of_bank.log_chances[score, place]
        expected += share * believe(after, of_bank.prior).sd ** 2
    assert (expected <= now.sd**2 + 1e-9).all()


def test_beliefs_of_a_crowd_are_those_of_each_alone() -> None:
    crowd = np.stack([read_history(BANK, state(history([k % 2 == 0] * k))).log_likelihood for k in range(6)])
    together = believe(crowd, Prior())
    for person, own in enumerate(crowd):
        alone = believe(own, Prior())
        assert together.masses[person] == pytest.approx(alone.masses, abs=1e-14)
        assert together.sd[person] == pytest.approx(alone.sd, abs=1e-12)


def test_pilot_answers_are_no_evidence() -> None:
    with_pilot = bank([*ladder(), item("pilot", pilot=True)])
    evidence = read_history(with_pilot, state((Answer("pilot", True), Answer("inf-07", True))))
    assert len(evidence.asked) == 2
    assert evidence.scored.tolist() == [with_pilot.index["inf-07"]]
    assert evidence.per_domain == [0, 1, 0, 0]
    without = read_history(with_pilot, state((Answer("inf-07", True),)))
    assert np.array_equal(evidence.log_likelihood, without.log_likelihood)


@given(st.lists(st.floats(-3000, 0), min_size=81, max_size=81), st.lists(st.floats(0, 1), min_size=2, max_size=6))
@settings(deadline=None, max_examples=50)
def test_quantiles_always_rise_and_stay_on_the_grid(logs: list[float], shares: list[float]) -> None:
    masses = believe(np.array([logs]), Prior()).masses[0]
    found = [float(quantile(masses, share)) for share in sorted(shares)]
    assert found == sorted(found)
    assert -6.1 <= found[0] <= found[-1] <= 6.1


@given(
    st.lists(st.floats(-3000, 0), min_size=81, max_size=81),
    st.lists(st.floats(-9, 9), max_size=5, unique=True),
)
@settings(deadline=None, max_examples=50)
def test_level_shares_are_always_shares_that_sum_to_one(logs: list[float], cuts: list[float]) -> None:
    shares = level_shares(believe(np.array([logs]), Prior()).masses[0], tuple(sorted(cuts)))
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0).all()


def test_a_right_answer_raises_every_domain_and_most_its_own() -> None:
    before = profile(BANK, POLICY, state()).domains
    after = profile(BANK, POLICY, state((Answer("inf-07", True),))).domains
    rises = [new.mean - old.mean for new, old in zip(after, before, strict=True)]
    assert min(rises) > 0
    assert max(rises) == rises[1]


def test_without_common_ability_domains_tell_nothing_about_each_other() -> None:
    apart = bank(prior=Prior(0.0))
    after = profile(apart, POLICY, state((Answer("inf-07", True),))).domains
    assert [round(domain.mean, 9) for domain in after if domain.domain != "informatie"] == [0.0, 0.0, 0.0]


def test_levels_split_the_belief_at_the_cuts() -> None:
    masses = believe(np.zeros((1, GRID.size)), Prior()).masses[0]
    shares = level_shares(masses, (-0.5, 0.8))
    assert shares == pytest.approx([0.3085, 0.4796, 0.2119], abs=0.002)
    assert shares.sum() == pytest.approx(1.0)
    assert level_shares(masses, ()) == pytest.approx([1.0])
    assert level_shares(masses, (-20.0, 20.0)) == pytest.approx([0.0, 1.0, 0.0])


def test_quantiles_of_the_first_belief_are_those_of_the_reference_population() -> None:
    masses = believe(np.zeros((1, GRID.size)), Prior()).masses[0]
    assert quantile(masses, 0.025) == pytest.approx(-1.96, abs=0.02)
    assert quantile(masses, 0.5) == pytest.approx(0.0, abs=1e-9)


def test_an_item_that_the_bank_does_not_have_is_named() -> None:
    with pytest.raises(UnknownItemInHistory) as caught:
        read_history(BANK, state((Answer("gone", True),)))
    assert caught.value.item_id == "gone"


def test_an_item_answered_twice_is_named() -> None:
    with pytest.raises(ItemTwiceInHistory) as caught:
        read_history(BANK, state((Answer("inf-07", True), Answer("inf-07", False))))
    assert caught.value.item_id == "inf-07"


def test_an_attempt_on_another_version_is_refused() -> None:
    with pytest.raises(AnotherBankVersion) as caught:
        read_history(BANK, State("0", "attempt 1"))
    assert (caught.value.of_bank, caught.value.of_state) == ("1", "0")


def test_joint_beliefs_are_surer_than_separate_ones() -> None:
    answers = tuple(Answer(i, k % 2 == 0) for k, i in enumerate(itertools.islice(BANK.item_ids, 0, 60, 5)))
    joint = profile(BANK, POLICY, state(answers)).domains
    apart = profile(bank(prior=Prior(0.0)), POLICY, state(answers)).domains
    assert all(one.sd < other.sd for one, other in zip(joint, apart, strict=True))


def test_what_a_domain_says_by_itself_leaves_the_others_out() -> None:
    first, second = DOMAINS[:2]
    items = [item for item in BANK.item_ids if item.startswith(first[:3])][:3]
    alone = own_log_likelihood(BANK, state(tuple(Answer(i, True) for i in items)), first)
    among = (*(Answer(i, True) for i in items), Answer(f"{second[:3]}-01", False))
    assert np.array_equal(alone, own_log_likelihood(BANK, state(among), first))
    assert own_log_likelihood(BANK, state(among[:3]), second) is None
