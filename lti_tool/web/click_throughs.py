"""Which picture of each click-through is shown; a link asks for another, and coming back finds the last one."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from lti_tool.use_cases.take_module import ModulePage

_KEPT = "frames"
"""In the session: where somebody was in each click-through, by module, step and block."""


def parameter(place: int) -> str:
    """What a link calls the picture that it asks for, and the anchor of that picture; `place` is of the block."""
    return f"frame-{place}"


def show_frames(session: MutableMapping[str, Any], page: ModulePage, asked: Mapping[str, str]) -> dict[int, int]:
    """Place of each click-through in the step → number of the picture to show, from 1."""
    shown = {}
    for place, block in enumerate(page.step.blocks, start=1):
        if block.frames:
            shown[place] = _shown(
                session,
                f"{page.module.id}.{page.step.id}.{place}",
                len(block.frames),
                asked.get(parameter(place), ""),
            )
    return shown


def _shown(session: MutableMapping[str, Any], key: str, total: int, asked: str) -> int:
    kept = session.get(_KEPT, {})
    number = int(asked) if asked.isdecimal() and len(asked) < 4 else kept.get(key, 1)
    if not 1 <= number <= total:
        number = 1
    if number != kept.get(key, 1):
        session[_KEPT] = {**kept, key: number}
    return number
