"""Portals are added by hand, looked at, activated, switched off and on, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from pydantic import Field, ValidationError

from lti_tool.domain.errors import OwnPortal, PortalRefused, PortalUnknown
from lti_tool.domain.tenant import Tenant
from lti_tool.lti.errors import PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.quirks import Remedy, quirks_of
from lti_tool.lti.remedies import remedy_of
from lti_tool.lti.self_check import Finding, Places, SelfCheck
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import courses as course_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.database import transaction
from lti_tool.storage.portals import Portal
from lti_tool.use_cases.connect_portal import PortalPart

LONGEST_DEPLOYMENT = 255
ADDRESSES = ("auth_login_url", "token_url", "jwks_url")
"""Where browsers and this server go; the issuer is a name only."""

log = structlog.get_logger()


class _Described(PortalPart):
    deployment_ids: list[str] = Field(default_factory=list)
    """None: the first launch waits to be activated."""


@dataclass(frozen=True)
class PortalLine:
    """A portal in a list."""

    portal: Portal
    municipality: str
    kind: str
    """What kind of portal it is, in our name for it or its own; empty: nobody knows yet."""


@dataclass(frozen=True)
class CheckLine:
    """How one service does, and what to do about it; a service that works needs no remedy."""

    finding: Finding
    remedy: Remedy | None


@dataclass(frozen=True)
class Checked:
    """The outcome of a self-check."""

    portal: Portal
    lines: tuple[CheckLine, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is red."""
        return all(line.finding.colour != "red" for line in self.lines)


class RunPortals:
    """What administrators do with portals. A `tenant_id` of None means every municipality."""

    def __init__(self, http: Outgoing, self_check: SelfCheck) -> None:
        self._http = http
        self._self_check = self_check

    def all(self, tenant_id: str | None) -> tuple[PortalLine, ...]:
        """The portals, by municipality and id."""
        with transaction(writes=False):
            names = {tenant.id: tenant.name for tenant in tenant_rows.tenants()}
            found = portal_rows.all_portals()
        return tuple(
            PortalLine(portal, names[portal.tenant_id], quirks_of(portal).name or portal.product)
            for portal in found
            if tenant_id in (None, portal.tenant_id)
        )

    def municipalities(self, tenant_id: str | None) -> tuple[Tenant, ...]:
        """For which municipality a portal may be connected, by id."""
        with transaction(writes=False):
            return tuple(tenant for tenant in tenant_rows.tenants() if tenant_id in (None, tenant.id))

    def portal_of(self, tenant_id: str, learner_id: str) -> str:
        """The id of the portal through which somebody came in."""
        with transaction(writes=False):
            return participation_rows.learner_sub(tenant_id, learner_id)[0]

    def add(self, tenant_id: str, described: Mapping[str, object], by: str, now: datetime) -> Portal:
        """Register a portal by hand, or change one.

        Args:
            described: the fields of `PortalPart`; without deployments the first launch waits to be activated.

        Raises:
            TenantUnknown
            PortalRefused: names each field and what is wrong with it; nothing was changed.
        """
        try:
            values = _Described.model_validate(described).model_dump()
        except ValidationError as err:
            problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in err.errors(include_input=False)]
            raise PortalRefused("\n".join(problems)) from err
        for name in ADDRESSES:
            try:
                self._http.check(values[name])
            except PortalUnavailable as err:
                raise PortalRefused(f"{name}: {err.reason_code} ({err.detail_for_log})") from err
        values["deployment_ids"] = frozenset(values["deployment_ids"])
        portal = Portal(tenant_id=tenant_id, **values)
        with transaction():
            tenant_rows.load_tenant(tenant_id, for_update=True)
            before = portal_rows.find_portal_by_id(tenant_id, portal.id, for_update=True)
            if before is not None and before.issuer != portal.issuer:
                raise PortalRefused(
                    f"id: {portal.id} is a portal of {before.issuer}: its learners would be mixed up"
                )
            if before is not None:
                waiting = before.waiting_deployment_ids - portal.deployment_ids
                portal = replace(
                    portal, product=before.product, enabled=before.enabled, waiting_deployment_ids=waiting
                )
            if not portal_rows.register_portal(portal):
                raise PortalRefused("client_id: this issuer and client_id belong to another portal")
            audit_rows.write_audit(tenant_id, by, "portal added", now, portal.id)
        return portal

    def activate(
        self, tenant_id: str | None, portal_id: str, deployment_id: str, by: str, now: datetime
    ) -> Portal:
        """Let launches of a deployment in.

        Raises:
            PortalUnknown
            PortalRefused: no portal can have a deployment with such an id.
        """
        if not 0 < len(deployment_id) <= LONGEST_DEPLOYMENT or not deployment_id.isprintable():
            raise PortalRefused(f"deployment: 1 to {LONGEST_DEPLOYMENT} printable characters")
        with transaction():
            portal = _load(tenant_id, portal_id)
            changed = replace(
                portal,
                deployment_ids=portal.deployment_ids | {deployment_id},
                waiting_deployment_ids=portal.waiting_deployment_ids - {deployment_id},
            )
            portal_rows.save_portal(changed)
            detail = f"{portal.id} {deployment_id}"
            audit_rows.write_audit(portal.tenant_id, by, "deployment activated", now, detail)
        return changed

    def disable(
        self, tenant_id: str | None, portal_id: str, by: str, now: datetime, *, learner_id: str | None = None
    ) -> int:
        """Let nobody in from a portal any more, and end the sessions of who did come in.

        Args:
            learner_id: who asks for it, when they came in through a portal themselves.

        Returns:
            How many sessions ended.

        Raises:
            PortalUnknown
            OwnPortal: they would lock themselves out.
        """
        with transaction():
            portal = _load(tenant_id, portal_id)
            if learner_id is not None:
                own = participation_rows.learner_sub(portal.tenant_id, learner_id)[0]
                if own == portal.id:
                    raise OwnPortal
            portal_rows.save_portal(replace(portal, enabled=False))
            ended = session_rows.end_sessions_of_portal(portal.tenant_id, portal.id)
            audit_rows.write_audit(portal.tenant_id, by, "portal disabled", now, portal.id)
        return ended

    def enable(self, tenant_id: str | None, portal_id: str, by: str, now: datetime) -> None:
        """Let people in from a portal again. Raises PortalUnknown."""
        with transaction():
            portal = _load(tenant_id, portal_id)
            portal_rows.save_portal(replace(portal, enabled=True))
            audit_rows.write_audit(portal.tenant_id, by, "portal enabled", now, portal.id)

    def check(self, tenant_id: str | None, portal_id: str, by: str, now: datetime) -> Checked:
        """Ask each service of a portal whether it works; it waits for the portal.

        Raises:
            PortalUnknown
        """
        with transaction(writes=False):
            portal = _load(tenant_id, portal_id, for_update=False)
            seen = [c for c in course_rows.courses(portal.tenant_id) if c.portal_id == portal.id]
            places = Places(
                course_seen=bool(seen),
                memberships_url=next((c.memberships_url for c in reversed(seen) if c.memberships_url), None),
                line_item_url=participation_rows.newest_line_item(portal.tenant_id, portal.id),
            )
        findings = self._self_check.run(portal, places, now)
        said = " ".join(f"{f.service}={f.reason}" for f in findings)
        log.info("portal_checked", tenant=portal.tenant_id, portal=portal.id, findings=said)
        with transaction():
            audit_rows.write_audit(portal.tenant_id, by, "portal checked", now, f"{portal.id} {said}")
        return Checked(portal, tuple(_with_remedy(portal, finding) for finding in findings))


def _with_remedy(portal: Portal, finding: Finding) -> CheckLine:
    works = finding.colour == "green"
    return CheckLine(finding, None if works else remedy_of(finding.reason, portal.product, portal.issuer))


def _load(tenant_id: str | None, portal_id: str, *, for_update: bool = True) -> Portal:
    """Raises PortalUnknown: no such portal, or several and nobody said in which municipality."""
    owners = [
        p.tenant_id for p in portal_rows.all_portals() if p.id == portal_id and tenant_id in (None, p.tenant_id)
    ]
    if len(owners) > 1:
        raise PortalUnknown(f"{portal_id}: there is one in each of {', '.join(owners)}; name the municipality")
    portal = portal_rows.find_portal_by_id(owners[0], portal_id, for_update=for_update) if owners else None
    if portal is None:
        raise PortalUnknown(f"{portal_id}: no portal with this id" + (f" in {tenant_id}" if tenant_id else ""))
    return portal
