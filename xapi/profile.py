"""Our xAPI profile: the document for others, and whether a statement keeps to it.

xAPI Profiles 1.0 (https://github.com/adlnet/xapi-profiles). The document in the repository has a base that leads
nowhere (`.invalid`, RFC 2606), because every installation has a base of its own. We are stricter than the
specification: a statement of our profile that no template determines is wrong, and so is an extension that its
template does not name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from xapi import value_schema
from xapi.jsonpath import PathUnknown, Step, found, steps_of
from xapi.vocabulary import Iris

DOCUMENT = Path(__file__).with_name("profile.jsonld")
PLACEHOLDER = "https://base.invalid/xapi/"
CONTEXT = "https://w3id.org/xapi/profiles/context"

LONGEST_LIST = 8
"""Allowed values that a problem names."""

_RULE_KEYS = frozenset({"location", "presence", "any", "all", "none", "scopeNote"})
_TEMPLATE_KEYS = frozenset(
    {
        "id",
        "type",
        "inScheme",
        "prefLabel",
        "definition",
        "verb",
        "objectActivityType",
        "objectStatementRefTemplate",
        "rules",
    }
)
_PRESENCES = frozenset({"included", "excluded", "recommended"})


class ProfileUnsound(ValueError):
    """The document asks for something that this room cannot check; the message says where."""


@dataclass(frozen=True)
class Rule:
    """What must hold at a location of a statement (Profiles, Part Two, section 8.1)."""

    location: str
    steps: tuple[Step, ...]
    presence: str
    any_of: Sequence[Any] | None
    all_of: Sequence[Any] | None
    none_of: Sequence[Any] | None

    def broken(self, statement: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong, as `place: rule`."""
        places = list(found(self.steps, statement))
        if self.presence == "excluded":
            yield from (f"{place}: must not be there" for place, _ in places)
        elif not places:
            if self.presence == "included":
                yield f"{self.location}: is missing"
        else:
            yield from self._values_broken(places)

    def _values_broken(self, places: list[tuple[str, Any]]) -> Iterator[str]:
        if self.any_of is not None and not any(_among(value, self.any_of) for _, value in places):
            yield f"{self.location}: must be somewhere: {_in_words(self.any_of)}"
        for place, value in places:
            if self.all_of is not None and not _among(value, self.all_of):
                yield f"{place}: must be one of: {_in_words(self.all_of)}"
            if self.none_of is not None and _among(value, self.none_of):
                yield f"{place}: must not be: {_in_words(self.none_of)}"


@dataclass(frozen=True)
class Template:
    """One way in which a statement may be made (section 8); verb and kind of object determine it."""

    iri: str
    verb: str
    object_type: str | None
    """IRI of the activity type; None: the object is a StatementRef."""
    rules: tuple[Rule, ...]
    extensions: frozenset[str]
    """The keys of extensions that the rules name."""

    @property
    def name(self) -> str:
        return self.iri.rsplit("/", 1)[-1]

    def determines(self, statement: Mapping[str, Any]) -> bool:
        """Whether the statement has the determining properties."""
        target = _part(statement, "object")
        if _part(statement, "verb").get("id") != self.verb:
            return False
        if self.object_type is None:
            return target.get("objectType") == "StatementRef"
        return _part(target, "definition").get("type") == self.object_type

    def broken(self, statement: Mapping[str, Any]) -> Iterator[str]:
        """Every rule that the statement does not keep."""
        for rule in self.rules:
            yield from rule.broken(statement)
        for steps in _EXTENSIONS:
            for place, held in found(steps, statement):
                for key in held if isinstance(held, dict) else ():
                    if key not in self.extensions:
                        yield f"{place}: has an extension that this template does not name"


class Profile:
    """The profile of an installation whose IRIs start with `iri_base`.

    Raises:
        ProfileUnsound: the document asks for more than can be checked here.
    """

    def __init__(self, iri_base: str, text: str | None = None) -> None:
        self.iris = Iris(iri_base)
        read = json.loads(DOCUMENT.read_text("utf-8") if text is None else text)
        self.document: dict[str, Any] = with_base(read, iri_base)
        """The profile as it is served (JSON-LD)."""
        self.templates = tuple(_template(part) for part in self.document["templates"])
        self._terms = {
            part["id"]: part for key in ("concepts", "templates", "patterns") for part in self.document[key]
        }
        self._schemas = {part["id"]: _schema(part) for part in self.document["concepts"] if "inlineSchema" in part}

    @property
    def iri(self) -> str:
        return self.iris.profile_of_all_versions

    @property
    def version(self) -> str:
        """What a statement names as its category."""
        return self.iris.profile

    def term(self, iri: str) -> Mapping[str, Any] | None:
        """The concept, template or pattern of this IRI."""
        return self._terms.get(iri)

    def is_of(self, statement: object) -> bool:
        """Whether the statement says that it is of this profile."""
        categories = found(_CATEGORIES, _normalized(statement)) if isinstance(statement, dict) else ()
        return any(iri == self.version for _, iri in categories)

    def problems(self, statement: Mapping[str, Any]) -> list[str]:
        """Everything that breaks the profile, as `place: rule`; only for statements that are of it."""
        plain = _normalized(statement)
        fitting = [template for template in self.templates if template.determines(plain)]
        if not fitting:
            return ["verb, object: no template of the profile has this verb with this kind of object"]
        told = [
            f"{problem} (template {template.name})" for template in fitting for problem in template.broken(plain)
        ]
        return told + [problem for part in _EXTENSIONS for problem in self._values_broken(part, plain)]

    def _values_broken(self, steps: tuple[Step, ...], statement: Mapping[str, Any]) -> Iterator[str]:
        for place, value in found((*steps, tuple(self._schemas)), statement):
            # The key is ours, so it may be told; what stands before it are the names of the standard.
            key = next(iri for iri in self._schemas if place.endswith(f".{iri}"))
            yield from value_schema.broken(self._schemas[key], value, place)


@lru_cache(maxsize=8)
def profile_of(iri_base: str) -> Profile:
    """The profile of an installation, read once."""
    return Profile(iri_base)


def with_base(part: Any, iri_base: str) -> Any:
    """The same document with the base of an installation instead of the placeholder."""
    if isinstance(part, str):
        return part.replace(PLACEHOLDER, iri_base)
    if isinstance(part, list):
        return [with_base(inner, iri_base) for inner in part]
    if isinstance(part, dict):
        return {key: with_base(inner, iri_base) for key, inner in part.items()}
    return part


_EXTENSIONS = tuple(
    steps_of(path) for path in ("$['result','context'].extensions", "$.object.definition.extensions")
)
_CATEGORIES = steps_of("$.context.contextActivities.category[*].id")


def _template(part: Mapping[str, Any]) -> Template:
    iri = part["id"]
    if unknown := sorted(part.keys() - _TEMPLATE_KEYS):
        raise ProfileUnsound(f"{iri}: {unknown[0]} is not known here")
    if "verb" not in part or ("objectActivityType" in part) == ("objectStatementRefTemplate" in part):
        raise ProfileUnsound(f"{iri}: needs a verb, and either objectActivityType or objectStatementRefTemplate")
    rules = tuple(_rule(iri, rule) for rule in part["rules"])
    return Template(iri, part["verb"], part.get("objectActivityType"), rules, frozenset(_extensions_in(rules)))


def _extensions_in(rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        for before, names in zip(rule.steps, rule.steps[1:], strict=False):
            if before == ("extensions",):
                yield from names or ()


def _rule(iri: str, part: Mapping[str, Any]) -> Rule:
    if unknown := sorted(part.keys() - _RULE_KEYS):
        raise ProfileUnsound(f"{iri}: {unknown[0]} is not known here")
    if part.get("presence") not in _PRESENCES:
        raise ProfileUnsound(f"{iri}: each rule needs a presence that is known here")
    try:
        steps = steps_of(part["location"])
    except PathUnknown as err:
        raise ProfileUnsound(f"{iri}: {err}") from err
    return Rule(part["location"], steps, part["presence"], part.get("any"), part.get("all"), part.get("none"))


def _schema(concept: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: dict[str, Any] = json.loads(concept["inlineSchema"])
    try:
        value_schema.check(schema)
    except value_schema.SchemaUnknown as err:
        raise ProfileUnsound(f"{concept['id']}: {err}") from err
    return schema


def _normalized(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with each context activity in an array (xAPI 1.0.3, Data part, section 2.4.6.2)."""
    context = _part(statement, "context")
    activities = {
        kind: [held] if isinstance(held, dict) else held
        for kind, held in _part(context, "contextActivities").items()
    }
    return {**statement, "context": {**context, "contextActivities": activities}}


def _part(whole: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = whole.get(key)
    return held if isinstance(held, dict) else {}


def _among(value: Any, allowed: Sequence[Any]) -> bool:
    """As JSON compares: true is not 1."""
    return any(isinstance(value, bool) == isinstance(other, bool) and value == other for other in allowed)


def _in_words(allowed: Sequence[Any]) -> str:
    """The words of the profile, as JSON; a long list by its ends."""
    texts = [json.dumps(value, ensure_ascii=False) for value in allowed]
    return ", ".join(texts if len(texts) <= LONGEST_LIST else [texts[0], "…", texts[-1]])
