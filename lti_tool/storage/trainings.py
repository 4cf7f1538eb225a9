"""Rows of a learner's way through micro-trainings."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.domain.people import Training, Where
from lti_tool.storage.database import db
from lti_tool.storage.tables import TrainingRow


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
    )
