"""A portal registers the tool by itself: a one-time link, a question, a registration, and a check at once."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from lti_tool.domain.errors import PortalRefused, RegistrationLinkGone
from lti_tool.lti.addresses import origin_text
from lti_tool.lti.dynamic_registration import BEARER, Configuration, DynamicRegistration, Registered
from lti_tool.lti.errors import PortalUnavailable, RegistrationRefused
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import registration_links as link_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import DatabaseBusy, transaction
from lti_tool.storage.portals import Portal
from lti_tool.storage.registration_links import RegistrationLink
from lti_tool.use_cases.run_campaign import SLUG
from lti_tool.use_cases.run_portals import Checked, RunPortals

LINK_LIVES: Final = timedelta(hours=48)
LONGEST_ADDRESS: Final = 2000
BY: Final = "registration link"
"""Who did it, in the audit: whoever had the link."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PORTAL_TOKEN = re.compile(BEARER)
_ADDRESS = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_ADDRESS}}}")

log = structlog.get_logger()


@dataclass(frozen=True)
class Asked:
    """What is about to be connected."""

    municipality: str
    portal_name: str
    origin: str
    """Scheme and host of the portal; empty: the link was opened by hand, not by a portal."""


@dataclass(frozen=True)
class Connected:
    """What was connected, and how each service does."""

    municipality: str
    checked: Checked

    @property
    def waits(self) -> bool:
        """Whether the first launch has to be activated: the portal gave no deployment."""
        return not self.checked.portal.deployment_ids


class RegisterPortal:
    """The link stands for whoever was given it: it works once, for one portal of one municipality."""

    def __init__(self, registration: DynamicRegistration, portals: RunPortals) -> None:
        self._registration = registration
        self._portals = portals

    def make_link(self, tenant_id: str, portal_id: str, name: str, by: str, now: datetime) -> str:
        """The secret part of a new link; it is nowhere else.

        Raises:
            TenantUnknown
            PortalRefused: an id or a name that no portal can have.
        """
        if not re.fullmatch(SLUG, portal_id) or len(portal_id) > 64:
            raise PortalRefused("id: small letters, digits and single hyphens, at most 64 characters")
        if not 0 < len(name) <= 200 or not name.isprintable() or name != name.strip():
            raise PortalRefused("name: 1 to 200 printable characters, no spaces around them")
        token = secrets.token_urlsafe(32)
        with transaction():
            tenant_rows.load_tenant(tenant_id)
            link_rows.add_link(RegistrationLink(tenant_id, _hash(token), portal_id, name, now + LINK_LIVES))
            audit_rows.write_audit(tenant_id, by, "registration link made", now, portal_id)
        return token

    def look(self, tenant_id: str, token: str, configuration_url: str, now: datetime) -> Asked:
        """What the link is for. Raises RegistrationLinkGone."""
        _check_shape(tenant_id, token)
        with transaction(writes=False):
            link = link_rows.find_link(tenant_id, _hash(token), now)
            if link is None:
                raise RegistrationLinkGone
            municipality = tenant_rows.load_tenant(tenant_id).name
        return Asked(municipality, link.name, origin_text(configuration_url))

    def register(
        self, tenant_id: str, token: str, configuration_url: str, registration_token: str, now: datetime
    ) -> Connected:
        """Use the link up, let the portal register the tool, keep what it gave, and check it.

        A registration that fails gives the link back. Should this program be killed in the middle, the link is
        gone and the portal may have a registration that nobody knows: a new link is needed then.

        Raises:
            RegistrationLinkGone
            RegistrationRefused, PortalUnavailable: with a stable reason code; nothing was kept.
        """
        _check_shape(tenant_id, token)
        with transaction():
            link = link_rows.take_link(tenant_id, _hash(token), now)
            municipality = tenant_rows.load_tenant(tenant_id).name if link else ""
        if link is None:
            raise RegistrationLinkGone
        try:
            said, given = self._ask(link, configuration_url, registration_token)
            portal = self._keep(link, said, given, now)
        except (RegistrationRefused, PortalUnavailable) as err:
            self._give_back(link, f"{link.portal_id} {err.reason_code} {err.detail_for_log}".strip(), now)
            raise
        except DatabaseBusy:
            with suppress(DatabaseBusy):
                self._give_back(link, f"{link.portal_id} database busy", now)
            raise
        return Connected(municipality, self._portals.check(portal.tenant_id, portal.id, BY, now))

    def _ask(
        self, link: RegistrationLink, configuration_url: str, registration_token: str
    ) -> tuple[Configuration, Registered]:
        if not _ADDRESS.fullmatch(configuration_url):
            raise RegistrationRefused("request_malformed", "openid_configuration")
        if registration_token and not _PORTAL_TOKEN.fullmatch(registration_token):
            raise RegistrationRefused("request_malformed", "registration_token")
        said = self._registration.read_configuration(configuration_url)
        with transaction(writes=False):
            _check_same(portal_rows.find_portal_by_id(link.tenant_id, link.portal_id), said)
        return said, self._registration.register(said, registration_token)

    def _keep(self, link: RegistrationLink, said: Configuration, given: Registered, now: datetime) -> Portal:
        with transaction():
            tenant_rows.load_tenant(link.tenant_id, for_update=True)
            before = portal_rows.find_portal_by_id(link.tenant_id, link.portal_id, for_update=True)
            _check_same(before, said)
            portal = Portal(
                tenant_id=link.tenant_id,
                id=link.portal_id,
                name=link.name,
                issuer=said.issuer,
                client_id=given.client_id,
                auth_login_url=said.authorization_endpoint,
                token_url=said.token_endpoint,
                jwks_url=said.jwks_uri,
                deployment_ids=frozenset({given.deployment_id} if given.deployment_id else ()),
                enabled=before is None or before.enabled,
                product=said.product,
            )
            if not portal_rows.register_portal(portal):
                raise RegistrationRefused("portal_taken")
            audit_rows.write_audit(link.tenant_id, BY, "portal registered", now, f"{portal.id} {portal.issuer}")
        log.info("portal_registered", tenant=portal.tenant_id, portal=portal.id, product=portal.product)
        return portal

    def _give_back(self, link: RegistrationLink, why: str, now: datetime) -> None:
        log.info("registration_refused", tenant=link.tenant_id, portal=link.portal_id, why=why)
        with transaction():
            link_rows.add_link(link)
            audit_rows.write_audit(link.tenant_id, BY, "registration refused", now, why)


def _check_same(before: Portal | None, said: Configuration) -> None:
    """A portal may register anew, but not another under its name: the same `sub` is somebody else there."""
    if before is not None and before.issuer != said.issuer:
        raise RegistrationRefused("portal_differs")


def _check_shape(tenant_id: str, token: str) -> None:
    """Raises RegistrationLinkGone: no link ever looked so."""
    if not re.fullmatch(SLUG, tenant_id) or not _TOKEN.fullmatch(token):
        raise RegistrationLinkGone


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
