"""Access tokens for the tool's services: private_key_jwt against the tool's key set.

LTI Security Framework 1.0, section 4.1 (securing web services) and RFC 7523:
https://www.imsglobal.org/spec/security/v1p0/#securing_web_services
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 3600
MAX_KEY_SET_BYTES = 64 * 1024
MAX_ASSERTION_LIFE = timedelta(hours=1)
FETCH_TIMEOUT_SECONDS = 5.0


class TokenRefused(Exception):
    """The request for a token is not good; `error` is the OAuth 2.0 error code (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class AccessToken:
    """A bearer token for one client, with the scopes it was given."""

    value: str
    client_id: str
    scopes: frozenset[str]
    expires_at: datetime


class Once:
    """Values that may come only once while they are good; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], datetime] = {}

    def is_first(self, client_id: str, value: str, expires: int, now: datetime) -> bool:
        with self._lock:
            self._used = {k: until for k, until in self._used.items() if until > now}
            if (client_id, value) in self._used:
                return False
            self._used[(client_id, value)] = datetime.fromtimestamp(expires, now.tzinfo)
            return True


class TokenDesk:
    """Checks assertions and hands out tokens; keeps used `jti`s and the tool's keys in memory."""

    def __init__(
        self,
        *,
        token_url: str,
        scopes_of: Callable[[str], frozenset[str] | None],
        fetch_keys: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._token_url = token_url
        self._scopes_of = scopes_of
        self._fetch_keys = fetch_keys
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._jtis = Once()
        self._tokens: dict[str, AccessToken] = {}

    def issue(self, form: Mapping[str, str], now: datetime) -> AccessToken:
        """A token for the scopes asked.

        Raises:
            TokenRefused: with the OAuth error code.
        """
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", "client_assertion_type is not jwt-bearer")
        claims = self._checked_assertion(form.get("client_assertion", ""))
        client_id = str(claims["iss"])
        granted = self._scopes_of(client_id)
        if granted is None:
            raise TokenRefused("invalid_client", "iss and sub must be the client_id")
        asked = frozenset(form.get("scope", "").split())
        if not asked or not asked <= granted:
            raise TokenRefused("invalid_scope", "a scope that this client was not given")
        if not self._jtis.is_first(client_id, str(claims["jti"]), int(claims["exp"]), now):
            raise TokenRefused("invalid_client", "jti was used before")
        token = AccessToken(
            value=secrets.token_urlsafe(32),
            client_id=client_id,
            scopes=asked,
            expires_at=now + timedelta(seconds=LIFETIME_SECONDS),
        )
        with self._lock:
            self._tokens = {k: t for k, t in self._tokens.items() if t.expires_at > now}
            self._tokens[token.value] = token
        return token

    def find(self, value: str, now: datetime) -> AccessToken | None:
        """The live token with this value."""
        with self._lock:
            token = self._tokens.get(value)
        return token if token is not None and token.expires_at > now else None

    def _checked_assertion(self, assertion: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(assertion).get("kid", "")
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self.key_of_tool(str(kid)),
                algorithms=["RS256"],
                audience=self._token_url,
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )
        except jwt.InvalidTokenError as err:
            raise TokenRefused("invalid_client", f"assertion: {type(err).__name__}") from err
        if claims["iss"] != claims["sub"]:
            raise TokenRefused("invalid_client", "iss and sub must be the client_id")
        if int(claims["exp"]) - int(claims["iat"]) > MAX_ASSERTION_LIFE.total_seconds():
            raise TokenRefused("invalid_client", "assertion lives too long")
        return claims

    def key_of_tool(self, kid: str) -> jwt.PyJWK:
        """The tool's key, fetched again when the `kid` is new (key rotation).

        Raises:
            TokenRefused: the key set cannot be read, or has no such key.
        """
        if kid not in self._keys:
            try:
                keys = jwt.PyJWKSet.from_dict(dict(self._fetch_keys())).keys
            except (OSError, ValueError, http.client.HTTPException, jwt.PyJWTError) as err:
                raise TokenRefused("invalid_client", "the tool's key set cannot be read") from err
            self._keys = {str(key.key_id): key for key in keys}
        if kid not in self._keys:
            raise TokenRefused("invalid_client", "kid is not in the tool's key set")
        return self._keys[kid]


def fetch_json(url: str) -> Mapping[str, Any]:
    """GET a JSON object, no redirects, at most 64 KB.

    Raises:
        OSError: unreachable, or a status other than 200.
        ValueError: no JSON object, or too large.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=FETCH_TIMEOUT_SECONDS)
    try:
        connection.request("GET", parts.path or "/", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(MAX_KEY_SET_BYTES + 1)
    finally:
        connection.close()
    if answer.status != 200:
        raise OSError(f"status {answer.status}")
    if len(body) > MAX_KEY_SET_BYTES:
        raise ValueError("too large")
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value
