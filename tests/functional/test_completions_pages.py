"""The page "Waarom is ‘klaar’ niet aangekomen?", and what a learner reads about their own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool.lti.errors import PORTAL_REASONS, SERVICE_REASONS
from lti_tool.lti.scores import ANSWERS
from lti_tool.use_cases.explain_completions import OwnCompletion
from lti_tool.web.words import SAID_BY_PORTAL
from tests.page_reader import Page
from tests.web_examples import COMPLETIONS, LEARNER, QUIET_PORTAL, TROUBLED_PORTAL
from tests.web_fakes import House, make_house

PATH = "/admin/completions"
TENANT = LEARNER["tenant_id"]


@pytest.fixture
def house() -> House:
    return make_house()


def text_of(house: House, *portals: object) -> str:
    house.completions.shown = replace(COMPLETIONS, portals=portals or (QUIET_PORTAL,))  # type: ignore[arg-type]
    return re.sub(r"\s+", " ", Page(house.administrator().get(PATH).text).text)


def test_an_administrator_sees_their_own_municipality_whatever_they_ask_for(house: House) -> None:
    house.administrator().get(f"{PATH}?tenant=waterland")
    assert house.completions.done == [("page", TENANT, "nl")]


def test_an_operator_chooses_a_municipality(house: House) -> None:
    client = house.operator()
    page = Page(client.get(PATH).text)
    assert "Gemeente Waterland" in page.text
    assert f"{PATH}?tenant=waterland" in [link.get("href") for link in page.all("a")]
    client.get(f"{PATH}?tenant=waterland")
    assert house.completions.done == [("page", "waterland", "nl")]


def test_when_nothing_is_wrong_the_page_says_how_it_works(house: House) -> None:
    text = text_of(house)
    assert text.count("Minder dan 10 mensen. Misschien niemand.") == 2
    assert "In 1 cursus kan het leerportaal zien dat iemand klaar is." in text
    assert "Overslaan is ook klaar." in text
    assert "komt op het hele uur" in text
    assert "100 %? Dat betekent: klaar." in text
    assert QUIET_PORTAL.hide_grade in text


def test_what_is_wrong_stands_beside_what_to_do(house: House) -> None:
    text = text_of(house, TROUBLED_PORTAL)
    assert "de tool staat daar nog uit. Zo los je het op: Activeer de tool in Moodle" in text
    assert "We proberen het weer om 13.23 uur." in text
    assert "Om 14.00 uur hoort het leerportaal dit van 10 mensen of meer." in text
    assert "Bij 10 mensen of meer: De plek voor ‘klaar’ is er niet meer." in text
    assert "om verschillende redenen" in text
    assert "cursus 12" in text
    assert "en nog 2 cursussen" in text
    assert "Zo maak je een plek: Zet in de activiteit" in text
    assert "Zo geef je ons dat recht: Zet in de tool" in text
    assert "In 3 cursussen" in text


def test_a_portal_that_is_away_for_a_moment_asks_nothing_of_anybody(house: House) -> None:
    text = text_of(house, replace(TROUBLED_PORTAL, held=None))
    assert "Dat gaat vanzelf over." in text
    assert "We proberen het weer om 13.23 uur." in text
    assert "proberen het weer" not in text_of(house, replace(TROUBLED_PORTAL, held=None, held_until=None))


def test_for_a_portal_of_an_unknown_kind_nothing_is_said_about_hiding_the_grade(house: House) -> None:
    assert "Zo verberg je het cijfer" not in text_of(house, replace(TROUBLED_PORTAL, kind="", hide_grade=""))


def test_without_portals_or_courses_the_page_says_so(house: House) -> None:
    assert "We kennen hier nog geen cursus." in text_of(house, replace(QUIET_PORTAL, courses_possible=0))
    house.completions.shown = replace(COMPLETIONS, portals=())
    assert "heeft nog geen leerportaal" in house.administrator().get(PATH).text


def test_the_page_holds_no_number_of_people_but_ten(house: House) -> None:
    for found in re.findall(
        r"(\d+) (?:mensen|medewerkers|personen)", text_of(house, QUIET_PORTAL, TROUBLED_PORTAL)
    ):
        assert found == "10"


def test_somebody_asks_the_portal_in_the_one_way_there_is_and_reads_its_answer_there(house: House) -> None:
    client = house.administrator()
    text = client.get(PATH).text
    assert "Controleer Leerportaal</button>" in text
    assert f'action="/admin/portals/{TENANT}/{QUIET_PORTAL.id}/check#checked"' in text
    answer = client.post(f"/admin/portals/{TENANT}/{QUIET_PORTAL.id}/check")
    assert 'id="checked"' in answer.text


def test_trying_again_says_the_same_whether_there_was_something_to_try_or_not(house: House) -> None:
    client = house.operator()
    answer = client.post(f"{PATH}/leerportaal/again", data={"tenant": "waterland"})
    assert answer.location == f"{PATH}?tenant=waterland#title"
    assert house.completions.done == [("again", "waterland", "leerportaal", "beheerder")]
    assert "We proberen het opnieuw." in client.get(answer.location).text


def test_an_operator_has_to_say_which_municipality_and_a_portal_that_there_is(house: House) -> None:
    client = house.operator()
    assert client.post(f"{PATH}/leerportaal/again").status_code == 404
    assert client.post(f"{PATH}/elders/again", data={"tenant": "waterland"}).status_code == 404
    assert house.completions.done == []


@pytest.mark.parametrize("visitor", ["client", "learner", "staff"])
def test_nobody_else_may_try_again(house: House, visitor: str) -> None:
    answer = getattr(house, visitor)().post(f"{PATH}/leerportaal/again", data={"tenant": TENANT})
    assert answer.status_code in (303, 403)
    assert house.completions.done == []


def test_the_forms_need_their_token() -> None:
    house = make_house(csrf=True)
    assert house.administrator().post(f"{PATH}/leerportaal/again").status_code == 400
    assert house.completions.done == []


def test_an_administrator_and_an_operator_find_the_page(house: House) -> None:
    assert f'href="{PATH}"' in house.administrator().get("/admin").text
    assert f'href="{PATH}?tenant={TENANT}"' in house.operator().get(f"/admin?tenant={TENANT}").text


def test_every_reason_that_the_page_can_show_has_words() -> None:
    assert SAID_BY_PORTAL.keys() <= SERVICE_REASONS.keys()
    assert {r for r, outcome in ANSWERS.items() if outcome.state != "sent"} <= SAID_BY_PORTAL.keys()
    assert PORTAL_REASONS.keys() - {"portal_keys_unreadable", "portal_answer_refused"} <= SAID_BY_PORTAL.keys()


# --- what a learner reads ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (OwnCompletion("hour", datetime(2026, 11, 23, 13, tzinfo=UTC)), "krijgt om 14.00 uur door dat je klaar"),
        (OwnCompletion("hour", datetime(2026, 7, 1, 13, tzinfo=UTC)), "krijgt om 15.00 uur door dat je klaar"),
        (OwnCompletion("soon"), "krijgt zo door dat je klaar bent"),
        (OwnCompletion("known"), "Je leerportaal weet dat je klaar bent."),
        (OwnCompletion("not_taken"), "weet nog niet dat je klaar bent. Jij deed niets verkeerd."),
        (OwnCompletion("impossible"), "In deze cursus kan je leerportaal niet zien dat je klaar bent."),
    ],
)
def test_a_learner_reads_what_the_portal_knows_of_them(house: House, told: OwnCompletion, text: str) -> None:
    house.completions.told = told
    page = house.learner().get("/progress").text
    assert text in page
    assert "Meer dan ‘klaar’ krijgt het niet te weten." in page


@pytest.mark.parametrize("state", ["soon", "known", "not_taken", "impossible"])
def test_the_advice_promises_of_the_portal_what_is_so_for_this_learner(house: House, state: Any) -> None:
    house.completions.told = OwnCompletion(state)
    texts = [re.sub(r"\s+", " ", Page(house.learner().get(path).text).text) for path in ("/progress", "/advice")]
    said = re.search(r"Wat je leerportaal weet (.*?) Meer dan ‘klaar’", texts[0])
    assert said is not None
    assert f"Je bent klaar met de vragen. {said[1]} Je mag deze pagina sluiten." in texts[1]


def test_where_there_is_nothing_to_know_the_advice_says_nothing_about_the_portal(house: House) -> None:
    text = re.sub(r"\s+", " ", Page(house.learner().get("/advice").text).text)
    assert "Je bent klaar met de vragen. Je mag deze pagina sluiten." in text


def test_who_is_not_done_reads_nothing_about_it(house: House) -> None:
    assert "Wat je leerportaal weet" not in house.learner().get("/progress").text


def test_the_hour_is_written_as_the_language_writes_it(house: House) -> None:
    house.completions.told = OwnCompletion("hour", datetime(2026, 11, 23, 13, tzinfo=UTC))
    client = house.client(**{**LEARNER, "locale": "en"})
    assert "hears at 14:00 that you are done" in client.get("/progress").text
