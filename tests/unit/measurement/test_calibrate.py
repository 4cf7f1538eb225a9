"""A calibration finds what was put into the answers, and keeps its head when there is little to find."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import (
    Answer,
    BankUnusable,
    Calibration,
    ItemTwiceInHistory,
    NothingToCalibrate,
    Prior,
    ScoredItem,
    Sheet,
    UnknownItemInHistory,
    calibrate,
)
from lti_tool.measurement.bank import believed_difficulties
from lti_tool.measurement.calibrate import DRIFT_LOGITS, MOST_ROUNDS
from lti_tool.measurement.model import START_LOADING
from tests.unit.measurement.examples import DOMAINS, item, ladder

MEANS = {"noord": 0.6, "zuid": -0.6}


def guessed(seed: int, per_domain: int = 10, error: float = 0.7) -> tuple[list[ScoredItem], dict[str, float]]:
    """Items with experts' guesses, and the truth."""
    dice = np.random.default_rng(seed)
    truth = {one.item_id: float(dice.normal(0, 1.2)) for one in ladder(per_domain)}
    guesses = [
        replace(one, b=truth[one.item_id] + float(dice.normal(0, error)), prior_sd=error, tags=frozenset())
        for one in ladder(per_domain)
    ]
    return guesses, truth


def known(seed: int, sd: float) -> tuple[list[ScoredItem], dict[str, float]]:
    """Calibrated items that are known to `sd`, and the truth."""
    items, truth = guessed(seed)
    return [replace(one, b=truth[one.item_id], prior_sd=sd, source="calibrated") for one in items], truth


def answered(
    items: list[ScoredItem],
    truth: dict[str, float],
    people: int,
    each: int = 10,
    seed: int = 1,
    loading: float = START_LOADING,
    a: float = 1.2,
    means: Mapping[str, float] = MEANS,
) -> list[Sheet]:
    """People of two groups with different means answer some items each, drawn at random."""
    dice = np.random.default_rng(seed)
    sheets = []
    for person in range(people):
        group = ("noord", "zuid")[person % 2]
        general, own = dice.standard_normal(), dice.standard_normal(len(DOMAINS))
        ability = dict(zip(DOMAINS, means[group] + loading * general + np.sqrt(1 - loading**2) * own, strict=True))
        drawn = [items[k] for k in dice.permutation(len(items))[:each]]
        chances = [1 / (1 + np.exp(-a * (ability[one.domain] - truth[one.item_id]))) for one in drawn]
        rights = dice.random(len(drawn)) < chances
        sheets.append(
            Sheet(group, tuple(Answer(one.item_id, bool(right)) for one, right in zip(drawn, rights, strict=True)))
        )
    return sheets


@cache
def of_many() -> tuple[list[ScoredItem], dict[str, float], list[Sheet], Calibration]:
    """300 people, 75 answers to an item."""
    items, truth = guessed(1)
    sheets = answered(items, truth, 300)
    return items, truth, sheets, calibrate(items, DOMAINS, sheets)


def miss(found: dict[str, float], truth: dict[str, float]) -> float:
    return float(np.sqrt(np.mean([(found[item_id] - truth[item_id]) ** 2 for item_id in truth])))


def numbers(calibration: Calibration) -> list[float]:
    of_items = [n for one in calibration.items for n in (one.a, one.b, one.c, one.sd, one.was, one.z)]
    of_groups = [n for group in calibration.groups for n in (group.mean, group.se)]
    return [*of_items, *of_groups, calibration.loading]


def assert_sensible(calibration: Calibration) -> None:
    assert np.isfinite(numbers(calibration)).all()
    assert all(0 < one.a <= 5 + 1e-9 and abs(one.b) <= 10 and 0 < one.sd <= 5 for one in calibration.items)
    assert all(abs(group.mean) < 6 and group.se > 0 and group.people > 0 for group in calibration.groups)
    assert 0 <= calibration.loading <= 0.95
    assert 1 <= calibration.rounds <= MOST_ROUNDS


# --- What it finds


def test_it_comes_nearer_to_the_truth_than_the_guesses() -> None:
    items, truth, _, found = of_many()
    by_calibration = miss({one.item_id: one.b for one in found.items}, truth)
    by_experts = miss({one.item_id: one.b for one in items}, truth)
    best_guess = miss({one.item_id: one.was for one in found.items}, truth)
    assert by_calibration < 0.3 < 0.45 < best_guess < by_experts
    assert found.converged


def test_a_few_people_help_already() -> None:
    better = 0
    for seed in range(6):
        items, truth = guessed(seed)
        found = calibrate(items, DOMAINS, answered(items, truth, 40, seed=seed))
        better += miss({one.item_id: one.b for one in found.items}, truth) < miss(
            {one.item_id: one.was for one in found.items}, truth
        )
    assert better >= 5


def test_what_it_says_to_be_unknown_is_how_far_off_it_is() -> None:
    off: list[float] = []
    for seed in range(4):
        items, truth = guessed(seed)
        found = calibrate(items, DOMAINS, answered(items, truth, 120, seed=seed))
        off += [(one.b - truth[one.item_id]) / one.sd for one in found.items]
    assert np.mean(np.abs(off) < 1.96) == pytest.approx(0.95, abs=0.04)


def test_group_means_are_found() -> None:
    _, _, _, found = of_many()
    assert [(group.group, group.domain, group.people) for group in found.groups] == [
        (group, domain, 150) for group in MEANS for domain in DOMAINS
    ]
    for north, south in zip(found.groups[:4], found.groups[4:], strict=True):
        assert north.mean - south.mean == pytest.approx(1.2, abs=0.45)
        assert 0.07 < north.se < 0.25
    assert np.mean([group.mean for group in found.groups[:4]]) == pytest.approx(0.6, abs=0.25)


@pytest.mark.parametrize("sd", [0.0, 0.1])
def test_group_means_are_found_when_the_items_are_known_already(sd: float) -> None:
    """Nothing moves in the items then; the means still have to."""
    items, truth = known(1, sd)
    far = calibrate(items, DOMAINS, answered(items, truth, 600, each=6, means={"noord": 1.5, "zuid": -0.5}))
    assert np.mean([group.mean for group in far.groups[:4]]) == pytest.approx(1.5, abs=0.12)
    assert np.mean([group.mean for group in far.groups[4:]]) == pytest.approx(-0.5, abs=0.12)


@pytest.mark.parametrize("loading", [0.3, 0.6, 0.9])
def test_the_loading_is_found_as_far_as_the_answers_tell(loading: float) -> None:
    items, truth = known(2, 0.1)
    found = calibrate(items, DOMAINS, answered(items, truth, 400, each=20, loading=loading)).loading
    assert abs(found - loading) < 0.4 * abs(START_LOADING - loading)


def test_without_common_ability_the_loading_stays_zero_and_one_domain_says_nothing_of_it() -> None:
    items, _, sheets, _ = of_many()
    assert calibrate(items, DOMAINS, sheets[:40], prior=Prior(0.0)).loading == 0.0
    alone = [one for one in items if one.domain == DOMAINS[0]]
    ids = {one.item_id for one in alone}
    own = [Sheet(sheet.group, tuple(a for a in sheet.answers if a.item_id in ids)) for sheet in sheets]
    found = calibrate(alone, DOMAINS[:1], own, prior=Prior(0.6))
    assert found.loading == 0.6
    assert found.people == sum(bool(sheet.answers) for sheet in own)


def test_a_steep_and_a_flat_item_are_told_apart() -> None:
    items, truth = guessed(3, per_domain=5)
    steep = answered(items, truth, 200, each=20, a=2.2)
    flat = answered(items, truth, 200, each=20, a=0.6)
    by_steep, by_flat = calibrate(items, DOMAINS, steep), calibrate(items, DOMAINS, flat)
    assert np.mean([one.a for one in by_flat.items]) < 1.0 < 1.4 < np.mean([one.a for one in by_steep.items])


def test_an_item_with_the_wrong_key_is_flagged_and_the_others_are_not() -> None:
    items, truth, sheets, _ = of_many()
    easy = min(truth, key=truth.__getitem__)
    turned = [
        Sheet(
            sheet.group,
            tuple(Answer(a.item_id, a.right != (a.item_id == easy)) for a in sheet.answers),
        )
        for sheet in sheets
    ]
    found = {one.item_id: one for one in calibrate(items, DOMAINS, turned).items}
    assert found[easy].drifted
    assert found[easy].z > 3
    assert found[easy].b - found[easy].was > DRIFT_LOGITS
    assert sum(one.drifted for one in found.values()) <= 2


# --- What it holds to


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=3)
def test_the_order_of_people_answers_and_items_never_matters(dice: random.Random) -> None:
    items, _, sheets, _ = of_many()
    some = sheets[:40]
    found = calibrate(items, DOMAINS, some)
    shuffled = [Sheet(sheet.group, tuple(dice.sample(sheet.answers, len(sheet.answers)))) for sheet in some]
    dice.shuffle(shuffled)
    again = calibrate(dice.sample(items, len(items)), DOMAINS, shuffled)
    assert [one.item_id for one in again.items] == [one.item_id for one in found.items]
    assert numbers(again) == pytest.approx(numbers(found), abs=1e-6)
    assert [one.drifted for one in again.items] == [one.drifted for one in found.items]


def test_the_same_answers_give_the_same_calibration() -> None:
    items, _, sheets, _ = of_many()
    assert calibrate(items, DOMAINS, sheets[:50]) == calibrate(items, DOMAINS, sheets[:50])


def test_an_item_without_answers_keeps_what_was_believed() -> None:
    items, _, sheets, _ = of_many()
    answered = {one.item_id for one in items[::2]}
    some = [
        Sheet(sheet.group, tuple(answer for answer in sheet.answers if answer.item_id in answered))
        for sheet in sheets[:100]
    ]
    found = calibrate(items, DOMAINS, some)
    b, sd = believed_difficulties(sorted(items, key=lambda one: one.item_id))
    for place, one in enumerate(found.items):
        kept = (round(one.a, 9), one.b, one.sd) == (1.2, b[place], sd[place])
        assert kept == (one.item_id not in answered)
        assert one.was == b[place]
        assert not (kept and one.drifted)


def test_more_answers_leave_less_unknown() -> None:
    items, _, sheets, many = of_many()
    few = calibrate(items, DOMAINS, sheets[:40])
    assert np.mean([one.sd for one in many.items]) < np.mean([one.sd for one in few.items]) < 0.7
    assert all(one.sd <= 0.7 for one in few.items)


def test_counts_are_of_who_answered() -> None:
    items, _, sheets, found = of_many()
    assert found.people == 300
    assert found.answers == 3000 == sum(one.answers for one in found.items)
    with_empty = calibrate(items, DOMAINS, [*sheets[:20], Sheet("leeg", ())])
    assert with_empty.people == 20
    assert {group.group for group in with_empty.groups} == set(MEANS)


def test_a_guess_is_less_of_a_surprise_where_guessing_is_possible() -> None:
    items = [item("a", b=1.0), item("b", b=1.0, c=0.4), *ladder(3)]
    sheets = [Sheet("g", (Answer("a", k % 2 == 0), Answer("b", k % 2 == 0))) for k in range(30)]
    found = {one.item_id: one for one in calibrate(items, DOMAINS, sheets).items}
    assert (found["a"].c, found["b"].c) == (0.0, 0.4)
    assert found["a"].b < found["b"].b


def test_pilot_items_are_calibrated_like_all_others() -> None:
    items, _, sheets, found = of_many()
    pilots = [replace(one, pilot=one.item_id.endswith("3")) for one in items]
    assert calibrate(pilots, DOMAINS, sheets) == found


# --- Too little, or wrong


@pytest.mark.parametrize("sheets", [[], [Sheet("a", ())]])
def test_without_answers_there_is_nothing_to_calibrate(sheets: list[Sheet]) -> None:
    with pytest.raises(NothingToCalibrate):
        calibrate(ladder(3), DOMAINS, sheets)


def test_items_that_are_unknown_or_there_twice_are_named() -> None:
    with pytest.raises(UnknownItemInHistory, match="gone"):
        calibrate(ladder(3), DOMAINS, [Sheet("a", (Answer("gone", True),))])
    with pytest.raises(ItemTwiceInHistory, match="inf-00"):
        calibrate(ladder(3), DOMAINS, [Sheet("a", (Answer("inf-00", True), Answer("inf-00", False)))])


@pytest.mark.parametrize(
    "items", [[], [item("a"), item("a")], [item("a", b=float("nan"))], [item("a", domain="rekenen")]]
)
def test_items_that_make_no_bank_are_refused(items: list[ScoredItem]) -> None:
    with pytest.raises(BankUnusable):
        calibrate(items, DOMAINS, [Sheet("a", (Answer("a", True),))])


@pytest.mark.parametrize("people", [1, 2, 50])
@pytest.mark.parametrize("right", [True, False])
def test_all_right_and_all_wrong_move_the_items_and_the_people_a_sensible_way(people: int, right: bool) -> None:
    items = ladder(4)
    sheets = [Sheet("a", tuple(Answer(one.item_id, right) for one in items))] * people
    found = calibrate(items, DOMAINS, sheets)
    assert_sensible(found)
    sign = 1 if right else -1
    assert all(sign * group.mean > 0 for group in found.groups)
    assert np.mean([sign * (one.b - one.was) for one in found.items]) < 0


def test_items_without_answers_and_a_domain_without_items_are_no_problem() -> None:
    items = [one for one in ladder(4) if one.domain != "veiligheid"]
    found = calibrate(
        items, DOMAINS, [Sheet("a", (Answer("ope-01", True),)), Sheet("b", (Answer("inf-02", False),))]
    )
    assert_sensible(found)
    untouched = [one for one in found.items if not one.answers]
    assert len(untouched) == 10
    assert all(one.b == pytest.approx(one.was) and one.z == pytest.approx(0) for one in untouched)


@given(
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.775, 0.95]),
    st.sampled_from([1, 2, 4]),
)
@settings(deadline=None, max_examples=10)
def test_whatever_the_items_and_the_answers_the_numbers_are_always_sensible(
    seed: int, loading: float, domains: int
) -> None:
    dice = random.Random(seed)
    some = [
        item(
            f"i{k}",
            dice.choice(DOMAINS[:domains]),
            dice.choice([-10.0, 10.0, dice.gauss(0, 2)]),
            prior_sd=dice.choice([0.0, 0.7, 5.0]),
            a=dice.choice([1e-6, 1.2, 5.0]),
            c=dice.choice([0.0, 0.25, 0.999]),
            source=dice.choice(["expert", "calibrated"]),
        )
        for k in range(dice.choice([1, 4, 12]))
    ]
    sheets = [
        Sheet(
            dice.choice("ab"),
            tuple(
                Answer(one.item_id, dice.random() < share) for one in dice.sample(some, dice.randint(1, len(some)))
            ),
        )
        for share in (0.0, 0.5, 1.0)
        for _ in range(dice.choice([1, 5]))
    ]
    assert_sensible(calibrate(some, DOMAINS[:domains], sheets, prior=Prior(loading)))


def test_somebody_far_from_everybody_else_does_not_break_it() -> None:
    hard: dict[str, Any] = {"a": 5.0, "prior_sd": 1.0}
    items = [item(f"i{k:03d}", DOMAINS[k % 4], 5.0 if k % 8 < 4 else -5.0, **hard) for k in range(160)]
    wrong = Sheet("a", tuple(Answer(one.item_id, False) for one in items))
    right = Sheet("a", tuple(Answer(one.item_id, True) for one in items))
    assert_sensible(calibrate(items, DOMAINS, [*[wrong] * 100, right], prior=Prior(0.95)))
