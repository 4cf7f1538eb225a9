"""Who speaks in statements: a learner under a pseudonym, or the tool (xAPI 1.0.3, Data part, section 2.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xapi.vocabulary import Iris


@dataclass(frozen=True)
class Actor:
    """A learner of a tenant, known by a random pseudonym only."""

    tenant: str
    pseudonym: str


def tool_agent(iris: Iris) -> dict[str, Any]:
    """The tool itself: the actor of what nobody did."""
    return {"objectType": "Agent", "account": {"homePage": iris.tool(), "name": "digivaardig"}}


def agent_of(actor: Actor, iris: Iris) -> dict[str, Any]:
    """How an LRS knows a learner: the actor of every statement about them."""
    return {"objectType": "Agent", "account": {"homePage": iris.home_page(actor.tenant), "name": actor.pseudonym}}
