"""Figures leave here: counted from the rows, passed through the one gate, frozen, and told to the LRS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lti_tool.domain.campaign import Campaign, pre_and_post
from lti_tool.domain.content import Package
from lti_tool.domain.disclosure import EVERYBODY, MINIMUM, Figure, View, disclose, is_due, merge_cells
from lti_tool.domain.people import Attempt, DomainResult, Participation
from lti_tool.measurement.change import paired_change
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent


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
            package = self._content.package_for(tenant)
            earlier = snapshot_rows.snapshots(campaign.tenant_id, campaign.id)
            ledger = [View(m, g, c) for snapshot in earlier for m, g, c in snapshot.ledger]
            newest = {(view.measure, view.group): view.contributors for view in ledger}
            candidates = self._candidates(campaign, package, tenant.teams)
            due = [figure for figure in candidates if _is_due(figure.view, newest)]
            disclosed, views = disclose(due, ledger, now)
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

    def _candidates(self, campaign: Campaign, package: Package, teams: Iterable[str]) -> list[Figure]:
        """Every figure of a campaign, for all and for each team; the gate decides which may be seen."""
        taking_part = {
            p.id: p
            for p in participation_rows.participations(campaign.tenant_id, campaign.id)
            if p.acknowledged_at is not None
        }
        finished = attempt_rows.finished_attempts(campaign.tenant_id, campaign.id)
        pairs = {pid: pre_and_post(campaign, finished.get(pid, ())) for pid in taking_part}
        figures = []
        for group, members in _groups(taking_part.values(), teams).items():
            figures.append(Figure(View("participation", group, frozenset(members)), {}))
            for domain in (domain.id for domain in package.framework.domains):
                pre = _measured(pairs[pid][0] for pid in members)
                post = _measured(pairs[pid][1] for pid in members)
                figures.extend(_levels(f"levels_pre:{domain}", group, _of(domain, pre), package))
                figures.extend(_levels(f"levels_post:{domain}", group, _of(domain, post), package))
                figures.extend(_effect(f"effect:{domain}", group, domain, [pairs[pid] for pid in members]))
        return figures


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


def _levels(measure: str, group: str, results: Mapping[str, DomainResult], package: Package) -> list[Figure]:
    """The expected number of people at each level: the sum of everyone's probabilities, so that
    doubt about a person is doubt about the group too; cells under the minimum are merged."""
    order = [level.id for level in package.framework.levels]
    counts = {
        level: round(sum(result.shares[index] for result in results.values())) for index, level in enumerate(order)
    }
    cells = merge_cells(counts, order)
    if cells is None:
        return []
    values = {cell.key: cell.share_percent for cell in cells}
    return [Figure(View(measure, group, frozenset(results)), values)]


def _effect(
    measure: str, group: str, domain: str, pairs: Iterable[tuple[Attempt | None, Attempt | None]]
) -> list[Figure]:
    """The mean change in units of the reference population's standard deviation, with its interval.

    From differences of maximum-likelihood estimates, which are not shrunk (measurement.md, D1).
    """
    both: dict[str, tuple[float, float]] = {}
    for pre, post in pairs:
        if pre is None or post is None:
            continue
        before, after = _result(pre, domain), _result(post, domain)
        if before is not None and after is not None and before.ml is not None and after.ml is not None:
            both[_contributor(pre, post)] = (before.ml, after.ml)
    if len(both) < MINIMUM:
        return []
    change = paired_change([before for before, _ in both.values()], [after for _, after in both.values()])
    values = {
        "mean": change.mean,
        "low95": change.low95,
        "high95": change.high95,
        "minimal_detectable": change.minimal_detectable,
    }
    return [Figure(View(measure, group, frozenset(both)), values)]
