"""Tool, LRS and worker as processes that can be stopped and killed, and a database that another one holds."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from lti_tool.demo.processes import Program, Programs
from tests.functional.installation import Installation


class Processes:
    """Tool, LRS and worker as processes of their own, started by the command line as in production."""

    ARGUMENTS: Mapping[str, tuple[str, ...]] = {
        "tool": ("serve", "--port", "{tool}"),
        "lrs": ("lrs", "serve", "--port", "{lrs}"),
        "worker": ("worker",),
    }

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._environment = {**os.environ, **house.where.environment, "PYTHONUNBUFFERED": "1"}
        self._running: dict[str, tuple[Programs, Program]] = {}

    def start(self, *names: str) -> None:
        """Start these, and wait until those that serve something do."""
        ports = {name: str(port) for name, port in self._house.where.ports.items()}
        for name in names:
            arguments = [part.format(**ports) for part in self.ARGUMENTS[name]]
            programs = Programs(self._house.where.folder, self._environment)
            self._running[name] = (programs, programs.start(name, ("-m", "lti_tool.cli", *arguments)))
        addresses = {"tool": f"{self._house.where.tool_url}/health", "lrs": f"{self._house.where.lrs_url}/about"}
        for name in names:
            programs, program = self._running[name]
            if name in addresses:
                programs.wait_for(program, addresses[name])

    def kill(self, name: str) -> None:
        """SIGKILL for the program and everything that it started: no time for last words."""
        _, program = self._running.pop(name)
        program.signal_group(signal.SIGKILL)
        program.process.wait()

    def end(self, name: str) -> Program:
        """SIGTERM; the program, which is on its way out."""
        _, program = self._running.pop(name)
        program.process.terminate()
        return program

    def lives(self, name: str) -> bool:
        return self._running[name][1].process.poll() is None

    def log(self, name: str) -> str:
        return (self._house.where.folder / f"{name}.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        for programs, _ in self._running.values():
            programs.stop()
        self._running.clear()


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another program is writing in this SQLite database, inside the block."""
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def wait_until(looks: Callable[[], object], seconds: float = 90.0) -> None:
    """Wait until this is true, longer than the lease of a worker that died; then an assertion fails."""
    deadline = time.monotonic() + seconds
    while not looks():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)
