"""A portal in the words of the library: issuer, client, addresses, deployments (LTI 1.3 core, section 3.1).

https://www.imsglobal.org/spec/lti/v1p3/#tool-deployment
"""

from __future__ import annotations

from typing import Any

from pylti1p3.deployment import Deployment
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.lti.quirks import quirks_of
from lti_tool.lti.shelves import Portal


def registration_of(portal: Portal, registration: Registration | None = None) -> Registration:
    """The library's registration with the portal's side filled in."""
    registration = registration or Registration()
    registration.set_issuer(portal.issuer)
    registration.set_client_id(portal.client_id)
    registration.set_auth_login_url(portal.auth_login_url)
    registration.set_auth_token_url(portal.token_url)
    audience = quirks_of(portal).token_audience
    if audience:
        registration.set_auth_audience(audience)
    registration.set_key_set_url(portal.jwks_url)
    return registration


class OnePortal(ToolConfAbstract[Request]):
    """The library's configuration with nothing in it but the portal of this one login.

    Whatever a token says, the library can find no other registration: a login begun at one portal
    cannot be finished with a token of another (OAuth mix-up).
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.registration = registration_of(portal)

    def check_iss_has_one_client(self, iss: str) -> bool:
        """False, as the library asks of new configurations: always look up by issuer and client."""
        return False

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **kwargs: Any) -> Any:
        """The registration, or None (a value that the base class does not name but expects)."""
        same = (iss, client_id) == (self._portal.issuer, self._portal.client_id)
        return self.registration if same else None

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> Deployment | None:
        known = deployment_id in self._portal.deployment_ids
        return Deployment().set_deployment_id(deployment_id) if known else None
