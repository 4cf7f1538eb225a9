"""A learner takes a micro-training, a step a page, back and on as they like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool.domain.errors import ModuleUnknown, RatingUnknown, StepUnknown
from lti_tool.domain.people import RATINGS
from lti_tool.domain.scoring import Response, ResponseDoesNotFit
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import trainings as training_rows
from tests.factories import NOW, make_campaign
from tests.integration.journeys.town import right, wrong

LATER = NOW + timedelta(hours=2)
MODULE = "M-VEI-001"
STEPS = ("goal", "explanation", "practice", "check", "tip", "done")
CHECK = "VEI-INT-0100@1"


@pytest.fixture
def where(town):
    where = town.arrive()
    town.module.open(where, MODULE, NOW)
    return where


def trained(town):
    """The verbs after registering and reading the start page."""
    return town.verbs()[2:]


def test_a_training_tells_why_the_municipality_does_this(town, where):
    assert town.module.page(where, MODULE).campaign_goal == make_campaign().goal


def test_every_training_of_the_package_can_be_chosen(town):
    cards = town.module.cards(town.arrive())
    assert [card.id for card in cards] == ["M-INF-001", "M-OPE-001", "M-STR-001", "M-VEI-001"]
    assert {card.state for card in cards} == {"new"}


def test_the_advice_can_be_gone_back_to_once_there_is_one(town, where):
    assert not town.module.page(where, MODULE).has_advice
    town.assessment.begin(where, NOW)
    assert not town.module.page(where, MODULE).has_advice
    town.answer_all(where, right)
    assert town.module.page(where, MODULE).has_advice
    skipped = town.arrive("b")
    town.assessment.skip(skipped, NOW)
    town.module.open(skipped, MODULE, NOW)
    assert town.module.page(skipped, MODULE).has_advice


def test_a_training_that_was_not_opened_has_no_page(town):
    assert town.module.page(town.arrive(), MODULE) is None


def test_a_training_begins_at_its_first_step(town, where):
    page = town.module.page(where, MODULE)
    assert (page.step.id, page.number, page.total) == ("goal", 1, 6)
    assert (page.previous_step, page.next_step) == (None, "explanation")
    assert (page.finished, page.questions, page.feedback) == (False, {}, {})
    assert page.helpers.startswith("Digihelden")
    assert trained(town) == ["launched"]


def test_opening_it_again_goes_on_where_one_was(town, where):
    town.module.go(where, MODULE, "practice", NOW)
    town.module.open(where, MODULE, LATER)
    assert town.module.page(where, MODULE).step.id == "practice"
    assert trained(town) == ["launched", "progressed"]


def test_going_on_is_told_in_percent_and_going_back_is_not(town, where):
    for step in ("explanation", "practice", "goal", "practice", "check"):
        town.module.go(where, MODULE, step, NOW)
    told = [next(iter(s["result"]["extensions"].values())) for s in town.statements()[3:]]
    assert told == [17, 33, 50]
    page = town.module.page(where, MODULE)
    assert (page.previous_step, page.step.id, page.next_step) == ("practice", "check", "tip")


def test_the_last_step_has_no_next_one(town, where):
    town.module.go(where, MODULE, "done", NOW)
    page = town.module.page(where, MODULE)
    assert (page.number, page.next_step) == (6, None)


def test_a_check_may_be_tried_again_and_again_and_is_not_told(town, where):
    town.module.go(where, MODULE, "check", NOW)
    item = town.module.page(where, MODULE).questions["VEI-INT-0100"]
    town.module.check(where, MODULE, item.key, wrong(item), NOW)
    assert not town.module.page(where, MODULE).feedback[item.id].right
    town.module.check(where, MODULE, item.key, right(item), NOW)
    said = town.module.page(where, MODULE).feedback[item.id]
    assert (said.right, said.text) == (True, "Klopt. Zo kan niemand erbij.")
    assert trained(town) == ["launched", "progressed"]


@pytest.mark.parametrize("given", [Response(), Response(choice=("z",))])
def test_an_answer_that_does_not_fit_is_not_kept(town, where, given):
    town.module.go(where, MODULE, "check", NOW)
    with pytest.raises(ResponseDoesNotFit):
        town.module.check(where, MODULE, CHECK, given, NOW)
    assert town.module.page(where, MODULE).feedback == {}


def test_a_question_is_answered_in_its_own_step_only(town, where):
    with pytest.raises(StepUnknown):
        town.module.check(where, MODULE, CHECK, Response(choice=("a",)), NOW)
    town.module.go(where, MODULE, "check", NOW)
    with pytest.raises(StepUnknown):
        town.module.check(where, MODULE, "VEI-INT-0011@1", Response(choice=("a",)), NOW)


def test_finishing_is_told_once(town, where):
    town.module.finish(where, MODULE, NOW)
    town.module.finish(where, MODULE, LATER)
    assert trained(town) == ["launched", "completed"]
    assert town.module.page(where, MODULE).finished
    assert {card.id: card.state for card in town.module.cards(where)}[MODULE] == "done"
    (kept,) = town.in_transaction(training_rows.trainings, where)
    assert kept.finished_at == NOW


def test_looking_back_after_finishing_tells_nothing_more(town, where):
    town.module.finish(where, MODULE, NOW)
    town.module.go(where, MODULE, "tip", LATER)
    assert trained(town) == ["launched", "completed"]


def test_a_training_is_told_by_its_id_and_version(town, where):
    assert town.statements()[-1]["object"]["id"].endswith("M-VEI-001@1.0.0")


def test_an_unknown_training_or_step_is_refused(town, where):
    for act in (
        lambda: town.module.open(where, "M-OPE-999", NOW),
        lambda: town.module.page(where, "M-OPE-999"),
        lambda: town.module.go(where, "M-OPE-999", "goal", NOW),
        lambda: town.module.go(where, "M-INF-001", "goal", NOW),
        lambda: town.module.check(where, "M-INF-001", CHECK, Response(choice=("a",)), NOW),
        lambda: town.module.finish(where, "M-INF-001", NOW),
    ):
        with pytest.raises(ModuleUnknown):
            act()
    with pytest.raises(StepUnknown):
        town.module.go(where, MODULE, "coffee", NOW)


def test_a_step_that_was_renamed_since_then_starts_the_training_at_its_beginning(town, where):
    kept = town.in_transaction(training_rows.find_training, where, MODULE)
    town.in_transaction(training_rows.save_training, replace(kept, step_id="old"))
    assert town.module.page(where, MODULE).step.id == "goal"


def test_staff_who_look_around_leave_no_statement_of_a_training(town):
    where = town.arrive("teacher", is_staff=True)
    town.module.open(where, MODULE, NOW)
    town.module.go(where, MODULE, "tip", NOW)
    town.module.finish(where, MODULE, NOW)
    assert town.count("outbox") == 0


def test_every_delivered_training_can_be_walked_to_its_end(real_town):
    where = real_town.arrive()
    for card in real_town.module.cards(where):
        real_town.module.open(where, card.id, NOW)
        page = real_town.module.page(where, card.id)
        while page.next_step is not None:
            for item in page.questions.values():
                real_town.module.check(where, card.id, item.key, right(item), NOW)
                assert real_town.module.page(where, card.id).feedback[item.id].right
            real_town.module.go(where, card.id, page.next_step, NOW)
            page = real_town.module.page(where, card.id)
        real_town.module.finish(where, card.id, NOW)
    assert {card.state for card in real_town.module.cards(where)} == {"done"}


def test_the_minutes_left_are_those_of_this_step_and_the_ones_after_it(town, where):
    module = town.content.installed().module(MODULE)
    assert town.module.page(where, MODULE).minutes_left == sum(step.minutes for step in module.steps)
    town.module.go(where, MODULE, "done", NOW)
    assert town.module.page(where, MODULE).minutes_left == module.steps[-1].minutes


def test_an_answer_is_there_again_on_another_device_until_it_is_begun_afresh(town, where):
    town.module.go(where, MODULE, "check", NOW)
    town.module.check(where, MODULE, CHECK, Response(choice=("b",)), NOW)
    town.module.go(where, MODULE, "tip", NOW)
    town.module.go(where, MODULE, "check", NOW)
    elsewhere = replace(where)
    assert town.module.page(elsewhere, MODULE).given == {"VEI-INT-0100": Response(choice=("b",))}
    town.module.again(elsewhere, MODULE, CHECK)
    page = town.module.page(where, MODULE)
    assert (page.given, page.feedback) == ({}, {})
    town.module.again(where, MODULE, CHECK)


def test_beginning_one_question_afresh_leaves_the_others(town, where):
    kept = town.in_transaction(training_rows.find_training, where, MODULE)
    other = ("VEI-INT-0999", {"choice": ["a"], "text": "", "dont_know": False})
    town.in_transaction(training_rows.save_training, replace(kept, checks=(other,), step_id="check"))
    town.module.check(where, MODULE, CHECK, Response(choice=("a",)), NOW)
    town.module.again(where, MODULE, CHECK)
    assert town.in_transaction(training_rows.find_training, where, MODULE).checks == (other,)


def test_a_question_of_another_step_is_not_begun_afresh(town, where):
    with pytest.raises(StepUnknown):
        town.module.again(where, MODULE, CHECK)
    with pytest.raises(ModuleUnknown):
        town.module.again(where, "M-INF-001", CHECK)


def test_an_answer_that_the_renewed_question_does_not_offer_is_as_good_as_none(town, where):
    kept = town.in_transaction(training_rows.find_training, where, MODULE)
    gone = ("VEI-INT-0100", {"choice": ["z"], "text": "", "dont_know": False})
    town.in_transaction(training_rows.save_training, replace(kept, checks=(gone,), step_id="check"))
    page = town.module.page(where, MODULE)
    assert (page.given, page.feedback) == ({}, {})


def test_a_rating_is_kept_changed_and_taken_back_and_told_to_nobody(town, where):
    assert town.module.page(where, MODULE).rating is None
    for rating in (*RATINGS, None, "helped"):
        town.module.rate(where, MODULE, rating)
        assert town.module.page(where, MODULE).rating == rating
    assert trained(town) == ["launched"]
    assert town.advice.progress(where).ratings == {MODULE: "helped"}


def test_only_the_three_words_are_a_rating(town, where):
    for rating in ("", "5", "hielp mij", "helped; drop table training"):
        with pytest.raises(RatingUnknown):
            town.module.rate(where, MODULE, rating)
    with pytest.raises(ModuleUnknown):
        town.module.rate(where, "M-INF-001", "helped")
    assert town.module.page(where, MODULE).rating is None


def test_a_rating_survives_the_rest_of_the_training(town, where):
    town.module.rate(where, MODULE, "helped_a_bit")
    town.module.go(where, MODULE, "check", NOW)
    town.module.check(where, MODULE, CHECK, Response(choice=("a",)), NOW)
    town.module.finish(where, MODULE, NOW)
    assert town.module.page(where, MODULE).rating == "helped_a_bit"


def test_who_wipes_wipes_what_they_said_of_trainings_too(town, where):
    town.module.rate(where, MODULE, "did_not_help")
    town.in_transaction(participation_rows.remove_participation, where)
    assert town.count("training") == 0


def test_every_delivered_simulation_is_explained_row_by_row(real_town):
    where = real_town.arrive()
    package = real_town.content.installed()
    asked = [
        (module.id, step.id, block.item_ref)
        for module in package.modules.values()
        for step in module.steps
        for block in step.blocks
        if block.item_ref and len(package.item(block.item_ref).rows) > 1
    ]
    for module_id, step_id, item_id in asked:
        item = package.item(item_id)
        real_town.module.open(where, module_id, NOW)
        real_town.module.go(where, module_id, step_id, NOW)
        real_town.module.check(where, module_id, item.key, wrong(item), NOW)
        said = real_town.module.page(where, module_id).feedback[item_id]
        assert len(said.rows) == len(item.rows)
        assert not all(row.fits for row in said.rows)
