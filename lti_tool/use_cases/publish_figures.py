"""Figures leave here: counted from the rows, passed through the one gate, frozen, and told to the LRS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lti_tool.domain.campaign import Campaign, pre_and_post
from lti_tool.domain.disclosure import Figure, View, disclose, is_due, merge_cells
from lti_tool.domain.people import Attempt, DomainResult, Participation
from lti_tool.measurement.change import paired_change
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.use_cases.choose_content import ChooseContent, Release

ALL = "all"


class PublishFigures:
    """Publishes what is due; what is not due keeps its earlier, frozen figures."""

    def __init__(self, content: ChooseContent, pen: Pen) -> None:
        self._content = content
        self._pen = pen

    def publish(self, tenant_id: str, now: datetime) -> int:
        """Publish every campaign's figures that are due.

        Returns:
            The number of campaigns that got a new publication.
        """
        with transaction(writes=False):
            campaigns = tenant_rows.campaigns(tenant_id)
        return sum(self._publish(campaign, now) for campaign in campaigns if campaign.writes_results)

    def publish_everywhere(self, now: datetime) -> int:
        """The same for every municipality; the worker calls this."""
        with transaction(writes=False):
            tenants = tenant_rows.tenants()
        return sum(self.publish(tenant.id, now) for tenant in tenants)

    def _publish(self, campaign: Campaign, now: datetime) -> bool:
        with transaction():
            release = self._content.release_for(tenant_rows.load_tenant(campaign.tenant_id))
            earlier = snapshot_rows.snapshots(campaign.tenant_id, campaign.id)
            ledger = [View(m, g, c) for snapshot in earlier for m, g, c in snapshot.ledger]
            newest = {(view.measure, view.group): view.contributors for view in ledger}
            due = [
                figure
                for figure in self._candidates(campaign, release)
                if is_due(
                    figure.view.contributors, newest.get((figure.view.measure, figure.view.group))
                )
            ]
            if not due:
                return False
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

    def _candidates(self, campaign: Campaign, release: Release) -> list[Figure]:
        """Every figure of a campaign, for all and for each team; the gate decides which may be seen."""
        taking_part = {
            p.id: p
            for p in participation_rows.participations(campaign.tenant_id, campaign.id)
            if p.acknowledged_at is not None
        }
        finished = attempt_rows.finished_attempts(campaign.tenant_id, campaign.id)
        pairs = {pid: pre_and_post(campaign, finished.get(pid, ())) for pid in taking_part}
        figures = []
        for group, members in _groups(taking_part.values()).items():
            figures.append(Figure(View("participation", group, frozenset(members)), {}))
            for domain in (domain.id for domain in release.package.framework.domains):
                pre = {pid: _result(pairs[pid][0], domain) for pid in members}
                post = {pid: _result(pairs[pid][1], domain) for pid in members}
                figures.extend(_levels("levels_pre", domain, group, pre, release))
                figures.extend(_levels("levels_post", domain, group, post, release))
                figures.extend(_effect(domain, group, pre, post))
        return figures


def _groups(participations: Iterable[Participation]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {ALL: []}
    for participation in participations:
        groups[ALL].append(participation.id)
        if participation.team is not None:
            groups.setdefault(f"team:{participation.team}", []).append(participation.id)
    return groups


def _result(attempt: Attempt | None, domain: str) -> DomainResult | None:
    if attempt is None:
        return None
    return next((result for result in attempt.profile if result.domain == domain and result.items), None)


def _levels(
    measure: str,
    domain: str,
    group: str,
    results: Mapping[str, DomainResult | None],
    release: Release,
) -> list[Figure]:
    """The expected number of people at each level: the sum of everyone's probabilities, so that
    doubt about a person is doubt about the group too; cells under the minimum are merged."""
    known = {pid: result for pid, result in results.items() if result is not None}
    order = [level.id for level in release.package.framework.levels]
    counts = {
        level: round(sum(result.shares[index] for result in known.values()))
        for index, level in enumerate(order)
    }
    cells = merge_cells(counts, order)
    if cells is None:
        return []
    values = {"+".join(cell.levels): cell.share_percent for cell in cells}
    return [Figure(View(f"{measure}:{domain}", group, frozenset(known)), values)]


def _effect(
    domain: str,
    group: str,
    pre: Mapping[str, DomainResult | None],
    post: Mapping[str, DomainResult | None],
) -> list[Figure]:
    """The mean change in units of the reference population's standard deviation, with its interval.

    From differences of maximum-likelihood estimates, which are not shrunk (measurement.md, D1).
    """
    both = {
        pid: (before.ml, after.ml)
        for pid, before in pre.items()
        if before is not None
        and (after := post[pid]) is not None
        and before.ml is not None
        and after.ml is not None
    }
    if len(both) < 2:
        return []
    change = paired_change([before for before, _ in both.values()], [after for _, after in both.values()])
    values = {
        "mean": round(change.mean, 2),
        "low95": round(change.low95, 2),
        "high95": round(change.high95, 2),
        "minimal_detectable": round(change.minimal_detectable, 2),
    }
    return [Figure(View(f"effect:{domain}", group, frozenset(both)), values)]
