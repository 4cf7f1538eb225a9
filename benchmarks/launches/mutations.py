"""Tokens that are nearly good: each is one change away from a launch that comes in.

A change that leaves the text of the token as it was is no mutation, and is drawn again. Every other change must be
refused, also where it decodes to the same bytes: a token has one spelling.
"""

from __future__ import annotations

from random import Random
from typing import Final

from benchmarks.launches.faults import FAULTS
from benchmarks.launches.forgeries import FORGERIES
from benchmarks.launches.good import Good

MUTATIONS: Final = {**FORGERIES, **FAULTS}
KINDS: Final = tuple(MUTATIONS)


def mutate(good: Good, rng: Random) -> tuple[str, str]:
    """(kind, token): one kind of change, each as likely as the others."""
    while True:
        kind = rng.choice(KINDS)
        token = MUTATIONS[kind](good, rng)
        if token != good.token:
            return kind, token
