"""The import contracts of setup.cfg hold, and each of them would notice a violation."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VIOLATIONS = {
    "floors": ("lti_tool/attic.py", ""),
    "ground": ("xapi/upwards.py", "import lti_tool.domain.errors\n"),
    "domain-pure": ("lti_tool/domain/clever.py", "import numpy\n"),
    "measurement-pure": ("lti_tool/measurement/clever.py", "import requests\n"),
    "portal-outside": ("lti_tool/demo_portal/insider.py", "import lti_tool.domain.tenant\n"),
    "home-pylti1p3": ("lti_tool/web/shortcut.py", "import pylti1p3\n"),
    "home-tincan": ("lti_tool/use_cases/shortcut.py", "import tincan\n"),
    "home-sqlalchemy": ("lti_tool/lti/shortcut.py", "import sqlalchemy\n"),
    "home-numpy": ("lti_tool/use_cases/reckoning.py", "import numpy\n"),
    "home-flask": ("lti_tool/domain/door.py", "import flask\n"),
    "home-analyst": ("lti_tool/use_cases/statistics.py", "import duckdb\n"),
    "one-pen": ("lti_tool/use_cases/second_pen.py", "import xapi.outbox_write\n"),
    "settings-read-once": ("lti_tool/storage/curious.py", "import lti_tool.settings\n"),
    "one-gate": ("lti_tool/web/leak.py", "import lti_tool.storage.snapshots\n"),
}
"""For each contract: a file that breaks it."""


def contracts() -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    prefix = "importlinter:contract:"
    return {s.removeprefix(prefix): parser[s]["name"] for s in parser.sections() if s.startswith(prefix)}


def lint(folder: Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def house(folder: Path, *contracts_to_break: str) -> Path:
    """A copy of the house in which these contracts are broken."""
    for package in ("lti_tool", "xapi"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "setup.cfg", folder)
    for contract in contracts_to_break:
        name, content = VIOLATIONS[contract]
        (folder / name).write_text(content)
    return folder


@pytest.fixture(scope="module")
def report_of_a_broken_house(tmp_path_factory):
    """The linter's report when every contract but the floors is broken once."""
    return lint(house(tmp_path_factory.mktemp("house"), *(VIOLATIONS.keys() - {"floors"})))


def test_the_house_keeps_its_contracts():
    report = lint(ROOT)
    assert "0 broken" in report, report


def test_each_contract_has_a_violation_to_prove_it():
    assert VIOLATIONS.keys() == contracts().keys()


def test_a_room_without_a_floor_is_noticed(tmp_path):
    report = lint(house(tmp_path, "floors"))
    assert "attic" in report
    assert "0 broken" not in report


@pytest.mark.parametrize("contract", sorted(VIOLATIONS.keys() - {"floors"}))
def test_a_violation_is_noticed(contract, report_of_a_broken_house):
    line = next(line for line in report_of_a_broken_house.splitlines() if contracts()[contract] in line)
    assert "BROKEN" in line
