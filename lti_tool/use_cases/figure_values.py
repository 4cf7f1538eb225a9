"""The values of a figure, from whichever source the measurements come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from lti_tool.domain.disclosure import Value
from lti_tool.domain.rounding import merge_cells
from lti_tool.measurement.change import Change

NO_CONTROL_GROUP = "no control group: a second time alone brings about 0.26"
"""Said beside every effect: people do better at similar questions the second time (Hausknecht et al. 2007)."""


def level_values(shares: Iterable[Sequence[float]], order: Sequence[str]) -> Mapping[str, Value] | None:
    """The expected number of people at each level: the sum of everyone's probabilities, so that doubt about a
    person is doubt about the group too; cells under the minimum are merged. None when one cell is left.

    `order` names the levels, lowest first, as each person's shares stand.
    """
    people = list(shares)
    # An exact sum: the order in which people are read says nothing.
    counts = {level: round(math.fsum(person[place] for person in people)) for place, level in enumerate(order)}
    cells = merge_cells(counts, order)
    return None if cells is None else {cell.key: cell.share_percent for cell in cells}


def change_values(change: Change) -> Mapping[str, Value]:
    """The mean change in units of the reference population's standard deviation, with its interval."""
    return {
        "mean": change.mean,
        "low95": change.low95,
        "high95": change.high95,
        "minimal_detectable": change.minimal_detectable,
        "method": change.method,
        "caveat": NO_CONTROL_GROUP,
    }
