"""Freeze what is said into the text that is sent: the only home of tincan.

Every statement is checked against our own rules (`xapi.rules`) before it leaves this room, has an id that follows
from the fact it tells (the same fact told twice is the same statement), and what is stored is what is sent.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tincan import Statement

from xapi.rules import problems

VERSION = "1.0.3"


class StatementUnsound(Exception):
    """What was asked for cannot be said in xAPI 1.0.3; the message says where and why, without values."""


@dataclass(frozen=True)
class StatementDraft:
    """A statement ready for the outbox."""

    id: str
    body: str
    verb: str


@dataclass(frozen=True)
class Fact:
    """What tells one statement of somebody from another."""

    kind: str
    row: str
    revision: int


def freeze(fact: Fact, space: uuid.UUID, speaker: str, parts: Mapping[str, Any], at: datetime) -> StatementDraft:
    """Let tincan build a statement of these parts, check it, freeze it.

    Raises:
        StatementUnsound: naming the place and the rule.
    """
    statement_id = str(uuid.uuid5(space, f"{speaker}:{fact.kind}:{fact.row}:{fact.revision}"))
    try:
        body: dict[str, Any] = Statement({"id": statement_id, **parts}).as_version(VERSION)
    except (TypeError, ValueError, AttributeError, AssertionError) as err:
        raise StatementUnsound(f"{fact.kind} cannot be built") from err
    del body["version"]  # section 2.4.10: a provider should not set it
    if body["actor"].get("member") == []:  # tincan gives one to every Group
        del body["actor"]["member"]
    body["timestamp"] = moment(at)  # tincan would write microseconds and +00:00
    found = problems(body)
    if found:
        raise StatementUnsound("; ".join(found))
    try:
        frozen = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except ValueError as err:
        raise StatementUnsound(f"{fact.kind} holds a number that is none") from err
    return StatementDraft(statement_id, frozen, parts["verb"]["id"])


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z (Data part, section 4.5)."""
    if at.tzinfo is None:
        raise StatementUnsound("a moment without a zone cannot be told")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
