"""Statements in files of every shape, whole and broken."""

from __future__ import annotations

import io
import json

import pytest

from xapi import reading
from xapi.reading import Read, Unreadable, read_statements

A, B = {"id": "a"}, {"id": "b"}


def read(text: str | bytes) -> list[Read | Unreadable]:
    return list(read_statements(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def test_one_statement() -> None:
    assert read('{"id": "a"}') == [Read("line 1", A)]
    assert read(json.dumps(A, indent=1)) == [Read("", A)]
    assert read(b"\xef\xbb\xbf" + b'{"id": "a"}\r\n') == [Read("line 1", A)]


def test_an_array_or_an_answer_of_an_lrs() -> None:
    for whole in ([A, B], {"statements": [A, B], "more": ""}):
        assert read(json.dumps(whole, indent=1)) == [Read("statement 1", A), Read("statement 2", B)]
        assert read(json.dumps(whole)) == [Read("line 1, statement 1", A), Read("line 1, statement 2", B)]
    assert read("[]") == []


def test_json_lines_with_empty_ones_between() -> None:
    assert read('{"id": "a"}\n\n[{"id": "b"}]\n5') == [
        Read("line 1", A),
        Read("line 3, statement 1", B),
        Read("line 4", 5),
    ]


def test_a_broken_line_does_not_hide_what_comes_after_it() -> None:
    broken = "is not JSON: Expecting property name enclosed in double quotes, line 1, column 2"
    assert read('{"id": "a"}\n{id}\n{"id": "b"}') == [
        Read("line 1", A),
        Unreadable("line 2", broken),
        Read("line 3", B),
    ]
    assert read('{id}\n{"id": "b"}\n{id}') == [
        Unreadable("line 1", broken),
        Read("line 2", B),
        Unreadable("line 3", broken),
    ]


def test_a_broken_document_is_told_once() -> None:
    assert read('[\n{"id": "a"\n]') == [Unreadable("", "is not JSON: Expecting ',' delimiter, line 3, column 1")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is not JSON: Expecting value"),
        (b"<html></html>", "is not JSON: Expecting value"),
        (b"\xff\xfe{\x00", "is not UTF-8"),
        (b'{"a": NaN}', "a number that is none"),
        (b"1" * 5000, "is too long"),
        (b"[" * 100_000, "nests too deeply"),
    ],
)
def test_what_is_no_json_is_told(text: bytes, why: str) -> None:
    (told,) = read(text)
    assert isinstance(told, Unreadable)
    assert why in told.why


def test_what_is_too_large_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 40)
    line = '{"id": "a"}\n'
    assert [part.place for part in read(line * 100)] == [f"line {number}" for number in range(1, 101)]
    large = json.dumps({"id": "a" * 100})
    assert read(line + large + "\n" + line) == [
        Read("line 1", A),
        Unreadable("line 2", "is too large"),
        Read("line 3", A),
    ]
    assert read(line + "x" * 40) == [Read("line 1", A), Unreadable("line 2", "is too large")]
    (told,) = read(json.dumps([A] * 20, indent=1))
    assert told == Unreadable("", "is too large; write it as JSON lines, one statement on each line")
    assert [part.place for part in read("{id}\n" + line * 10)] == [f"line {n}" for n in range(1, 12)]


def test_a_file_of_many_lines_is_read_one_by_one() -> None:
    taken = []

    class Watched(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            taken.append(size)
            return super().readline(size)

    first = next(iter(read_statements(Watched(b'{"id": "a"}\n' * 1000))))
    assert first == Read("line 1", A)
    assert len(taken) == 1
