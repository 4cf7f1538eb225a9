"""`digivaardig content`: what authors do with content packages; no database and no settings are needed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lti_tool.cli.content_exchange import export, import_
from lti_tool.cli.content_packing import pack, unpack
from lti_tool.cli.content_preview import preview
from lti_tool.cli.content_words import comparison_in_words, counted, in_json, printable_lines, statistics_in_words
from lti_tool.cli.context import now
from lti_tool.content_library import ContentBroken
from lti_tool.content_library.beginning import begin_package, id_from
from lti_tool.content_library.comparing import compare, read_release
from lti_tool.content_library.inspecting import Inspection, inspect_package, is_package, package_statistics
from lti_tool.content_library.schemas import write_schemas
from lti_tool.domain.content import Package

FOLDER = click.Path(path_type=Path)
A_PERSON_DECIDES = (
    "The remarks about language come from counting. No formula proves that a text is B1: let somebody read it."
)


@click.group()
def content() -> None:
    """Content packages: questions and micro-trainings, as data."""


for command in (pack, unpack, import_, export, preview):
    content.add_command(command)


@content.command()
@click.argument("folders", metavar="PACKAGE...", nargs=-1, required=True, type=FOLDER)
@click.option("--strict", is_flag=True, help="Remarks fail too.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def check(folders: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Name every problem of each PACKAGE with file and line, and then what would make it better.

    Exit code 1 when a package cannot be used. What is no package is passed over, as long as there is one.
    """
    packages = [folder for folder in folders if is_package(folder)] or list(folders)
    passed_over = [folder for folder in folders if folder not in packages]
    found = {folder: inspect_package(folder, now().date()) for folder in dict.fromkeys(packages)}
    if as_json:
        report = {"packages": [_as_fields(folder, one) for folder, one in found.items()]}
        click.echo(in_json(report | {"passed_over": [str(folder) for folder in passed_over]}))
    else:
        _tell(found, passed_over)
    sys.exit(1 if any(one.problems or (strict and one.remarks) for one in found.values()) else 0)


def _tell(found: dict[Path, Inspection], passed_over: list[Path]) -> None:
    for folder in passed_over:
        click.echo(printable_lines(f"{folder}: no package, passed over"))
    for folder, one in found.items():
        for problem in one.problems:
            click.echo(printable_lines(f"{folder}/{problem}"))
        if one.more:
            click.echo(f"{folder}: and {one.more:,} more")
        for remark in one.remarks:
            click.echo(printable_lines(f"{folder}/{remark.place}: remark: {remark.message}"))
        counts = f"{counted(one.problems, 'problem')}, {counted(one.remarks, 'remark')}"
        click.echo(printable_lines(f"{folder}: {_size(one.package)}{counts}"))
    if any(remark.about == "language" for one in found.values() for remark in one.remarks):
        click.echo(A_PERSON_DECIDES)


def _size(package: Package | None) -> str:
    if package is None:
        return ""
    return (
        f"{package.bank_version}: {len(package.assessment_items())} items to ask, {len(package.items)} items and "
        f"{len(package.modules)} modules in all; "
    )


def _as_fields(folder: Path, found: Inspection) -> dict[str, Any]:
    package = found.package
    return {
        "folder": str(folder),
        "release": package.bank_version if package else None,
        "items": len(package.items) if package else None,
        "asked": len(package.assessment_items()) if package else None,
        "modules": len(package.modules) if package else None,
        "problems": [asdict(problem) for problem in found.problems],
        "remarks": [asdict(remark) for remark in found.remarks],
    }


@content.command()
@click.argument("folder", type=FOLDER)
@click.option("--id", "package_id", help="Id of the package; otherwise made from the folder's name.")
@click.option("--title", help="What learners see; otherwise the folder's name.")
def new(folder: Path, package_id: str | None, title: str | None) -> None:
    """Make a package in FOLDER to begin with: a question of every type and a micro-training."""
    name = folder.resolve().name
    try:
        begin_package(
            folder, id_from(name) if package_id is None else package_id, name if title is None else title
        )
    except ContentBroken as broken:
        raise click.UsageError(printable_lines(f"--id or --title does not fit: {broken}")) from broken
    except FileNotFoundError as err:
        raise click.BadParameter(f"there is no folder {folder.parent}", param_hint="FOLDER") from err
    except OSError as err:
        message = printable_lines(f"{folder}: {err.strerror}; a package is made in a folder that is new or empty")
        raise click.ClickException(message) from err
    click.echo(
        printable_lines(
            f"{folder}: a package to edit; `digivaardig content check {folder}` says what is not right"
        )
    )


@content.command()
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Show what changed between two releases of a package, and whether it may: exit code 1 when not."""
    comparison = compare(read_release(old), read_release(new))
    click.echo(
        in_json(asdict(comparison)) if as_json else printable_lines("\n".join(comparison_in_words(comparison)))
    )
    sys.exit(1 if comparison.problems else 0)


@content.command()
@click.argument("package", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def stats(package: Path, as_json: bool) -> None:
    """Count what a PACKAGE holds: items by domain, level and type, minutes, sources, reading ease and more."""
    found = package_statistics(package)
    click.echo(in_json(found) if as_json else printable_lines("\n".join(statistics_in_words(found))))


@content.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def schemas(folder: Path) -> None:
    """Write the JSON Schemas of the format into FOLDER, for editors that help while you type."""
    write_schemas(folder)
