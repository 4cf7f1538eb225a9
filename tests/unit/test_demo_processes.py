"""Programs in process groups: all stop together, with their children, whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.demo import processes
from lti_tool.demo.processes import CommandFailed, NotHealthy, Programs, ProgramStopped, free_port

SLEEPS = ("-c", "import time; print('up', flush=True); time.sleep(60)")
STUBBORN = (
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
)
PARENT = (
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
)
SERVES = ("-m", "http.server", "--bind", "127.0.0.1")


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path, os.environ)
    yield made
    made.stop()


def wait_for_words(log: Path) -> str:
    deadline = time.monotonic() + 10
    while not log.read_text("utf-8").strip() and time.monotonic() < deadline:
        time.sleep(0.02)
    return log.read_text("utf-8").strip()


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_stopping_leaves_no_child_of_a_program_behind(programs: Programs) -> None:
    program = programs.start("parent", PARENT)
    child = int(wait_for_words(program.log))
    assert lives(child)
    programs.stop()
    assert not lives(child)
    assert not program.group_lives()


def test_a_program_that_does_not_listen_is_stopped_anyway(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    program = programs.start("stubborn", STUBBORN)
    wait_for_words(program.log)
    programs.stop()
    assert program.process.returncode == -signal.SIGKILL


def test_a_program_that_ends_by_itself_is_noticed_with_its_last_words(programs: Programs) -> None:
    other = programs.start("other", SLEEPS)
    programs.start("broken", ("-c", "raise SystemExit('no database')"))
    with pytest.raises(ProgramStopped, match=r"broken ended with 1:\nno database"):
        programs.watch()
    programs.stop()
    assert not other.group_lives()


def test_a_command_gives_what_it_printed_or_fails_with_it(programs: Programs) -> None:
    assert programs.command("-c", "print('made')") == "made\n"
    with pytest.raises(CommandFailed, match=r"(?s)ended with 3.*why"):
        programs.command("-c", "print('why'); raise SystemExit(3)")
    programs.check()


def test_a_command_without_end_is_stopped(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "COMMAND_SECONDS", 0.3)
    with pytest.raises(CommandFailed, match="ended with -1"):
        programs.command(*SLEEPS)


def test_waiting_ends_when_the_program_answers(programs: Programs) -> None:
    port = free_port()
    program = programs.start("server", (*SERVES, str(port)))
    assert 0 < programs.wait_for(program, f"http://127.0.0.1:{port}/") < 30


def test_waiting_ends_when_it_takes_too_long(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "HEALTH_SECONDS", 0.3)
    program = programs.start("silent", SLEEPS)
    with pytest.raises(NotHealthy, match="silent does not answer"):
        programs.wait_for(program, f"http://127.0.0.1:{free_port()}/")


def test_a_port_that_is_taken_gives_way_to_another() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert free_port(taken) != taken
    free = free_port()
    assert free_port(free) == free


def test_a_program_gets_no_keyboard_and_its_own_group(programs: Programs) -> None:
    code = "import os, sys; print(os.getpgrp() == os.getpid(), repr(sys.stdin.read()))"
    assert programs.command("-c", code) == "True ''\n"
