"""Rows of published figures; a published snapshot is never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lti_tool.storage.database import db, new_id
from lti_tool.storage.tables import SnapshotRow


@dataclass(frozen=True)
class Snapshot:
    """One publication of a campaign's figures."""

    id: str
    published_at: datetime
    disclosed: str
    ledger: tuple[tuple[str, str, frozenset[str]], ...]
    """(measure, group, participation ids) of every view that this publication showed."""


def snapshots(tenant_id: str, campaign_id: str) -> list[Snapshot]:
    """All publications of a campaign, oldest first."""
    query = (
        select(SnapshotRow)
        .where(SnapshotRow.tenant_id == tenant_id, SnapshotRow.campaign_id == campaign_id)
        .order_by(SnapshotRow.published_at, SnapshotRow.id)
    )
    return [
        Snapshot(
            id=row.id,
            published_at=row.published_at,
            disclosed=row.disclosed,
            ledger=tuple((e["measure"], e["group"], frozenset(e["contributors"])) for e in row.ledger),
        )
        for row in db.session.scalars(query)
    ]


def add_snapshot(
    tenant_id: str,
    campaign_id: str,
    disclosed: str,
    ledger: tuple[tuple[str, str, frozenset[str]], ...],
    now: datetime,
) -> str:
    """Keep a publication; returns its id."""
    snapshot_id = new_id(now)
    db.session.add(
        SnapshotRow(
            tenant_id=tenant_id,
            id=snapshot_id,
            campaign_id=campaign_id,
            published_at=now,
            disclosed=disclosed,
            ledger=[
                {"measure": measure, "group": group, "contributors": sorted(contributors)}
                for measure, group, contributors in ledger
            ],
        )
    )
    return snapshot_id
