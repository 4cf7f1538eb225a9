"""Questions get difficulties from answers: a proposal that people read, and that somebody activates or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lti_tool.content_library import load_package
from lti_tool.domain.calibration import (
    DECIMALS,
    DECIMALS_OF_CHANCES,
    Calibration,
    FinishedAnswer,
    ItemParameters,
    NotSettled,
    PersonalAnswer,
    ProposalBroken,
    ProposalNote,
    TooSoon,
    check_enough_people,
    check_may_propose_again,
    countable,
)
from lti_tool.domain.campaign import Campaign, phase
from lti_tool.domain.content import Package
from lti_tool.domain.rounding import rounded_down
from lti_tool.measurement import Calibration as Estimates
from lti_tool.measurement import Sheet, calibrate
from lti_tool.measurement.bank import BankUnusable, ScoredItem
from lti_tool.measurement.model import PriorUnusable
from lti_tool.measurement.posterior import Answer
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import calibrations as calibration_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent, build_bank, scored_item
from lti_tool.use_cases.read_responses import read_responses
from xapi.credentials import EVERYBODY

PROPOSED = "bank proposal"
ACTIVATED = "bank activated"
LARGEST_FILE = 20_000_000
"""Bytes of a proposal: a hundred times the largest bank that anybody has."""

Engine = Callable[[Iterable[ScoredItem], Sequence[str], Sequence[Sheet]], Estimates]


@dataclass(frozen=True)
class Proposal:
    """What a person decides on."""

    calibration: Calibration
    too_few: tuple[str, ...]
    """Keys of the items that fewer than ten people answered; they keep what the package says."""


@dataclass(frozen=True)
class Activation:
    """What became of an activation."""

    calibration: Calibration
    new: bool
    """False: it was the active one already, and nothing was done."""
    applies_to: int
    """Items of the installed package."""


class CalibrateBank:
    """Estimates start from what the package states, never from an earlier calibration of the same people."""

    def __init__(self, content: ChooseContent, calibrate: Engine = calibrate) -> None:
        self._content = content
        self._calibrate = calibrate

    def propose_from_file(self, package_folder: Path, responses: Path) -> Proposal:
        """From a file of answers; needs no database.

        Raises:
            ContentBroken, ResponsesBroken, TooFewPeople, NotSettled
        """
        package = load_package(package_folder)
        return self._proposal(package, read_responses(responses, package), in_tens=False)

    def propose_from_database(
        self, package_folder: Path, now: datetime, keep: Callable[[Proposal], object] = lambda _: None
    ) -> Proposal:
        """From every sitting that ended, in campaigns that tell about groups at all (R18).

        Running sittings wait: an answer has no moment, so theirs could not be told apart from those that an
        earlier proposal had. `keep` puts the proposal somewhere; when that fails, it counts as never made.

        Raises:
            ContentBroken, TooFewPeople, NotSettled
            ProposalBroken: this is not the installation's package.
            TooSoon: since the last proposal came 1 to 9 people.
        """
        package = load_package(package_folder)
        self._check_installed(package.id, str(package_folder), "id")
        with transaction(writes=False):
            last = _last_proposal(package.id)
            groups, answers = _finished_answers(package, now)
        sittings = {(answer.learner_id, answer.finished_at) for answer in answers}
        check_may_propose_again(last, sittings)
        proposal = self._proposal(package, _personal(groups, answers), in_tens=True)
        people = len({person for person, _ in sittings})
        note = ProposalNote(package.id, people, proposal.calibration.id, now)
        with transaction():
            if _last_proposal(package.id) != last:
                raise TooSoon("another proposal was made at the same moment; use that one, or try again")
            audit_rows.write_audit(EVERYBODY, "command line", PROPOSED, now, note.as_text())
            keep(proposal)
        return proposal

    def activate(self, path: Path, by: str, now: datetime) -> Activation:
        """From now on new campaigns ask from this calibration; those that there are keep theirs.

        Raises:
            ProposalBroken: names file, field and mistake; nothing was changed.
        """
        calibration = _read_proposal(path)
        package = self._check_installed(calibration.package, str(path), "package")
        applies_to = len(calibration.of(package))
        if not applies_to:
            raise ProposalBroken(
                f"{path}: items: none of them is in {package.bank_version} at the version that was answered"
            )
        try:
            build_bank(package, calibration)
        except (BankUnusable, PriorUnusable) as err:
            raise ProposalBroken(f"{path}: no questions can be asked with it: {err}") from err
        with transaction():
            new = calibration_rows.active_calibration_id(package.id) != calibration.id
            if new:
                calibration_rows.activate_calibration(calibration, by, now)
                audit_rows.write_audit(EVERYBODY, by, ACTIVATED, now, f"{package.id} {calibration.id}")
        return Activation(calibration, new, applies_to)

    def _check_installed(self, package_id: str, source: str, field: str) -> Package:
        installed = self._content.installed()
        if package_id != installed.id:
            raise ProposalBroken(f"{source}: {field}: is {package_id}; this installation has {installed.id}")
        return installed

    def _proposal(self, package: Package, answers: Sequence[PersonalAnswer], *, in_tens: bool) -> Proposal:
        usable = countable(answers, in_tens=in_tens)
        check_enough_people(usable)
        try:
            found = self._calibrate(
                [scored_item(item) for item in package.assessment_items()],
                [domain.id for domain in package.framework.domains],
                _sheets(usable),
            )
        except BankUnusable as err:
            raise NotSettled(str(err)) from err
        if not found.converged:
            raise NotSettled(f"the estimates still moved after {found.rounds} rounds; nothing was proposed")
        people = len({answer.person for answer in usable})
        calibration = Calibration(
            package=package.id,
            release=package.bank_version,
            loading=round(float(found.loading), DECIMALS),
            people=rounded_down(people) if in_tens else people,
            answers=len(usable),
            items=_parameters(package, found, {answer.item_id for answer in usable}),
        )
        _check_usable(package, calibration)
        calibrated = {item.item for item in calibration.items}
        too_few = tuple(item.key for item in package.assessment_items() if item.key not in calibrated)
        return Proposal(calibration, too_few)


def _finished_answers(package: Package, now: datetime) -> tuple[dict[str, str], list[FinishedAnswer]]:
    """Attempt id → group, and the answers to items as they stand in the package, as their sittings ended."""
    asked = {(item.id, item.version) for item in package.assessment_items()}
    groups: dict[str, str] = {}
    found: list[FinishedAnswer] = []
    for campaign in _campaigns_that_tell():
        for answer in attempt_rows.finished_answers(campaign.tenant_id, campaign.id, package.id, now):
            if (answer.item_id, answer.item_version) in asked:
                groups[answer.attempt_id] = f"{campaign.tenant_id}/{phase(campaign, answer.begun_at)}"
                found.append(answer)
    found.sort(key=lambda answer: (answer.finished_at, answer.attempt_id))
    return groups, found


def _campaigns_that_tell() -> list[Campaign]:
    campaigns = [c for tenant in tenant_rows.tenants() for c in tenant_rows.campaigns(tenant.id)]
    return [c for c in campaigns if c.writes_results and not end_rows.is_emptied(c.tenant_id, c.id)]


def _personal(groups: dict[str, str], answers: Iterable[FinishedAnswer]) -> list[PersonalAnswer]:
    return [PersonalAnswer(a.learner_id, a.attempt_id, groups[a.attempt_id], a.item_id, a.right) for a in answers]


def _last_proposal(package_id: str) -> ProposalNote | None:
    found = audit_rows.last_audit(EVERYBODY, PROPOSED, f"{package_id} ")
    return ProposalNote.from_text(found[1], found[0]) if found else None


def _sheets(answers: Iterable[PersonalAnswer]) -> list[Sheet]:
    groups: dict[str, str] = {}
    given: dict[str, list[Answer]] = {}
    for answer in answers:
        groups[answer.sheet] = answer.group
        given.setdefault(answer.sheet, []).append(Answer(answer.item_id, answer.right))
    return [Sheet(groups[sheet], tuple(of_sheet)) for sheet, of_sheet in given.items()]


def _parameters(package: Package, found: Estimates, answered: set[str]) -> tuple[ItemParameters, ...]:
    """Of the items that were answered by enough people; the engine returns the others as it got them.

    Plain numbers, whatever NumPy's are: only these can be written down.
    """
    return tuple(
        ItemParameters(
            item=package.item(item.item_id).key,
            a=round(float(item.a), DECIMALS),
            b=round(float(item.b), DECIMALS) + 0.0,  # no -0.0, which would be another text
            c=round(float(item.c), DECIMALS_OF_CHANCES),
            sd=round(float(item.sd), DECIMALS),
            answers=int(item.answers),
            drifted=bool(item.drifted),
            was=package.item(item.item_id).difficulty.b,
        )
        for item in found.items
        if item.item_id in answered
    )


def _check_usable(package: Package, calibration: Calibration) -> None:
    """Raises NotSettled when nobody could activate it."""
    try:
        build_bank(package, calibration)
    except ValueError as err:  # what is out of range, or no number at all
        raise NotSettled(f"the estimates cannot be used: {err}") from err


def _read_proposal(path: Path) -> Calibration:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as err:
        raise ProposalBroken(f"{path}: cannot be read: {err.strerror}") from err
    if len(raw) > LARGEST_FILE:
        raise ProposalBroken(f"{path}: is too large for a proposal")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as err:
        raise ProposalBroken(f"{path}: is not JSON") from err
    return Calibration.from_fields(content, str(path))
