"""The pages of a learner: each goes on where it should, loses nothing, and stays friendly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.datastructures import MultiDict

from lti_tool.domain.scoring import Response, ResponseDoesNotFit
from lti_tool.web.response_forms import as_form
from tests.factories import right_response
from tests.page_reader import Page, page_of
from tests.web_examples import CARDS, LINES, NOW, QUESTIONS, START, WHERE
from tests.web_fakes import House, make_house


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.parametrize("position", range(1, len(QUESTIONS) + 1))
def test_every_type_of_question_can_be_asked_and_answered(house: House, position: int) -> None:
    house.assessment.position = position
    client = house.learner()
    item = QUESTIONS[position - 1]
    given = right_response(item)
    fields = {"item": item.key, "position": str(position), "do": "answer"}
    sent = as_form(item, given)
    offered = Page(client.get("/question").text)
    names = {a.get("name") for tag in ("input", "select") for a in offered.all(tag)}
    assert {*fields, *(name for name in sent if sent[name])} - {"do"} <= names
    answer = client.post("/question", data=MultiDict([*fields.items(), *sent.items(multi=True)]))
    assert (answer.status_code, answer.location) == (303, "/question#title")
    assert house.assessment.given == [given]


def test_progress_is_told_in_words(house: House) -> None:
    client = house.learner()
    assert "Je bent net begonnen." in client.get("/question").text
    house.assessment.position = 4
    text = client.get("/question").text
    assert "Je bent ongeveer op de helft." in text
    assert "Lastige vragen horen erbij." in text


def test_an_answer_that_is_still_missing_keeps_what_was_filled_in(house: House) -> None:
    house.assessment.position = 3
    fields = {"item": QUESTIONS[2].key, "position": 3, "do": "answer", "place-a": "1", "place-b": "2"}
    answer = house.learner().post("/question", data={**fields, "place-c": "2", "place-d": ""})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Er mist nog iets: Vraag 3")
    summary = next(attrs for _, attrs in page.tags if attrs.get("id") == "message")
    assert summary["role"] == "alert"
    assert summary["tabindex"] == "-1"
    assert {"href": "#q-first", "class": "utrecht-link utrecht-link--html-a"} in page.all("a")
    assert sorted(str(o["value"]) for o in page.all("option") if "selected" in o) == ["1", "2", "2"]
    fieldset = page.all("fieldset")[0]
    assert "q-needed" in (fieldset["aria-describedby"] or "")


@pytest.mark.parametrize("position", range(1, len(QUESTIONS) + 1))
def test_each_type_of_question_says_what_is_still_needed(house: House, position: int) -> None:
    house.assessment.position = position
    fields = {"item": QUESTIONS[position - 1].key, "position": position, "do": "answer"}
    answer = house.learner().post("/question", data=fields)
    assert answer.status_code == 422
    assert "Er mist nog iets" in answer.text
    assert house.assessment.position == position


def test_what_is_missing_leads_to_the_first_thing_that_still_lacks_an_answer(house: House) -> None:
    house.assessment.position, item = 10, QUESTIONS[9]
    fields = {"item": item.key, "position": 10, "do": "answer", "row-0": "melden", "row-2": "melden"}
    page = Page(house.learner().post("/question", data=fields).text)
    (first,) = [attrs for attrs in page.all("input") if attrs.get("id") == "q-first"]
    assert (first["name"], first["value"]) == ("row-1", "melden")
    marked = [
        attrs for attrs in page.all("fieldset") if attrs["class"] == "dv-decision" and "aria-describedby" in attrs
    ]
    assert [attrs["aria-describedby"] for attrs in marked] == ["q-needed"]
    assert [i["name"] for i in page.all("input") if "checked" in i] == ["row-0", "row-2"]


def test_not_knowing_is_fine(house: House) -> None:
    client = house.learner()
    client.post("/question", data={"item": QUESTIONS[0].key, "position": 1, "do": "dont_know"})
    assert house.assessment.given == [Response(dont_know=True)]
    page = client.get("/question").text
    assert "Prima, we gaan door." in page
    assert "Prima, we gaan door." not in client.get("/question").text
    house.assessment.position = len(QUESTIONS)
    last = {"item": QUESTIONS[-1].key, "position": len(QUESTIONS), "do": "dont_know"}
    client.post("/question", data=last)
    assert client.get("/question").location == "/advice#title"
    assert "Prima, we gaan door." not in client.get("/advice").text


def test_a_double_click_sees_the_next_question_without_a_word(house: House) -> None:
    client = house.learner()
    fields = {"item": QUESTIONS[0].key, "position": 1, "do": "answer", "choice": "a"}
    first, second = client.post("/question", data=fields), client.post("/question", data=fields)
    assert first.location == second.location == "/question#title"
    assert len(house.assessment.given) == 1
    assert 'role="status"' not in client.get("/question").text


def test_an_answer_to_another_question_leads_to_the_one_that_is_asked(house: House) -> None:
    client = house.learner()
    fields = {"item": "X-1@1", "position": 1, "do": "answer", "choice": "a"}
    assert client.post("/question", data=fields).status_code == 303
    assert "Je was al een stap verder." in client.get("/question").text


def test_a_pause_loses_nothing_and_a_stop_gives_advice(house: House) -> None:
    client = house.learner()
    assert client.post("/question", data={"do": "pause"}).location == "/paused#title"
    house.enter.page = replace(START, state="running")
    assert "Alles is bewaard." in client.get("/paused").text
    assert client.post("/question", data={"do": "stop"}).location == "/advice#title"
    assert client.get("/question").location == "/advice#title"
    late = client.post("/question", data={"item": "", "position": 99, "do": "answer"})
    assert late.status_code == 303


def test_without_questions_begun_the_start_page_says_what_can_be_done(house: House) -> None:
    house.assessment.begun = False
    client = house.learner()
    assert client.get("/question").location == "/start#title"
    assert "Er staan nu geen vragen open." in client.get("/start").text


def test_the_four_ways_on_are_buttons_of_exactly_the_same_kind(house: House) -> None:
    page = page_of(house, "/start")
    ways = [b for b in page.all("button") if b.get("value") in ("practice", "begin", "skip", "later")]
    assert [b["value"] for b in ways] == ["practice", "begin", "skip", "later"]
    assert len({b["class"] for b in ways}) == 1


def test_the_promise_and_the_buttons_come_before_the_tables(house: House) -> None:
    html = house.learner().get("/start").text
    places = [html.index(line) for line in START.lines]
    assert places == sorted(places)
    assert places[-1] < html.index('value="skip"') < html.index("<table")


@pytest.mark.parametrize(
    ("chosen", "goes_to", "done"),
    [
        ("practice", "/practice#title", ["acknowledge"]),
        ("begin", "/question#title", ["acknowledge", "begin"]),
        ("skip", "/advice#title", ["acknowledge", "skip"]),
        ("later", "/paused#title", []),
    ],
)
def test_each_way_on_leads_where_it_says(house: House, chosen: str, goes_to: str, done: list[str]) -> None:
    answer = house.learner().post("/start", data={"do": chosen})
    assert (answer.status_code, answer.location) == (303, goes_to)
    assert house.enter.done + house.assessment.done == done


@pytest.mark.parametrize(
    ("state", "shown", "not_shown"),
    [
        ("running", "Ga verder met de vragen", "oefenvraag"),
        ("finished", "Bekijk mijn advies", 'value="begin"'),
        ("again", "andere vragen", 'value="skip"'),
        ("skipped", "Bekijk mijn advies", 'value="skip"'),
    ],
)
def test_the_start_page_fits_where_somebody_is(house: House, state: str, shown: str, not_shown: str) -> None:
    house.enter.page = replace(START, state=state)
    html = house.learner().get("/start").text
    assert shown in html
    assert not_shown not in html


@pytest.mark.parametrize("state", ["running", "finished", "again", "skipped"])
def test_who_returns_finds_the_next_step_first_and_the_promise_below_it(house: House, state: str) -> None:
    house.enter.page = replace(START, state=state)
    html = house.learner().get("/start").text
    assert html.index("Welkom terug") < html.index('class="dv-equal"') < html.index(START.lines[0])
    assert html.count(START.lines[0]) == 1


@pytest.mark.parametrize(
    ("openness", "text"), [("not_yet_open", "Dit is nog niet open."), ("over", "Deze periode is voorbij.")]
)
def test_a_campaign_that_is_not_open_offers_no_questions(house: House, openness: str, text: str) -> None:
    house.enter.page = replace(START, openness=openness)
    html = house.learner().get("/start").text
    assert text in html
    assert 'value="begin"' not in html


def test_a_team_is_chosen_freely_and_kept(house: House) -> None:
    client = house.learner()
    assert client.post("/start", data={"do": "team", "team": "Burgerzaken"}).location == "/start#title"
    assert house.enter.page.team == "Burgerzaken"
    assert "Je keuze is bewaard." in client.get("/start").text
    client.post("/start", data={"do": "team", "team": ""})
    assert house.enter.page.team is None
    assert client.post("/start", data={"do": "team", "team": "Bestaat niet"}).status_code == 422


def test_a_practice_answer_is_explained_on_the_next_page_and_kept_nowhere_else(house: House) -> None:
    client = house.learner()
    answer = client.post("/practice", data={"item": "VEI-INT-0101@1", "choice": "b", "do": "answer"})
    assert answer.location == "/practice#feedback"
    page = Page(client.get("/practice").text)
    assert "Nog niet helemaal." in page.text
    assert [i["value"] for i in page.all("input") if "checked" in i] == ["b"]
    assert client.post("/practice", data={"do": "again"}).location == "/practice#title"
    assert "Nog niet helemaal." not in client.get("/practice").text


def test_a_practice_answer_that_is_missing_is_asked_for_again(house: House) -> None:
    answer = house.learner().post("/practice", data={"item": "VEI-INT-0101@1", "do": "answer"})
    assert answer.status_code == 422
    assert "Kies één antwoord." in answer.text


def test_the_advice_puts_strong_points_first_and_one_step_next(house: House) -> None:
    html = house.learner().get("/advice").text
    strong, grow, following = (html.index(t) for t in ("Dit kun je al", "Hier kun je groeien", "volgende stap"))
    assert strong < grow < following
    assert "tussen ‘je redt jezelf’ en ‘je kunt anderen helpen’" in html
    assert "4 trainingen heb je niet nodig. Dat scheelt je ongeveer 65 minuten." in html


def test_the_advice_after_a_skip_says_nothing_about_levels_and_can_be_undone(house: House) -> None:
    house.advice.skipped = house.assessment.skipped = True
    client = house.learner()
    html = client.get("/advice").text
    assert "Je hebt de vragen overgeslagen. Dat is prima." in html
    assert "je redt jezelf" not in html
    assert client.post("/undo-skip").location == "/start#title"
    assert client.post("/undo-skip").location == "/start#title"


def test_advice_without_a_training_left_invites_to_help_others(house: House) -> None:
    house.advice.nothing_left = True
    assert "collega’s helpen" in house.learner().get("/advice").text


def test_growth_is_told_as_a_chance_and_never_as_a_verdict(house: House) -> None:
    text = house.learner().get("/progress").text
    assert text.count("Van 100 mensen met jouw antwoorden zijn er ongeveer 80 gegroeid.") == 1
    assert "Over de andere onderwerpen kunnen we dat nog niet zeggen. Groeien kost tijd." in text
    assert "een tweede keer gaat vaak iets makkelijker" in text
    assert "achteruit" not in text


@pytest.mark.parametrize(("chance", "said"), [(None, True), (90, False)])
def test_growth_that_cannot_be_told_is_said_once(house: House, chance: int | None, said: bool) -> None:
    house.advice.grown = chance
    text = house.learner().get("/progress").text
    assert text.count("Groeien kost tijd.") == int(said)
    assert ("ongeveer 90 gegroeid" in text) is not said


def test_progress_before_anything_was_done_is_friendly(house: House) -> None:
    house.advice.nothing_done = True
    client = house.learner()
    assert "Dat mag altijd nog." in client.get("/progress").text
    house.advice.skipped = True
    assert "Dat is prima." in client.get("/progress").text


def test_a_training_goes_step_by_step_and_back(house: House) -> None:
    client = house.learner()
    for step in ("doel", "uitleg", "oefenen", "tip", "klaar"):
        answer = client.post("/trainings/M-VEI-001", data={"step": step})
        assert answer.location == "/trainings/M-VEI-001#title"
        assert client.get("/trainings/M-VEI-001").status_code == 200
    assert client.post("/trainings/M-VEI-001", data={"do": "finish"}).status_code == 303
    assert "Je hebt deze training gedaan." in client.get("/trainings/M-VEI-001").text
    assert client.post("/trainings/M-VEI-001", data={"do": "later"}).location == "/trainings#title"
    assert client.post("/trainings/M-VEI-001", data={"step": "nergens"}).status_code == 404


def test_an_answer_in_a_training_is_explained_where_it_stands(house: House) -> None:
    client = house.learner()
    fields = {"item": QUESTIONS[0].key, "choice": "b", "do": "check"}
    answer = client.post("/trainings/M-VEI-001", data=fields)
    assert answer.location == "/trainings/M-VEI-001#feedback-VEI-INT-0012"
    page = Page(client.get("/trainings/M-VEI-001").text)
    assert "feedback-VEI-INT-0012" in [attrs.get("id") for _, attrs in page.tags]
    assert [i["value"] for i in page.all("input") if "checked" in i] == ["b"]
    assert "Je kunt het nog een keer proberen." in page.text


def test_a_training_shows_an_answer_of_another_visit_with_what_was_said_about_it(house: House) -> None:
    house.module.check(WHERE, "M-VEI-001", QUESTIONS[0].key, Response(choice=("a",)), NOW)
    page = page_of(house, "/trainings/M-VEI-001")
    assert "Goed gedaan." in page.text
    assert [i["value"] for i in page.all("input") if "checked" in i] == ["a"]


def test_a_missing_answer_in_a_training_is_asked_for_again(house: House) -> None:
    client = house.learner()
    answer = client.post("/trainings/M-VEI-001", data={"item": QUESTIONS[0].key, "do": "check"})
    assert answer.status_code == 422
    assert "Er mist nog iets" in answer.text
    house.module.step = "doel"
    lost = client.post("/trainings/M-VEI-001", data={"item": QUESTIONS[0].key, "do": "check"})
    assert lost.status_code == 404


def test_a_training_that_was_not_opened_is_offered(house: House) -> None:
    house.module.opened = False
    client = house.learner()
    assert "Deze training staat klaar" in client.get("/trainings/M-VEI-001").text
    assert client.post("/trainings/M-VEI-001", data={"do": "open"}).status_code == 303
    assert house.module.opened
    assert client.get("/trainings/M-OPE-999").status_code == 404


def test_every_training_can_be_chosen(house: House) -> None:
    page = page_of(house, "/trainings")
    actions = {form["action"] for form in page.all("form")}
    assert {f"/trainings/{card.id}" for card in CARDS} <= actions


def test_what_is_for_some_only_stands_apart_and_last(house: House) -> None:
    html = house.learner().get("/trainings").text
    everybody, managers = html.rindex("Slim en samen digitaal werken"), html.rindex("Voor leidinggevenden")
    assert everybody < managers < html.index("Waarom jouw voorbeeld telt")


def test_a_long_list_of_trainings_begins_with_ways_to_its_parts(house: House) -> None:
    page = page_of(house, "/trainings")
    ways = [link["href"] for link in page.all("a") if str(link.get("href", "")).startswith("#part-")]
    assert ways == [f"#{heading['id']}" for heading in page.all("h2") if "id" in heading]
    assert len(ways) == 4


def test_a_sitting_that_ends_while_an_answer_is_read_goes_on_to_the_advice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends_meanwhile(*_: object) -> None:
        house.assessment.position = len(QUESTIONS) + 1
        raise ResponseDoesNotFit("VEI-INT-0012", "nothing was chosen")

    monkeypatch.setattr(house.assessment, "answer", ends_meanwhile)
    answer = house.learner().post("/question", data={"item": "x", "position": 1, "do": "answer"})
    assert answer.location == "/advice#title"


def test_a_level_that_the_answers_do_not_decide_is_said_in_words(house: House) -> None:
    undecided = replace(LINES[0], level=None, between=None)
    house.advice.lines = (undecided, *LINES[1:])
    assert "nog niet te zeggen" in page_of(house, "/advice").text


def test_when_the_answers_were_removed_the_advice_is_still_there(house: House) -> None:
    assert 'href="/answers"' in house.learner().get("/advice").text
    house.advice.answers_gone = True
    assert 'href="/answers"' not in house.learner().get("/advice").text
    gone = house.learner().get("/answers")
    assert gone.status_code == 410
    assert "Drie maanden na het einde wissen we de antwoorden van iedereen." in gone.text
    assert 'href="/advice"' in gone.text


def test_from_a_training_there_is_a_way_back_to_the_advice_when_there_is_one(house: House) -> None:
    client = house.learner()
    assert 'href="/advice">Terug naar mijn advies</a>' in client.get("/trainings/M-VEI-001").text
    house.module.has_advice = False
    assert 'href="/advice"' not in client.get("/trainings/M-VEI-001").text
