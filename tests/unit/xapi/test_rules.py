"""What xAPI 1.0.3 asks of a statement."""

import json
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xapi_examples import LEARNER, VOIDED, a_full_statement, a_statement, a_voiding
from xapi.rules import agent_problems, problems

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The full statement with one value replaced or added; `path` is dotted, numbers index lists."""
    statement: dict[str, Any] = json.loads(json.dumps(a_full_statement()))
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place: Any = statement
    for part in way:
        place = place[part]
    place[last] = value
    return statement


def test_a_small_statement_is_valid() -> None:
    assert problems(a_statement()) == []


def test_a_statement_with_nearly_every_property_is_valid() -> None:
    assert problems(a_full_statement()) == []


@pytest.mark.parametrize("part", ["actor", "verb", "object"])
def test_a_statement_needs_an_actor_a_verb_and_an_object(part: str) -> None:
    statement = a_statement()
    del statement[part]
    assert problems(statement) == [f"{part}: is missing"]


@pytest.mark.parametrize("value", [None, [], "text", 1])
def test_a_statement_is_an_object(value: Any) -> None:
    assert problems(value) == ["statement: must be an object"]


@pytest.mark.parametrize(
    "path",
    ["id", "actor.name", "verb.display", "object.object.definition", "result.score", "context.team.member.0.mbox"],
)
def test_null_is_refused_everywhere_but_in_extensions(path: str) -> None:
    assert problems(changed(path, None)) == [f"{path.replace('.member.0', '.member[0]')}: must not be null"]
    assert problems(changed("result.extensions", {"http://example.com/e": None})) == []


@pytest.mark.parametrize(
    "path",
    [
        "extra",
        "Actor",
        "actor.mBox",
        "actor.member.0.extra",
        "verb.extra",
        "object.extra",
        "object.object.extra",
        "object.object.definition.extra",
        "object.object.definition.choices.0.extra",
        "result.extra",
        "result.score.extra",
        "context.extra",
        "context.contextActivities.extra",
        "context.statement.extra",
        "context.team.account.extra",
        "attachments.0.extra",
    ],
)
def test_unknown_keys_are_refused_everywhere(path: str) -> None:
    found = problems(changed(path, "x"))
    assert any(problem.endswith("has a key that is not allowed") for problem in found)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("id", "12345", "must be a UUID"),
        ("id", 5, "must be a UUID"),
        ("timestamp", "yesterday", "must be an ISO 8601 timestamp"),
        ("stored", "yesterday", "must be an ISO 8601 timestamp"),
        ("version", "1.1.0", "must be a version 1.0 or 1.0.x"),
        ("verb.id", "answered", "must be an IRI with a scheme"),
        ("verb.display", {}, "must be an object with at least one language"),
        ("verb.display", {"nl_NL": "x"}, "every key must be an RFC 5646 language tag"),
        ("verb.display", {"nl": 1}, "every value must be a string"),
        ("actor.member", {}, "must be an array"),
        ("actor.member.0.mbox", "a@b.example", "must be mailto: and an e-mail address"),
        ("actor.member.1.mbox_sha1sum", "xyz", "must be a hex-encoded SHA-1 hash"),
        ("actor.member.2.openid", "me", "must be an IRI with a scheme"),
        ("actor.name", 5, "must be a string"),
        ("context.team.account.homePage", "example.com", "must be an IRI with a scheme"),
        ("context.team.account.name", 5, "must be a string"),
        ("context.registration", "x", "must be a UUID"),
        ("context.language", "n", "must be an RFC 5646 language tag"),
        ("context.extensions", [], "must be an object"),
        ("context.extensions", {"x": 1}, "every key must be an IRI"),
        ("context.contextActivities.parent", "x", "must be an object"),
        ("context.contextActivities", {}, "must have at least one of parent, grouping, category, other"),
        ("context.statement.objectType", "Statement", "must be one of: StatementRef"),
        ("result.success", "true", "must be true or false"),
        ("result.completion", 1, "must be true or false"),
        ("result.response", 1, "must be a string"),
        ("result.duration", "8 minutes", "must be an ISO 8601 duration"),
        ("result.score.scaled", "0.5", "must be a number"),
        ("result.score.scaled", True, "must be a number"),
        ("result.score.scaled", 1.01, "must lie between -1 and 1"),
        ("result.score.raw", 11, "must lie between min and max"),
        ("result.score.min", 10.5, "must be less than max"),
        ("object.object.definition.interactionType", "Choice", "must be one of: true-false, choice"),
        ("object.object.definition.moreInfo", "page", "must be an IRI with a scheme"),
        ("object.object.definition.correctResponsesPattern", "a", "must be an array"),
        ("object.object.definition.correctResponsesPattern", [1], "must be a string"),
        ("object.object.definition.choices", [{"id": "a"}, {"id": "a"}], "ids must be distinct"),
        ("object.object.definition.choices", {"id": "a"}, "must be an array"),
        ("object.object.definition.choices", ["a"], "must be an object"),
        ("object.object.definition.scale", [], "does not go with this interactionType"),
        ("attachments", {}, "must be an array"),
        ("attachments.0.usageType", "photo", "must be an IRI with a scheme"),
        ("attachments.0.length", 1.5, "must be a whole number from 0"),
        ("attachments.0.length", -1, "must be a whole number from 0"),
        ("attachments.0.sha2", "abc", "must be a hex-encoded SHA-2 hash"),
        ("attachments.0.contentType", "photo", "must be an internet media type"),
        ("attachments.0.fileUrl", "photo.jpg", "must be an IRI with a scheme"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused(path: str, value: Any, rule: str) -> None:
    found = problems(changed(path, value))
    assert any(rule in problem for problem in found), found


def test_what_is_wrong_is_told_without_repeating_the_value() -> None:
    assert "secret" not in " ".join(problems(changed("context.registration", "secret")))


def test_an_agent_has_exactly_one_identifier() -> None:
    nobody = a_statement(actor={"objectType": "Agent", "name": "A"})
    twice = a_statement(actor={"mbox": "mailto:a@b.example", "openid": "http://a.example/"})
    for statement in (nobody, twice):
        assert problems(statement) == ["actor: must have exactly one of mbox, mbox_sha1sum, openid, account"]


def test_a_group_without_members_needs_an_identifier() -> None:
    assert problems(a_statement(actor={"objectType": "Group"})) == ["actor: an anonymous group must have members"]
    assert problems(a_statement(actor={"objectType": "Group", "member": []})) != []
    assert problems(a_statement(actor={"objectType": "Group", "mbox": "mailto:a@b.example"})) == []


def test_a_group_has_at_most_one_identifier_and_holds_no_groups() -> None:
    twice = {"objectType": "Group", "mbox": "mailto:a@b.example", "openid": "http://a.example/"}
    assert problems(a_statement(actor=twice)) == [
        "actor: must not have more than one of mbox, mbox_sha1sum, openid, account"
    ]
    nested = {"objectType": "Group", "member": [{"objectType": "Group", "mbox": "mailto:a@b.example"}]}
    assert problems(a_statement(actor=nested)) == ["actor.member[0].objectType: must be one of: Agent"]


@pytest.mark.parametrize("group", ["no object", {"objectType": "Agent", **LEARNER}])
def test_a_team_is_a_group(group: Any) -> None:
    assert problems(a_statement(context={"team": group})) != []


def test_an_authority_that_is_a_group_is_an_anonymous_pair() -> None:
    pair = {"objectType": "Group", "member": [LEARNER, {"mbox": "mailto:a@b.example"}]}
    assert problems(a_statement(authority=LEARNER)) == []
    assert problems(a_statement(authority=pair)) == []
    for wrong in (
        {**pair, "openid": "http://a.example/"},
        {**pair, "member": [LEARNER]},
        {"objectType": "Group", "mbox": "mailto:a@b.example"},
        "text",
    ):
        assert problems(a_statement(authority=wrong)) != []


def test_an_object_may_be_an_agent_a_group_or_a_reference() -> None:
    group = {"objectType": "Group", "member": [LEARNER]}
    reference = {"objectType": "StatementRef", "id": str(uuid.uuid4())}
    for target in (LEARNER, group, reference):
        assert problems(a_statement(object=target)) == []


def test_an_agent_without_its_type_is_no_object() -> None:
    assert problems(a_statement(object={"mbox": "mailto:a@b.example"})) != []


@pytest.mark.parametrize("kind", ["activity", "Statement", "", 5, ["Activity"]])
def test_an_object_has_one_of_five_types(kind: Any) -> None:
    assert problems(a_statement(object={"objectType": kind, "id": "http://a.example/"})) != []


def test_an_object_that_is_no_json_object_is_refused() -> None:
    assert problems(a_statement(object="http://a.example/")) == ["object: must be an object"]


def test_a_sub_statement_holds_no_sub_statement() -> None:
    inner = {"objectType": "SubStatement", **a_statement()}
    del inner["id"]
    outer = {**inner, "object": inner}
    assert problems(a_statement(object=inner)) == []
    assert problems(a_statement(object=outer)) == ["object.object.objectType: is not allowed here"]


@pytest.mark.parametrize("key", ["id", "stored", "version", "authority"])
def test_a_sub_statement_has_no_properties_of_a_stored_one(key: str) -> None:
    values = {"id": str(uuid.uuid4()), "stored": "2026-11-23T10:00:00Z", "version": "1.0.0", "authority": LEARNER}
    inner = {"objectType": "SubStatement", **a_statement()}
    del inner["id"]
    assert problems(a_statement(object={**inner, key: values[key]})) == ["object: has a key that is not allowed"]


def test_voiding_needs_a_reference_to_a_statement() -> None:
    assert problems(a_voiding(str(uuid.uuid4()))) == []
    assert problems(a_statement(verb={"id": VOIDED})) == ["object: a voiding statement must refer to a statement"]


@pytest.mark.parametrize("key", ["revision", "platform"])
def test_revision_and_platform_go_with_an_activity_only(key: str) -> None:
    assert problems(a_statement(context={key: "x"})) == []
    assert problems(a_statement(context={key: "x"}, object=LEARNER)) == [
        f"context.{key}: only allowed when the object is an Activity"
    ]


def test_correct_responses_need_an_interaction_type() -> None:
    target = {"id": "http://a.example/", "definition": {"correctResponsesPattern": ["a"]}}
    assert problems(a_statement(object=target)) == [
        "object.definition.correctResponsesPattern: only allowed with an interactionType"
    ]


@pytest.mark.parametrize(
    ("kind", "lists"),
    [
        ("sequencing", ["choices"]),
        ("likert", ["scale"]),
        ("matching", ["source", "target"]),
        ("performance", ["steps"]),
    ],
)
def test_component_lists_go_with_their_interaction_type(kind: str, lists: list[str]) -> None:
    definition = {"interactionType": kind, **{name: [{"id": "a"}] for name in lists}}
    assert problems(a_statement(object={"id": "http://a.example/", "definition": definition})) == []


def test_a_definition_that_is_no_object_is_refused() -> None:
    assert problems(a_statement(object={"id": "http://a.example/", "definition": []})) == [
        "object.definition: must be an object"
    ]


def test_an_agent_to_look_for_is_identified() -> None:
    assert agent_problems(LEARNER) == []
    assert agent_problems({"objectType": "Group", "mbox": "mailto:a@b.example"}) == []
    assert agent_problems({"objectType": "Group", "member": [LEARNER]}) == [
        "agent: an anonymous group cannot be looked for"
    ]
    assert agent_problems([]) != []


@given(ANYTHING, st.sampled_from(sorted(a_full_statement())))
@settings(max_examples=200)
def test_no_value_anywhere_breaks_the_check(value: Any, part: str) -> None:
    assert isinstance(problems({**a_full_statement(), part: value}), list)
    assert isinstance(problems(value), list)


@given(ANYTHING, st.sampled_from(["object", "context", "result", "actor", "attachments"]), st.data())
@settings(max_examples=200)
def test_no_value_deeper_breaks_the_check(value: Any, part: str, data: st.DataObject) -> None:
    statement = a_full_statement()
    inside = statement[part][0] if isinstance(statement[part], list) else statement[part]
    inside[data.draw(st.sampled_from(sorted(inside)))] = value
    assert isinstance(problems(statement), list)
