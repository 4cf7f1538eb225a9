"""What xAPI 1.0.3 asks of a statement (https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Data.md).

Strict where the standard says MUST or "recommended to reject": unknown keys, nulls outside extensions, wrong
types and formats. A problem names the place and the rule, never the value, so it may be logged or answered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from xapi import formats
from xapi.vocabulary import VOIDED

Check: TypeAlias = Callable[[Any, str], Iterator[str]]

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
    return list(_statement(statement, ""))


def agent_problems(agent: object) -> list[str]:
    """What is wrong with an Agent or identified Group given as a query parameter."""
    found = list(_actor(agent, "agent"))
    if not found and isinstance(agent, dict) and not any(key in agent for key in IDENTIFIERS):
        found.append("agent: an anonymous group cannot be looked for")
    return found


def _statement(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {
            "id": _uuid,
            "actor": _actor,
            "verb": _verb,
            "object": _target,
            "result": _result,
            "context": _context,
            "timestamp": _timestamp,
            "stored": _timestamp,
            "authority": _authority,
            "version": _text_that(formats.is_version, "must be a version 1.0 or 1.0.x"),
            "attachments": _list_of(_attachment),
        },
        required=("actor", "verb", "object"),
    )
    yield from _together(value, place)


def _sub_statement(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {
            "objectType": _one_of("SubStatement"),
            "actor": _actor,
            "verb": _verb,
            "object": _target_but_sub_statement,
            "result": _result,
            "context": _context,
            "timestamp": _timestamp,
            "attachments": _list_of(_attachment),
        },
        required=("objectType", "actor", "verb", "object"),
    )
    yield from _together(value, place)


def _together(statement: Any, place: str) -> Iterator[str]:
    """Rules that hold between the parts of a statement."""
    if not isinstance(statement, dict):
        return
    target = statement.get("object")
    kind = _kind(target)
    verb = statement.get("verb")
    if isinstance(verb, dict) and verb.get("id") == VOIDED and kind != "StatementRef":
        yield f"{_in(place, 'object')}: a voiding statement must refer to a statement"
    context = statement.get("context")
    if isinstance(context, dict) and kind != "Activity":
        for key in ("revision", "platform"):
            if key in context:
                yield f"{_in(place, f'context.{key}')}: only allowed when the object is an Activity"


def _target(value: Any, place: str) -> Iterator[str]:
    """The object of a statement (section 2.4.4); without an objectType it is an Activity."""
    if _kind(value) == "SubStatement":
        yield from _sub_statement(value, place)
    else:
        yield from _target_but_sub_statement(value, place)


def _target_but_sub_statement(value: Any, place: str) -> Iterator[str]:
    kind = _kind(value)
    if kind in {"Agent", "Group"}:
        yield from _actor(value, place)
    elif kind == "StatementRef":
        yield from _statement_ref(value, place)
    elif kind == "Activity":
        yield from _activity(value, place)
    else:
        yield f"{_in(place, 'objectType')}: is not allowed here"


def _actor(value: Any, place: str) -> Iterator[str]:
    """An Agent or a Group (section 2.4.2)."""
    if isinstance(value, dict) and value.get("objectType") == "Group":
        yield from _group(value, place)
    else:
        yield from _agent(value, place)


def _agent(value: object, place: str) -> Iterator[str]:
    yield from _object(value, place, {"objectType": _one_of("Agent"), **_IDENTITY})
    if isinstance(value, dict) and _identifiers(value) != 1:
        yield f"{place}: must have exactly one of {', '.join(IDENTIFIERS)}"


def _group(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {"objectType": _one_of("Group"), **_IDENTITY, "member": _list_of(_agent)},
        required=("objectType",),
    )
    if isinstance(value, dict):
        if _identifiers(value) > 1:
            yield f"{place}: must not have more than one of {', '.join(IDENTIFIERS)}"
        if _identifiers(value) == 0 and not value.get("member"):
            yield f"{place}: an anonymous group must have members"


def _authority(value: Any, place: str) -> Iterator[str]:
    """An Agent, or the anonymous pair of application and user (section 2.4.9)."""
    yield from _actor(value, place)
    if isinstance(value, dict) and value.get("objectType") == "Group":
        member = value.get("member")
        if _identifiers(value) or not isinstance(member, list) or len(member) != 2:
            yield f"{place}: a group must be anonymous and have exactly two members"


def _account(value: object, place: str) -> Iterator[str]:
    yield from _object(value, place, {"homePage": _iri, "name": _text}, required=("homePage", "name"))


def _verb(value: object, place: str) -> Iterator[str]:
    yield from _object(value, place, {"id": _iri, "display": _language_map}, required=("id",))


def _activity(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {"objectType": _one_of("Activity"), "id": _iri, "definition": _definition},
        required=("id",),
    )


def _definition(value: Any, place: str) -> Iterator[str]:
    """An Activity Definition, also of an interaction (section 2.4.4.1)."""
    lists = ("choices", "scale", "source", "target", "steps")
    yield from _object(
        value,
        place,
        {
            "name": _language_map,
            "description": _language_map,
            "type": _iri,
            "moreInfo": _iri,
            "extensions": _extensions,
            "interactionType": _one_of(*COMPONENT_LISTS),
            "correctResponsesPattern": _list_of(_text),
            **dict.fromkeys(lists, _components),
        },
    )
    if not isinstance(value, dict):
        return
    kind = value.get("interactionType")
    allowed = COMPONENT_LISTS.get(kind, frozenset()) if isinstance(kind, str) else frozenset()
    for name in lists:
        if name in value and name not in allowed:
            yield f"{_in(place, name)}: does not go with this interactionType"
    if "correctResponsesPattern" in value and kind is None:
        yield f"{_in(place, 'correctResponsesPattern')}: only allowed with an interactionType"


def _components(value: Any, place: str) -> Iterator[str]:
    yield from _list_of(_component)(value, place)
    if isinstance(value, list):
        ids = [str(part.get("id")) for part in value if isinstance(part, dict)]
        if len(ids) != len(set(ids)):
            yield f"{place}: ids must be distinct"


def _component(value: object, place: str) -> Iterator[str]:
    yield from _object(value, place, {"id": _text, "description": _language_map}, required=("id",))


def _statement_ref(value: object, place: str) -> Iterator[str]:
    keys: dict[str, Check] = {"objectType": _one_of("StatementRef"), "id": _uuid}
    yield from _object(value, place, keys, required=("objectType", "id"))


def _result(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {
            "score": _score,
            "success": _boolean,
            "completion": _boolean,
            "response": _text,
            "duration": _text_that(formats.is_duration, "must be an ISO 8601 duration"),
            "extensions": _extensions,
        },
    )


def _score(value: Any, place: str) -> Iterator[str]:
    """Section 2.4.5.1: scaled in -1..1, min < max, raw between them."""
    found = list(_object(value, place, dict.fromkeys(("scaled", "raw", "min", "max"), _number)))
    yield from found
    if found:
        return
    if "scaled" in value and not -1 <= value["scaled"] <= 1:
        yield f"{_in(place, 'scaled')}: must lie between -1 and 1"
    low, high = value.get("min", -math.inf), value.get("max", math.inf)
    if low >= high:
        yield f"{_in(place, 'min')}: must be less than max"
    if "raw" in value and not low <= value["raw"] <= high:
        yield f"{_in(place, 'raw')}: must lie between min and max"


def _context(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
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
        },
    )


def _context_activities(value: object, place: str) -> Iterator[str]:
    kinds = ("parent", "grouping", "category", "other")
    yield from _object(value, place, dict.fromkeys(kinds, _one_or_more_activities))
    if value == {}:
        yield f"{place}: must have at least one of {', '.join(kinds)}"


def _one_or_more_activities(value: object, place: str) -> Iterator[str]:
    check = _list_of(_activity) if isinstance(value, list) else _activity
    yield from check(value, place)


def _attachment(value: object, place: str) -> Iterator[str]:
    yield from _object(
        value,
        place,
        {
            "usageType": _iri,
            "display": _language_map,
            "description": _language_map,
            "contentType": _text_that(formats.is_media_type, "must be an internet media type"),
            "length": _natural,
            "sha2": _text_that(formats.is_sha2, "must be a hex-encoded SHA-2 hash"),
            "fileUrl": _iri,
        },
        required=("usageType", "display", "contentType", "length", "sha2"),
    )


def _extensions(value: object, place: str) -> Iterator[str]:
    """Keys are IRIs; the values are free (section 4.1)."""
    if not isinstance(value, dict):
        yield f"{place}: must be an object"
        return
    if not all(formats.is_iri(key) for key in value):
        yield f"{place}: every key must be an IRI"


def _language_map(value: object, place: str) -> Iterator[str]:
    if not isinstance(value, dict) or not value:
        yield f"{place}: must be an object with at least one language"
        return
    if not all(formats.is_language(key) for key in value):
        yield f"{place}: every key must be an RFC 5646 language tag"
    if not all(isinstance(text, str) for text in value.values()):
        yield f"{place}: every value must be a string"


def _object(value: object, place: str, keys: Mapping[str, Check], required: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place or 'statement'}: must be an object"
        return
    for key in required:
        if key not in value:
            yield f"{_in(place, key)}: is missing"
    for key, part in value.items():
        check = keys.get(key)
        if check is None:
            yield f"{place or 'statement'}: has a key that is not allowed"
        elif part is None:
            yield f"{_in(place, key)}: must not be null"
        else:
            yield from check(part, _in(place, key))


def _list_of(check: Check) -> Check:
    def checked(value: object, place: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{place}: must be an array"
            return
        for index, part in enumerate(value):
            yield from check(part, f"{place}[{index}]")

    return checked


def _text_that(fits: Callable[[str], bool], rule: str) -> Check:
    def checked(value: object, place: str) -> Iterator[str]:
        if not isinstance(value, str) or not fits(value):
            yield f"{place}: {rule}"

    return checked


def _one_of(*allowed: str) -> Check:
    # The words are our own, so the answer may name them.
    return _text_that(lambda value: value in allowed, f"must be one of: {', '.join(allowed)}")


def _text(value: object, place: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{place}: must be a string"


def _boolean(value: object, place: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{place}: must be true or false"


def _number(value: object, place: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{place}: must be a number"


def _natural(value: object, place: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield f"{place}: must be a whole number from 0"


def _kind(target: object) -> str:
    """The objectType of an object; without one it is an Activity (section 2.4.4)."""
    kind = target.get("objectType", "Activity") if isinstance(target, dict) else "Activity"
    return kind if isinstance(kind, str) else ""


def _identifiers(actor: Mapping[str, object]) -> int:
    return sum(key in actor for key in IDENTIFIERS)


def _in(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


_uuid = _text_that(formats.is_uuid, "must be a UUID")
_iri = _text_that(formats.is_iri, "must be an IRI with a scheme")
_timestamp = _text_that(formats.is_timestamp, "must be an ISO 8601 timestamp")

_IDENTITY: Mapping[str, Check] = {
    "name": _text,
    "mbox": _text_that(formats.is_mbox, "must be mailto: and an e-mail address"),
    "mbox_sha1sum": _text_that(formats.is_sha1, "must be a hex-encoded SHA-1 hash"),
    "openid": _iri,
    "account": _account,
}
