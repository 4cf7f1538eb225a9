"""What makes a bank, and what is refused."""

import random
from typing import Any

import numpy as np
import pytest

from lti_tool.measurement import Bank, BankUnusable, Prior, ScoredItem
from tests.unit.measurement.examples import DOMAINS, bank, item, ladder


def test_the_order_of_the_items_does_not_change_the_bank() -> None:
    items = ladder()
    shuffled = items[:]
    random.Random(1).shuffle(shuffled)
    one, other = bank(items), bank(shuffled)
    assert one.item_ids == other.item_ids
    assert np.array_equal(one.log_right, other.log_right)
    assert one.tags == other.tags


def test_tables_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        bank().right[0, 0] = 0.5


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
    assert [list(places) for places in built.enemies_of] == [[1], [0], []]


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
