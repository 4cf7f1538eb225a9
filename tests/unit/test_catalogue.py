"""The English catalogue is complete, and the compiled file is the one that belongs to it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from babel.messages.catalog import Message

from lti_tool.web.catalogue import ENGLISH, compiled, extracted, translated, update

PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def messages() -> list[Message]:
    return [message for message in translated() if message.id]


def test_every_text_of_the_pages_is_in_the_catalogue_and_none_is_left_over() -> None:
    wanted = {message.id for message in extracted() if message.id}
    assert wanted == {message.id for message in messages()}


def test_every_text_has_english() -> None:
    assert not [m.id for m in messages() if not all(texts(m.string)) or m.fuzzy]


def test_english_fills_in_the_same_values() -> None:
    for message in messages():
        for dutch, english in zip(texts(message.id), texts(message.string), strict=True):
            assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(dutch)), message.id


def test_the_compiled_catalogue_is_current() -> None:
    assert (ENGLISH / "messages.mo").read_bytes() == compiled(translated())


def test_updating_the_catalogue_adds_what_is_new_and_drops_what_is_gone(tmp_path: Path) -> None:
    po = (ENGLISH / "messages.po").read_text()
    (tmp_path / "messages.po").write_text(po.replace('msgid "Alle trainingen"', 'msgid "Iets van vroeger"'))
    update(tmp_path)
    renewed = {message.id: message.string for message in translated(tmp_path)}
    assert "Iets van vroeger" not in renewed
    assert renewed["Alle trainingen"] == ""
    assert renewed["Startpagina"] == "Start page"
    assert (tmp_path / "messages.mo").is_file()


def test_a_catalogue_that_is_complete_stays_as_it_is(tmp_path: Path) -> None:
    for name in ("messages.po", "messages.mo"):
        shutil.copy(ENGLISH / name, tmp_path)
    update(tmp_path)
    for name in ("messages.po", "messages.mo"):
        assert (tmp_path / name).read_bytes() == (ENGLISH / name).read_bytes()
