"""What a statement can be found by (xAPI 1.0.3, Communication part, section 2.1.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from xapi.comparison import same_case_mbox
from xapi.vocabulary import VOIDED

Json = dict[str, Any]
Key = bytes
"""Sixteen bytes: the kind, and most of the hash of a value, as a value has no longest length."""

KINDS = ("verb", "registration", "agent", "any_agent", "activity", "any_activity")
"""What a statement is found by; its place is the first byte of a key, so no kind ever moves."""
ANY = tuple(bytes([number]) for number, kind in enumerate(KINDS) if kind.startswith("any_"))

_FIRST = {kind: bytes([number]) for number, kind in enumerate(KINDS)}


@lru_cache(maxsize=10_000)
def key(kind: str, value: str) -> Key:
    """The key under which a value is found; most values come again and again."""
    return _FIRST[kind] + hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()[:15]


def is_voiding(statement: Json) -> bool:
    """Whether this statement voids another one (Data part, section 2.3.2)."""
    return bool(statement["verb"]["id"] == VOIDED)


def target_of(statement: Json) -> str | None:
    """The id of the statement that this one is about, lower case, or None."""
    target = statement["object"]
    return str(target["id"]).lower() if target.get("objectType") == "StatementRef" else None


def identity(agent: Json) -> str | None:
    """The inverse functional identifier as one text (Data part, section 2.4.2.3); None: an anonymous group."""
    if "mbox" in agent:
        return f"mbox:{same_case_mbox(agent['mbox'])}"
    if "mbox_sha1sum" in agent:
        return f"mbox_sha1sum:{agent['mbox_sha1sum'].lower()}"
    if "openid" in agent:
        return f"openid:{agent['openid']}"
    if "account" in agent:
        return f"account:{json.dumps([agent['account']['homePage'], agent['account']['name']])}"
    return None


def found_by(statement: Json) -> set[Key]:
    """Everything that a query can find this statement by, without what it is about by reference."""
    keys = {key("verb", statement["verb"]["id"])}
    context = statement.get("context", {})
    if "registration" in context:
        keys.add(key("registration", context["registration"].lower()))
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    direct = [*_identities(statement["actor"])]
    if kind in {"Agent", "Group"}:
        direct += _identities(target)
    if kind == "Activity":
        keys |= {key("activity", target["id"]), key("any_activity", target["id"])}
    keys |= {key("agent", agent) for agent in direct}
    keys |= {key("any_agent", agent) for agent in (*direct, *_further_identities(statement))}
    keys |= {key("any_activity", activity) for activity in _context_activities(context)}
    if kind == "SubStatement":
        keys |= {inside for inside in found_by(target) if inside.startswith(ANY)}
    return keys


def _further_identities(statement: Json) -> Iterator[str]:
    context = statement.get("context", {})
    for agent in (context.get("instructor"), context.get("team"), statement.get("authority")):
        if agent is not None:
            yield from _identities(agent)


def _identities(agent: Json) -> Iterator[str]:
    """The agent's or group's own identity, and those of its members."""
    own = identity(agent)
    if own is not None:
        yield own
    for member in agent.get("member", []):
        yield from _identities(member)


def _context_activities(context: Json) -> Iterator[str]:
    for found in context.get("contextActivities", {}).values():
        for activity in found if isinstance(found, list) else [found]:
            yield activity["id"]
