"""Everything that a step of the assessment needs to know of one participation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lti_tool.domain.campaign import Campaign, phase
from lti_tool.domain.people import Attempt, Participation, Where
from lti_tool.domain.tenant import Tenant
from lti_tool.measurement.posterior import Answer, State
from lti_tool.recording import Subject
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.choose_content import ChooseContent, Release


@dataclass(frozen=True)
class Sitting:
    """A participation with its municipality, campaign, attempts and content."""

    participation: Participation
    tenant: Tenant
    campaign: Campaign
    attempts: tuple[Attempt, ...]
    """Oldest first."""
    release: Release

    @property
    def running(self) -> Attempt | None:
        """The attempt that can go on."""
        last = self.attempts[-1] if self.attempts else None
        return last if last is not None and last.finished_at is None and not last.emptied else None

    @property
    def finished(self) -> Attempt | None:
        """The last finished attempt."""
        done = [attempt for attempt in self.attempts if attempt.finished_at is not None]
        return done[-1] if done else None

    @property
    def has_advice(self) -> bool:
        """Whether there is advice to read: finished, or skipped."""
        return self.finished is not None or self.participation.skipped_at is not None

    def subject(self, attempt: Attempt | None) -> Subject:
        """Whom and what a statement is about."""
        return Subject(
            participation=self.participation,
            campaign=self.campaign,
            assessment=self.release.package.id,
            attempt_id=attempt.id if attempt else None,
            phase=phase(self.campaign, attempt.begun_at) if attempt else None,
        )


def load_sitting(
    content: ChooseContent, where: Where, *, for_update: bool = False, answers: bool = True
) -> Sitting:
    """Read a participation with all that belongs to it, inside the transaction of the caller.

    `for_update` makes a second writer on the same participation wait; `answers=False` leaves the
    attempts' answers out where only their results are needed.
    """
    participation = participation_rows.load_participation(where, for_update=for_update)
    tenant = tenant_rows.load_tenant(where.tenant_id)
    campaign = tenant_rows.load_campaign(where.tenant_id, where.campaign_id)
    sitting = Sitting(
        participation=participation,
        tenant=tenant,
        campaign=campaign,
        attempts=tuple(attempt_rows.attempts(where, answers=answers)),
        release=content.release_for(tenant, campaign),
    )
    running = sitting.running
    if running is None or running.began_with(sitting.release.package.sha256, sitting.release.bank.version):
        return sitting
    # The campaign got other content meanwhile; nobody loses what they answered.
    return replace(sitting, release=content.release_of(tenant, running) or sitting.release)


def still_weighable(release: Release, attempt: Attempt) -> State:
    """The attempt's answers to items that are still what was answered, for the engine to weigh as it does now."""
    known = release.package.items
    history = tuple(
        Answer(answer.item_id, answer.right)
        for answer in attempt.answers
        if answer.item_id in release.bank.index and known[answer.item_id].version == answer.item_version
    )
    return State(release.bank.version, attempt.id, history)
