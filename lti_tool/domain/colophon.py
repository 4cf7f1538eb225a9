"""Who made a package, and on what terms others may use and change it (R119)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Credit:
    """Somebody who helped; texts are plain, and an empty one was not given."""

    name: str
    role: str
    licence: str
    address: str
    """Where to find more, as a text: nothing makes a link of it."""


@dataclass(frozen=True)
class MediaCredit:
    """Who made some of the pictures, films and files; which ones would give questions away."""

    maker: str
    licence: str
    source: str
    """May be empty."""
    count: int


@dataclass(frozen=True)
class Colophon:
    """What a package says of itself."""

    title: str
    version: str
    publisher: str
    contact: str
    """May be empty."""
    licence: str
    """An SPDX id, such as CC-BY-SA-4.0."""
    credits: tuple[Credit, ...]
    media: tuple[MediaCredit, ...] = ()
    """Also of the pictures that come from `built_on`."""
    built_on: tuple[Colophon, ...] = ()
    """The packages that it extends, and those that these extend."""
    reviewed_by_municipality: bool = False
