"""The page of portals for administrators, and the page on which a portal registers the tool."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool.lti.errors import PortalUnavailable, RegistrationRefused
from lti_tool.lti.tool_addresses import ICON_PX, ToolAddresses
from tests.page_reader import Page
from tests.web_examples import PORTAL
from tests.web_fakes import ONES, OTHERS, House, list_state, make_house

PAGE = "/admin/portals"
REGISTER = "/lti/register/molenwaard/geheim"
GIVEN = {"openid_configuration": "https://leren.nieuw.example:8443/openid?a=1", "registration_token": "t<1>"}
OPERATOR, ADMINISTRATOR = "beheerder", "leerportaal 104"


@pytest.fixture
def house() -> House:
    return make_house()


# --- the portals ----------------------------------------------------------------------------------


def test_an_operator_sees_every_portal_and_an_administrator_those_of_their_municipality(house: House) -> None:
    everything, ours = house.operator().get(PAGE).text, house.administrator().get(PAGE).text
    assert "Canvas van Waterland" in everything
    assert "Canvas van Waterland" not in ours
    assert "waterland" not in ours.casefold()
    for html in (everything, ours):
        assert ONES.issuer in html
        assert ONES.client_id in html


def test_the_page_is_found_from_where_its_visitors_are(house: House) -> None:
    link = f'href="{PAGE}"'
    assert link in house.operator().get("/operator/statements").text
    assert link in house.administrator().get("/admin").text
    assert link not in house.learner().get("/start").text
    assert 'href="/operator/statements"' in house.operator().get(PAGE).text
    assert "/operator/" not in house.administrator().get(PAGE).text


def test_every_address_to_copy_is_on_the_page(house: House) -> None:
    html = house.operator().get(PAGE).text
    for path in ("/lti/launch", "/lti/login", "/lti/jwks.json", "/static/link-icon.png"):
        assert f"https://digivaardig.example{path}" in html
    assert ">digivaardig.example<" in html


def test_the_picture_that_portals_are_told_of_is_there_in_its_size(house: House) -> None:
    icon = ToolAddresses("").icon
    picture = house.client().get(icon, buffered=True).data
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (ICON_PX, ICON_PX)


def test_an_administrator_reads_how_it_goes_with_each_list_of_participants_and_never_at_what_hour(
    house: House,
) -> None:
    text = re.sub(r"\s+", " ", Page(house.administrator().get(PAGE).text).text)
    assert "cursus 12: gelezen op 23 november 2026." in text
    assert "cursus 14: nog niet gelezen." in text
    assert "Code: roster_gone We lezen deze lijst als iemand" in text
    assert not re.search(r"\d\d[.:]\d\d uur", text)
    house.rosters.kept = tuple(list_state(str(n), "portal_busy") for n in range(23))
    text = house.administrator().get(PAGE).text
    assert text.count("<code>portal_busy</code>") == 20
    assert text.count("We proberen het vanzelf opnieuw.") == 20
    assert "en nog 3 cursussen" in text
    house.rosters.kept = ()
    assert "We kennen hier nog geen cursus." in house.administrator().get(PAGE).text


def test_where_lists_are_off_the_page_says_so(house: House) -> None:
    said = "Dat is voor deze gemeente niet aangezet."
    assert said not in house.administrator().get(PAGE).text
    assert house.operator().get(PAGE).text.count(said) == 1


def test_what_waits_is_activated_with_a_button(house: House) -> None:
    (waiting,) = OTHERS.waiting_deployment_ids
    assert f'value="{waiting}"' in house.operator().get(PAGE).text
    answer = house.operator().post(f"{PAGE}/waterland/canvas/activate", data={"deployment_id": waiting})
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#portal-waterland-canvas")
    assert house.portals.done == [("activate", "waterland", "canvas", waiting, OPERATOR)]
    assert waiting not in house.operator().get(PAGE).text


def test_a_portal_is_switched_off_and_on(house: House) -> None:
    client = house.operator()
    assert client.post(f"{PAGE}/molenwaard/leerportaal/disable").status_code == 303
    assert "staat uit" in client.get(PAGE).text
    assert client.post(f"{PAGE}/molenwaard/leerportaal/enable").status_code == 303
    assert "staat uit" not in client.get(PAGE).text
    assert [done[0] for done in house.portals.done] == ["disable", "enable"]


def test_an_administrator_cannot_lock_themselves_out(house: House) -> None:
    client = house.administrator()
    assert "/disable" not in client.get(PAGE).text
    answer = client.post(f"{PAGE}/molenwaard/leerportaal/disable")
    assert answer.status_code == 409
    assert "kwam je zelf binnen" in answer.text
    assert f'href="{PAGE}"' in answer.text
    house.portals.own = "een-ander"
    assert client.post(f"{PAGE}/molenwaard/leerportaal/disable").status_code == 303
    assert house.portals.done == [("disable", "molenwaard", "leerportaal", ADMINISTRATOR)]


@pytest.mark.parametrize("act", ["activate", "disable", "enable", "check"])
def test_the_portals_of_another_municipality_are_nobodys_business(house: House, act: str) -> None:
    answer = house.administrator().post(f"{PAGE}/waterland/canvas/{act}", data={"deployment_id": "1"})
    assert answer.status_code == 404
    assert house.portals.done == []
    assert house.operator().post(f"{PAGE}/waterland/canvas/{act}", data={"deployment_id": "1"}).status_code < 400


def test_a_check_shows_each_service_in_words_with_its_remedy(house: House) -> None:
    html = house.operator().post(f"{PAGE}/molenwaard/leerportaal/check").text
    assert "‘Klaar’ doorgeven:</strong> werkt nog niet" in html
    assert "Activeer de tool in Moodle" in html
    assert "<code>token_refused</code>" in html
    assert "Sleutels van het portaal:</strong> werkt" in html
    assert html.count('id="checked"') == 1
    house.administrator().post(f"{PAGE}/molenwaard/leerportaal/check")
    assert [done[-1] for done in house.portals.done] == [OPERATOR, ADMINISTRATOR]


def test_an_english_page_has_english_remedies(house: House) -> None:
    client = house.client(operator=OPERATOR, locale="en")
    html = client.post(f"{PAGE}/molenwaard/leerportaal/check").text
    assert "Activate the tool in Moodle" in html
    assert "does not work yet" in html


def test_a_link_is_shown_once_and_kept_in_no_session(house: House) -> None:
    client = house.operator()
    form = {"tenant_id": "waterland", "name": " Ons Moodle ", "portal_id": "moodle"}
    html = client.post(f"{PAGE}/link", data=form).text
    assert "https://digivaardig.example/lti/register/waterland/s3cret" in html
    assert house.registration.made == [("waterland", "moodle", "Ons Moodle", OPERATOR)]
    assert "s3cret" not in client.get(PAGE).text
    assert "s3cret" not in str(house.rows.kept)


def test_an_administrator_makes_links_for_their_own_municipality_only(house: House) -> None:
    client = house.administrator()
    assert "<select" not in client.get(PAGE).text
    form = {"tenant_id": "waterland", "name": "Moodle", "portal_id": "moodle"}
    assert client.post(f"{PAGE}/link", data=form).status_code == 404
    assert client.post(f"{PAGE}/link", data={**form, "tenant_id": "molenwaard"}).status_code == 200
    assert house.registration.made == [("molenwaard", "moodle", "Moodle", ADMINISTRATOR)]


@pytest.mark.parametrize(
    ("form", "field"), [({"name": "Ons", "portal_id": "Ons Moodle"}, "portal_id"), ({"portal_id": "a"}, "name")]
)
def test_what_is_still_missing_is_named_and_what_was_typed_stays(
    house: House, form: dict[str, str], field: str
) -> None:
    answer = house.operator().post(f"{PAGE}/link", data={"tenant_id": "waterland", **form})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert '<option value="waterland" selected>' in answer.text
    for value in form.values():
        assert f'value="{value}"' in answer.text


def test_an_operators_page_is_never_framed_and_an_administrators_only_by_their_portal(house: House) -> None:
    assert house.operator().get(PAGE).headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    policy = house.administrator().get(PAGE).headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {PORTAL}")
    assert "script-src" not in policy


def test_every_form_of_the_page_carries_a_token() -> None:
    html = make_house(csrf=True).operator().get(PAGE).text
    assert html.count('method="post"') == html.count('name="csrf_token"') > 3
    assert make_house(csrf=True).operator().post(f"{PAGE}/molenwaard/leerportaal/disable").status_code == 400


def test_without_portals_the_page_says_so(house: House) -> None:
    house.portals.kept.clear()
    assert "Er is nog geen leerportaal." in house.operator().get(PAGE).text


# --- registering ----------------------------------------------------------------------------------


def test_the_question_says_which_municipality_and_which_portal(house: House) -> None:
    answer = house.client().get(REGISTER, query_string=GIVEN)
    assert "Je koppelt Digivaardig (Gemeente Molenwaard) aan:" in answer.text
    assert "<strong>https://leren.nieuw.example:8443</strong>" in answer.text
    assert 'value="t&lt;1&gt;"' in answer.text
    assert house.registration.asked == [], "looking registers nothing"


def test_opened_by_hand_it_says_where_to_paste_the_address(house: House) -> None:
    html = house.client().get(REGISTER).text
    assert f"https://digivaardig.example{REGISTER}" in html
    assert "Sitebeheer" in html
    assert "<form" not in html


def test_one_button_connects_without_a_cookie_and_without_a_token_of_a_session() -> None:
    house = make_house(csrf=True)
    answer = house.app.test_client(use_cookies=False).post(REGISTER, data=GIVEN)
    assert answer.status_code == 200
    assert "Digivaardig is gekoppeld" in answer.text
    assert house.registration.asked == [("molenwaard", *GIVEN.values())]
    assert "Set-Cookie" not in answer.headers
    assert house.rows.kept == {}


def test_a_session_that_happens_to_be_there_is_not_looked_at(house: House) -> None:
    client = house.learner()

    def busy() -> None:
        raise AssertionError("a session was read")

    house.rows.busy = busy
    assert "Je koppelt" in client.get(REGISTER, query_string=GIVEN).text


def test_the_end_says_what_works_what_to_do_and_closes_the_window_of_the_portal_only(house: House) -> None:
    html = house.client().post(REGISTER, data=GIVEN).text
    assert "Activeer de tool in Moodle" in html
    assert "Wat je nu nog doet" in html
    assert 'data-closes-for="https://leren.nieuw.example:8443"' in html
    assert "Je kunt dit venster nu sluiten." in html
    assert "gaf geen deployment door" not in html
    house.registration.portal = replace(ONES, deployment_ids=frozenset(), enabled=False)
    html = house.client().post(REGISTER, data=GIVEN).text
    assert "gaf geen deployment door" in html
    assert "staat bij Digivaardig uit" in html


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RegistrationRefused("domain_refused", "400"), "PUBLIC_URL"),
        (RegistrationRefused("registration_token_refused", "401"), "Begin opnieuw vanuit het portaal"),
        (PortalUnavailable("portal_address_refused", "inside.example"), "ALLOW_PRIVATE_PORTALS"),
    ],
)
def test_what_does_not_come_about_gets_a_remedy_a_code_and_another_try(
    house: House, error: RegistrationRefused | PortalUnavailable, said: str
) -> None:
    house.registration.refuse = error
    answer = house.client().post(REGISTER, data=GIVEN)
    assert answer.status_code == 409
    assert said in answer.text
    assert f"<code>{error.reason_code}</code>" in answer.text
    assert "inside.example" not in answer.text
    assert 'name="registration_token" value="t&lt;1&gt;"' in answer.text


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("en-GB,en;q=0.9,nl;q=0.5", "Connect Digivaardig"),
        ("nl,en;q=0.9", "Koppel Digivaardig"),
        ("de", "Koppel Digivaardig"),
        ("", "Koppel Digivaardig"),
        ("x" * 3000 + ";q=a,\x01", "Koppel Digivaardig"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser_for_nobody_chose_one(
    house: House, browser: str, words: str
) -> None:
    answer = house.client().get(REGISTER, query_string=GIVEN, headers={"Accept-Language": browser})
    assert words in answer.text
    assert "Accept-Language" in answer.vary


def test_the_whole_way_of_a_registration_is_english_for_an_english_browser(house: House) -> None:
    english = {"headers": {"Accept-Language": "en"}}
    client = house.client()
    pages = [client.get(REGISTER, **english), client.post(REGISTER, data=GIVEN, **english)]
    pages.append(client.get(REGISTER.replace("geheim", "oud"), **english))
    house.registration.refuse = RegistrationRefused("domain_refused")
    pages.append(client.post(REGISTER, data=GIVEN, **english))
    for answer in pages:
        assert '<html lang="en"' in answer.text
        assert not re.search(r"\b(het|een|niet|je|wat)\b", Page(answer.text).text), answer.text


def test_other_pages_keep_to_what_was_chosen_here(house: House) -> None:
    english = {"Accept-Language": "en"}
    assert '<html lang="nl"' in house.learner().get("/start", headers=english).text
    assert '<html lang="nl"' in house.client().get("/start", headers=english).text


def test_a_link_that_was_used_says_so(house: House) -> None:
    for answer in (house.client().get("/lti/register/x/oud"), house.client().post("/lti/register/x/oud")):
        assert answer.status_code == 410
        assert "Dit adres werkt niet meer" in answer.text


def test_the_page_may_be_framed_by_the_portal_that_asks_and_run_its_own_file_only(house: House) -> None:
    policy = house.client().get(REGISTER, query_string=GIVEN).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://leren.nieuw.example:8443")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example; script-src *",
        "https://a.example https://b.example",
        "javascript:alert(1)",
        "https://é.nl/",
    ],
)
def test_an_address_that_is_none_opens_no_frame(house: House, address: str) -> None:
    policy = (
        house.client()
        .get(REGISTER, query_string={"openid_configuration": address})
        .headers["Content-Security-Policy"]
    )
    framed = re.search(r"frame-ancestors (.*)$", policy)
    assert framed is not None
    assert "script-src *" not in policy
    assert "b.example" not in framed[1]
    assert "alert" not in policy


def test_the_script_speaks_to_the_portal_that_asked_and_to_nobody_else() -> None:
    script = Path("lti_tool/web/static/close.js").read_text("utf-8")
    assert "org.imsglobal.lti.close" in script
    assert "button.dataset.closesFor" in script
    assert '"*"' not in script
