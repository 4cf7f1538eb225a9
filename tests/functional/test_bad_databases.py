"""A database that is locked, away, broken or strict: a page to try again, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from lti_tool.demo import walks
from lti_tool.demo.browser import Browser
from lti_tool.storage.database import DatabaseBusy
from tests.functional.clear_pages import assert_clear, assert_echoes_nothing
from tests.functional.hostile_forms import send_hostile_forms
from tests.functional.installation import Addresses, Installation
from tests.functional.real_processes import locked
from tests.functional.visitors import Learner
from xapi.engine import BUSY_TIMEOUT_MS, make_engine

pytestmark = pytest.mark.xdist_group("bad databases")

BUSY = "Het is even druk"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A whole installation; each test has people of its own in it."""
    with Installation(Addresses(tmp_path_factory.mktemp("house"))) as made:
        yield made


@pytest.fixture
def postgresql_house(postgresql_database: str, tmp_path: Path) -> Iterator[Installation]:
    with Installation(Addresses(tmp_path, database_url=postgresql_database)) as made:
        yield made


def test_a_fault_of_our_own_is_told_kindly_and_logged_without_a_person(
    house: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    frame, form = house.held_launch(Browser(), "218")
    with broken(house, "learner"):
        page = house.send_launch(frame, form)
    assert_clear(page, 500, "Er ging iets mis bij ons", "Jij deed niets verkeerd.")
    assert_echoes_nothing(page, form)
    assert "no such table: learner" in caplog.text
    for part in ("'218'", "fictieve", form["state"], *form["id_token"].split(".")):
        assert part not in caplog.text


@contextmanager
def broken(house: Installation, table: str) -> Iterator[None]:
    """The database lacks a table inside the block."""
    writes = house.engine.execution_options(writes=True)
    with writes.begin() as connection:
        connection.execute(text(f"alter table {table} rename to elsewhere"))
    try:
        yield
    finally:
        with writes.begin() as connection:
            connection.execute(text(f"alter table elsewhere rename to {table}"))


@pytest.mark.postgresql
def test_no_form_with_nuls_or_half_characters_breaks_a_page_on_postgresql(postgresql_house: Installation) -> None:
    learner = Learner(postgresql_house, "211").begin()
    send_hostile_forms(postgresql_house, learner)
    figures = learner.tool.open(f"{postgresql_house.where.tool_url}/figures/a%00b.csv")
    assert (figures.status, figures.heading) == (404, "Deze cijfers zijn er niet")


def test_a_locked_database_asks_to_try_again_and_loses_nothing(house: Installation) -> None:
    answering, reading = Learner(house, "212").begin(), Learner(house, "214").begin()
    beginning = Learner(house, "213")
    form, right = answering.form(), answering.right()
    launching, launch = house.held_launch(Browser(), "215")
    arriving = house.course(Browser(), "216")
    activity = arriving.page.link_to("/activity/")
    assert activity is not None
    arriving.open(activity.address)
    nobody = Browser().tab()
    login = f"{house.where.tool_url}/operator/login"
    began = time.monotonic()
    with locked(house.where.database_url), ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(act)
            for act in (
                lambda: answering.tool.submit(form, right, "answer"),
                lambda: beginning.tool.press("do", "begin"),
                lambda: house.send_launch(launching, launch),
                lambda: arriving.frame().page,
                lambda: nobody.open(login),  # needs nothing but a session
            )
        ]
        worker = pool.submit(house.work)
        assert reading.tool.open(walks.QUESTION).status == 200, "reading goes on"
        assert Browser().tab().open(f"{house.where.tool_url}/health").status == 200
        assert time.monotonic() - began < BUSY_TIMEOUT_MS / 1000
        pages = [page.result() for page in waiting]
        assert isinstance(worker.exception(), DatabaseBusy), "the worker tries again"
        assert time.monotonic() - began < 2.0 * BUSY_TIMEOUT_MS / 1000, "nobody waits for it twice"
    for page in pages[:-1]:
        assert_clear(page, 503, BUSY, "Wacht een paar tellen en probeer het dan opnieuw.")
        assert page.headers["Retry-After"] == "5"
    assert (pages[-1].status, pages[-1].heading) == (503, BUSY)
    assert_echoes_nothing(pages[2], launch)
    assert house.answers_of("212") == []
    assert answering.tool.submit(form, right, "answer").heading == "Vraag 2", "the same form again"
    assert len(house.answers_of("212")) == len(house.answered("212")) == 1
    assert beginning.tool.open("/start").status == 200
    assert beginning.begin().position() == 1
    assert house.send_launch(launching, launch).status == 200, "the launch was not used up"
    assert nobody.open(login).status == 200
    house.work()


@contextmanager
def away(house: Installation) -> Iterator[None]:
    """PostgreSQL lets nobody into this database inside the block, as while it restarts."""
    name = make_url(house.where.database_url).database
    server = _server(house)
    with server.connect() as connection:
        connection.execute(text(f"alter database {name} allow_connections false"))
        cut_connections(house)
        try:
            yield
        finally:
            connection.execute(text(f"alter database {name} allow_connections true"))
    server.dispose()


def cut_connections(house: Installation) -> None:
    server = _server(house)
    with server.connect() as connection:
        every = text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name")
        connection.execute(every, {"name": make_url(house.where.database_url).database})
    server.dispose()


def _server(house: Installation) -> Engine:
    address = make_url(house.where.database_url).set(database="postgres")
    server = make_engine(address.render_as_string(hide_password=False))
    return server.execution_options(isolation_level="AUTOCOMMIT")


@pytest.mark.postgresql
def test_a_database_that_is_away_asks_to_try_again(postgresql_house: Installation) -> None:
    house = postgresql_house
    learner = Learner(house, "101").begin()
    learner.answer()
    form, right = learner.form(), learner.right()
    frame, launch = house.held_launch(Browser(), "102")
    with away(house):
        for page in (
            learner.tool.submit(form, right, "answer"),
            learner.tool.open(walks.QUESTION),
            house.send_launch(frame, launch),
        ):
            assert_clear(page, 503, BUSY, "probeer het dan opnieuw")
        assert Browser().tab().open(f"{house.where.tool_url}/health").status == 503
        with pytest.raises(DatabaseBusy):
            house.work()
    assert learner.tool.submit(form, right, "answer").heading == "Vraag 3"
    assert house.send_launch(frame, launch).heading == "Ontdek wat je al kunt"
    assert len(house.answers_of("101")) == len(house.answered("101")) == 2


@pytest.mark.postgresql
def test_connections_that_broke_in_the_meantime_are_made_anew(postgresql_house: Installation) -> None:
    learner = Learner(postgresql_house, "101").begin()
    cut_connections(postgresql_house)
    assert learner.answer().heading == "Vraag 2"
