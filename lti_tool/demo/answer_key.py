"""Reads the questions' right answers and difficulty from the content, and fills in a question's form."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lti_tool.demo.page import Form

SOMETHING_ELSE = "daar kom ik op terug"
ONE_CHOICE = ("single_choice", "sjt", "hotspot", "declarative")
GAP = re.compile(r"\[\[([1-9])\]\]")


class QuestionUnknown(Exception):
    """A question on a page that the content does not have."""


@dataclass(frozen=True)
class Row:
    """One of several things to decide: the right answer, and another one where there is any."""

    right: str
    other: str | None
    is_label: bool = True
    """Whether these are what a list shows; otherwise they are sent as they stand."""


@dataclass(frozen=True)
class Question:
    """What a simulated person needs to know of an item. `difficulty` is in logits."""

    id: str
    version: int
    type: str
    domain: str
    difficulty: float
    options: tuple[str, ...]
    """Ids; those of `order` stand in the right order."""
    right_options: tuple[str, ...]
    rows: tuple[Row, ...]
    typed: Row
    """What is typed where one answer is; nothing is right elsewhere."""


class AnswerKey:
    """All questions of a content folder, by id."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self._questions = dict(questions)

    @classmethod
    def read(cls, content: Path) -> AnswerKey:
        """Read `<content>/<package>/items/<domain>/<id>.yaml`."""
        found = {}
        for file in sorted(content.glob("*/items/**/*.yaml")):
            question = _question(yaml.safe_load(file.read_text("utf-8")))
            found[question.id] = question
        return cls(found)

    def question(self, item_key: str) -> Question:
        """The question behind `id@version`.

        Raises:
            QuestionUnknown: the content has no such item.
        """
        item_id = item_key.partition("@")[0]
        if item_id not in self._questions:
            raise QuestionUnknown(item_key)
        return self._questions[item_id]

    def __len__(self) -> int:
        return len(self._questions)


def fill_in(question: Question, form: Form, *, right: bool, dice: random.Random) -> dict[str, str | Sequence[str]]:
    """Field values for a right or an other answer to a question shown in this form."""
    if question.type in ONE_CHOICE:
        return {"choice": _one_of(question, right, dice)}
    if question.type == "multiple_response":
        chosen = set(question.right_options)
        if not right:
            chosen ^= {dice.choice(question.options)}
            chosen = chosen or set(question.options) - set(question.right_options)
        return {"choice": sorted(chosen)}
    if question.type == "order":
        places = list(range(1, len(question.options) + 1))
        if not right:
            places = [*places[1:], places[0]]
        return {f"place-{o}": str(p) for o, p in zip(question.options, places, strict=True)}
    if question.rows:
        missed = None if right else dice.choice([n for n, row in enumerate(question.rows) if row.other])
        return {f"row-{n}": _said(row, form, f"row-{n}", n != missed) for n, row in enumerate(question.rows)}
    return {"text": _said(question.typed, form, "text", right)}


def _said(row: Row, form: Form, name: str, right: bool) -> str:
    text = row.right if right or row.other is None else row.other
    return _value_with(form, name, text) if row.is_label else text


def _one_of(question: Question, right: bool, dice: random.Random) -> str:
    others = [o for o in question.options if o not in question.right_options]
    if (right or not others) and question.right_options:
        return question.right_options[0]
    return dice.choice(others)


def _value_with(form: Form, name: str, text: str) -> str:
    """The value of the option with this text, in a select of this name."""
    field = form.field(name)
    wanted = " ".join(text.split())
    found = [value for value, label in field.options if label == wanted] if field is not None else []
    if not found:
        raise QuestionUnknown(f"{name} has no option {wanted!r}")
    return found[0]


def _question(raw: Mapping[str, Any]) -> Question:
    options = raw.get("options", ())
    return Question(
        id=raw["id"],
        version=raw["version"],
        type=raw["type"],
        domain=raw["domain"],
        difficulty=float(raw["difficulty"]["b"]),
        options=tuple(o["id"] for o in options),
        right_options=tuple(o["id"] for o in options if o.get("correct")),
        rows=tuple(_rows(raw)),
        typed=_typed(raw),
    )


def _typed(raw: Mapping[str, Any]) -> Row:
    if "number" in raw:
        value = raw["number"]["value"]
        right, other = (str(n).replace(".", ",") for n in (value, value + raw["number"].get("tolerance", 0) + 1))
        return Row(right, other, is_label=False)
    return Row(raw["answer"]["accept"][0] if "answer" in raw else "", SOMETHING_ELSE, is_label=False)


def _rows(raw: Mapping[str, Any]) -> Iterator[Row]:
    """In the order of the page."""
    rights = [pair["right"] for pair in raw.get("pairs", ())]
    yield from (Row(right, _another(rights, [right])) for right in rights)
    folders = raw.get("folders", ())
    yield from (Row(file["folder"], _another(folders, [file["folder"]])) for file in raw.get("files", ()))
    if "cloze" in raw:
        gaps = [raw["cloze"]["gaps"][int(number) - 1] for number in GAP.findall(raw["cloze"]["text"])]
        yield from map(_gap, gaps)
    yield from _decisions(raw.get("simulation", {}))


def _gap(gap: Mapping[str, Any]) -> Row:
    if "choices" in gap:
        return Row(gap["key"], _another(gap["choices"], [gap["key"]]))
    return Row(gap["accept"][0], SOMETHING_ELSE, is_label=False)


def _decisions(scene: Mapping[str, Any]) -> Iterator[Row]:
    """What a simulation asks: about mails or people with the choices of the scene, then its own fields."""
    if "results" in scene:
        right = [str(number) for number, found in enumerate(scene["results"]) if found.get("correct")]
        yield Row(right[0], _another([str(n) for n in range(len(scene["results"]))], right), is_label=False)
    of_scene = [choice["id"] for choice in scene.get("choices", ())]
    for asked in (*scene.get("mails", ()), *scene.get("people", ()), *scene.get("fields", ())):
        if "key" in asked:
            choices = [choice["id"] for choice in asked.get("choices", ())] or of_scene
            yield Row(asked["key"][0], _another(choices, asked["key"]), is_label=False)


def _another(all_: Sequence[str], right: Sequence[str]) -> str | None:
    return next((one for one in all_ if one not in right), None)
