"""What a statement can be found by (xAPI 1.0.3, Communication part, section 2.1.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from xapi.vocabulary import VOIDED

Json = dict[str, Any]

LIST_PARTS = ("parent", "grouping", "category", "other")
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid")


def is_voiding(statement: Json) -> bool:
    """Whether this statement voids another one (Data part, section 2.3.2)."""
    return bool(statement["verb"]["id"] == VOIDED)


def target_of(statement: Json) -> str | None:
    """The id of the statement that this one is about, lower case, or None."""
    target = statement["object"]
    return str(target["id"]).lower() if target.get("objectType") == "StatementRef" else None


def agent_key(agent: Json) -> str | None:
    """One text for the inverse functional identifier (Data part, section 2.4.2.3); None: an anonymous group."""
    for name in IDENTIFIERS:
        if name in agent:
            value = agent[name]
            return f"{name}:{value.lower() if name != 'openid' else value}"
    if "account" in agent:
        return f"account:{json.dumps([agent['account']['homePage'], agent['account']['name']])}"
    return None


def found_by(statement: Json) -> set[tuple[str, str]]:
    """(kind, value) of everything that a query can find this statement by (Communication part, section 2.1.3)."""
    keys = {("verb", statement["verb"]["id"])}
    context = statement.get("context", {})
    if "registration" in context:
        keys.add(("registration", context["registration"].lower()))
    for agent in _agents(statement["actor"]):
        keys |= {("agent", agent), ("any_agent", agent)}
    keys |= _object_keys(statement["object"])
    for name in ("instructor", "team"):
        if name in context:
            keys |= {("any_agent", agent) for agent in _agents(context[name])}
    if "authority" in statement:
        keys |= {("any_agent", agent) for agent in _agents(statement["authority"])}
    for activity in _context_activities(context):
        keys.add(("any_activity", activity["id"]))
    return keys


def _object_keys(target: Json) -> set[tuple[str, str]]:
    kind = target.get("objectType", "Activity")
    if kind in ("Agent", "Group"):
        return {(name, agent) for agent in _agents(target) for name in ("agent", "any_agent")}
    if kind == "Activity":
        return {("activity", target["id"]), ("any_activity", target["id"])}
    if kind == "SubStatement":
        inside = {(name.removeprefix("any_"), value) for name, value in found_by(target)}
        return {(f"any_{name}", value) for name, value in inside if name in ("agent", "activity")}
    return set()


def with_lists(statement: Json) -> Json:
    """The statement with every context activity in a list (Data part, section 2.4.6.2); changes it in place."""
    for part in (statement, statement.get("object", {})):
        activities = part.get("context", {}).get("contextActivities", {}) if isinstance(part, dict) else {}
        for name in LIST_PARTS:
            if isinstance(activities.get(name), dict):
                activities[name] = [activities[name]]
    return statement


def _agents(agent: Json) -> Iterator[str]:
    """The agent's or group's own key, and those of its members."""
    key = agent_key(agent)
    if key is not None:
        yield key
    for member in agent.get("member", []):
        yield from _agents(member)


def _context_activities(context: Json) -> Iterator[Json]:
    for value in context.get("contextActivities", {}).values():
        yield from value if isinstance(value, list) else [value]
