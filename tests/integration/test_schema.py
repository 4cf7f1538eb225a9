"""The schema is made by the migrations alone, and keeps nothing that it must not keep."""

from __future__ import annotations

from alembic import command
from sqlalchemy import inspect, text

import xapi.engine
from lti_tool.storage import database, tenants
from lti_tool.storage.database import transaction
from lti_tool.storage.schema import SCHEMA
from tests.factories import make_tenant
from tests.integration.storage_examples import opened


def test_the_migrations_make_exactly_the_tables_of_the_models(inside):
    assert SCHEMA.differences(database.engine()) == []


def test_migrating_again_changes_nothing(inside):
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


def test_a_campaign_with_people_in_it_gets_the_column_for_a_calibration_and_loses_nobody(database_url):
    SCHEMA.upgrade(database_url)
    with opened(database_url):
        with xapi.engine.writing(database.engine()) as connection:
            command.downgrade(SCHEMA.config(connection), "0001")
            for row in OF_THE_FIRST_SCHEMA:
                connection.execute(text(row))
            command.upgrade(SCHEMA.config(connection), "head")
        with database.engine().connect() as connection:
            assert connection.execute(text("select calibration_id, goal from campaign")).all() == [(None, "g")]
            assert connection.execute(text("select count(*) from participation")).scalar() == 1


OF_THE_FIRST_SCHEMA = (
    "insert into tenant values ('t', 't', '{}')",
    "insert into portal values ('t', 'p', 'p', 'i', 'c', 'a', 't', 'j', '[]', true, null, null)",
    "insert into learner values ('t', 'l', 'p', 's')",
    "insert into campaign values ('t', 'c', 'c', 'g', 'individual', 'vrijwillig', '', '2026-01-01', '2026-12-31',"
    " null, null)",
    "insert into participation values ('t', 'x', 'c', 'l', false, '', null, 'nl', '2026-01-01', null, null, null,"
    " null)",
)


def test_the_municipality_is_the_first_column_of_every_key_of_its_rows(inside):
    found = inspect(database.engine())
    own_to_the_installation = {"alembic_version", "tenant", "tool_key", "login", "web_session", "operator"}
    own_to_the_installation |= {"calibration", "content_release", "content_medium"}
    numbered = {"audit", "outbox", "outbox_lease"}
    for table in set(found.get_table_names()) - own_to_the_installation - numbered:
        assert found.get_pk_constraint(table)["constrained_columns"][0] == "tenant_id", table


def test_no_table_keeps_how_long_something_took(inside):
    found = inspect(database.engine())
    for table in found.get_table_names():
        for column in found.get_columns(table):
            assert not any(word in column["name"] for word in ("duration", "seconds", "elapsed", "latency"))


def test_an_answer_has_no_moment(inside):
    columns = {column["name"] for column in inspect(database.engine()).get_columns("answer")}
    assert not {name for name in columns if name.endswith("_at")}
