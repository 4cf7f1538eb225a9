"""What single values may be, and how a mapping is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


def text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Line = Annotated[str, text(200)]
Paragraph = Annotated[str, text(800)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
SubskillId = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}\.[a-z]{1,40}$")]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[A-Z]{3}-[0-9]{4}$")]
ModuleId = Annotated[str, StringConstraints(pattern=r"^M-[A-Z]{3}-[0-9]{3}$")]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$")]
_BOUND = r"(>=|<=|==|<|>)[0-9]+(\.[0-9]+){0,2}"
VersionRange = Annotated[str, StringConstraints(pattern=rf"^{_BOUND}(,{_BOUND})*$", max_length=60)]
Digcomp = Annotated[str, StringConstraints(pattern=r"^(1\.[1-3]|2\.[1-6]|3\.[1-4]|4\.[1-4]|5\.[1-4])$")]
"""A competence of DigComp 2.2."""
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)*$", max_length=60)]
TextPath = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z0-9_-]+){0,7}$")]
"""The way to a text: keys and, in lists, ids or 0-based places, joined by dots."""
OptionId = Annotated[str, StringConstraints(pattern=r"^[a-z]$")]
MediaFile = Annotated[str, StringConstraints(pattern=r"^media/[a-z0-9][a-z0-9-]{0,79}\.[a-z0-9]{2,5}$")]
Licence = Literal[
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-3.0",
    "CC-BY-SA-3.0",
    "EUPL-1.2",
    "MIT",
    "Apache-2.0",
    "OGL-UK-3.0",
    "etalab-2.0",
]
"""Identifiers of https://spdx.org/licenses/ under which texts are shared."""
Logits = Annotated[float, Field(ge=-2.5, le=2.5)]
Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Shape(BaseModel):
    """A mapping with exactly these keys, and no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReviewShape(Shape):
    """Others than an author looked: is it true here, in plain words, about one skill, without a trick?"""

    by: Line
    """Their role; never their names."""
    on: Day
    count: int = Field(default=1, ge=1, le=1000)
    """How many they were."""
    agreed: int | None = Field(default=None, ge=0)
    """Of those who answered a question without seeing the key: how many came to it."""
    note: Paragraph | None = None
