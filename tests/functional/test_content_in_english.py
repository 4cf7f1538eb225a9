"""Questions and trainings on an English page: in English, or in Dutch with a line that says so."""

from __future__ import annotations

import pytest

from lti_tool.domain.content import SOURCE_LANGUAGE
from lti_tool.domain.scoring import Response
from tests.page_reader import Page
from tests.web_examples import NOW, QUESTIONS, STARTER, WHERE
from tests.web_fakes import House, make_house

NOT_YET = "This question is not available in English yet."
MODULE = "/trainings/M-VEI-001"
POSITIONS = {item.type: number for number, item in enumerate(QUESTIONS, 1)}
TRANSLATED = ("cloze", "file_sort")


@pytest.fixture
def house() -> House:
    made = make_house()
    made.assessment.opener = STARTER.practice_item()
    made.module.module = STARTER.module("M-VEI-001")
    return made


def page(house: House, path: str, language: str = "en") -> Page:
    return Page(house.learner(locale=language).get(path).text)


def marked(shown: Page, language: str) -> list[str | None]:
    """The classes of what is marked as content in a language; not the choice of language and whom to ask."""
    return [
        attrs.get("class")
        for tag, attrs in shown.tags
        if attrs.get("lang") == language and tag not in ("html", "button", "strong")
    ]


@pytest.mark.parametrize("kind", TRANSLATED)
def test_a_translated_question_is_asked_in_english_and_marked_nowhere_as_dutch(house: House, kind: str) -> None:
    house.assessment.position = POSITIONS[kind]
    shown = page(house, "/question")
    said = QUESTIONS[POSITIONS[kind] - 1].said_in("en")
    assert said.stem in shown.text
    assert NOT_YET not in shown.text
    assert {"class": "dv-question"} in shown.all("div")
    assert marked(shown, "nl") == []


@pytest.mark.parametrize("kind", sorted(set(POSITIONS) - set(TRANSLATED)))
def test_another_question_is_asked_in_dutch_whole_with_one_line_that_says_so(house: House, kind: str) -> None:
    house.assessment.position = POSITIONS[kind]
    shown = page(house, "/question")
    assert QUESTIONS[POSITIONS[kind] - 1].stem in shown.text
    assert shown.text.count(NOT_YET) == 1
    assert {"class": "dv-question", "lang": "nl"} in shown.all("div")


@pytest.mark.parametrize("path", ["/practice", "/question", MODULE, "/answers", "/trainings", "/advice"])
def test_a_dutch_page_says_nothing_of_languages(house: House, path: str) -> None:
    shown = page(house, path, "nl")
    assert "Engels" not in shown.text
    assert marked(shown, "en") == []


def test_feedback_on_practice_is_in_the_language_of_the_question(house: House) -> None:
    client = house.learner(locale="en")
    item = STARTER.practice_item()
    client.post("/practice", data={"item": item.key, "choice": "b", "do": "answer"})
    shown = Page(client.get("/practice").text)
    assert "Not quite yet. Your screen can still be read." in shown.text
    assert "Tip for your work: Press the Windows key and L." in " ".join(shown.text.split())
    assert marked(shown, "nl") == []
    client.post("/language", data={"locale": SOURCE_LANGUAGE, "back": "/practice"})
    assert "Nog niet helemaal. Je scherm blijft dan nog te lezen." in client.get("/practice").text


def test_what_is_still_missing_is_told_in_english_above_an_english_question(house: House) -> None:
    answer = house.learner(locale="en").post(
        "/practice", data={"item": STARTER.practice_item().key, "do": "answer"}
    )
    assert answer.status_code == 422
    assert "You leave your desk for a moment." in answer.text


def test_a_translated_training_is_in_english_and_its_untranslated_question_says_that_it_is_not(
    house: House,
) -> None:
    shown = page(house, MODULE)
    assert "Practise in a made-up mailbox" in shown.text
    assert "This training is not available in English yet." not in shown.text
    assert shown.text.count(NOT_YET) == 1
    assert marked(shown, "nl") == ["dv-question"]
    house.module.step = "uitleg"
    shown = page(house, MODULE)
    assert "A fake mail looks real." in shown.text
    assert {"class": "dv-prose"} in shown.all("div")
    assert marked(shown, "nl") == []


def test_what_the_tool_itself_asks_in_a_dutch_simulation_is_marked_as_english(house: House) -> None:
    shown = house.learner(locale="en").get(MODULE).text
    assert shown.count('<span lang="en">What do you do with this email?</span>') == 3


def test_a_training_that_was_not_translated_is_in_dutch_whole_and_says_so_once() -> None:
    house = make_house()
    house.module.step = "uitleg"
    shown = page(house, MODULE)
    assert shown.text.count("This training is not available in English yet.") == 1
    assert {"class": "dv-prose", "lang": "nl"} in shown.all("div")


def test_feedback_in_a_training_is_marked_when_it_is_dutch() -> None:
    house = make_house()
    house.module.check(WHERE, "M-VEI-001", QUESTIONS[0].key, Response(("b",)), NOW)
    shown = page(house, MODULE)
    assert [p for p in shown.all("p") if p.get("lang") == "nl"]


def test_looking_back_says_once_that_not_everything_is_in_english(house: House) -> None:
    shown = page(house, "/answers")
    assert shown.text.count("Not all questions are available in English yet.") == 1
    assert {"lang": "nl"} in shown.all("span")
