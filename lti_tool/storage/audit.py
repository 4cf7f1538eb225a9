"""Rows of who looked at or changed what, of operators, and of the demo's look behind the scenes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from lti_tool.domain.people import Where
from lti_tool.storage.database import db, new_id
from lti_tool.storage.tables import AuditRow, InspectionRow, OperatorRow, ParticipationRow

LAUNCH_REFUSED = "launch refused"
INVITATION_REFUSED = "invitation refused"


def write_audit(tenant_id: str, who: str, what: str, now: datetime, detail: str = "") -> None:
    """Note one act; `detail` is cut at 500 characters and must hold nothing about a learner."""
    db.session.add(
        AuditRow(id=new_id(now), tenant_id=tenant_id[:64], at=now, who=who[:100], what=what, detail=detail[:500])
    )


def audit_rows(tenant_id: str) -> list[tuple[datetime, str, str, str]]:
    """(at, who, what, detail), oldest first."""
    query = select(AuditRow).where(AuditRow.tenant_id == tenant_id).order_by(AuditRow.id)
    return [(row.at, row.who, row.what, row.detail) for row in db.session.scalars(query)]


def find_refusal(reference: str) -> tuple[datetime, str, str, str] | None:
    """(at, tenant, who, detail) of the refused launch with this code for the helpdesk."""
    query = select(AuditRow).where(
        AuditRow.what == LAUNCH_REFUSED, AuditRow.detail.startswith(f"{reference} ", autoescape=True)
    )
    row = db.session.scalar(query.order_by(AuditRow.id.desc()).limit(1))
    return (row.at, row.tenant_id, row.who, row.detail) if row else None


def forget_old_refusals(before: datetime) -> int:
    """Delete refusals from before a moment: anybody can make as many as they like; returns how many."""
    refused = AuditRow.what.in_((LAUNCH_REFUSED, INVITATION_REFUSED))
    query = delete(AuditRow).where(refused, AuditRow.at < before)
    return db.session.execute(query).rowcount


def last_audit(tenant_id: str, what: str, detail_start: str) -> tuple[datetime, str] | None:
    """(at, detail) of the newest act of a kind whose detail begins so."""
    query = (
        select(AuditRow)
        .where(
            AuditRow.tenant_id == tenant_id,
            AuditRow.what == what,
            AuditRow.detail.startswith(detail_start, autoescape=True),
        )
        .order_by(AuditRow.at.desc(), AuditRow.id.desc())
        .limit(1)
    )
    row = db.session.scalar(query)
    return (row.at, row.detail) if row else None


def find_operator_hash(name: str) -> str | None:
    # PostgreSQL takes no NUL in a text, not even to look for it.
    row = None if "\0" in name else db.session.get(OperatorRow, name)
    return row.password_hash if row else None


def save_operator(name: str, password_hash: str) -> None:
    db.session.merge(OperatorRow(name=name, password_hash=password_hash))


def save_inspection(where: Where, claims: dict[str, Any], now: datetime) -> None:
    db.session.merge(
        InspectionRow(tenant_id=where.tenant_id, participation_id=where.participation_id, at=now, claims=claims)
    )


def last_inspection() -> tuple[Where, dict[str, Any]] | None:
    """The last visitor's participation and the launch claims that were used (demo only).

    A preview that was begun afresh has left its first visit behind; that one is passed over.
    """
    query = (
        select(InspectionRow, ParticipationRow.campaign_id)
        .join(
            ParticipationRow,
            (ParticipationRow.tenant_id == InspectionRow.tenant_id)
            & (ParticipationRow.id == InspectionRow.participation_id),
        )
        .order_by(InspectionRow.at.desc())
        .limit(1)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    row, campaign_id = found
    return Where(row.tenant_id, campaign_id, row.participation_id), row.claims
