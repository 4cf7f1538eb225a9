"""The demo itself, as people start it: the whole walk, and nothing left running afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.demo.check import check

READY = "Ctrl-C stops everything."
SECONDS = 60.0


def test_every_fact_of_the_check_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof = tmp_path / "proof.json"
    code = check(proof)
    printed = capsys.readouterr().out
    assert code == 0, printed
    kept = json.loads(proof.read_text("utf-8"))
    assert kept["missing"] == []
    figures = {figure["name"]: figure["value"] for figure in kept["figures"]}
    assert figures["individual statements with the group key"] == 0
    assert figures["individual statements in the LRS"] > 0


@pytest.fixture
def demo() -> Iterator[subprocess.Popen[str]]:
    """`make demo PEOPLE=0`, up to the point where it says how to stop."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.demo", "--people", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if READY in line:
                break
        assert READY in "".join(said[-1:]), "".join(said)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
        process.stdout.close()


def descendants(of: int) -> set[int]:
    """The processes below this one, whatever group they are in."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    grown = {of}
    while grown:
        found |= grown
        grown = {pid for pid, parent in parents.items() if parent in found} - found
    return found - {of}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and not _is_dead(pid)}


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_demo_leaves_nothing_running(demo: subprocess.Popen[str], number: int) -> None:
    children = descendants(demo.pid)
    assert len(children) >= 4
    demo.send_signal(number)
    assert demo.wait(SECONDS) == 0
    assert alive(children) == set()


def test_when_one_part_dies_the_others_stop_too(demo: subprocess.Popen[str]) -> None:
    children = descendants(demo.pid)
    portal = next(pid for pid in children if b"demo_portal" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(portal, signal.SIGKILL)
    assert demo.wait(SECONDS) == 1
    assert alive(children) == set()
    assert demo.stdout is not None
    assert "portal ended with -9" in demo.stdout.read()


def test_a_choice_that_does_not_exist_is_refused() -> None:
    command = [sys.executable, "-m", "lti_tool.demo", "--people", "25"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert refused.returncode == 2
    assert "0..24" in refused.stderr
