"""What a person is told, and the estimates that change is computed from."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Answer, Ask, Done, Policy, Prior, next_step, profile, tag_weakness
from lti_tool.measurement.report import _level_or_between
from tests.unit.measurement.examples import as_predicted, bank, item, ladder, sit, state

POLICY = Policy()
BANK = bank()
ALL = tuple(i for i in BANK.item_ids if i.startswith("ope"))


def told(*rights: bool) -> tuple[Answer, ...]:
    return tuple(Answer(i, right) for i, right in zip(ALL, rights, strict=False))


def test_before_any_answer_the_profile_is_that_of_the_reference_population() -> None:
    for domain in profile(BANK, POLICY, state()).domains:
        assert domain.mean == pytest.approx(0.0, abs=1e-9)
        assert domain.sd == pytest.approx(1.0, abs=0.001)
        assert domain.level is None
        assert domain.between == ("basis", "zelfstandig")
        assert (domain.items, domain.wle, domain.wle_se) == (0, None, None)


@pytest.mark.parametrize("right", [True, False])
def test_all_right_and_all_wrong_give_finite_estimates(right: bool) -> None:
    everything = tuple(Answer(i, right) for i in BANK.item_ids)
    sign = 1 if right else -1
    for domain in profile(BANK, POLICY, state(everything)).domains:
        assert domain.wle is not None
        assert domain.wle_se is not None
        assert 1.0 < sign * domain.wle < 6.0
        assert 0.0 < domain.wle_se < 10.0
        assert domain.level == ("gevorderd" if right else "basis")
        assert domain.between is None
        assert domain.low95 < domain.mean < domain.high95


def test_the_profile_names_the_bank_it_was_measured_on() -> None:
    assert profile(BANK, POLICY, state()).bank_version == "1"


@pytest.mark.parametrize(
    ("shares", "level", "between"),
    [
        ((0.7, 0.2, 0.1), "basis", None),
        ((0.1, 0.69, 0.21), None, ("zelfstandig", "gevorderd")),
        ((0.3, 0.5, 0.2), None, ("basis", "zelfstandig")),
        ((0.25, 0.5, 0.25), None, ("basis", "zelfstandig")),
        ((0.0, 0.0, 1.0), "gevorderd", None),
    ],
)
def test_a_level_is_shown_from_its_certainty_and_else_its_two_neighbours(
    shares: tuple[float, ...], level: str | None, between: tuple[str, str] | None
) -> None:
    assert _level_or_between(POLICY, shares) == (level, between)


def test_with_one_level_that_level_is_shown() -> None:
    policy = Policy(cuts=(), level_ids=("only",), show_level_from=1.0)
    assert {domain.level for domain in profile(BANK, policy, state()).domains} == {"only"}
    assert profile(BANK, policy, state(told(True, False))).domains[0].level_shares == pytest.approx((1.0,))


@given(st.lists(st.booleans(), min_size=1, max_size=15), st.sampled_from([0.0, 0.2, 0.4]))
@settings(deadline=None)
def test_every_number_in_a_profile_is_always_finite(rights: list[bool], c: float) -> None:
    guessing = bank(ladder(c=c))
    for domain in profile(guessing, POLICY, state(told(*rights))).domains:
        numbers = [domain.mean, domain.sd, domain.low95, domain.high95, *domain.level_shares]
        numbers += [number for number in (domain.wle, domain.wle_se) if number is not None]
        assert all(math.isfinite(number) for number in numbers)
        assert sum(domain.level_shares) == pytest.approx(1.0)
        assert (domain.level is None) != (domain.between is None)


@pytest.mark.parametrize(("right", "estimate"), [(10, math.log(10.5 / 0.5)), (7, math.log(7.5 / 3.5))])
def test_warms_estimate_of_equal_items_is_known(right: int, estimate: float) -> None:
    """n equal Rasch items, r right: the weighted likelihood peaks where P = (r + 1/2) / (n + 1)."""
    equal = bank([item(f"i{k}", a=1.0, source="calibrated", prior_sd=0.0) for k in range(10)])
    answers = tuple(Answer(f"i{k}", k < right) for k in range(10))
    domain = profile(equal, POLICY, state(answers)).domains[0]
    assert domain.wle == pytest.approx(estimate, abs=0.006)
    share = 1 / (1 + math.exp(-estimate))
    assert domain.wle_se == pytest.approx(1 / math.sqrt(10 * share * (1 - share)), rel=0.01)


@given(
    st.lists(st.tuples(st.floats(0.3, 5), st.floats(-8, 8), st.booleans()), min_size=1, max_size=8),
)
@settings(deadline=None)
def test_without_guessing_warms_estimate_is_always_where_likelihood_times_root_information_peaks(
    told_of: list[tuple[float, float, bool]],
) -> None:
    """Warm (1989), section 3: in the two-parameter model both are the same."""
    items = [item(f"i{k}", a=a, b=b, source="calibrated", prior_sd=0.0) for k, (a, b, _) in enumerate(told_of)]
    answers = tuple(Answer(f"i{k}", right) for k, (_, _, right) in enumerate(told_of))
    found = profile(bank(items), POLICY, state(answers)).domains[0]
    abilities = np.linspace(-6, 6, 1201)
    log_likelihood, known = np.zeros(1201), np.zeros(1201)
    for a, b, right in told_of:
        logits = a * (abilities - b)
        log_likelihood -= np.logaddexp(0.0, -logits if right else logits)
        known += a**2 * np.exp(-np.logaddexp(0.0, -logits) - np.logaddexp(0.0, logits))
    weighted = log_likelihood + np.log(known) / 2
    assert found.wle is not None
    # Of two peaks that are all but as high either will do.
    assert weighted[round((found.wle + 6) * 100)] == pytest.approx(weighted.max(), abs=0.01)
    assert found.wle_se == pytest.approx(1 / np.sqrt(known[round((found.wle + 6) * 100)]), rel=1e-6)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 5, exclude_min=True),
            st.floats(-10, 10),
            st.floats(0, 1, exclude_max=True),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0.0, 0.95]),
)
@settings(deadline=None, max_examples=80)
def test_whatever_the_items_no_number_is_ever_nan(
    told_of: list[tuple[float, float, float, bool]], loading: float
) -> None:
    items = [
        item(f"i{k}", a=a, b=b, c=c, source="calibrated", prior_sd=0.0) for k, (a, b, c, _) in enumerate(told_of)
    ]
    of_bank = bank(items, prior=Prior(loading))
    answers = tuple(Answer(f"i{k}", right) for k, (*_, right) in enumerate(told_of))
    for domain in profile(of_bank, POLICY, state(answers)).domains:
        numbers = [domain.mean, domain.sd, domain.low95, domain.high95, *domain.level_shares]
        numbers += [number for number in (domain.wle, domain.wle_se) if number is not None]
        assert all(math.isfinite(number) for number in numbers)
        assert domain.low95 <= domain.mean <= domain.high95
        assert sum(domain.level_shares) == pytest.approx(1.0)
    assert isinstance(next_step(of_bank, POLICY, state(answers)), Ask | Done)


@pytest.mark.parametrize("right", [True, False])
def test_an_easy_and_sharp_item_does_not_spoil_warms_estimate(right: bool) -> None:
    sharp = item("sharp", b=-4.0, a=5.0, source="calibrated", prior_sd=0.0)
    middle = [item(f"i{k}", source="calibrated", prior_sd=0.0) for k in range(8)]
    answers = tuple(Answer(f"i{k}", k < 4) for k in range(8))
    without = profile(bank(middle), POLICY, state(answers)).domains[0].wle
    found = profile(bank([sharp, *middle]), POLICY, state((*answers, Answer("sharp", right)))).domains[0].wle
    assert without is not None
    assert found is not None
    assert found == pytest.approx(without, abs=0.05) if right else found < without - 1


def test_warms_estimate_is_less_biased_than_the_mean_of_the_belief() -> None:
    draw = np.random.default_rng(5)
    items = ladder(20, source="calibrated", prior_sd=0.0)
    of_bank = bank(items)
    errors: dict[str, list[float]] = {"wle": [], "mean": []}
    for _ in range(150):
        answers = tuple(
            Answer(i.item_id, bool(draw.random() < 1 / (1 + math.exp(-1.2 * (1.5 - i.b)))))
            for i in items
            if i.domain == "operationeel"
        )
        domain = profile(of_bank, POLICY, state(answers)).domains[0]
        assert domain.wle is not None
        errors["wle"].append(domain.wle - 1.5)
        errors["mean"].append(domain.mean - 1.5)
    assert abs(np.mean(errors["wle"])) < 0.12 < -np.mean(errors["mean"])


def test_guessing_right_tells_less_than_knowing() -> None:
    answers = told(True, True, True, True)
    knows = profile(BANK, POLICY, state(answers)).domains[0]
    guesses = profile(bank(ladder(c=0.4)), POLICY, state(answers)).domains[0]
    assert guesses.mean < knows.mean


# --- What to learn next


def test_the_tag_with_the_most_wrong_answers_has_the_most_to_gain() -> None:
    wrong_in = {"ope.1"}
    answers = tuple(Answer(i, f"ope.{int(i[-2:]) % 3}" not in wrong_in) for i in ALL[:9])
    gains = tag_weakness(BANK, POLICY, state(answers))
    assert set(gains) == set(BANK.tags)
    own = {tag: gain for tag, gain in gains.items() if tag.startswith("ope")}
    assert max(own, key=own.__getitem__) == "ope.1"
    assert own["ope.1"] > 1.2 * own["ope.0"]


def test_who_is_past_the_target_has_little_to_gain_and_who_is_far_below_much() -> None:
    everything_right = state(tuple(Answer(i, True) for i in BANK.item_ids))
    everything_wrong = state(tuple(Answer(i, False) for i in BANK.item_ids))
    assert max(tag_weakness(BANK, POLICY, everything_right).values()) < 0.02
    assert min(tag_weakness(BANK, POLICY, everything_wrong).values()) > 0.3


def test_the_target_can_be_chosen() -> None:
    low = tag_weakness(BANK, POLICY, state(), target=-0.5)
    high = tag_weakness(BANK, POLICY, state())
    assert all(low[tag] < high[tag] for tag in high)
    one_level = Policy(cuts=(), level_ids=("only",))
    assert tag_weakness(BANK, one_level, state()) == tag_weakness(BANK, POLICY, state(), target=0.0)


def test_a_tag_may_span_domains_and_pilots_are_no_advice() -> None:
    both = frozenset({"both"})
    of_bank = bank(
        [
            item("a", tags=both),
            item("b", "informatie", tags=both),
            item("p", tags=frozenset({"pilot only"}), pilot=True),
        ]
    )
    gains = tag_weakness(of_bank, POLICY, state((Answer("p", True),)))
    assert set(gains) == {"both"}
    assert 0 < gains["both"] < 1


def test_the_order_of_the_answers_does_not_change_the_advice() -> None:
    _, history, _ = sit(BANK, POLICY, as_predicted(8))
    assert tag_weakness(BANK, POLICY, state(history)) == tag_weakness(BANK, POLICY, state(history[::-1]))
