"""The profile: everything we say keeps to it, and whatever breaks it is noticed."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.profiled import fits_profile, follows_pattern
from tests.unit.xapi.test_statements import BASE, SAY, SAYINGS
from xapi import vocabulary as words
from xapi.jsonpath import Step, found
from xapi.profile import DOCUMENT, PLACEHOLDER, Profile, ProfileUnsound, Rule, profile_of, with_base
from xapi.statements import Actor, Context, DomainScore

PROFILE = profile_of(BASE)
OURS = ("name", "mbox", "mbox_sha1sum", "openid", "member")


def said(name: str) -> dict[str, Any]:
    """A fresh statement of each kind."""
    told: dict[str, Any] = json.loads(SAYINGS[name]().body)
    return told


def rules() -> Iterator[tuple[str, Rule]]:
    """Every rule of the template of every kind of statement."""
    for name in SAYINGS:
        (template,) = [template for template in PROFILE.templates if template.determines(said(name))]
        for rule in template.rules:
            yield name, rule


def put(whole: Any, steps: tuple[Step, ...], value: object) -> None:
    """Write a value where a path leads, first making what is not there."""
    names, rest = steps[0], steps[1:]
    for key in range(len(whole)) if names is None else names:
        if rest:
            inner = whole[key] if names is None else whole.setdefault(key, {})
            put(inner, rest, value)
        else:
            whole[key] = value


def without(whole: Any, steps: tuple[Step, ...]) -> None:
    """Take away whatever a path leads to."""
    *before, last = steps
    for _, holder in list(found(tuple(before), whole)):
        for name in last or ():
            holder.pop(name, None)


# --- what we say ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAYINGS)
def test_each_kind_of_statement_is_determined_by_one_template_and_keeps_to_it(name: str) -> None:
    told = said(name)
    assert PROFILE.is_of(told)
    assert len([template for template in PROFILE.templates if template.determines(told)]) == 1
    assert PROFILE.problems(told) == []


def test_each_template_describes_a_kind_of_statement() -> None:
    described = {t.name for t in PROFILE.templates for name in SAYINGS if t.determines(said(name))}
    assert described == {template.name for template in PROFILE.templates}


NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable())
NUMBERS = st.floats(-1e6, 1e6)
POSITIVE = st.floats(0, 1e6)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CONTEXTS = st.builds(
    Context,
    registration=st.uuids(version=4).map(str),
    tenant=NAMES,
    campaign=NAMES,
    language=st.sampled_from(["nl", "en"]),
    assessment=NAMES,
    attempt=st.uuids(version=4).map(str),
    phase=st.sampled_from([None, "pretest", "posttest"]),
)
SCORES = st.builds(
    DomainScore, NAMES, NUMBERS, POSITIVE, st.none() | NUMBERS, st.none() | POSITIVE, st.none() | NAMES, NAMES
)
FIGURES = st.dictionaries(NAMES, st.fixed_dictionaries({"n-at-least": st.integers(1, 99).map(lambda n: 10 * n)}))


@given(
    st.builds(Actor, NAMES, NAMES), CONTEXTS, SCORES, NAMES, st.booleans(), st.integers(0, 100), FIGURES, MOMENTS
)
def test_whatever_is_said_keeps_to_the_profile(
    actor: Actor,
    context: Context,
    score: DomainScore,
    key: str,
    right: bool,
    percent: int,
    figures: dict[str, object],
    at: datetime,
) -> None:
    by_learner = (actor, context)
    drafts = [
        *(
            say(*by_learner, at=at)
            for say in (
                SAY.registered,
                SAY.acknowledged,
                SAY.initialized,
                SAY.completed,
                SAY.terminated,
                SAY.skipped,
            )
        ),
        SAY.answered(*by_learner, item_key=key, interaction="choice", domain=score.domain, right=right, at=at),
        SAY.scored(*by_learner, score, at=at),
        SAY.advised(*by_learner, module_id=key, at=at),
        SAY.module_launched(*by_learner, key, at=at),
        SAY.module_progressed(*by_learner, key, percent, at=at),
        SAY.module_completed(*by_learner, key, at=at),
        SAY.voided(*by_learner, statement_id=context.registration, at=at),
        SAY.test_statement(tenant=context.tenant, stream=key, at=at),
        SAY.group_figures(
            tenant=context.tenant, campaign=key, group=f"team:{key}", snapshot="1", figures=figures, at=at
        ),
    ]
    for draft in drafts:
        fits_profile(json.loads(draft.body))


# --- what breaks it is noticed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [pytest.param(*pair, id=f"{pair[0]}-{pair[1].presence}-{pair[1].location}") for pair in rules()],
)
def test_every_rule_is_noticed_when_it_is_broken(name: str, rule: Rule) -> None:
    told = said(name)
    if rule.presence == "excluded":
        for names in rule.steps[-1] or ():
            changed = copy.deepcopy(told)
            put(changed, (*rule.steps[:-1], (names,)), {"x": 1})
            assert PROFILE.problems(changed) != [], names
        return
    if rule.presence == "included":
        gone = copy.deepcopy(told)
        without(gone, rule.steps)
        assert PROFILE.problems(gone) != []
    if rule.any_of is not None or rule.all_of is not None:
        put(told, rule.steps, "something else")
        assert PROFILE.problems(told) != []


@pytest.mark.parametrize("name", SAYINGS)
@pytest.mark.parametrize("verb", ["passed", "failed", "mastered", "experienced"])
def test_a_verb_that_we_do_not_use_is_no_statement_of_ours(name: str, verb: str) -> None:
    told = said(name)
    told["verb"]["id"] = f"{words.ADL}/verbs/{verb}"
    assert PROFILE.problems(told) == [
        "verb, object: no template of the profile has this verb with this kind of object"
    ]


@pytest.mark.parametrize("name", [name for name in SAYINGS if name != "voided"])
def test_nothing_personal_passes(name: str) -> None:
    for key in OURS:
        told = said(name)
        told["actor"][key] = "Jan"
        assert [p.split(" (")[0] for p in PROFILE.problems(told)] == [f"actor.{key}: must not be there"]
    for key in ("response", "duration"):
        told = said(name)
        told.setdefault("result", {})[key] = "PT1S"
        assert any(problem.startswith("result") for problem in PROFILE.problems(told)), key
    told = said(name)
    told["object"]["definition"]["correctResponsesPattern"] = ["a"]
    assert (PROFILE.problems(told) == []) is (name in {"test_statement", "group_figures"})


@pytest.mark.parametrize("where", ["result", "context"])
def test_an_extension_that_the_template_does_not_name_is_noticed(where: str) -> None:
    told = said("scored")
    told[where]["extensions"]["https://elsewhere.example/seconds"] = 12
    assert PROFILE.problems(told) == [
        f"{where}.extensions: has an extension that this template does not name (template scored)"
    ]


def test_extensions_of_an_activity_are_noticed() -> None:
    told = said("answered")
    told["object"]["definition"]["extensions"] = {"https://elsewhere.example/key": "b"}
    assert len(PROFILE.problems(told)) == 1


@pytest.mark.parametrize(
    ("name", "key", "value", "why"),
    [
        ("scored", "se", -1, "must be at least 0"),
        ("scored", "ability", "high", "must be of type number"),
        ("scored", "level", "", "must look like"),
        ("group_figures", "group", "somebody", "must look like"),
        ("group_figures", "figures", {"levels": {}}, "is missing"),
        ("group_figures", "figures", {"levels": {"n-at-least": 9}}, "must be at least 10"),
    ],
)
def test_values_of_extensions_are_as_the_profile_says(name: str, key: str, value: object, why: str) -> None:
    told = said(name)
    told["result"]["extensions"][f"{BASE}ext/{key}"] = value
    (problem,) = PROFILE.problems(told)
    assert problem.startswith(f"result.extensions.{BASE}ext/{key}")
    assert why in problem


def test_true_is_not_one() -> None:
    told = said("answered")
    told["result"]["success"] = 1
    assert PROFILE.problems(told) == ["result.success: must be one of: true, false (template answered)"]


def test_a_long_list_of_values_is_told_by_its_ends() -> None:
    told = said("module_progressed")
    told["result"]["extensions"][words.PROGRESS] = 101
    assert PROFILE.problems(told) == [
        f"result.extensions.{words.PROGRESS}: must be one of: 0, …, 100 (template module-progressed)"
    ]


def test_a_lone_activity_counts_as_a_list_of_one() -> None:
    told = said("acknowledged")
    activities = told["context"]["contextActivities"]
    activities["category"], activities["grouping"] = activities["category"][0], activities["grouping"][0]
    assert PROFILE.is_of(told)
    assert PROFILE.problems(told) == []


@pytest.mark.parametrize(
    "statement", [None, [], {}, {"context": 1}, {"context": {"contextActivities": {"category": 1}}}]
)
def test_a_statement_of_another_profile_is_none_of_ours(statement: object) -> None:
    assert not PROFILE.is_of(statement)
    assert not PROFILE.is_of(said("completed") | {"context": {"contextActivities": {"category": [{"id": "x"}]}}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(SAYINGS)), st.data())
def test_no_junk_makes_the_matcher_stumble(name: str, data: st.DataObject) -> None:
    told = said(name)
    for key in data.draw(st.sets(st.sampled_from(sorted(told)))):
        told[key] = data.draw(JSON)
    assert isinstance(PROFILE.problems(told), list)
    assert PROFILE.is_of(told) in {True, False}


# --- the document ---------------------------------------------------------------------------------


def test_the_document_is_the_same_for_every_installation_but_for_its_base() -> None:
    text = DOCUMENT.read_text("utf-8")
    other = "https://leren.example/x/"
    assert PLACEHOLDER not in json.dumps(Profile(other).document)
    assert with_base(Profile(other).document, "unused") == json.loads(text.replace(PLACEHOLDER, other))


def test_every_word_of_our_own_is_defined_and_nothing_else_is() -> None:
    defined = {concept["id"] for concept in PROFILE.document["concepts"]}
    used = set()
    for name in SAYINGS:
        used |= set(re.findall(rf"{BASE}(?:verb|activitytype|ext)/[\w-]+", json.dumps(said(name))))
    assert defined == used
    for verb in ("advised", "published", "tested"):
        assert PROFILE.term(f"{BASE}verb/{verb}")["prefLabel"] == words.DISPLAY[verb]  # type: ignore[index]


def test_every_own_iri_in_the_document_leads_to_something_in_it() -> None:
    document = PROFILE.document
    named = set(re.findall(rf"{BASE}[^'\"\s]+", json.dumps(document)))
    assert {iri for iri in named if PROFILE.term(iri) is None} == {
        PROFILE.iri,
        PROFILE.version,
        PROFILE.iris.tool(),
    }
    assert PROFILE.version == document["versions"][0]["id"] != document["id"] == PROFILE.iri


def test_nothing_has_two_meanings_and_all_is_said_in_dutch_and_english() -> None:
    document = PROFILE.document
    parts = [part for key in ("concepts", "templates", "patterns") for part in document[key]]
    assert len({part["id"] for part in parts}) == len(parts)
    for part in [document, *parts]:
        for key in ("prefLabel", "definition"):
            assert set(part[key]) == {"nl", "en"}
            assert all(part[key].values())


@pytest.mark.parametrize(
    ("pattern", "names", "fits"),
    [
        ("sitting", "initialized answered answered scored scored completed advised ", True),
        ("sitting", "initialized terminated ", True),
        ("sitting", "answered initialized completed ", False),
        ("training", "module-launched module-progressed module-completed ", True),
        ("training", "module-launched ", True),
        ("training", "module-completed ", False),
        ("participation", "registered acknowledged skipped advised module-launched voided initialized ", True),
        ("participation", "acknowledged registered ", False),
        ("participation", "registered acknowledged group-figures ", False),
    ],
)
def test_patterns_say_in_which_order_things_come(pattern: str, names: str, fits: bool) -> None:
    assert follows_pattern(PROFILE, pattern, names.split()) is fits


# --- a document that asks for more than we can check ------------------------------------------------


def spoilt(change: Any) -> str:
    document = json.loads(DOCUMENT.read_text("utf-8"))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d["templates"][0].update(attachmentUsageType=[]), "attachmentUsageType is not known"),
        (lambda d: d["templates"][0].pop("verb"), "needs a verb"),
        (lambda d: d["templates"][0].pop("objectActivityType"), "either objectActivityType or"),
        (lambda d: d["templates"][0]["rules"][0].update(selector="$.a"), "selector is not known"),
        (lambda d: d["templates"][0]["rules"][0].update(presence="maybe"), "needs a presence"),
        (lambda d: d["templates"][0]["rules"][0].pop("presence"), "needs a presence"),
        (lambda d: d["templates"][0]["rules"][0].update(location="$..id"), "is not a path"),
        (lambda d: d["concepts"][-1].update(inlineSchema='{"type": "array"}'), "must name a type"),
    ],
)
def test_what_cannot_be_checked_is_refused_when_the_profile_is_read(change: Any, why: str) -> None:
    with pytest.raises(ProfileUnsound, match=why):
        Profile(BASE, spoilt(change))


def test_a_rule_may_forbid_values() -> None:
    forbid = {"location": "$.verb.display[*]", "presence": "included", "none": ["geslaagd", "gezakt"]}
    profile = Profile(BASE, spoilt(lambda d: d["templates"][5]["rules"].append(forbid)))
    told = said("completed")
    assert profile.problems(told) == []
    told["verb"]["display"]["nl"] = "geslaagd"
    assert profile.problems(told) == ['verb.display.nl: must not be: "geslaagd", "gezakt" (template completed)']
