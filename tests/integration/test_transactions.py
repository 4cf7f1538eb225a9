"""Transactions on real databases: moments, what fails, and a database that is busy or away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

import xapi.engine
from lti_tool.storage import database, logins, tenants
from lti_tool.storage.database import DatabaseBusy, db, transaction
from lti_tool.storage.schema import SCHEMA
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.lrs_access import LrsAccess
from tests.factories import NOW, make_tenant
from tests.integration.storage_examples import IN_AN_HOUR, make_login, opened
from xapi.outbox_write import put


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(inside):
    amsterdam = timezone(timedelta(hours=1))
    with transaction():
        logins.add_login(make_login(expires_at=IN_AN_HOUR.astimezone(amsterdam)))
    with transaction():
        kept = logins.take_login("state", NOW)
    assert kept is not None
    assert kept.expires_at == IN_AN_HOUR
    assert kept.expires_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(inside):
    with pytest.raises(StatementError, match="without a zone"), transaction():
        logins.add_login(make_login(expires_at=datetime(2026, 11, 23)))  # noqa: DTZ001


def test_ids_sort_by_the_moment_they_were_made_at():
    moments = [NOW + timedelta(milliseconds=number) for number in range(20)]
    ids = [database.new_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert {made[14] for made in ids} == {"7"}


def test_a_transaction_that_fails_leaves_nothing(inside):
    def save_and_fail():
        with transaction():
            tenants.save_tenant(make_tenant())
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    with transaction(writes=False):
        assert tenants.tenants() == []


def test_a_later_transaction_reads_what_another_process_wrote(inside):
    with transaction():
        tenants.save_tenant(make_tenant())
    with transaction(writes=False):
        before = tenants.load_tenant("voorbeeldstad")
    other = xapi.engine.make_engine(database.engine().url.render_as_string(hide_password=False))
    with xapi.engine.writing(other) as connection:
        connection.execute(text("UPDATE tenant SET name = 'Anders'"))
    other.dispose()
    with transaction(writes=False):
        assert (before.name, tenants.load_tenant("voorbeeldstad").name) == ("Gemeente Voorbeeldstad", "Anders")


def test_a_reachable_database_is_healthy(inside):
    assert database.answers()


def test_a_database_that_cannot_be_reached_is_not_healthy_and_may_come_back(tmp_path):
    with opened(f"sqlite:///{tmp_path / 'not-yet' / 'there.sqlite3'}"):
        assert not database.answers()
        with pytest.raises(DatabaseBusy), transaction():
            tenants.tenants()
        (tmp_path / "not-yet").mkdir()
        assert database.answers()


def test_a_fault_of_our_own_is_not_called_busy(sqlite_database):
    with opened(sqlite_database), pytest.raises(OperationalError, match="no such table"), transaction():
        tenants.tenants()


@pytest.mark.postgresql
def test_a_connection_that_is_lost_half_way_is_told_as_busy_and_the_next_one_works(postgresql_database):
    SCHEMA.upgrade(postgresql_database)
    other = xapi.engine.make_engine(postgresql_database)

    def lose_the_connection():
        with transaction():
            number = db.session.scalar(text("SELECT pg_backend_pid()"))
            with other.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
            tenants.tenants()

    with opened(postgresql_database):
        with pytest.raises(DatabaseBusy):
            lose_the_connection()
        assert database.answers()
    other.dispose()


def test_every_query_can_be_watched(sqlite_database):
    SCHEMA.upgrade(sqlite_database)
    seen = []
    with opened(sqlite_database):
        database.watch_queries(lambda: seen.append(1))
        with transaction(writes=False):
            tenants.tenants()
    assert seen


@contextmanager
def locked_sqlite(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process writes; our own patience is over at once."""
    monkeypatch.setattr(xapi.engine, "BUSY_TIMEOUT_MS", 0)
    other = create_engine(url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.rollback()
    other.dispose()


def test_a_locked_database_is_told_as_busy_and_nothing_is_changed(sqlite_database, monkeypatch):
    SCHEMA.upgrade(sqlite_database)
    with locked_sqlite(sqlite_database, monkeypatch), opened(sqlite_database):
        with pytest.raises(DatabaseBusy), transaction():
            tenants.save_tenant(make_tenant())
        with transaction(writes=False):
            assert tenants.tenants() == []


def test_reading_goes_on_while_another_process_writes(sqlite_database, monkeypatch):
    SCHEMA.upgrade(sqlite_database)
    with locked_sqlite(sqlite_database, monkeypatch), opened(sqlite_database):
        assert database.answers()


def test_a_worker_that_meets_a_locked_database_is_told_so(sqlite_database, monkeypatch):
    SCHEMA.upgrade(sqlite_database)
    with opened(sqlite_database), transaction():
        put_something_in_the_outbox()
    with locked_sqlite(sqlite_database, monkeypatch), opened(sqlite_database):
        secrets = {"write_operator": "a-secret-of-16-characters"}
        worker = Deliver(LrsAccess("http://127.0.0.1:9/xapi", secrets), None)
        with pytest.raises(DatabaseBusy):
            worker.everything_due(datetime.now(UTC))


def put_something_in_the_outbox():
    put(
        database.connection(),
        tenant_id="voorbeeldstad",
        kind="statement",
        stream="operator",
        endpoint="voorbeeldstad/operator",
        message_id="1",
        body="{}",
        pseudonym=None,
        due_at=datetime(2025, 1, 6, tzinfo=UTC),
        now=datetime(2025, 1, 6, tzinfo=UTC),
    )


@pytest.mark.postgresql
def test_a_row_that_stays_locked_is_told_as_busy(postgresql_database):
    SCHEMA.upgrade(postgresql_database)

    def change_impatiently():
        with transaction():
            db.session.execute(text("SET LOCAL lock_timeout = '1ms'"))
            tenants.load_tenant("voorbeeldstad", for_update=True)

    with opened(postgresql_database):
        with transaction():
            tenants.save_tenant(make_tenant())
        other = xapi.engine.make_engine(postgresql_database)
        with Session(other) as session:
            session.execute(text("SELECT * FROM tenant FOR UPDATE"))
            with pytest.raises(DatabaseBusy):
                change_impatiently()
        other.dispose()
