"""The pages on which somebody wipes their data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool.web.sessions import COOKIE, hash_of
from tests.web_examples import LEARNER, SESSION_ID, WHERE
from tests.web_fakes import House, make_house


@pytest.fixture
def house() -> House:
    return make_house()


def test_the_way_to_the_page_stands_on_the_page_about_oneself(house: House) -> None:
    assert 'href="/wipe"' in house.client(**LEARNER).get("/progress").text


def test_the_page_says_what_goes_and_what_stays(house: House) -> None:
    text = house.client(**LEARNER).get("/wipe").text
    assert "De code waaronder je in de metingen staat" in text
    assert "Groepscijfers die al bekend zijn gemaakt" in text
    assert "lijst van de cursus" not in text
    assert "Je rol" not in text


def test_the_page_names_the_list_and_the_role_of_whom_it_concerns(house: House) -> None:
    house.forget.shown = replace(house.forget.shown, roster=True, holds_role=True)
    text = house.client(**LEARNER).get("/wipe").text
    assert "lijst van de cursus" in text
    assert "Je rol" in text


def test_where_nothing_is_measured_nothing_is_said_of_measurements(house: House) -> None:
    house.forget.shown = replace(house.forget.shown, writes_results=False, until=None)
    text = house.client(**LEARNER).get("/wipe").text
    assert "metingen" not in text
    assert "Groepscijfers" not in text


@pytest.mark.parametrize(
    ("fate", "said"),
    [("hidden", "We maken het onzichtbaar."), ("kept", "Wissen kan daar niet. De code leidt niet meer naar jou.")],
)
def test_where_an_lrs_cannot_erase_the_page_does_not_say_so(house: House, fate: str, said: str) -> None:
    house.forget.shown = replace(house.forget.shown, at_the_lrs=fate)
    goes, stays = house.client(**LEARNER).get("/wipe").text.split("Dit blijft")
    assert "alles wat onder die code is bewaard" not in goes
    assert said in stays


def test_the_page_says_until_when_what_stands_under_a_code_can_be_found(house: House) -> None:
    text = house.client(**LEARNER).get("/wipe").text
    assert "Dit kan tot en met 31 oktober 2027." in text
    assert "campagne die voorbij is" not in text


def test_the_page_says_what_of_an_ended_campaign_nobody_can_find(house: House) -> None:
    house.forget.shown = replace(house.forget.shown, until=None, is_lost=True)
    text = house.client(**LEARNER).get("/wipe").text
    assert "De sleutel daarvan is vernietigd." in text
    assert "De code waaronder je in de metingen staat" not in text


def test_without_the_tick_nothing_is_wiped(house: House) -> None:
    answer = house.client(**LEARNER).post("/wipe")
    assert answer.status_code == 422
    assert "Zet eerst een vinkje." in answer.text
    assert house.forget.wiped == []


def test_with_the_tick_everything_is_wiped_and_the_session_is_over(house: House) -> None:
    client = house.client(**LEARNER)
    answer = client.post("/wipe", data={"sure": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/wiped#title")
    assert house.forget.wiped == [WHERE]
    assert hash_of(SESSION_ID) not in house.rows.kept
    assert f"{COOKIE}=;" in answer.headers["Set-Cookie"]
    assert "Je gegevens zijn gewist" in client.get("/wiped").text
    assert client.get("/wipe").status_code == 403


def test_nobody_wipes_without_a_session(house: House) -> None:
    assert house.client().post("/wipe", data={"sure": "1"}).status_code == 403
    assert house.forget.wiped == []
