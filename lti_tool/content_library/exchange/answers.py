"""What GIFT and Moodle have in common: answers that count for a part, in the kinds of question that we have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lti_tool.content_library.checks.todo import THIRD_OPTION
from lti_tool.content_library.exchange.questions import Fields, NotTaken, in_short

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOST_DIGITS = 30

Lose = Callable[[str], None]

_STAR = re.compile(r"(?<!\\)\*")


@dataclass(frozen=True)
class Answer:
    """One answer of a question; `fraction` is what it counts, in percent (of -100 to 100)."""

    text: str
    fraction: float
    feedback: str = ""


def choice(answers: Sequence[Answer], several: bool, lose: Lose) -> Fields:
    """A choice of one or of several."""
    if len(answers) > len(LETTERS):
        raise NotTaken(f"{len(answers)} answers; a question has at most {len(LETTERS)}")
    right = [answer.fraction > 0 if several else answer.fraction >= 100 for answer in answers]
    if not any(right):
        raise NotTaken("no answer counts in full")
    _tell_credit(answers, right, several, lose)
    if several and sum(right) == 1:
        lose("several answers could be ticked where one is right")
        several = False
    options = [
        {"text": answer.text}
        | ({"correct": True} if key else {})
        | ({"feedback": answer.feedback} if answer.feedback else {})
        for answer, key in zip(answers, right, strict=True)
    ]
    if not several and len(options) == 2:
        options.append({"text": THIRD_OPTION})
    return {"type": "multiple_response" if several else "single_choice", "options": options}


def _tell_credit(answers: Sequence[Answer], right: Sequence[bool], several: bool, lose: Lose) -> None:
    """An answer here is right or not yet: parts of the marks are gone.

    Several right answers that count the same while each other one takes all away is the strictest that these
    formats can say, and what we write ourselves.
    """
    even = 100 / sum(right)
    for answer, key in zip(answers, right, strict=True):
        wanted = ((even,) if key else (-100.0,)) if several else ((100.0,) if key else (0.0,))
        if not any(abs(answer.fraction - part) < 0.01 for part in wanted):
            kind = "penalty" if answer.fraction < 0 else "partial credit"
            lose(f"{kind}: {in_short(answer.text)} counts {answer.fraction:g} %")


def truefalse(right: bool, if_true: str, if_false: str) -> list[Answer]:
    return [
        Answer("Waar", 100.0 if right else 0.0, if_true),
        Answer("Niet waar", 0.0 if right else 100.0, if_false),
    ]


def typed(answers: Sequence[Answer], case_counts: bool, lose: Lose) -> Fields:
    """A typed answer; one that counts in part is not accepted."""
    accept, feedback = _typed_parts(answers, lose)
    for text in accept:
        if _STAR.search(text):
            raise NotTaken(f"an answer with a * for anything: {in_short(text)}")
    normalise = ["trim"] if case_counts else ["trim", "casefold"]
    accepted = list(dict.fromkeys(unstarred(text) for text in accept))
    return {"type": "text_entry", "answer": {"accept": accepted, "normalise": normalise}, "feedback": feedback}


def starred(text: str) -> str:
    """A text in which a * is a star, and not anything."""
    return text.replace("*", "\\*")


def unstarred(text: str) -> str:
    return text.replace("\\*", "*")


def number(answers: Sequence[tuple[Answer, str]], lose: Lose) -> Fields:
    """A number with its tolerance, each as text; `*` stands for every other answer."""
    full = [(answer, tolerance) for answer, tolerance in answers if answer.fraction >= 100 and answer.text != "*"]
    if len(full) != 1:
        raise NotTaken(f"{len(full)} numbers count in full; a question here has one")
    _, feedback = _typed_parts([answer for answer, _ in answers], lose)
    value = float(decimal(full[0][0].text))
    return {
        "type": "numeric",
        "number": {"value": value, "tolerance": float(decimal(full[0][1] or "0"))},
        "feedback": feedback,
    }


def decimal(text: str) -> Decimal:
    """The number that a text is. Raises NotTaken."""
    try:
        value = Decimal(text.strip().replace(",", ".")) if len(text) <= MOST_DIGITS else Decimal("nan")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS:
        raise NotTaken(f"{in_short(text)} is not a number")
    return value


def _typed_parts(answers: Sequence[Answer], lose: Lose) -> tuple[list[str], Fields]:
    accept = []
    feedback: Fields = {}
    for answer in answers:
        if answer.text == "*" and answer.fraction <= 0:
            told = "not_yet"
        elif answer.fraction >= 100:
            accept.append(answer.text)
            told = "right"
        else:
            kind = "a wrong answer" if answer.fraction <= 0 else f"partial credit ({answer.fraction:g} %)"
            lose(f"{kind}: {in_short(answer.text)}" + (" with feedback of its own" if answer.feedback else ""))
            continue
        if answer.feedback and feedback.setdefault(told, answer.feedback) != answer.feedback:
            lose(f"feedback of its own for the answer {in_short(answer.text)}")
    if not accept:
        raise NotTaken("no answer counts in full")
    return accept, feedback


def match(pairs: Sequence[tuple[str, str]], named_type: str | None, lose: Lose) -> Fields:
    """Pairs; with an empty left side the right one is an answer that belongs nowhere.

    Where an answer belongs with several texts it is a folder, and the texts are files in it.
    """
    kept = [(left, right) for left, right in pairs if left]
    spare = [right for left, right in pairs if not left]
    rights = list(dict.fromkeys(right for _, right in kept))
    if not kept:
        raise NotTaken("no pairs")
    if named_type == "file_sort" or len(rights) < len(kept):
        if named_type != "file_sort":
            lose("answers that belong with several texts: shown as folders now, and the texts as files")
        return {
            "type": "file_sort",
            "folders": list(dict.fromkeys([*rights, *spare])),
            "files": [{"name": left, "folder": right} for left, right in kept],
        }
    for right in spare:
        lose(f"an answer that belongs nowhere: {in_short(right)}")
    return {"type": "match", "pairs": [{"left": left, "right": right} for left, right in kept]}


def gap(answers: Sequence[Answer], typed_in: bool, lose: Lose) -> Fields:
    """A gap in a sentence: what is told with any other answer is why."""
    right = [answer for answer in answers if answer.fraction >= 100]
    other = [answer for answer in answers if answer.fraction < 100]
    if not right:
        raise NotTaken("a gap without an answer that counts in full")
    if not typed_in and len(right) > 1:
        raise NotTaken("a gap in which several choices are right")
    if any(_STAR.search(answer.text) for answer in right) and typed_in:
        raise NotTaken("a gap in which a * stands for anything")
    why = _why(right, other, typed_in, lose)
    if typed_in:
        return {"accept": list(dict.fromkeys(unstarred(answer.text) for answer in right))} | why
    return {"choices": [answer.text for answer in answers], "key": right[0].text} | why


def _why(right: Sequence[Answer], other: Sequence[Answer], typed_in: bool, lose: Lose) -> Fields:
    if any(answer.feedback for answer in right):
        lose("feedback with the right answer of a gap")
    for answer in other:
        if answer.fraction:
            lose(f"partial credit: {in_short(answer.text)} counts {answer.fraction:g} %")
        elif typed_in and answer.text != "*":
            lose(f"a wrong answer in a gap: {in_short(answer.text)}")
    whys = list(dict.fromkeys(answer.feedback for answer in other if answer.feedback))
    if len(whys) > 1:
        lose(f"feedback for each answer of a gap: only the first one stays, not {in_short('; '.join(whys[1:]))}")
    return {"why": whys[0]} if whys else {}
