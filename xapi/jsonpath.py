"""The part of JSONPath that our profile uses, and nothing else.

xAPI Profiles, Part Two, section 8.1 (https://github.com/adlnet/xapi-profiles/blob/master/xapi-profiles-structure.md)
allows names, unions of names and `*`; there are no filters or scripts. What this room does not know is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

Step: TypeAlias = tuple[str, ...] | None
"""The names to follow; None: every member."""

_NAME = r"'[^'\\]*'"
_STEP = re.compile(rf"\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\[(?P<names>{_NAME}(?:,{_NAME})*)\]|(?P<all>\[\*\])")


class PathUnknown(ValueError):
    """A path that is none, or that uses more of JSONPath than we know."""


def steps_of(path: str) -> tuple[Step, ...]:
    """Read a path.

    Raises:
        PathUnknown: naming the path.
    """
    at = 1
    steps: list[Step] = []
    while at < len(path) and path.startswith("$"):
        match = _STEP.match(path, at)
        if match is None:
            break
        if match["all"]:
            steps.append(None)
        else:
            steps.append((match["name"],) if match["name"] else tuple(re.findall("'([^']*)'", match["names"])))
        at = match.end()
    if not steps or at < len(path):
        raise PathUnknown(f"{path} is not a path that is known here")
    return tuple(steps)


def found(steps: tuple[Step, ...], value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every place that the path leads to, with what stands there; `place` is where `value` stands."""
    if not steps:
        yield place, value
        return
    names, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        for name in value if names is None else names:
            if name in value:
                yield from found(rest, value[name], f"{place}.{name}" if place else name)
    elif isinstance(value, list) and names is None:
        for index, part in enumerate(value):
            yield from found(rest, part, f"{place}[{index}]")
