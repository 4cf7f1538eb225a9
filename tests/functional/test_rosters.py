"""Who is in the course, over real HTTP: from the instructor's button in the portal to a session that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool.demo import walks
from lti_tool.demo.browser import Browser
from lti_tool.demo.municipalities import KLEINDORP, VOORBEELDSTAD
from lti_tool.storage import portals as portal_rows
from lti_tool.storage.database import transaction
from tests.functional.clear_pages import assert_clear
from tests.functional.installation import Addresses, Installation
from tests.functional.visitors import Learner

LEARNERS, INSTRUCTOR, ADMINISTRATOR = 26, "103", "104"
GONE = "We weten niet meer waar je was"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(Addresses(tmp_path_factory.mktemp("house"))) as made:
        yield made


def read_again(house: Installation) -> None:
    """As if six hours had passed."""
    with house.engine.begin() as connection:
        connection.exec_driver_sql("update course set roster_due_at = '2026-01-01 00:00:00.000000'")
    house.work()


def make(house: Installation, status: str, person_id: str) -> None:
    """The instructor presses the button behind somebody in the portal's list of participants."""
    house.course(Browser(), INSTRUCTOR).press(status, person_id)


def test_who_becomes_inactive_in_the_portal_loses_the_session_and_nobody_else_does(house: Installation) -> None:
    sanne, youssef = Learner(house, "101"), Learner(house, "102")
    house.work()
    assert sanne.tool.open(walks.START).status == 200
    make(house, "inactive", "101")
    read_again(house)
    assert_clear(sanne.tool.open(walks.START), 403, GONE, "Open Digivaardig opnieuw vanuit je leerportaal.")
    assert youssef.tool.open(walks.START).status == 200


def test_once_active_again_a_launch_opens_and_stays_open(house: Installation) -> None:
    Learner(house, "101")
    make(house, "inactive", "101")
    house.work()
    make(house, "active", "101")
    again = Learner(house, "101")
    read_again(house)
    assert again.tool.open(walks.START).status == 200


def test_of_the_portals_list_no_name_and_no_address_reaches_the_database(house: Installation) -> None:
    Learner(house, "101")
    house.work()
    kept = house.rows("select sub, status, roles from course_member where tenant_id = :t", t=VOORBEELDSTAD)
    assert len(kept) == LEARNERS + 2
    assert {row.status for row in kept} == {"Active"}
    assert {str(row.roles) for row in kept if row.sub in (INSTRUCTOR, ADMINISTRATOR)} == {'["Instructor"]'}
    assert not any("Sanne" in str(row) or "@" in str(row) for row in kept)


def test_the_instructor_sees_how_large_the_course_is_in_tens(house: Installation) -> None:
    staff = house.launch(Browser(), INSTRUCTOR)
    house.work()
    assert "minstens 20 mensen in de cursus" in staff.open("/staff/group").words


def test_a_municipality_that_did_not_turn_it_on_asks_nothing_and_promises_nothing_about_it(
    house: Installation,
) -> None:
    asks = house.launch(Browser(), "101").page
    silent = house.launch(Browser(), "301").page
    house.work()
    assert "Dat vragen we aan het leerportaal" in asks.words
    assert "Dat vragen we aan het leerportaal" not in silent.words
    assert house.rows("select sub from course_member where tenant_id = :t", t=KLEINDORP) == []


@pytest.mark.parametrize(("limit", "pages"), [(10, 3), (1, 28), (28, 1), (100, 1)])
def test_a_portal_that_gives_a_page_at_a_time_is_read_to_the_end(
    house: Installation, limit: int, pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.app.app_context(), transaction(writes=False):
        portal = portal_rows.find_portal_by_id(VOORBEELDSTAD, "leerportaal")
    reader = house.commands.rosters._reader
    asked: list[str] = []
    call = reader._services.call

    def count(portal: Any, scope: str, method: str, url: str, *rest: Any, **how: Any) -> Any:
        asked.append(url)
        return call(portal, scope, method, url, *rest, **how)

    monkeypatch.setattr(reader._services, "call", count)
    url = f"{house.portal.url}/CourseSection/2/bindings/1/memberships?limit={limit}"
    found = reader.read(portal, url, datetime.now(UTC), resource_link_id="1")
    assert len(found.members) == LEARNERS + 2
    assert len(asked) == pages
    assert all("rlid=1" in address for address in asked)
