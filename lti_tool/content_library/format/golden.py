"""The shape of tests/golden.yaml: responses, and what each should count for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from lti_tool.content_library.format.words import ItemId, Shape

Word = str | int | float
"""An id, or what is typed; spaces count, so nothing is stripped."""
Said = Word | list[Word] | dict[str, Word]


def _in_one_sentence(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """One problem, and not one for each form that a response may have."""
    try:
        return check(value)
    except ValidationError:
        message = "should be a text or number, a list of these, or a mapping to them; quotes make a text of a word"
        raise PydanticCustomError("response", message) from None


class GoldenResponseShape(Shape):
    """What a learner may give, and whether that is right."""

    response: Annotated[Said, WrapValidator(_in_one_sentence)]
    """`dont_know`; or as the type asks for: an id or a list of ids, what is typed, or what is said in each row."""
    right: bool


class GoldenShape(Shape):
    """Responses that were thought out beforehand, by the id of their item: tests/golden.yaml."""

    schema_: Literal["golden/1"] = Field(alias="schema")
    items: dict[ItemId, Annotated[list[GoldenResponseShape], Field(min_length=1)]] = Field(min_length=1)
