"""The built-in LRS makes its schema itself, beside that of the tool."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import inspect

from xapi.engine import make_engine, writing
from xapi.lrs_server.schema import SCHEMA


def test_the_migrated_schema_is_the_one_that_the_code_expects(database_url: str) -> None:
    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    assert SCHEMA.differences(engine) == []
    engine.dispose()


def test_two_processes_may_upgrade_at_once_and_again(database_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(SCHEMA.upgrade, [database_url] * 4))
    SCHEMA.upgrade(database_url)


def test_a_database_without_the_tables_is_told_apart(sqlite_database: str) -> None:
    engine = make_engine(sqlite_database)
    assert SCHEMA.differences(engine) != []
    engine.dispose()


def test_the_first_migration_can_be_undone(database_url: str) -> None:
    from alembic import command

    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    with writing(engine) as connection:
        command.downgrade(SCHEMA.config(connection), "base")
    assert not [name for name in inspect(engine).get_table_names() if name != "lrs_alembic_version"]
    engine.dispose()
