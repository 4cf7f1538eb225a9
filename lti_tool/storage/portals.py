"""Rows of portals: registrations at LTI platforms, and the platform keys last fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from lti_tool.storage.database import ask, db
from lti_tool.storage.portal_tables import PortalRow
from lti_tool.storage.tables import TenantRow
from lti_tool.storage.tenants import READ_ALONG, note_tenant


@dataclass(frozen=True)
class CachedJwks:
    """The platform's key set as last fetched."""

    body: str
    fetched_at: datetime


@dataclass(frozen=True)
class Portal:
    """One registration: issuer and client, unique together over all municipalities."""

    tenant_id: str
    id: str
    name: str
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    deployment_ids: frozenset[str]
    enabled: bool = True
    waiting_deployment_ids: frozenset[str] = frozenset()
    """From which signed launches came, and that nobody has activated yet."""
    product: str = ""
    """What kind of portal it is (`product_family_code`), as far as known."""
    jwks: CachedJwks | None = field(default=None, compare=False, repr=False)
    """Its key set as last read; `save_jwks` changes it, and `save_portal` does not."""


_PORTALS = PortalRow.__table__
_REGISTRATION = (
    select(_PORTALS, *READ_ALONG)
    .join(TenantRow.__table__, TenantRow.__table__.c.id == _PORTALS.c.tenant_id)
    .where(_PORTALS.c.issuer == bindparam("issuer"), _PORTALS.c.client_id == bindparam("client_id"))
)


def find_portal(issuer: str, client_id: str) -> Portal | None:
    """The registration of this client; its municipality is read along, because a launch needs both."""
    row = ask(_REGISTRATION, issuer=issuer, client_id=client_id).one_or_none()
    if row is None:
        return None
    note_tenant(row.tenant_id, row.tenant_name, row.tenant_settings)
    return _portal(row)


def find_portal_by_id(tenant_id: str, portal_id: str, *, for_update: bool = False) -> Portal | None:
    """`for_update` makes a second one that wants to change it wait."""
    row = db.session.get(PortalRow, (tenant_id, portal_id), with_for_update=for_update or None)
    return _portal(row) if row else None


def portals_of_issuer(issuer: str) -> list[Portal]:
    """Every registration at this issuer; a login without client_id is only clear when there is one."""
    query = select(PortalRow).where(PortalRow.issuer == issuer).order_by(PortalRow.tenant_id, PortalRow.id)
    return [_portal(row) for row in db.session.scalars(query)]


def all_portals() -> list[Portal]:
    """Every registration, by municipality and id."""
    return [
        _portal(row) for row in db.session.scalars(select(PortalRow).order_by(PortalRow.tenant_id, PortalRow.id))
    ]


def portals_of_tenant(tenant_id: str) -> list[Portal]:
    """The registrations of a municipality, by id."""
    query = select(PortalRow).where(PortalRow.tenant_id == tenant_id).order_by(PortalRow.id)
    return [_portal(row) for row in db.session.scalars(query)]


def issuers() -> list[str]:
    """The issuers of all registrations."""
    return list(db.session.scalars(select(PortalRow.issuer).distinct()))


def save_portal(portal: Portal) -> None:
    """Add or change; a changed key set address forgets the cached keys."""
    row = db.session.get(PortalRow, (portal.tenant_id, portal.id))
    if row is None:
        row = PortalRow(tenant_id=portal.tenant_id, id=portal.id)
        db.session.add(row)
    elif row.jwks_url != portal.jwks_url:
        row.jwks_body = row.jwks_fetched_at = None
    row.name, row.enabled = portal.name, portal.enabled
    row.issuer, row.client_id = portal.issuer, portal.client_id
    row.auth_login_url, row.token_url, row.jwks_url = portal.auth_login_url, portal.token_url, portal.jwks_url
    row.deployment_ids = sorted(portal.deployment_ids)
    row.waiting_deployment_ids = sorted(portal.waiting_deployment_ids)
    row.product = portal.product


def register_portal(portal: Portal) -> bool:
    """Add or change, unless its issuer and client belong to another portal: then nothing changes, and False."""
    try:
        with db.session.begin_nested():
            save_portal(portal)
    except IntegrityError:
        return False
    return True


def save_jwks(tenant_id: str, portal_id: str, jwks: CachedJwks) -> None:
    row = db.session.get(PortalRow, (tenant_id, portal_id))
    if row is not None:
        row.jwks_body, row.jwks_fetched_at = jwks.body, jwks.fetched_at


def _portal(row: Any) -> Portal:
    fetched_at: datetime | None = row.jwks_fetched_at
    return Portal(
        tenant_id=row.tenant_id,
        id=row.id,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        auth_login_url=row.auth_login_url,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        deployment_ids=frozenset(row.deployment_ids),
        enabled=row.enabled,
        waiting_deployment_ids=frozenset(row.waiting_deployment_ids),
        product=row.product,
        jwks=CachedJwks(row.jwks_body, fetched_at) if fetched_at else None,
    )
