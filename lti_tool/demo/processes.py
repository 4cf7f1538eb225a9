"""Other programs in process groups of their own: started, watched, and all stopped whatever happens."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import requests

from lti_tool.demo.own_http import get

STOP_SECONDS = 8.0
"""How long a program may take to leave after SIGTERM, before SIGKILL."""
HEALTH_SECONDS = 40.0
COMMAND_SECONDS = 120.0
POLL_SECONDS = 0.05
LOG_LINES = 15


class ProgramStopped(Exception):
    """A program that must run has ended by itself; says which, and the last lines of its log."""


class CommandFailed(Exception):
    """A command did not succeed; says which, and what it printed."""


class NotHealthy(Exception):
    """A program did not answer in time."""


@dataclass
class Program:
    """A running program, the head of its own process group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def group_lives(self) -> bool:
        """Whether any process of the group is still there."""
        self.process.poll()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Programs:
    """A set of programs that live and stop together.

    `held` gives a context in which nothing interrupts: a program is either not started or on the list.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        held: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._held = held
        self._running: list[Program] = []
        self._numbers = itertools.count(1)

    def start(self, name: str, arguments: Sequence[str]) -> Program:
        """Start a Python program (`arguments` after the interpreter) with its output in a log file."""
        log = self._folder / f"{name}.log"
        with log.open("ab") as out, self._held():
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            program = Program(name, process, log)
            self._running.append(program)
        return program

    def command(self, *arguments: str) -> str:
        """Run a Python program to its end and return what it printed.

        Raises:
            CommandFailed: another exit code than 0.
        """
        # A name of its own, so that what an earlier command printed is not in the same log.
        program = self.start(f"command-{next(self._numbers)}", arguments)
        try:
            code = program.process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            self._stop([program])
            self._running.remove(program)
        printed = program.log.read_text("utf-8", "replace")
        if code != 0:
            raise CommandFailed(f"{' '.join(arguments)} ended with {code}:\n{printed}")
        return printed

    def wait_for(self, program: Program, url: str) -> float:
        """Wait until the program answers 200 at this address; returns the seconds that took.

        Raises:
            ProgramStopped: it ended instead.
            NotHealthy: it did not answer in time.
        """
        began = time.perf_counter()
        while time.perf_counter() - began < HEALTH_SECONDS:
            self.check()
            if answers(url):
                return time.perf_counter() - began
            time.sleep(POLL_SECONDS)
        raise NotHealthy(f"{program.name} does not answer:\n{tail(program.log)}")

    def check(self) -> None:
        """Raises ProgramStopped when one of the programs has ended."""
        for program in self._running:
            code = program.process.poll()
            if code is not None:
                raise ProgramStopped(f"{program.name} ended with {code}:\n{tail(program.log)}")

    def last_words(self, name: str) -> str:
        """The last lines of a program's log; empty when there is no such program."""
        return next((tail(program.log) for program in self._running if program.name == name), "")

    def watch(self, waits: Callable[[float], None] = time.sleep) -> None:
        """Stay until one of the programs ends by itself.

        Raises:
            ProgramStopped: always, in the end.
        """
        while True:
            self.check()
            waits(0.5)

    def stop(self) -> None:
        """Stop all process groups; nothing of them is left afterwards."""
        with self._held():
            self._stop(self._running)
            self._running = []

    def _stop(self, programs: Sequence[Program]) -> None:
        for program in reversed(programs):
            program.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(p.group_lives() for p in programs):
            time.sleep(POLL_SECONDS)
        for program in programs:
            program.signal_group(signal.SIGKILL)
            program.process.wait()


def answers(url: str) -> bool:
    """Whether this address of our own gives 200."""
    try:
        return get(url).status_code == 200
    except requests.RequestException:
        return False


def free_port(wanted: int | None = None) -> int:
    """The wanted port when nobody listens there, else one that the system picks."""
    for port in [wanted, 0] if wanted else [0]:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return int(listener.getsockname()[1])
    raise OSError("no free port")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:])
