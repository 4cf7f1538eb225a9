"""Lots against the published generator, and alone against together."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.measurement import lots

SEEDS = st.integers(0, 2**64 - 1)


def test_lots_are_those_of_splitmix64() -> None:
    """The first five numbers of seed 1234567, as published with the generator's reference code."""
    drawn = [lots.draw(1234567, 0, place) for place in range(5)]
    assert drawn == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_seed_of_a_text_is_the_begin_of_its_sha256() -> None:
    assert lots.seed_of("") == 0xE3B0C44298FC1C14
    assert lots.seed_of("abc") == 0xBA7816BF8F01CFEA


@given(st.lists(SEEDS, max_size=5), st.integers(0, 9), st.integers(0, 1000))
@settings(deadline=None)
def test_a_crowd_always_draws_what_each_would_draw_alone(seeds: list[int], purpose: int, place: int) -> None:
    together = lots.draw_all(np.array(seeds, dtype=np.uint64), purpose, place)
    assert together.tolist() == [lots.draw(seed, purpose, place) for seed in seeds]


@given(SEEDS, st.integers(1, 4), st.integers(0, 1000))
@settings(deadline=None)
def test_a_lot_always_fits_in_64_bits_and_is_drawn_anew_for_each_purpose_and_place(
    seed: int, purpose: int, place: int
) -> None:
    drawn = lots.draw(seed, purpose, place)
    assert 0 <= drawn < 2**64
    assert drawn != lots.draw(seed, purpose, place + 1)
    assert drawn != lots.draw(seed, purpose + 1, place)


def test_lots_are_even() -> None:
    counts = np.bincount([lots.draw(lots.seed_of(str(person)), lots.ITEM, 3) % 5 for person in range(5000)])
    assert (np.abs(counts - 1000) < 4 * np.sqrt(800)).all()
