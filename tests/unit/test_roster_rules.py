"""Who may have left a course, and when its list is read again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.roster import (
    READ_AGAIN,
    SHORTEST_WAIT,
    TRY_AGAIN,
    Member,
    due_after_failure,
    due_after_launch,
    may_have_left,
)
from tests.factories import NOW

SUBS = st.sampled_from("abcdef")
MEMBERS = st.lists(st.builds(Member, SUBS, st.sampled_from(["Active", "Inactive", "Deleted"]), st.just(())))


def test_who_is_inactive_deleted_or_gone_may_have_left() -> None:
    now = [Member("a", "Active", ()), Member("b", "Inactive", ()), Member("c", "Deleted", ())]
    assert may_have_left({"a", "d"}, now) == {"b", "c", "d"}


@given(st.frozensets(SUBS), MEMBERS)
def test_nobody_who_is_active_or_was_never_on_the_list_may_have_left(
    before: frozenset[str], now: list[Member]
) -> None:
    left = may_have_left(before, now)
    assert left.isdisjoint(member.sub for member in now if member.status == "Active")
    assert left <= before | {member.sub for member in now}


@given(st.integers(-10_000, 10_000))
def test_a_launch_never_lets_a_list_be_read_twice_within_six_hours(minutes: int) -> None:
    read_at = NOW + timedelta(minutes=minutes)
    due_at = due_after_launch(read_at, NOW)
    assert due_at >= NOW
    assert due_at >= read_at + READ_AGAIN
    assert due_at in (NOW, read_at + READ_AGAIN)


def test_a_list_that_was_never_read_is_read_at_once() -> None:
    assert due_after_launch(None, NOW) == NOW


def test_after_a_failure_the_portal_says_when_or_it_is_an_hour_but_never_at_once() -> None:
    assert due_after_failure(None, NOW) == NOW + TRY_AGAIN
    assert due_after_failure(timedelta(days=1), NOW) == NOW + timedelta(days=1)
    assert due_after_failure(timedelta(0), NOW) == NOW + SHORTEST_WAIT
