"""One LRS for a whole module, on each database in turn: tests tell their statements apart by ids and verbs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from tests.integration.lrs_fixtures import Anybody, Caller, running_lrs


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def me(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('lrs') / 'lrs.sqlite3'}"
    else:
        server_url: str = request.getfixturevalue("postgresql_url")
        name = f"lrs_conformance_{os.getpid()}"
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name}")
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with running_lrs(url, Anybody()) as lrs:
        yield lrs.anybody()
