"""The part of JSON Schema that the extensions of our profile use (https://json-schema.org), and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
}
_KEYWORDS = frozenset({"type", "minimum", "pattern", "required", "properties", "additionalProperties"})


class SchemaUnknown(ValueError):
    """A schema that uses more than we know."""


def check(schema: object) -> None:
    """Refuse a schema that cannot be tried in full.

    Raises:
        SchemaUnknown: naming what is not known.
    """
    if not isinstance(schema, dict):
        raise SchemaUnknown("a schema must be an object")
    for key in schema.keys() - _KEYWORDS:
        raise SchemaUnknown(f"{key} is not known here")
    if schema.get("type") not in _TYPES:
        raise SchemaUnknown("a schema must name a type that is known here")
    for part in schema.get("properties", {}).values():
        check(part)
    if "additionalProperties" in schema:
        check(schema["additionalProperties"])


def broken(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    """What is wrong with a value, as `place: rule`; the value itself is not told."""
    if not _fits(value, schema["type"]):
        yield f"{place}: must be of type {schema['type']}"
        return
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{place}: must be at least {schema['minimum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: must look like {schema['pattern']}"
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{place}.{key}: is missing"
    if isinstance(value, dict):
        for key, part in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if inner is not None:
                yield from broken(inner, part, f"{place}.{key}")


def _fits(value: object, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not isinstance(value, bool)
