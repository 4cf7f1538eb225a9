"""The policy, and when a domain or an assessment is done."""

from typing import Any

import pytest

from lti_tool.measurement import Policy, PolicyUnusable
from lti_tool.measurement.stop import Closing, closed_by_answers, why_done


@pytest.mark.parametrize(
    "numbers",
    [
        {"easy_success": 1.2},
        {"success_floor": -0.1},
        {"level_certainty": float("nan")},
        {"min_per_domain": 9},
        {"min_per_domain": -1},
        {"max_items": 0},
        {"easy_first": -1},
        {"best_of": 0},
        {"pilot_slots": -1},
        {"pser": -0.1},
        {"pser": float("nan")},
        {"tag_cap": 0},
        {"cuts": (0.8, -0.5)},
        {"cuts": (0.0, float("inf"))},
        {"cuts": (float("nan"),), "level_ids": ("low", "high")},
        {"level_ids": ("only",)},
    ],
)
def test_numbers_that_contradict_each_other_are_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(PolicyUnusable):
        Policy(**numbers)


def test_one_level_needs_no_cuts() -> None:
    assert Policy(cuts=(), level_ids=("only",)).cuts == ()


@pytest.mark.parametrize(
    ("items", "certainty", "closing"),
    [(0, 0.99, None), (2, 0.99, None), (3, 0.8, "certain"), (3, 0.79, None), (8, 0.5, "cap"), (8, 0.9, "certain")],
)
def test_a_domain_closes_when_its_level_is_clear_or_it_had_its_share(
    items: int, certainty: float, closing: str | None
) -> None:
    assert closed_by_answers(Policy(), items, certainty) == closing


@pytest.mark.parametrize(
    ("closings", "reason"),
    [
        ({"certain"}, "certain"),
        ({"certain", "cap"}, "cap"),
        ({"cap", "no_gain"}, "no_gain"),
        ({"no_gain", "exhausted", "certain"}, "exhausted"),
    ],
)
def test_the_assessment_names_what_stood_most_in_the_way(closings: set[Closing], reason: str) -> None:
    assert why_done(closings) == reason
