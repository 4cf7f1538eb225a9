"""`digivaardig xapi validate`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import cli
from lti_tool.cli.context import Context
from tests.unit.xapi.test_statements import BASE, SAYINGS
from tests.xapi_examples import a_statement

GOOD = [make().body for make in SAYINGS.values()]


def run(*words: str, typed: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, ["xapi", "validate", *words], input=typed, obj=Context())


def test_everything_that_we_say_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(GOOD))
    done = run(str(file), "--iri-base", BASE)
    assert (done.exit_code, done.output) == (0, f"{len(GOOD)} statements, 0 problems.\n")


def test_every_problem_is_told_with_file_line_and_place(tmp_path: Path) -> None:
    told = json.loads(SAYINGS["answered"]().body)
    told["actor"]["name"] = "Jan Jansen"
    told["result"] = {"success": 1, "response": "b"}
    file = tmp_path / "some.jsonl"
    file.write_text("\n".join([GOOD[0], json.dumps(told), json.dumps(a_statement(id="x"))]))
    done = run(str(file), "--iri-base", BASE)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{file}: line 2: result.success: must be true or false",
        f"{file}: line 2: actor.name: must not be there (template answered)",
        f"{file}: line 2: result.success: must be one of: true, false (template answered)",
        f"{file}: line 2: result.response: must not be there (template answered)",
        f"{file}: line 3: id: must be a UUID",
        "3 statements, 5 problems; 1 are not of this profile: only the rules of xAPI 1.0.3 were tried on them.",
    ]
    assert "Jansen" not in done.output


def test_what_comes_in_may_be_one_statement_or_many() -> None:
    for typed, count in ((GOOD[0], 1), (f"[{','.join(GOOD)}]", len(GOOD)), ('{"statements": []}', 0)):
        done = run("-", "--iri-base", BASE, typed=typed)
        assert (done.exit_code, done.output) == (0, f"{count} statements, 0 problems.\n")


@pytest.mark.parametrize("typed", ["", "<html>", b"\xff", "{"])
def test_what_cannot_be_read_has_an_exit_code_of_its_own(typed: str | bytes) -> None:
    done = run("-", "--iri-base", BASE, typed=typed)
    assert done.exit_code == 2
    assert done.output.endswith("0 statements, 0 problems, 1 places that cannot be read.\n")


def test_a_line_that_cannot_be_read_does_not_hide_the_others() -> None:
    done = run("-", "--iri-base", BASE, typed=f"{GOOD[0]}\nnothing\n[5]")
    assert done.exit_code == 2
    assert "line 2: is not JSON" in done.output
    assert "line 3, statement 1: statement: must be an object" in done.output


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none"), "--iri-base", BASE)
    assert done.exit_code == 2
    assert "No such file" in done.output


def test_the_base_comes_from_the_environment_or_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBLIC_URL", "XAPI_IRI_BASE", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    done = run("-", typed=GOOD[0])
    assert done.exit_code == 2
    assert "give --iri-base" in done.output
    done = run("-", "--iri-base", "https://tool.example", typed=GOOD[0])
    assert done.exit_code == 2
    assert "ends in a slash" in done.output


def test_a_profile_of_another_installation_is_another_profile() -> None:
    done = run("-", "--iri-base", "https://elsewhere.example/xapi/", typed=GOOD[0])
    assert done.exit_code == 0
    assert "1 are not of this profile" in done.output
