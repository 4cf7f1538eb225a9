"""The pages on which staff choose what comes on a course page, and the form that goes back to the portal."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from lti_tool.domain.errors import ChoiceNotOffered
from lti_tool.lti.errors import LaunchRefused
from tests.page_reader import Page
from tests.web_examples import ASKED_IN_SESSION, CAMPAIGNS, DEEP_LINKING, LEARNER, PORTAL
from tests.web_fakes import House, make_house

PLACE = "/staff/place"
CHOICE = {"do": "place", "campaign": "standaard", "activity": ["assessment", "M-VEI-001"]}


@pytest.fixture
def house() -> House:
    return make_house()


def portal_form(text: str) -> tuple[str, dict[str, str]]:
    """Where the form for the portal goes, and its hidden fields."""
    found = re.search(r'<form method="post" action="([^"]*)" data-sends-itself>(.*?)</form>', text, re.DOTALL)
    assert found is not None, text
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', found[2])
    return unescape(found[1]), {name: unescape(value) for name, value in fields}


def test_the_page_offers_every_activity_and_campaign_with_the_likely_ones_chosen(house: House) -> None:
    text = house.chooser().get(PLACE).text
    assert text.count('type="checkbox" name="activity"') == 6
    assert re.findall(r'name="activity" id="[^"]*" value="([^"]*)" checked', text) == ["assessment"]
    assert re.findall(r'name="campaign" id="[^"]*" value="([^"]*)" checked', text) == ["standaard"]
    assert "Van 1 september 2026 tot en met 31 augustus 2027." in text
    assert text.count("Daarna begint vanzelf de volgende.") == 1


def test_a_portal_that_takes_one_gets_a_choice_of_one(house: House) -> None:
    house.place.several = False
    text = house.chooser().get(PLACE).text
    assert text.count('type="radio" name="activity"') == 6
    assert 'type="checkbox" name="activity"' not in text
    assert "Je leerportaal neemt er één tegelijk aan." in text


def test_with_one_campaign_there_is_nothing_to_choose_about_it(house: House) -> None:
    house.place.campaigns = CAMPAIGNS[:1]
    text = house.chooser().get(PLACE).text
    assert 'type="radio" name="campaign"' not in text
    assert '<input type="hidden" name="campaign" value="standaard">' in text
    assert "Samen digitaal 2026" in text


def test_who_is_done_is_shown_only_where_the_portal_has_a_place_for_it_and_never_by_itself(house: House) -> None:
    text = house.chooser().get(PLACE).text
    box = re.search(r'<input [^>]*name="show_done"[^>]*>', text)
    assert box is not None
    assert "checked" not in box[0]
    assert "100 % betekent: klaar. Het is geen cijfer." in text
    house.place.can_show_done = False
    assert "show_done" not in house.chooser().get(PLACE).text


def test_the_choice_goes_to_the_portal_by_a_form_that_needs_no_script(house: House) -> None:
    answer = house.chooser().post(PLACE, data={**CHOICE, "show_done": "1"})
    assert answer.status_code == 200
    assert portal_form(answer.text) == (DEEP_LINKING.return_url, {"JWT": "signed.by.us"})
    assert (
        '<button class="utrecht-button utrecht-button--primary-action" type="submit">Zet in de cursus'
        in answer.text
    )
    message = "2 onderdelen van Digivaardig toegevoegd."
    assert house.place.placed == [("standaard", ["assessment", "M-VEI-001"], True, message)]
    assert house.place.asked[-1].settings == DEEP_LINKING
    assert Page(answer.text).title == "Je keuze gaat naar het leerportaal – Digivaardig"


def test_one_is_told_as_one_and_done_is_not_asked_unless_wanted(house: House) -> None:
    house.chooser().post(PLACE, data={**CHOICE, "activity": "mine"})
    assert house.place.placed == [("standaard", ["mine"], False, "1 onderdeel van Digivaardig toegevoegd.")]


def test_only_that_page_may_run_a_script_and_post_to_the_portal(house: House) -> None:
    client = house.chooser()
    sending = client.post(PLACE, data=CHOICE)
    policy = sending.headers["Content-Security-Policy"]
    assert "script-src 'self'; " in policy
    assert f"form-action 'self' {PORTAL};" in policy
    assert "sesskey" not in policy
    assert re.findall(r"<script[^>]*>", sending.text) == [
        re.search(r'<script src="/static/send-on\.js\?v=\w+">', sending.text)[0]  # type: ignore[index]
    ]
    # The portal may see whose answer it is, not more.
    assert sending.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert sending.headers["Cache-Control"] == "no-store"
    for answer in (client.get(PLACE), client.get("/staff"), client.post(PLACE, data={"do": "place"})):
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "form-action 'self';" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("odd", ["https://portal.example; script-src *", "https://a b/", "https://x'y/"])
def test_an_odd_address_of_the_portal_opens_nothing_in_the_policy(house: House, odd: str) -> None:
    kept = {**ASKED_IN_SESSION, "settings": {**ASKED_IN_SESSION["settings"], "return_url": odd}}
    policy = house.staff(deep_linking=kept).post(PLACE, data=CHOICE).headers["Content-Security-Policy"]
    assert "form-action 'self'; base-uri" in policy


def test_cancelling_tells_the_portal_that_nothing_was_chosen(house: House) -> None:
    answer = house.chooser().post(PLACE, data={**CHOICE, "do": "cancel"})
    assert portal_form(answer.text) == (DEEP_LINKING.return_url, {"JWT": "signed.by.us"})
    assert house.place.placed == [("", [], False, "Er is niets toegevoegd.")]
    assert "Je gaat terug naar het leerportaal" in answer.text
    assert "Zet in de cursus" not in answer.text


def test_nothing_chosen_shows_the_form_again_with_what_was_chosen(house: House) -> None:
    answer = house.chooser().post(PLACE, data={"do": "place", "campaign": "balie-2027", "show_done": "1"})
    assert answer.status_code == 422
    assert "Kies wat je in de cursus wilt zetten." in answer.text
    assert 'href="#activity-first"' in answer.text
    assert re.findall(r'value="([^"]*)" checked', answer.text) == ["balie-2027"]
    assert re.search(r'name="show_done"[^>]* checked', answer.text)
    assert house.place.placed == []


def test_what_is_not_offered_says_so_with_a_way_back(house: House) -> None:
    for wrong in ({"activity": "M-WEG-001"}, {"activity": ["assessment", "x" * 9000]}):
        answer = house.chooser().post(PLACE, data={**CHOICE, **wrong})
        assert answer.status_code == 422
        assert "Dit kun je hier niet kiezen" in answer.text
        assert f'href="{PLACE}"' in answer.text
    house.place.refuse = ChoiceNotOffered()
    assert house.chooser().post(PLACE, data={"do": "place"}).status_code == 422


def test_a_portal_that_wants_something_else_gets_an_empty_answer(house: House) -> None:
    house.place.takes_links = False
    client = house.chooser()
    text = client.get(PLACE).text
    assert "Hier past Digivaardig niet" in text
    assert 'name="activity"' not in text
    answer = client.post(PLACE, data={"do": "cancel"})
    assert portal_form(answer.text)[0] == DEEP_LINKING.return_url


def test_a_session_in_which_nothing_was_asked_says_what_to_do(house: House) -> None:
    for answer in (house.staff().get(PLACE), house.staff().post(PLACE, data=CHOICE)):
        assert answer.status_code == 409
        assert "Je leerportaal wacht niet op een keuze" in answer.text
        assert 'href="/staff"' in answer.text


def test_a_learner_never_gets_here_not_even_with_a_question_in_the_session(house: House) -> None:
    client = house.learner(deep_linking=ASKED_IN_SESSION)
    assert client.get(PLACE).status_code == 403
    assert client.post(PLACE, data=CHOICE).status_code == 403
    assert house.client().get(PLACE).status_code == 403


def test_a_registration_that_was_closed_meanwhile_gets_a_page_with_its_code(house: House) -> None:
    house.place.refuse = LaunchRefused("portal_closed")
    answer = house.chooser().get(PLACE)
    assert answer.status_code == 403
    assert "<code>portal_closed</code>" in answer.text


def test_back_and_once_more_is_fine(house: House) -> None:
    client = house.chooser()
    first, second = client.post(PLACE, data=CHOICE), client.post(PLACE, data={**CHOICE, "activity": "mine"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert client.get(PLACE).status_code == 200
    assert [placed[1] for placed in house.place.placed] == [["assessment", "M-VEI-001"], ["mine"]]


def token_in(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def test_our_own_form_needs_its_token_and_one_of_an_earlier_launch_does_not_do() -> None:
    house = make_house(csrf=True)
    client = house.chooser()
    assert client.post(PLACE, data=CHOICE).status_code == 400
    token = token_in(client.get(PLACE).text)
    assert client.post(PLACE, data={**CHOICE, "csrf_token": token}).status_code == 200
    # Two courses in two tabs: the first form must not answer the second question.
    house.enter.next_page, house.enter.staff = "choose", True
    client.post("/lti/login", data={"iss": PORTAL, "login_hint": "1", "target_link_uri": "https://x/"})
    client.post("/lti/launch", data={"state": "s", "id_token": "a.b.c"})
    late = client.post(PLACE, data={**CHOICE, "csrf_token": token})
    assert late.status_code == 400
    assert len(house.place.placed) == 1


def test_in_english_the_page_is_english_and_what_comes_on_the_course_page_is_dutch(house: House) -> None:
    text = house.chooser().get(PLACE).text
    assert "Wat zet je in de cursus?" in text
    english: dict[str, Any] = {**LEARNER, "staff": True, "locale": "en", "deep_linking": ASKED_IN_SESSION}
    client = house.client(**english)
    text = client.get(PLACE).text
    assert "What do you put in the course?" in text
    assert '<span lang="nl"><strong>Ontdek wat je al kunt</strong>' in text
    client.post(PLACE, data=CHOICE)
    assert house.place.placed[-1][3] == "2 parts of Digivaardig added."


def test_the_question_stays_in_the_frame_that_the_portal_waits_for(house: House) -> None:
    framed = {"Sec-Fetch-Dest": "iframe"}
    client = house.chooser()
    assert "Open in een nieuw venster" not in client.get(PLACE, headers=framed).text
    text = client.get("/staff", headers=framed).text
    link = re.search(r'href="(/window/[^"]+)"', text)
    assert link is not None
    house.client().get(link[1], headers={"Sec-Fetch-Site": "same-origin"})
    sessions = [data for data, _ in house.rows.kept.values() if "participation_id" in data]
    assert [("deep_linking" in data) for data in sessions] == [True, False]
