"""What xAPI 1.0.3 asks of a statement (https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Data.md).

Strict where the standard says MUST or "recommended to reject": unknown keys, nulls outside extensions, wrong
types and formats. A problem names the place and the rule, never the value, so it may be logged or answered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from xapi import formats
from xapi.vocabulary import VOIDED

Problem: TypeAlias = tuple[str, str]
"""Where, seen from the value that was checked (empty: the value itself), and the rule."""
Check: TypeAlias = Callable[[Any], Iterable[Problem]]

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
"""The inverse functional identifiers (section 2.4.2.3)."""

COMPONENT_LISTS: Mapping[str, frozenset[str]] = {
    "true-false": frozenset(),
    "choice": frozenset({"choices"}),
    "fill-in": frozenset(),
    "long-fill-in": frozenset(),
    "matching": frozenset({"source", "target"}),
    "performance": frozenset({"steps"}),
    "sequencing": frozenset({"choices"}),
    "likert": frozenset({"scale"}),
    "numeric": frozenset(),
    "other": frozenset(),
}
"""Which lists of components go with which interaction type (section 2.4.4.1)."""


def problems(statement: object) -> list[str]:
    """Everything that is wrong with one statement, as `place: rule`; empty when it is valid."""
    return [f"{place or 'statement'}: {rule}" for place, rule in _statement(statement)]


def agent_problems(agent: object) -> list[str]:
    """What is wrong with an Agent or identified Group given as a query parameter."""
    found = [f"{_in('agent', place)}: {rule}" for place, rule in _actor(agent)]
    if not found and isinstance(agent, dict) and not any(key in agent for key in IDENTIFIERS):
        found.append("agent: an anonymous group cannot be looked for")
    return found


def _statement(value: Any) -> list[Problem]:
    found = _object(value, _STATEMENT, required=("actor", "verb", "object"))
    return found + _together(value)


def _sub_statement(value: Any) -> list[Problem]:
    found = _object(value, _SUB_STATEMENT, required=("objectType", "actor", "verb", "object"))
    return found + _together(value)


def _together(statement: Any) -> list[Problem]:
    """Rules that hold between the parts of a statement."""
    if not isinstance(statement, dict):
        return []
    found = []
    kind = _kind(statement.get("object"))
    verb = statement.get("verb")
    if isinstance(verb, dict) and verb.get("id") == VOIDED and kind != "StatementRef":
        found.append(("object", "a voiding statement must refer to a statement"))
    context = statement.get("context")
    if isinstance(context, dict) and kind != "Activity":
        for key in ("revision", "platform"):
            if key in context:
                found.append((f"context.{key}", "only allowed when the object is an Activity"))
    return found


def _target(value: Any) -> Iterable[Problem]:
    """The object of a statement (section 2.4.4); without an objectType it is an Activity."""
    return _sub_statement(value) if _kind(value) == "SubStatement" else _target_but_sub_statement(value)


def _target_but_sub_statement(value: Any) -> Iterable[Problem]:
    check = _TARGETS.get(_kind(value))
    return (("objectType", "is not allowed here"),) if check is None else check(value)


def _actor(value: Any) -> Iterable[Problem]:
    """An Agent or a Group (section 2.4.2)."""
    return _group(value) if isinstance(value, dict) and value.get("objectType") == "Group" else _agent(value)


def _agent(value: Any) -> list[Problem]:
    found = _object(value, _AGENT)
    if isinstance(value, dict) and _identifiers(value) != 1:
        found.append(("", f"must have exactly one of {', '.join(IDENTIFIERS)}"))
    return found


def _group(value: Any) -> list[Problem]:
    found = _object(value, _GROUP, required=("objectType",))
    if isinstance(value, dict):
        if _identifiers(value) > 1:
            found.append(("", f"must not have more than one of {', '.join(IDENTIFIERS)}"))
        if _identifiers(value) == 0 and not value.get("member"):
            found.append(("", "an anonymous group must have members"))
    return found


def _authority(value: Any) -> list[Problem]:
    """An Agent, or the anonymous pair of application and user (section 2.4.9)."""
    found = list(_actor(value))
    if isinstance(value, dict) and value.get("objectType") == "Group":
        member = value.get("member")
        if _identifiers(value) or not isinstance(member, list) or len(member) != 2:
            found.append(("", "a group must be anonymous and have exactly two members"))
    return found


def _definition(value: Any) -> list[Problem]:
    """An Activity Definition, also of an interaction (section 2.4.4.1)."""
    found = _object(value, _DEFINITION)
    if not isinstance(value, dict):
        return found
    kind = value.get("interactionType")
    allowed = COMPONENT_LISTS.get(kind, frozenset()) if isinstance(kind, str) else frozenset()
    for name in _LISTS:
        if name in value and name not in allowed:
            found.append((name, "does not go with this interactionType"))
    if "correctResponsesPattern" in value and kind is None:
        found.append(("correctResponsesPattern", "only allowed with an interactionType"))
    return found


def _components(value: Any) -> list[Problem]:
    found = _list(value, _component)
    if isinstance(value, list):
        ids = [str(part.get("id")) for part in value if isinstance(part, dict)]
        if len(ids) != len(set(ids)):
            found.append(("", "ids must be distinct"))
    return found


def _score(value: Any) -> list[Problem]:
    """Section 2.4.5.1: scaled in -1..1, min < max, raw between them."""
    found = _object(value, _SCORE)
    if found:
        return found
    if "scaled" in value and not -1 <= value["scaled"] <= 1:
        found.append(("scaled", "must lie between -1 and 1"))
    low, high = value.get("min", -math.inf), value.get("max", math.inf)
    if low >= high:
        found.append(("min", "must be less than max"))
    if "raw" in value and not low <= value["raw"] <= high:
        found.append(("raw", "must lie between min and max"))
    return found


def _context_activities(value: Any) -> list[Problem]:
    found = _object(value, _CONTEXT_ACTIVITIES)
    if value == {}:
        found.append(("", f"must have at least one of {', '.join(_CONTEXT_ACTIVITIES)}"))
    return found


def _one_or_more_activities(value: Any) -> Iterable[Problem]:
    return _list(value, _activity) if isinstance(value, list) else _activity(value)


def _extensions(value: Any) -> Iterable[Problem]:
    """Keys are IRIs; the values are free (section 4.1)."""
    if not isinstance(value, dict):
        return (("", "must be an object"),)
    if not all(formats.is_iri(key) for key in value):
        return (("", "every key must be an IRI"),)
    return ()


def _language_map(value: Any) -> list[Problem]:
    if not isinstance(value, dict) or not value:
        return [("", "must be an object with at least one language")]
    found = []
    if not all(formats.is_language(key) for key in value):
        found.append(("", "every key must be an RFC 5646 language tag"))
    if not all(isinstance(text, str) for text in value.values()):
        found.append(("", "every value must be a string"))
    return found


def _object(value: Any, keys: Mapping[str, Check], required: Iterable[str] = ()) -> list[Problem]:
    if not isinstance(value, dict):
        return [("", "must be an object")]
    found = [(key, "is missing") for key in required if key not in value]
    for key, part in value.items():
        check = keys.get(key)
        if check is None:
            found.append(("", "has a key that is not allowed"))
        elif part is None:
            found.append((key, "must not be null"))
        else:
            for place, rule in check(part):
                found.append((_in(key, place), rule))
    return found


def _object_of(keys: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    return lambda value: _object(value, keys, required)


def _list(value: Any, check: Check) -> list[Problem]:
    if not isinstance(value, list):
        return [("", "must be an array")]
    return [(_in(f"[{index}]", place), rule) for index, part in enumerate(value) for place, rule in check(part)]


def _list_of(check: Check) -> Check:
    return lambda value: _list(value, check)


def _that(fits: Callable[[Any], bool], rule: str) -> Check:
    wrong = (("", rule),)
    return lambda value: () if fits(value) else wrong


def _text_that(fits: Callable[[str], bool], rule: str) -> Check:
    return _that(lambda value: isinstance(value, str) and fits(value), rule)


def _one_of(*allowed: str) -> Check:
    # The words are our own, so the answer may name them.
    return _text_that(lambda value: value in allowed, f"must be one of: {', '.join(allowed)}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_natural(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _kind(target: object) -> str:
    """The objectType of an object; without one it is an Activity (section 2.4.4)."""
    kind = target.get("objectType", "Activity") if isinstance(target, dict) else "Activity"
    return kind if isinstance(kind, str) else ""


def _identifiers(actor: Mapping[str, object]) -> int:
    return sum(key in actor for key in IDENTIFIERS)


def _in(place: str, deeper: str) -> str:
    """A place within a place; `[0]` follows without a dot."""
    return f"{place}.{deeper}" if deeper and deeper[0] != "[" else place + deeper


_text = _that(lambda value: isinstance(value, str), "must be a string")
_boolean = _that(lambda value: isinstance(value, bool), "must be true or false")
_uuid = _text_that(formats.is_uuid, "must be a UUID")
_iri = _text_that(formats.is_iri, "must be an IRI with a scheme")
_timestamp = _text_that(formats.is_timestamp, "must be an ISO 8601 timestamp")

# What each part of a statement may hold.
_account = _object_of({"homePage": _iri, "name": _text}, required=("homePage", "name"))
_IDENTITY: Mapping[str, Check] = {
    "name": _text,
    "mbox": _text_that(formats.is_mbox, "must be mailto: and an e-mail address"),
    "mbox_sha1sum": _text_that(formats.is_sha1, "must be a hex-encoded SHA-1 hash"),
    "openid": _iri,
    "account": _account,
}
_AGENT: Mapping[str, Check] = {"objectType": _one_of("Agent"), **_IDENTITY}
_GROUP: Mapping[str, Check] = {"objectType": _one_of("Group"), **_IDENTITY, "member": _list_of(_agent)}
_verb = _object_of({"id": _iri, "display": _language_map}, required=("id",))
_component = _object_of({"id": _text, "description": _language_map}, required=("id",))
_LISTS = ("choices", "scale", "source", "target", "steps")
_DEFINITION: Mapping[str, Check] = {
    "name": _language_map,
    "description": _language_map,
    "type": _iri,
    "moreInfo": _iri,
    "extensions": _extensions,
    "interactionType": _one_of(*COMPONENT_LISTS),
    "correctResponsesPattern": _list_of(_text),
    **dict.fromkeys(_LISTS, _components),
}
_activity = _object_of(
    {"objectType": _one_of("Activity"), "id": _iri, "definition": _definition}, required=("id",)
)
_statement_ref = _object_of({"objectType": _one_of("StatementRef"), "id": _uuid}, required=("objectType", "id"))
_TARGETS: Mapping[str, Check] = {
    "Activity": _activity,
    "Agent": _actor,
    "Group": _actor,
    "StatementRef": _statement_ref,
}
_SCORE: Mapping[str, Check] = dict.fromkeys(("scaled", "raw", "min", "max"), _that(_is_number, "must be a number"))
_result = _object_of(
    {
        "score": _score,
        "success": _boolean,
        "completion": _boolean,
        "response": _text,
        "duration": _text_that(formats.is_duration, "must be an ISO 8601 duration"),
        "extensions": _extensions,
    }
)
_CONTEXT_ACTIVITIES: Mapping[str, Check] = dict.fromkeys(
    ("parent", "grouping", "category", "other"), _one_or_more_activities
)
_context = _object_of(
    {
        "registration": _uuid,
        "instructor": _actor,
        "team": _group,
        "contextActivities": _context_activities,
        "revision": _text,
        "platform": _text,
        "language": _text_that(formats.is_language, "must be an RFC 5646 language tag"),
        "statement": _statement_ref,
        "extensions": _extensions,
    }
)
_attachment = _object_of(
    {
        "usageType": _iri,
        "display": _language_map,
        "description": _language_map,
        "contentType": _text_that(formats.is_media_type, "must be an internet media type"),
        "length": _that(_is_natural, "must be a whole number from 0"),
        "sha2": _text_that(formats.is_sha2, "must be a hex-encoded SHA-2 hash"),
        "fileUrl": _iri,
    },
    required=("usageType", "display", "contentType", "length", "sha2"),
)
_BOTH: Mapping[str, Check] = {
    "actor": _actor,
    "verb": _verb,
    "result": _result,
    "context": _context,
    "timestamp": _timestamp,
    "attachments": _list_of(_attachment),
}
_SUB_STATEMENT: Mapping[str, Check] = {
    **_BOTH,
    "objectType": _one_of("SubStatement"),
    "object": _target_but_sub_statement,
}
_STATEMENT: Mapping[str, Check] = {
    **_BOTH,
    "object": _target,
    "id": _uuid,
    "stored": _timestamp,
    "authority": _authority,
    "version": _text_that(formats.is_version, "must be a version 1.0 or 1.0.x"),
}
