"""`digivaardig content`: what authors do with content packages; no database and no settings are needed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lti_tool.cli.content_preview import preview
from lti_tool.content_library import ContentBroken, load_package

FOLDER = click.Path(path_type=Path)


@click.group()
def content() -> None:
    """Content packages: questions and micro-trainings, as data."""


content.add_command(preview)


@content.command()
@click.argument("folders", metavar="PACKAGE...", nargs=-1, required=True, type=FOLDER)
def check(folders: tuple[Path, ...]) -> None:
    """Name every problem of each PACKAGE, with file and line."""
    broken = False
    for folder in folders:
        try:
            package = load_package(folder)
        except ContentBroken as found:
            broken = True
            click.echo(f"{found}\n\n{folder}: {len(found.problems)} problems")
            continue
        click.echo(
            f"{folder}: {package.bank_version}, {len(package.assessment_items())} items to ask, "
            f"{len(package.items)} items and {len(package.modules)} modules in all"
        )
    sys.exit(1 if broken else 0)
