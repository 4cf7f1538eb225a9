"""`digivaardig lrs pull`, as an operator types it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import cli
from lti_tool.cli.context import Context
from tests.integration.lrs_fixtures import CREDENTIALS, OWNER, running_lrs
from tests.xapi_examples import a_statement

NAME, PASSWORD = CREDENTIALS.make(OWNER, "read_operator")


def run(folder: Path, *words: str, typed: str = "", **environment: str) -> Result:
    wanted = {name: None for name in os.environ if name == "LRS_PASSWORD"}
    return CliRunner(env={**wanted, **environment}).invoke(
        cli, ["lrs", "pull", "--out", str(folder), *words], input=typed, obj=Context()
    )


def test_the_password_comes_from_the_environment_or_is_asked_for(sqlite_database: str, tmp_path: Path) -> None:
    with running_lrs(sqlite_database) as lrs:
        lrs.caller("write_operator").post([a_statement() for _ in range(3)])
        words = ("--endpoint", lrs.url, "--username", NAME)
        first = run(tmp_path / "copy", *words, LRS_PASSWORD=PASSWORD)
        assert first.exit_code == 0, first.output
        assert first.stdout == f"Read 3 statements (everything anew) into {tmp_path / 'copy'}.\n"
        again = run(tmp_path / "copy", *words, typed=f"{PASSWORD}\n")
        assert again.stdout.endswith(f"Read 3 statements (what is new) into {tmp_path / 'copy'}.\n")
        assert PASSWORD not in first.output + again.output
        anew = run(tmp_path / "copy", *words, "--anew", LRS_PASSWORD=PASSWORD)
        assert "(everything anew)" in anew.stdout


def test_who_may_not_read_or_finds_nobody_hears_so(sqlite_database: str, tmp_path: Path) -> None:
    with running_lrs(sqlite_database) as lrs:
        refused = run(tmp_path / "a", "--endpoint", lrs.url, "--username", NAME, LRS_PASSWORD="wrong")
    assert refused.exit_code == 2
    assert "LrsRefused: HTTP 401: the LRS does not let this name and password read" in refused.stderr


def test_an_lrs_that_is_away_is_told_apart_from_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.warehouse.pull.TRIES", 1)
    away = run(tmp_path / "a", "--endpoint", "http://127.0.0.1:9/xapi", "--username", "x", LRS_PASSWORD="y")
    assert away.exit_code == 1
    assert "what was read is kept, run it again to go on" in away.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--username", "x"], "--username goes with --endpoint"),
        (["--endpoint", "https://lrs.example"], "--endpoint needs --username"),
        (["--endpoint", "lrs.example", "--username", "x"], "an address that starts with https://"),
    ],
)
def test_what_was_typed_wrong_is_named(tmp_path: Path, words: list[str], why: str) -> None:
    done = run(tmp_path, *words)
    assert done.exit_code == 2
    assert why in done.stderr


def test_a_folder_with_something_else_and_a_missing_extra_are_named(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_lrs(sqlite_database) as lrs:
        words = ("--endpoint", lrs.url, "--username", NAME)
        other = run(tmp_path, *words, LRS_PASSWORD=PASSWORD)
        monkeypatch.setitem(sys.modules, "duckdb", None)
        missing = run(tmp_path / "copy", *words, LRS_PASSWORD=PASSWORD)
    assert (other.exit_code, missing.exit_code) == (2, 2)
    assert "FolderNotUsable" in other.stderr
    assert "AnalystExtraMissing: duckdb is not installed: pip install 'digivaardig[analyst]'" in missing.stderr
