"""Of a launch only what is needed gets in: roles of the course, and a first name where that was asked for."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.claims import LTI, MAX_GIVEN_NAME, read_claims, read_given_name
from lti_tool.lti.door import LaunchDoor
from tests.unit.lti.portal import LAUNCH_URL, MEMBERSHIP, PERSONAL, ROLES, Visit, claims_of

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2"
STAFF = ("Instructor", "Administrator")
ELSEWHERE = [
    f"{VOCABULARY}/{where}#{name}"
    for where in ("institution/person", "system/person", "person")
    for name in ("Administrator", "Instructor", "SysAdmin", "Staff")
]
SUB_ROLES = [
    f"{VOCABULARY}/membership/{role}#{sub}"
    for role, sub in (
        ("Instructor", "TeachingAssistant"),
        ("Instructor", "Instructor"),
        ("Administrator", "Administrator"),
        ("Learner", "Instructor"),
    )
]
names = st.sampled_from([*STAFF, "Learner", "Mentor", "ContentDeveloper", "instructor", "Instructor ", ""])
roles = st.one_of(
    names,
    names.map(lambda name: f"{MEMBERSHIP}{name}"),
    st.sampled_from([*ELSEWHERE, *SUB_ROLES, "http://evil.example/membership#Instructor", "urn:x#Administrator"]),
    st.text(st.characters(exclude_categories=("C",)), max_size=40),
)


def is_staff(sent: list[str]) -> bool:
    return read_claims({**claims_of(), f"{LTI}roles": sent}).is_staff


@given(st.lists(roles, max_size=6))
def test_staff_are_those_with_a_role_in_the_course_and_nobody_else(sent: list[str]) -> None:
    principal = {*STAFF, *(f"{MEMBERSHIP}{name}" for name in STAFF)}
    assert is_staff(sent) == bool(principal & set(sent))


@given(st.lists(st.sampled_from([*ELSEWHERE, *SUB_ROLES]), max_size=8), st.sampled_from(["", "Learner"]))
def test_no_role_in_institution_or_system_and_no_sub_role_alone_makes_staff(sent: list[str], more: str) -> None:
    assert not is_staff([*sent, more])


@given(st.lists(roles, max_size=6), st.sampled_from(STAFF), st.booleans(), st.integers(0, 6))
def test_the_highest_role_in_the_course_counts_wherever_it_stands(
    sent: list[str], name: str, short: bool, place: int
) -> None:
    assert is_staff([*sent[:place], name if short else f"{MEMBERSHIP}{name}", *sent[place:]])


def test_a_sub_role_with_its_principal_role_is_staff_as_the_specification_advises() -> None:
    assert is_staff([f"{VOCABULARY}/membership/Instructor#TeachingAssistant", f"{MEMBERSHIP}Instructor"])


def test_a_portals_own_administrator_who_teaches_nothing_is_a_learner() -> None:
    assert not is_staff([role for role in ROLES["admin"] if MEMBERSHIP not in role])
    assert is_staff(ROLES["admin"])


# --- names ----------------------------------------------------------------------------------------


def greeting(visit: Visit) -> Visit:
    """The same portal, of a municipality that greets by name."""
    visit.door = LaunchDoor(
        portals=visit.shelves,
        logins=visit.shelves,
        key_sets=visit.shelves,
        http=visit.server,  # type: ignore[arg-type]
        launch_url=LAUNCH_URL,
        greets_by_name=lambda tenant_id: tenant_id == "voorbeeldstad",
    )
    return visit


def test_a_first_name_is_read_only_where_it_was_asked_for(visit: Visit) -> None:
    assert visit.launch().given_name is None
    assert greeting(visit).launch().given_name == "Sam"


def test_of_all_that_a_portal_tells_only_the_first_name_comes_along_and_is_not_printed(visit: Visit) -> None:
    launch = greeting(visit).launch()
    said = dataclasses.asdict(launch)
    assert said.pop("given_name") == "Sam"
    for detail in PERSONAL.values():
        assert detail not in json.dumps(said)
        assert detail not in repr(launch)
    assert launch.claims_used["given_name"] == "(used for the greeting only)"


def test_a_name_that_is_wrong_or_absent_stops_nobody(visit: Visit) -> None:
    for value in (None, 5, ["Sam"], {"nl": "Sam"}, True, "\x00", "x" * 5000):
        assert greeting(visit).launch(given_name=value).given_name is None
        assert Visit().launch(given_name=value).sub == "4"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Sanne", "Sanne"),
        ("  Sanne ", "Sanne"),
        ("Anne-Marie D'Hondt", "Anne-Marie D'Hondt"),
        ("Zoë", "Zoë"),
        ("李", "李"),
        ("<b>Sanne</b>", "<b>Sanne</b>"),
        ("x" * MAX_GIVEN_NAME, "x" * MAX_GIVEN_NAME),
        ("x" * (MAX_GIVEN_NAME + 1), None),
        ("$Person.name.given", None),
        ("", None),
        ("   ", None),
        ("Sanne\nde Boer", None),
        ("Sanne\x00", None),
        ("\u202eennaS", None),
        ("\ud800", None),
    ],
)
def test_a_first_name_is_a_short_line_that_can_be_read(value: str, name: str | None) -> None:
    assert read_given_name({"given_name": value}) == name


@given(st.dictionaries(st.sampled_from(["given_name", "name", "email"]), st.text() | st.integers() | st.none()))
def test_whatever_is_sent_as_a_name_gives_a_short_line_or_nothing(claims: dict[str, Any]) -> None:
    name = read_given_name(claims)
    assert name is None or (
        name in claims["given_name"] and 0 < len(name) <= MAX_GIVEN_NAME and name.isprintable()
    )
