"""Somebody who chose English meets translated content in English; what counts and what is told stays the same."""

from __future__ import annotations

import shutil

import pytest

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.content_library.reading import read_files
from tests.factories import NOW
from tests.integration.journeys.town import Town, right, wrong
from tests.packages import in_made_up_english

MODULE = "M-VEI-001"
OPENER = "VEI-INT-0100"


@pytest.fixture(scope="session")
def all_english(tmp_path_factory):
    """The starter package with every question in English too."""
    folder = tmp_path_factory.mktemp("content") / "starter"
    shutil.copytree(STARTER_PACKAGE, folder)
    for file, text in in_made_up_english(read_files(folder)).items():
        (folder / file).write_text(text, "utf-8")
    return folder


def settled(app, folder):
    town = Town(app, folder)
    town.settle(answers_to_operator_lrs=True)
    town.hold_campaign()
    return town


@pytest.fixture
def town(app):
    """The starter package as it is: a few questions in English, and one of its training not."""
    return settled(app, STARTER_PACKAGE)


@pytest.fixture
def english_town(app, all_english):
    return settled(app, all_english)


def asked(town, where, how):
    """Each question as it was met, answered to the end."""
    met = []
    while (question := town.assessment.question(where)) is not None:
        met.append(question.item)
        town.assessment.answer(where, question.item.key, question.position, how(question.item), NOW)
    return met


def test_questions_are_asked_in_the_language_that_somebody_chose(english_town):
    english = asked(english_town, english_town.begin("learner-1", locale="en-GB"), wrong)
    assert {item.language for item in english} == {"en"}
    assert all(item.stem.startswith("In English: ") for item in english)
    dutch = asked(english_town, english_town.begin("learner-2"), wrong)
    assert {item.language for item in dutch} == {"nl"}


def test_what_is_not_translated_is_asked_in_dutch(town):
    translated = {"INF-ZOE-0001", "OPE-SOF-0006"}
    for item in asked(town, town.begin(locale="en"), wrong):
        assert item.language == ("en" if item.id in translated else "nl")


@pytest.mark.parametrize(("how", "verdict"), [(right, True), (wrong, False)])
def test_the_language_may_be_changed_on_the_way_and_changes_no_verdict(english_town, how, verdict):
    town = english_town
    where = town.begin(locale="en")
    while (question := town.assessment.question(where)) is not None:
        town.enter.choose_language(where, "nl" if question.item.language == "en" else "en")
        town.assessment.answer(where, question.item.key, question.position, how(question.item), NOW)
    (attempt,) = town.attempts(where)
    assert {answer.right for answer in attempt.answers} == {verdict}


def test_the_practice_question_and_its_feedback_are_in_english(town):
    where = town.arrive(locale="en")
    question = town.assessment.practice(where)
    assert question.item.stem == "You leave your desk for a moment. What do you do with your screen?"
    said = town.assessment.check_practice(where, wrong(question.item))
    assert (said.text, said.language) == ("Not quite yet. Your screen can still be read.", "en")
    town.enter.choose_language(where, "nl")
    assert town.assessment.practice(where).item.stem.startswith("Je loopt even weg")


def test_answers_are_explained_in_the_language_of_the_page(english_town):
    where = english_town.finish("learner-1", wrong, locale="en")
    english = english_town.advice.answers(where)
    english_town.enter.choose_language(where, "nl")
    dutch = english_town.advice.answers(where)
    assert {answer.item.language for answer in english} == {"en"}
    assert {answer.item.language for answer in dutch} == {"nl"}
    assert [answer.right for answer in english] == [answer.right for answer in dutch]
    for said, told in zip(english, dutch, strict=True):
        assert said.explanation.startswith("In English: ")
        assert "In English" not in told.explanation + "".join(told.expected)


def test_a_training_is_followed_in_english_and_asks_what_is_not_translated_in_dutch(town):
    where = town.arrive(locale="en")
    town.module.open(where, MODULE, NOW)
    (card,) = town.module.cards(where)
    assert (card.title, card.language) == ("How do you look at a mail that you do not expect?", "en")
    page = town.module.page(where, MODULE)
    assert (page.module.language, page.step.title) == ("en", "What will you learn?")
    town.module.go(where, MODULE, "oefenen", NOW)
    assert [item.language for item in town.module.page(where, MODULE).questions.values()] == ["nl"]
    town.module.go(where, MODULE, "check", NOW)
    item = town.module.page(where, MODULE).questions[OPENER]
    town.module.check(where, MODULE, item.key, wrong(item), NOW)
    assert town.module.page(where, MODULE).feedback[OPENER].text == "Not quite yet. Your screen can still be read."
    town.enter.choose_language(where, "nl")
    assert town.module.page(where, MODULE).feedback[OPENER].text.startswith("Nog niet helemaal.")


def test_the_advice_and_progress_name_trainings_in_english(town):
    where = town.arrive(locale="en")
    town.assessment.skip(where, NOW)
    assert town.advice.page(where, NOW).next.language == "en"
    town.module.open(where, MODULE, NOW)
    assert [card.language for card in town.advice.progress(where).trainings] == ["en"]


def told(town, sub, locale):
    """What the statements about somebody name, by id."""
    before = len(town.statements())
    where = town.finish(sub, right, locale=locale)
    town.module.open(where, MODULE, NOW)
    return {statement["object"]["id"]: statement["object"] for statement in town.statements()[before:]}


def test_statements_name_the_same_things_whatever_the_language(english_town):
    english, dutch = told(english_town, "learner-1", "en"), told(english_town, "learner-2", "nl")
    shared = english.keys() & dutch.keys()
    assert {name.rpartition("/")[2].partition("@")[0] for name in shared} >= {MODULE}
    assert [english[name] for name in shared] == [dutch[name] for name in shared]
    assert "In English" not in str(english_town.statements())
