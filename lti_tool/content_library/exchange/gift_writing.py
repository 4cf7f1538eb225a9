"""Writes GIFT (https://docs.moodle.org/en/GIFT_format): plain text, and what an item says of itself as tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lti_tool.content_library.exchange.answers import Lose, starred
from lti_tool.content_library.exchange.gift_reading import ESCAPED
from lti_tool.content_library.exchange.leaving import each, sorted_files, tell_own_words, tell_what_stays
from lti_tool.content_library.exchange.questions import Fields, NotTaken, Writing, key_of, plain_number
from lti_tool.content_library.exchange.tags import tags_of
from lti_tool.content_library.exchange.texts import explanation, joined, squeezed
from lti_tool.domain.content import Medium

_SPECIAL = re.compile(f"[{re.escape(ESCAPED)}]")
_GAP = re.compile(r"\[\[[1-9]\]\]")


def write(items: Sequence[Fields], media: Mapping[str, Medium]) -> Writing:
    """All items that GIFT can ask."""
    written, lost = each(items, _question)
    return Writing("\n".join(written).encode(), len(written), tuple(lost))


def _question(item: Fields, lose: Lose) -> str:
    for part in ("picture", "attachments"):
        if item.get(part):
            raise NotTaken(f"it cannot be asked without its {part}")
    if item["type"] not in _BODIES:
        raise NotTaken(f"GIFT has no {item['type']} question")
    tags, too_long = tags_of(item)
    body = _BODIES[item["type"]](item, lose)
    for what in too_long:
        lose(what)
    tell_what_stays(item, lose)
    if item["type"] in ("single_choice", "sjt", "multiple_response") and not item.get("shuffle", True):
        lose("the order of the options stays as it is")
    marks = "".join(f" [tag:{tag}]" for tag in tags)
    stem = _signs_kept(joined(item))
    return f"// [id:{key_of(item)}]{marks}\n::{key_of(item)}::[plain]{stem}{body}\n"


def _options(item: Fields, lose: Lose) -> str:
    """`=` for the one right answer; with several, each counts its share and every other one takes all away."""
    keys = sum(bool(option.get("correct")) for option in item["options"])
    share = f"~%{100 / keys:.5f}".rstrip("0").rstrip(".") + "%" if keys else ""
    right, wrong = (share, "~%-100%") if item["type"] == "multiple_response" else ("=", "~")
    lines = [
        (right if option.get("correct") else wrong) + _answer(option["text"]) + _told(option.get("feedback"))
        for option in item["options"]
    ]
    tell_own_words(item, lose)
    return _braces(lines, item)


def _typed(item: Fields, lose: Lose) -> str:
    accept, normalise = item["answer"]["accept"], item["answer"]["normalise"]
    told = item["feedback"]
    texts = [*accept, told["right"], told["not_yet"], explanation(item)]
    if any("->" in text for text in texts):
        raise NotTaken("GIFT takes -> for a pair")
    if list(normalise) != ["trim", "casefold"]:
        lose(f"what does not matter in an answer ({', '.join(normalise)}): GIFT ignores capitals only")
    lines = [f"={_answer(starred(text))}{_told(told['right'])}" for text in accept]
    return _braces([*lines, f"=%0%*{_told(told['not_yet'])}"], item)


def _number(item: Fields, lose: Lose) -> str:
    number, told = item["number"], item["feedback"]
    value = f"={plain_number(number['value'])}:{plain_number(number['tolerance'])}"
    return _braces([value + _told(told["right"]), "~" + _told(told["not_yet"])], item, "{#")


def _match(item: Fields, lose: Lose) -> str:
    if item["type"] == "file_sort":
        pairs = sorted_files(item, lose, keeps_spare=False)
    else:
        pairs = [(pair["left"], pair["right"]) for pair in item["pairs"]]
    if any("->" in left for left, _ in pairs):
        raise NotTaken("GIFT takes the first -> for the middle of a pair")
    tell_own_words(item, lose)
    return _braces([f"={_escaped(left)} -> {_escaped(right)}" for left, right in pairs], item)


def _cloze(item: Fields, lose: Lose) -> str:
    cloze = item["cloze"]
    if len(cloze["gaps"]) > 1:
        raise NotTaken("GIFT has one gap in a sentence, this has more")
    gap = cloze["gaps"][0]
    tell_own_words(item, lose)
    before, after = (_signs_kept(part) for part in _GAP.split(squeezed(cloze["text"]), maxsplit=1))
    if not after.strip():
        raise NotTaken("GIFT has no gap at the end of a sentence")
    if gap.get("choices"):
        lines = [
            f"={_answer(choice)}" if choice == gap["key"] else f"~{_answer(choice)}{_told(gap.get('why'))}"
            for choice in gap["choices"]
        ]
    else:
        if any("->" in text for text in (*gap["accept"], gap.get("why") or "", explanation(item))):
            raise NotTaken("GIFT takes -> for a pair")
        if list(cloze["normalise"]) != ["trim", "casefold"]:
            lose(f"what does not matter in an answer ({', '.join(cloze['normalise'])})")
        lines = [f"={_answer(starred(text))}" for text in gap["accept"]]
        lines += [f"=%0%*{_told(gap['why'])}"] if gap.get("why") else []
    general = f"####{_escaped(explanation(item))}"
    return f"\n\n{before}{{{' '.join(lines)} {general}}}{after}".replace("\n\n", "\\n\\n", 1)


def _braces(lines: Sequence[str], item: Mapping[str, Any], opened: str = "{") -> str:
    inside = "".join(f"\t{line}\n" for line in lines)
    return f"{opened}\n{inside}\t####{_escaped(explanation(item))}\n}}"


def _told(feedback: str | None) -> str:
    return f"#{_escaped(feedback)}" if feedback else ""


def _answer(text: str) -> str:
    """An answer; GIFT cannot escape a % at its start, which it takes for what the answer counts."""
    if text.startswith("%"):
        raise NotTaken(f"GIFT takes the % of {text} for what an answer counts")
    return _escaped(text)


def _escaped(text: str) -> str:
    """The text with its signs kept; what looks like the name of a format at its start is none."""
    return f"[plain]{_signs_kept(text)}" if text.startswith("[") else _signs_kept(text)


def _signs_kept(text: str) -> str:
    return _SPECIAL.sub(lambda sign: f"\\{sign[0]}", text).replace("\n", "\\n")


_BODIES: Mapping[str, Callable[[Fields, Lose], str]] = {
    "single_choice": _options,
    "sjt": _options,
    "multiple_response": _options,
    "text_entry": _typed,
    "numeric": _number,
    "match": _match,
    "file_sort": _match,
    "cloze": _cloze,
}
