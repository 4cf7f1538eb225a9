"""The policy, and when a domain or an assessment is done."""

from typing import Any

import pytest

from lti_tool.measurement import Policy, PolicyUnusable
from lti_tool.measurement.stop import Closing, is_clear, why_done


@pytest.mark.parametrize(
    "numbers",
    [
        {"easy_success": 1.2},
        {"success_floor": -0.1},
        {"level_certainty": float("nan")},
        {"min_per_domain": 9},
        {"min_per_domain": -1},
        {"of_domain": (("veiligheid", 3, 2),)},
        {"max_items": 0},
        {"easy_first": -1},
        {"best_of": 0},
        {"pilot_slots": -1},
        {"pser": -0.1},
        {"pser": float("nan")},
        {"tag_cap": 0},
        {"certain_sd": 0.0},
        {"certain_sd": float("nan")},
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
    ("items", "certainty", "clear"),
    [(0, 0.99, False), (2, 0.99, False), (3, 0.8, True), (3, 0.79, False), (8, 0.5, False), (8, 0.9, True)],
)
def test_a_domain_is_clear_when_its_level_is_after_enough_items(items: int, certainty: float, clear: bool) -> None:
    assert is_clear(Policy(), "veiligheid", items, certainty, sd=0.1) is clear


@pytest.mark.parametrize(("items", "sd", "clear"), [(3, 0.4, True), (3, 0.41, False), (2, 0.1, False)])
def test_a_domain_may_be_clear_by_its_sd_instead_whatever_the_level(items: int, sd: float, clear: bool) -> None:
    assert is_clear(Policy(certain_sd=0.4), "veiligheid", items, 0.99, sd) is clear
    assert is_clear(Policy(certain_sd=0.4), "veiligheid", items, 0.1, sd) is clear


@pytest.mark.parametrize(
    ("closings", "reason"),
    [
        (set(), "certain"),
        ({"certain"}, "certain"),
        ({"certain", "cap"}, "cap"),
        ({"cap", "no_gain"}, "no_gain"),
        ({"no_gain", "exhausted", "certain"}, "exhausted"),
    ],
)
def test_the_assessment_names_what_stood_most_in_the_way(closings: set[Closing], reason: str) -> None:
    assert why_done(closings) == reason


def test_a_domain_may_have_limits_of_its_own() -> None:
    policy = Policy(min_per_domain=2, of_domain=(("veiligheid", 4, 6),))
    assert policy.limits("veiligheid") == (4, 6)
    assert policy.limits("informatie") == (2, policy.max_per_domain)
    assert not is_clear(policy, "veiligheid", 3, 1.0, sd=0.1)
    assert is_clear(policy, "informatie", 3, 1.0, sd=0.1)
