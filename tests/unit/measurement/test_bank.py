"""What makes a bank, and what is refused."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import Bank, BankUnusable, Prior, ScoredItem
from tests.unit.measurement.examples import DOMAINS, bank, item, ladder


def test_the_order_of_the_items_does_not_change_the_bank() -> None:
    items = ladder()
    shuffled = items[:]
    random.Random(1).shuffle(shuffled)
    one, other = bank(items), bank(shuffled)
    assert one.item_ids == other.item_ids
    assert np.array_equal(one.log_chances, other.log_chances)
    assert np.array_equal(one.ranking(0.6).order, other.ranking(0.6).order)
    assert one.tags == other.tags


def test_tables_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        bank().chance[0, 0] = 0.5


def test_calibrated_difficulties_stay_as_they_are_and_guesses_are_drawn_in() -> None:
    mixed = bank(
        [
            item("a", b=2.0, source="calibrated", prior_sd=0.0),
            item("b", b=2.0),
            item("c", b=-2.0, domain="informatie"),
        ]
    )
    assert mixed.b[0] == 2.0
    assert mixed.a[0] == pytest.approx(1.2)
    assert 0 < mixed.b[1] < 2.0
    assert mixed.a[1] < 1.2


def test_enemies_hold_both_ways_and_strangers_are_ignored() -> None:
    built = bank([item("a", enemies=frozenset({"b", "elsewhere"})), item("b"), item("c")])
    assert {place: list(enemies) for place, enemies in built.enemies_of.items()} == {0: [1], 1: [0]}


def test_pilots_stand_apart() -> None:
    built = bank([item("a"), item("b", pilot=True)])
    assert list(built.pilots) == [1]
    assert [list(places) for places in built.scored_of_domain] == [[0], [], [], []]


def test_a_bank_carries_its_prior() -> None:
    assert bank().prior == Prior()
    assert bank(prior=Prior(0.9)).prior == Prior(0.9)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([], "no item that counts"),
        ([item("a", pilot=True)], "no item that counts"),
        ([item("a"), item("a", b=1.0)], "item a is there twice"),
        ([item("a", domain="rekenen")], "unknown domain rekenen"),
        ([item("a", source="guess")], "unknown source guess"),
        ([item("a", b=float("nan"))], "not a number"),
        ([item("a", b=float("inf"))], "not a number"),
        ([item("a", b=11.0)], "difficulty out of range"),
        ([item("a", prior_sd=-0.1)], "difficulty out of range"),
        ([item("a", a=0.0)], "slope or guessing"),
        ([item("a", c=1.0)], "slope or guessing"),
        ([item("a", c=-0.1)], "slope or guessing"),
        ([item("a", a=5.1)], "slope or guessing"),
        ([item("a", prior_sd=5.1)], "difficulty out of range"),
        ([item("a", a=float("nan"))], "not a number"),
        ([item("a", c=float("nan"))], "not a number"),
        ([item("a", prior_sd=float("inf"))], "not a number"),
    ],
)
def test_an_unusable_bank_says_why(items: list[ScoredItem], reason: str) -> None:
    with pytest.raises(BankUnusable, match=reason) as caught:
        bank(items)
    assert reason in caught.value.reason


@pytest.mark.parametrize("domains", [(), ("a", "a")])
def test_domains_are_named_once(domains: Any) -> None:
    with pytest.raises(BankUnusable, match="domains"):
        Bank.build([item("a", domain="a")], version="1", domains=domains)


def test_a_domain_without_items_is_allowed() -> None:
    assert bank([item("a")]).domains == DOMAINS
    built = bank([item("a")])
    assert [places.size for places in built.scored_of_domain] == [1, 0, 0, 0]


def test_an_item_says_whether_it_belongs_to_a_domain_counts_and_carries_a_tag() -> None:
    built = bank(
        [item("a", tags=frozenset({"x", "y"})), item("b", "veiligheid", pilot=True, tags=frozenset({"y"}))]
    )
    assert built.belongs.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert built.counts.tolist() == [True, False]
    assert built.tags == ("x", "y")
    assert built.tagged.tolist() == [[True, True], [False, True]]


@given(
    st.lists(
        st.tuples(
            st.floats(-10, 10),
            st.floats(0, 5),
            st.floats(0, 5, exclude_min=True),
            st.floats(0, 1, exclude_max=True),
            st.sampled_from(["expert", "calibrated"]),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None)
def test_the_tables_of_items_within_range_are_always_finite(numbers: list[tuple[Any, ...]]) -> None:
    built = bank(
        [item(str(k), b=b, prior_sd=sd, a=a, c=c, source=s) for k, (b, sd, a, c, s) in enumerate(numbers)]
    )
    assert np.isfinite(built.log_chances).all()
    assert np.exp(built.log_chances).sum(axis=0) == pytest.approx(np.ones((len(numbers), 81)))
    assert (built.a > 0).all()
    assert (np.abs(built.b) <= 10 + 1e-9).all()
