"""The built-in LRS makes its schema itself, beside that of the tool."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Column, Engine, Integer, MetaData, Table, bindparam, inspect, text

from tests.xapi_examples import a_statement
from xapi import lrs_server
from xapi.credentials import Access
from xapi.engine import Instant, make_engine, writing
from xapi.formats import find_instant
from xapi.lrs_server import keys, store
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


def test_the_migrations_can_be_undone_while_it_is_empty(database_url: str) -> None:
    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    with writing(engine) as connection:
        command.downgrade(SCHEMA.config(connection), "base")
    assert not [name for name in inspect(engine).get_table_names() if name != "lrs_alembic_version"]
    engine.dispose()


def before_keys(database_url: str) -> Engine:
    """A database as it was at the first migration."""
    engine = make_engine(database_url)
    with writing(engine) as connection:
        command.upgrade(SCHEMA.config(connection), "0001")
    return engine


def test_statements_of_before_are_found_under_their_keys(database_url: str) -> None:
    engine = before_keys(database_url)
    said = a_statement(stored="2026-11-23T10:00:00.123456Z")
    stored = find_instant(said["stored"])
    assert stored is not None
    row = {"id": said["id"], "body": json.dumps(said), "stored": stored}
    kept = text(
        "insert into lrs_statement (owner, stream, statement_id, stored, body)"
        " values ('x', 'operator', :id, :stored, :body)"
    ).bindparams(bindparam("stored", type_=Instant()))
    key = text("insert into lrs_found_by (seq, kind, value) values (1, :kind, :value)")
    with writing(engine) as connection:
        connection.execute(kept, row)
        for kind in ("verb", "any_activity"):
            value = said["verb"]["id"] if kind == "verb" else said["object"]["id"]
            connection.execute(key, {"kind": kind, "value": hashlib.sha256(value.encode()).hexdigest()})
    SCHEMA.upgrade(database_url)
    assert SCHEMA.differences(engine) == []
    access = Access("x", "read", "operator")
    both = (keys.key("verb", said["verb"]["id"]), keys.key("any_activity", said["object"]["id"]))
    for query in (store.Query(), store.Query(both, since=stored - store.MICROSECOND, until=stored)):
        assert [json.loads(body) for body in store.find(engine, access, query).bodies] == [said]
    assert store.find(engine, access, store.Query(both, since=stored)).bodies == ()
    with pytest.raises(RuntimeError, match="restore a backup"), writing(engine) as connection:
        command.downgrade(SCHEMA.config(connection), "0001")
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
        schema.add_migration(connection, "0003", "more")
    assert schema.is_behind(engine)
    (written,) = (folder / "versions").glob("0003*.py")
    assert "lrs_more" in written.read_text()
    assert "somebody_elses" not in written.read_text()
    schema.upgrade(database_url)
    assert schema.differences(engine) == []
    assert not schema.is_behind(engine)
    engine.dispose()
