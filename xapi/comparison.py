"""Whether two statements say the same (xAPI 1.0.3, Data part, section 2.3.1: Statement Comparison).

What an LRS may set or return differently is left out: stored, authority, version, an absent timestamp,
definitions of activities, the display of a verb, the order of group members, a lone context activity as a list,
the case of an e-mail domain. Timestamps are compared as moments.
"""

from __future__ import annotations

import json
import math
from typing import Any

from xapi.formats import find_instant

_LOOSE = 1e-6
"""An LRS need only keep 32-bit floats, which carry about seven digits (section 2.2)."""


def same_statement(one: dict[str, Any], other: dict[str, Any], *, loose_numbers: bool = False) -> bool:
    """Whether two valid statements with one id are the same statement.

    `loose_numbers` allows for an LRS that keeps 32-bit floats.
    """
    left, right = _essence(one), _essence(other)
    if "timestamp" not in left or "timestamp" not in right:
        left.pop("timestamp", None)
        right.pop("timestamp", None)
    return _equal(left, right, loose_numbers)


def _essence(statement: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in statement.items() if key not in {"id", "stored", "authority", "version"}}
    kept["actor"] = _actor(kept["actor"])
    kept["verb"] = kept["verb"]["id"]
    kept["object"] = _target(kept["object"])
    if "timestamp" in kept:
        kept["timestamp"] = str(find_instant(kept["timestamp"]))
    if "context" in kept:
        kept["context"] = _context(kept["context"])
    return kept


def _target(value: dict[str, Any]) -> dict[str, Any]:
    kind = value.get("objectType", "Activity")
    if kind in {"Agent", "Group"}:
        return _actor(value)
    if kind == "SubStatement":
        return _essence(value)
    if kind == "StatementRef":
        return _statement_ref(value)
    return _activity(value)


def _context(value: dict[str, Any]) -> dict[str, Any]:
    kept = dict(value)
    if "registration" in kept:
        kept["registration"] = kept["registration"].lower()
    for key in ("instructor", "team"):
        if key in kept:
            kept[key] = _actor(kept[key])
    if "statement" in kept:
        kept["statement"] = _statement_ref(kept["statement"])
    if "contextActivities" in kept:
        kept["contextActivities"] = {
            kind: [_activity(activity) for activity in (found if isinstance(found, list) else [found])]
            for kind, found in kept["contextActivities"].items()
        }
    return kept


def _activity(value: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "Activity", "id": value["id"]}


def _statement_ref(value: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "StatementRef", "id": value["id"].lower()}


def _actor(value: dict[str, Any]) -> dict[str, Any]:
    kept = {"objectType": "Agent", **value}
    if "mbox" in kept:
        kept["mbox"] = same_case_mbox(kept["mbox"])
    if "mbox_sha1sum" in kept:
        kept["mbox_sha1sum"] = kept["mbox_sha1sum"].lower()
    if "member" in kept:
        kept["member"] = sorted((_actor(agent) for agent in kept["member"]), key=_as_text)
    return kept


def same_case_mbox(mbox: str) -> str:
    """The domain of an e-mail address knows no case."""
    name, _, domain = mbox.rpartition("@")
    return f"{name}@{domain.lower()}"


def _as_text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _equal(one: Any, other: Any, loose: bool) -> bool:
    """Deep equality that keeps true apart from 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key], loose) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(*pair, loose) for pair in zip(one, other, strict=True))
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=_LOOSE, abs_tol=_LOOSE) if loose else bool(one == other)
    return type(one) is type(other) and bool(one == other)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
