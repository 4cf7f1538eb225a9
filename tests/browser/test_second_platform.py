"""The whole loop at a portal that others wrote: launch in a frame, 'klaar' over AGS, the list of participants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from lti_tool.app import create_app, migrate
from lti_tool.demo.municipalities import VOORBEELDSTAD, write_files
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.services import SCOPE_ROSTER, PortalServices
from lti_tool.storage import courses, portals, tool_keys
from lti_tool.storage.database import db, transaction
from lti_tool.storage.sealing import Seal
from tests.browser.second_platform import CONTAINER, COURSE, PEOPLE, SecondPlatform
from tests.browser.test_thread import START, title
from tests.browser.window import SHOTS, window
from tests.functional.installation import Addresses, Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def where(tmp_path: Path) -> Addresses:
    return Addresses(tmp_path, mounted_lrs=True)


@pytest.fixture
def tool(where: Addresses) -> Iterator[Flask]:
    migrate(where.settings())
    app = create_app(where.settings())
    server = Server(app, "localhost", where.ports["tool"])
    server.start()
    yield app
    server.stop()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def platform(where: Addresses, tool: Flask) -> Iterator[SecondPlatform]:
    made = SecondPlatform(f"http://127.0.0.1:{where.ports['portal']}", where.tool_url)
    registration = {"municipality": "Gemeente Voorbeeldstad", **made.registration()}
    (file,) = write_files(where.folder, [registration], datetime.now(UTC).date())
    with tool.app_context():
        tool.extensions["commands"].connect.apply(file, datetime.now(UTC))
    server = Server(made.app, "127.0.0.1", where.ports["portal"])
    server.start()
    yield made
    server.stop()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")


def test_a_learner_comes_from_another_portal_and_klaar_arrives_there(
    browser: Browser, platform: SecondPlatform, tool: Flask, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        opened.page.goto(f"{platform.url}/course/learner-7")
        frame = opened.tool
        expect(title(frame)).to_have_text(START)
        opened.shoot(SHOTS / "second-platform" / "01-start.png")
        frame.get_by_role("button", name="Sla de vragen over en begin meteen met leren").click()
        expect(title(frame)).not_to_have_text(START)
        opened.shoot(SHOTS / "second-platform" / "02-after.png")
    with tool.app_context():
        tool.extensions["commands"].work.round(datetime.now(UTC))
    (score,) = platform.scores
    assert score["userId"] == "learner-7"
    assert (score["scoreGiven"], score["scoreMaximum"]) == (1, 1)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")


def test_a_teacher_of_another_portal_comes_to_the_staff_page(
    browser: Browser, platform: SecondPlatform, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        opened.page.goto(f"{platform.url}/course/teacher-1")
        expect(title(opened.tool)).to_have_text("Voor begeleiders en beheerders")


def test_the_list_of_participants_is_read_page_by_page_where_the_launch_said(
    browser: Browser, platform: SecondPlatform, tool: Flask, where: Addresses, tmp_path: Path
) -> None:
    with window(browser, tmp_path / "profile") as opened:
        opened.page.goto(f"{platform.url}/course/learner-8")
        expect(title(opened.tool)).to_have_text(START)
    now, settings = datetime.now(UTC), where.settings()
    with tool.app_context(), transaction():
        (course,) = courses.courses(VOORBEELDSTAD)
        (portal,) = portals.all_portals()
        keys = ToolKeys.load_or_make(tool_keys, Seal(settings.fernet_keys), now)
    assert (course.context_id, course.memberships_url) == (COURSE, f"{platform.url}/memberships")
    http = Outgoing("0.1.0", allow_private=True)
    services = PortalServices(http, keys)
    found, url = [], course.memberships_url
    while url:
        answer = services.call(portal, SCOPE_ROSTER, "GET", url, now, headers={"Accept": CONTAINER})
        assert answer.status_code == 200
        found += [(member["user_id"], member["roles"]) for member in answer.json()["members"]]
        url = answer.links.get("next", {}).get("url")
    http.session.close()
    assert found == [(person, [role]) for person, role in PEOPLE.items()]
    assert platform.read_with == [CONTAINER, CONTAINER]
