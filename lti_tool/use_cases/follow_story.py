"""A learner looks around in the story of the content: its stops, and what there is to learn at each."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.domain.advice import minutes_by_level
from lti_tool.domain.campaign import Campaign
from lti_tool.domain.content import Package, Picture
from lti_tool.domain.errors import StoryUnknown
from lti_tool.domain.people import Where
from lti_tool.domain.stories import Meeting, Place, Story, state_of
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import trainings as training_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.read_advice import ModuleCard, module_card, training_states


@dataclass(frozen=True)
class StopLine:
    """A stop, with the trainings there."""

    id: str
    title: str
    place: Place
    picture: Picture | None
    intro: str
    cards: tuple[ModuleCard, ...]
    state: str
    """`new`, `begun` or `done`."""


@dataclass(frozen=True)
class StoryPage:
    """A story; its list of stops says everything that its map says."""

    goal: str
    """Why the municipality does this (R106)."""
    title: str
    intro: str
    map: Picture
    stops: tuple[StopLine, ...]
    meeting: Meeting | None
    times: tuple[tuple[str, int], ...]
    """Id of each level, lowest first, and how many minutes all of it takes somebody there, a meeting too (R99)."""


class FollowStory:
    """The story around the micro-trainings, where the content has one."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def title(self, where: Where) -> str | None:
        """What it is called; None: there is no story."""
        with transaction(writes=False):
            story = self._look(where)[1].story
        return story.title if story else None

    def page(self, where: Where) -> StoryPage:
        """Raises StoryUnknown: there is none."""
        with transaction(writes=False):
            campaign, package = self._look(where)
            states = training_states(training_rows.trainings(where))
            language = participation_rows.load_participation(where).language
        story = package.story
        if story is None:
            raise StoryUnknown
        return StoryPage(
            goal=campaign.goal,
            title=story.title,
            intro=story.intro,
            map=story.map,
            stops=tuple(
                StopLine(
                    id=stop.id,
                    title=stop.title,
                    place=stop.place,
                    picture=stop.picture,
                    intro=stop.intro,
                    cards=tuple(module_card(package, module_id, states, language) for module_id in stop.modules),
                    state=state_of(stop.modules, states),
                )
                for stop in story.stops
            ),
            meeting=story.meeting,
            times=_times(story, package),
        )

    def _look(self, where: Where) -> tuple[Campaign, Package]:
        """Always what the campaign uses now: its pictures are that release's too."""
        tenant = tenant_rows.load_tenant(where.tenant_id)
        campaign = tenant_rows.load_campaign(where.tenant_id, where.campaign_id)
        return campaign, self._content.release_for(tenant, campaign).package


def _times(story: Story, package: Package) -> tuple[tuple[str, int], ...]:
    ids = dict.fromkeys(module_id for stop in story.stops for module_id in stop.modules)
    together = story.meeting.minutes if story.meeting else 0
    own = minutes_by_level([package.module(module_id) for module_id in ids], package.framework.levels)
    return tuple((level.id, together + minutes) for level, minutes in own)
