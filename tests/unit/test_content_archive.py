"""A package becomes one file and a folder again, or nothing at all."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.packages.zips import DEFLATED, Entry, deflated, entries_of, zip_of
from lti_tool.cli import cli
from lti_tool.content_library import STARTER_PACKAGE, ContentBroken, archive, load_package
from lti_tool.content_library.archive import AlreadyThere, opened, pack, unpack
from tests.packages import write_package

NAME = "klein-pakket"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "bron")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "hier").mkdir()
    return tmp_path / "hier"


def test_what_is_packed_comes_back_with_the_same_fingerprint(here: Path) -> None:
    packed = pack(STARTER_PACKAGE, here / "p.digipakket")
    unpacked = unpack(packed.file, here)
    assert unpacked.folder.parent == here
    assert packed.fingerprint == unpacked.fingerprint == load_package(unpacked.folder).sha256
    assert sorted(path.name for path in here.iterdir()) == ["mijn-pakket", "p.digipakket"]
    assert unpacked.folder.stat().st_mode & 0o777 == here.stat().st_mode & 0o777


def test_the_same_package_gives_the_same_bytes_whatever_the_clock_and_the_rights_say(
    package: Path, here: Path
) -> None:
    first = pack(package, here / "a")
    for path in package.rglob("*.yaml"):
        os.utime(path, (0, 1_900_000_000))
        path.chmod(0o600)
    second = pack(package, here / "b")
    assert (here / "a").read_bytes() == (here / "b").read_bytes()
    assert first.sha256 == second.sha256


def test_the_file_is_a_plain_zip_of_the_files_in_order(package: Path, here: Path) -> None:
    pack(package, here / "a")
    with zipfile.ZipFile(here / "a") as made:
        assert made.testzip() is None
        assert made.namelist() == sorted(made.namelist())
        assert {about.date_time for about in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {about.compress_type for about in made.infolist()} == {zipfile.ZIP_STORED}


def test_its_name_is_that_of_the_package_and_its_version(
    package: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here)
    assert pack(package).file == Path(f"{NAME}-1.2.3.digipakket")


def test_a_file_that_holds_something_else_is_left_as_it_is(package: Path, here: Path) -> None:
    pack(package, here / "a")
    pack(package, here / "a")
    (here / "b").write_text("van mij")
    (here / "c").mkdir()
    for name in "bc":
        with pytest.raises(AlreadyThere, match="is there already and holds something else"):
            pack(package, here / name)
    assert (here / "b").read_text() == "van mij"


def test_a_package_that_is_not_clean_is_not_packed(package: Path, here: Path) -> None:
    (package / "package.yaml").unlink()
    with pytest.raises(ContentBroken, match=r"package\.yaml: is missing"):
        pack(package, here / "a")
    assert list(here.iterdir()) == []


def test_a_package_that_is_too_large_for_one_file_is_not_packed(
    package: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE_BYTES", 1000)
    with pytest.raises(ContentBroken, match="a: larger than 0 MB"):
        pack(package, here / "a")
    assert list(here.iterdir()) == []


def test_a_package_that_changes_meanwhile_is_not_packed(
    package: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = archive.read_files

    def read_files_later(folder: Path) -> object:
        (folder / "LICENSE").write_text("anders")
        return original(folder)

    monkeypatch.setattr(archive, "read_files", read_files_later)
    with pytest.raises(ContentBroken, match="changed while it was packed"):
        pack(package, here / "a")
    assert list(here.iterdir()) == []


def test_a_folder_that_is_there_is_never_overwritten(package: Path, here: Path) -> None:
    pack(package, here / "a")
    (here / NAME).mkdir()
    with pytest.raises(AlreadyThere, match=f"{NAME} is there already; nothing was written"):
        unpack(here / "a", here)
    assert list((here / NAME).iterdir()) == []
    assert sorted(path.name for path in here.iterdir()) == ["a", NAME]


def test_of_many_at_once_one_makes_the_folder(package: Path, here: Path) -> None:
    pack(package, here / "a")

    def attempt(_: int) -> bool:
        try:
            unpack(here / "a", here)
        except AlreadyThere:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]
    assert load_package(here / NAME)
    assert sorted(path.name for path in here.iterdir()) == ["a", NAME]


def test_a_disk_that_fails_leaves_nothing(package: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(package, here / "a")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="No space left"):
        unpack(here / "a", here)
    assert [path.name for path in here.iterdir()] == ["a"]


def test_what_others_packed_with_compression_is_read_too(package: Path, here: Path) -> None:
    """Also with descriptors behind the content, as programs write that do not know the size beforehand."""
    made = zipfile.ZipFile(here / "a", "w", zipfile.ZIP_DEFLATED)
    with made:
        for entry in entries_of(package):
            made.writestr(entry.name.decode(), entry.content)
    assert unpack(here / "a", here).fingerprint == load_package(package).sha256

    class Pipe:
        def __init__(self, path: Path) -> None:
            self._file = path.open("wb")
            self.write = self._file.write
            self.flush = self._file.flush

    shutil.rmtree(here / NAME)
    pipe = Pipe(here / "b")
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as streamed:  # type: ignore[call-overload]
        for entry in entries_of(package):
            streamed.writestr(entry.name.decode(), entry.content)
    pipe.flush()
    pipe._file.close()
    assert unpack(here / "b", here).fingerprint == load_package(package).sha256


def test_content_that_inflates_in_many_pieces_is_whole(here: Path, package: Path) -> None:
    text = "".join(f"{number} " for number in range(12_000)).encode()[:65_536]
    entries = [*entries_of(package), Entry(b"README.md", text, DEFLATED)]
    (here / "a").write_bytes(zip_of(entries))
    assert (unpack(here / "a", here).folder / "README.md").read_bytes() == text


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536])
def test_any_size_that_a_text_may_have_is_read(here: Path, package: Path, size: int) -> None:
    for name, method in (("a", 0), ("b", DEFLATED)):
        text = os.urandom(size).hex().encode()[:size]
        (here / name).write_bytes(zip_of([*entries_of(package), Entry(b"README.md", text, method)]))
        with opened(here / name) as folder:
            assert (folder / "README.md").read_bytes() == text


def test_only_what_stands_in_the_file_may_be_in_its_deflated_content(here: Path, package: Path) -> None:
    for packed in (deflated(b"abc")[:-1], deflated(b"abcd"), deflated(b"ab")):
        (here / "a").write_bytes(
            zip_of([*entries_of(package), Entry(b"README.md", b"abc", DEFLATED, packed=packed)])
        )
        with pytest.raises(ContentBroken, match=r"README\.md: "):
            unpack(here / "a", here)
    assert [path.name for path in here.iterdir()] == ["a"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255), drop=st.booleans())
def test_a_file_with_one_byte_changed_or_lost_is_refused_or_the_same(
    place: float, value: int, drop: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "veranderd"
    if not folder.exists():
        pack(write_package(folder / "bron"), folder / "a")
    content = bytearray((folder / "a").read_bytes())
    at = int(place * len(content))
    if drop:
        del content[at]
    else:
        content[at] ^= value
    (folder / "b").write_bytes(content)
    try:
        with opened(folder / "b") as inside:
            assert load_package(inside).sha256 == load_package(folder / "bron").sha256
    except ContentBroken:
        pass


def test_opened_gives_a_folder_as_it_is_and_takes_away_what_it_unpacked(package: Path, here: Path) -> None:
    with opened(package) as folder:
        assert folder == package
    with opened(here / "weg") as folder, pytest.raises(ContentBroken, match="there is no package folder here"):
        load_package(folder)
    pack(package, here / "a.digipakket")
    (here / "b").symlink_to("a.digipakket")
    for name, inside in (("a.digipakket", "a"), ("b", "b")):
        with opened(here / name) as folder:
            assert folder.name == inside
            assert load_package(folder).sha256 == load_package(package).sha256
        assert not folder.exists()


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["content", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_commands_say_what_was_made(package: Path, here: Path) -> None:
    fingerprint = load_package(package).sha256
    code, said = run("pack", package, "--out", here / "a.digipakket")
    assert code == 0
    assert [line.split() for line in said.splitlines()[1:]] == [
        ["sha256", pack(package, here / "a.digipakket").sha256],
        ["fingerprint", fingerprint],
    ]
    code, said = run("unpack", here / "a.digipakket", "--into", here)
    assert (code, said) == (
        0,
        f"{here / NAME}: {NAME}@1.2.3+{fingerprint[:12]}\nfingerprint  {fingerprint}\n",
    )
    assert run("check", here / "a.digipakket")[0] == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (lambda here: ["pack", here / "weg"], "nothing was written; problems: 1\nweg: there is no package folder"),
        (lambda here: ["unpack", here / "weg"], "nothing was written; problems: 1\nweg: there is no such file"),
        (lambda here: ["unpack", here / "a", "--into", here / "weg"], "weg: there is no such folder"),
        (lambda here: ["unpack", here / "a", "--into", here], f"{NAME} is there already; nothing was written"),
    ],
)
def test_the_commands_say_what_is_in_the_way(
    package: Path, here: Path, command: Callable[[Path], list[str | Path]], said: str
) -> None:
    pack(package, here / "a")
    (here / NAME).mkdir()
    code, output = run(*command(here))
    assert code == 1
    assert said in output
