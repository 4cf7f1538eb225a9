"""A calibration is named by its content; nothing of it rests on fewer than ten people, nor does a difference."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import load_package
from lti_tool.domain.calibration import (
    Calibration,
    PersonalAnswer,
    ProposalBroken,
    ProposalNote,
    TooFewPeople,
    TooSoon,
    check_enough_people,
    check_may_propose_again,
    countable,
)
from tests.calibrations import make_calibration, make_parameters
from tests.factories import NOW
from tests.integration.journeys.small_content import write_small_content

A, B = make_parameters("INF-ZOE-0011@1"), make_parameters("VEI-INT-0011@2", drifted=True)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return load_package(write_small_content(tmp_path_factory.mktemp("content") / "klein"))


def test_the_id_is_twelve_digits_and_follows_the_content():
    calibration = make_calibration(A, B)
    assert len(calibration.id) == 12
    assert calibration.id == make_calibration(A, B).id
    others = [
        replace(calibration, **{name: value})
        for name, value in [("package", "x"), ("release", "x"), ("loading", 0.6), ("people", 11), ("answers", 9)]
    ]
    others += [make_calibration(A), make_calibration(A, replace(B, sd=0.3))]
    assert len({calibration.id, *(other.id for other in others)}) == len(others) + 1
    assert len({calibration, make_calibration(A, B)}) == 1


def test_it_comes_back_from_its_file_as_it_was():
    calibration = make_calibration(A, B)
    kept = json.dumps(calibration.as_fields())
    assert Calibration.from_fields(json.loads(kept), "file") == calibration
    assert list(json.loads(kept))[:4] == ["schema", "id", "package", "release"]


def test_the_order_of_items_and_fields_and_a_whole_number_for_another_change_nothing():
    calibration = make_calibration(replace(A, b=1.0), B)
    found = calibration.as_fields()
    found["items"] = [dict(reversed(item.items())) for item in reversed(found["items"])]
    found["items"][1]["b"] = 1
    assert Calibration.from_fields(found, "file").id == calibration.id


def broken(found, *said):
    with pytest.raises(ProposalBroken) as refused:
        Calibration.from_fields(found, "proposal.json")
    for part in said:
        assert f"proposal.json: {part}" in str(refused.value)


@pytest.mark.parametrize("found", [None, [], "calibration", 3, True])
def test_a_file_that_is_no_object_is_refused(found):
    broken(found, "file: must be an object")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("schema", "calibration/2", "schema: must be calibration/1"),
        ("schema", 1, "schema: must be a text"),
        ("id", "000000000000", "id: does not fit the content"),
        ("id", None, "id: must be a text"),
        ("package", "", "package: must be a text"),
        ("release", ["x"], "release: must be a text"),
        ("loading", "0.7", "loading: must be a number"),
        ("loading", float("nan"), "loading: must be a number"),
        ("loading", float("inf"), "loading: must be a number"),
        ("loading", 10**400, "loading: must be a number"),
        ("loading", True, "loading: must be a number"),
        ("people", 9, "people: must be a whole number, at least 10"),
        ("people", 10.0, "people: must be a whole number"),
        ("answers", -1, "answers: must be a whole number"),
        ("items", {}, "items: must be a list with items"),
        ("items", [], "items: must be a list with items"),
        ("items", ["x"], "items.0: must be an object"),
        ("extra", 1, "extra: is not known"),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(name, value, said):
    broken({**make_calibration(A, B).as_fields(), name: value}, said)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("b", None, "items.1.b: must be a number"),
        ("answers", 9, "items.1.answers: must be a whole number, at least 10"),
        ("drifted", 1, "items.1.drifted: must be true or false"),
        ("name", "Jan", "items.1.name: is not known"),
        ("item", "INF-ZOE-0011@1", "items: an item is there twice"),
        ("b", 3.0, "id: does not fit the content: the file was changed"),
    ],
)
def test_a_field_of_an_item_that_is_not_what_it_must_be_is_named(name, value, said):
    found = make_calibration(A, B).as_fields()
    found["items"][1][name] = value
    broken(found, said)


def test_all_mistakes_are_named_at_once():
    found = make_calibration(A).as_fields()
    del found["package"], found["items"][0]["a"]
    broken({**found, "people": 1}, "package: is missing", "people: must be", "items.0.a: is missing")


ANYTHING = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        11,
        10**400,
        0.5,
        float("nan"),
        "",
        "x",
        "calibration/1",
        [],
        [[]],
        [{}],
        [{"item": 1}],
        {},
    ]
)
FIELDS = st.sampled_from([*make_calibration().as_fields(), "x"])


@given(st.dictionaries(FIELDS, ANYTHING), st.booleans())
def test_whatever_stands_in_a_file_it_is_refused_in_words(found, on_top):
    whole = {**make_calibration().as_fields(), **found} if on_top else found
    if whole != make_calibration().as_fields():
        broken(whole)


def test_it_applies_to_items_of_the_same_version_only(package):
    calibration = make_calibration(A, B, make_parameters("OPE-SOF-9999@1"), make_parameters("VEI-INT-0100@1"))
    assert calibration.of(package) == {"INF-ZOE-0011": A}


def test_an_item_moved_when_it_is_a_third_of_a_logit_elsewhere():
    assert make_parameters(b=0.1, was=-0.2).moved
    assert not make_parameters(b=0.0, was=-0.2).moved


# --- whose answers may count ----------------------------------------------------------------------


def answered(item_id, people, right=True, sheet=""):
    return [PersonalAnswer(str(p), f"{p}{sheet}", "g", item_id, right) for p in people]


def test_an_item_that_nine_people_answered_is_not_seen_by_the_engine():
    usable = countable(answered("few", range(9)) + answered("enough", range(10)), in_tens=False)
    assert {answer.item_id for answer in usable} == {"enough"}
    assert len(usable) == 10


def test_who_answers_an_item_again_is_still_one_person_and_the_first_answer_counts():
    again = answered("x", range(9)) + answered("x", range(9), right=False, sheet="b")
    assert countable(again, in_tens=False) == []
    usable = countable([*again, *answered("x", [9])], in_tens=False)
    assert len(usable) == 10
    assert all(answer.right for answer in usable)


def test_in_tens_the_first_whole_tens_of_people_count():
    usable = countable(answered("x", range(29)) + answered("y", range(9)), in_tens=True)
    assert [answer.person for answer in usable] == [str(p) for p in range(20)]


@given(st.lists(st.tuples(st.integers(0, 25), st.sampled_from("xyz")), max_size=150), st.integers(0, 150))
def test_what_comes_later_changes_the_answers_to_an_item_by_ten_people_or_not_at_all(given_answers, earlier):
    answers = [PersonalAnswer(str(p), str(n), "g", item, n % 2 == 0) for n, (p, item) in enumerate(given_answers)]
    before, after = countable(answers[:earlier], in_tens=True), countable(answers, in_tens=True)
    assert set(before) <= set(after)
    for item in "xyz":
        new = {a.person for a in set(after) - set(before) if a.item_id == item}
        assert len(new) % 10 == 0
        assert len({a.person for a in after if a.item_id == item}) % 10 == 0


def test_without_an_item_that_ten_people_answered_nothing_is_proposed():
    with pytest.raises(TooFewPeople, match="10 people or more"):
        check_enough_people([])
    check_enough_people(answered("x", range(10)))


NOTE = ProposalNote("klein-pakket", 30, "0123456789ab", NOW)
SINCE = NOW + timedelta(days=1)


def sittings(before, since=0):
    return [(str(p), NOW) for p in range(before)] + [(str(100 + p), SINCE) for p in range(since)]


def test_a_note_of_a_proposal_comes_back_from_its_text():
    assert NOTE.as_text() == "klein-pakket 30 people, proposal 0123456789ab"
    assert ProposalNote.from_text(NOTE.as_text(), NOW) == NOTE
    with pytest.raises(ValueError, match="not a note"):
        ProposalNote.from_text("klein-pakket many people", NOW)


@pytest.mark.parametrize(("before", "since"), [(30, 0), (30, 10), (30, 25), (20, 0), (25, 5), (0, 30)])
def test_the_same_people_or_ten_others_may_be_proposed_again(before, since):
    check_may_propose_again(NOTE, sittings(before, since))


@pytest.mark.parametrize(("before", "since"), [(30, 1), (30, 9), (29, 0), (31, 0), (21, 0), (28, 7)])
def test_one_to_nine_people_who_came_or_went_cannot_be_found_by_subtraction(before, since):
    with pytest.raises(TooSoon, match=r"proposal 0123456789ab of 2026-11-23 10:20 UTC.*try again when 10 people"):
        check_may_propose_again(NOTE, sittings(before, since))


def test_somebody_who_sat_again_is_one_of_those_who_make_the_difference():
    with pytest.raises(TooSoon):
        check_may_propose_again(NOTE, [*sittings(30), ("1", SINCE)])


def test_a_first_proposal_has_nothing_to_be_subtracted_from():
    check_may_propose_again(None, sittings(3))
