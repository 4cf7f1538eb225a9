"""Many people's answers as arrays, and what is believed of everybody."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Answer, ItemTwiceInHistory, Prior, Sheet, UnknownItemInHistory
from lti_tool.measurement.model import GRID
from lti_tool.measurement.posterior import believe
from lti_tool.measurement.sheets import PEOPLE_AT_ONCE, Answers, Piece, believe_piece, lay_out
from tests.unit.measurement.examples import bank, ladder

BANK = bank(ladder(6))


def laid_out(*sheets: Sheet) -> Answers:
    return lay_out(sheets, BANK.index, BANK.scored_of_domain)


def some_sheets(dice: random.Random, people: int) -> list[Sheet]:
    return [
        Sheet(
            dice.choice(["a", "b", "c"]),
            tuple(
                Answer(item_id, dice.random() < 0.6) for item_id in dice.sample(BANK.item_ids, dice.randint(0, 9))
            ),
        )
        for _ in range(people)
    ]


def test_people_lie_by_group_and_keep_their_answers() -> None:
    answers = laid_out(
        Sheet("b", (Answer("inf-00", True),)),
        Sheet("a", ()),
        Sheet("a", (Answer("ope-05", False), Answer("inf-00", True))),
    )
    assert answers.groups == ("a", "b")
    assert answers.group_of.tolist() == [0, 0, 1]
    assert answers.person.tolist() == [1, 1, 2]
    assert [BANK.item_ids[place] for place in answers.item] == ["ope-05", "inf-00", "inf-00"]
    assert answers.right.tolist() == [False, True, True]


def test_nobody_is_laid_out_too() -> None:
    assert list(laid_out().pieces()) == []


def test_an_unknown_item_and_an_item_twice_are_named() -> None:
    with pytest.raises(UnknownItemInHistory) as unknown:
        laid_out(Sheet("a", (Answer("gone", True),)))
    assert unknown.value.item_id == "gone"
    with pytest.raises(ItemTwiceInHistory) as twice:
        laid_out(Sheet("a", (Answer("inf-00", True), Answer("inf-00", True))))
    assert twice.value.item_id == "inf-00"


@given(st.integers(0, 2**32), st.integers(0, 12))
@settings(deadline=None, max_examples=40)
def test_the_pieces_hold_everybody_once_and_every_answer_once(seed: int, people: int) -> None:
    sheets = some_sheets(random.Random(seed), people)
    answers = laid_out(*sheets)
    pieces = list(answers.pieces())
    assert [place for piece in pieces for place in range(piece.who.start, piece.who.stop)] == list(range(people))
    told = sorted((sheet.group, answer.item_id, answer.right) for sheet in sheets for answer in sheet.answers)
    held = [
        (answers.groups[piece.group], BANK.item_ids[own[item]], bool(right))
        for piece in pieces
        for own, scores in zip(answers.of_domain, piece.scores, strict=True)
        for right, _, item in zip(*np.nonzero(scores), strict=True)
    ]
    assert sorted(held) == told


def test_a_large_group_comes_in_pieces() -> None:
    sheet = Sheet("a", (Answer("inf-00", True),))
    pieces = list(laid_out(*[sheet] * (PEOPLE_AT_ONCE + 3), Sheet("b", ())).pieces())
    assert [(piece.who.stop - piece.who.start, piece.group) for piece in pieces] == [
        (PEOPLE_AT_ONCE, 0),
        (3, 0),
        (1, 1),
    ]
    assert sum(float(scores.sum()) for piece in pieces for scores in piece.scores) == PEOPLE_AT_ONCE + 3


@pytest.mark.parametrize("loading", [0.0, 0.5, 0.775, 0.9])
def test_around_a_mean_of_zero_everybody_is_believed_as_in_the_profile(loading: float) -> None:
    answers = laid_out(*[Sheet("a", sheet.answers) for sheet in some_sheets(random.Random(5), 8)])
    (piece,) = answers.pieces()
    believed = believe_piece(piece, answers.of_domain, BANK.log_chances, np.zeros(4), loading)
    log_likelihood = np.stack(
        [
            scores[0] @ BANK.log_chances[0, own] + scores[1] @ BANK.log_chances[1, own]
            for scores, own in zip(piece.scores, answers.of_domain, strict=True)
        ],
        axis=1,
    )
    exact = believe(log_likelihood, Prior(loading))
    means = (believed.masses @ GRID).T
    assert means == pytest.approx(exact.mean, abs=0.002)
    assert believed.squared == pytest.approx(float((exact.mean**2 + exact.sd**2).sum()), rel=0.002)


def test_without_answers_the_moments_are_those_of_the_prior() -> None:
    answers = laid_out(*[Sheet("a", ())] * 10)
    (piece,) = answers.pieces()
    means = np.array([0.5, 0.0, -0.5, 1.0])
    believed = believe_piece(piece, answers.of_domain, BANK.log_chances, means, 0.7)
    assert believed.masses @ GRID == pytest.approx(np.repeat(means[:, None], 10, axis=1), abs=0.001)
    assert believed.general_squared == pytest.approx(10, rel=0.001)
    assert believed.with_general == pytest.approx(10 * 4 * 0.7, rel=0.001)
    assert believed.squared == pytest.approx(10 * 4, rel=0.001)


@given(
    st.lists(st.floats(-6, 6), min_size=4, max_size=4),
    st.floats(0, 0.95),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=60)
def test_however_far_somebody_is_from_their_group_the_beliefs_are_always_proper(
    means: list[float], loading: float, rights: list[bool]
) -> None:
    sharp = bank([one for one in ladder(40, a=5.0, source="calibrated") if one.b > 0], prior=Prior(0.95))
    scores = tuple(
        np.stack([np.full((1, own.size), float(not right)), np.full((1, own.size), float(right))])
        for own, right in zip(sharp.scored_of_domain, rights, strict=True)
    )
    believed = believe_piece(
        Piece(slice(0, 1), 0, scores), sharp.scored_of_domain, sharp.log_chances, np.array(means), loading
    )
    assert believed.masses.sum(axis=-1) == pytest.approx(np.ones((4, 1)))
    assert np.isfinite([believed.with_general, believed.squared, believed.general_squared]).all()
