"""A learner takes a micro-training, one step a page, at their own pace."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from lti_tool.domain import scoring
from lti_tool.domain.content import Item
from lti_tool.domain.errors import ModuleUnknown, RatingUnknown, StepUnknown
from lti_tool.domain.modules import Module, Step
from lti_tool.domain.people import RATINGS, Training, Where
from lti_tool.recording import Pen
from lti_tool.storage import trainings as training_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.read_advice import ModuleCard, module_card, training_states
from lti_tool.use_cases.sitting import Sitting, load_sitting
from lti_tool.use_cases.take_assessment import Feedback, feedback_on


@dataclass(frozen=True)
class ModulePage:
    """One step of a micro-training."""

    campaign_goal: str
    """Why the municipality does this (R106)."""
    module: Module
    step: Step
    number: int
    """1-based."""
    total: int
    minutes_left: int
    """Of this step and those after it, as the module estimates them; nothing is timed."""
    previous_step: str | None
    next_step: str | None
    questions: Mapping[str, Item]
    """Item id → item, for the blocks of this step that ask something."""
    given: Mapping[str, scoring.Response]
    """Item id → the answer given, where one was."""
    feedback: Mapping[str, Feedback]
    """Item id → what was said about that answer."""
    finished: bool
    rating: str | None
    """One of `RATINGS`, when the learner gave one."""
    helpers: str
    seed: str
    has_advice: bool
    """Whether there is advice to go back to."""


class TakeModule:
    """The journey of one participation through the micro-trainings."""

    def __init__(self, content: ChooseContent, pen: Pen) -> None:
        self._content = content
        self._pen = pen

    def cards(self, where: Where) -> tuple[ModuleCard, ...]:
        """Every micro-training of the package; the learner may choose any (R71)."""
        with transaction(writes=False):
            sitting = load_sitting(self._content, where, answers=False)
            states = training_states(training_rows.trainings(where))
        package, language = sitting.release.package, sitting.participation.language
        return tuple(module_card(package, module_id, states, language) for module_id in package.modules)

    def open(self, where: Where, module_id: str, now: datetime) -> None:
        """Begin a training, or go on with it.

        Raises:
            ModuleUnknown: the package has no such training.
        """
        with transaction():
            sitting = load_sitting(self._content, where, for_update=True, answers=False)
            module = sitting.release.package.module(module_id)
            if training_rows.find_training(where, module_id) is None:
                training_rows.save_training(
                    Training(
                        tenant_id=where.tenant_id,
                        participation_id=where.participation_id,
                        module_id=module.id,
                        module_version=module.version,
                        step_id=module.steps[0].id,
                        furthest=0,
                        opened_at=now,
                    )
                )
                self._pen.module_launched(sitting.subject(None), module, now)

    def page(self, where: Where, module_id: str) -> ModulePage | None:
        """The step where the learner is, or None when the training was not opened yet.

        Raises:
            ModuleUnknown: the package has no such training.
        """
        with transaction(writes=False):
            sitting = load_sitting(self._content, where, answers=False)
            language = sitting.participation.language
            module = sitting.release.package.module(module_id).said_in(language)
            training = training_rows.find_training(where, module_id)
        if training is None:
            return None
        index = next((i for i, step in enumerate(module.steps) if step.id == training.step_id), 0)
        step = module.steps[index]
        package = sitting.release.package
        questions = {b.item_ref: package.item(b.item_ref).said_in(language) for b in step.blocks if b.item_ref}
        given = _fitting(questions, training)
        return ModulePage(
            campaign_goal=sitting.campaign.goal,
            module=module,
            step=step,
            number=index + 1,
            total=len(module.steps),
            minutes_left=sum(later.minutes for later in module.steps[index:]),
            previous_step=module.steps[index - 1].id if index else None,
            next_step=module.steps[index + 1].id if index + 1 < len(module.steps) else None,
            questions=questions,
            given=given,
            feedback={item_id: feedback_on(questions[item_id], response) for item_id, response in given.items()},
            finished=training.finished_at is not None,
            rating=training.rating,
            helpers=sitting.tenant.contacts.helpers,
            seed=where.participation_id,
            has_advice=sitting.has_advice,
        )

    def go(self, where: Where, module_id: str, step_id: str, now: datetime) -> None:
        """Go to a step, back or on; going back loses nothing.

        Raises:
            ModuleUnknown, StepUnknown: no such training (or not opened), no such step.
        """
        with transaction():
            sitting, module, training = self._running(where, module_id)
            index = _step_index(module, step_id)
            furthest = max(training.furthest, index)
            training_rows.save_training(replace(training, step_id=step_id, furthest=furthest))
            if furthest > training.furthest and training.finished_at is None:
                percent = round(100 * furthest / len(module.steps))
                self._pen.module_progressed(sitting.subject(None), module, percent, now)

    def check(
        self, where: Where, module_id: str, item_key: str, response: scoring.Response, now: datetime
    ) -> None:
        """Keep an answer to a question of the step; it may be tried again as often as one likes.

        Raises:
            StepUnknown: the question is not in the step where the learner is.
            ResponseDoesNotFit: nothing chosen, or something that was not offered.
        """
        with transaction():
            sitting, module, training = self._running(where, module_id)
            item = _asked(sitting, module, training, item_key)
            scoring.check_fits(item, response)
            checks = {**dict(training.checks), item.id: asdict(response)}
            training_rows.save_training(replace(training, checks=tuple(sorted(checks.items()))))

    def again(self, where: Where, module_id: str, item_key: str) -> None:
        """Begin a question of the step afresh: its answer is forgotten, those to other questions stay.

        Raises:
            StepUnknown: the question is not in the step where the learner is.
        """
        with transaction():
            sitting, module, training = self._running(where, module_id)
            item = _asked(sitting, module, training, item_key)
            kept = tuple((item_id, given) for item_id, given in training.checks if item_id != item.id)
            training_rows.save_training(replace(training, checks=kept))

    def rate(self, where: Where, module_id: str, rating: str | None) -> None:
        """Keep what the learner says of the training; None takes it back. No statement tells it.

        Raises:
            ModuleUnknown: no such training, or not opened.
            RatingUnknown: not one of `RATINGS`.
        """
        if rating is not None and rating not in RATINGS:
            raise RatingUnknown
        with transaction():
            _sitting, _module, training = self._running(where, module_id)
            training_rows.save_training(replace(training, rating=rating))

    def finish(self, where: Where, module_id: str, now: datetime) -> None:
        """Done. A second time changes nothing.

        Raises:
            ModuleUnknown: no such training, or not opened.
        """
        with transaction():
            sitting, module, training = self._running(where, module_id)
            if training.finished_at is None:
                training_rows.save_training(replace(training, finished_at=now))
                self._pen.module_completed(sitting.subject(None), module, now)

    def _running(self, where: Where, module_id: str) -> tuple[Sitting, Module, Training]:
        sitting = load_sitting(self._content, where, for_update=True, answers=False)
        module = sitting.release.package.module(module_id)
        training = training_rows.find_training(where, module_id)
        if training is None:
            raise ModuleUnknown
        return sitting, module, training


def _step_index(module: Module, step_id: str) -> int:
    for index, step in enumerate(module.steps):
        if step.id == step_id:
            return index
    raise StepUnknown


def _asked(sitting: Sitting, module: Module, training: Training, item_key: str) -> Item:
    step = module.steps[_step_index(module, training.step_id)]
    items = [sitting.release.package.item(block.item_ref) for block in step.blocks if block.item_ref]
    for item in items:
        if item.key == item_key:
            return item
    raise StepUnknown


def _fitting(questions: Mapping[str, Item], training: Training) -> dict[str, scoring.Response]:
    """The answers given in this step; one that a renewed question no longer offers is as good as none."""
    found = {}
    for item_id, kept in training.checks:
        if item_id in questions:
            with suppress(scoring.ResponseDoesNotFit):
                scoring.check_fits(questions[item_id], response := _response(kept))
                found[item_id] = response
    return found


def _response(kept: Mapping[str, object]) -> scoring.Response:
    choice = kept["choice"]
    chosen = tuple(str(c) for c in choice) if isinstance(choice, list | tuple) else ()
    return scoring.Response(chosen, str(kept["text"]), bool(kept["dont_know"]))
