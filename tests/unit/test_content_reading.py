from __future__ import annotations

import os
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import (
    LARGEST_TEXT_BYTES,
    MOST_FILES,
    MOST_TEXT_BYTES,
    read_files,
    read_yaml,
)


def refusal(text: str) -> list[str]:
    with pytest.raises(ContentBroken) as broken:
        read_yaml("x.yaml", text)
    return [str(problem) for problem in broken.value.problems]


def refused_files(folder: Path) -> list[str]:
    try:
        return [str(problem) for problem in read_files(folder).refused]
    except ContentBroken as broken:
        return [str(problem) for problem in broken.problems]


def test_yaml_becomes_plain_values() -> None:
    document = read_yaml("x.yaml", "a: 1\nb: -2.5\nc: [true, false, null, ~]\nd: {e: 'x', f: \"y\"}\ng:\n")
    assert document.data == {
        "a": 1,
        "b": -2.5,
        "c": [True, False, None, None],
        "d": {"e": "x", "f": "y"},
        "g": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "Off",
        "NO",
        "2027-11-01",
        "12:30",
        "0100",
        "1_000",
        "0x1F",
        ".inf",
        ".nan",
        "1e999",
        "9" * 40,
    ],
)
def test_what_is_not_plainly_a_number_stays_the_text_that_the_author_wrote(text: str) -> None:
    assert read_yaml("x.yaml", f"a: {text}").data == {"a": text}


def test_quotes_keep_a_text_a_text() -> None:
    assert read_yaml("x.yaml", "['1', \"true\", '']").data == [
        "1",
        "true",
        "",
    ]
    assert read_yaml("x.yaml", "a: |-\n  2\nb: >-\n  x\n  y\n").data == {"a": "2", "b": "x y"}


def test_an_empty_file_holds_nothing() -> None:
    assert read_yaml("x.yaml", "").data is None
    assert read_yaml("x.yaml", "# later\n").data is None
    assert read_yaml("x.yaml", "\ufeffa: 1").data == {"a": 1}


def test_every_value_knows_its_line() -> None:
    document = read_yaml("x.yaml", "a: 1\nb:\n  - c: x\n  - d:\n      - e\n")
    assert document.problem("m", "b", 1, "d", 0) == Problem("x.yaml", 5, "m")
    assert document.problem("m", "b", 0, "text", "c") == Problem("x.yaml", 3, "m")
    assert document.problem("m", "b", 0, "nowhere").line == 3
    assert document.problem("m", "nowhere").line == 1
    assert str(read_yaml("x.yaml", "").problem("m")) == "x.yaml: m"


def test_every_repeated_key_is_told() -> None:
    assert refusal("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [
        "x.yaml:2: the key 'c' stands here twice",
        "x.yaml:3: the key 'a' stands here twice",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: 2", "x.yaml:1: anchors (&) and tags (!)"),
        ("a: 1\nb: &x [1]", "x.yaml:2: anchors (&) and tags (!)"),
        ("a: !!python/object/apply:os.system ['true']", "x.yaml:1: anchors (&) and tags (!)"),
        ("a: !x y", "x.yaml:1: anchors (&) and tags (!)"),
        ("a: *x", "x.yaml:1: a reference to another place (*)"),
        ("a: 1\n---\nb: 2", "x.yaml:2: one file holds one document"),
        ("{[1]: 2}", "x.yaml:1: a key must be a word"),
        ("a: 1\n? {b: 1}\n: 2", "x.yaml:2: a key must be a word"),
        ("a: [b: c", "x.yaml:2: this is not YAML"),
        (
            "a: b: c",
            "x.yaml:1: this is not YAML: mapping values are not allowed in this context; does a text",
        ),
        ("a: \x00", "x.yaml: this is not YAML"),
        ("[" * 5000, "nested deeper than 12 levels"),
        ("a: " * 5000, "this is not YAML"),
    ],
)
def test_what_authors_do_not_need_is_refused(text: str, said: str) -> None:
    assert said in refusal(text)[0]


def test_a_bomb_of_references_costs_nothing() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    tracemalloc.start()
    refusal(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@given(st.text(max_size=200) | st.text(alphabet="a:[]{}-,&*!|>'\"#\n ?%@~1.", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ContentBroken):
        assert read_yaml("x.yaml", text).file == "x.yaml"


def test_files_come_with_their_path_in_order(tmp_path: Path) -> None:
    for name in [
        "package.yaml",
        "items/veiligheid/VEI-INT-0001.yaml",
        "LICENSE",
        "modules/een-twee/uitleg.nl.md",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"é {name}", encoding="utf-8")
    files = read_files(tmp_path)
    assert sorted(files.texts) == [
        "LICENSE",
        "items/veiligheid/VEI-INT-0001.yaml",
        "modules/een-twee/uitleg.nl.md",
        "package.yaml",
    ]
    assert files.texts["LICENSE"] == "é LICENSE"


def test_a_folder_that_is_not_there_is_no_package(tmp_path: Path) -> None:
    assert refused_files(tmp_path / "weg") == ["weg: there is no package folder here"]


@pytest.mark.parametrize(
    "name", ["run.py", ".hidden", "items/VEI-INT-0001.yaml", "modules/Zo/module.yaml", "media/A.svg"]
)
def test_a_file_that_has_no_place_in_the_format_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x")
    assert refused_files(tmp_path) == [f"{name}: this file does not belong in a package"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("a: 1")
    package = tmp_path / "package"
    package.mkdir()
    (package / "package.yaml").symlink_to(outside / "secret.yaml")
    (package / "items").symlink_to(outside)
    assert refused_files(package) == [
        "items: links are not allowed in a package",
        "package.yaml: links are not allowed in a package",
    ]


def test_a_pipe_does_not_hold_the_reader_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "package.yaml")
    assert refused_files(tmp_path) == ["package.yaml: this file does not belong in a package"]


def test_what_is_too_large_or_no_text_is_refused_together(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"x" * (LARGEST_TEXT_BYTES + 1))
    (tmp_path / "LICENSE").write_bytes(b"\xff\xfe")
    (tmp_path / "CHANGELOG.md").write_bytes(b"x" * LARGEST_TEXT_BYTES)
    assert refused_files(tmp_path) == ["LICENSE: is not UTF-8 text", "README.md: larger than 64 KB"]


def test_a_package_that_is_too_large_as_a_whole_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modules" / "een").mkdir(parents=True)
    for number in range(MOST_TEXT_BYTES // LARGEST_TEXT_BYTES + 1):
        (tmp_path / "modules" / "een" / f"p{number}.md").write_bytes(b"x" * LARGEST_TEXT_BYTES)
    found = refused_files(tmp_path)
    assert len(found) == 1
    assert "at most 5000 files, 16 MB of texts and 200 MB of media" in found[0]


def test_too_many_folders_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.content_library.reading.MOST_FILES", 3)
    for number in range(4):
        (tmp_path / f"map{number}").mkdir()
    assert refused_files(tmp_path) == ["map3: a package has at most 3 folders"]


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "package.yaml").touch()
    monkeypatch.setattr("lti_tool.content_library.reading.opened_plainly", locked)
    assert refused_files(tmp_path) == ["package.yaml: cannot be read"]


def test_too_many_files_are_refused_without_reading_on(tmp_path: Path) -> None:
    (tmp_path / "modules" / "een").mkdir(parents=True)
    for number in range(MOST_FILES + 5):
        (tmp_path / "modules" / "een" / f"p{number}.md").touch()
    found = refused_files(tmp_path)
    assert len(found) == 1
    assert "at most 5000 files, 16 MB of texts and 200 MB of media" in found[0]
