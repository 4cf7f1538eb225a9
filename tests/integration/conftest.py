"""A migrated database of the tool for each test, and the built-in LRS: on SQLite and PostgreSQL in turn."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from lti_tool.storage.database import db
from lti_tool.storage.schema import SCHEMA
from tests.integration.lrs_fixtures import Anybody, Caller, Lrs, running_lrs
from xapi.engine import writing


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kept_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A migrated database, opened as the tool opens it, without doors."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('journeys') / 'tool.sqlite3'}"
    else:
        server_url: str = request.getfixturevalue("postgresql_url")
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute("CREATE DATABASE journeys")
            # Tests need no durability, and waiting for a disk is most of what they would do.
            server.execute("ALTER DATABASE journeys SET synchronous_commit = off")
        url = make_url(server_url).set(database="journeys").render_as_string(hide_password=False)
    SCHEMA.upgrade(url)
    app = Flask("journeys")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(kept_app: Flask) -> Iterator[Flask]:
    """The same with an empty database for each test: SQLAlchemy need not compile every query anew."""
    yield kept_app
    with kept_app.app_context(), writing(db.engine) as connection:
        for table in (table for metadata in SCHEMA.metadata for table in reversed(metadata.sorted_tables)):
            connection.execute(table.delete())


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """The same, with one application context for the whole test."""
    with app.app_context():
        yield app


@pytest.fixture
def lrs(database_url: str) -> Iterator[Lrs]:
    with running_lrs(database_url, Anybody()) as found:
        yield found


@pytest.fixture
def me(lrs: Lrs) -> Caller:
    return lrs.anybody()


@pytest.fixture
def caller(sqlite_database: str) -> Iterator[Caller]:
    """For what never reaches the database: one kind of database is enough."""
    with running_lrs(sqlite_database, Anybody()) as found:
        yield found.anybody()
