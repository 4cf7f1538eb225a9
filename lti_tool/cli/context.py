"""What every command gets: settings and journeys, made when it first needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from lti_tool.app import Commands, create_app
from lti_tool.settings import Settings, load_settings
from lti_tool.use_cases.calibrate_bank import CalibrateBank
from lti_tool.use_cases.choose_content import ChooseContent

LONGEST_NAME = 64


class Context:
    """A command that touches neither needs no environment at all."""

    @property
    def settings(self) -> Settings:
        return load_settings()

    @contextmanager
    def commands(self) -> Iterator[Commands]:
        """The journeys of the command line, inside the app."""
        app = create_app(self.settings)
        with app.app_context():
            yield app.extensions["commands"]

    def bank_of(self, package_folder: Path) -> CalibrateBank:
        """For what needs a package only: no settings, no database."""
        return CalibrateBank(ChooseContent(package_folder))


def name_of_a_person(name: str, hint: str) -> str:
    """A name as it is kept; `hint` says where it stood. Raises click.BadParameter."""
    if not 0 < len(name) <= LONGEST_NAME or name != name.strip():
        raise click.BadParameter(f"1 to {LONGEST_NAME} characters, no spaces around them", param_hint=hint)
    return name


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table for people; the first one is its head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)
