"""The shape of a story: story/<id>.yaml, with stops on a map that lead to micro-trainings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lti_tool.content_library.format.items import PictureShape
from lti_tool.content_library.format.words import Id, Line, ModuleId, Paragraph, Shape, Version

Inside = Annotated[float, Field(ge=4, le=96)]
"""Percent; the number that is drawn there stays inside the picture, also on a phone."""


class PlaceShape(Shape):
    """A point on the map, in percent of its width and height, from the upper left."""

    x: Inside
    y: Inside


class StopShape(Shape):
    """A place to look around, and the micro-trainings there."""

    id: Id
    title: Line
    place: PlaceShape
    picture: PictureShape | None = None
    intro: Paragraph
    modules: list[ModuleId] = Field(min_length=1, max_length=12)


class MeetingShape(Shape):
    """With whom and how it begins, before people go on by themselves."""

    title: Line
    intro: Paragraph
    minutes: int = Field(ge=15, le=480)


class StoryShape(Shape):
    """A story around the micro-trainings: story/<id>.yaml."""

    schema_: Literal["story/1"] = Field(alias="schema")
    id: Id
    version: Version
    title: Line
    intro: Paragraph
    meeting: MeetingShape | None = None
    """In class first, then the stops for self-study."""
    map: PictureShape
    stops: list[StopShape] = Field(min_length=1, max_length=24)
