"""What must agree in the story of a package, and between it and the trainings and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import hypot

from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format.items import PictureShape
from lti_tool.content_library.format.stories import StopShape, StoryShape
from lti_tool.content_library.media import PICTURES, ending
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem

NEAREST_PERCENT = 4
"""Two places that stand closer cannot be told apart."""


def check_story(parsed: Parsed) -> Iterator[Problem]:
    """Every disagreement; of the stories of packages that this one extends only the one that it names."""
    if parsed.package is None:
        return
    named = parsed.package.shape.story
    if named and named not in parsed.texts:
        yield parsed.package.problem(f"there is no file {named}", "story")
    for story in parsed.stories:
        if story.file == named:
            yield from _story(story, parsed)
        elif not parsed.package.shape.extends:
            yield Problem(story.file, 0, "package.yaml does not name this story, so nobody sees it")


def _story(entry: Entry[StoryShape], parsed: Parsed) -> Iterator[Problem]:
    story = entry.shape
    if entry.file != f"story/{story.id}.yaml":
        yield entry.problem(f"should stand in story/{story.id}.yaml", "id")
    yield from _picture(entry, story.map, parsed, "map")
    seen: dict[str, int] = {}
    for number, stop in enumerate(story.stops):
        if stop.id in seen:
            yield entry.problem(f"stop {seen[stop.id] + 1} has the id {stop.id} too", "stops", number, "id")
        seen.setdefault(stop.id, number)
        if stop.picture:
            yield from _picture(entry, stop.picture, parsed, "stops", number, "picture")
        if repeats(stop.modules):
            yield entry.problem("the same module stands in it twice", "stops", number, "modules")
        for place, module_id in enumerate(stop.modules):
            if module_id not in parsed.module_ids:
                yield entry.problem(f"there is no module {module_id}", "stops", number, "modules", place)
    for (_, one), (number, other) in combinations(enumerate(story.stops), 2):
        if _distance(one, other) < NEAREST_PERCENT:
            message = f"stands less than {NEAREST_PERCENT} percent from {one.id}"
            yield entry.problem(message, "stops", number, "place")


def _distance(one: StopShape, other: StopShape) -> float:
    return hypot(one.place.x - other.place.x, one.place.y - other.place.y)


def _picture(
    entry: Entry[StoryShape], picture: PictureShape, parsed: Parsed, *where: str | int
) -> Iterator[Problem]:
    if ending(picture.file) not in PICTURES:
        yield entry.problem(f"{picture.file} is not one of: {', '.join(PICTURES)}", *where, "file")
    elif picture.file not in parsed.media:
        yield entry.problem(f"there is no file {picture.file}", *where, "file")


def media_of_stories(parsed: Parsed) -> set[str]:
    """Every picture of every story, also of one that is not told here."""
    pictures = [
        picture
        for story in parsed.stories
        for picture in (story.shape.map, *(stop.picture for stop in story.shape.stops))
    ]
    return {picture.file for picture in pictures if picture}


def all_stories_are_read(parsed: Parsed) -> bool:
    """Whether none has problems of its own, so that it is known which pictures they show."""
    return len(parsed.stories) == sum(file.startswith("story/") for file in parsed.texts)
