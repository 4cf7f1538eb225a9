"""A learner reads the advice, looks back at the answers, and sees their own progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from lti_tool.domain import scoring
from lti_tool.domain.advice import advise, first_step
from lti_tool.domain.campaign import may_begin_again
from lti_tool.domain.content import SOURCE_LANGUAGE, Item, Package
from lti_tool.domain.errors import AnswersGone, NoAttemptRunning
from lti_tool.domain.people import DomainResult, GivenAnswer, Training, Where
from lti_tool.measurement.change import chance_improved
from lti_tool.measurement.posterior import own_log_likelihood
from lti_tool.storage import trainings as training_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.sitting import Sitting, load_sitting, still_weighable

LIKELY_GROWN = 0.75
"""From this chance on growth is told. A few questions show small growth too poorly to say that there was none."""


@dataclass(frozen=True)
class DomainLine:
    """One domain on the advice page."""

    id: str
    label: str
    level: str | None
    between: tuple[str, str] | None
    can_do: str
    grow: str = ""
    """In what to grow; only where that is advised."""
    language: str = SOURCE_LANGUAGE
    """Of these two lines."""


@dataclass(frozen=True)
class ModuleCard:
    """A micro-training as advice or in a list."""

    id: str
    title: str
    minutes: int
    one_topic: str
    domain: str
    """Its name."""
    state: str
    """`new`, `begun` or `done`."""
    language: str = SOURCE_LANGUAGE
    """Of its texts."""
    meant_for: str = ""
    """Names of personas, where it is for these only."""


@dataclass(frozen=True)
class AdvicePage:
    """Strong points first, one next step, and what may be skipped."""

    strong: tuple[DomainLine, ...]
    furthest: bool
    """Whether these are only the furthest of somebody who learns the basics everywhere."""
    grow: tuple[DomainLine, ...]
    next: ModuleCard | None
    reason: str
    """A code of `domain.advice`: start, condition, most_gain or helper."""
    others: tuple[ModuleCard, ...]
    skippable: int
    minutes_saved: int
    helpers: str
    conversation: str
    skipped: bool
    may_begin_again: bool
    answers_gone: bool
    """Whether they were removed after the end, so that there is nothing to look back at."""


@dataclass(frozen=True)
class AnsweredItem:
    """One answer looked back at, with its explanation."""

    position: int
    item: Item
    given: tuple[str, ...]
    """The learner's answer in words; empty for "weet ik niet"."""
    expected: tuple[str, ...]
    right: bool
    explanation: str


@dataclass(frozen=True)
class SittingLine:
    """One finished sitting on the progress page."""

    finished_on: date
    domains: tuple[DomainLine, ...]


@dataclass(frozen=True)
class GrowthLine:
    """Whether somebody grew in one domain between the first and the last sitting; never a verdict."""

    label: str
    of_hundred: int | None
    """Of 100 people with these answers so many grew, in tens rounded down; None when that is not likely enough."""


@dataclass(frozen=True)
class ProgressPage:
    """What a learner did: effort and topics first, levels with their uncertainty."""

    sittings: tuple[SittingLine, ...]
    """Newest first."""
    growth: tuple[GrowthLine, ...]
    """Nothing before there are two sittings."""
    trainings: tuple[ModuleCard, ...]
    """Begun or done, done first."""
    skipped: bool
    helpers: str
    ratings: Mapping[str, str] = field(default_factory=dict)
    """Module id → what the learner said of that training (`domain.people.RATINGS`)."""


class ReadAdvice:
    """Reads only; nothing here changes or records anything."""

    def __init__(self, content: ChooseContent) -> None:
        self._content = content

    def page(self, where: Where, now: datetime) -> AdvicePage:
        """The advice after the last finished sitting, or after a skip.

        Raises:
            NoAttemptRunning: neither finished nor skipped.
        """
        with transaction(writes=False):
            sitting = load_sitting(self._content, where, answers=False)
            states = training_states(training_rows.trainings(where))
        finished = {module_id for module_id, state in states.items() if state == "done"}
        package = sitting.release.package
        skipped = sitting.finished is None
        if sitting.finished is not None:
            results = {result.domain: result for result in sitting.finished.profile}
            found = advise(sitting.finished.profile, package, finished)
        elif sitting.participation.skipped_at is not None:
            results, found = {}, first_step(package, finished)
        else:
            raise NoAttemptRunning
        language = sitting.participation.language
        return AdvicePage(
            strong=tuple(_domain_line(package, results[d], language) for d in found.strong),
            furthest=found.furthest,
            grow=tuple(_domain_line(package, results[d], language, tells_growth=True) for d in found.grow),
            next=module_card(package, found.next_module, states, language) if found.next_module else None,
            reason=found.reason,
            others=tuple(module_card(package, module_id, states, language) for module_id in found.others),
            skippable=len(found.skippable),
            minutes_saved=found.minutes_saved,
            helpers=sitting.tenant.contacts.helpers,
            conversation=sitting.tenant.contacts.conversation,
            skipped=skipped,
            may_begin_again=may_begin_again(sitting.campaign, sitting.attempts, now),
            answers_gone=sitting.finished is not None and sitting.finished.emptied,
        )

    def answers(self, where: Where) -> tuple[AnsweredItem, ...]:
        """The answers of the last finished sitting with their explanations.

        A question that was renewed or withdrawn since then is left out: its explanation may not fit.

        Raises:
            NoAttemptRunning: no sitting was finished.
            AnswersGone: they were removed, some time after the end of the campaign.
        """
        with transaction(writes=False):
            sitting = load_sitting(self._content, where)
        if sitting.finished is None:
            raise NoAttemptRunning
        if sitting.finished.emptied:
            raise AnswersGone
        return tuple(
            _looked_back(sitting.release.package, answer, sitting.participation.language)
            for answer in sitting.finished.answers
            if _is_still_asked(sitting.release.package, answer)
        )

    def progress(self, where: Where) -> ProgressPage:
        """The learner's own progress, worded as growth (R32, T10)."""
        with transaction(writes=False):
            sitting = load_sitting(self._content, where)
            trainings = training_rows.trainings(where)
        package, language = sitting.release.package, sitting.participation.language
        states = training_states(trainings)
        lines = [
            SittingLine(
                attempt.finished_at.date(),
                tuple(_domain_line(package, result, language) for result in attempt.profile),
            )
            for attempt in sitting.attempts
            if attempt.finished_at is not None
        ]
        begun = [t.module_id for t in trainings if t.module_id in package.modules]
        cards = [module_card(package, module_id, states, language) for module_id in begun]
        return ProgressPage(
            sittings=tuple(reversed(lines)),
            growth=_growth(sitting, language),
            trainings=tuple(sorted(cards, key=lambda card: (card.state != "done", card.title))),
            skipped=sitting.participation.skipped_at is not None and not lines,
            helpers=sitting.tenant.contacts.helpers,
            ratings={training.module_id: training.rating for training in trainings if training.rating},
        )


def _growth(sitting: Sitting, language: str) -> tuple[GrowthLine, ...]:
    """From each domain's own answers: a belief that leans on other domains would leak growth into this one."""
    finished = [attempt for attempt in sitting.attempts if attempt.finished_at is not None]
    if len(finished) < 2:
        return ()
    release = sitting.release
    states = [still_weighable(release, attempt) for attempt in (finished[0], finished[-1])]
    lines = []
    for domain in release.package.framework.domains:
        pre, post = (own_log_likelihood(release.bank, state, domain.id) for state in states)
        if pre is not None and post is not None:
            chance = chance_improved(pre, post)
            of_hundred = int(chance * 10) * 10 if chance >= LIKELY_GROWN else None
            lines.append(GrowthLine(release.package.framework.domain_name(domain.id, language), of_hundred))
    return tuple(lines)


def module_card(package: Package, module_id: str, states: dict[str, str], language: str) -> ModuleCard:
    module = package.module(module_id).said_in(language)
    return ModuleCard(
        module.id,
        module.title,
        module.minutes,
        module.one_topic,
        package.framework.domain_name(module.domain, language),
        states.get(module.id, "new"),
        module.language,
        ", ".join(persona.title_in(language) for persona in package.personas if persona.id in module.personas),
    )


def training_states(trainings: list[Training]) -> dict[str, str]:
    """Module id → `begun` or `done`."""
    return {t.module_id: "done" if t.finished_at else "begun" for t in trainings}


def _domain_line(
    package: Package, result: DomainResult, language: str, *, tells_growth: bool = False
) -> DomainLine:
    domain = next(d for d in package.framework.domains if d.id == result.domain)
    level = result.level or (result.between[0] if result.between else package.framework.levels[0].id)
    lines = [domain.can_do[level]]
    if tells_growth and result.gains:
        most = max(result.gains, key=lambda gain: gain[1])[0]
        lines += [subskill.grow for subskill in domain.subskills if subskill.id == most]
    said_in = language if all(language in line for line in lines) else SOURCE_LANGUAGE
    can_do, *grow = (line[said_in] for line in lines)
    return DomainLine(
        id=domain.id,
        label=package.framework.domain_name(domain.id, language),
        level=result.level,
        between=result.between,
        can_do=can_do,
        grow=" ".join(grow),
        language=said_in,
    )


def _is_still_asked(package: Package, answer: GivenAnswer) -> bool:
    item = package.items.get(answer.item_id)
    return item is not None and item.version == answer.item_version


def _looked_back(package: Package, answer: GivenAnswer, language: str) -> AnsweredItem:
    item = package.item(answer.item_id).said_in(language)
    response = scoring.Response(answer.choice, answer.text, answer.dont_know)
    return AnsweredItem(
        position=answer.position,
        item=item,
        given=scoring.in_words(item, response),
        expected=scoring.expected_in_words(item),
        right=answer.right,
        explanation=scoring.explanation(item, response),
    )
