"""The story and the page about the content: a map and a list that say the same, no scores, credit to makers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lti_tool.domain.colophon import Colophon
from lti_tool.domain.stories import Place
from tests.page_reader import Page
from tests.web_examples import CARDS, COLOPHON, LEARNER, STORY
from tests.web_fakes import House, make_house


@pytest.fixture
def house() -> House:
    return make_house()


def test_the_map_doubles_the_list_with_the_same_names_in_the_same_order(house: House) -> None:
    page = Page(house.learner().get("/story").text)
    on_the_map = [(a["href"], a["aria-label"]) for a in page.all("a") if a.get("class") == "dv-place__link"]
    named = [f"{number}. {stop.title}" for number, stop in enumerate(STORY.stops, 1)]
    assert on_the_map == [(f"#stop-{stop.id}", name) for stop, name in zip(STORY.stops, named, strict=True)]
    assert [h["id"] for h in page.all("h2") if "id" in h] == [f"stop-{stop.id}" for stop in STORY.stops]
    assert all(name in page.text for name in named)


def test_places_are_drawn_where_the_author_put_them(house: House) -> None:
    stops = (replace(STORY.stops[0], place=Place(4, 96)), replace(STORY.stops[1], place=Place(33.5, 50)))
    house.story.shown = replace(STORY, stops=stops)
    drawn = Page(house.learner().get("/story").text).all("svg")
    assert [(one["x"], one["y"]) for one in drawn if one.get("class") == "dv-place"] == [
        ("4%", "96%"),
        ("33.5%", "50%"),
    ]


def test_the_why_of_the_programme_stands_above_the_story(house: House) -> None:
    text = house.learner().get("/story").text
    assert text.index(STORY.goal) < text.index("<h1")


def test_every_training_can_be_opened_in_any_order_and_says_in_words_how_far_it_is(house: House) -> None:
    text = house.learner().get("/story").text
    cards = [card for stop in STORY.stops for card in stop.cards]
    page = Page(text)
    forms = [form["action"] for form in page.all("form") if str(form["action"]).startswith("/trainings/")]
    assert forms == [f"/trainings/{card.id}" for card in cards]
    assert not [button for button in page.all("button") if "disabled" in button]
    assert all(
        words in text for words in ("Gedaan · 15 minuten", "Begonnen · 20 minuten", "Nog niet begonnen · 15")
    )
    opened = house.learner().post(forms[0], data={"do": "open"})
    assert opened.status_code == 303


def test_what_was_looked_at_is_told_by_name_and_never_by_number(house: House) -> None:
    text = house.learner().get("/story").text
    said = re.sub(r"<[^>]+>", "", text)
    assert "Wat je al bekeek: De bibliotheek." in said
    assert "Waar je begonnen bent: Het stadhuis." in said
    assert not re.search(r"\d+ van de \d+|\d+ ?%|\d+ punten", said)


@pytest.mark.parametrize(
    ("state", "said"), [("new", "Je bent nog nergens geweest."), ("done", "Je hebt alles bekeken.")]
)
def test_who_was_nowhere_or_everywhere_is_told_so(house: House, state: str, said: str) -> None:
    house.story.shown = replace(STORY, stops=tuple(replace(stop, state=state) for stop in STORY.stops))
    assert said in house.learner().get("/story").text


def test_the_time_that_it_takes_is_told_for_each_level_that_has_something_to_do(house: House) -> None:
    said = house.learner().get("/story").text
    assert "Je leert de basis: ongeveer 2 uur en 30 minuten." in said
    assert "Je redt jezelf: ongeveer 1 uur en 15 minuten." in said
    assert "Je kunt anderen helpen:" not in said


@pytest.mark.parametrize(
    ("minutes", "said"), [(1, "15 minuten."), (45, "45 minuten."), (60, "1 uur."), (61, "1 uur en 15 minuten.")]
)
def test_time_is_told_in_quarters_of_an_hour(house: House, minutes: int, said: str) -> None:
    house.story.shown = replace(STORY, times=(("basis", minutes),))
    assert f"Je leert de basis: ongeveer {said}" in house.learner().get("/story").text


def test_a_meeting_comes_before_what_people_do_by_themselves(house: House) -> None:
    said = house.learner().get("/story").text
    places = [said.index(text) for text in ("Eerst samen, met een trainer", "Daarna zelf", 'class="dv-map"')]
    assert places == sorted(places)
    house.story.shown = replace(STORY, meeting=None)
    assert "Daarna zelf" not in house.learner().get("/story").text


def test_a_story_without_pictures_of_its_stops_is_whole(house: House) -> None:
    house.story.shown = replace(STORY, stops=tuple(replace(stop, picture=None) for stop in STORY.stops))
    assert len(Page(house.learner().get("/story").text).all("img")) == 1  # the map


def test_what_an_author_wrote_stays_text(house: House) -> None:
    stop = replace(STORY.stops[0], title="<b>Stadhuis</b>", intro='"><script>alert(1)</script>')
    house.story.shown = replace(STORY, title="<i>", stops=(stop,))
    text = house.learner().get("/story").text
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;Stadhuis&lt;/b&gt;" in text


def test_on_an_english_page_the_words_of_the_author_are_marked_as_dutch(house: House) -> None:
    text = house.client(**{**LEARNER, "locale": "en"}).get("/story").text
    assert '<h1 id="title" class="utrecht-heading-1" tabindex="-1" lang="nl">' in text
    assert "Where you have begun:" in text


@pytest.mark.parametrize("path", ["/trainings", "/advice"])
def test_the_list_and_the_advice_lead_to_the_story_only_when_there_is_one(house: House, path: str) -> None:
    assert f'href="/story">{STORY.title}</a>' in house.learner().get(path).text
    house.story.shown = None
    assert "/story" not in house.learner().get(path).text


def test_without_a_story_the_list_of_trainings_is_the_way_on(house: House) -> None:
    house.story.shown = None
    answer = house.learner().get("/story")
    assert answer.status_code == 404
    assert "Er is hier geen verhaal" in answer.text
    assert "/trainings" in answer.text


@pytest.mark.parametrize("path", ["/story", "/about-content"])
def test_nobody_reads_it_from_outside(house: House, path: str) -> None:
    assert house.client().get(path).status_code != 200
    assert house.operator().get(path).status_code != 200


def test_staff_see_the_story_as_a_preview(house: House) -> None:
    assert "Niets hiervan telt mee." in house.staff().get("/story").text


@pytest.mark.parametrize("path", ["/story", "/about-content"])
def test_these_pages_only_show(house: House, path: str) -> None:
    assert house.learner().post(path).status_code == 405


def test_every_page_of_a_learner_leads_to_who_made_the_content(house: House) -> None:
    for path in ("/start", "/question", "/advice", "/trainings", "/story"):
        assert 'href="/about-content"' in house.learner().get(path).text


def test_makers_publishers_and_licences_are_told_in_words(house: House) -> None:
    said = re.sub(r"<[^>]+>", "", house.learner().get("/about-content").text)
    assert "Mijn pakket" in said
    assert "Gemeente Voorbeeldstad, leren@voorbeeldstad.example" in said
    assert "Noem dan de maker, en deel het onder dezelfde voorwaarden (CC BY-SA 4.0)." in said
    assert "Digihelden van Voorbeeldstad: Meelezers" in said
    assert "Hier bouwt het op voort" in said
    assert "Gemeente Waterland: Vragen over veiligheid, CC BY 4.0, waterland.example/leren" in said
    assert "Project Digivaardig: 7 plaatjes en bestanden, CC BY-SA 4.0" in said
    assert "Fotograaf Van Dam: één plaatje of bestand, Met toestemming. Bron: beeldbank.example" in said


def test_an_address_in_credits_is_no_link(house: House) -> None:
    links = [str(link.get("href")) for link in Page(house.learner().get("/about-content").text).all("a")]
    assert not [link for link in links if "example" in link]


def test_a_package_with_little_to_tell_has_a_short_page(house: House) -> None:
    house.colophon.shown = Colophon("Klein", "1.0.0", "Molenwaard", "", "Vraag het ons", ())
    text = house.learner().get("/about-content").text
    assert "Vraag het ons" in text
    for absent in ("Met dank aan", "Hier bouwt het op voort", "Makers van plaatjes"):
        assert absent not in text


def test_no_file_of_a_question_is_named(house: House) -> None:
    text = house.learner().get("/about-content").text
    assert COLOPHON.media
    assert not re.search(r"\.(svg|png|xlsx)", text.split("<main")[1].split("</main")[0])


def test_a_card_of_the_list_does_not_say_what_was_not_begun(house: House) -> None:
    assert any(card.state == "new" for card in CARDS)
    assert "Nog niet begonnen" not in house.learner().get("/trainings").text


@pytest.mark.parametrize(
    ("reviewed", "said"), [(True, "Door een gemeente."), (False, "Nog niet door een gemeente.")]
)
def test_whether_a_municipality_looked_at_it_is_said(house: House, reviewed: bool, said: str) -> None:
    house.colophon.shown = replace(COLOPHON, reviewed_by_municipality=reviewed)
    assert f"<dt>Nagekeken</dt><dd>{said}</dd>" in house.learner().get("/about-content").text
