"""The library's verification of a launch message, with its weak places taken over.

Used of pylti1p3 are the registration and deployment look-up, the choice of the key, the signature
(through PyJWT) and the validators per message type. State, nonce, times, audience and the shapes of
claims are checked by `door.py` and `claims.py`, because the library accepts what it should refuse there
(docs/adr on launches). Nothing reaches the library that has the wrong type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import requests
from jwt.types import Options
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch, TJwtData

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.id_token import Envelope
from lti_tool.lti.oidc import NoCookies, NoSession, Values
from lti_tool.lti.registration import OnePortal
from lti_tool.lti.shelves import Portal

SIGNATURE_ONLY: Final[Options] = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""Claims are ours to check, with a leeway that the library does not have."""

_OFFLINE: Final = requests.Session()
_OFFLINE.adapters.clear()  # the library fetches nothing by itself: no time limit, size limit or address check


class Message(MessageLaunch[Values, OnePortal, NoSession, NoCookies]):
    """One launch message of one portal."""

    def __init__(self, portal: Portal, envelope: Envelope, key: dict[str, str]) -> None:
        request, registrations = Values({"id_token": envelope.text}), OnePortal(portal)  # type: ignore[abstract]
        super().__init__(
            request,
            registrations,
            session_service=NoSession(request),
            cookie_service=NoCookies(),  # type: ignore[abstract]
            requests_session=_OFFLINE,
        )
        self._our_client_id = portal.client_id
        self.set_auto_validation(False)
        self.set_jwt(cast(TJwtData, {"header": envelope.header, "body": envelope.claims}))
        self.set_jwt_verify_options(SIGNATURE_ONLY)
        registrations.registration.set_key_set({"keys": [key]})  # type: ignore[arg-type]

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    def get_client_id(self) -> str:
        """Ours: `claims.check_audience` found it in `aud`, where the library sees the first place only."""
        return self._our_client_id

    def check_signature(self) -> None:
        """The portal and the key of this login, and nobody else's.

        Raises:
            LaunchRefused: `portal_unknown`, `signature_wrong`.
        """
        _run("portal_unknown", self.validate_registration)
        _run("signature_wrong", self.validate_jwt_signature)

    def check_content(self) -> None:
        """What this type of message must have, as the library sees it.

        Raises:
            LaunchRefused: `message_refused`.
        """
        _run("message_refused", self.validate_message)

    def check_deployment(self) -> None:
        """A place in the portal that was activated.

        Raises:
            LaunchRefused: `deployment_unknown`.
        """
        _run("deployment_unknown", self.validate_deployment)


def _run(reason_code: str, step: Callable[[], object]) -> None:
    try:
        step()
    except LtiException as err:
        raise LaunchRefused(reason_code, type(err).__name__) from err
