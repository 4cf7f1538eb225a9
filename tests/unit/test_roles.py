"""What each role of ours may do, and codes that people can type over."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.roles import (
    CODE_BITS,
    INVITED_BY_AN_ADMINISTRATOR,
    ROLES,
    may_administer,
    may_read_figures,
    read_code,
    written_code,
)

numbers = st.integers(0, 2**CODE_BITS - 1)
some_roles = st.lists(st.sampled_from(ROLES), unique=True)


@pytest.mark.parametrize(
    ("role", "administers", "reads_figures"),
    [
        ("administrator", True, True),
        ("project_leader", False, True),
        ("analyst", False, True),
        ("coach", False, False),
        ("team_leader", False, False),
        ("author", False, False),
    ],
)
def test_each_role_gives_what_the_table_says(role: str, administers: bool, reads_figures: bool) -> None:
    assert (may_administer([role]), may_read_figures([role])) == (administers, reads_figures)


def test_the_table_above_has_every_role() -> None:
    assert len(ROLES) == len(set(ROLES)) == 6


def test_no_role_gives_nothing() -> None:
    assert not may_administer(())
    assert not may_read_figures(())


@given(some_roles, some_roles)
def test_a_further_role_never_takes_anything_away_and_never_adds_more_than_its_own(
    held: list[str], more: list[str]
) -> None:
    for may in (may_administer, may_read_figures):
        assert may([*held, *more]) == (may(held) or may(more))


@given(st.lists(st.text()))
def test_roles_of_a_portal_or_made_up_ones_give_nothing(others: list[str]) -> None:
    unknown = [role for role in others if role not in ROLES]
    assert not may_administer([*unknown, "Administrator", "Instructor"])
    assert not may_read_figures(unknown)


def test_nobody_in_a_browser_makes_another_administrator() -> None:
    assert "administrator" not in INVITED_BY_AN_ADMINISTRATOR
    assert set(INVITED_BY_AN_ADMINISTRATOR) == set(ROLES) - {"administrator"}


@given(numbers)
def test_a_code_is_four_groups_of_four_without_letters_that_look_alike(number: int) -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", written_code(number))


@given(numbers, numbers)
def test_two_numbers_are_two_codes(one: int, other: int) -> None:
    assert (written_code(one) == written_code(other)) == (one == other)


@given(numbers, st.sampled_from(["-", " ", "", " - "]), st.booleans())
def test_a_code_is_read_however_it_was_typed_over(number: int, between: str, small: bool) -> None:
    code = written_code(number)
    typed = f" {code.replace('-', between)}\n"
    assert read_code(typed.lower() if small else typed) == code


def test_letters_that_look_like_a_digit_are_read_as_that() -> None:
    assert read_code("OooO-iIlL-0011-ABCD") == "0000-1111-0011-ABCD"


@pytest.mark.parametrize(
    "text", ["", "ABCD", "ABCD-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRST", "UUUU-UUUU-UUUU-UUUU", "é" * 16, "\0" * 16]
)
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert read_code(text) is None


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_a_code_or_none(text: str) -> None:
    read = read_code(text)
    assert read is None or read_code(read) == read
