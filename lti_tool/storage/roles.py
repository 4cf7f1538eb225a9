"""Rows of invitations to a role of ours, and of the roles that people accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.sql import ColumnElement

from lti_tool.domain.roles import ROLES, GrantedRole, Invitation
from lti_tool.storage.database import add_unless_there, ask, db, without_nul
from lti_tool.storage.tables import GrantedRoleRow, InvitationRow, LearnerRow

GRANTED = GrantedRoleRow.__table__
_ROLES_OF = select(GRANTED.c.role).where(
    *(GRANTED.c[name] == bindparam(name) for name in ("tenant_id", "portal_id", "sub"))
)


def add_invitation(invitation: Invitation) -> None:
    db.session.add(InvitationRow(**asdict(invitation)))


def take_invitation(tenant_id: str, code_hash: str, now: datetime) -> Invitation | None:
    """Give and delete in one statement, so that of two at the same moment one gets it.

    Returns:
        None when there is no such invitation here, or it has expired (which is deleted all the same).
    """
    taken = withdraw_invitation(tenant_id, code_hash)
    return taken if taken is not None and taken.expires_at > now else None


def withdraw_invitation(tenant_id: str, code_hash: str) -> Invitation | None:
    """Delete an invitation and give what it was; None: it was gone."""
    query = delete(InvitationRow).where(
        InvitationRow.tenant_id == tenant_id, InvitationRow.code_hash == without_nul(code_hash)
    )
    row = db.session.execute(query.returning(*InvitationRow.__table__.columns)).one_or_none()
    return Invitation(**row._mapping) if row else None


def open_invitations(tenant_id: str, now: datetime) -> list[Invitation]:
    """Those that still work, oldest first."""
    query = (
        select(*InvitationRow.__table__.columns)
        .where(InvitationRow.tenant_id == tenant_id, InvitationRow.expires_at > now)
        .order_by(InvitationRow.made_at, InvitationRow.code_hash)
    )
    return [Invitation(**row._mapping) for row in db.session.execute(query)]


def forget_expired_invitations(now: datetime) -> int:
    """Delete what nobody used in time; returns how many."""
    return db.session.execute(delete(InvitationRow).where(InvitationRow.expires_at <= now)).rowcount


def grant(granted: GrantedRole) -> None:
    """Keep a role; who holds it already goes on holding it since then."""
    add_unless_there(GrantedRoleRow, **asdict(granted))


def end_role(tenant_id: str, portal_id: str, sub: str, role: str) -> bool:
    """Delete a role that somebody holds; whether there was one."""
    which = GrantedRoleRow.role == without_nul(role)
    query = delete(GrantedRoleRow).where(*_held_by(tenant_id, portal_id, sub), which)
    return bool(db.session.execute(query).rowcount)


def granted_roles(tenant_id: str) -> list[GrantedRole]:
    """Every role that is held in a municipality, oldest first."""
    query = (
        select(*GrantedRoleRow.__table__.columns)
        .where(GrantedRoleRow.tenant_id == tenant_id)
        .order_by(GrantedRoleRow.granted_at, GrantedRoleRow.portal_id, GrantedRoleRow.sub)
    )
    return [GrantedRole(**row._mapping) for row in db.session.execute(query)]


def roles_of(tenant_id: str, portal_id: str, sub: str) -> tuple[str, ...]:
    """The roles of whoever this portal calls `sub`, in the order of `ROLES`."""
    return in_order(ask(_ROLES_OF, tenant_id=tenant_id, portal_id=portal_id, sub=without_nul(sub)).scalars())


def roles_of_learner(tenant_id: str, learner_id: str) -> tuple[str, ...]:
    """The same, of somebody whose session names their row; nobody left: no role."""
    query = (
        select(GrantedRoleRow.role)
        .join(
            LearnerRow,
            (LearnerRow.tenant_id == GrantedRoleRow.tenant_id)
            & (LearnerRow.portal_id == GrantedRoleRow.portal_id)
            & (LearnerRow.sub == GrantedRoleRow.sub),
        )
        .where(LearnerRow.tenant_id == tenant_id, LearnerRow.id == learner_id)
    )
    return in_order(db.session.scalars(query))


def find_holder(tenant_id: str, learner_id: str) -> tuple[str, str] | None:
    """(portal id, sub) to which a role of this learner is bound; None: they are gone."""
    row = db.session.get(LearnerRow, (tenant_id, learner_id))
    return (row.portal_id, row.sub) if row else None


def _held_by(tenant_id: str, portal_id: str, sub: str) -> tuple[ColumnElement[bool], ...]:
    row = GrantedRoleRow
    return row.tenant_id == tenant_id, row.portal_id == without_nul(portal_id), row.sub == without_nul(sub)


def in_order(found: Iterable[str | None]) -> tuple[str, ...]:
    """Roles as `ROLES` has them; None, which an outer join gives for nothing, is none."""
    held = set(found)
    return tuple(role for role in ROLES if role in held)
