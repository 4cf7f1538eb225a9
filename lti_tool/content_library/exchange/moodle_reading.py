"""Reads Moodle XML (https://docs.moodle.org/en/Moodle_XML_format), without entities, and tells what it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # names only; defusedxml parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from lti_tool.content_library.exchange import answers
from lti_tool.content_library.exchange.answers import Answer, Lose
from lti_tool.content_library.exchange.html_text import plain
from lti_tool.content_library.exchange.moodle_gaps import cloze, ordered_gaps
from lti_tool.content_library.exchange.questions import (
    Fields,
    FileRefused,
    Loss,
    NotTaken,
    Reading,
    cleaned,
    id_in,
    in_short,
)
from lti_tool.content_library.exchange.tags import fields_of
from lti_tool.content_library.exchange.texts import explained, parted

DEEPEST_NESTING = 20
"""Moodle itself needs 7."""

_NO_SUCH_QUESTION = {
    "description": "a description, which asks nothing",
    "essay": "an essay, which nobody can score at once",
    "calculated": "a calculated question, whose numbers are drawn for each learner",
    "calculatedsimple": "a calculated question, whose numbers are drawn for each learner",
    "calculatedmulti": "a calculated question, whose numbers are drawn for each learner",
    "randomsamatch": "a match drawn from other questions",
    "random": "a question drawn from others",
    "ddimageortext": "dragging onto a picture",
    "ddmarker": "marking places in a picture",
}
_USUAL = {
    "defaultgrade": r"1(\.0+)?",
    "penalty": r"0?\.3333333|[01](\.0+)?",
    "hidden": r"0?",
    "answernumbering": r"abc|none|",
    "showstandardinstruction": r"[01]?",
    "shownumcorrect": r"[01]?",
    "shuffleanswers": r".*",
    "single": r".*",
    "usecase": r".*",
    "unitgradingtype": r"0?",
    "unitpenalty": r"0?\.1(0+)?",
    "showunits": r"3?",
    "unitsleft": r"0?",
    "layouttype": r"VERTICAL|0?",
    "selecttype": r"ALL|0?",
    "selectcount": r"0?",
    "gradingtype": r"ALL_OR_NOTHING",
    "showgrading": r"SHOW|[01]?",
    "numberingstyle": r"none|",
}
"""Settings with what Moodle fills in by itself, which no author chose; nothing is lost with them."""
_READ: tuple[str, ...] = (
    "name",
    "questiontext",
    "generalfeedback",
    "idnumber",
    "tags",
    "answer",
    "subquestion",
    "dragbox",
)
_READ += ("selectoption", "correctfeedback", "incorrectfeedback", "partiallycorrectfeedback")


def read(content: bytes) -> Reading:
    """Every question of a Moodle XML file. Raises FileRefused."""
    reading = Reading()
    number = 0
    for element in _questions(content):
        if element.get("type") == "category":
            reading.lost.append(Loss("", "", f"category {in_short(_plain_of(element, 'category'))}"))
            continue
        number += 1
        _question(element, number, reading)
    if not reading.found:
        raise FileRefused("no questions in it")
    return reading


def _questions(content: bytes) -> Iterator[Element]:
    depth = 0
    try:
        for event, element in iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth == 1 and event == "start" and element.tag != "quiz":
                raise FileRefused(
                    f"is no Moodle XML: it begins with <{in_short(element.tag)}> and not with <quiz>"
                )
            if depth > DEEPEST_NESTING:
                raise FileRefused(f"nested deeper than {DEEPEST_NESTING} levels")
            if depth == 1 and event == "end":
                if element.tag != "question":
                    raise FileRefused(f"<{in_short(element.tag)}> stands where a question should")
                yield element
                element.clear()
    except ParseError as err:
        raise FileRefused(f"is no XML: {err}") from None
    except DefusedXmlException:
        raise FileRefused("a DTD or entities, which Moodle never writes") from None
    except (LookupError, ValueError) as err:
        raise FileRefused(f"is no XML: {in_short(str(err))}") from None


def _question(element: Element, number: int, reading: Reading) -> None:
    name = _plain_of(element, "name")
    found = reading.begin(f"question {number}", name)
    part = _Parts(element, found.lost.append)
    try:
        about = part.about(name)
        kind = element.get("type") or ""
        if kind not in _KINDS:
            reason = _NO_SUCH_QUESTION.get(kind, "a type that we do not have")
            raise NotTaken(f"{reason} ({in_short(kind)})")
        fields = _KINDS[kind](part, about.pop("named_type", None))
        if fields["type"] != "cloze":
            fields |= parted(part.text("questiontext"))
        feedback = part.feedback() | fields.pop("feedback", {})
        found.fields = fields | about | ({"feedback": feedback} if feedback else {})
        part.tell_the_rest(kind)
    except NotTaken as reason:
        found.lost.append(f"not taken over: {reason}")


@dataclass(frozen=True)
class _Parts:
    """The parts of one question."""

    element: Element
    lose: Lose

    def text(self, tag: str) -> str:
        """The text of a part of the question; empty when there is none."""
        part = self.element.find(tag)
        return "" if part is None else self.shown(part)

    def shown(self, part: Element) -> str:
        """The text in an element, as an item has it."""
        for file in part.iter("file"):
            self.lose(f"the file {in_short(file.get('name') or '')}")
        shown, lost = plain(raw_of(part), part.get("format") or "html")
        for what in lost:
            self.lose(what)
        return shown

    def setting(self, tag: str) -> str:
        return (self.element.findtext(tag) or "").strip()

    def is_on(self, tag: str) -> bool:
        return self.setting(tag) in ("true", "1")

    def about(self, name: str) -> Fields:
        """What tags, id number and name say."""
        tags = [tag.findtext("text") or "" for tag in self.element.iterfind("tags/tag")]
        fields, lost = fields_of(tags)
        idnumber = self.setting("idnumber")
        ours = id_in(idnumber) or id_in(name)
        for what in lost:
            self.lose(what)
        if idnumber and not id_in(idnumber):
            self.lose(f"id number {in_short(idnumber)}")
        return fields | ours

    def feedback(self) -> Fields:
        right, not_yet = self.text("correctfeedback"), self.text("incorrectfeedback")
        partly = self.text("partiallycorrectfeedback")
        if partly and partly != not_yet:
            self.lose(f"feedback for an answer that is partly right: {in_short(partly)}")
        told = {"right": right, "not_yet": not_yet}
        return {key: text for key, text in told.items() if text} | explained(self.text("generalfeedback"))

    def answers(self, text_format: str = "html") -> list[Answer]:
        return [self.answer(part, text_format) for part in self.element.iterfind("answer")]

    def answer(self, part: Element, text_format: str) -> Answer:
        try:
            fraction = float(part.get("fraction") or 0)
        except ValueError:
            raise NotTaken(f"an answer that counts {in_short(part.get('fraction') or '')} %") from None
        feedback = part.find("feedback")
        told = "" if feedback is None else self.shown(feedback)
        text = cleaned(raw_of(part)) if text_format == "plain_text" else self.shown(part)
        return Answer(text, fraction, told)

    def tell_the_rest(self, kind: str) -> None:
        """Settings that are not Moodle's own, hints, and everything that we never heard of."""
        for part in self.element:
            usual = _USUAL.get(part.tag)
            value = " ".join("".join(part.itertext()).split())
            if part.tag == "hint":
                self.lose(f"hint: {in_short(plain(raw_of(part), part.get('format') or 'html')[0])}")
            elif part.tag == "defaultgrade" and kind == "cloze":
                continue
            elif usual is not None:
                if not re.fullmatch(usual, value):
                    self.lose(f"{part.tag}: {in_short(value)}")
            elif part.tag not in _READ and (value or len(part)):
                self.lose(f"<{in_short(part.tag)}>: {in_short(value)}")


def raw_of(part: Element) -> str:
    """What stands in the <text> of an element."""
    return part.findtext("text") or ""


def _plain_of(element: Element, tag: str) -> str:
    part = element.find(tag)
    return "" if part is None else raw_of(part)


def _multichoice(part: _Parts, named_type: str | None) -> Fields:
    fields = answers.choice(part.answers(), not part.is_on("single"), part.lose)
    if named_type == "sjt" and fields["type"] == "single_choice":
        fields["type"] = "sjt"
    return fields | _shuffle(part)


def _shuffle(part: _Parts) -> Fields:
    return {} if part.setting("shuffleanswers") in ("true", "1", "") else {"shuffle": False}


def _truefalse(part: _Parts, named_type: str | None) -> Fields:
    told = {answer.text.strip().lower(): answer for answer in part.answers()}
    if set(told) != {"true", "false"}:
        raise NotTaken("a true/false question without true and false")
    found = answers.truefalse(told["true"].fraction >= 100, told["true"].feedback, told["false"].feedback)
    return answers.choice(found, several=False, lose=part.lose)


def _matching(part: _Parts, named_type: str | None) -> Fields:
    pairs = []
    for pair in part.element.iterfind("subquestion"):
        right = pair.find("answer")
        pairs.append((part.shown(pair), "" if right is None else plain(raw_of(right), "plain_text")[0]))
    return answers.match(pairs, named_type, part.lose)


def _shortanswer(part: _Parts, named_type: str | None) -> Fields:
    return answers.typed(part.answers("plain_text"), part.is_on("usecase"), part.lose)


def _numerical(part: _Parts, named_type: str | None) -> Fields:
    found = [
        (part.answer(answer, "plain_text"), (answer.findtext("tolerance") or "").strip())
        for answer in part.element.iterfind("answer")
    ]
    return answers.number(found, part.lose)


def _ordering(part: _Parts, named_type: str | None) -> Fields:
    told = part.answers()
    if any(answer.feedback for answer in told):
        part.lose("feedback with each answer of an order")
    # Moodle writes the place of each answer where others have what it counts.
    return {"type": "order", "options": [{"text": one.text} for one in sorted(told, key=lambda one: one.fraction)]}


def _cloze(part: _Parts, named_type: str | None) -> Fields:
    return cloze(part.element.find("questiontext"), part.shown, part.lose)


def _select(part: _Parts, named_type: str | None) -> Fields:
    choices = [
        (plain(raw_of(choice), "html")[0], (choice.findtext("group") or "1").strip())
        for tag in ("dragbox", "selectoption")
        for choice in part.element.iterfind(tag)
    ]
    return ordered_gaps(part.element.find("questiontext"), choices, part.shown)


_KINDS: Mapping[str, Callable[[_Parts, str | None], dict[str, Any]]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "matching": _matching,
    "ddmatch": _matching,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "ordering": _ordering,
    "cloze": _cloze,
    "multianswer": _cloze,
    "ddwtos": _select,
    "gapselect": _select,
}
