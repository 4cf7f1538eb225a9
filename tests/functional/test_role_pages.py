"""Accepting and giving back a role, the pages that a role opens, and those who have none."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from lti_tool.domain.roles import INVITED_BY_AN_ADMINISTRATOR, ROLES
from lti_tool.web import words
from lti_tool.web.roles import MOST_TRIES
from lti_tool.web.sessions import hash_of
from tests.page_reader import Page
from tests.web_examples import LEARNER, SESSION_ID
from tests.web_fakes import CODE, House, make_house

ADMIN = ("/admin", "/admin/roles")
FIGURES = ("/figures/campaigns", "/figures/campaigns/standaard")
LINK = f"/invitation/molenwaard/{CODE}"


@pytest.fixture
def house() -> House:
    return make_house()


def granted(house: House) -> list[str]:
    return list(house.rows.kept[hash_of(SESSION_ID)][0]["granted"])


# --- the invitation -------------------------------------------------------------------------------


def test_the_page_of_a_link_says_how_to_come_in_and_shows_the_code(house: House) -> None:
    text = house.client().get(LINK).text
    assert "Open Digivaardig vanuit je leerportaal." in text
    assert "Ik heb een uitnodiging" in text
    assert CODE in text
    assert "<form" not in text


def test_the_page_of_a_link_says_the_same_whether_a_code_works_or_not(house: House) -> None:
    client = house.client()
    other = "0000-0000-0000-0000"
    assert client.get(LINK).text.replace(CODE, other) == client.get(f"/invitation/nergens/{other}").text
    assert house.roles.tried == 0


@pytest.mark.parametrize("code", ["x", "7K2M-QX9T", "%00", "<script>alert(1)</script>", "U" * 16, "7" * 5000])
def test_a_link_that_was_cut_off_says_so_and_repeats_nothing(house: House, code: str) -> None:
    answer = house.client().get(f"/invitation/molenwaard/{code}")
    assert answer.status_code in (200, 404)
    assert "alert(1)" not in answer.text
    if answer.status_code == 200:
        assert "Deze link is niet compleet." in answer.text


def test_who_is_inside_already_accepts_on_the_page_of_the_link(house: House) -> None:
    client = house.learner()
    page = client.get(LINK)
    assert f'name="code" value="{CODE}"' in page.text
    assert "<form" not in client.get(LINK.replace("molenwaard", "waterland")).text.partition("<main")[2]


def test_everybody_from_a_portal_finds_where_to_fill_in_a_code(house: House) -> None:
    for client, path in ((house.learner(), "/start"), (house.staff(), "/staff"), (house.learner(), "/question")):
        footer = client.get(path).text.partition("<footer")[2]
        assert 'href="/roles"' in footer
        assert "Ik heb een uitnodiging" in footer
    assert "/roles" not in house.client().get("/operator/login").text
    assert 'href="/admin"' in house.administrator().get("/start").text
    assert 'href="/admin"' not in house.analyst().get("/start").text


def test_a_right_code_gives_the_role_at_once(house: House) -> None:
    client = house.learner()
    assert client.get("/admin").status_code == 403
    answer = client.post("/roles", data={"do": "accept", "code": CODE})
    assert (answer.status_code, answer.location) == (303, "/roles#title")
    text = client.get("/roles").text
    assert "Je hebt nu de rol beheerder van je gemeente." in text
    assert "Jouw rollen" in text
    assert granted(house) == ["administrator"]
    assert client.get("/admin").status_code == 200


def test_a_code_that_does_not_work_is_told_in_one_way_and_can_be_mended(house: House) -> None:
    client = house.learner()
    answer = client.post("/roles", data={"do": "accept", "code": "<b>AAAA"})
    assert answer.status_code == 422
    assert "Deze code werkt niet." in answer.text
    assert 'value="&lt;b&gt;AAAA"' in answer.text
    assert Page(answer.text).title.startswith("Er mist nog iets:")
    assert client.post("/roles", data={"code": CODE}).status_code == 303


def test_after_a_few_wrong_codes_this_visit_takes_none_any_more(house: House) -> None:
    client = house.learner()
    for _ in range(MOST_TRIES):
        assert client.post("/roles", data={"code": "x"}).status_code == 422
    refused = client.post("/roles", data={"code": CODE})
    assert refused.status_code == 429
    assert "te vaak een code geprobeerd" in refused.text
    assert house.roles.tried == MOST_TRIES
    assert client.get("/roles").status_code == 200
    assert house.learner().post("/roles", data={"code": CODE}).status_code == 303, "another visit"


def test_a_form_without_its_token_takes_no_invitation() -> None:
    house = make_house(csrf=True)
    assert house.learner().post("/roles", data={"code": CODE}).status_code == 400
    assert house.administrator().post("/admin/roles", data={"do": "invite", "role": "coach"}).status_code == 400
    assert (house.roles.tried, house.roles.done) == (0, [])


def test_a_role_is_given_back_and_is_gone_at_once(house: House) -> None:
    client = house.administrator()
    assert "Geef deze rol terug" in client.get("/roles").text
    assert client.post("/roles", data={"do": "give_back", "role": "administrator"}).location == "/roles#title"
    assert granted(house) == []
    assert "Je hebt deze rol niet meer." in client.get("/roles").text
    assert client.get("/admin").status_code == 403


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_the_page_says_what_each_role_gives_now_and_never_somebodys_result(
    house: House, role: str, language: str
) -> None:
    client = house.client(**{**LEARNER, "granted": [role], "locale": language})
    text = Page(client.get("/roles").text).text
    assert role in words.ROLES
    assert role in words.ROLES_NOW
    never = "Met geen enkele rol zie je" if language == "nl" else "No role lets you see"
    assert never in text
    if role in ("coach", "team_leader"):
        assert ("nu nog niets" if language == "nl" else "do not see anything") in text


# --- who may see what -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("staff", [False, True])
def test_each_role_opens_its_own_pages_and_no_other(house: House, role: str, staff: bool) -> None:
    client = house.client(**{**LEARNER, "staff": staff, "granted": [role]})
    opened = {path for path in (*ADMIN, *FIGURES) if client.get(path).status_code == 200}
    expected = {"administrator": {*ADMIN, *FIGURES}, "analyst": set(FIGURES), "project_leader": set(FIGURES)}
    assert opened == expected.get(role, set())
    assert client.get("/staff").status_code == (200 if staff else 403)
    assert client.get("/staff/group").status_code == (200 if staff else 403)
    assert client.get("/operator/statements").status_code == 303


@pytest.mark.parametrize("path", [*ADMIN, *FIGURES])
def test_without_a_role_a_page_says_which_way_there_is(house: House, path: str) -> None:
    for client in (house.learner(), house.staff()):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "Voor deze pagina heb je een rol nodig" in answer.text
        assert 'href="/roles"' in answer.text
    assert house.client().get(path).location == "/operator/login#title"
    assert house.client(granted=["administrator"]).get(path).status_code == 303, "roles without a person"


@pytest.mark.parametrize("path", [*ADMIN, *FIGURES])
def test_a_role_that_was_ended_is_gone_in_a_running_session(house: House, path: str) -> None:
    client = house.administrator()
    assert client.get(path).status_code == 200
    house.roles.ended.add("administrator")
    assert client.get(path).status_code == 403
    assert granted(house) == []
    assert 'href="/admin"' not in client.get("/start").text


def test_a_role_that_was_ended_lets_nobody_act_either(house: House) -> None:
    client = house.administrator()
    house.roles.ended.add("administrator")
    assert client.post("/admin/roles", data={"do": "invite", "role": "coach"}).status_code == 403
    assert house.roles.done == []


def test_one_role_that_was_ended_leaves_the_other(house: House) -> None:
    client = house.client(**{**LEARNER, "granted": ["administrator", "analyst"]})
    house.roles.ended.add("administrator")
    assert client.get("/figures/campaigns").status_code == 200
    assert client.get("/admin").status_code == 403
    assert granted(house) == ["analyst"]


def test_the_pages_of_a_role_may_stand_in_the_portals_frame_and_those_of_an_operator_nowhere(house: House) -> None:
    for path in (*ADMIN, *FIGURES):
        policy = house.administrator().get(path).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://leren.molenwaard.example")
        assert house.operator().get(path).headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


# --- an administrator ------------------------------------------------------------------------------


def test_the_home_leads_to_everything_that_is_administered(house: House) -> None:
    text = house.administrator().get("/admin").text
    for part in ("/admin/portals", "/admin/completions", "/admin/roles", "/figures/campaigns"):
        assert f'href="{part}"' in text


def invite(client: FlaskClient, role: str = "coach", **more: str) -> str:
    return client.post("/admin/roles", data={"do": "invite", "role": role, **more}).text


@pytest.mark.parametrize("role", INVITED_BY_AN_ADMINISTRATOR)
def test_a_new_link_is_shown_once_and_kept_nowhere(house: House, role: str) -> None:
    client = house.administrator()
    made = invite(client, role)
    assert f"https://digivaardig.example{LINK}" in made
    assert "Je ziet hem maar één keer" in made
    assert house.roles.done == [("invite", "molenwaard", role, "leerportaal 104")]
    assert CODE not in client.get("/admin/roles").text
    assert CODE not in str(house.rows.kept)


@pytest.mark.parametrize("role", ["administrator", "", "burgemeester", "Coach", "coach\0", "<b>"])
def test_no_other_role_is_given_in_a_browser(house: House, role: str) -> None:
    answer = house.administrator().post("/admin/roles", data={"do": "invite", "role": role})
    assert answer.status_code == 422
    assert "Deze rol is er niet" in answer.text
    assert house.roles.done == []
    assert house.operator().post("/admin/roles?tenant=molenwaard", data={"role": role}).status_code == 422


def test_open_invitations_and_holders_are_shown_by_number_and_can_be_ended(house: House) -> None:
    client = house.administrator()
    text = Page(client.get("/admin/roles").text).text
    assert "Gemaakt door: leerportaal 104" in text
    assert "Gemaakt door: de technisch beheerder" in text
    assert "We kennen geen namen." in text
    assert "Nummer 118 in Leerportaal Molenwaard" in text
    assert re.search(r"coach\s*: 2 personen", text)
    withdrawn = client.post("/admin/roles", data={"do": "withdraw", "invitation": "a" * 64})
    assert withdrawn.location == "/admin/roles#title"
    assert "De uitnodiging is ingetrokken." in client.get("/admin/roles").text
    client.post("/admin/roles", data={"do": "end", "role": "coach", "portal": "leerportaal", "number": "118"})
    assert house.roles.done == [
        ("withdraw", "molenwaard", "a" * 64, "leerportaal 104"),
        ("end", "molenwaard", "leerportaal", "118", "coach", "leerportaal 104"),
    ]


def test_where_nobody_has_a_role_that_is_said(house: House) -> None:
    house.roles.invitations, house.roles.holders = (), {}
    text = house.administrator().get("/admin/roles").text
    assert "Er staan geen uitnodigingen open." in text
    assert "Nog niemand heeft een rol." in text


@pytest.mark.parametrize("path", ["/admin", "/admin/roles", "/figures/campaigns", "/figures/campaigns/standaard"])
def test_another_municipality_cannot_be_asked_for(house: House, path: str) -> None:
    client = house.administrator()
    assert "Waterland" not in client.get(f"{path}?tenant=waterland").text
    client.post("/admin/roles?tenant=waterland", data={"do": "invite", "role": "coach", "tenant": "waterland"})
    assert {act[1] for act in house.roles.done} == {"molenwaard"}
    assert {tenant for tenant, _ in house.reports.asked} <= {"Gemeente Molenwaard"}


# --- figures ----------------------------------------------------------------------------------------


def test_every_campaign_leads_to_its_figures_and_back(house: House) -> None:
    client = house.analyst()
    listed = client.get("/figures/campaigns").text
    for campaign_id, said in (("standaard-2", "nog niet open"), ("standaard", "open"), ("proef", "voorbij")):
        assert f'href="/figures/campaigns/{campaign_id}"' in listed
        assert said in listed
    figures = client.get("/figures/campaigns/proef").text
    assert "minstens 60 mensen" in figures
    assert 'href="/figures/campaigns"' in figures
    assert house.reports.asked == [("Gemeente Molenwaard", "proef")]
    assert client.get("/figures/campaigns/nergens").status_code == 404
    house.reports.no_campaign = True
    assert "Er is nog geen campagne." in client.get("/figures/campaigns").text


def test_an_administrator_comes_back_from_the_figures_to_the_home(house: House) -> None:
    assert (
        'href="/admin"'
        in house.administrator().get("/figures/campaigns").text.partition("<main")[2].partition("</main")[0]
    )
    assert 'href="/admin"' not in house.analyst().get("/figures/campaigns").text


# --- an operator ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*ADMIN, *FIGURES])
def test_an_operator_chooses_a_municipality_first(house: House, path: str) -> None:
    client = house.operator()
    choice = client.get(path)
    assert choice.status_code == 200
    assert f'href="{path}?tenant=waterland"' in choice.text
    chosen = client.get(f"{path}?tenant=waterland").text
    assert "Kies een gemeente</h1>" not in chosen
    for link in re.findall(r'(?:href|action)="(/(?:admin/roles|figures/campaigns)[^"]*)"', chosen):
        assert "tenant=waterland" in link
    assert client.get(f"{path}?tenant=nergens").status_code == 404
    assert client.get(f"{path}?tenant=").status_code == 404


def test_an_operator_invites_for_the_municipality_that_was_chosen(house: House) -> None:
    client = house.operator()
    invite(client, tenant="waterland")
    client.post("/admin/roles?tenant=waterland", data={"do": "end", "role": "coach", "portal": "p", "number": "1"})
    assert [act[:2] for act in house.roles.done] == [("invite", "waterland"), ("end", "waterland")]
    assert {act[-1] for act in house.roles.done} == {"beheerder"}
    assert "Kies een gemeente" in client.post("/admin/roles", data={"do": "invite", "role": "coach"}).text


def test_an_operator_without_any_municipality_reads_that(house: House) -> None:
    house.operate.empty = True
    assert "Er is nog geen gemeente." in house.operator().get("/admin").text


def test_an_operator_finds_the_way_from_the_statements(house: House) -> None:
    assert 'href="/admin"' in house.operator().get("/operator/statements?paused=1").text


@pytest.mark.parametrize(
    ("visitor", "path"),
    [
        *(("administrator", path) for path in ("/admin", "/admin/roles", "/admin/portals", "/admin/completions")),
        *(("administrator", path) for path in ("/figures/campaigns", "/figures/campaigns/standaard")),
        *(("operator", path) for path in ("/admin", "/admin/portals", "/admin/completions?tenant=waterland")),
        *(("staff", path) for path in ("/staff", "/staff/group", "/roles")),
        ("chooser", "/staff/place"),
    ],
)
def test_the_footer_of_pages_for_staff_promises_nothing_that_is_for_learners(
    house: House, visitor: str, path: str
) -> None:
    footer = getattr(house, visitor)().get(path).text.partition("<footer")[2]
    assert "Antwoorden en uitslagen van één persoon zie je hier nooit." in footer
    assert "Je leidinggevende ziet dit niet" not in footer
    assert "Alle trainingen" not in footer


def test_a_learner_and_staff_who_look_as_one_keep_the_footer_of_learners(house: House) -> None:
    for client in (house.learner(), house.staff(), house.administrator()):
        footer = client.get("/start").text.partition("<footer")[2]
        assert "Je leidinggevende ziet dit niet" in footer
        assert "Alle trainingen" in footer


def test_from_each_page_for_staff_there_is_a_way_back_to_ones_own(house: House) -> None:
    administrators = {"/start": house.administrator, "/staff": lambda: house.staff(granted=["administrator"])}
    for back, administrator in administrators.items():
        footer = administrator().get("/admin/portals").text.partition("<footer")[2]
        assert f'href="{back}"' in footer
        assert 'href="/admin"' in footer
