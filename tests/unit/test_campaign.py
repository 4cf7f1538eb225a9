"""The rules of a campaign: who may begin when, what is before and after, when 'klaar' is sent."""

from __future__ import annotations

from datetime import date, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.domain.campaign import (
    answers_kept_until,
    closes_at,
    completion_due_at,
    current_default,
    is_default,
    may_begin_again,
    name_in_links,
    openness,
    phase,
    placeable,
    pre_and_post,
)
from tests.factories import NOW, make_attempt, make_campaign, make_tenant

LATER = NOW + timedelta(days=100)


def test_a_campaign_is_open_between_its_dates_once_the_works_council_agreed():
    assert openness(make_campaign(), make_tenant(), NOW) == "open"


def test_without_consent_of_the_works_council_a_campaign_stays_closed():
    assert openness(make_campaign(), make_tenant(works_council_consent_on=None), NOW) == "not_yet_open"


def test_before_its_first_day_a_campaign_is_not_yet_open():
    assert openness(make_campaign(starts_on=date(2027, 1, 1)), make_tenant(), NOW) == "not_yet_open"


def test_after_its_last_day_a_campaign_is_over():
    assert openness(make_campaign(ends_on=date(2026, 11, 22)), make_tenant(), NOW) == "over"


@given(days=st.dates(date(2000, 1, 1), date(2100, 1, 1)), hours=st.integers(-12, 14))
def test_a_campaign_closes_when_its_last_day_is_over_in_every_time_zone(days, hours):
    campaign = make_campaign(ends_on=days)
    there = closes_at(campaign).astimezone(timezone(timedelta(hours=hours)))
    assert there.date() > campaign.ends_on
    assert openness(campaign, make_tenant(), closes_at(campaign)) != "open"


@pytest.mark.parametrize(
    ("ends_on", "kept_until"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2027, 8, 31), date(2027, 11, 30)),
        (date(2027, 9, 15), date(2027, 12, 15)),
        (date(2027, 10, 31), date(2028, 1, 31)),
    ],
)
def test_answers_are_kept_for_three_months_of_the_calendar(ends_on, kept_until):
    assert answers_kept_until(make_campaign(ends_on=ends_on)) == kept_until


@given(days=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_answers_never_go_before_the_keys(days):
    campaign = make_campaign(ends_on=days)
    assert timedelta(days=88) <= answers_kept_until(campaign) - days <= timedelta(days=92)
    assert closes_at(campaign).date() < answers_kept_until(campaign)


def test_an_attempt_begun_at_post_from_is_the_second_measurement():
    campaign = make_campaign(post_from=LATER)
    assert phase(campaign, LATER - timedelta(seconds=1)) == "pretest"
    assert phase(campaign, LATER) == "posttest"
    assert phase(make_campaign(), LATER) == "pretest"


def test_pre_is_the_first_finished_attempt_and_post_the_latest_one_after_post_from():
    campaign = make_campaign(post_from=LATER)
    first = make_attempt(number=1, finished_at=NOW)
    second = make_attempt(number=2, begun_at=LATER, finished_at=LATER)
    third = make_attempt(number=3, begun_at=LATER, finished_at=LATER)
    assert pre_and_post(campaign, [third, first, second]) == (first, third)


def test_an_attempt_is_never_both_pre_and_post():
    only = make_attempt(begun_at=LATER, finished_at=LATER)
    assert pre_and_post(make_campaign(post_from=LATER), [only]) == (only, None)


def test_without_a_finished_attempt_there_is_no_measurement():
    assert pre_and_post(make_campaign(), [make_attempt()]) == (None, None)


@pytest.mark.parametrize(
    ("attempts", "post_from", "now", "allowed"),
    [
        ([], None, NOW, True),
        ([make_attempt()], LATER, LATER, False),
        ([make_attempt(finished_at=NOW)], None, NOW, False),
        ([make_attempt(finished_at=NOW)], LATER, NOW, False),
        ([make_attempt(finished_at=NOW)], LATER, LATER, True),
        ([make_attempt(begun_at=LATER, finished_at=LATER)], LATER, LATER, False),
    ],
)
def test_a_second_sitting_may_begin_once_after_post_from(attempts, post_from, now, allowed):
    assert may_begin_again(make_campaign(post_from=post_from), attempts, now) is allowed


def test_the_default_campaign_goes_on_until_its_last_day():
    campaign = make_campaign()
    assert current_default([campaign], campaign.ends_on) == campaign


def test_the_next_default_campaign_opens_by_itself():
    campaign = make_campaign(post_from=NOW)
    today = date(2027, 11, 5)
    following = current_default([campaign], today)
    assert following is not None
    assert (following.id, following.starts_on, following.post_from) == ("standaard-2", today, None)
    assert current_default([campaign, following], today) == following


def test_a_municipality_may_have_only_campaigns_of_its_own():
    assert current_default([make_campaign(id="sharepoint")], date(2026, 12, 1)) is None


def test_in_the_demo_klaar_is_sent_at_once():
    assert completion_due_at(NOW, NOW, at_once=True) == NOW


moments = st.integers(0, 31_536_000_000).map(lambda milliseconds: NOW + timedelta(milliseconds=milliseconds))


@given(moments, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_klaar_is_always_sent_on_a_whole_hour_at_least_an_hour_after_the_launch(launch, took):
    due = completion_due_at(launch, launch + took, at_once=False)
    earliest = max(launch + timedelta(hours=1), launch + took)
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
    assert earliest <= due < earliest + timedelta(hours=1)


def test_a_link_may_lead_to_the_default_of_today_first_and_to_what_is_not_over():
    last_year = make_campaign(starts_on=date(2025, 11, 1), ends_on=date(2026, 10, 31))
    others = [
        make_campaign(id="straks", starts_on=date(2027, 1, 1)),
        make_campaign(id="vandaag-voorbij", ends_on=NOW.date()),
        make_campaign(id="gisteren-voorbij", ends_on=NOW.date() - timedelta(days=1)),
    ]
    found = placeable([last_year, *others], NOW.date())
    assert [campaign.id for campaign in found] == ["standaard-2", "vandaag-voorbij", "straks"]
    assert [name_in_links(campaign) for campaign in found] == ["standaard", "vandaag-voorbij", "straks"]
    assert [campaign.id for campaign in placeable(others, NOW.date())] == ["vandaag-voorbij", "straks"]


@pytest.mark.parametrize(
    ("campaign_id", "is_one"),
    [("standaard", True), ("standaard-2", True), ("standaarden", False), ("balie-standaard", False)],
)
def test_the_series_of_defaults_is_known_by_its_ids(campaign_id, is_one):
    assert is_default(campaign_id) is is_one
