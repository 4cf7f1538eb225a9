"""The simulated people and the tool agree on what is right, for every question of the content."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.demo.answer_key import AnswerKey, fill_in
from lti_tool.demo.page import Form, read_page
from lti_tool.demo.stage import CONTENT
from lti_tool.domain.content import Item, Row
from lti_tool.domain.scoring import is_right, mixed_choices, shuffled_options
from lti_tool.web.response_forms import read_response

SEED = "an attempt"
PACKAGES = sorted(manifest.parent for manifest in CONTENT.glob("*/package.yaml"))


def shown(item: Item) -> Form:
    """The form of a question, as small as it can be."""
    places = "".join(f"<option value={n}>{n}" for n in range(1, len(item.options) + 1))
    if item.type == "order":
        fields = [f"<select name=place-{o.id}>{places}</select>" for o in shuffled_options(item, SEED)]
    elif item.rows:
        fields = [_row(item, number, row) for number, row in enumerate(item.rows)]
    elif item.type in ("text_entry", "numeric"):
        fields = ["<input name=text>"]
    else:
        kind = "checkbox" if item.type == "multiple_response" else "radio"
        fields = [f"<input type={kind} name=choice value={o.id}>" for o in shuffled_options(item, SEED)]
    source = f"<form method=post>{''.join(fields)}</form>"
    return read_page("http://localhost/question", 200, {"Content-Type": "text/html"}, source).forms[0]


def _row(item: Item, number: int, row: Row) -> str:
    if not row.choices:
        return f"<input name=row-{number}>"
    if item.scene:
        return "".join(f"<input type=radio name=row-{number} value={choice.id}>" for choice in row.choices)
    listed = "".join(f"<option value={choice.id}>{choice.text}" for choice in mixed_choices(item, SEED, row))
    return f"<select name=row-{number}>{listed}</select>"


@pytest.mark.parametrize("package_folder", [*PACKAGES, STARTER_PACKAGE], ids=lambda folder: folder.name)
def test_right_is_right_and_otherwise_is_not_for_every_question(package_folder: Path) -> None:
    package = load_package(package_folder)
    key = AnswerKey.read(package_folder.parent)
    asked = [item for item in package.items.values() if item.scored]
    assert asked
    for item in asked:
        question = key.question(item.key)
        assert (question.domain, question.difficulty) == (item.domain, item.difficulty.b), item.id
        for right in (True, False):
            for seed in range(5):
                form = shown(item)
                given = fill_in(question, form, right=right, dice=random.Random(seed))
                response = read_response(MultiDict(form.filled(given)))
                assert is_right(item, response) is right, (item.id, given)
