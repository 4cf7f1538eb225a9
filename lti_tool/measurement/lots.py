"""Lots: numbers that look random and depend on nothing but their arguments, on every machine, for a whole crowd.

SplitMix64 (Steele, Lea & Flood 2014) over a person's seed, what the lot is for, and its place in a series.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Lots = NDArray[np.uint64]

# What lots are drawn for.
TURN: Final = 1
ITEM: Final = 2
PILOT_SLOT: Final = 3
PILOT: Final = 4

_BITS: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_SERIES: Final = 1 << 20
"""Places in one series, far more than an assessment has steps or domains."""


def seed_of(text: str) -> int:
    """The seed, 64 bits, that belongs to a person's text (the id of the attempt)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def draw(seed: int, purpose: int, place: int) -> int:
    """The lot, 0 up to 2**64, of this seed for this purpose and place."""
    mixed = (seed + _GOLDEN * (purpose * _SERIES + place + 1)) & _BITS
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _BITS
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _BITS
    return mixed ^ (mixed >> 31)


def draw_all(seeds: Lots, purpose: int, place: int) -> Lots:
    """The same for many seeds at once, in the shape of `seeds`."""
    mixed = seeds + np.uint64(_GOLDEN * (purpose * _SERIES + place + 1) & _BITS)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
