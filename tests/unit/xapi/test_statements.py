"""The statements that we send: valid, repeatable and without anything personal."""

import inspect
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xapi import vocabulary as words
from xapi.rules import problems
from xapi.statements import Actor, Context, DomainScore, StatementDraft, Statements, StatementUnsound
from xapi.vocabulary import Iris

NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
BASE = "https://tool.example/xapi/"
SAY = Statements(BASE)
ACTOR = Actor("voorbeeldstad", "kifp7oyy4xplhbahwtjp36sphtmmorwr")
CONTEXT = Context(
    registration="12b5bfbf-7f09-432c-a1af-c8867a59a505",
    tenant="voorbeeldstad",
    campaign="2026",
    language="nl",
    assessment="digivaardig-basis",
    attempt="22b5bfbf-7f09-532c-a1af-c8867a59a505",
    phase="pretest",
)
SCORE = DomainScore("veiligheid", 0.123456, 0.5, -0.2, 0.61239, "zelfstandig", "2026.1")

SAYINGS: dict[str, Callable[[], StatementDraft]] = {
    "registered": lambda: SAY.registered(ACTOR, CONTEXT, at=NOW),
    "acknowledged": lambda: SAY.acknowledged(ACTOR, CONTEXT, at=NOW),
    "initialized": lambda: SAY.initialized(ACTOR, CONTEXT, at=NOW),
    "answered": lambda: SAY.answered(
        ACTOR,
        CONTEXT,
        item_key="VEI-INT-0012@3",
        interaction="choice",
        domain="veiligheid",
        right=True,
        position=4,
        at=NOW,
    ),
    "scored": lambda: SAY.scored(ACTOR, CONTEXT, SCORE, at=NOW),
    "completed": lambda: SAY.completed(ACTOR, CONTEXT, at=NOW),
    "terminated": lambda: SAY.terminated(ACTOR, CONTEXT, at=NOW),
    "skipped": lambda: SAY.skipped(ACTOR, CONTEXT, at=NOW),
    "advised": lambda: SAY.advised(ACTOR, CONTEXT, module_id="M-VEI-001", at=NOW),
    "module_launched": lambda: SAY.module_launched(ACTOR, CONTEXT, "M-VEI-001@1.0", at=NOW),
    "module_progressed": lambda: SAY.module_progressed(ACTOR, CONTEXT, "M-VEI-001@1.0", 50, at=NOW),
    "module_completed": lambda: SAY.module_completed(ACTOR, CONTEXT, "M-VEI-001@1.0", at=NOW),
    "voided": lambda: SAY.voided(ACTOR, CONTEXT, statement_id=str(uuid.uuid4()), at=NOW),
    "test_statement": lambda: SAY.test_statement(tenant="voorbeeldstad", stream="operator", at=NOW),
    "group_figures": lambda: SAY.group_figures(
        tenant="voorbeeldstad",
        campaign="2026",
        group="team:Burgerzaken & co",
        snapshot="1",
        figures={"levels": {"basis": 0.123456, "n-at-least": 20, "shares": (0.1,), "list": [None]}},
        at=NOW,
    ),
}


def body(draft: StatementDraft) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(draft.body)
    return told


def test_every_saying_is_tried_here() -> None:
    methods = {name for name, _ in inspect.getmembers(Statements, inspect.isfunction) if not name.startswith("_")}
    assert methods == SAYINGS.keys()


@pytest.mark.parametrize("name", SAYINGS)
def test_every_statement_is_valid_and_names_our_profile(name: str) -> None:
    draft = SAYINGS[name]()
    told = body(draft)
    assert problems(told) == []
    assert told["id"] == draft.id
    assert told["verb"]["id"] == draft.verb
    assert told["timestamp"] == "2026-11-23T10:00:00.123Z"
    assert "version" not in told
    assert told["context"]["contextActivities"]["category"][0]["id"] == f"{BASE}profile/v1"
    assert {"nl", "en"} <= told["verb"]["display"].keys()


@pytest.mark.parametrize("name", SAYINGS)
def test_no_statement_holds_a_name_an_address_a_response_or_a_duration(name: str) -> None:
    told = body(SAYINGS[name]())
    assert set(told["actor"]) == {"objectType", "account"}
    assert told["actor"]["objectType"] == ("Group" if name == "group_figures" else "Agent")
    assert not {"response", "duration"} & told.get("result", {}).keys()
    assert "correctResponsesPattern" not in json.dumps(told)
    assert not re.search(r"mailto:|passed|failed", json.dumps(told))


@pytest.mark.parametrize("name", SAYINGS)
def test_every_uuid_in_a_statement_is_of_version_four_or_five(name: str) -> None:
    for found in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", SAYINGS[name]().body):
        assert uuid.UUID(found).version in {4, 5}


def test_the_same_fact_told_twice_is_the_same_statement() -> None:
    later = NOW + timedelta(hours=1)
    once, again = (SAY.completed(ACTOR, CONTEXT, at=at) for at in (NOW, later))
    assert once.id == again.id
    assert SAY.completed(ACTOR, CONTEXT, at=NOW).body == once.body


def test_other_facts_have_other_ids() -> None:
    other = Actor("voorbeeldstad", "another")
    drafts = [make() for make in SAYINGS.values()]
    drafts += [
        SAY.completed(other, CONTEXT, at=NOW),
        SAY.completed(ACTOR, CONTEXT, at=NOW, revision=1),
        SAY.module_progressed(ACTOR, CONTEXT, "M-VEI-001@1.0", 75, at=NOW),
        SAY.test_statement(tenant="voorbeeldstad", stream="group", at=NOW),
        SAY.test_statement(tenant="elders", stream="operator", at=NOW),
        Statements("https://other.example/").completed(ACTOR, CONTEXT, at=NOW),
    ]
    assert len({draft.id for draft in drafts}) == len(drafts)


def test_an_answer_says_the_item_with_its_version_and_whether_it_was_right() -> None:
    told = body(SAYINGS["answered"]())
    assert told["object"]["id"] == f"{BASE}item/VEI-INT-0012@3"
    assert told["result"] == {"success": True}
    assert told["context"]["registration"] == CONTEXT.registration
    assert told["context"]["extensions"] == {words.ASSESSMENT_TYPE: "pretest"}
    activities = told["context"]["contextActivities"]
    assert [activity["id"] for activity in activities["parent"]] == [f"{BASE}assessment/digivaardig-basis"]
    assert [activity["id"] for activity in activities["grouping"]] == [
        f"{BASE}t/voorbeeldstad/campaign/2026",
        f"{BASE}attempt/{CONTEXT.attempt}",
        f"{BASE}domain/veiligheid",
    ]


def test_one_item_at_two_places_is_answered_twice() -> None:
    drafts = [
        SAY.answered(
            ACTOR, CONTEXT, item_key="A@1", interaction="choice", domain="d", right=True, position=place, at=NOW
        )
        for place in (None, 1, 2)
    ]
    assert len({draft.id for draft in drafts}) == 3


def test_a_score_is_told_with_its_uncertainty_and_rounded() -> None:
    told = body(SAYINGS["scored"]())
    assert told["result"] == {
        "score": {"scaled": 0.0309},
        "extensions": {
            f"{BASE}ext/ability": 0.1235,
            f"{BASE}ext/se": 0.5,
            f"{BASE}ext/wle": -0.2,
            f"{BASE}ext/wle-se": 0.6124,
            f"{BASE}ext/level": "zelfstandig",
            f"{BASE}ext/bank-version": "2026.1",
        },
    }


def test_what_is_not_known_about_a_domain_is_not_told() -> None:
    told = body(SAY.scored(ACTOR, CONTEXT, DomainScore("d", 0.0, 1.0, None, None, None, "v"), at=NOW))
    assert set(told["result"]["extensions"]) == {f"{BASE}ext/{key}" for key in ("ability", "se", "bank-version")}


@given(st.floats(-1e6, 1e6))
def test_a_scaled_score_always_lies_between_minus_one_and_one(ability: float) -> None:
    told = body(SAY.scored(ACTOR, CONTEXT, DomainScore("d", ability, 1.0, None, None, None, "v"), at=NOW))
    assert -1 <= told["result"]["score"]["scaled"] <= 1


def test_a_completed_sitting_has_no_score() -> None:
    assert body(SAYINGS["completed"]())["result"] == {"completion": True}


def test_progress_is_a_percentage() -> None:
    told = body(SAYINGS["module_progressed"]())
    assert told["result"]["extensions"] == {words.PROGRESS: 50}
    for wrong in (-1, 101):
        with pytest.raises(StatementUnsound):
            SAY.module_progressed(ACTOR, CONTEXT, "M", wrong, at=NOW)


def test_a_fact_outside_a_sitting_belongs_to_the_participation() -> None:
    outside = Context(CONTEXT.registration, "voorbeeldstad", "2026", "nl", "digivaardig-basis")
    told = body(SAY.skipped(ACTOR, outside, at=NOW))
    assert "extensions" not in told["context"]
    assert len(told["context"]["contextActivities"]["grouping"]) == 1


def test_voiding_names_no_platform() -> None:
    assert "platform" not in body(SAYINGS["voided"]())["context"]


def test_figures_about_a_group_have_the_group_as_actor_and_are_rounded() -> None:
    told = body(SAYINGS["group_figures"]())
    assert told["actor"] == {
        "objectType": "Group",
        "account": {"homePage": f"{BASE}t/voorbeeldstad/groups", "name": "team:Burgerzaken & co"},
    }
    assert told["result"]["extensions"][f"{BASE}ext/figures"] == {
        "levels": {"basis": 0.1235, "n-at-least": 20, "shares": [0.1], "list": [None]}
    }
    assert "registration" not in told["context"]


def test_a_moment_is_told_in_utc_and_needs_a_zone() -> None:
    amsterdam = NOW.astimezone(timezone(timedelta(hours=1)))
    assert body(SAY.completed(ACTOR, CONTEXT, at=amsterdam))["timestamp"] == "2026-11-23T10:00:00.123Z"
    with pytest.raises(StatementUnsound):
        SAY.completed(ACTOR, CONTEXT, at=NOW.replace(tzinfo=None))


def test_what_cannot_be_said_in_xapi_is_not_said() -> None:
    wrong = Context("no uuid", "voorbeeldstad", "2026", "nl", "digivaardig-basis")
    with pytest.raises(StatementUnsound, match="registered cannot be built"):
        SAY.registered(ACTOR, wrong, at=NOW)
    with pytest.raises(StatementUnsound, match=r"verb\.id: must be an IRI"):
        Statements("https://tool example/").advised(ACTOR, CONTEXT, module_id="M", at=NOW)
    with pytest.raises(StatementUnsound, match="a number that is none"):
        SAY.scored(ACTOR, CONTEXT, DomainScore("d", float("nan"), 1.0, None, None, None, "v"), at=NOW)


@pytest.mark.parametrize("base", ["", "tool.example/", "https://tool.example/xapi"])
def test_iris_need_a_base_that_is_an_address_ending_in_a_slash(base: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        Iris(base)


def test_a_strange_name_makes_a_valid_iri() -> None:
    assert Iris(BASE).campaign("a", "één & twee/3") == f"{BASE}t/a/campaign/%C3%A9%C3%A9n%20%26%20twee%2F3"
