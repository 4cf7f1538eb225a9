"""Which item is next: the rules of selection, one by one, and what holds always."""

import dataclasses
import random
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Answer, Ask, Bank, Done, Policy, next_step, profile
from lti_tool.measurement.model import nearest_node
from lti_tool.measurement.posterior import believe, read_history
from lti_tool.measurement.stop import CLOSINGS, is_clear
from tests.unit.measurement.examples import (
    DOMAINS,
    as_predicted,
    bank,
    item,
    ladder,
    sit,
    some_items,
    some_policy,
    state,
)

POLICY = Policy()
BANK = bank()
DOMAIN_OF = {i: BANK.domains[d] for i, d in zip(BANK.item_ids, BANK.domain_of, strict=True)}


def first(
    of_bank: Bank, policy: Policy = POLICY, seed: str = "attempt 1", history: tuple[Answer, ...] = ()
) -> Ask:
    step = next_step(of_bank, policy, state(history, seed))
    assert isinstance(step, Ask)
    return step


def likely(of_bank: Bank, history: tuple[Answer, ...], step: Ask) -> float:
    """The chance of success that the floors look at: of somebody at the mean of what is believed."""
    place = of_bank.index[step.item_id]
    beliefs = believe(read_history(of_bank, state(history)).log_likelihood, of_bank.prior)
    return float(of_bank.chance[place, nearest_node(float(beliefs.mean[of_bank.domain_of[place]]))])


# --- What holds always


@given(st.text(max_size=20), st.lists(st.booleans(), min_size=30, max_size=30))
@settings(deadline=None, max_examples=40)
def test_an_assessment_always_ends_and_keeps_its_promises(seed: str, rights: list[bool]) -> None:
    answers = iter(rights)
    asked, history, done = sit(BANK, POLICY, lambda _: next(answers), seed)
    ids = [step.item_id for step in asked]
    assert len(set(ids)) == len(ids) <= POLICY.max_items
    assert done.reason in {"certain", "cap", "no_gain", "exhausted"}
    per_domain = Counter(DOMAIN_OF[item_id] for item_id in ids)
    assert all(POLICY.min_per_domain <= per_domain[domain] <= POLICY.max_per_domain for domain in DOMAINS)
    assert all(0 <= step.p_success <= 1 for step in asked)
    assert len(profile(BANK, POLICY, state(history, seed)).domains) == 4


@given(st.text(max_size=20), st.integers(0, 20))
@settings(deadline=None, max_examples=40)
def test_the_same_attempt_always_gets_the_same_next_item(seed: str, answered: int) -> None:
    _, history, _ = sit(BANK, POLICY, as_predicted(answered), seed)
    there = state(history[:answered], seed)
    assert next_step(BANK, POLICY, there) == next_step(bank(list(reversed(ladder()))), POLICY, there)


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=100)
def test_what_may_not_be_asked_never_is(seed: int) -> None:
    dice = random.Random(seed)
    items, policy = some_items(dice), some_policy(dice)
    excluded = frozenset(one.item_id for one in items if dice.random() < dice.choice([0.0, 0.3]))
    of_bank = bank(items)
    asked, _, done = sit(of_bank, policy, as_predicted(seed), str(seed), excluded=excluded)
    ids = [step.item_id for step in asked]
    told = [one for item_id in ids for one in items if one.item_id == item_id]
    assert len(set(ids)) == len(ids) <= policy.max_items
    assert not excluded & set(ids)
    assert not any(one.enemies & set(ids) - {one.item_id} for one in told)
    if policy.tag_cap is not None:
        assert all(count <= policy.tag_cap for count in Counter(tag for one in told for tag in one.tags).values())
    counted = Counter(one.domain for one in told if not one.pilot)
    assert all(count <= policy.limits(domain)[1] for domain, count in counted.items())
    assert sum(one.pilot for one in told) <= policy.pilot_slots
    assert [step.reason == "pilot" for step in asked] == [one.pilot for one in told]
    assert all(0 <= step.p_success <= 1 for step in asked)
    assert done.reason in CLOSINGS


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_the_order_of_the_items_in_the_bank_never_changes_a_step(seed: int) -> None:
    dice = random.Random(seed)
    items, policy = some_items(dice), some_policy(dice)
    one_way = sit(bank(items), policy, as_predicted(seed), str(seed))
    dice.shuffle(items)
    assert sit(bank(items), policy, as_predicted(seed), str(seed)) == one_way


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=40)
def test_an_assessment_is_certain_only_when_every_domain_is_clear(seed: int) -> None:
    dice = random.Random(seed)
    of_bank, policy = bank(some_items(dice)), some_policy(dice)
    _, history, done = sit(of_bank, policy, as_predicted(seed), str(seed))
    clear = [
        is_clear(policy, domain.domain, domain.items, max(domain.level_shares), domain.sd)
        for domain in profile(of_bank, policy, state(history)).domains
    ]
    if done.reason == "certain":
        assert all(clear)
    elif done.reason != "cap":
        assert not all(clear)


def test_another_process_draws_the_same_items() -> None:
    code = (
        "from lti_tool.measurement import Policy;"
        "from tests.unit.measurement.examples import bank, sit;"
        "print([s.item_id for s in sit(bank(), Policy(), lambda s: True)[0]])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str([step.item_id for step in sit(BANK, POLICY, lambda _: True)[0]])


def test_a_repeated_request_after_a_pause_asks_the_open_item_again() -> None:
    _, history, _ = sit(BANK, POLICY, as_predicted(5))
    resumed = [next_step(BANK, POLICY, state(history[:7])) for _ in range(3)]
    assert resumed == [resumed[0]] * 3


# --- The easy start


def test_the_first_three_items_are_easy_and_from_three_domains() -> None:
    asked, history, _ = sit(BANK, POLICY, lambda _: True)
    assert [step.reason for step in asked[:3]] == ["easy_start"] * 3
    assert all(likely(BANK, history[:place], step) >= POLICY.easy_success for place, step in enumerate(asked[:3]))
    assert len({DOMAIN_OF[step.item_id] for step in asked[:3]}) == 3
    assert asked[3].reason == "fewest_asked"
    assert len({DOMAIN_OF[step.item_id] for step in asked[:4]}) == 4


def test_an_easy_item_of_another_domain_goes_before_the_turn_of_a_hard_domain() -> None:
    lopsided = bank([item(f"hard {k}", b=1.5) for k in range(6)] + [item("easy", "informatie", b=-4.0)])
    assert first(lopsided).item_id == "easy"


def test_without_any_easy_item_the_easiest_of_the_domain_in_turn_is_asked() -> None:
    hard = bank([item(f"i{k}", b=1.0 + 0.4 * k, source="calibrated") for k in range(8)])
    policy = Policy(best_of=2)
    assert {first(hard, policy, f"seed {k}").item_id for k in range(30)} == {"i0", "i1"}
    assert first(hard, policy).reason == "easy_start"


def test_an_assessment_may_start_without_an_easy_part() -> None:
    assert first(BANK, Policy(easy_first=0)).reason == "least_certain"


# --- The turn of a domain


def test_the_domain_with_the_fewest_items_is_next_and_then_the_least_certain() -> None:
    asked, _, _ = sit(BANK, POLICY, as_predicted(2))
    counts: Counter[str] = Counter()
    for step in asked[:12]:
        assert counts[DOMAIN_OF[step.item_id]] == min(counts[domain] for domain in DOMAINS)
        counts[DOMAIN_OF[step.item_id]] += 1
    assert {step.reason for step in asked[3:]} == {"fewest_asked", "least_certain"}


def test_people_begin_with_different_domains() -> None:
    assert {DOMAIN_OF[first(BANK, seed=f"seed {k}").item_id] for k in range(40)} == set(DOMAINS)


def test_a_domain_that_is_clear_gets_no_more_items() -> None:
    policy = Policy(level_certainty=0.45, min_per_domain=1, show_level_from=0.4)
    asked, _, done = sit(BANK, policy, lambda _: True)
    assert done == Done("certain")
    assert len(asked) < 12


# --- The item


def test_after_the_start_items_that_this_person_can_probably_do_go_first() -> None:
    for person in range(12):
        asked, history, _ = sit(BANK, POLICY, as_predicted(person), f"seed {person}")
        for place, step in enumerate(asked):
            if step.reason != "easy_start" and likely(BANK, history[:place], step) < POLICY.success_floor:
                domain = BANK.domain_of[BANK.index[step.item_id]]
                asked_before = {answer.item_id for answer in history[:place]}
                others = [BANK.item_ids[k] for k in BANK.scored_of_domain[domain]]
                easiest = max(
                    likely(BANK, history[:place], Ask(item_id, step.reason, 0.0))
                    for item_id in others
                    if item_id not in asked_before
                )
                assert easiest < POLICY.success_floor


def test_when_nothing_is_easy_enough_the_easiest_items_are_asked() -> None:
    hard = bank([item(f"i{k}", b=2.0 + 0.3 * k, source="calibrated") for k in range(8)])
    drawn = {first(hard, Policy(easy_first=0, best_of=3), f"seed {k}").item_id for k in range(40)}
    assert drawn == {"i0", "i1", "i2"}


def test_among_likely_items_the_draw_is_from_the_most_informative_five() -> None:
    spread = bank([item(f"i{k}", b=-4.0 + 0.2 * k, source="calibrated", prior_sd=0.0) for k in range(40)])
    drawn = Counter(first(spread, Policy(easy_first=0), f"seed {k}").item_id for k in range(200))
    assert len(drawn) == 5
    hardest_likely = min(drawn, key=lambda i: -spread.b[spread.index[i]])
    assert all(abs(spread.b[spread.index[i]] - spread.b[spread.index[hardest_likely]]) < 0.9 for i in drawn)
    assert min(drawn.values()) > 20


def test_best_of_one_takes_the_most_informative_item() -> None:
    items = [item("flat", b=-1.0, a=0.4, source="calibrated"), item("sharp", b=-1.0, a=2.0, source="calibrated")]
    assert first(bank(items), Policy(easy_first=0, best_of=1)).item_id == "sharp"


# --- What may not be asked


def test_items_seen_before_are_never_asked() -> None:
    excluded = frozenset(i for i in BANK.item_ids if int(i[-2:]) % 2)
    asked, _, _ = sit(BANK, POLICY, as_predicted(1), excluded=excluded | {"from an earlier release"})
    assert asked
    assert not excluded & {step.item_id for step in asked}


def test_when_all_was_seen_before_the_assessment_ends_at_once() -> None:
    assert next_step(BANK, POLICY, state(excluded=frozenset(BANK.item_ids))) == Done("exhausted")


def test_of_enemies_only_one_is_asked() -> None:
    items = ladder(6)
    pairs = {i.item_id: frozenset({f"{i.item_id[:4]}{(int(i.item_id[-2:]) + 3):02d}"}) for i in items}
    foes = bank([dataclasses.replace(i, enemies=pairs[i.item_id]) for i in items])
    for person in range(10):
        asked, _, done = sit(foes, POLICY, as_predicted(person), f"seed {person}")
        ids = {step.item_id for step in asked}
        assert all(not (i in ids and pairs[i] & ids) for i in ids)
        assert done.reason == "exhausted" or len(asked) <= 12


def test_a_tag_is_asked_no_more_often_than_its_cap() -> None:
    policy = Policy(tag_cap=1)
    for person in range(10):
        asked, _, _ = sit(BANK, policy, as_predicted(person), f"seed {person}")
        tags = Counter(f"{step.item_id[:3]}.{int(step.item_id[-2:]) % 3}" for step in asked)
        assert max(tags.values()) == 1
        assert len(asked) == 12


def many() -> Bank:
    """More items in one domain than the ranking keeps, and one that is not easy enough for the floor."""
    items = [item(f"i{k:03d}", b=-3.0 + 2.5 * k / 299, source="calibrated", prior_sd=0.0) for k in range(300)]
    return bank([*items, item("too hard", b=2.0, source="calibrated", prior_sd=0.0)])


def test_who_has_seen_all_ranked_items_gets_the_best_of_the_rest() -> None:
    of_bank, policy = many(), Policy(easy_first=0, best_of=2)
    ranked = of_bank.ranking(policy.success_floor).order[0, 40]
    seen = frozenset(of_bank.item_ids[place] for place in ranked)
    assert len(seen) == 256
    drawn = {
        step.item_id
        for k in range(20)
        if isinstance(step := next_step(of_bank, policy, state(seed=f"{k}", excluded=seen)), Ask)
    }
    easiest = sorted(set(of_bank.item_ids) - seen, key=lambda item_id: -of_bank.b[of_bank.index[item_id]])
    assert easiest[0] == "too hard"
    assert drawn == set(easiest[1:3])


def test_of_the_rest_too_only_what_is_likely_enough() -> None:
    of_bank, policy = many(), Policy(easy_first=0)
    step = next_step(of_bank, policy, state(excluded=frozenset(of_bank.item_ids) - {"too hard", "i007"}))
    assert isinstance(step, Ask)
    assert step.item_id == "i007"


# --- The end


def test_an_exhausted_bank_ends_the_assessment() -> None:
    asked, history, done = sit(bank([item("a"), item("b")]), POLICY, lambda _: True)
    assert {step.item_id for step in asked} == {"a", "b"}
    assert done == Done("exhausted")
    assert profile(bank([item("a"), item("b")]), POLICY, state(history)).domains[0].items == 2


def test_nobody_gets_more_items_than_the_cap() -> None:
    asked, _, done = sit(BANK, Policy(max_items=5), as_predicted(3))
    assert len(asked) == 5
    assert done == Done("cap")


def test_a_domain_has_its_own_cap() -> None:
    asked, _, done = sit(BANK, Policy(max_per_domain=3, level_certainty=1.0), as_predicted(3))
    assert Counter(DOMAIN_OF[step.item_id] for step in asked) == dict.fromkeys(DOMAINS, 3)
    assert done == Done("cap")


def test_items_that_would_tell_nothing_are_not_asked() -> None:
    dull = bank([item(f"{d[:3]}{k}", d, a=0.05) for d in DOMAINS for k in range(8)])
    asked, _, done = sit(dull, POLICY, as_predicted(3))
    assert len(asked) == 12
    assert done == Done("no_gain")


def test_an_item_that_nobody_can_do_is_not_asked_to_learn_something() -> None:
    impossible = bank([item("a", b=10.0, a=5.0, source="calibrated", prior_sd=0.0)], DOMAINS[:1])
    assert next_step(impossible, Policy(min_per_domain=0, easy_first=0), state()) == Done("no_gain")


# --- Pilot items


def with_pilots() -> Bank:
    pilots = [dataclasses.replace(i, item_id=f"pilot-{i.item_id}", pilot=True) for i in ladder(5)]
    return bank(ladder() + pilots)


def test_a_pilot_item_comes_in_its_slot_and_never_counts() -> None:
    of_bank = with_pilots()
    places = set()
    for person in range(30):
        asked, history, _ = sit(of_bank, POLICY, as_predicted(person), f"seed {person}")
        slots = [place for place, step in enumerate(asked) if step.reason == "pilot"]
        assert len(slots) == 1
        assert POLICY.easy_first <= slots[0] < 12
        assert asked[slots[0]].item_id.startswith("pilot-")
        assert asked[slots[0]].p_success >= POLICY.success_floor
        places.add(slots[0])
        without = tuple(answer for answer in history if not answer.item_id.startswith("pilot-"))
        assert profile(of_bank, POLICY, state(history)) == profile(of_bank, POLICY, state(without))
    assert len(places) > 4


@pytest.mark.parametrize("slots", [0, 2])
def test_the_number_of_pilot_slots_is_a_setting(slots: int) -> None:
    asked, _, _ = sit(with_pilots(), Policy(pilot_slots=slots), as_predicted(1))
    assert [step.reason for step in asked].count("pilot") == slots


def test_a_pilot_slot_without_a_likely_pilot_item_asks_an_ordinary_one() -> None:
    asked, _, _ = sit(
        bank([*ladder(), item("pilot", b=8.0, pilot=True, source="calibrated")]), POLICY, lambda _: False
    )
    assert "pilot" not in {step.item_id for step in asked}
