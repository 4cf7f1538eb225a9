"""`digivaardig content pack` and `unpack`: a package as one file, to share."""

from __future__ import annotations

from pathlib import Path

import click

from lti_tool.content_library.archive import ENDING, AlreadyThere
from lti_tool.content_library.archive import pack as pack_package
from lti_tool.content_library.archive import unpack as unpack_package
from lti_tool.content_library.problems import ContentBroken


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=f"<id>-<version>{ENDING} by default")
def pack(folder: Path, out: Path | None) -> None:
    """Make one file of the package in FOLDER, when it is clean.

    The same package always gives the same file, byte for byte.
    """
    try:
        packed = pack_package(folder, out)
    except (ContentBroken, AlreadyThere, OSError) as refused:
        raise click.ClickException(_said(refused)) from None
    click.echo(f"{packed.file}\nsha256       {packed.sha256}\nfingerprint  {packed.fingerprint}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where the folder comes; here by default",
)
def unpack(file: Path, into: Path) -> None:
    """Make a folder of the package in FILE, named after its id, when everything in it is safe and clean."""
    try:
        unpacked = unpack_package(file, into)
    except (ContentBroken, AlreadyThere, OSError) as refused:
        raise click.ClickException(_said(refused)) from None
    click.echo(f"{unpacked.folder}: {unpacked.bank_version}\nfingerprint  {unpacked.fingerprint}")


def _said(refused: Exception) -> str:
    """What is in the way, for the one who typed the command."""
    if isinstance(refused, ContentBroken):
        return f"nothing was written; problems: {refused.count:,}\n{refused}"
    if isinstance(refused, OSError):
        return f"{refused.filename}: {refused.strerror}" if refused.filename else str(refused)
    return str(refused)
