"""A thousand simulated learners take the delivered assessment: it is short, honest and kind."""

from __future__ import annotations

import pytest

from lti_tool.demo.stage import CONTENT
from lti_tool.measurement import Health
from lti_tool.use_cases.simulate_bank import SimulateBank


@pytest.fixture(scope="module")
def health() -> Health:
    folder = CONTENT / "digivaardig-basis"
    return SimulateBank().rehearse(folder, learners=1000, seed=1, rho=None, judge_error=None).health


def test_it_is_over_within_24_questions(health: Health) -> None:
    assert health.mean_items <= 24


def test_it_claims_what_it_reaches(health: Health) -> None:
    assert abs(health.claimed_accuracy - health.level_accuracy) <= 0.03
    assert 0.93 <= health.coverage95 <= 0.97
    assert health.shown_right >= 0.75


def test_it_starts_easy_and_discourages_few(health: Health) -> None:
    assert health.first_three_right >= 0.75
    assert health.under_40_percent <= 0.035


def test_no_question_is_known_to_everybody(health: Health) -> None:
    assert health.max_exposure <= 0.6
