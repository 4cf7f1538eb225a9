"""A story around the micro-trainings: stops on a map, which are a plain list as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lti_tool.domain.content import Picture


@dataclass(frozen=True)
class Place:
    """A point on the map, in percent of its width and height, from the upper left."""

    x: float
    y: float


@dataclass(frozen=True)
class Stop:
    """A place to look around, with micro-trainings; nothing there is locked, and any order is right."""

    id: str
    title: str
    place: Place
    picture: Picture | None
    intro: str
    modules: tuple[str, ...]
    """Ids; at least one."""


@dataclass(frozen=True)
class Meeting:
    """With whom and how it begins, before people go on by themselves (R98)."""

    title: str
    intro: str
    minutes: int


@dataclass(frozen=True)
class Story:
    """What a package tells around its micro-trainings; these do not know of it (R103)."""

    id: str
    version: str
    title: str
    intro: str
    map: Picture
    stops: tuple[Stop, ...]
    meeting: Meeting | None = None

    def with_modules(self, offered: Collection[str]) -> Story | None:
        """The same with only these trainings, and only the stops where one is left; None without any."""
        left = [
            replace(stop, modules=tuple(module_id for module_id in stop.modules if module_id in offered))
            for stop in self.stops
        ]
        stops = tuple(stop for stop in left if stop.modules)
        return replace(self, stops=stops) if stops else None


def state_of(module_ids: Collection[str], states: Mapping[str, str]) -> str:
    """How far somebody is with some trainings: `new`, `begun` or `done`.

    Args:
        module_ids: at least one.
        states: module id to `begun` or `done`; what was never opened is not in it.
    """
    found = {states.get(module_id, "new") for module_id in module_ids}
    return found.pop() if len(found) == 1 else "begun"
