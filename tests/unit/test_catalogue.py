"""The English catalogue is complete, and the compiled file is the one that belongs to it."""

from __future__ import annotations

import re

from babel.messages.catalog import Message

from lti_tool.web.catalogue import ENGLISH, compiled, extracted, translated

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
