"""What goes out as a file comes back the same, whatever signs stand in it; or it is told what does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.content_library.exchange.formats import FORMATS
from lti_tool.content_library.exchange.item_files import as_yaml
from lti_tool.content_library.exchange.rows import question, row
from lti_tool.content_library.exchange.texts import NOT_YET, RIGHT, squeezed
from lti_tool.content_library.format import ItemShape
from tests.unit.exchange.items import KINDS, items, shape_of

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BOTH = [
    *(("gift", kind) for kind in KINDS if kind != "order"),
    *(("moodle-xml", kind) for kind in KINDS),
]
HAS_OWN_WORDS = {"gift": ("text_entry", "numeric"), "moodle-xml": tuple(kind for kind in KINDS if kind != "cloze")}
"""Types for which the format has a place for what is said of a right answer as such."""


@pytest.mark.parametrize(("name", "kind"), BOTH)
@FEW
@given(st.data())
def test_a_question_comes_back_as_it_went(name: str, kind: str, data: st.DataObject) -> None:
    item = data.draw(items(kind))
    made = FORMATS[name].write([item], {})
    if not made.written:
        assert [loss.what.split(":")[0] for loss in made.lost] == ["left out"]
        return
    reading = FORMATS[name].read(made.content)
    (found,) = reading.found
    assert (found.lost, reading.lost) == ([], [])
    assert found.fields is not None
    assert _asked(found.fields) == _asked(_expected(name, kind, item))


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(st.data())
def test_a_row_says_all_of_a_question(kind: str, data: st.DataObject) -> None:
    item = data.draw(items(kind))
    lost: list[str] = []
    assert _asked(question(row(item, lost.append), lost.append)) == _asked(item)
    assert lost == []


@settings(FEW, max_examples=10)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_workbook_keeps_every_sign_of_a_row(kind: str, data: st.DataObject) -> None:
    item = data.draw(items(kind))
    reading = FORMATS["xlsx"].read(FORMATS["xlsx"].write([item], {}).content)
    assert [_asked(found.fields) for found in reading.found] == [_asked(item)]
    assert [loss for found in reading.found for loss in found.losses()] == reading.lost == []


def _expected(name: str, kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """As it went, but for what the report tells: blank lines, and words for which there is no place."""
    feedback = dict(item["feedback"])
    if kind not in HAS_OWN_WORDS[name]:
        feedback |= {"right": RIGHT, "not_yet": NOT_YET}
    expected = item | {"stem": squeezed(item["stem"]), "feedback": feedback}
    if item.get("context"):
        expected["context"] = "\n\n".join(part.strip() for part in re.split(r"\n *(?:\n *)+", item["context"]))
    if kind == "cloze":
        expected["cloze"] = item["cloze"] | {"text": squeezed(item["cloze"]["text"])}
    if name == "moodle-xml":
        expected = _in_paragraphs(expected)
    return expected


def _in_paragraphs(value: Any) -> Any:
    """HTML has paragraphs, and never more than one blank line between them."""
    if isinstance(value, str):
        return re.sub(r"\n{3,}", "\n\n", value)
    if isinstance(value, list):
        return [_in_paragraphs(one) for one in value]
    return {key: _in_paragraphs(one) for key, one in value.items()} if isinstance(value, dict) else value


def _asked(item: dict[str, Any]) -> dict[str, Any]:
    """Everything that a learner meets, and what an item says of itself."""
    asked = {key: item[key] for key in ("id", "version", "type", "pool", "domain", "subskill", "digcomp")}
    asked |= {"context": item.get("context"), "stem": item["stem"], "shuffle": item.get("shuffle", True)}
    asked |= {"difficulty": item["difficulty"], "licence": item["licence"], "authors": item["authors"]}
    asked["feedback"] = {"right": RIGHT, "not_yet": NOT_YET} | item["feedback"]
    asked["options"] = [
        (option["text"], option.get("correct", False), option.get("feedback"))
        for option in item.get("options", [])
    ]
    asked |= {key: item.get(key) for key in ("pairs", "number")}
    asked["answer"] = item.get("answer")
    asked["files"] = [(file["name"], file["folder"], file.get("why")) for file in item.get("files", [])]
    asked["folders"] = sorted(set(item.get("folders", [])) & {folder for _, folder, _ in asked["files"]})
    cloze = item.get("cloze")
    asked["cloze"] = cloze and (
        cloze["text"],
        [
            (gap.get("choices") or [], gap.get("accept") or [], gap.get("key"), gap.get("why"))
            for gap in cloze["gaps"]
        ],
    )
    return asked


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(st.data())
def test_the_file_of_an_item_holds_the_item(kind: str, data: st.DataObject) -> None:
    item = data.draw(items(kind))
    assert shape_of(as_yaml(item, "elsewhere")) == ItemShape.model_validate(item)


@settings(FEW, max_examples=10)
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=6), st.data())
def test_many_questions_stay_apart(kinds: list[str], data: st.DataObject) -> None:
    going = [data.draw(items(kind)) | {"version": n} for n, kind in enumerate(kinds, start=1)]
    for form in (FORMATS["gift"], FORMATS["moodle-xml"], FORMATS["xlsx"]):
        made = form.write(going, {})
        if not made.written:
            continue
        back = [found.fields["version"] for found in form.read(made.content).found if found.fields]
        assert len(back) == made.written
        assert back == sorted(back)
