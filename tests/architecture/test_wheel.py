"""What is installed is what is in the repository: the wheel holds every file of the tool, not only its Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("lti_tool", "xapi")
NEEDED_TO_BUILD = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def tracked(*paths: str) -> list[str]:
    """Files that git keeps below these paths and that are there, relative to the project."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *paths],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel that was built as the Dockerfile builds it."""
    source, wheels = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for name in tracked(*PACKAGES, *NEEDED_TO_BUILD):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, source],
        capture_output=True,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"},
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_page_style_translation_and_other_file_is_in_the_wheel(inside: set[str]) -> None:
    others = {name for name in tracked(*PACKAGES) if not name.endswith(".py")}
    kinds = {Path(name).suffix for name in others}
    assert {".html", ".css", ".mo", ".svg", ".woff2", ".mako"} <= kinds
    assert others - inside == set()


def test_every_module_and_migration_is_in_the_wheel(inside: set[str]) -> None:
    modules = {name for name in tracked(*PACKAGES) if name.endswith(".py")}
    assert any("migrations/versions/" in name for name in modules)
    assert modules - inside == set()


def test_nothing_but_the_two_packages_is_installed(inside: set[str]) -> None:
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == set(PACKAGES)
