"""A learner takes the assessment, from the first question to 'klaar', on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.domain.errors import (
    AnotherQuestion,
    ItemAlreadyAnswered,
    NoAttemptRunning,
)
from lti_tool.domain.scoring import Response, ResponseDoesNotFit
from tests.factories import NOW
from tests.integration.journeys.small_content import SKILLS
from tests.integration.journeys.town import (
    DONT_KNOW,
    at_the_same_moment,
    dont_know,
    right,
    wrong,
)

LATER = NOW + timedelta(days=40)
OVER = datetime(2028, 1, 1, tzinfo=UTC)

QUERIES_PER_ANSWER = 8
"""SQL statements of one answer, BEGIN and COMMIT not counted; measured, and held here."""


def test_the_practice_question_is_recorded_nowhere(town):
    where = town.arrive()
    before = town.verbs()
    asked = town.assessment.practice(where)
    assert (asked.item.id, asked.position) == ("VEI-INT-0100", 0)
    assert town.assessment.check_practice(where, right(asked.item)).text == "Klopt. Zo kan niemand erbij."
    said = town.assessment.check_practice(where, wrong(asked.item))
    assert (said.right, said.text) == (False, "Nog niet helemaal. Dan blijft je scherm nog te lezen.")
    assert said.tip == "Bel Meldpunt ICT, 14 0000 als je twijfelt."
    assert town.verbs() == before
    assert town.count("attempt") == 0


def test_an_empty_practice_answer_is_refused(town):
    with pytest.raises(ResponseDoesNotFit):
        town.assessment.check_practice(town.arrive(), Response())


@pytest.mark.parametrize("how", [right, wrong, dont_know])
def test_a_whole_sitting_with_the_delivered_content_ends_in_advice_and_klaar(real_town, how):
    where = real_town.begin()
    asked = real_town.answer_all(where, how)
    assert 12 <= asked <= 24
    (attempt,) = real_town.attempts(where)
    assert (attempt.finished_at, attempt.finished_by) == (NOW, "measured")
    assert [answer.position for answer in attempt.answers] == list(range(1, asked + 1))
    assert len(set(real_town.items_of(where))) == asked
    assert len(attempt.profile) == 4
    assert real_town.verbs() == [
        "registered",
        "acknowledge",
        "initialized",
        *["answered"] * asked,
        *["scored"] * 4,
        "completed",
        *(["advised"] if real_town.advice.page(where, NOW).next else []),
    ]
    assert len(real_town.outbox("completion", "")) == 1
    assert real_town.assessment.question(where) is None


def test_who_can_do_everything_already_is_advised_only_what_goes_further(real_town):
    page = real_town.advice.page(real_town.finish("a", right), NOW)
    package = real_town.content.package_for(real_town.tenant())
    cards = (page.next, *page.others)
    assert {package.module(card.id).level for card in cards} <= {"verder", "gevorderd"}
    assert real_town.verbs().count("advised") == 1


def test_the_profile_that_is_kept_is_the_one_that_is_told(real_town):
    where = real_town.finish("a", right)
    kept = {result.domain: result for result in real_town.attempts(where)[0].profile}
    told = [s for s in real_town.statements() if s["verb"]["id"].endswith("/scored")]
    assert len(told) == len(kept)
    for statement in told:
        result = kept[statement["object"]["id"].rsplit("/", 1)[-1]]
        said = {key.rsplit("/", 1)[-1]: v for key, v in statement["result"]["extensions"].items()}
        assert said["ability"] == round(result.mean, 4)
        assert said["se"] == round(result.sd, 4)
        assert said.get("level") == result.level
        assert result.wle is not None
        assert said["wle"] == round(result.wle, 4)


def test_an_answer_is_told_as_item_and_success_only(town):
    where = town.begin()
    key, _, sent = town.reply(where, wrong)
    (statement,) = [s for s in town.statements() if s["verb"]["id"].endswith("/answered")]
    assert statement["object"]["id"].endswith(key)
    assert statement["result"] == {"success": False}
    assert statement["context"]["extensions"] == {"http://id.tincanapi.com/extension/assessment-type": "pretest"}
    assert sent.choice[0] not in json.dumps(statement["result"])


def test_no_statement_names_a_row_or_the_person(town):
    where = town.finish("a-user-of-the-portal", right)
    bodies = "".join(row["body"] for row in town.outbox())
    (attempt,) = town.attempts(where)
    for secret in ("a-user-of-the-portal", where.participation_id, attempt.id):
        assert secret not in bodies


def test_all_statements_of_a_participation_share_one_pseudonym_and_registration(town):
    town.finish("a", right)
    statements = town.statements()
    assert len({s["actor"]["account"]["name"] for s in statements}) == 1
    assert len({s["context"]["registration"] for s in statements}) == 1
    assert len({s["id"] for s in statements}) == len(statements)


def test_before_beginning_there_is_no_question(town):
    where = town.arrive()
    with pytest.raises(NoAttemptRunning):
        town.assessment.question(where)
    with pytest.raises(NoAttemptRunning):
        town.assessment.answer(where, "VEI-INT-0011@1", 1, DONT_KNOW, NOW)
    with pytest.raises(NoAttemptRunning):
        town.assessment.stop(where, NOW)


def test_a_second_click_on_an_answer_is_told_so_and_counts_once(town):
    where = town.begin()
    sent = town.reply(where, right)
    with pytest.raises(ItemAlreadyAnswered):
        town.assessment.answer(where, *sent, NOW)
    assert town.count("answer") == 1
    assert town.verbs().count("answered") == 1


def test_a_second_click_on_the_last_answer_is_told_so_too(town):
    where = town.begin()
    for _ in SKILLS:
        last = town.reply(where, right)
    with pytest.raises(ItemAlreadyAnswered):
        town.assessment.answer(where, *last, NOW)
    assert town.verbs().count("completed") == 1


def test_after_the_last_answer_nothing_more_is_taken(town):
    where = town.finish("a", right)
    with pytest.raises(NoAttemptRunning):
        town.assessment.answer(where, "VEI-INT-0014@1", 5, DONT_KNOW, NOW)


def test_of_two_answers_at_the_same_moment_exactly_one_counts(town):
    where = town.begin()
    asked = town.assessment.question(where)
    answers = [right(asked.item), wrong(asked.item)]
    results = at_the_same_moment(
        [lambda r=r: town.assessment.answer(where, asked.item.key, 1, r, NOW) for r in answers]
    )
    assert sorted(type(result).__name__ for result in results) == ["ItemAlreadyAnswered", "NoneType"]
    assert town.count("answer") == 1
    assert town.verbs().count("answered") == 1
    (kept,) = town.attempts(where)[0].answers
    assert kept.right is (results[0] is None)


def test_two_windows_that_begin_at_the_same_moment_begin_one_sitting(town):
    where = town.arrive()
    assert at_the_same_moment([lambda: town.assessment.begin(where, NOW)] * 2) == [None, None]
    assert town.count("attempt") == 1
    assert town.verbs().count("initialized") == 1


@pytest.mark.parametrize(("item", "position"), [("VEI-INT-0100@1", 1), (None, 2), (None, 0)])
def test_an_answer_to_another_question_is_not_taken(town, item, position):
    where = town.begin()
    asked = town.assessment.question(where).item
    refusal = AnotherQuestion if position else ItemAlreadyAnswered
    with pytest.raises(refusal):
        town.assessment.answer(where, item or asked.key, position, right(asked), NOW)
    assert town.count("answer") == 0


def test_an_answer_that_does_not_fit_leaves_the_question_open(town):
    where = town.begin()
    asked = town.assessment.question(where)
    with pytest.raises(ResponseDoesNotFit):
        town.assessment.answer(where, asked.item.key, 1, Response(choice=("z",)), NOW)
    assert town.assessment.question(where) == asked


def test_who_comes_back_finds_the_same_question(town):
    where = town.begin()
    town.reply(where, right)
    before = town.assessment.question(where)
    again = town.visit("learner-1", LATER).where
    town.assessment.begin(again, LATER)
    assert town.assessment.question(again) == before
    assert town.count("attempt") == 1
    assert town.verbs().count("initialized") == 1


def test_progress_is_told_in_words(real_town):
    where = real_town.begin()
    told = []
    while (question := real_town.assessment.question(where)) is not None:
        told.append(question.progress)
        real_town.assessment.answer(where, question.item.key, question.position, DONT_KNOW, NOW)
    assert told[:3] == ["start"] * 3
    assert list(dict.fromkeys(told)) == ["start", "under_way", "half_way", "nearly_done"][: len(set(told))]
    assert len(set(told)) >= 3


def test_an_own_stop_gives_a_profile_of_what_is_known_so_far(town):
    where = town.begin()
    town.reply(where, right)
    town.assessment.stop(where, NOW)
    (attempt,) = town.attempts(where)
    assert (attempt.finished_by, len(attempt.profile)) == ("learner", 4)
    assert sorted(result.items for result in attempt.profile) == [0, 0, 0, 1]
    assert town.verbs()[-2:] == ["terminated", "advised"]
    assert len(town.outbox("completion", "")) == 1


def test_an_own_stop_before_the_first_answer_leaves_the_assessment_open(town):
    where = town.begin()
    with pytest.raises(NoAttemptRunning):
        town.assessment.stop(where, NOW)
    assert town.assessment.question(where).position == 1
    assert town.outbox("completion", "") == []


def test_in_a_campaign_for_individual_insight_nothing_is_told_but_klaar(town):
    town.hold_campaign(purpose="individual")
    where = town.finish("a", right)
    assert town.outbox() == []
    assert len(town.outbox("completion", "")) == 1
    assert town.advice.page(where, NOW).next is not None


def test_a_municipality_may_keep_the_answers_to_itself(town):
    town.settle(answers_to_operator_lrs=False)
    town.finish("a", right)
    assert "answered" not in town.verbs()
    assert town.verbs().count("scored") == 4


def test_when_writing_a_statement_fails_the_answer_is_not_kept_either(town):
    where = town.begin()
    asked = town.assessment.question(where)
    before = town.verbs()
    with pytest.raises(ConnectionError):
        town.assessment_with(PenWithoutInk(town.pen)).answer(where, asked.item.key, 1, right(asked.item), NOW)
    assert town.count("answer") == 0
    assert town.verbs() == before
    assert town.assessment.question(where) == asked


class PenWithoutInk:
    """A pen that breaks after it wrote."""

    def __init__(self, pen):
        self._pen = pen

    def answered(self, *fact):
        self._pen.answered(*fact)
        raise ConnectionError("the power went out")


def test_when_the_last_step_fails_the_last_answer_can_be_given_again(town):
    where = town.begin()
    for _ in range(3):
        town.reply(where, right)
    asked = town.assessment.question(where)
    breaking = town.assessment_with(PenThatBreaksAtTheEnd(town.pen))
    with pytest.raises(ConnectionError):
        breaking.answer(where, asked.item.key, 4, right(asked.item), NOW)
    assert (town.count("answer"), town.attempts(where)[0].finished_at) == (3, None)
    town.assessment.answer(where, asked.item.key, 4, right(asked.item), NOW)
    assert town.verbs().count("completed") == 1


class PenThatBreaksAtTheEnd:
    """A pen that breaks when 'klaar' is written."""

    def __init__(self, pen):
        self._pen = pen

    def __getattr__(self, fact):
        return getattr(self._pen, fact)

    def completion(self, participation, now):
        self._pen.completion(participation, now)
        raise ConnectionError("the power went out")


def test_an_answer_takes_few_queries(town):
    where = town.begin()
    asked = town.assessment.question(where)
    with town.counting_queries() as seen:
        town.assessment.answer(where, asked.item.key, 1, right(asked.item), NOW)
    assert len(seen) == QUERIES_PER_ANSWER


def test_the_number_of_queries_does_not_grow_with_the_answers(real_town):
    where = real_town.begin()
    for _ in range(10):
        asked = real_town.assessment.question(where)
        with real_town.counting_queries() as seen:
            real_town.assessment.answer(where, asked.item.key, asked.position, wrong(asked.item), NOW)
        assert len(seen) == QUERIES_PER_ANSWER
