"""`digivaardig content import` and `export`: questions from and to files of other programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from lti_tool.content_library.exchange.exporting import write_export
from lti_tool.content_library.exchange.formats import FORMATS
from lti_tool.content_library.exchange.importing import Import, Wishes, carry_out, read_import
from lti_tool.content_library.exchange.questions import FileRefused, Loss

FOLDER = click.Path(path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
POOL = click.Choice(["assessment", "practice"])
NOTHING = 1
NOT_ALL = 3
"""Exit codes: nothing could be taken over, and some parts could not."""


@click.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--into", "folder", metavar="PACKAGE", required=True, type=FOLDER, help="The package that gets them."
)
@click.option("--domain", help="Of questions that name none themselves.")
@click.option("--subskill", help="Of questions that name none themselves.")
@click.option("--pool", type=POOL, default="assessment", show_default=True, help="Likewise.")
@click.option("--prefix", help="Of new ids, such as VEI-INT; otherwise from domain and sub-skill.")
@click.option(
    "--b", type=click.FloatRange(-2.5, 2.5), default=0.0, show_default=True, help="Estimated difficulty."
)
@click.option("--dry-run", is_flag=True, help="Tell what would be added; write nothing.")
def import_(
    file: Path,
    folder: Path,
    domain: str | None,
    subskill: str | None,
    pool: str,
    prefix: str | None,
    b: float,
    dry_run: bool,
) -> None:
    """Add the questions in FILE (.gift, .txt, .xml, .xlsx or .csv) to a package, as concepts.

    Tells everything that could not be taken over. The exit code is 0 when everything was, 3 when some parts were
    not, 1 when nothing could be; then nothing is written.
    """
    try:
        planned = read_import(file, folder, Wishes(domain, subskill, pool, prefix, b))
        if planned.texts and not dry_run:
            carry_out(planned, folder)
    except FileRefused as refused:
        raise click.ClickException(str(refused)) from None
    _tell_lost(planned.lost)
    _tell_import(planned, folder, dry_run)
    sys.exit(NOTHING if not planned.texts else NOT_ALL if planned.lost else 0)


def _tell_import(planned: Import, folder: Path, dry_run: bool) -> None:
    for path, origin in planned.origins.items():
        click.echo(f"{path}  from {origin}")
    for problem in planned.to_mend:
        click.echo(f"to mend: {problem}")
    if planned.placeholders:
        click.echo(
            f"Texts still to be written (TODO): {planned.placeholders}; see: digivaardig content check {folder}"
        )
    done = "would be added" if dry_run else "added"
    click.echo(f"{len(planned.texts)} of {planned.questions} questions {done}. Parts lost: {len(planned.lost)}.")


def _tell_lost(lost: Sequence[Loss]) -> None:
    for loss in lost:
        click.echo(f"lost: {loss}")


@click.command()
@click.argument("folder", metavar="PACKAGE", type=FOLDER)
@click.option("--format", "name", required=True, type=click.Choice([n for n, f in FORMATS.items() if f.write]))
@click.option("--out", type=FILE, help="Otherwise PACKAGE with the ending of the format, in this folder.")
@click.option("--pool", type=POOL, help="Only these; otherwise all.")
@click.option(
    "--variable", "variables", multiple=True, metavar="NAME=VALUE", help="Instead of the package's example."
)
@click.option("--fill", is_flag=True, help="Fill in the variables in a spreadsheet too.")
def export(
    folder: Path, name: str, out: Path | None, pool: str | None, variables: tuple[str, ...], fill: bool
) -> None:
    """Write the questions of PACKAGE for another program.

    Tells everything that the format does not hold. The exit code is 0 when it holds everything, 3 when not, 1 when
    nothing was written.
    """
    form = FORMATS[name]
    target = out or Path(f"{folder.resolve().name}{form.endings[0]}")
    given = dict(_named(variable) for variable in variables)
    try:
        made = write_export(folder, form, pool, given if given or fill else None)
    except FileRefused as refused:
        raise click.ClickException(str(refused)) from None
    _tell_lost(made.lost)
    if not made.written:
        raise click.ClickException(f"{name} holds none of these questions; nothing was written")
    try:
        with target.open("xb") as opened:
            opened.write(made.content)
    except OSError as err:
        raise click.ClickException(f"{target}: cannot be written: {err.strerror}") from None
    click.echo(f"{target}: {made.written} questions. Parts lost: {len(made.lost)}.")
    sys.exit(NOT_ALL if made.lost else 0)


def _named(variable: str) -> tuple[str, str]:
    name, equals, value = variable.partition("=")
    if not equals or not value.strip():
        raise click.BadParameter(f"{variable} is not NAME=VALUE", param_hint="--variable")
    return name.strip(), value.strip()
