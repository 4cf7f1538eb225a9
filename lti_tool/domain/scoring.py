"""What a learner's response to an item is worth, and what is said about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from lti_tool.domain.content import IN_ROWS, SINGLE_ANSWER, Choice, Item, Option, Row
from lti_tool.domain.errors import JourneyError

LONGEST_TEXT = 1000
"""Characters in a typed answer; real answers are a word or a formula."""


TYPED = ("text_entry", "numeric")
"""Item types whose whole answer is typed."""


class ResponseDoesNotFit(JourneyError):
    """The response is not an answer to this item: nothing chosen, or something that was not offered."""

    def __init__(self, item_id: str, what: str) -> None:
        super().__init__(f"{item_id}: {what}")
        self.item_id = item_id
        self.what = what


@dataclass(frozen=True)
class Response:
    """What a learner gave.

    `choice` holds option ids (for `order` in the given order); for an item that asks in rows it holds, for
    each row in turn, the id of the choice or what was typed. `text` is for `text_entry` and `numeric`.
    """

    choice: tuple[str, ...] = ()
    text: str = ""
    dont_know: bool = False


def is_right(item: Item, response: Response) -> bool:
    """Whether the response is right; all or nothing, as the bank was estimated (content.md, C.2).

    "Weet ik niet" is never right. A `declarative` item has no wrong answer, so any answer is right;
    it is never counted.

    Raises:
        ResponseDoesNotFit: unknown or repeated options, nothing given, no number, or a text that is too long.
    """
    check_fits(item, response)
    if response.dont_know:
        return False
    if item.type == "declarative":
        return True
    if item.type == "text_entry":
        return _is_accepted(response.text, item.accept, item.normalise)
    if item.number is not None:
        value, tolerance = _exactly(item.number.value), _exactly(item.number.tolerance)
        return any(abs(read - value) <= tolerance for read in numbers_in(response.text))
    if item.type in IN_ROWS:
        return all(right for _, right in _by_row(item, response))
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
    if item.type in TYPED:
        _check_typed(item, response.text)
        if item.type == "numeric" and not numbers_in(response.text):
            raise ResponseDoesNotFit(item.id, "is not a number")
        return
    if not response.choice:
        raise ResponseDoesNotFit(item.id, "nothing was chosen")
    if item.type in IN_ROWS:
        _check_rows(item, response.choice)
        return
    if not set(response.choice) <= {option.id for option in item.options}:
        raise ResponseDoesNotFit(item.id, "something was chosen that was not offered")
    if len(set(response.choice)) != len(response.choice):
        raise ResponseDoesNotFit(item.id, "the same option was chosen twice")
    if item.type != "multiple_response":
        _check_count(item, response.choice, len(item.options) if item.type == "order" else 1)


def _check_rows(item: Item, given: tuple[str, ...]) -> None:
    _check_count(item, given, len(item.rows))
    for row, answer in zip(item.rows, given, strict=True):
        if not row.choices:
            _check_typed(item, answer)
        elif answer not in (choice.id for choice in row.choices):
            raise ResponseDoesNotFit(item.id, "something was chosen that was not offered")


def _check_count(item: Item, given: tuple[str, ...], wanted: int) -> None:
    if len(given) != wanted:
        raise ResponseDoesNotFit(item.id, f"{len(given)} chosen where {wanted} are needed")


def _check_typed(item: Item, text: str) -> None:
    if not text.strip():
        raise ResponseDoesNotFit(item.id, "nothing was typed")
    if len(text) > LONGEST_TEXT:
        raise ResponseDoesNotFit(item.id, f"longer than {LONGEST_TEXT} characters")


def _by_row(item: Item, response: Response) -> list[tuple[Row, bool]]:
    """Each row with whether its answer is right."""
    return [
        (row, given in row.accept if row.choices else _is_accepted(given, row.accept, item.normalise))
        for row, given in zip(item.rows, response.choice, strict=True)
    ]


def _is_accepted(given: str, accepted: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    return normalised(given, steps) in _all_normalised(accepted, steps)


@lru_cache(maxsize=64)  # the same for every response, and an author may accept hundreds of ways to type one
def _all_normalised(accepted: tuple[str, ...], steps: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalised(text, steps) for text in accepted)


_MARK = r"(?:[\u20ac$%]|euro|eur)"
_WRITTEN = re.compile(
    rf"(?:{_MARK} ?)?([-+]?) ?(?:{_MARK} ?)?([0-9][0-9., ]*?)(?:,--?)?(?: ?{_MARK})?", re.IGNORECASE
)
"""A number with at most a sign, and a currency or percent sign on either side; "12,-" is twelve euros."""
_DUTCH = re.compile(r"([0-9]{1,3}([. ][0-9]{3})+|[0-9]+)(,[0-9]+)?")
_ENGLISH = re.compile(r"([0-9]{1,3}([, ][0-9]{3})+|[0-9]+)(\.[0-9]+)?")


def numbers_in(text: str) -> tuple[Decimal, ...]:
    """What a typed number can mean, with or without a currency or percent sign; empty: it is none.

    Both ways of writing are read, because people meet both on their screens: "1.250,50" and "1,250.50".
    So "1.250" means 1250 as well as 1.25.
    """
    written = _WRITTEN.fullmatch(" ".join(text.replace("\u2212", "-").split()))
    if written is None:
        return ()
    sign, digits = written.groups()
    read = []
    if _DUTCH.fullmatch(digits):
        read.append(re.sub(r"[. ]", "", digits).replace(",", "."))
    if _ENGLISH.fullmatch(digits):
        read.append(re.sub(r"[, ]", "", digits))
    return tuple(Decimal(sign + number) for number in dict.fromkeys(read))


def _exactly(number: float) -> Decimal:
    """The number as its author wrote it: 0.3, and not the nearest that a computer counts with."""
    return Decimal(repr(number))


def typed_number(number: float) -> str:
    """How somebody types a number, with a point: 0.00001, and not 1e-05."""
    return f"{_exactly(number):f}"


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


def mixed_choices(item: Item, seed: str, row: Row) -> tuple[Choice, ...]:
    """The choices of a row in the order in which this attempt shows them.

    Those of a `match` are mixed, the same way in each row, since they stand beside their partners in the
    package; all others stand as a screen would have them.
    """
    if item.type != "match":
        return row.choices
    return tuple(sorted(row.choices, key=lambda choice: _place(seed, item, choice.id)))


def _place(seed: str, item: Item, part: str) -> bytes:
    # A hash instead of `random`: an attempt must replay the same on every version of Python.
    return sha256(f"{seed}|{item.key}|{part}".encode()).digest()


def explanation(item: Item, response: Response) -> str:
    """The text that explains this response.

    That of the chosen option where there is one; for `multiple_response` those of the options that
    should not have been chosen, for rows those of the rows that were answered otherwise; else the
    item's own explanation.
    """
    if response.dont_know:
        return item.feedback.why
    if item.type in IN_ROWS:
        told = [row.why for row, right in _by_row(item, response) if not right]
    else:
        chosen = [option for option in item.options if option.id in response.choice]
        if item.type == "multiple_response":
            chosen = [option for option in chosen if not option.correct]
        elif item.type not in (*SINGLE_ANSWER, "declarative"):
            chosen = []
        told = [option.feedback for option in chosen]
    return " ".join(text for text in told if text) or item.feedback.why


@dataclass(frozen=True)
class RowOutcome:
    """What a learner answered in one row of an item, beside what fits there."""

    row: Row
    given: str
    """In words."""
    fits: bool


def by_row(item: Item, response: Response) -> tuple[RowOutcome, ...]:
    """How each row was answered; empty for an item that does not ask in rows, and for "weet ik niet"."""
    if item.type not in IN_ROWS or response.dont_know:
        return ()
    return tuple(
        RowOutcome(row, given, fits)
        for (row, fits), given in zip(_by_row(item, response), _said(item, response.choice), strict=True)
    )


def in_words(item: Item, response: Response) -> tuple[str, ...]:
    """What the learner answered, as they read it; empty for "weet ik niet".

    Choices stand in the order of the package, except for `order`; rows read "text → answer", and a
    `cloze` is the whole sentence.
    """
    if response.dont_know:
        return ()
    if item.type in TYPED:
        return (response.text,)
    if item.type in IN_ROWS:
        return _rows_in_words(item, response.choice)
    texts = {option.id: option.text for option in item.options}
    if item.type == "order":
        return tuple(texts[option_id] for option_id in response.choice)
    return tuple(text for option_id, text in texts.items() if option_id in response.choice)


def expected_in_words(item: Item) -> tuple[str, ...]:
    """The right answer as a learner reads it; empty when there is none (`declarative`)."""
    if item.type == "text_entry":
        return item.accept[:1]
    if item.number is not None:
        return (f"{_exactly(item.number.value).normalize():f}".replace(".", ","),)
    if item.type in IN_ROWS:
        return _rows_in_words(item, tuple(row.accept[0] for row in item.rows))
    if item.type == "order":
        return tuple(option.text for option in item.options)
    return tuple(option.text for option in item.options if option.correct)


def _said(item: Item, given: tuple[str, ...]) -> list[str]:
    return [
        next((choice.text for choice in row.choices if choice.id == answer), answer)
        for row, answer in zip(item.rows, given, strict=True)
    ]


def _rows_in_words(item: Item, given: tuple[str, ...]) -> tuple[str, ...]:
    said = _said(item, given)
    if item.type == "cloze":
        return ("".join(part for pair in zip(item.sentence, [*said, ""], strict=True) for part in pair),)
    return tuple(f"{row.text} → {answer}" for row, answer in zip(item.rows, said, strict=True))
