"""Rows of activated calibrations: of the whole installation, not of one municipality."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from lti_tool.domain.calibration import Calibration
from lti_tool.storage.content_tables import CalibrationRow
from lti_tool.storage.database import db


def load_calibration(calibration_id: str) -> Calibration:
    """One that a campaign names, so it is there."""
    row = db.session.get_one(CalibrationRow, calibration_id)
    return Calibration.from_fields(row.body, f"calibration {row.id}")


def active_calibration_id(package_id: str) -> str | None:
    """The one that new campaigns get: activated last. None: nobody activated one for this package."""
    query = (
        select(CalibrationRow.id)
        .where(CalibrationRow.package_id == package_id)
        .order_by(CalibrationRow.activated_at.desc(), CalibrationRow.id)
        .limit(1)
    )
    return db.session.scalar(query)


def activate_calibration(calibration: Calibration, by: str, now: datetime) -> None:
    """Keep it as the active one; one that is known already becomes active again."""
    db.session.merge(
        CalibrationRow(
            id=calibration.id,
            package_id=calibration.package,
            body=calibration.as_fields(),
            activated_at=now,
            activated_by=by,
        )
    )
