"""A learner in a campaign, and the sittings and trainings that belong to that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

RATINGS = ("helped", "helped_a_bit", "did_not_help")
"""What a learner may say about a training; nobody but the learner sees it."""


@dataclass(frozen=True)
class Where:
    """Whose participation a step is about; made from the session, never from the request."""

    tenant_id: str
    campaign_id: str
    participation_id: str


@dataclass(frozen=True)
class Identity:
    """How statements name a participation: random, so that it says nothing about the person."""

    pseudonym: str
    """160 random bits, base 32, 32 characters."""
    registration: str
    """A version 4 UUID."""


@dataclass(frozen=True)
class Participation:
    """A learner in a campaign."""

    tenant_id: str
    id: str
    campaign_id: str
    learner_id: str
    preview: bool
    team: str | None
    language: str
    first_launch_at: datetime
    acknowledged_at: datetime | None = None
    skipped_at: datetime | None = None
    done_at: datetime | None = None
    line_item_url: str | None = None

    @property
    def where(self) -> Where:
        return Where(self.tenant_id, self.campaign_id, self.id)


@dataclass(frozen=True)
class GivenAnswer:
    """One stored answer of an attempt."""

    position: int
    """1-based."""
    item_id: str
    item_version: int
    choice: tuple[str, ...]
    text: str
    dont_know: bool
    right: bool
    reason: str
    """Why the engine asked this item (a code of `measurement`)."""
    p_success: float
    """Predicted probability of a right answer, 0..1."""


@dataclass(frozen=True)
class DomainResult:
    """What a finished attempt says of one domain."""

    domain: str
    mean: float
    sd: float
    low95: float
    high95: float
    level: str | None
    between: tuple[str, str] | None
    shares: tuple[float, ...]
    """Probability of each level, lowest first; they add up to 1."""
    items: int
    wle: float | None
    wle_se: float | None
    gains: tuple[tuple[str, float], ...] = ()
    """Sub-skill and its expected gain, for the advice."""

    def level_only(self) -> DomainResult:
        """What is kept when the answers go: the level, and the estimate to tenths, which orders the advice."""
        mean = round(self.mean, 1)
        return DomainResult(
            domain=self.domain,
            mean=mean,
            sd=0.0,
            low95=mean,
            high95=mean,
            level=self.level,
            between=self.between,
            shares=(),
            items=0,
            wle=None,
            wle_se=None,
        )


@dataclass(frozen=True)
class Attempt:
    """One sitting of the assessment."""

    tenant_id: str
    id: str
    participation_id: str
    number: int
    bank_version: str
    package_sha256: str
    excluded: frozenset[str]
    begun_at: datetime
    finished_at: datetime | None = None
    finished_by: str | None = None
    """What ended it: `measured` (sure enough, or nothing left to gain) or `learner` (their own stop)."""
    profile: tuple[DomainResult, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    emptied: bool = False
    """Its answers were removed, some time after the end of the campaign."""

    def began_with(self, package_sha256: str, bank_version: str) -> bool:
        """Whether its answers can be valued with this content."""
        return (self.package_sha256, self.bank_version) == (package_sha256, bank_version)

    def with_answer(self, answer: GivenAnswer) -> Attempt:
        return replace(self, answers=(*self.answers, answer))


@dataclass(frozen=True)
class Training:
    """A learner's way through one micro-training."""

    tenant_id: str
    participation_id: str
    module_id: str
    module_version: str
    step_id: str
    furthest: int
    """Index of the furthest step opened, 0-based."""
    opened_at: datetime
    finished_at: datetime | None = None
    checks: tuple[tuple[str, dict[str, object]], ...] = ()
    """Item id and the latest response to it."""
    rating: str | None = None
    """One of `RATINGS`, when the learner gave one."""
