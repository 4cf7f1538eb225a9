"""Calls to a portal's services with an access token of the tool (client credentials, signed with its key).

https://www.imsglobal.org/spec/security/v1p0/#using-json-web-tokens-with-oauth-2-0-client-credentials-grant

Of pylti1p3: `ServiceConnector` (the signed request for a token).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests
from pylti1p3.exception import LtiServiceException
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from lti_tool.lti.errors import NotServed, PortalUnavailable
from lti_tool.lti.http import MAX_ANSWER_BYTES, Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.quirks import all_quirks
from lti_tool.lti.registration import registration_of
from lti_tool.lti.shelves import Portal

SCOPE_SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_LINE_ITEM_READ: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_ROSTER: Final = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

TOKEN_ENDS_EARLY: Final = timedelta(seconds=60)
LONGEST_WAIT: Final = timedelta(days=1)
NEEDS_A_PERSON: Final = timedelta(hours=1)
"""Before trying again what only an administrator of the portal can put right."""

_BEARER = re.compile(r"[A-Za-z0-9._~+/=-]{1,16384}")
_PASSING: Final = frozenset({408, 425, 429})
_NOT_GRANTED: Final = frozenset({b"invalid_scope", b"unauthorized_client"})
_TOKEN_ERROR = re.compile(rb'"error"\s*:\s*"([a-z_]{1,40})"')


class NoToken(NotServed):
    """The portal gave no access token."""


@dataclass(frozen=True)
class _AccessToken:
    value: str
    expires_at: datetime


class PortalServices:
    """Asks services; keeps access tokens per issuer, client and scopes for as long as they live.

    One for the process: several threads may use it (the worst is a token that is asked for twice).
    """

    def __init__(self, http: Outgoing, tool_keys: ToolKeys) -> None:
        self._http = http
        self._tool_keys = tool_keys
        self._tokens: dict[tuple[str, ...], _AccessToken] = {}

    def token(self, portal: Portal, scope: str, now: datetime) -> str:
        """An access token for one scope, from the cache or asked for now. Never inside a transaction.

        Raises:
            NoToken: with a stable reason code.
            PortalUnavailable: the portal does not answer.
        """
        connector = _Connector(portal, self._http.session, self._tool_keys, self._tokens, now)
        try:
            return connector.get_access_token([scope])
        except PortalUnavailable as unavailable:
            unavailable.at_token = True
            raise
        except LtiServiceException as err:
            raise _refused(err.response, now) from err
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as err:
            # The library takes the shape of a portal's answer for granted.
            raise NoToken("token_unreadable", NEEDS_A_PERSON) from err

    def call(
        self,
        portal: Portal,
        scope: str,
        method: str,
        url: str,
        now: datetime,
        *,
        headers: Mapping[str, str],
        data: bytes | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> requests.Response:
        """The answer of a service, whatever its status. Never inside a transaction.

        Raises:
            NoToken: with a stable reason code.
            PortalUnavailable: the portal does not answer.
        """
        answer = self._ask(portal, scope, method, url, now, headers, data, max_bytes)
        if answer.status_code == requests.codes.unauthorized:
            # Withdrawn before its time: ask for one new token, once.
            self._tokens.pop(_cache_key(portal, [scope]), None)
            answer = self._ask(portal, scope, method, url, now, headers, data, max_bytes)
        return answer

    def _ask(
        self,
        portal: Portal,
        scope: str,
        method: str,
        url: str,
        now: datetime,
        headers: Mapping[str, str],
        data: bytes | None,
        max_bytes: int,
    ) -> requests.Response:
        signed = {**headers, "Authorization": f"Bearer {self.token(portal, scope, now)}"}
        return self._http.session.request(method, url, data=data, headers=signed, max_bytes=max_bytes)


class _ToolRegistration(Registration):
    """The tool's side of a registration: the library would load a key from PEM for every signature."""

    kid = ""

    def get_kid(self) -> str:
        return self.kid


class _Connector(ServiceConnector):
    """The library's token request, with a cache that two clients of one issuer do not share."""

    def __init__(
        self,
        portal: Portal,
        session: requests.Session,
        tool_keys: ToolKeys,
        tokens: dict[tuple[str, ...], _AccessToken],
        now: datetime,
    ) -> None:
        registration = _ToolRegistration()
        super().__init__(registration_of(portal, registration), session)
        key = tool_keys.signing(now)
        registration.kid = key.kid
        registration.set_tool_private_key(key.private)  # type: ignore[arg-type]
        self._portal, self._tokens, self._now = portal, tokens, now

    def _scope_key(self, scopes: Any) -> Any:
        return _cache_key(self._portal, scopes)

    def _get_cached_access_token(self, scope_key: Any) -> str | None:
        token = self._tokens.get(scope_key)
        return token.value if token is not None and self._now < token.expires_at else None

    def _cache_access_token(self, scope_key: Any, access_token: Any, expires_in: Any) -> None:
        if not _BEARER.fullmatch(access_token):
            raise ValueError("not a bearer token (RFC 6750, section 2.1)")
        life = timedelta(seconds=min(max(float(expires_in), 0.0), LONGEST_WAIT.total_seconds()))
        self._tokens[scope_key] = _AccessToken(access_token, self._now + life - TOKEN_ENDS_EARLY)


def _cache_key(portal: Portal, scopes: list[str]) -> tuple[str, ...]:
    return (portal.issuer, portal.client_id, *sorted(scopes))


def _refused(answer: requests.Response, now: datetime) -> NoToken:
    if is_busy(answer):
        return NoToken("portal_busy", wait_of(answer, now))
    if answer.status_code == requests.codes.not_found and is_page(answer):
        # Moodle, when it cannot fetch our key set: 30 kB of HTML about fix_jwks_alg().
        return NoToken("portal_cannot_reach_our_keys", NEEDS_A_PERSON)
    said = _TOKEN_ERROR.search(answer.content)
    if said and said[1] in _NOT_GRANTED:
        return NoToken("scope_not_granted", NEEDS_A_PERSON)
    # Among these is a registration that nobody has activated yet (Moodle, after dynamic registration).
    return NoToken("token_unreadable" if answer.ok else "token_refused", NEEDS_A_PERSON)


def is_page(answer: requests.Response) -> bool:
    """By its look: Moodle labels JSON errors as text/html."""
    return answer.content.lstrip().startswith(b"<")


def is_busy(answer: requests.Response) -> bool:
    """Too many requests or a failing server, also in the words of any kind of portal that is known."""
    status = answer.status_code
    if status in _PASSING or status >= 500:
        return True
    known = (busy for quirks in all_quirks().values() for busy in quirks.busy_answers)
    return any(busy.fits(status, answer.content) for busy in known)


def wait_of(answer: requests.Response, now: datetime) -> timedelta | None:
    """Retry-After (RFC 9110, section 10.2.3) in seconds or as a date, at most a day; None when absent."""
    said = answer.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        wait = timedelta(seconds=min(int(said[:9]), LONGEST_WAIT.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
