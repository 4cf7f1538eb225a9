"""Rows of a learner's way through micro-trainings."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from lti_tool.domain.people import Training, Where
from lti_tool.storage.database import db
from lti_tool.storage.tables import ParticipationRow, TrainingRow


def find_training(where: Where, module_id: str) -> Training | None:
    row = db.session.get(TrainingRow, (where.tenant_id, where.participation_id, module_id))
    return _training(row) if row else None


def trainings(where: Where) -> list[Training]:
    """All trainings of a participation, by module."""
    query = (
        select(TrainingRow)
        .where(TrainingRow.tenant_id == where.tenant_id, TrainingRow.participation_id == where.participation_id)
        .order_by(TrainingRow.module_id)
    )
    return [_training(row) for row in db.session.scalars(query)]


def how_far(tenant_id: str, campaign_id: str) -> dict[str, dict[str, str]]:
    """Module → participation id → `begun` or `done`, previews left out; for figures."""
    participation, training = ParticipationRow, TrainingRow
    query = (
        select(training.module_id, training.participation_id, training.finished_at)
        .join(
            participation,
            (participation.tenant_id == training.tenant_id) & (participation.id == training.participation_id),
        )
        .where(
            training.tenant_id == tenant_id,
            participation.campaign_id == campaign_id,
            participation.preview.is_(False),
        )
    )
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for module_id, participation_id, finished_at in db.session.execute(query):
        found[module_id][participation_id] = "done" if finished_at else "begun"
    return dict(found)


def save_training(training: Training) -> None:
    """Add or change."""
    db.session.merge(
        TrainingRow(
            tenant_id=training.tenant_id,
            participation_id=training.participation_id,
            module_id=training.module_id,
            module_version=training.module_version,
            step_id=training.step_id,
            furthest=training.furthest,
            checks=dict(training.checks),
            opened_at=training.opened_at,
            finished_at=training.finished_at,
            rating=training.rating,
        )
    )


def _training(row: TrainingRow) -> Training:
    return Training(
        tenant_id=row.tenant_id,
        participation_id=row.participation_id,
        module_id=row.module_id,
        module_version=row.module_version,
        step_id=row.step_id,
        furthest=row.furthest,
        opened_at=row.opened_at,
        finished_at=row.finished_at,
        checks=tuple(sorted(row.checks.items())),
        rating=row.rating,
    )
