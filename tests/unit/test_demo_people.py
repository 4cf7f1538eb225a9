"""The simulated colleagues: teams, skill and answers, all from one seed."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest

from lti_tool.demo.answer_key import Question
from lti_tool.demo.page import Form
from lti_tool.demo.people import (
    GROWTH_MEAN,
    Colleague,
    colleagues_of_voorbeeldstad,
    people_of_kleindorp,
    success_chance,
)
from lti_tool.demo_portal.people import demo_directory

DOMAINS = ("operationeel", "informatie", "strategisch", "veiligheid")
FORM = Form("http://localhost/question", "POST")


def question(number: int, difficulty: float = 0.0) -> Question:
    item_id = f"VEI-INT-{number:04}"
    return Question(item_id, 1, "single_choice", "veiligheid", difficulty, ("a", "b", "c"), ("a",), (), ())


def test_the_colleagues_are_in_teams_of_12_6_and_6() -> None:
    teams = Counter(c.team for c in colleagues_of_voorbeeldstad(24))
    assert teams == {"Balie en klantcontact": 12, "Wmo": 6, "Vergunningen": 6}
    assert len(colleagues_of_voorbeeldstad(99)) == 24
    assert colleagues_of_voorbeeldstad(0) == []


def test_everybody_simulated_is_a_learner_of_the_portal() -> None:
    directory = demo_directory()
    for colleague in [*colleagues_of_voorbeeldstad(24), *people_of_kleindorp()]:
        found = directory.find_person(colleague.person_id)
        assert found is not None
        assert not found[1].may_teach
    assert all(
        found[1].in_the_list
        for c in colleagues_of_voorbeeldstad(24)
        if (found := directory.find_person(c.person_id)) is not None
    )
    assert len(people_of_kleindorp()) == 6


def test_skill_is_the_same_at_every_call_and_grows_between_the_rounds() -> None:
    people = colleagues_of_voorbeeldstad(24)
    before = {(p.person_id, d): p.skill(d, 1) for p in people for d in DOMAINS}
    assert before == {(p.person_id, d): p.skill(d, 1) for p in people for d in DOMAINS}
    growth = [p.skill(d, 2) - before[p.person_id, d] for p in people for d in DOMAINS]
    assert mean(growth) == pytest.approx(GROWTH_MEAN, abs=0.2)


def test_the_chance_follows_the_two_parameter_logistic_model() -> None:
    assert success_chance(0.5, 0.5) == 0.5
    assert success_chance(1.0, 0.0) == pytest.approx(0.7685, abs=1e-4)
    assert success_chance(-1.0, 0.0) == pytest.approx(1 - 0.7685, abs=1e-4)


def test_answers_are_repeatable_and_easier_questions_go_better() -> None:
    responder = Colleague("201", None).responding(1)

    def right(difficulty: float) -> int:
        return sum(responder(question(n, difficulty), FORM) == {"choice": "a"} for n in range(300))

    assert responder(question(1), FORM) == responder(question(1), FORM)
    assert right(-2.0) > right(0.0) > right(2.0)
    given = [responder(question(n, 2.5), FORM) for n in range(300)]
    assert None in given
    assert {"choice": "b"} in given or {"choice": "c"} in given
