"""Reads the questions' right answers and difficulty from the content, and fills in a question's form."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lti_tool.demo.page import Form

SOMETHING_ELSE = "daar kom ik op terug"
ONE_CHOICE = ("single_choice", "sjt", "declarative")


class QuestionUnknown(Exception):
    """A question on a page that the content does not have."""


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
    pairs: tuple[tuple[str, str], ...]
    accept: tuple[str, ...]


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
    if question.type == "match":
        wanted = [text for _, text in question.pairs]
        if not right:
            wanted = [*wanted[1:], wanted[0]]
        return {f"row-{i}": _value_with(form, f"row-{i}", text) for i, text in enumerate(wanted)}
    return {"text": question.accept[0] if right else SOMETHING_ELSE}


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
        pairs=tuple((p["left"], p["right"]) for p in raw.get("pairs", ())),
        accept=tuple(raw.get("answer", {}).get("accept", ())),
    )
