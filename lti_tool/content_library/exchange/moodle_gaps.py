"""Sentences with gaps in Moodle: embedded answers (cloze), dragged words (ddwtos) and chosen words (gapselect)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element  # the name only

from lti_tool.content_library.exchange import answers
from lti_tool.content_library.exchange.answers import Answer, Lose, decimal, starred
from lti_tool.content_library.exchange.html_text import all_spaces, as_html, plain
from lti_tool.content_library.exchange.questions import Fields, NotTaken, in_short
from lti_tool.content_library.exchange.texts import parted_sentence

MOST_GAPS = 6
LONGEST_SENTENCE = 16 * 1024
"""Characters of HTML; a sentence with gaps has at most 800 of text."""

_EMBEDDED = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^\\}])*)\}", re.DOTALL)
_CHOICES = re.compile(r"(MULTICHOICE|MC)(_?[VH]?S?)")
_TYPED = re.compile(r"(SHORTANSWER|SA|MW)(_?C)?")
_NUMBER = re.compile(r"NUMERICAL|NM")
_BETWEEN = re.compile(r"(?<!\\)~")
_FEEDBACK = re.compile(r"(?<![\\&])#")
_WEIGHT = re.compile(r"=|%(-?\d{1,3}(?:\.\d{1,10})?)%")
_UNESCAPED = re.compile(r'\\([}#~/"\\])')
_PLACE = re.compile(r"\[\[(\d{1,3})\]\]")
_ENCODED = re.compile(r"[{}~#\\=%:*&<>\"'/]")
"""Signs that the braces of a gap could misread; as character references nothing does."""


def cloze(question: Element | None, shown: Callable[[Element], str], lose: Lose) -> Fields:
    """A question with embedded answers."""
    raw = _raw(question)
    if question is None or not (found := list(_EMBEDDED.finditer(raw))):
        raise NotTaken("no gaps in it")
    if len({told[1] or "1" for told in found}) > 1:
        lose("gaps that count differently")
    case = {
        bool(_TYPED.fullmatch(told[2])) and told[2].endswith("C") for told in found if _TYPED.fullmatch(told[2])
    }
    if len(case) > 1:
        lose("capitals matter in some gaps only: now they matter in none")
    gaps = [_gap(told[2], told[3], lose) for told in found]
    fields = _sentence(question, raw, [told.span() for told in found], gaps, shown)
    fields["cloze"]["normalise"] = ["trim"] if case == {True} else ["trim", "casefold"]
    return fields


def _raw(question: Element | None) -> str:
    raw = "" if question is None else question.findtext("text") or ""
    if len(raw) > LONGEST_SENTENCE:
        raise NotTaken(f"a text of {len(raw)} characters")
    return raw


def _gap(kind: str, inside: str, lose: Lose) -> Fields:
    found = [_answer(raw) for raw in _BETWEEN.split(inside) if raw.strip()]
    if _NUMBER.fullmatch(kind):
        return answers.gap([_whole_number(answer) for answer in found], typed_in=True, lose=lose)
    if not (_CHOICES.fullmatch(kind) or _TYPED.fullmatch(kind)):
        raise NotTaken(f"a gap of the kind {in_short(kind)}")
    return answers.gap(found, typed_in=bool(_TYPED.fullmatch(kind)), lose=lose)


def _answer(raw: str) -> Answer:
    raw = raw.strip()
    fraction = 0.0
    if weight := _WEIGHT.match(raw):
        fraction = float(weight[1]) if weight[1] else 100.0
        raw = raw[weight.end() :]
    text, *feedback = _FEEDBACK.split(raw, maxsplit=1)
    return Answer(_shown(text), fraction, _shown(feedback[0]) if feedback else "")


def _shown(raw: str) -> str:
    return plain(_UNESCAPED.sub(r"\1", raw))[0]


def _whole_number(answer: Answer) -> Answer:
    value, _, tolerance = answer.text.partition(":")
    if answer.text != "*" and tolerance and decimal(tolerance):
        raise NotTaken("a gap for a number with a tolerance")
    return Answer(value.strip(), answer.fraction, answer.feedback)


def ordered_gaps(
    question: Element | None, choices: Sequence[tuple[str, str]], shown: Callable[[Element], str]
) -> Fields:
    """A text in which [[3]] is the gap for the third choice, with the others of its group to choose from."""
    raw = _raw(question)
    if question is None or not (found := list(_PLACE.finditer(raw))):
        raise NotTaken("no gaps in it")
    gaps = []
    for told in found:
        if not 1 <= int(told[1]) <= len(choices):
            raise NotTaken(f"a gap {told[0]} without a choice of that number")
        key, group = choices[int(told[1]) - 1]
        gaps.append({"choices": list(dict.fromkeys(text for text, its in choices if its == group)), "key": key})
    return _sentence(question, raw, [told.span() for told in found], gaps, shown)


def _sentence(
    question: Element,
    raw: str,
    spans: Sequence[tuple[int, int]],
    gaps: Sequence[Fields],
    shown: Callable[[Element], str],
) -> Fields:
    if len(gaps) > MOST_GAPS:
        raise NotTaken(f"{len(gaps)} gaps; a sentence has at most {MOST_GAPS}")
    parts, end = [], 0
    for number, (begin, after) in enumerate(spans, start=1):
        parts += [_kept(raw[end:begin]), f"[[{number}]]"]
        end = after
    copy = Element("questiontext", question.attrib)
    copy.extend(part for part in question if part.tag != "text")
    text = Element("text")
    text.text = "".join([*parts, _kept(raw[end:])])
    copy.append(text)
    told = parted_sentence(shown(copy))
    return {"type": "cloze", "cloze": {"text": told.pop("sentence"), "gaps": list(gaps)}} | told


def _kept(raw: str) -> str:
    if _PLACE.search(raw):
        raise NotTaken("a text with [[1]] in it, which is how a gap is written here")
    return raw


def embedded(text: str, gaps: Sequence[Fields], normalise: Sequence[str]) -> str:
    """HTML with the gaps of a cloze as Moodle's embedded answers."""
    typed = "SHORTANSWER" if "casefold" in normalise else "SHORTANSWER_C"
    safe = braces_kept(as_html(text))
    return _PLACE.sub(lambda told: _written(gaps[int(told[1]) - 1], typed), safe)


def braces_kept(written: str) -> str:
    """HTML in which no brace begins a gap."""
    return written.replace("{", "&#123;").replace("}", "&#125;")


def _written(gap: Fields, typed: str) -> str:
    why = f"#{_encoded(all_spaces(gap['why']))}" if gap.get("why") else ""
    if gap.get("choices"):
        alternatives = [
            f"={_encoded(all_spaces(choice))}" if choice == gap["key"] else _encoded(all_spaces(choice)) + why
            for choice in gap["choices"]
        ]
        return f"{{1:MULTICHOICE:{'~'.join(alternatives)}}}"
    accepted = [f"={_encoded(starred(text))}" for text in gap["accept"]]
    return f"{{1:{typed}:{'~'.join(accepted + ([f'*{why}'] if why else []))}}}"


def _encoded(text: str) -> str:
    return _ENCODED.sub(lambda sign: f"&#{ord(sign[0])};", text).replace("\n", "<br>")
