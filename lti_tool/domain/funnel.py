"""How far a whole group is with one training: not opened, opened, finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from lti_tool.domain.disclosure import View
from lti_tool.domain.rounding import merge_cells

STEPS: Final = ("new", "begun", "done")


def funnel_view(module_id: str, group: str, how_far: Mapping[str, str]) -> View:
    """Who contributes: everybody, also who did not open it, so that no figure is about a few who did.

    Whoever goes on is another value of the same person, as with a later attempt.
    """
    return View(f"module:{module_id}", group, frozenset(f"{person}#{step}" for person, step in how_far.items()))


def funnel_shares(how_far: Mapping[str, str]) -> dict[str, int] | None:
    """Shares in percent, steps of fewer than ten people merged with their neighbour; None when one is left.

    So neither who opened less who finished, nor all less who opened, is ever 1 to 9 people.
    """
    cells = merge_cells(Counter(how_far.values()), STEPS)
    return None if cells is None else {cell.key: cell.share_percent for cell in cells}
