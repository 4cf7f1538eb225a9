"""Reads GIFT, as Moodle does (https://docs.moodle.org/en/GIFT_format), and tells what it leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from lti_tool.content_library.exchange import answers
from lti_tool.content_library.exchange.answers import Answer, Lose, decimal
from lti_tool.content_library.exchange.html_text import plain
from lti_tool.content_library.exchange.questions import (
    Fields,
    FileRefused,
    Found,
    Loss,
    NotTaken,
    Reading,
    id_in,
    in_short,
)
from lti_tool.content_library.exchange.tags import fields_of
from lti_tool.content_library.exchange.texts import explained, parted, parted_sentence
from lti_tool.content_library.exchange.words import as_text

ESCAPED = "\\:#={}~"
"""Characters that a backslash makes plain; backslash and n make a new line."""
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_HIDDEN = {sign: chr(0xFDD0 + number) for number, sign in enumerate(ESCAPED + "n")}
"""Unicode's noncharacters stand for escaped signs while the others are looked for."""
_SHOWN = str.maketrans({hidden: "\n" if sign == "n" else sign for sign, hidden in _HIDDEN.items()})
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{0,10})?)%")
_MARK = re.compile(r"\[(id|tag):((?:\\\]|[^\]])+)\]")
_MACHINE = re.compile(r"question: \d+ +name: .*")
"""The comment that Moodle itself puts before each question."""
_TRUE_FALSE = re.compile(r"\s*(T|TRUE|F|FALSE)\s*(?:#|$)")
_ORDERING = re.compile(r">[ \t]*\d*[^\n]*\n")
_BLANK = "_____"
_GAP_LIKE = re.compile(r"\[\[\d\]\]")


@dataclass
class _Block:
    """The lines between two blank ones."""

    line: int
    """Of the question itself, not of what is said about it."""
    text: list[str] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)


def read(content: bytes) -> Reading:
    """Every question of a GIFT file. Raises FileRefused."""
    text, _ = as_text(content)
    reading = Reading()
    for block in _blocks(text, reading):
        _block(block, reading)
    if not reading.found:
        raise FileRefused("no questions in it; a GIFT question ends with {…}")
    return reading


def _blocks(text: str, reading: Reading) -> Iterator[_Block]:
    block = _Block(0)
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        bare = line.strip()
        if bare.startswith("//"):
            block.comments.append((number, bare[2:].strip()))
        elif bare.startswith("$CATEGORY:"):
            reading.lost.append(
                Loss(f"line {number}", "", f"category {in_short(bare.removeprefix('$CATEGORY:'))}")
            )
        elif bare:
            block.line = block.line or number
            block.text.append(line.rstrip())
        elif block.text:
            yield block
            block = _Block(0)
    reading.lost.extend(
        Loss(f"line {number}", "", f"comment: {in_short(comment)}")
        for number, comment in block.comments
        if comment
    )


def _block(block: _Block, reading: Reading) -> None:
    raw = _ESCAPE.sub(lambda sign: _HIDDEN[sign[1]], "\n".join(block.text).strip())
    name, raw = _name(raw)
    found = reading.begin(f"line {block.line}", name or _show(_FORMAT.sub("", raw.partition("{")[0])))
    about = _about(block, found, name)
    try:
        found.fields = _question(raw, about, found.lost.append) | about
    except NotTaken as reason:
        found.lost.append(f"not taken over: {reason}")


def _name(raw: str) -> tuple[str, str]:
    if not raw.startswith("::"):
        return "", raw
    name, closed, rest = raw[2:].partition("::")
    return (_show(name).strip(), rest.strip()) if closed else ("", raw)


def _about(block: _Block, found: Found, name: str) -> Fields:
    """What name and comments say of the question."""
    tags, idnumber = [], ""
    for _, comment in block.comments:
        for kind, value in _MARK.findall(comment):
            if kind == "tag":
                tags.append(value.replace("\\]", "]"))
            elif not idnumber:
                idnumber = value.replace("\\]", "]").strip()
        rest = _MARK.sub("", comment).strip()
        if rest and not _MACHINE.fullmatch(rest):
            found.lost.append(f"comment: {in_short(rest)}")
    fields, lost = fields_of(tags)
    found.lost.extend(lost)
    ours = id_in(idnumber) or id_in(name)
    if idnumber and not id_in(idnumber):
        found.lost.append(f"id number {in_short(idnumber)}")
    return fields | ours


def _question(raw: str, about: Fields, lose: Lose) -> Fields:
    named_type = about.pop("named_type", None)
    before, opened, rest = raw.partition("{")
    inside, closed, after = rest.partition("}")
    if not opened and "}" not in raw:
        raise NotTaken("a description, which asks nothing")
    if not closed or "}" in before:
        raise NotTaken("a brace that opens or closes nothing; does a blank line stand inside the question?")
    if "{" in after or "}" in after:
        raise NotTaken("more than one {…}; GIFT has one")
    text_format = ((told := _FORMAT.match(before)) and told[1]) or "moodle"
    before = _FORMAT.sub("", before, count=1)
    part = _Parts(text_format, lose)
    inside, _, general = inside.strip().rpartition("####") if "####" in inside else (inside.strip(), "", "")
    fields = _answers(inside.strip(), part, named_type)
    gap = fields.pop("gap", None)
    if after.strip() and gap:
        fields = _sentence(before, gap(), after, part)
    else:
        fields |= parted(part.shown(before + (_BLANK if after.strip() else "") + after))
    told_feedback = fields.get("feedback", {}) | explained(part.text(general))
    return fields | ({"feedback": told_feedback} if told_feedback else {})


def _sentence(before: str, gap: Fields, after: str, part: _Parts) -> Fields:
    if _GAP_LIKE.search(before + after):
        raise NotTaken("a text with [[1]] in it, which is how a gap is written here")
    told = parted_sentence(part.shown(f"{before}[[1]]{after}"))
    sentence = told.pop("sentence")
    return told | {"type": "cloze", "cloze": {"text": sentence, "gaps": [gap]}}


@dataclass(frozen=True)
class _Parts:
    """Reads texts and answers of one question."""

    text_format: str
    lose: Lose

    def text(self, raw: str) -> str:
        """A text that may name a format of its own."""
        raw = raw.strip()
        told = _FORMAT.match(raw)
        return self.shown(raw[told.end() :], told[1]) if told else self.shown(raw)

    def shown(self, raw: str, text_format: str | None = None) -> str:
        """A text of the format of the question, or of its own."""
        shown, lost = plain(_show(raw.strip()), text_format or self.text_format)
        for what in lost:
            self.lose(what)
        return shown

    def answer(self, raw: str, fraction: float) -> Answer:
        """An answer with its weight and feedback."""
        raw = raw.strip()
        if weight := _WEIGHT.match(raw):
            fraction, raw = float(weight[1]), raw[weight.end() :]
        text, _, feedback = raw.partition("#")
        return Answer(self.text(text), fraction, self.text(feedback))


def _answers(inside: str, part: _Parts, named_type: str | None) -> Fields:
    """The kind of question that the braces hold; `gap` is how it would be asked inside a sentence."""
    if not inside:
        raise NotTaken("an essay, which nobody can score at once")
    if inside.startswith("#"):
        return answers.number(_numbers(inside[1:], part), part.lose)
    if _ORDERING.match(inside):
        return _ordering(inside, part)
    if "~" in inside:
        return _choice(inside, part, named_type)
    if "=" in inside and "->" in inside:
        pairs = [_pair(raw, part) for raw in inside.split("=") if raw.strip()]
        return answers.match(pairs, named_type, part.lose)
    if told := _TRUE_FALSE.match(inside):
        return _true_false(told[1] in ("T", "TRUE"), inside, part)
    found = [part.answer(raw, 100.0) for raw in inside.split("=") if raw.strip()]
    return answers.typed(found, case_counts=False, lose=part.lose) | {
        "gap": lambda: answers.gap(found, typed_in=True, lose=part.lose)
    }


def _choice(inside: str, part: _Parts, named_type: str | None) -> Fields:
    several = "=" not in inside
    found = [
        part.answer(raw.lstrip().removeprefix("="), 100.0 if raw.lstrip().startswith("=") else 0.0)
        for raw in inside.replace("=", "~=").split("~")
        if raw.strip()
    ]
    fields = answers.choice(found, several, part.lose)
    if named_type == "sjt" and fields["type"] == "single_choice":
        fields["type"] = "sjt"
    if several:
        return fields
    return fields | {"gap": lambda: answers.gap(found, typed_in=False, lose=part.lose)}


def _pair(raw: str, part: _Parts) -> tuple[str, str]:
    left, arrow, right = raw.partition("->")
    if not arrow:
        raise NotTaken(f"a pair without ->: {in_short(_show(raw))}")
    return part.text(left), part.text(right)


def _true_false(right: bool, inside: str, part: _Parts) -> Fields:
    _, *told = [part.text(raw) for raw in inside.split("#", 2)]
    if_wrong, if_right = [*told, "", ""][:2]
    found = answers.truefalse(right, *((if_right, if_wrong) if right else (if_wrong, if_right)))
    return answers.choice(found, several=False, lose=part.lose)


def _numbers(inside: str, part: _Parts) -> list[tuple[Answer, str]]:
    inside, wrong, about_wrong = inside.partition("~")
    found = []
    for raw in inside.split("="):
        if raw.strip():
            answer = part.answer(raw, 100.0)
            value, tolerance = _range(answer.text)
            found.append((Answer(value, answer.fraction, answer.feedback), tolerance))
    if wrong:
        found.append((Answer("*", 0.0, part.text(about_wrong.partition("#")[2])), ""))
    return found


def _range(text: str) -> tuple[str, str]:
    if ".." in text:
        low, _, high = text.partition("..")
        least, most = decimal(low), decimal(high)
        return f"{(least + most) / 2:f}", f"{abs(most - least) / Decimal(2):f}"
    value, _, tolerance = text.partition(":")
    return value.strip(), tolerance.strip()


def _ordering(inside: str, part: _Parts) -> Fields:
    """Moodle writes its ordering question as GIFT without escapes, an answer a line."""
    head, _, lines = inside.partition("\n")
    if (told := re.match(r">[ \t]*(\d+)", head)) and 0 < int(told[1]) < len(lines.split("\n")):
        part.lose(f"only {told[1]} of the answers were shown")
    texts = [part.text(line) for line in lines.split("\n") if line.strip()]
    return {"type": "order", "options": [{"text": text} for text in texts]}


def _show(raw: str) -> str:
    return raw.translate(_SHOWN)
