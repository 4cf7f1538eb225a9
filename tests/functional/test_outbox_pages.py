"""The operator's page "Wat nog weg moet": how each endpoint stands, what was refused, and trying again."""

from __future__ import annotations

import pytest

from tests.page_reader import Page
from tests.web_fakes import House, make_house

PATH = "/operator/outbox"


@pytest.fixture
def house() -> House:
    return make_house()


def test_an_operator_sees_how_each_endpoint_stands_and_what_was_refused(house: House) -> None:
    text = Page(house.operator().get(PATH).text).text
    assert "Gepauzeerd: HTTP 401: the LRS does not accept our name or password." in text
    assert "met rust tot 2026-11-23 10:05:00 (UTC)" in text
    assert "2 berichten werden niet aangenomen." in text
    assert "HTTP 400: result.score.scaled: must lie between -1 and 1" in text
    assert "line_item_gone" not in text, "a reason of a portal stands there in words"


def test_an_endpoint_without_trouble_has_no_button(house: House) -> None:
    page = Page(house.operator().get(PATH).text)
    buttons = {field.get("value") for field in page.all("input") if field.get("name") == "endpoint"}
    assert buttons == {"molenwaard/operator", "molenwaard/portal/leerportaal", "waterland/portal/leerportaal"}


def test_nothing_sent_yet_is_said_so(house: House) -> None:
    house.outbox.shown = house.outbox.dead = ()
    assert "Er is nog nooit iets verstuurd." in Page(house.operator().get(PATH).text).text


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("molenwaard/operator", "2 berichten gaan opnieuw weg. De pauze is voorbij."),
        ("waterland/portal/leerportaal", "1 bericht gaat opnieuw weg."),
    ],
)
def test_trying_again_says_how_many_and_whether_a_pause_ended(house: House, endpoint: str, said: str) -> None:
    client = house.operator()
    assert client.post(f"{PATH}/again", data={"endpoint": endpoint}).status_code == 303
    assert house.outbox.done == [("replay", endpoint, "beheerder")]
    assert said in Page(client.get(PATH).text).text


@pytest.mark.parametrize("data", [{}, {"endpoint": "nergens"}, {"endpoint": "a\0b"}])
def test_an_endpoint_that_there_is_not_is_told_and_changes_nothing(house: House, data: dict[str, str]) -> None:
    answer = house.operator().post(f"{PATH}/again", data=data)
    assert answer.status_code == 404
    assert "Dit adres staat niet in de lijst" in answer.text
    assert house.outbox.done == []


@pytest.mark.parametrize("stream", ["operator", "group"])
def test_a_test_statement_is_sent_for_the_chosen_municipality_and_stream(house: House, stream: str) -> None:
    client = house.operator()
    page = Page(client.get(PATH).text)
    assert stream in [button.get("value") for button in page.all("button") if button.get("name") == "stream"]
    assert client.post(f"{PATH}/test", data={"tenant": "waterland", "stream": stream}).status_code == 303
    assert house.outbox.done == [("test", "waterland", stream, "beheerder")]
    assert "De proef staat klaar." in Page(client.get(PATH).text).text
    assert client.post(f"{PATH}/test", data={"tenant": "nergens", "stream": stream}).status_code == 404


def test_without_a_municipality_there_is_nothing_to_try(house: House) -> None:
    house.operate.empty = True
    assert "Probeer de verbinding" not in house.operator().get(PATH).text


def test_a_machine_that_watches_reads_plain_text_behind_the_same_login(house: House) -> None:
    answer = house.operator().get("/operator/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == "digivaardig_outbox_waiting 3\n"
    assert house.administrator().get("/operator/metrics").location == "/operator/login#title"


def test_nobody_but_an_operator_comes_in(house: House) -> None:
    for client in (house.client(), house.learner(), house.administrator(), house.analyst()):
        assert client.get(PATH).location == "/operator/login#title"
        assert client.post(f"{PATH}/again", data={"endpoint": "molenwaard/operator"}).status_code == 303
    assert house.outbox.done == []
