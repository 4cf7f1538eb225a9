"""What a learner's response to an item is worth, and what is said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from lti_tool.domain.content import SINGLE_ANSWER, Item, Option
from lti_tool.domain.errors import JourneyError

LONGEST_TEXT = 1000
"""Characters in a typed answer; real answers are a word or a formula."""


class ResponseDoesNotFit(JourneyError):
    """The response is not an answer to this item: nothing chosen, or something that was not offered."""

    def __init__(self, item_id: str, what: str) -> None:
        super().__init__(f"{item_id}: {what}")
        self.item_id = item_id
        self.what = what


@dataclass(frozen=True)
class Response:
    """What a learner gave.

    `choice` holds option ids (for `order` in the given order); for `match` it holds, for each left
    text in turn, the index of the chosen right text as a string. `text` is for `text_entry`.
    """

    choice: tuple[str, ...] = ()
    text: str = ""
    dont_know: bool = False


def is_right(item: Item, response: Response) -> bool:
    """Whether the response is right; all or nothing, as the bank was estimated (content.md, C.2).

    "Weet ik niet" is never right. A `declarative` item has no wrong answer, so any answer is right;
    it is never counted.

    Raises:
        ResponseDoesNotFit: unknown or repeated options, nothing given, or a text that is too long.
    """
    check_fits(item, response)
    if response.dont_know:
        return False
    if item.type == "declarative":
        return True
    if item.type == "text_entry":
        given = normalised(response.text, item.normalise)
        return any(given == normalised(accepted, item.normalise) for accepted in item.accept)
    if item.type == "match":
        return response.choice == tuple(str(index) for index in range(len(item.pairs)))
    if item.type == "order":
        return response.choice == tuple(option.id for option in item.options)
    return set(response.choice) == {option.id for option in item.options if option.correct}


def check_fits(item: Item, response: Response) -> None:
    """Whether the response answers this item at all.

    Raises:
        ResponseDoesNotFit: saying what is wrong with it, without repeating what was given.
    """
    if response.dont_know:
        return
    if item.type == "text_entry":
        if not response.text.strip():
            raise ResponseDoesNotFit(item.id, "nothing was typed")
        if len(response.text) > LONGEST_TEXT:
            raise ResponseDoesNotFit(item.id, f"longer than {LONGEST_TEXT} characters")
        return
    offered = (
        {str(index) for index in range(len(item.pairs))}
        if item.type == "match"
        else {option.id for option in item.options}
    )
    if not response.choice:
        raise ResponseDoesNotFit(item.id, "nothing was chosen")
    if not set(response.choice) <= offered:
        raise ResponseDoesNotFit(item.id, "something was chosen that was not offered")
    if item.type != "match" and len(set(response.choice)) != len(response.choice):
        raise ResponseDoesNotFit(item.id, "the same option was chosen twice")
    wanted = _choices_wanted(item)
    if wanted is not None and len(response.choice) != wanted:
        raise ResponseDoesNotFit(item.id, f"{len(response.choice)} chosen where {wanted} are needed")


def _choices_wanted(item: Item) -> int | None:
    """How many choices a complete response has; None when the learner decides."""
    if item.type == "multiple_response":
        return None
    if item.type == "match":
        return len(item.pairs)
    return len(item.options) if item.type == "order" else 1


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "trim": str.strip,
    "casefold": str.casefold,
    "strip_spaces": lambda text: re.sub(r"\s+", "", text),
    "strip_equals": lambda text: re.sub(r"^\s*=", "", text),
}

NORMALISERS = tuple(_NORMALISERS)
"""Names that `answer.normalise` of an item may use; applied in the order of the item."""


def normalised(text: str, steps: Iterable[str]) -> str:
    """The text with differences removed that do not matter for this item; never fuzzy spelling."""
    for step in steps:
        text = _NORMALISERS[step](text)
    return text


def shuffled_options(item: Item, seed: str) -> tuple[Option, ...]:
    """The options in the order in which this attempt shows them: the same for the same seed.

    `order` items are always mixed, since they stand in the right order in the package; the scale of a
    `declarative` item never is.
    """
    if item.type == "declarative" or not (item.shuffle or item.type == "order"):
        return item.options
    return tuple(sorted(item.options, key=lambda option: _place(seed, item, option.id)))


def shuffled_right(item: Item, seed: str) -> tuple[tuple[int, str], ...]:
    """The right-hand texts of a `match` item as (index, text), mixed for this attempt."""
    rights = [(index, pair.right) for index, pair in enumerate(item.pairs)]
    return tuple(sorted(rights, key=lambda right: _place(seed, item, str(right[0]))))


def _place(seed: str, item: Item, part: str) -> bytes:
    # A hash instead of `random`: an attempt must replay the same on every version of Python.
    return sha256(f"{seed}|{item.key}|{part}".encode()).digest()


def explanation(item: Item, response: Response) -> str:
    """The text that explains this response.

    That of the chosen option where there is one; for `multiple_response` those of the options that
    should not have been chosen; otherwise the item's own explanation.
    """
    if response.dont_know:
        return item.feedback.why
    chosen = [option for option in item.options if option.id in response.choice]
    if item.type == "multiple_response":
        chosen = [option for option in chosen if not option.correct]
    elif item.type not in (*SINGLE_ANSWER, "declarative"):
        chosen = []
    return " ".join(option.feedback for option in chosen if option.feedback) or item.feedback.why


def in_words(item: Item, response: Response) -> tuple[str, ...]:
    """What the learner answered, as they read it; empty for "weet ik niet".

    Choices stand in the order of the package, except for `order`; `match` reads "left → right".
    """
    if response.dont_know:
        return ()
    if item.type == "text_entry":
        return (response.text,)
    if item.type == "match":
        rights = [item.pairs[int(index)].right for index in response.choice]
        return tuple(f"{pair.left} → {right}" for pair, right in zip(item.pairs, rights, strict=True))
    texts = {option.id: option.text for option in item.options}
    if item.type == "order":
        return tuple(texts[option_id] for option_id in response.choice)
    return tuple(text for option_id, text in texts.items() if option_id in response.choice)


def expected_in_words(item: Item) -> tuple[str, ...]:
    """The right answer as a learner reads it; empty when there is none (`declarative`)."""
    if item.type == "text_entry":
        return item.accept[:1]
    if item.type == "match":
        return tuple(f"{pair.left} → {pair.right}" for pair in item.pairs)
    if item.type == "order":
        return tuple(option.text for option in item.options)
    return tuple(option.text for option in item.options if option.correct)
