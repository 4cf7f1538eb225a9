"""The library's verification of a launch message, with its weak places taken over.

Used of pylti1p3 are the registration and deployment look-up and the validators per message type; the signature is
checked by PyJWT's RS256, as the library has it, but with a key that was parsed once instead of at every launch.
State, nonce, times, audience and the shapes of claims are checked by `door.py` and `claims.py`, because the
library accepts what it should refuse there (docs/adr on launches). Nothing reaches it that has the wrong type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch, TJwtData

from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.id_token import Envelope
from lti_tool.lti.oidc import NoCookies, NoSession, Values
from lti_tool.lti.registration import OnePortal
from lti_tool.lti.shelves import Portal

RS256: Final = RSAAlgorithm(RSAAlgorithm.SHA256)
NOT_UNDERSTOOD: Final = ("crit", "b64")
"""Header members that change how a token is to be read (RFC 7515, section 4.1.11; RFC 7797)."""

_OFFLINE: Final = requests.Session()
_OFFLINE.adapters.clear()  # the library fetches nothing by itself: no time limit, size limit or address check


class Message(MessageLaunch[Values, OnePortal, NoSession, NoCookies]):
    """One launch message of one portal."""

    # It is handed the opened token, so it asks the request for nothing.
    _get_request_param: Any = None

    def __init__(self, portal: Portal, envelope: Envelope, key: RSAPublicKey) -> None:
        request, registrations = Values({"id_token": envelope.text}), OnePortal(portal)  # type: ignore[abstract]
        super().__init__(
            request,
            registrations,
            session_service=NoSession(request),
            cookie_service=NoCookies(),  # type: ignore[abstract]
            requests_session=_OFFLINE,
        )
        self._our_client_id = portal.client_id
        self._envelope, self._key = envelope, key
        self.set_auto_validation(False)
        self.set_jwt(cast(TJwtData, {"header": envelope.header, "body": envelope.claims}))

    def get_client_id(self) -> str:
        """Ours: `claims.check_audience` found it in `aud`, where the library sees the first place only."""
        return self._our_client_id

    def check_signature(self) -> None:
        """The portal and the key of this login, and nobody else's.

        Raises:
            LaunchRefused: `portal_unknown`, `signature_wrong`.
        """
        _run("portal_unknown", self.validate_registration)
        if any(name in self._envelope.header for name in NOT_UNDERSTOOD):
            raise LaunchRefused("signature_wrong", "a header that is not understood")
        if not RS256.verify(self._envelope.signed, self._key, self._envelope.signature):
            raise LaunchRefused("signature_wrong")

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
