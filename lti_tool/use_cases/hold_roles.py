"""Somebody gets a role of ours by an invitation, holds it, and loses it again; each step is written down."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.domain.errors import InvitationUnknown, ParticipationGone, RoleUnknown
from lti_tool.domain.roles import CODE_BITS, ROLES, GrantedRole, Invitation, read_code, written_code
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import roles as role_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction

DAYS = 14
"""How long an invitation works, unless somebody says otherwise."""
MOST_DAYS = 90


@dataclass(frozen=True)
class Made:
    """A new invitation: the only time that its code is known."""

    code: str
    role: str
    expires_at: datetime


@dataclass(frozen=True)
class RolesPage:
    """What an administrator sees of the roles in a municipality."""

    tenant_id: str
    tenant: str
    invitations: tuple[Invitation, ...]
    holders: Mapping[str, tuple[GrantedRole, ...]]
    """By role, only those that somebody holds."""
    portals: Mapping[str, str]
    """Id and name."""


class HoldRoles:
    """Whose role it is: a portal and the number (`sub`) that it gave somebody. No name is known here."""

    def invite(self, tenant_id: str, role: str, by: str, now: datetime, *, days: int = DAYS) -> Made:
        """Make an invitation that works once; only the hash of its code is kept.

        Args:
            by: an operator, "command line", or what `number_of` says of an administrator.
            days: how long it works, 1 to `MOST_DAYS`.

        Raises:
            TenantUnknown, RoleUnknown
        """
        if role not in ROLES:
            raise RoleUnknown(role)
        code = written_code(secrets.randbits(CODE_BITS))
        made = Made(code, role, now + timedelta(days=days))
        with transaction():
            tenant_rows.load_tenant(tenant_id)
            role_rows.add_invitation(
                Invitation(
                    tenant_id=tenant_id,
                    code_hash=_hash(code),
                    role=role,
                    made_by=by[:100],
                    made_at=now,
                    expires_at=made.expires_at,
                )
            )
            audit_rows.write_audit(tenant_id, by, "invitation made", now, role)
        return made

    def withdraw(self, tenant_id: str, code_hash: str, by: str, now: datetime) -> None:
        """End an invitation that nobody used yet; one that is gone stays gone."""
        with transaction():
            withdrawn = role_rows.withdraw_invitation(tenant_id, code_hash)
            if withdrawn is not None:
                audit_rows.write_audit(tenant_id, by, "invitation withdrawn", now, withdrawn.role)

    def accept(self, tenant_id: str, learner_id: str, code: str, now: datetime) -> str:
        """Take an invitation; of two who do so at the same moment one gets it. Returns the role.

        Raises:
            InvitationUnknown: whatever the reason, so that nobody learns which codes there are.
            ParticipationGone: the session's learner was removed.
        """
        with transaction():
            holder = role_rows.find_holder(tenant_id, learner_id)
            if holder is None:
                raise ParticipationGone
            taken = role_rows.take_invitation(tenant_id, _hash(read_code(code) or ""), now)
            if taken is None:
                audit_rows.write_audit(tenant_id, "somebody", audit_rows.INVITATION_REFUSED, now)
            else:
                role_rows.grant(GrantedRole(tenant_id, *holder, taken.role, now))
                said = f"{taken.role}, invited by {taken.made_by}"
                audit_rows.write_audit(tenant_id, _number(*holder), "role accepted", now, said)
        if taken is None:
            raise InvitationUnknown
        return taken.role

    def give_back(self, tenant_id: str, learner_id: str, role: str, now: datetime) -> None:
        """The holder ends a role of their own; one that is gone stays gone."""
        with transaction():
            holder = role_rows.find_holder(tenant_id, learner_id)
            if holder is not None and role_rows.end_role(tenant_id, *holder, role):
                audit_rows.write_audit(tenant_id, _number(*holder), "role given back", now, role)

    def end(self, tenant_id: str, portal_id: str, sub: str, role: str, by: str, now: datetime) -> None:
        """An administrator ends somebody's role; one that is gone stays gone."""
        with transaction():
            if role_rows.end_role(tenant_id, portal_id, sub, role):
                said = f"{role} of {_number(portal_id, sub)}"
                audit_rows.write_audit(tenant_id, by, "role ended", now, said)

    def granted_to(self, tenant_id: str, learner_id: str) -> tuple[str, ...]:
        """The roles that somebody holds at this moment."""
        with transaction(writes=False):
            return role_rows.roles_of_learner(tenant_id, learner_id)

    def number_of(self, tenant_id: str, learner_id: str) -> str:
        """How an administrator is written down: their portal, and their number there."""
        with transaction(writes=False):
            holder = role_rows.find_holder(tenant_id, learner_id)
        if holder is None:
            raise ParticipationGone
        return _number(*holder)

    def page(self, tenant_id: str, now: datetime) -> RolesPage:
        """Raises TenantUnknown."""
        with transaction(writes=False):
            tenant = tenant_rows.load_tenant(tenant_id)
            invitations = role_rows.open_invitations(tenant_id, now)
            granted = role_rows.granted_roles(tenant_id)
            portals = portal_rows.all_portals()
        held = {role: tuple(one for one in granted if one.role == role) for role in ROLES}
        return RolesPage(
            tenant_id=tenant.id,
            tenant=tenant.name,
            invitations=tuple(invitations),
            holders={role: holders for role, holders in held.items() if holders},
            portals={portal.id: portal.name for portal in portals if portal.tenant_id == tenant_id},
        )


def _number(portal_id: str, sub: str) -> str:
    return f"{portal_id} {sub}"


def _hash(code: str) -> str:
    """A code has 80 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(code.encode()).hexdigest()
