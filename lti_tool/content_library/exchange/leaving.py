"""What the writers have in common: one question at a time, and what stays behind in the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from lti_tool.content_library.exchange.answers import Lose
from lti_tool.content_library.exchange.questions import Fields, Loss, NotTaken
from lti_tool.content_library.exchange.texts import NOT_YET, RIGHT, blank_lines_lost

Made = TypeVar("Made")

_STAYS = ("sources", "modules", "enemies", "requires", "review_before")


def each(items: Sequence[Fields], make: Callable[[Fields, Lose], Made]) -> tuple[list[Made], list[Loss]]:
    """What `make` makes of each item that it can hold, and what got lost of all of them."""
    made: list[Made] = []
    lost: list[Loss] = []
    for item in items:
        said: list[str] = []
        try:
            made.append(make(item, said.append))
        except NotTaken as reason:
            said = [f"left out: {reason}"]
        lost.extend(Loss(item["id"], "", what) for what in said)
    return made, lost


def tell_what_stays(item: Fields, lose: Lose) -> None:
    """What neither GIFT nor Moodle has a place for."""
    for part in _STAYS:
        if item.get(part):
            lose(f"{part} stay in the package")
    for what in blank_lines_lost(item):
        lose(what)


def tell_own_words(item: Fields, lose: Lose) -> None:
    """Where there is no place for words for a right answer as such; the ordinary ones come back by themselves."""
    for place, ordinary in (("right", RIGHT), ("not_yet", NOT_YET)):
        if item["feedback"][place] != ordinary:
            lose(f"feedback {place}: {item['feedback'][place]}")


def sorted_files(item: Fields, lose: Lose, *, keeps_spare: bool) -> list[tuple[str, str]]:
    """Files to sort as the pairs of a matching question; a spare folder has an empty left side."""
    pairs = [(file["name"], file["folder"]) for file in item["files"]]
    used = list(dict.fromkeys(folder for _, folder in pairs))
    spare = [folder for folder in item["folders"] if folder not in used]
    if any(file.get("why") for file in item["files"]):
        lose("why each file belongs in its folder")
    if spare and not keeps_spare:
        lose(f"folders in which nothing belongs: {', '.join(spare)}")
    order = [folder for folder in item["folders"] if keeps_spare or folder not in spare]
    if order != (used + spare if keeps_spare else used):
        lose("the order of the folders")
    return pairs + ([("", folder) for folder in spare] if keeps_spare else [])
