"""Whether two statements say the same."""

import copy
import json
from typing import Any

import pytest

from tests.xapi_examples import LEARNER, a_full_statement, a_statement, about
from xapi.comparison import same_statement


def twin(statement: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(statement)), **parts}


def test_a_statement_is_the_same_as_itself() -> None:
    for statement in (a_statement(), a_full_statement(), a_statement(object=LEARNER), about("A" * 36)):
        assert same_statement(statement, copy.deepcopy(statement))


def test_what_an_lrs_adds_makes_no_difference() -> None:
    statement = a_statement(timestamp="2026-11-23T10:00:00Z")
    added = {"stored": "2026-11-23T10:00:01Z", "authority": LEARNER, "version": "1.0.0"}
    assert same_statement(statement, twin(statement, **added))
    assert same_statement(a_statement(), a_statement(timestamp="2026-11-23T10:00:00Z"))


def test_timestamps_are_compared_as_moments() -> None:
    statement = a_statement(timestamp="2026-11-23T10:00:00.123Z")
    assert same_statement(statement, twin(statement, timestamp="2026-11-23T11:00:00.123000+01:00"))
    assert not same_statement(statement, twin(statement, timestamp="2026-11-23T10:00:00.124Z"))


def test_definitions_and_displays_are_not_part_of_a_statement() -> None:
    statement = a_full_statement()
    other = twin(statement)
    other["verb"]["display"] = {"de": "anders"}
    other["object"]["object"]["definition"] = {"name": {"de": "anders"}}
    del other["context"]["contextActivities"]["parent"][0]["definition"]
    assert same_statement(statement, other)


def test_a_lone_context_activity_is_the_same_as_a_list_of_one() -> None:
    statement = a_full_statement()
    other = twin(statement)
    other["context"]["contextActivities"]["grouping"] = [statement["context"]["contextActivities"]["grouping"]]
    assert same_statement(statement, other)


def test_the_order_of_group_members_and_the_case_of_what_knows_no_case_make_no_difference() -> None:
    statement = a_full_statement()
    other = twin(statement)
    other["actor"]["member"].reverse()
    other["actor"]["member"][2]["mbox"] = "mailto:a@example.COM"
    other["actor"]["member"][1]["mbox_sha1sum"] = other["actor"]["member"][1]["mbox_sha1sum"].upper()
    other["context"]["registration"] = other["context"]["registration"].lower()
    assert same_statement(statement, other)


@pytest.mark.parametrize(
    "parts",
    [
        {"actor": {"mbox": "mailto:other@example.com"}},
        {"verb": {"id": "http://example.com/other"}},
        {"object": {"id": "http://example.com/other"}},
        {"object": LEARNER},
        {"result": {"success": True}},
        {"context": {"language": "nl"}},
        {"context": {"language": "nl", "contextActivities": {"parent": []}}},
        {"attachments": []},
    ],
)
def test_another_content_is_another_statement(parts: dict[str, Any]) -> None:
    statement = a_statement()
    assert not same_statement(statement, twin(statement, **parts))


def test_true_is_not_one() -> None:
    extension = "http://example.com/x"
    one, true = (a_statement(result={"extensions": {extension: value}}) for value in (1, True))
    assert not same_statement(one, twin(true))
    assert same_statement(one, twin(one, result={"extensions": {extension: 1.0}}))


def test_lists_of_another_length_differ() -> None:
    extension = "http://example.com/x"
    short, long = (a_statement(result={"extensions": {extension: value}}) for value in ([1], [1, 2]))
    assert not same_statement(short, long)


def test_numbers_may_have_lost_digits_at_an_lrs_only_when_asked() -> None:
    statement = a_statement(result={"score": {"scaled": 0.3333}})
    thinned = twin(statement, result={"score": {"scaled": 0.33329999446868896}})
    assert same_statement(statement, thinned, loose_numbers=True)
    assert not same_statement(statement, thinned)
