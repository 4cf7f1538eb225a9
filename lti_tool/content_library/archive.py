"""Packs a package into one file, to share it, and unpacks what others made.

The file is a ZIP of the package's files, in order, without compression and without dates: the same package gives
the same bytes on every machine (ADR 32). Whatever is unpacked may come from anybody.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import ENOTDIR
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from lti_tool.content_library.loading import load_package
from lti_tool.content_library.media import is_medium, opened_plainly
from lti_tool.content_library.problems import ContentBroken, Problem, Problems
from lti_tool.content_library.reading import (
    LARGEST_TEXT_BYTES,
    MOST_FILES,
    MOST_MEDIA_BYTES,
    MOST_TEXT_BYTES,
    belongs,
    read_files,
)
from lti_tool.content_library.zip_files import ZipRefused, members_of, read

ENDING = ".digipakket"
LARGEST_ARCHIVE_BYTES = 50 * 1024 * 1024
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)
"""The first that a ZIP file can tell."""
_CHUNK = 256 * 1024


class AlreadyThere(Exception):
    """Something else stands where this should go; it was left as it is."""


@dataclass(frozen=True)
class Packed:
    """A package in one file."""

    file: Path
    sha256: str
    """Of the file, in hex."""
    fingerprint: str
    """Of the package, in hex."""


@dataclass(frozen=True)
class Unpacked:
    """A package in a folder."""

    folder: Path
    bank_version: str
    fingerprint: str


def pack(folder: Path, out: Path | None = None) -> Packed:
    """Make the file of a package that is clean.

    Args:
        folder: the package.
        out: the file to make; None makes `<id>-<version>.digipakket` in the current folder. When it is there and
            holds the same, nothing is done.

    Raises:
        ContentBroken: the package is not clean, changed meanwhile, or is too large for one file.
        AlreadyThere: something else has this name.
        OSError: it cannot be written there.
    """
    package = load_package(folder)
    out = out or Path(f"{package.id}-{package.version}{ENDING}")
    with _beside(out.parent) as place:
        made = place / "packed"
        _write(folder, made)
        if made.stat().st_size > LARGEST_ARCHIVE_BYTES:
            raise ContentBroken([Problem(out.name, 0, f"larger than {LARGEST_ARCHIVE_BYTES // 1024**2} MB")])
        with opened(made) as unpacked:  # what others will find in it, not what stood in the folder a moment ago
            if load_package(unpacked, beside=folder.absolute().parent).sha256 != package.sha256:
                raise ContentBroken([Problem(folder.name, 0, "changed while it was packed; try again")])
        digest = _digest(made)
        try:
            with out.open("xb") as target, made.open("rb") as source:
                shutil.copyfileobj(source, target, _CHUNK)
        except FileExistsError:
            if not out.is_file() or _digest(out) != digest:
                raise AlreadyThere(f"{out} is there already and holds something else") from None
    return Packed(out, digest, package.sha256)


def _write(folder: Path, made: Path) -> None:
    files = read_files(folder)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packing:
        for name in sorted([*files.texts, *files.media]):
            about = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
            about.create_system = 3  # Unix, on every system
            about.external_attr = 0o100644 << 16
            if name in files.texts:
                packing.writestr(about, files.texts[name].encode())
            else:
                about.file_size = files.media[name].size
                with opened_plainly(folder / name) as source, packing.open(about, "w") as target:
                    shutil.copyfileobj(source, target, _CHUNK)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        whole = sha256()
        while piece := content.read(_CHUNK):
            whole.update(piece)
    return whole.hexdigest()


def unpack(file: Path, into: Path) -> Unpacked:
    """Make the folder of a package that is safe and clean; otherwise nothing is written.

    Args:
        file: what `pack` made, or what somebody says is that.
        into: where the folder, named after the package, comes; packages that it extends stand there.

    Raises:
        ContentBroken: naming everything that is wrong.
        AlreadyThere: there is something of this name.
        OSError: it cannot be written there.
    """
    with _beside(into) as place:
        inside = place / "package"
        _unpack(file, inside)
        package = load_package(inside, beside=into)
        folder = into / package.id
        try:
            folder.mkdir()  # takes the name, so that two at once do not both have it
        except FileExistsError:
            raise AlreadyThere(f"{folder} is there already; nothing was written") from None
        try:
            inside.rename(folder)
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            raise
    return Unpacked(folder, package.bank_version, package.sha256)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a package: the path itself, or what is in a file, unpacked safely and taken away afterwards.

    Raises:
        ContentBroken: the file is not safe. Whether the package is clean has not been looked at.
    """
    if path.is_dir() or not path.exists():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="digipakket-") as place:
        inside = Path(place) / path.name.removesuffix(ENDING)
        _unpack(path, inside)
        yield inside


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder on the same disk, for what is not finished."""
    if not folder.is_dir():
        raise NotADirectoryError(ENOTDIR, "there is no such folder", str(folder))
    with tempfile.TemporaryDirectory(prefix=".digipakket-", dir=folder) as place:
        yield Path(place)


def _unpack(file: Path, folder: Path) -> None:
    try:
        archive = opened_plainly(file.resolve())
    except OSError:
        raise ContentBroken([Problem(file.name, 0, "there is no such file, or it cannot be read")]) from None
    folder.mkdir()
    with archive:
        try:
            if archive.seek(0, 2) > LARGEST_ARCHIVE_BYTES:
                raise ZipRefused(f"is larger than {LARGEST_ARCHIVE_BYTES // 1024**2} MB")
            _unpack_all(archive, folder)
        except ZipRefused as refused:
            raise ContentBroken([Problem(refused.member or file.name, 0, refused.message)]) from None


def _unpack_all(archive: BinaryIO, folder: Path) -> None:
    """Every member is looked at before the first byte is written; sizes are held to what really comes out."""
    members = members_of(archive, MOST_FILES, MOST_MEDIA_BYTES + MOST_TEXT_BYTES)
    strangers = [member.name for member in members if not belongs(member.name)]
    if strangers:
        problems = Problems()
        problems.add(Problem(name, 0, "this file does not belong in a package") for name in strangers)
        raise problems.broken()
    texts = [member for member in members if not is_medium(member.name)]
    for member in texts:
        if member.size > LARGEST_TEXT_BYTES:
            raise ZipRefused(f"is larger than {LARGEST_TEXT_BYTES // 1024} KB", member.name)
    if sum(member.size for member in texts) > MOST_TEXT_BYTES:
        raise ZipRefused(f"holds more than {MOST_TEXT_BYTES // 1024**2} MB of texts")
    for member in members:
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as written:
            for piece in read(archive, member):
                written.write(piece)
