"""The commands behind `make demo`: what they say, and with which code they end."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from lti_tool.demo import __main__ as command
from lti_tool.demo import check as check_module
from lti_tool.demo import run as run_module
from lti_tool.demo import stage as stage_module
from lti_tool.demo.interruption import AskedToStop, Interruption
from lti_tool.demo.processes import CommandFailed, Programs, ProgramStopped
from lti_tool.demo.run import run
from lti_tool.demo.stage import Stage
from lti_tool.demo_portal import __main__ as portal_command

Words = pytest.CaptureFixture[str]


class FakeStage:
    """Runs nothing; says what was asked of it."""

    portal_url, tool_url, lrs_url = "http://127.0.0.1:1", "http://localhost:2", "http://127.0.0.1:3/xapi"
    tool_start_seconds = 1.0

    def __init__(self, ends_with: Exception) -> None:
        self.people: list[int] = []
        self._ends_with = ends_with
        self.programs = SimpleNamespace(watch=self._end)

    def __enter__(self) -> FakeStage:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def let_people_take_part(self, count: int) -> int:
        self.people.append(count)
        return 480

    def csv_address(self) -> str:
        return "http://localhost:2/figures/secret.csv"

    def operator_password(self) -> str:
        return "operator-password"

    def lrs_credentials(self, stream: str) -> tuple[str, str]:
        return f"name-{stream}", "group-password"

    def _end(self) -> None:
        raise self._ends_with


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], FakeStage]:
    """Puts a fake stage in place, which ends with the given error."""

    def put(ends_with: Exception) -> FakeStage:
        stage = FakeStage(ends_with)
        for module in (run_module, check_module):
            monkeypatch.setattr(module, "Stage", lambda **_: stage)
        return stage

    return put


def test_the_demo_says_where_to_look_and_ends_well(
    staged: Callable[[Exception], FakeStage], capsys: Words
) -> None:
    stage = staged(AskedToStop())
    assert run(24) == 0
    said = capsys.readouterr().out
    assert stage.people == [24]
    for part in ("480 questions", stage.portal_url, "secret.csv", "name-group", "operator-password"):
        assert part in said
    assert said.endswith("Everything has stopped.\n")


def test_without_people_nobody_takes_part(staged: Callable[[Exception], FakeStage], capsys: Words) -> None:
    stage = staged(AskedToStop())
    assert run(0) == 0
    assert stage.people == []
    assert "take part now" not in capsys.readouterr().out


def test_trouble_is_told_in_words(staged: Callable[[Exception], FakeStage], capsys: Words) -> None:
    trouble = ProgramStopped("worker ended with 1")
    trouble.add_note("last words")
    staged(trouble)
    assert run(0) == 1
    said = capsys.readouterr().out
    assert "The demo stopped. ProgramStopped: worker ended with 1\nlast words" in said


def test_the_command_chooses_between_running_and_checking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "run", lambda people: people)
    monkeypatch.setattr(command, "check", lambda: -1)
    assert command.main([]) == 24
    assert command.main(["--people", "0"]) == 0
    assert command.main(["--check"]) == -1
    with pytest.raises(SystemExit):
        command.main(["--people", "25"])


def test_a_check_that_cannot_walk_ends_with_1_and_says_why(
    staged: Callable[[Exception], FakeStage],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: Words,
) -> None:
    staged(AskedToStop())

    def cannot(*_: object) -> None:
        raise CommandFailed("migrate ended with 2")

    monkeypatch.setattr(check_module, "Walk", cannot)
    assert check_module.check(tmp_path / "proof.json") == 1
    assert "NOT  the walk came to its end (saw: CommandFailed: migrate ended with 2)" in capsys.readouterr().out
    assert json.loads((tmp_path / "proof.json").read_text("utf-8"))["missing"] == ["the walk came to its end"]


def test_a_check_that_is_interrupted_is_not_a_success(
    staged: Callable[[Exception], FakeStage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    staged(AskedToStop())

    def interrupted(*_: object) -> None:
        raise AskedToStop

    monkeypatch.setattr(check_module, "Walk", interrupted)
    assert check_module.check(tmp_path / "proof.json") == 1
    assert not (tmp_path / "proof.json").exists()


def test_a_stage_that_cannot_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: Programs, *_: str) -> str:
        raise CommandFailed("migrate ended with 2")

    monkeypatch.setattr(Programs, "command", fails)
    stage = Stage(usual_ports=False, interruption=Interruption())
    with pytest.raises(CommandFailed), stage:
        pass
    assert not stage.folder.exists()
    stage.programs.check()


def test_a_broken_connection_is_told_as_the_program_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module.Stage, "_start", lambda stage: None)
    stage = Stage(usual_ports=False, interruption=Interruption())

    def break_down() -> None:
        with stage:
            stage.programs.start("tool", ("-c", "raise SystemExit('disk full')")).process.wait()
            raise requests.ConnectionError("refused")

    with pytest.raises(ProgramStopped, match=r"tool ended with 1:\ndisk full"):
        break_down()
    assert not stage.folder.exists()


def test_the_portal_serves_until_it_is_asked_to_leave(monkeypatch: pytest.MonkeyPatch, capsys: Words) -> None:
    closed = []

    class Server:
        def serve_forever(self) -> None:
            signal.raise_signal(signal.SIGTERM)

        def server_close(self) -> None:
            closed.append(True)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(portal_command, "make_server", lambda *_, **__: Server())
    portal_command.main(["--port", "8600", "--tool-url", "http://localhost:8601"])
    signal.signal(signal.SIGTERM, before)
    assert closed == [True]
    assert capsys.readouterr().out == "Leerportaal: http://127.0.0.1:8600\n"
    assert portal_command.QuietRequests.log_request(object()) is None  # type: ignore[arg-type]
