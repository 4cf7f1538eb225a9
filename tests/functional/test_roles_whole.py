"""Roles over HTTP on a real database: from the command line to a page, and out again while somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.municipalities import KLEINDORP, VOORBEELDSTAD
from lti_tool.demo.page import Page
from tests.functional.clear_pages import NEVER_SHOWN, assert_clear
from tests.functional.hostile_forms import HOSTILE
from tests.functional.installation import Addresses, Installation
from tests.functional.visitors import Learner

SANNE, MARIJKE, ANNEKE = "101", "103", "301"
"""A learner and a teacher of Voorbeeldstad, and a learner of Kleindorp."""


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    with Installation(Addresses(tmp_path, database_url=database_url)) as made:
        yield made


def code_for(house: Installation, role: str, tenant_id: str = VOORBEELDSTAD) -> str:
    with house.app.app_context():
        made = house.commands.roles.invite(tenant_id, role, "command line", datetime.now(UTC))
    return made.code


def enter_code(tool: Tab, code: str) -> Page:
    tool.open("/roles")
    return tool.press("do", "accept", {"code": code})


def with_role(house: Installation, person: str, role: str) -> Tab:
    tool = house.launch(Browser(), person)
    assert enter_code(tool, code_for(house, role)).status == 200
    return tool


def test_an_administrator_invites_a_colleague_and_ends_the_role_while_the_colleague_looks(
    house: Installation,
) -> None:
    administrator = with_role(house, MARIJKE, "administrator")
    administrator.open("/admin/roles")
    administrator.press("do", "invite", {"role": "analyst"})
    made = administrator.page
    code = next(word for word in made.words.split() if word.count("-") == 3 and len(word) == 19)
    assert f"{house.where.tool_url}/invitation/voorbeeldstad/{code}" in made.words

    analyst = house.launch(Browser(), SANNE)
    assert_clear(analyst.open("/figures/campaigns"), 403, "Voor deze pagina heb je een rol nodig")
    assert "Je hebt nu de rol analist." in enter_code(analyst, code).words
    assert analyst.open("/figures/campaigns").heading == "Groepscijfers"
    assert analyst.open("/figures/campaigns/standaard").status == 200
    assert_clear(analyst.open("/admin"), 403, "Voor deze pagina heb je een rol nodig")
    assert_clear(enter_code(house.launch(Browser(), "102"), code), 422, "Ik heb een uitnodiging", "werkt niet")

    again = house.launch(Browser(), SANNE)
    assert again.open("/figures/campaigns").status == 200, "the role is there at the next visit"

    administrator.open("/admin/roles")
    form = next(f for f in administrator.page.forms if (n := f.field("number")) is not None and n.value == SANNE)
    administrator.submit(form, {}, "end")
    for tab in (analyst, again):
        assert_clear(tab.open("/figures/campaigns"), 403, "Voor deze pagina heb je een rol nodig")
    assert house.launch(Browser(), SANNE).open("/figures/campaigns/standaard").status == 403
    audit = house.rows("select who, what, detail from audit where what like 'role%' or what like 'invitation%'")
    assert ("leerportaal 103", "role ended", "analyst of leerportaal 101") in [tuple(row) for row in audit]
    assert "Sanne" not in str([tuple(row) for row in audit])


def test_a_role_in_one_municipality_shows_nothing_of_the_other(house: Installation) -> None:
    code = code_for(house, "administrator", KLEINDORP)
    here = house.launch(Browser(), SANNE)
    assert_clear(enter_code(here, code), 422, "Ik heb een uitnodiging", "werkt niet")
    there = house.launch(Browser(), ANNEKE)
    assert "Je hebt nu de rol beheerder van je gemeente." in enter_code(there, code).words
    for path in ("/admin", "/admin/roles", "/figures/campaigns"):
        page = there.open(f"{path}?tenant={VOORBEELDSTAD}")
        assert "Kleindorp" in page.words
        assert "Voorbeeldstad" not in page.words
    with house.app.app_context():
        campaign = house.commands.reports.campaigns(VOORBEELDSTAD, datetime.now(UTC)).campaigns[0]
    assert there.open(f"/figures/campaigns/{campaign.id}?tenant={VOORBEELDSTAD}").words.count("Voorbeeldstad") == 0


def test_a_role_works_in_a_window_of_its_own_too(house: Installation) -> None:
    tool = with_role(house, SANNE, "administrator")
    link = tool.open("/admin").link_to("/window/")
    assert link is not None
    tool.open(link.address)
    assert tool.page.heading == "Beheer"


def test_an_operator_sees_every_municipality_after_choosing(house: Installation) -> None:
    with house.app.app_context():
        password = house.commands.operate.add_operator("beheerder", datetime.now(UTC))
    tab = Browser().tab()
    tab.open(f"{house.where.tool_url}/operator/login")
    form = next(form for form in tab.page.forms if form.field("password"))
    tab.submit(form, {"name": "beheerder", "password": password})
    assert tab.open("/admin").heading == "Kies een gemeente"
    tab.open("/admin/roles?tenant=kleindorp")
    tab.press("do", "invite", {"role": "coach"})
    assert "Gemaakt door: beheerder" in tab.page.words
    assert tab.open("/admin/roles?tenant=voorbeeldstad").words.count("Gemaakt door") == 0


def test_no_hostile_form_or_address_breaks_a_page_of_a_role(house: Installation) -> None:
    tool = with_role(house, SANNE, "administrator")
    tool.open("/admin/roles")
    token = next(f.value for form in tool.page.forms for f in form.fields if f.name == "csrf_token")
    for path, deeds in (("/admin/roles", ("invite", "withdraw", "end", "x")), ("/roles", ("accept", "give_back"))):
        for value in HOSTILE:
            sent = value.encode("utf-8", "surrogateescape")
            for do in deeds:
                names = ("role", "portal", "number", "invitation", "code", "tenant")
                page = tool.submit(house.form(path, {"csrf_token": token, "do": do, **dict.fromkeys(names, sent)}))
                assert page.status < 500, (path, do, value[:20], page.words)
                assert not NEVER_SHOWN.search(page.source)
                assert "<script>alert" not in page.source
    for path in ("/figures/campaigns/a%00b", "/admin?tenant=a%00b", f"/figures/campaigns/{'x' * 3000}"):
        assert tool.open(path).status in (200, 404), path
    assert tool.open("/admin").status == 200, "the role is still there"
    assert Learner(house, "102").begin().answer().status == 200
