"""Every page with example values: it is whole, calm, and goes on where it should."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from lti_tool.domain.scoring import Response
from tests.web_fakes import CARDS, GROUP, NOW, QUESTIONS, START, WHERE, House, make_house

LEARNER_PAGES = (
    "/start",
    "/practice",
    "/question",
    "/paused",
    "/advice",
    "/answers",
    "/trainings",
    "/trainings/M-VEI-001",
    "/progress",
)
STAFF_PAGES = ("/staff", "/staff/group")
OTHER_PAGES = ("/operator/login", "/operator/statements", "/demo/what-happened", "/nergens")
ALARMING = ("fout", "helaas", "gezakt", "onvoldoende", "slecht", "✗", "❌")


class Page(HTMLParser):
    """What the tests look at in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.text = ""
        self._in: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "title":
            self.title += data
        elif "head" not in self._in:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def house() -> House:
    return make_house()


def page_of(house: House, path: str) -> Page:
    """The page, seen by whoever it is for."""
    if path.startswith("/operator/statements"):
        client = house.operator()
    elif path.startswith("/staff"):
        client = house.staff()
    else:
        client = house.learner()
    return Page(client.get(path).text)


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_each_page_has_a_title_a_language_one_heading_and_a_place_for_the_focus(house: House, path: str) -> None:
    page = page_of(house, path)
    assert page.title.endswith(" – Digivaardig")
    assert page.all("html")[0]["lang"] == "nl"
    headings = page.all("h1")
    assert len(headings) == 1
    assert headings[0]["id"] == "title"
    assert headings[0]["tabindex"] == "-1"
    assert page.all("a")[0]["href"] == "#title"
    assert len(page.all("main")) == 1


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_no_page_has_script_inline_style_or_anything_from_elsewhere(house: House, path: str) -> None:
    page = page_of(house, path)
    assert not page.all("script")
    assert not page.all("style")
    for tag, attrs in page.tags:
        assert "style" not in attrs, tag
        assert not [name for name in attrs if name.startswith("on")], tag
        for name in ("src", "href", "action"):
            assert not (attrs.get(name) or "").startswith(("http", "//", "javascript:")), (tag, attrs)


@pytest.mark.parametrize("path", [*LEARNER_PAGES, *STAFF_PAGES, *OTHER_PAGES])
def test_ids_are_unique_and_every_label_points_at_a_field(house: House, path: str) -> None:
    page = page_of(house, path)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {label["for"] for label in page.all("label")} <= set(ids)


@pytest.mark.parametrize("path", LEARNER_PAGES)
def test_no_page_for_learners_alarms_or_counts(house: House, path: str) -> None:
    text = page_of(house, path).text.casefold()
    assert not [word for word in ALARMING if word in text]
    assert "%" not in text


@pytest.mark.parametrize("position", range(1, len(QUESTIONS) + 1))
def test_every_type_of_question_can_be_asked_and_answered(house: House, position: int) -> None:
    house.assessment.position = position
    client = house.learner()
    item = QUESTIONS[position - 1]
    fields: dict[str, Any] = {"item": item.key, "position": position, "do": "answer"}
    if item.type == "order":
        fields |= {f"place-{option.id}": place for place, option in enumerate(item.options, 1)}
        given = Response(choice=tuple(option.id for option in item.options))
    elif item.type == "match":
        fields |= {f"pair-{index}": index for index in range(len(item.pairs))}
        given = Response(choice=("0", "1", "2"))
    elif item.type == "text_entry":
        fields["text"] = "=SOM(A1:A10)"
        given = Response(text="=SOM(A1:A10)")
    elif item.type == "multiple_response":
        fields["choice"] = ["a", "c"]
        given = Response(choice=("a", "c"))
    else:
        fields["choice"] = "a"
        given = Response(choice=("a",))
    offered = Page(client.get("/question").text)
    names = {a.get("name") for tag in ("input", "select") for a in offered.all(tag)}
    assert set(fields) - {"do"} <= names
    answer = client.post("/question", data=fields)
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


def test_not_knowing_is_fine(house: House) -> None:
    client = house.learner()
    client.post("/question", data={"item": QUESTIONS[0].key, "position": 1, "do": "dont_know"})
    assert house.assessment.given == [Response(dont_know=True)]
    page = client.get("/question").text
    assert "Prima, we gaan door." in page
    assert "Prima, we gaan door." not in client.get("/question").text


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


def test_a_training_shows_earlier_feedback_without_the_answer_of_another_visit(house: House) -> None:
    house.module.check(WHERE, "M-VEI-001", QUESTIONS[0].key, Response(choice=("a",)), NOW)
    page = page_of(house, "/trainings/M-VEI-001")
    assert "Goed gedaan." in page.text
    assert not [i for i in page.all("input") if "checked" in i]


def test_a_missing_answer_in_a_training_is_asked_for_again(house: House) -> None:
    client = house.learner()
    answer = client.post("/trainings/M-VEI-001", data={"item": QUESTIONS[0].key, "do": "check"})
    assert answer.status_code == 422
    assert "Er mist nog iets" in answer.text
    house.module.step = "doel"
    lost = client.post("/trainings/M-VEI-001", data={"item": QUESTIONS[0].key, "do": "check"})
    assert lost.status_code == 422


def test_a_training_that_was_not_opened_is_offered(house: House) -> None:
    house.module.opened = False
    client = house.learner()
    assert "Deze training staat klaar" in client.get("/trainings/M-VEI-001").text
    assert client.post("/trainings/M-VEI-001", data={"do": "open"}).status_code == 303
    assert house.module.opened
    assert client.get("/trainings/M-XXX-999").status_code == 404


def test_every_training_can_be_chosen(house: House) -> None:
    page = page_of(house, "/trainings")
    actions = {form["action"] for form in page.all("form")}
    assert {f"/trainings/{card.id}" for card in CARDS} <= actions


def test_the_group_page_shows_only_groups_of_ten_and_says_so_for_the_others(house: House) -> None:
    text = page_of(house, "/staff/group").text
    assert "minstens 60 mensen" in text
    assert re.search(r"Buitendienst\s*te weinig mensen voor een groepsbeeld", text)
    assert "ongeveer 60 %: ‘je leert de basis’ of ‘je redt jezelf’" in text
    assert "De groep ging vooruit." in text
    assert "Geen duidelijk verschil." in text


def test_without_published_figures_the_group_page_says_why(house: House) -> None:
    house.reports.group = replace(GROUP, disclosed=None)
    assert "te weinig mensen voor een groepsbeeld" in page_of(house, "/staff/group").text
    house.reports.group = replace(GROUP, disclosed=None, writes_results=False)
    assert "alleen voor de medewerkers zelf" in page_of(house, "/staff/group").text
    assert "alleen voor de medewerkers zelf" in page_of(house, "/staff").text


@pytest.mark.parametrize(
    ("openness", "text"),
    [
        ("open", "Voor medewerkers is dit open."),
        ("not_yet_open", "De ondernemingsraad heeft ingestemd"),
        ("over", "De periode is voorbij."),
    ],
)
def test_staff_see_whether_the_campaign_is_open(house: House, openness: str, text: str) -> None:
    house.reports.group = replace(GROUP, openness=openness)
    assert text in page_of(house, "/staff").text


def test_staff_look_around_as_a_new_learner_and_see_that_nothing_counts(house: House) -> None:
    client = house.staff()
    assert client.post("/staff/preview").location == "/start#title"
    assert house.enter.done == ["preview"]
    assert "Niets hiervan telt mee." in client.get("/start").text


def test_the_csv_is_behind_its_secret(house: House) -> None:
    client = house.client()
    answer = client.get("/figures/geheim.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert client.get("/figures/geraden.csv").status_code == 404


def test_the_operator_logs_in_reads_and_logs_out(house: House) -> None:
    client = house.client()
    assert client.get("/operator/statements").location == "/operator/login#title"
    refused = client.post("/operator/login", data={"name": "beheerder", "password": "x"})
    assert refused.status_code == 422
    assert 'value="beheerder"' in refused.text
    entered = client.post("/operator/login", data={"name": "beheerder", "password": "goed wachtwoord"})
    assert entered.location == "/operator/statements#title"
    page = client.get("/operator/statements")
    assert page.headers["Refresh"] == "5"
    assert "items/VEI-INT-0012@1" in page.text
    assert "Refresh" not in client.get("/operator/statements?paused=1").headers
    assert house.operate.looks == 2
    client.post("/operator/logout")
    assert client.get("/operator/statements").status_code == 303


@pytest.mark.parametrize(
    ("trouble", "text"), [("unavailable", "antwoordt nu niet"), ("refused", "weigert deze sleutel")]
)
def test_the_operator_sees_what_is_wrong_with_the_lrs(house: House, trouble: str, text: str) -> None:
    house.operate.trouble = trouble
    assert text in page_of(house, "/operator/statements").text


def test_the_operator_sees_that_nothing_arrived_yet(house: House) -> None:
    house.operate.empty = True
    assert "nog niets binnengekomen" in page_of(house, "/operator/statements").text


def test_the_demo_tells_what_happened_in_words(house: House) -> None:
    text = page_of(house, "/demo/what-happened").text
    assert "De eerste vragen zijn met opzet makkelijk." in text
    assert "75 %" in text
    house.inspect.nobody = True
    assert "nog niemand langs geweest" in page_of(house, "/demo/what-happened").text


def test_health_is_told_to_machines(house: House) -> None:
    assert house.client().get("/health").json == {"status": "ok"}
    assert make_house(healthy=False).client().get("/health").status_code == 503


def test_the_pages_speak_english_when_asked_and_mark_what_stays_dutch(house: House) -> None:
    client = house.learner()
    answer = client.post("/language", data={"locale": "en", "back": "/question"})
    assert answer.location == "/question#title"
    assert house.enter.done == ["language en"]
    page = Page(client.get("/question").text)
    assert page.all("html")[0]["lang"] == "en"
    assert "I do not know" in page.text
    assert {"class": "dv-question", "lang": "nl"} in page.all("div")
    client.post("/language", data={"locale": "xx", "back": "https://elsewhere.example/"})
    assert house.enter.done == ["language en"]


@pytest.mark.parametrize("back", ["https://elders.example/", "//elders.example", "/\\elders.example", "x"])
def test_a_language_choice_never_leads_elsewhere(house: House, back: str) -> None:
    answer = house.learner().post("/language", data={"locale": "nl", "back": back})
    assert answer.location == "/start#title"
