"""The rows on real databases: the schema, moments, one-time records, busy databases, and their errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

import xapi.engine
from lti_tool.domain.errors import (
    CampaignUnknown,
    FiguresUnknown,
    ItemAlreadyAnswered,
    ParticipationGone,
    PseudonymGone,
    TenantUnknown,
)
from lti_tool.domain.people import GivenAnswer, Identity
from lti_tool.storage import (
    attempts,
    audit,
    database,
    logins,
    participations,
    portals,
    snapshots,
    tenants,
    tool_keys,
    web_sessions,
)
from lti_tool.storage.database import DatabaseBusy, db, transaction
from lti_tool.storage.schema import SCHEMA
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import AuditRow, LoginRow, ParticipationKeyRow
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.lrs_access import LrsAccess
from tests.factories import NOW, make_campaign, make_participation, make_tenant
from tests.integration.journeys.town import at_the_same_moment
from xapi.outbox_write import put

IN_AN_HOUR = NOW + timedelta(hours=1)
SEAL = Seal((Fernet.generate_key(),))
IDENTITY = Identity("q" * 32, "0b9a7c0e-32a5-4a7c-8f1a-0d8f3f6f2a10")


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """A migrated, empty database with one application context for the whole test."""
    with app.app_context():
        yield app


@contextmanager
def opened(url: str) -> Iterator[Flask]:
    """A database of its own, opened as the tool opens it."""
    app = Flask("storage")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def learner(app) -> str:
    """A learner of Voorbeeldstad, with all that must be there before."""
    with transaction():
        tenants.save_tenant(make_tenant())
        db.session.flush()
        tenants.save_campaign(make_campaign())
        portals.save_portal(make_portal())
        db.session.flush()
        return participations.find_or_add_learner("voorbeeldstad", "leerportaal", "a", NOW)


@pytest.fixture
def where(learner):
    """Somebody who takes part."""
    participation = make_participation(learner_id=learner)
    with transaction():
        participations.add_participation(participation, IDENTITY, SEAL)
    return participation.where


def make_portal(**changes):
    issuer = "https://leren.voorbeeldstad.example"
    values = {
        "tenant_id": "voorbeeldstad",
        "id": "leerportaal",
        "name": "Leerportaal",
        "issuer": issuer,
        "client_id": "client",
        "auth_login_url": f"{issuer}/auth",
        "token_url": f"{issuer}/token",
        "jwks_url": f"{issuer}/jwks",
        "deployment_ids": frozenset({"1"}),
    }
    return portals.Portal(**{**values, **changes})


def make_login(**changes):
    values = {
        "state": "state",
        "nonce": "nonce",
        "tenant_id": "voorbeeldstad",
        "portal_id": "leerportaal",
        "issuer": "https://leren.voorbeeldstad.example",
        "client_id": "client",
        "target_link_uri": "https://digivaardig.example/lti/launch",
        "browser_proof_hash": "0" * 64,
        "expires_at": IN_AN_HOUR,
    }
    return logins.LoginRecord(**{**values, **changes})


def in_the_app(app, act):
    """The same act in an application context of its own, for another thread."""

    def run():
        with app.app_context(), transaction():
            return act()

    return run


# The schema.


def test_the_migrations_make_exactly_the_tables_of_the_models(app):
    assert SCHEMA.differences(database.engine()) == []


def test_migrating_again_changes_nothing(app):
    with transaction():
        tenants.save_tenant(make_tenant())
    SCHEMA.upgrade(database.engine().url.render_as_string(hide_password=False))
    with transaction(writes=False):
        assert tenants.load_tenant("voorbeeldstad") == make_tenant()


def test_a_difference_between_models_and_migrations_is_found(database_url):
    SCHEMA.upgrade(database_url)
    with opened(database_url):
        with database.engine().begin() as connection:
            connection.execute(text("ALTER TABLE answer ADD COLUMN seconds_taken INTEGER"))
            connection.execute(text("CREATE TABLE lrs_statement_of_another_tree (id INTEGER)"))
        (difference,) = SCHEMA.differences(database.engine())
    assert "remove_column" in str(difference)
    assert "seconds_taken" in str(difference)


def test_the_first_migration_can_be_undone(database_url):
    SCHEMA.upgrade(database_url)
    with opened(database_url):
        with xapi.engine.writing(database.engine()) as connection:
            command.downgrade(SCHEMA.config(connection), "base")
        assert inspect(database.engine()).get_table_names() == ["alembic_version"]


def test_the_municipality_is_the_first_column_of_every_key_of_its_rows(app):
    found = inspect(database.engine())
    own_to_the_installation = {"alembic_version", "tenant", "tool_key", "login", "web_session", "operator"}
    numbered = {"audit", "outbox", "outbox_lease"}
    for table in set(found.get_table_names()) - own_to_the_installation - numbered:
        assert found.get_pk_constraint(table)["constrained_columns"][0] == "tenant_id", table


def test_no_table_keeps_how_long_something_took(app):
    found = inspect(database.engine())
    for table in found.get_table_names():
        for column in found.get_columns(table):
            assert not any(word in column["name"] for word in ("duration", "seconds", "elapsed", "latency"))


def test_an_answer_has_no_moment(app):
    columns = {column["name"] for column in inspect(database.engine()).get_columns("answer")}
    assert not {name for name in columns if name.endswith("_at")}


# Moments.


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(app):
    amsterdam = timezone(timedelta(hours=1))
    with transaction():
        logins.add_login(make_login(expires_at=IN_AN_HOUR.astimezone(amsterdam)))
    with transaction():
        kept = logins.take_login("state", NOW)
    assert kept is not None
    assert kept.expires_at == IN_AN_HOUR
    assert kept.expires_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(app):
    with pytest.raises(StatementError, match="without a zone"), transaction():
        logins.add_login(make_login(expires_at=datetime(2026, 11, 23)))  # noqa: DTZ001


def test_ids_sort_by_the_moment_they_were_made_at():
    moments = [NOW + timedelta(milliseconds=number) for number in range(20)]
    ids = [database.new_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert {made[14] for made in ids} == {"7"}


# Transactions.


def test_a_transaction_that_fails_leaves_nothing(app):
    def save_and_fail():
        with transaction():
            tenants.save_tenant(make_tenant())
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    with transaction(writes=False):
        assert tenants.tenants() == []


def test_a_later_transaction_reads_what_another_process_wrote(app):
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


def test_a_reachable_database_is_healthy(app):
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


# A busy database.


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


# One-time records.


def test_a_login_is_taken_once(app):
    with transaction():
        logins.add_login(make_login())
    with transaction():
        assert logins.take_login("state", NOW) == make_login()
        assert logins.take_login("state", NOW) is None
        assert logins.take_login("never-begun", NOW) is None


def test_of_many_who_take_a_login_at_the_same_moment_one_gets_it(app):
    with transaction():
        logins.add_login(make_login())
    taken = at_the_same_moment([in_the_app(app, lambda: logins.take_login("state", NOW))] * 6)
    assert sorted(record is None for record in taken) == [False] + [True] * 5


def test_an_expired_login_is_not_given_and_gone_all_the_same(app):
    with transaction():
        logins.add_login(make_login(expires_at=NOW))
    with transaction():
        assert logins.take_login("state", NOW) is None
    with transaction(writes=False):
        assert db.session.scalars(select(LoginRow)).all() == []


def test_logins_that_nobody_finished_are_forgotten(app):
    with transaction():
        logins.add_login(make_login(state="old", expires_at=NOW))
        logins.add_login(make_login(state="new"))
    with transaction():
        assert logins.forget_expired_logins(NOW) == 1
        assert logins.take_login("new", NOW) is not None


# Sessions.


def test_a_session_is_there_until_it_ends(app):
    web_sessions.save_session("hash", {"staff": False}, IN_AN_HOUR)
    assert web_sessions.load_session("hash", NOW) == {"staff": False}
    assert web_sessions.load_session("hash", IN_AN_HOUR) is None
    assert web_sessions.load_session("another", NOW) is None


def test_a_session_is_replaced_and_deleted(app):
    web_sessions.save_session("hash", {"staff": False}, IN_AN_HOUR)
    web_sessions.save_session("hash", {"staff": True}, IN_AN_HOUR)
    assert web_sessions.load_session("hash", NOW) == {"staff": True}
    web_sessions.delete_session("hash")
    assert web_sessions.load_session("hash", NOW) is None


def test_sessions_past_their_end_are_forgotten(app):
    web_sessions.save_session("old", {}, NOW)
    web_sessions.save_session("new", {}, IN_AN_HOUR)
    with transaction():
        assert web_sessions.forget_expired_sessions(NOW) == 1


# People.


def test_a_pseudonym_is_kept_sealed_and_its_key_apart(where):
    with transaction(writes=False):
        assert participations.load_identity(where, SEAL) == IDENTITY
        stored = db.session.execute(text("SELECT sealed_identity FROM participation")).scalar_one()
    assert IDENTITY.pseudonym.encode() not in bytes(stored)


def test_without_its_key_a_pseudonym_is_gone(where):
    with transaction():
        db.session.delete(db.session.get_one(ParticipationKeyRow, (where.tenant_id, where.participation_id)))
    with transaction(writes=False), pytest.raises(PseudonymGone):
        participations.load_identity(where, SEAL)


def test_a_participation_that_is_not_there_is_found_by_nobody(where, learner):
    other = make_participation(id="p-2").where
    with transaction(writes=False):
        assert participations.find_participation_by_place(other) is None
        assert participations.find_participation_by_place(where) is not None
        assert participations.find_participation("voorbeeldstad", "standaard", learner, preview=True) is None
        with pytest.raises(ParticipationGone):
            participations.load_participation(other)


def test_with_a_participation_goes_all_that_hangs_on_it(where):
    with transaction():
        attempt = attempts.begin_attempt(
            where, number=1, bank_version="b", package_sha256="s", excluded=(), now=NOW
        )
        attempts.add_answer(attempt, make_answer())
        participations.remove_participation(where)
    with transaction(writes=False):
        for table in ("participation", "participation_key", "attempt", "answer"):
            # The names are ours.
            assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608


def make_answer(**changes):
    values = {
        "position": 1,
        "item_id": "VEI-INT-0001",
        "item_version": 1,
        "choice": ("a",),
        "text": "",
        "dont_know": False,
        "right": True,
        "reason": "easy_start",
        "p_success": 0.8,
    }
    return GivenAnswer(**{**values, **changes})


def test_a_position_takes_one_answer(where):
    with transaction():
        attempt = attempts.begin_attempt(
            where, number=1, bank_version="b", package_sha256="s", excluded={"b", "a"}, now=NOW
        )
        attempts.add_answer(attempt, make_answer())
    with pytest.raises(ItemAlreadyAnswered), transaction():
        attempts.add_answer(attempt, make_answer(item_id="VEI-INT-0002"))
    with transaction(writes=False):
        (kept,) = attempts.attempts(where)
        (bare,) = attempts.attempts(where, answers=False)
    assert kept.answers == (make_answer(),)
    assert (bare.answers, kept.excluded) == ((), frozenset({"a", "b"}))


def test_previews_are_in_no_list_for_figures(where, learner):
    preview = make_participation(id="p-2", learner_id=learner, preview=True)
    with transaction():
        participations.add_participation(preview, IDENTITY, SEAL)
        attempt = attempts.begin_attempt(
            preview.where, number=1, bank_version="b", package_sha256="s", excluded=(), now=NOW
        )
        attempts.finish_attempt(attempt, (), "measured", NOW)
    with transaction(writes=False):
        assert [p.id for p in participations.participations("voorbeeldstad", "standaard")] == ["p-1"]
        assert attempts.finished_attempts("voorbeeldstad", "standaard") == {}


# Municipalities, portals, keys, publications.


def test_an_unknown_municipality_or_campaign_says_so(learner):
    with transaction(writes=False):
        with pytest.raises(TenantUnknown):
            tenants.load_tenant("nowhere")
        with pytest.raises(CampaignUnknown):
            tenants.load_campaign("voorbeeldstad", "gone")
        assert tenants.figures_token("voorbeeldstad", "gone") is None
        assert tenants.figures_token("voorbeeldstad", "standaard") is None


def test_a_municipality_comes_back_as_it_was_saved(app):
    bare = make_tenant(id="kaal", teams=(), works_council_consent_on=None, variables=(("a.b", "c"),))
    with transaction():
        tenants.save_tenant(make_tenant())
        tenants.save_tenant(bare)
    with transaction(writes=False):
        assert tenants.tenants() == [bare, make_tenant()]


def test_portals_are_found_by_registration_by_id_and_by_issuer(learner):
    other = make_portal(id="tweede", client_id="client-2", enabled=False)
    with transaction():
        portals.save_portal(other)
    with transaction(writes=False):
        assert portals.find_portal(other.issuer, "client-2") == other
        assert portals.find_portal(other.issuer, "client-3") is None
        assert portals.find_portal_by_id("voorbeeldstad", "tweede") == other
        assert portals.find_portal_by_id("voorbeeldstad", "derde") is None
        assert [portal.id for portal in portals.portals_of_issuer(other.issuer)] == ["leerportaal", "tweede"]
        assert portals.issuers() == [other.issuer]


def test_fetched_keys_of_a_portal_are_kept(learner):
    cached = portals.CachedJwks('{"keys": []}', NOW)
    with transaction():
        assert portals.load_jwks("voorbeeldstad", "leerportaal") is None
        portals.save_jwks("voorbeeldstad", "leerportaal", cached)
        portals.save_jwks("voorbeeldstad", "no-such-portal", cached)
    with transaction(writes=False):
        assert portals.load_jwks("voorbeeldstad", "leerportaal") == cached
        assert portals.load_jwks("voorbeeldstad", "no-such-portal") is None


def test_the_tools_own_keys_come_back_in_order(app):
    second, first = (tool_keys.StoredKey(kid, b"sealed", "active") for kid in ("b", "a"))
    with transaction():
        tool_keys.add_key(second)
        tool_keys.add_key(first)
    with transaction(writes=False):
        assert tool_keys.load_keys() == [first, second]


def test_publications_come_back_oldest_first_with_who_was_in_them(learner):
    ledger = (("participation", "all", frozenset({"p-1", "p-2"})),)
    with transaction():
        for moment in (IN_AN_HOUR, NOW):
            snapshots.add_snapshot("voorbeeldstad", "standaard", "{}", ledger, moment)
    with transaction(writes=False):
        found = snapshots.snapshots("voorbeeldstad", "standaard")
    assert [snapshot.published_at for snapshot in found] == [NOW, IN_AN_HOUR]
    assert found[0].ledger == ledger


def test_what_no_database_can_hold_is_simply_not_found(app):
    with transaction(writes=False):
        assert audit.find_operator_hash("beheer\0") is None
        with pytest.raises(FiguresUnknown):
            tenants.campaign_of_token("token\0")


def test_what_is_written_down_is_cut_to_what_fits(app):
    with transaction():
        audit.write_audit("t" * 80, "w" * 200, "looked", NOW, "d" * 900)
    with transaction(writes=False):
        row = db.session.scalars(select(AuditRow)).one()
        assert (len(row.tenant_id), len(row.who), len(row.detail)) == (64, 100, 500)
