"""What is said about somebody comes in the order that the xAPI profile promises."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import NOW
from tests.integration.journeys.town import right, wrong
from tests.profiled import follows_pattern, kinds_of, profile_named_in

MODULE = "M-VEI-001"


def test_a_participation_a_sitting_and_a_training_follow_their_patterns(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    town.module.open(where, MODULE, NOW)
    for step in ("practice", "goal", "check"):
        town.module.go(where, MODULE, step, NOW)
    town.module.finish(where, MODULE, NOW)
    town.module.go(where, MODULE, "done", NOW)
    town.assessment.begin(where, NOW + timedelta(days=1))
    town.answer_all(where, right, NOW + timedelta(days=1))
    town.finish("somebody else", wrong)
    first, *_ = told = town.statements()
    profile = profile_named_in(first)
    for registration in {statement["context"]["registration"] for statement in told}:
        of_one = [statement for statement in told if statement["context"]["registration"] == registration]
        assert follows_pattern(profile, "participation", kinds_of(profile, of_one))
    attempts = {iri for statement in told if (iri := _attempt_of(statement))}
    assert len(attempts) == 2
    for attempt in attempts:
        of_one = [statement for statement in told if _attempt_of(statement) == attempt]
        assert follows_pattern(profile, "sitting", kinds_of(profile, of_one))
    about_module = [kind for kind in kinds_of(profile, told) if kind.startswith("module-")]
    assert about_module == ["module-launched", "module-progressed", "module-progressed", "module-completed"]
    assert follows_pattern(profile, "training", about_module)


def _attempt_of(statement):
    grouping = statement["context"]["contextActivities"].get("grouping", [])
    return next((activity["id"] for activity in grouping if "/attempt/" in activity["id"]), None)
