"""The whole way with nothing but a number from the portal, and a name that is dropped; over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from sqlalchemy import MetaData, select, text

from lti_tool.demo import walks
from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.municipalities import VOORBEELDSTAD
from lti_tool.demo_portal.id_token import LTI
from lti_tool.storage.database import transaction
from lti_tool.storage.tenants import load_tenant, save_tenant
from tests.functional.installation import Addresses, Installation
from tests.functional.visitors import KEY, rightly
from xapi.engine import make_engine

NEEDED = {"nonce", "iat", "exp", "iss", "aud", "sub"} | {
    f"{LTI}{name}"
    for name in ("deployment_id", "target_link_uri", "roles", "message_type", "version", "resource_link")
}
SANNE = "101"
PERSONAL = ("Sanne", "de Boer", "sanne.de.boer", "p-101", "m-101")
"""Names, e-mail and the portal's other details of one person, as the portal sends them."""
MADE_UP = {("content_medium", "Sanne")}
"""Somebody in a drawing of the package has this first name too."""


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    where = Addresses(tmp_path, database_url=database_url)
    where.environment["LOG_LEVEL"] = "debug"
    with Installation(where) as made:
        yield made


def launch_with(house: Installation, person: str, keep: set[str] | None, **changes: object) -> Tab:
    """Somebody clicks in the portal, which sends only some of its claims; None: all."""
    frame, form = house.held_launch(Browser(), person)
    claims = jwt.decode(form["id_token"], options={"verify_signature": False})
    sent = {name: value for name, value in claims.items() if keep is None or name in keep}
    house.send_launch(frame, {**form, "id_token": house.portal.known.key.sign({**sent, **changes})})
    return frame


def kept(house: Installation) -> dict[str, str]:
    """Every table of the tool and of its LRS as one text each; not what the municipality says of itself."""
    tables: dict[str, str] = {}
    lrs = make_engine(house.settings.lrs_database_url)
    for engine in (house.engine, lrs):
        found = MetaData()
        found.reflect(engine)
        for name in set(found.tables) - {"tenant"}:
            with engine.connect() as connection:
                rows = connection.execute(select(found.tables[name])).all()
            tables[name] = str([tuple(row) for row in rows])
    lrs.dispose()
    return tables


def go_the_whole_way(house: Installation, frame: Tab) -> None:
    assert frame.page.heading == "Ontdek wat je al kunt"
    walks.begin(frame)
    walks.answer_all(frame, KEY, rightly)
    assert frame.page.heading == "Dit is jouw advies"
    frame.open("/trainings")
    assert frame.page.status == 200
    frame.open("/progress")
    assert frame.page.heading == "Wat ik heb gedaan"


@pytest.mark.parametrize("roles", [[], ["Learner"], ["http://purl.imsglobal.org/vocab/lis/v2/x#Made"]])
def test_a_number_alone_goes_the_whole_way(house: Installation, roles: list[str]) -> None:
    frame = launch_with(house, "201", NEEDED, **{f"{LTI}roles": roles})
    go_the_whole_way(house, frame)
    verbs = [statement["verb"]["id"].rsplit("/", 1)[-1] for statement in house.written_about("201")]
    assert {"registered", "answered", "scored"} <= set(verbs)
    assert house.work() > 0
    assert house.portal.marks_of("201") == [], "there is no line item to tell"


@pytest.mark.parametrize("greets", [False, True])
def test_names_and_mail_stand_in_no_table_no_statement_and_no_log(
    house: Installation, greets: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    greet(house, greets)
    frame = launch_with(house, SANNE, None)
    go_the_whole_way(house, frame)
    frame.open("/roles")
    frame.open("/nergens")
    house.work()
    tables = kept(house)
    assert {"learner", "participation", "web_session", "inspection", "audit", "login"} <= set(tables)
    assert SANNE in tables["learner"]
    if greets:
        assert tables["web_session"].count("Sanne") == 1
        tables["web_session"] = tables["web_session"].replace("Sanne", "")
    for detail in PERSONAL:
        found = {(table, detail) for table, rows in tables.items() if detail in rows}
        assert found <= MADE_UP, detail
    said = caplog.text + "".join(capfd.readouterr())
    for detail in PERSONAL:
        assert detail not in said
    assert house.written_about(SANNE)


def test_a_municipality_that_asks_for_it_greets_by_first_name_and_says_so(house: Installation) -> None:
    greet(house, True)
    page = launch_with(house, SANNE, None).page
    assert "Dag Sanne" in page.words
    assert "Je voornaam, tot een dag na je bezoek" in page.words
    assert "de Boer" not in page.words
    nameless = launch_with(house, "102", NEEDED).page
    assert "Dag" not in nameless.words.split()
    greet(house, False)
    page = launch_with(house, SANNE, None).page
    assert "Dag Sanne" not in page.words
    assert "Je voornaam" not in page.words


def test_a_greeting_ends_with_the_setting_even_in_a_running_session(house: Installation) -> None:
    greet(house, True)
    frame = launch_with(house, SANNE, None)
    greet(house, False)
    frame.open("/start")
    assert "Sanne" not in frame.page.words


def test_a_first_name_is_shown_as_text_whatever_is_in_it(house: Installation) -> None:
    greet(house, True)
    page = launch_with(house, SANNE, None, given_name="<script>alert(1)</script>{{7*7}}").page
    assert "<script>alert" not in page.source
    assert "Dag <script>alert(1)</script>{{7*7}}" in page.words


def greet(house: Installation, greets: bool) -> None:
    """Apply the municipality's file again, with or without the setting; without is what was there before it."""
    file = house.where.folder / f"{VOORBEELDSTAD}.yaml"
    described: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    described.pop("greets_by_name", None)
    file.write_text(yaml.safe_dump({**described, **({"greets_by_name": True} if greets else {})}), "utf-8")
    with house.app.app_context():
        house.commands.connect.apply(file, datetime.now(UTC))


def test_a_municipality_from_before_the_setting_greets_nobody(house: Installation) -> None:
    with house.engine.execution_options(writes=True).begin() as connection:
        (settings,) = connection.execute(
            text("select settings from tenant where id = :id"), {"id": VOORBEELDSTAD}
        ).one()
        old = settings if isinstance(settings, dict) else json.loads(settings)
        del old["greets_by_name"]
        connection.execute(
            text("update tenant set settings = :settings where id = :id"),
            {"settings": json.dumps(old), "id": VOORBEELDSTAD},
        )
    with house.app.app_context(), transaction():
        tenant = load_tenant(VOORBEELDSTAD)
        assert tenant.greets_by_name is False
        save_tenant(tenant)
    assert "Dag Sanne" not in launch_with(house, SANNE, None).page.words
