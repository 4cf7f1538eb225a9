"""A micro-training as pages: what each kind of block shows, what is kept, and what hostile requests come to."""

from __future__ import annotations

import re

import pytest

from lti_tool.domain.people import RATINGS
from lti_tool.domain.scoring import Response
from tests.page_reader import Page, page_of
from tests.web_examples import NOW, STORY, TAUGHT, WHERE
from tests.web_fakes import House, make_house

MODULE = "/trainings/M-VEI-001"
MAILBOX = "VEI-INT-0101"


@pytest.fixture
def house() -> House:
    house = make_house()
    house.module.module, house.module.step = TAUGHT, "uitleg"
    return house


def frame_of(html: str) -> str:
    found = re.search(r"Beeld (\d van \d)", html)
    assert found
    return found[1]


def test_every_step_says_where_one_is_and_how_many_minutes_are_left(house: House) -> None:
    client = house.learner()
    for step, number, minutes in (("doel", 1, "10 minuten"), ("tip", 5, "2 minuten"), ("klaar", 6, "1 minuut")):
        house.module.step = step
        assert f"stap {number} van 6 · nog ongeveer {minutes}" in " ".join(client.get(MODULE).text.split())
    house.module.finished = True
    assert "nog ongeveer" not in client.get(MODULE).text


def test_the_first_step_tells_what_it_is_good_for_and_what_one_will_learn(house: House) -> None:
    house.module.step = "doel"
    page = page_of(house, MODULE)
    assert TAUGHT.benefit in page.text
    assert all(goal in page.text for goal in TAUGHT.goals)
    assert page.all("img")[0]["alt"] == "Een mail met haast en een link."
    assert "Het plaatje in woorden" in page.text


def test_the_first_step_and_no_other_tells_why_the_municipality_does_this(house: House) -> None:
    house.module.step = "doel"
    assert (
        f'Waarom doen we dit?</h2>\n<p class="utrecht-paragraph">{STORY.goal}' in house.learner().get(MODULE).text
    )
    house.module.step = "uitleg"
    assert STORY.goal not in house.learner().get(MODULE).text


def test_a_click_through_goes_picture_by_picture_and_back_by_plain_links(house: House) -> None:
    client = house.learner()
    page = Page(client.get(MODULE).text)
    ways = [str(link["href"]) for link in page.all("a") if "frame-" in str(link["href"])]
    assert ways == [f"{MODULE}?frame-3=2#frame-3"]
    second = client.get(ways[0])
    assert frame_of(second.text) == "2 van 3"
    ways = [str(link["href"]) for link in Page(second.text).all("a") if "frame-" in str(link["href"])]
    assert ways == [f"{MODULE}?frame-3=3#frame-3", f"{MODULE}?frame-3=1#frame-3"]
    last = client.get(ways[0])
    assert frame_of(last.text) == "3 van 3"
    assert "Volgende beeld" not in last.text
    figure = next(attrs for tag, attrs in page.tags if attrs.get("id") == "frame-3")
    assert figure["tabindex"] == "-1"


def test_who_comes_back_finds_the_picture_where_they_were(house: House) -> None:
    client = house.learner()
    client.get(f"{MODULE}?frame-3=3")
    house.module.step = "doel"
    client.get(MODULE)
    house.module.step = "uitleg"
    assert frame_of(client.get(MODULE).text) == "3 van 3"
    client.get(f"{MODULE}?frame-3=1")
    assert frame_of(client.get(MODULE).text) == "1 van 3"


@pytest.mark.parametrize(
    "asked", ["0", "4", "-1", "999999999999999999", "abc", "2;drop", "", "1.5", "²", "<script>"]
)
def test_a_picture_that_is_not_there_is_the_one_where_somebody_was(house: House, asked: str) -> None:
    client = house.learner()
    page = client.get(MODULE, query_string={"frame-3": asked, "frame-99": "2", "frame-": "1"})
    assert page.status_code == 200
    assert frame_of(page.text) == "1 van 3"
    assert "<script>" not in page.text


def test_the_whole_click_through_is_there_as_a_text(house: House) -> None:
    text = page_of(house, MODULE).text
    (block,) = [block for block in TAUGHT.steps[1].blocks if block.frames]
    for frame in block.frames:
        assert frame.text in text
        assert frame.picture.alt in text


def test_a_film_has_controls_captions_and_all_of_it_as_text_and_never_begins_by_itself(house: House) -> None:
    page = page_of(house, MODULE)
    (video,) = page.all("video")
    assert "controls" in video
    assert "autoplay" not in video
    (track,) = page.all("track")
    assert (track["kind"], track["src"], "default" in track) == ("captions", "/media/film.vtt", True)
    assert "Iemand leest het adres." in page.text


def test_a_word_is_explained_where_it_stands_and_in_a_list(house: House) -> None:
    page = page_of(house, MODULE)
    words = [button for button in page.all("button") if button.get("class") == "dv-word"]
    notes = [span["id"] for span in page.all("span") if "popover" in span]
    assert [word["popovertarget"] for word in words] == notes == ["word-1-1", "word-1-3"]
    meaning = "Een bestand dat met een mail meekomt."
    assert page.text.count(meaning) == 2
    assert "Woorden in deze stap" in page.text
    house.module.step = "tip"
    assert "Woorden in deze stap" not in page_of(house, MODULE).text


def test_feedback_on_a_mailbox_tells_row_by_row_what_fits_and_why_not(house: House) -> None:
    house.module.step = "oefenen"
    client = house.learner()
    key = house.module._questions()[MAILBOX].key
    rows = {"row-0": "melden", "row-1": "laten", "row-2": "laten"}
    sent = client.post(MODULE, data={"item": key, "do": "check", **rows})
    assert sent.location == f"{MODULE}#feedback-{MAILBOX}"
    text = " ".join(Page(client.get(MODULE).text).text.split())
    fitting, other = text.split("Kijk hier nog eens naar:")
    assert "Dit past: Je mailbox is vol → MeldenAgenda teamoverleg → Laten staan" in fitting
    assert "Betaal 1,99 voor je pakket → Laten staan" in other
    assert "Je verwacht geen pakket." in other
    assert "De eerste mail heeft haast" not in text


def test_once_more_forgets_one_answer_and_leads_back_to_the_question(house: House) -> None:
    house.module.step = "oefenen"
    item = house.module._questions()[MAILBOX]
    house.module.check(WHERE, "M-VEI-001", item.key, Response(("melden", "laten", "melden")), NOW)
    client = house.learner()
    assert "Nog een keer" in client.get(MODULE).text
    sent = client.post(MODULE, data={"item": item.key, "do": "again"})
    assert sent.location == f"{MODULE}#{MAILBOX}-first"
    page = Page(client.get(MODULE).text)
    assert not [field for field in page.all("input") if "checked" in field]
    assert client.post(MODULE, data={"item": "VEI-INT-0001@1", "do": "again"}).status_code == 404


def test_an_opinion_has_no_right_answer_and_waits_for_nobody(house: House) -> None:
    house.module.step = "check"
    client = house.learner()
    page = client.get(MODULE).text
    assert "Elk antwoord is goed. Overslaan mag." in page
    assert page.count("utrecht-button--primary-action") == 1
    client.post(MODULE, data={"item": "VEI-INT-0100@1", "choice": "a", "do": "check"})
    assert 'utrecht-button--primary-action" type="submit" name="step"' in client.get(MODULE).text
    client.post(MODULE, data={"item": "STR-MIN-0100@1", "choice": "b", "do": "check"})
    assert "Dank je wel. Elk antwoord is goed." in client.get(MODULE).text


def test_who_is_done_may_say_whether_it_helped_and_take_it_back(house: House) -> None:
    house.module.step = "klaar"
    client = house.learner()
    assert "Hielp deze training jou?" not in client.get(MODULE).text
    client.post(MODULE, data={"do": "finish"})
    page = client.get(MODULE).text
    assert "Dit hoeft niet. Je gemeente ziet dit nooit van één persoon." in page
    assert [b["value"] for b in Page(page).all("button") if b.get("name") == "rating"] == [*RATINGS]
    assert client.post(MODULE, data={"do": "rate", "rating": "did_not_help"}).location == f"{MODULE}#rating"
    assert "<strong>hielp niet</strong>" in client.get(MODULE).text
    client.post(MODULE, data={"do": "rate", "rating": ""})
    assert "Jij zei:" not in client.get(MODULE).text
    assert client.post(MODULE, data={"do": "rate", "rating": "5"}).status_code == 422


def test_what_a_learner_said_of_a_training_stands_with_what_they_did(house: House) -> None:
    assert "Jij zei: hielp mij" in " ".join(page_of(house, "/progress").text.split())
