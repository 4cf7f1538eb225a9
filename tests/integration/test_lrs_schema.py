"""The built-in LRS makes its schema itself, beside that of the tool."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, inspect, text

from xapi import lrs_server
from xapi.engine import make_engine, writing
from xapi.lrs_server.schema import SCHEMA
from xapi.migrating import Schema


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
    assert SCHEMA.is_behind(engine)
    engine.dispose()


def test_the_first_migration_can_be_undone(database_url: str) -> None:
    from alembic import command

    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    with writing(engine) as connection:
        command.downgrade(SCHEMA.config(connection), "base")
    assert not [name for name in inspect(engine).get_table_names() if name != "lrs_alembic_version"]
    engine.dispose()


def test_the_next_migration_is_written_from_what_the_tables_have_more(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(Path(lrs_server.__file__).parent / "migrations", folder)
    more = MetaData()
    Table("lrs_more", more, Column("id", Integer, primary_key=True))
    schema = Schema(
        folder, (*SCHEMA.metadata, more), version_table="lrs_version", owns=lambda table: "lrs" in table
    )
    engine = make_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("create table somebody_elses (id integer)"))
        schema.add_migration(connection, "0002", "more")
    assert schema.is_behind(engine)
    (written,) = (folder / "versions").glob("0002*.py")
    assert "lrs_more" in written.read_text()
    assert "somebody_elses" not in written.read_text()
    schema.upgrade(database_url)
    assert schema.differences(engine) == []
    assert not schema.is_behind(engine)
    engine.dispose()
