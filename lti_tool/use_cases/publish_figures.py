"""Figures leave here: counted from the rows, passed through the one gate, frozen, and told to the LRS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.domain.campaign import Campaign, pre_and_post
from lti_tool.domain.disclosure import EVERYBODY, Disclosed, Figure, Value, View, disclose, is_due, newest
from lti_tool.domain.funnel import STEPS, funnel_shares, funnel_view
from lti_tool.domain.people import Attempt, DomainResult, Participation
from lti_tool.domain.rounding import MINIMUM
from lti_tool.measurement.change import Change, Own, group_change
from lti_tool.measurement.posterior import own_log_likelihood
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import trainings as training_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent, Release
from lti_tool.use_cases.figure_values import change_values, level_values
from lti_tool.use_cases.sitting import still_weighable


class PublishFigures:
    """Publishes what is due; what is not due keeps its earlier, frozen figures."""

    def __init__(self, content: ChooseContent, pen: Pen) -> None:
        self._content = content
        self._pen = pen

    def publish(self, tenant_id: str, now: datetime) -> int:
        """Publish every campaign's figures that are due.

        Returns:
            The number of campaigns that got a new publication.

        Raises:
            TenantUnknown: no such municipality.
        """
        with transaction(writes=False):
            tenant_rows.load_tenant(tenant_id)
            campaigns = tenant_rows.campaigns(tenant_id)
        return sum(self._publish(campaign, now) for campaign in campaigns if campaign.writes_results)

    def publish_everywhere(self, now: datetime) -> int:
        """The same for every municipality; the worker calls this."""
        with transaction(writes=False):
            tenants = tenant_rows.tenants()
        return sum(self.publish(tenant.id, now) for tenant in tenants)

    def _publish(self, campaign: Campaign, now: datetime) -> bool:
        with transaction():
            tenant = tenant_rows.load_tenant(campaign.tenant_id, for_update=True)
            if end_rows.is_emptied(campaign.tenant_id, campaign.id):
                # Its answers are going: what was published last, stays.
                return False
            release = self._content.release_for(tenant, campaign)
            earlier = snapshot_rows.snapshots(campaign.tenant_id, campaign.id)
            ledger = [View(m, g, c) for snapshot in earlier for m, g, c in snapshot.ledger]
            told = {(view.measure, view.group): view.contributors for view in ledger}
            candidates = self._candidates(campaign, release, tenant.teams)
            due = [candidate for candidate in candidates if _is_due(candidate.view, told)]
            worked_out = [(candidate.view, candidate.values()) for candidate in due]
            figures = [Figure(view, values) for view, values in worked_out if values is not None]
            before = newest([Disclosed.from_json(snapshot.disclosed) for snapshot in earlier])
            disclosed, views = disclose(figures, ledger, now, before)
            if not views:
                return False
            snapshot_id = snapshot_rows.add_snapshot(
                campaign.tenant_id,
                campaign.id,
                disclosed.as_json(),
                tuple((view.measure, view.group, view.contributors) for view in views),
                now,
            )
            self._pen.group_figures(campaign, snapshot_id, disclosed, now)
            return True

    def _candidates(self, campaign: Campaign, release: Release, teams: Iterable[str]) -> list[_Candidate]:
        """Every figure of a campaign, for all and for each team; the gate decides which may be seen."""
        taking_part = {
            p.id: p
            for p in participation_rows.participations(campaign.tenant_id, campaign.id)
            if p.acknowledged_at is not None
        }
        finished = attempt_rows.finished_attempts(campaign.tenant_id, campaign.id)
        pairs = {pid: pre_and_post(campaign, finished.get(pid, ())) for pid in taking_part}
        trained = training_rows.how_far(campaign.tenant_id, campaign.id)
        levels = [level.id for level in release.package.framework.levels]
        found = []
        for group, members in _groups(taking_part.values(), teams).items():
            found.append(_Candidate(View("participation", group, frozenset(members)), dict))
            found += [_funnel(m, group, members, trained.get(m, {})) for m in release.package.modules]
            for domain in (domain.id for domain in release.package.framework.domains):
                pre = _measured(pairs[pid][0] for pid in members)
                post = _measured(pairs[pid][1] for pid in members)
                found.append(_levels(f"levels_pre:{domain}", group, _of(domain, pre), levels))
                found.append(_levels(f"levels_post:{domain}", group, _of(domain, post), levels))
                found.append(_effect(group, domain, [pairs[pid] for pid in members], release))
        return found


@dataclass(frozen=True)
class _Candidate:
    """A figure that may be due; its values, None when there are none to show, are worked out only then."""

    view: View
    values: Callable[[], Mapping[str, Value] | None]


def _is_due(view: View, newest: Mapping[tuple[str, str], frozenset[str]]) -> bool:
    """Whether the gate should judge a figure: it is due, or it was never shown and the page says why."""
    before = newest.get((view.measure, view.group))
    return before is None or is_due(view.contributors, before)


def _groups(participations: Iterable[Participation], teams: Iterable[str]) -> dict[str, list[str]]:
    """Group → participation ids; a team without anybody is there too, so that it reads as too small."""
    groups: dict[str, list[str]] = {EVERYBODY: [], **{f"team:{team}": [] for team in teams}}
    for participation in participations:
        groups[EVERYBODY].append(participation.id)
        if participation.team is not None:
            groups.setdefault(f"team:{participation.team}", []).append(participation.id)
    return groups


def _measured(attempts: Iterable[Attempt | None]) -> list[Attempt]:
    return [attempt for attempt in attempts if attempt is not None]


def _contributor(*attempts: Attempt) -> str:
    """The gate counts what stands before the #; another attempt is another value of the same person."""
    return f"{attempts[0].participation_id}#{'+'.join(str(attempt.number) for attempt in attempts)}"


def _result(attempt: Attempt, domain: str) -> DomainResult | None:
    return next((result for result in attempt.profile if result.domain == domain and result.items), None)


def _of(domain: str, attempts: Iterable[Attempt]) -> dict[str, DomainResult]:
    results = ((attempt, _result(attempt, domain)) for attempt in attempts)
    return {_contributor(attempt): result for attempt, result in results if result is not None}


def _levels(measure: str, group: str, results: Mapping[str, DomainResult], order: Sequence[str]) -> _Candidate:
    return _Candidate(
        View(measure, group, frozenset(results)),
        lambda: level_values((result.shares for result in results.values()), order),
    )


def _funnel(module_id: str, group: str, members: Iterable[str], how_far: Mapping[str, str]) -> _Candidate:
    steps = {member: how_far.get(member, STEPS[0]) for member in members}
    return _Candidate(funnel_view(module_id, group, steps), lambda: funnel_shares(steps))


def _effect(
    group: str, domain: str, pairs: Iterable[tuple[Attempt | None, Attempt | None]], release: Release
) -> _Candidate:
    both: dict[str, tuple[Attempt, Attempt]] = {}
    for pre, post in pairs:
        if (
            pre is not None
            and post is not None
            and _own(pre, domain) is not None
            and _own(post, domain) is not None
        ):
            both[_contributor(pre, post)] = (pre, post)

    def values() -> Mapping[str, Value] | None:
        if len(both) < MINIMUM:
            return None
        return change_values(_change(domain, list(both.values()), release))

    return _Candidate(View(f"effect:{domain}", group, frozenset(both)), values)


def _change(domain: str, pairs: Sequence[tuple[Attempt, Attempt]], release: Release) -> Change:
    """Both moments are weighed with the campaign's bank as it is now, so that they stand on one scale."""
    moments = (attempt_rows.with_answers(moment) for moment in zip(*pairs, strict=True))
    pre, post = ([_evidence(attempt, domain, release) for attempt in moment] for moment in moments)
    return group_change(pre, post)


def _evidence(attempt: Attempt, domain: str, release: Release) -> Own:
    likelihood = own_log_likelihood(release.bank, still_weighable(release, attempt), domain)
    return Own(_own(attempt, domain) or 0.0, likelihood)


def _own(attempt: Attempt, domain: str) -> float | None:
    """The estimate from the domain's own answers, when there is one."""
    result = _result(attempt, domain)
    return result.wle if result is not None else None
