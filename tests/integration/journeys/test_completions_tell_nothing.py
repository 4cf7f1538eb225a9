"""Whatever somebody did, the portal hears the same at the same moments (requirements T1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.lti.keys import ToolKeys
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.lrs_access import LrsAccess
from tests.integration.journeys.town import ISSUER, AsRequests, Town, dont_know, right
from tests.unit.lti.network import Post, post_with
from tests.unit.lti.portal import NOW, Shelves
from xapi.credentials import RIGHTS

LONG_AGO = datetime(2025, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NO_LRS = LrsAccess("http://127.0.0.1:9/xapi", dict.fromkeys(RIGHTS, "a-secret-of-sixteen"))

after = st.timedeltas(timedelta(0), timedelta(days=2))


@dataclass(frozen=True)
class Story:
    """What two people have in common: when they came, through which activity, and when they were done."""

    first_launch: timedelta
    visits_before: tuple[tuple[timedelta, int], ...]
    done: timedelta
    visits_after: tuple[tuple[timedelta, int], ...]


visits = st.lists(st.tuples(after, st.integers(1, 3)), max_size=2).map(tuple)
stories = st.builds(Story, st.timedeltas(timedelta(0), timedelta(days=300)), visits, after, visits)
regrets = st.lists(st.tuples(after, st.sampled_from(["undo", "skip", "finish"])), max_size=3)


@pytest.fixture
def town(app: Any, small_content: Any) -> Town:
    """Voorbeeldstad in 2025, outside the demo."""
    town = Town(app, small_content, completions_at_once=False)
    town.settle()
    town.hold_campaign(starts_on=date(2025, 1, 1), ends_on=date(2200, 1, 1))
    return town


@pytest.fixture(scope="module")
def tool_keys() -> ToolKeys:
    shelves = Shelves()
    with shelves.transaction():
        return ToolKeys.load_or_make(shelves, Seal((Fernet.generate_key(),)), NOW)


def line_item(number: int) -> str:
    return f"{ISSUER}/lineitems/{number}?type_id=3"


class Walk:
    """One of the two, through the story."""

    def __init__(self, town: Town, sub: str, story: Story) -> None:
        self.town, self.sub = town, sub
        self.now = LONG_AGO + story.first_launch
        self.where = town.arrive(sub, self.now, line_item_url=line_item(1))
        self.visit_all(story.visits_before)
        self.now += story.done

    def visit_all(self, visits: tuple[tuple[timedelta, int], ...]) -> None:
        for later, number in visits:
            self.now += later
            self.town.visit(self.sub, self.now, line_item_url=line_item(number))

    def finish(self, how: Any = right) -> None:
        self.town.assessment.begin(self.where, self.now)
        self.town.answer_all(self.where, how, self.now)

    def skip(self) -> None:
        self.town.assessment.skip(self.where, self.now)

    def regret(self, regrets: list[tuple[timedelta, str]]) -> None:
        """Somebody who skipped thinks again, perhaps more than once; none of it is told."""
        skipped, when = True, self.now
        for later, what in regrets:
            self.now += later
            if what == "undo" and skipped:
                self.town.assessment.undo_skip(self.where, self.now)
                skipped = False
            elif what == "skip" and not skipped:
                self.skip()
                skipped = True
            elif what == "finish":
                self.finish(dont_know)
                break
        self.now = when


def told(town: Town, participation_id: str) -> list[dict[str, Any]]:
    """The messages about one participation, without what only says which one it is."""
    mine = [row for row in town.outbox("completion", "") if row["message_id"].startswith(participation_id)]
    for row in mine:
        row["message_id"] = row["message_id"].replace(participation_id, "")
        row["body"] = {**json.loads(row["body"]), "participation": ""}
        del row["seq"]
    return mine


def posted(post: Post, sub: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What the portal was sent about somebody, without the id."""
    bodies = [(r.method, r.url, json.loads(r.body)) for r in post.network.requests if "token" not in r.url]
    return [(method, url, {**body, "userId": ""}) for method, url, body in bodies if body["userId"] == sub]


@pytest.fixture
def people() -> Iterator[str]:
    return (f"somebody-{number}" for number in count())


def test_skipping_and_finishing_cannot_be_told_apart_not_by_the_moment_either(
    town: Town, tool_keys: ToolKeys, people: Iterator[str]
) -> None:
    @settings(max_examples=12)
    @given(stories, regrets, st.sampled_from([right, dont_know]))
    def whatever_happens(story: Story, regrets: list[tuple[timedelta, str]], how: Any) -> None:
        does, skips = Walk(town, next(people), story), Walk(town, next(people), story)
        does.finish(how)
        skips.skip()
        skips.regret(regrets)
        does.visit_all(story.visits_after)
        skips.visit_all(story.visits_after)
        rows = [told(town, walk.where.participation_id) for walk in (does, skips)]
        assert rows[0] == rows[1]
        assert rows[0]
        for row in rows[0]:
            at = datetime.fromisoformat(row["body"]["at"])
            assert at == row["due_at"]
            assert (at.minute, at.second, at.microsecond) == (0, 0, 0)
            assert at >= LONG_AGO + story.first_launch + HOUR
        post = post_with(tool_keys, (200, b""))
        AsRequests(town.app, Deliver(NO_LRS, post.sender)).everything_due(datetime.now(UTC))
        assert posted(post, does.sub) == posted(post, skips.sub)
        assert len(posted(post, does.sub)) == len(rows[0])

    whatever_happens()


def test_staff_and_previews_are_never_told(town: Town) -> None:
    visit = town.visit("teacher", LONG_AGO, is_staff=True, roles=("Instructor",))
    town.enter.acknowledge(visit.where, LONG_AGO)
    town.assessment.skip(visit.where, LONG_AGO)
    town.visit("teacher", LONG_AGO + HOUR, is_staff=True, line_item_url=line_item(2))
    assert town.outbox("completion", "") == []
