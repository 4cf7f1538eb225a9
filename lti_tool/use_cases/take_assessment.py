"""A learner takes the assessment: begins, answers, pauses, stops or skips, and gets advice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool.domain import scoring
from lti_tool.domain.advice import advise
from lti_tool.domain.campaign import may_begin_again, openness
from lti_tool.domain.content import SOURCE_LANGUAGE, Item
from lti_tool.domain.errors import (
    AnotherQuestion,
    CampaignNotOpen,
    ItemAlreadyAnswered,
    NoAttemptRunning,
    NothingToUndo,
    ReleaseGone,
)
from lti_tool.domain.people import Attempt, DomainResult, GivenAnswer, Where
from lti_tool.measurement.posterior import Answer, State
from lti_tool.measurement.report import profile, tag_weakness
from lti_tool.measurement.select import Ask, Done, next_step
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent, Release
from lti_tool.use_cases.sitting import Sitting, load_sitting


@dataclass(frozen=True)
class Question:
    """What one page asks."""

    item: Item
    position: int
    """1-based."""
    progress: str
    """A code of how far one is, in words on the page: start, under_way, half_way, nearly_done."""
    seed: str
    """For the order in which options are shown; the same at each visit."""


@dataclass(frozen=True)
class Feedback:
    """What is said after a practice answer."""

    right: bool
    text: str
    tip: str
    rows: tuple[scoring.RowOutcome, ...] = ()
    """Of an item that asks several things: how each was answered; `text` then only opens and explains."""
    language: str = SOURCE_LANGUAGE


class TakeAssessment:
    """The journey of one participation through the assessment."""

    def __init__(self, content: ChooseContent, pen: Pen) -> None:
        self._content = content
        self._pen = pen

    def practice(self, where: Where) -> Question:
        """The practice question: friendly, easy, recorded nowhere."""
        with transaction(writes=False):
            language = participation_rows.load_participation(where).language
            package = self._content.package_for(tenant_rows.load_tenant(where.tenant_id))
        return Question(package.practice_item().said_in(language), 0, "start", where.participation_id)

    def check_practice(self, where: Where, response: scoring.Response) -> Feedback:
        """Raises ResponseDoesNotFit."""
        item = self.practice(where).item
        return feedback_on(item, response)

    def begin(self, where: Where, now: datetime) -> None:
        """Begin a sitting, or go on with the running one. A skip is undone by beginning.

        Raises:
            CampaignNotOpen: the campaign has not been opened or is over.
            NoAttemptRunning: the assessment was finished, and there is no second measurement yet.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True)
            if openness(sitting.campaign, sitting.tenant, now) != "open":
                raise CampaignNotOpen
            self._take_back(sitting, now)
            if sitting.running is not None:
                return
            if not may_begin_again(sitting.campaign, sitting.attempts, now):
                raise NoAttemptRunning
            attempt = attempt_rows.begin_attempt(
                where,
                number=len(sitting.attempts) + 1,
                bank_version=sitting.release.bank.version,
                package_sha256=sitting.release.package.sha256,
                excluded=_not_again(sitting),
                now=now,
            )
            self._pen.initialized(sitting.subject(attempt), now)

    def question(self, where: Where) -> Question | None:
        """The question being asked, or None when the last sitting is finished.

        Raises:
            NoAttemptRunning: nothing was begun yet.
        """
        with transaction(writes=False):
            sitting = load_sitting(self._content, where)
        attempt = sitting.running
        if attempt is None:
            if not sitting.attempts:
                raise NoAttemptRunning
            return None
        step = _ask(sitting.release, attempt)
        position = len(attempt.answers) + 1
        return Question(
            sitting.release.package.item(step.item_id).said_in(sitting.participation.language),
            position,
            _progress(position, sitting.release.policy.max_items),
            attempt.id,
        )

    def answer(
        self, where: Where, item_key: str, position: int, response: scoring.Response, now: datetime
    ) -> None:
        """Keep the answer to the question being asked; finishes the sitting when that is enough.

        Raises:
            ItemAlreadyAnswered: a double click, or a page that was left open.
            AnotherQuestion: the answer belongs to a question that is not being asked.
            ResponseDoesNotFit: nothing chosen, or something that was not offered.
            NoAttemptRunning: nothing was begun.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True)
            if not sitting.attempts:
                raise NoAttemptRunning
            attempt = sitting.attempts[-1]
            if position <= len(attempt.answers):
                raise ItemAlreadyAnswered
            if sitting.running is None:
                raise NoAttemptRunning
            step = _ask(sitting.release, attempt)
            item = sitting.release.package.item(step.item_id)
            if item.key != item_key or position != len(attempt.answers) + 1:
                raise AnotherQuestion
            right = scoring.is_right(item, response)
            given = GivenAnswer(
                position=position,
                item_id=item.id,
                item_version=item.version,
                choice=response.choice,
                text=response.text,
                dont_know=response.dont_know,
                right=right,
                reason=step.reason,
                p_success=step.p_success,
            )
            attempt_rows.add_answer(attempt, given)
            if sitting.tenant.answers_to_operator_lrs:
                self._pen.answered(sitting.subject(attempt), item, right, position, now)
            attempt = attempt.with_answer(given)
            if isinstance(next_step(sitting.release.bank, sitting.release.policy, _state(attempt)), Done):
                self._finish(sitting, attempt, "measured", now)

    def stop(self, where: Where, now: datetime) -> None:
        """The learner's own stop: the honest profile so far, never a penalty.

        Raises:
            NoAttemptRunning: nothing is going on, or nothing was answered yet.
            ReleaseGone: the questions were renewed, so that the answers cannot be valued any more.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True)
            attempt = sitting.running
            if attempt is None:
                raise NoAttemptRunning
            _check_release(sitting.release, attempt)
            step = next_step(sitting.release.bank, sitting.release.policy, _state(attempt))
            if not attempt.answers and isinstance(step, Ask):
                raise NoAttemptRunning
            self._finish(sitting, attempt, "learner", now)

    def skip(self, where: Where, now: datetime) -> None:
        """Start at the first, easy training; for others it looks the same as finishing.

        Raises:
            CampaignNotOpen: the campaign has not been opened or is over.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True)
            if openness(sitting.campaign, sitting.tenant, now) != "open":
                raise CampaignNotOpen
            if sitting.participation.skipped_at is not None or sitting.finished is not None:
                return
            participation = replace(sitting.participation, skipped_at=now)
            self._pen.skipped(sitting.subject(None), now)
            self._pen.advised(sitting.subject(None), sitting.release.package.start_module, now)
            self._done(replace(sitting, participation=participation), now)

    def undo_skip(self, where: Where, now: datetime) -> None:
        """Take a skip back; 'klaar' at the portal stays, since done and skipped look the same there.

        Raises:
            NothingToUndo: the assessment was not skipped.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True, answers=False)
            if not self._take_back(sitting, now):
                raise NothingToUndo

    def _take_back(self, sitting: Sitting, now: datetime) -> bool:
        """Undo a skip, if there is one; says whether there was."""
        skipped_at = sitting.participation.skipped_at
        if skipped_at is None:
            return False
        participation_rows.save_participation(replace(sitting.participation, skipped_at=None))
        self._pen.skip_undone(sitting.subject(None), skipped_at, now)
        return True

    def _finish(self, sitting: Sitting, attempt: Attempt, by: str, now: datetime) -> None:
        results = _results(sitting.release, attempt)
        attempt_rows.finish_attempt(attempt, results, by, now)
        subject = sitting.subject(attempt)
        self._pen.scored(subject, results, attempt.bank_version, now)
        (self._pen.completed if by == "measured" else self._pen.terminated)(subject, now)
        found = advise(results, sitting.release.package, set())
        if found.next_module:
            self._pen.advised(subject, found.next_module, now)
        self._done(sitting, now)

    def _done(self, sitting: Sitting, now: datetime) -> None:
        """'Klaar': done and skipped take this same way, so that they cannot be told apart (T1)."""
        participation = sitting.participation
        if participation.done_at is None:
            participation = replace(participation, done_at=now)
            self._pen.completion(participation, now)
        participation_rows.save_participation(participation)


def feedback_on(item: Item, response: scoring.Response) -> Feedback:
    """What is said about a practice answer. Raises ResponseDoesNotFit."""
    right = scoring.is_right(item, response)
    opening = item.feedback.right if right else item.feedback.not_yet
    rows = scoring.by_row(item, response)
    several = len(rows) > 1
    explained = several and any(outcome.row.why for outcome in rows if not outcome.fits)
    explanation = "" if explained else scoring.explanation(item, response)
    text = opening if explanation in ("", opening) else f"{opening} {explanation}"
    return Feedback(right, text, item.feedback.tip_at_work, rows if several else (), item.language)


def _state(attempt: Attempt) -> State:
    return State(
        bank_version=attempt.bank_version,
        seed=attempt.id,
        history=tuple(Answer(answer.item_id, answer.right) for answer in attempt.answers),
        excluded=attempt.excluded,
    )


def _not_again(sitting: Sitting) -> frozenset[str]:
    """The items that this person met before; nothing when no other items are left (measurement.md, F)."""
    participation, release = sitting.participation, sitting.release
    if participation.preview:
        return frozenset()
    seen = attempt_rows.items_seen(participation.tenant_id, participation.learner_id)
    fresh = State(release.bank.version, participation.id, (), seen)
    return frozenset() if isinstance(next_step(release.bank, release.policy, fresh), Done) else seen


def _check_release(release: Release, attempt: Attempt) -> None:
    if not attempt.began_with(release.package.sha256, release.bank.version):
        raise ReleaseGone


def _ask(release: Release, attempt: Attempt) -> Ask:
    _check_release(release, attempt)
    step = next_step(release.bank, release.policy, _state(attempt))
    if isinstance(step, Done):
        raise NoAttemptRunning
    return step


def _progress(position: int, most: int) -> str:
    share = position / most
    return (
        "start"
        if position <= 3
        else "under_way"
        if share < 0.45
        else "half_way"
        if share < 0.75
        else "nearly_done"
    )


def _results(release: Release, attempt: Attempt) -> tuple[DomainResult, ...]:
    state = _state(attempt)
    gains = tag_weakness(release.bank, release.policy, state)
    skills = {domain.id: {s.id for s in domain.subskills} for domain in release.package.framework.domains}
    return tuple(
        DomainResult(
            domain=d.domain,
            mean=d.mean,
            sd=d.sd,
            low95=d.low95,
            high95=d.high95,
            level=d.level,
            between=d.between,
            shares=tuple(d.level_shares),
            items=d.items,
            wle=d.wle,
            wle_se=d.wle_se,
            gains=tuple(sorted((tag, gain) for tag, gain in gains.items() if tag in skills[d.domain])),
        )
        for d in profile(release.bank, release.policy, state).domains
    )
