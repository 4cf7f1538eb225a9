"""Void all statements about somebody, at an LRS that cannot erase: they are hidden, not gone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xapi import vocabulary as words
from xapi.agents import tool_agent
from xapi.client import BUSY, LrsClient, LrsRefused, LrsUnavailable
from xapi.draft import Fact, StatementUnsound, freeze
from xapi.vocabulary import Iris

AT_ONCE = 50


def void_all(client: LrsClient, agent: Mapping[str, object], tenant: str, iris: Iris, at: datetime) -> int:
    """Void what the LRS shows about an agent; the tool itself says so, and names nobody.

    A statement that voids another cannot be voided (Data part, section 2.3.2), and stays.

    Returns:
        How many were voided.

    Raises:
        LrsUnavailable, LrsRefused
    """
    ids = voidable(client, agent)
    for start in range(0, len(ids), AT_ONCE):
        bodies = [_voiding(statement_id, tenant, iris, at) for statement_id in ids[start : start + AT_ONCE]]
        status = client.post_statements(bodies).status
        if status in BUSY or status >= 500:
            raise LrsUnavailable(f"HTTP {status}")
        if status not in (200, 204):
            raise LrsRefused(status)
    return len(ids)


def voidable(client: LrsClient, agent: Mapping[str, object]) -> list[str]:
    """The ids of what an LRS shows about an agent, and that does not void another statement itself.

    Raises:
        LrsUnavailable, LrsRefused
    """
    shown = client.statements(agent=agent, related_agents=True)
    return [str(one.get("id")) for one in shown if _verb(one) != words.VOIDED]


def _verb(statement: Mapping[str, Any]) -> object:
    verb = statement.get("verb")
    return verb.get("id") if isinstance(verb, dict) else None


def _voiding(statement_id: str, tenant: str, iris: Iris, at: datetime) -> str:
    """Not of our profile, which is about what learners do; a new id each time, so that no answer is 409."""
    parts = {
        "actor": tool_agent(iris),
        "verb": {"id": words.VOIDED, "display": dict(words.DISPLAY["voided"])},
        "object": {"objectType": "StatementRef", "id": statement_id},
    }
    fact = Fact("withdrawn", f"{statement_id}/{uuid.uuid4()}", 0)
    try:
        return freeze(fact, uuid.uuid5(uuid.NAMESPACE_URL, iris.base + tenant), "tool", parts, at).body
    except StatementUnsound as err:
        raise LrsUnavailable("the answer is not from an LRS") from err
