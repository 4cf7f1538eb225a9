"""What the profile says of the values of extensions."""

from typing import Any

import pytest

from xapi.value_schema import SchemaUnknown, broken, check

FIGURES = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer", "minimum": 10}},
    "additionalProperties": {"type": "string", "pattern": "^a"},
}


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"n": 10, "x": "ab"}, []),
        ({"n": 9, "x": "b"}, ["at.n: must be at least 10", "at.x: must look like ^a"]),
        ({"n": 10.5}, ["at.n: must be of type integer"]),
        ({"n": True}, ["at.n: must be of type integer"]),
        ({}, ["at.n: is missing"]),
        ([], ["at: must be of type object"]),
        (None, ["at: must be of type object"]),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_place(value: Any, problems: list[str]) -> None:
    check(FIGURES)
    assert list(broken(FIGURES, value, "at")) == problems


def test_what_a_schema_does_not_mention_is_free() -> None:
    assert list(broken({"type": "object"}, {"x": 1}, "at")) == []


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (None, "must be an object"),
        ({}, "must name a type"),
        ({"type": "array"}, "must name a type"),
        ({"type": "string", "format": "iri"}, "format is not known"),
        ({"type": "object", "properties": {"a": {"type": "x"}}}, "must name a type"),
        ({"type": "object", "additionalProperties": False}, "must be an object"),
    ],
)
def test_a_schema_that_cannot_be_tried_in_full_is_refused(schema: object, why: str) -> None:
    with pytest.raises(SchemaUnknown, match=why):
        check(schema)
