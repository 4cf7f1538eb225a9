"""From a statement to one row: what our own statements say, each in a column; of others what fits.

`xapi/statements.py` says them. Of an LRS anything may come, so a part that is not as expected reads as empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xapi import vocabulary as words
from xapi.formats import find_instant
from xapi.warehouse.parquet import Column

COLUMNS = (
    Column("id", "text", "Id of the statement, in lower case."),
    Column("stored", "moment", "When the LRS kept it."),
    Column("timestamp", "moment", "When it happened."),
    Column("verb", "text", "IRI of the verb."),
    Column("object", "text", "IRI of the activity that it is about."),
    Column("registration", "text", "The participation: one learner in one campaign."),
    Column("campaign", "text", "IRI of the campaign."),
    Column("attempt", "text", "IRI of the sitting."),
    Column("phase", "text", "`pretest` or `posttest`."),
    Column("domain", "text", "The last part of the domain's IRI."),
    Column("item", "text", "The item as id@version."),
    Column("module", "text", "The micro-training as id, or id@version."),
    Column("success", "boolean", "Whether an item was answered right."),
    Column("progress", "number", "Percentage of a micro-training."),
    Column("ability", "number", "Logits, with the prior."),
    Column("se", "number", "Standard error of `ability`."),
    Column("wle", "number", "Logits, without a prior."),
    Column("wle_se", "number", "Standard error of `wle`."),
    Column("level", "text", "Id of the level; empty between two levels."),
    Column("bank_version", "text", "With which bank it was measured."),
    Column("voids", "text", "Id of the statement that this one takes back."),
)


def flat(statement: Mapping[str, Any]) -> tuple[object, ...]:
    """In the order of COLUMNS."""
    verb, target, context = (_part(statement, name) for name in ("verb", "object", "context"))
    result = _part(statement, "result")
    said = {name.rsplit("/", 1)[-1]: value for name, value in _part(result, "extensions").items()}
    activities = _by_type(target, _part(context, "contextActivities"))
    is_voiding = verb.get("id") == words.VOIDED
    return (
        _lower(statement.get("id")),
        find_instant(_text(statement.get("stored")) or ""),
        find_instant(_text(statement.get("timestamp")) or ""),
        _text(verb.get("id")),
        _text(target.get("id")),
        _lower(context.get("registration")),
        activities.get(words.COURSE),
        activities.get(words.ATTEMPT),
        _text(_part(context, "extensions").get(words.ASSESSMENT_TYPE)),
        _last(activities.get(words.OBJECTIVE)),
        _last(activities.get(words.INTERACTION)),
        _last(activities.get(words.LESSON)),
        result["success"] if isinstance(result.get("success"), bool) else None,
        _number(said.get(words.PROGRESS.rsplit("/", 1)[-1])),
        *(_number(said.get(name)) for name in ("ability", "se", "wle", "wle-se")),
        _text(said.get("level")),
        _text(said.get("bank-version")),
        _lower(target.get("id")) if is_voiding else None,
    )


def _by_type(target: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, str]:
    """The activities of a statement by their type; what it is about comes before its context."""
    found: dict[str, str] = {}
    for several in ([target], *others.values()):
        for activity in several if isinstance(several, list) else [several]:
            if isinstance(activity, dict):
                kind, iri = _text(_part(activity, "definition").get("type")), _text(activity.get("id"))
                if kind is not None and iri is not None:
                    found.setdefault(kind, iri)
    return found


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str | None:
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def _lower(value: object) -> str | None:
    text = _text(value)
    return None if text is None else text.lower()


def _last(iri: str | None) -> str | None:
    return None if iri is None else iri.rsplit("/", 1)[-1]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
