"""Workers and writers as real processes that are killed and begun anew.

They are forked from one process that has imported the command already: a kill is a kill, and a start costs the
start of the tool, not of Python.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["lti_tool.cli", "benchmarks.faults.writer"])


class Forked:
    """A function in a process of its own, with its output in a log; begun anew after each kill.

    Args:
        run: a name in this module.
    """

    def __init__(self, run: str, environment: Mapping[str, str], log: Path, **arguments: Any) -> None:
        self._run = run
        self._environment = dict(environment)
        self._arguments = arguments
        self.log = log
        self._process: ForkServerProcess | None = None

    def start(self, **more: Any) -> None:
        given = (self._run, self._environment, str(self.log), {**self._arguments, **more})
        process = _forked.Process(target=_become, args=given)
        process.start()
        self._process = process

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    @property
    def ended_by_itself(self) -> bool:
        return self._process is not None and not self._process.is_alive()


class Served:
    """A Python program that serves; killed and stopped with all that it started."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._arguments = [sys.executable, *arguments]
        self._environment = {**os.environ, **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._arguments, env=self._environment, stdout=out, stderr=out, start_new_session=True
            )

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    @property
    def ended_by_itself(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def _become(run: str, environment: Mapping[str, str], log: str, arguments: Mapping[str, Any]) -> None:
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    _RUNS[run](**arguments)


def _worker(lease_seconds: float | None) -> None:
    """`digivaardig worker`; with a lease of another length: the same work."""
    if lease_seconds is None:
        from lti_tool.cli import main

        sys.argv = ["digivaardig", "worker"]
        main()
        return
    from lti_tool.app import create_app
    from lti_tool.settings import load_settings
    from lti_tool.storage.database import DatabaseBusy

    try:
        app = create_app(load_settings(), lease_seconds=lease_seconds)
    except DatabaseBusy as err:
        sys.exit(f"DatabaseBusy: {err}")
    with app.app_context():
        app.extensions["commands"].work.run(once=False)


def _writer(**arguments: Any) -> None:
    from benchmarks.faults.writer import write

    arguments["ledger_file"] = Path(arguments["ledger_file"])
    write(**arguments)


_RUNS = {"worker": _worker, "writer": _writer}
