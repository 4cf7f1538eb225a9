"""A learner looks around in the story of the content, and finds back what they did there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.domain.errors import StoryUnknown
from lti_tool.use_cases.follow_story import FollowStory
from lti_tool.use_cases.read_colophon import ReadColophon
from tests.factories import NOW, make_campaign
from tests.integration.journeys.town import AsRequests, Town

MODULE = "M-VEI-001"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def storied(app):
    town = Town(app, STARTER_PACKAGE)
    town.settle()
    town.hold_campaign()
    return town


def story_of(town):
    return AsRequests(town.app, FollowStory(town.content))


def test_the_story_has_its_stops_in_order_with_their_trainings(storied):
    where = storied.arrive()
    page = story_of(storied).page(where)
    assert story_of(storied).title(where) == page.title == "Een dag bij Gemeente Voorbeeldstad"
    assert page.goal == make_campaign().goal
    assert [stop.id for stop in page.stops] == ["stadhuis", "bibliotheek", "markt"]
    assert {card.id for stop in page.stops for card in stop.cards} == {MODULE}
    assert {stop.state for stop in page.stops} == {"new"}


def test_a_stop_knows_what_was_begun_and_done_there_and_only_by_this_learner(storied):
    where, other = storied.arrive(), storied.arrive("learner-2")
    storied.module.open(where, MODULE, NOW)
    begun = story_of(storied).page(where).stops[0]
    assert (begun.state, begun.cards[0].state) == ("begun", "begun")
    storied.module.finish(where, MODULE, LATER)
    done = story_of(storied).page(where).stops[0]
    assert (done.state, done.cards[0].state) == ("done", "done")
    assert {stop.state for stop in story_of(storied).page(other).stops} == {"new"}


def test_looking_at_the_story_is_told_to_nobody_and_changes_nothing(storied):
    where = storied.arrive()
    before = storied.verbs()
    with storied.counting_queries() as seen:
        story_of(storied).page(where)
        story_of(storied).title(where)
    assert storied.verbs() == before
    assert [query for query in seen if not query.startswith("SELECT")] == []


def test_content_without_a_story_has_none(town):
    where = town.arrive()
    assert story_of(town).title(where) is None
    with pytest.raises(StoryUnknown):
        story_of(town).page(where)


def test_who_made_the_content_of_a_campaign_is_told_with_it(storied):
    colophon = AsRequests(storied.app, ReadColophon(storied.content)).colophon(storied.arrive())
    assert (colophon.title, colophon.publisher) == ("Mijn pakket", "Gemeente Voorbeeldstad")
    assert [credit.name for credit in colophon.credits] == ["Project Digivaardig", "Digihelden van Voorbeeldstad"]
