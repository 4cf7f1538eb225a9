"""Calibrations for tests, and an engine that needs no estimating."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lti_tool import measurement as engine
from lti_tool.domain.calibration import Calibration, ItemParameters
from lti_tool.measurement.bank import ScoredItem

RELEASE = "klein-pakket@1.2.3+000000000000"


def make_parameters(item: str = "VEI-INT-0011@1", **changes: Any) -> ItemParameters:
    values: dict[str, Any] = {
        "item": item,
        "a": 1.3,
        "b": 0.4,
        "c": 0.25,
        "sd": 0.2,
        "answers": 40,
        "drifted": False,
        "was": -0.2,
    }
    return ItemParameters(**{**values, **changes})


def make_calibration(*items: ItemParameters, **changes: Any) -> Calibration:
    values: dict[str, Any] = {
        "package": "klein-pakket",
        "release": RELEASE,
        "loading": 0.7,
        "people": 40,
        "answers": 160,
        "items": items or (make_parameters(),),
    }
    return Calibration(**{**values, **changes})


class CountingEngine:
    """An item is as hard as the share of wrong answers says: b from -2 (all right) to 2 (all wrong).

    Keeps what it was given. `changes` are of the whole, `of_items` of each answered item.
    """

    def __init__(self, *, of_items: dict[str, Any] | None = None, **changes: Any) -> None:
        self.sheets: Sequence[engine.Sheet] = ()
        self.items: list[ScoredItem] = []
        self.domains: Sequence[str] = ()
        self._changes = changes
        self._of_items = of_items or {}

    def __call__(
        self, items: Iterable[ScoredItem], domains: Sequence[str], sheets: Sequence[engine.Sheet]
    ) -> engine.Calibration:
        self.items, self.domains, self.sheets = list(items), domains, sheets
        values: dict[str, Any] = {
            "items": tuple(self._item(item) for item in self.items),
            "groups": tuple(engine.GroupMean(s.group, domains[0], 1, 0.123456, 0.1) for s in sheets),
            "loading": 0.71234,
            "people": len(sheets),
            "answers": sum(len(sheet.answers) for sheet in sheets),
            "rounds": 7,
            "converged": True,
        }
        return engine.Calibration(**{**values, **self._changes})

    def rights(self, item_id: str) -> list[bool]:
        """The answers to an item that it was given."""
        return [a.right for sheet in self.sheets for a in sheet.answers if a.item_id == item_id]

    def _item(self, item: ScoredItem) -> engine.CalibratedItem:
        rights = self.rights(item.item_id)
        b = 2 - 4 * sum(rights) / len(rights) if rights else item.b
        values: dict[str, Any] = {
            "item_id": item.item_id,
            "a": 1.23456,
            "b": b,
            "c": item.c,
            "sd": np.float64(0.23456) if rights else item.prior_sd,
            "answers": np.int64(len(rights)),
            "was": item.b,
            "z": b - item.b,
            "drifted": bool(rights) and abs(b - item.b) > 1,
        }
        return engine.CalibratedItem(**{**values, **(self._of_items if rights else {})})
