"""The first step of a launch: from a portal's login request to its authentication request.

LTI security framework 1.0, sections 5.1.1.1 and 5.1.1.2:
https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from pylti1p3.cookie import CookieService
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from pylti1p3.request import Request
from pylti1p3.session import SessionService

from lti_tool.lti.registration import OnePortal
from lti_tool.lti.shelves import Portal

RANDOM_BYTES = 32
"""256 bits for state and nonce; the library's own are a version 4 UUID and, for the nonce, the host's MAC."""


@dataclass(frozen=True)
class StartedLogin:
    """Where to send the browser, and the two values by which its answer is known."""

    url: str
    state: str
    nonce: str


class Values(Request):
    """The parameters of one request."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def get_param(self, key: str) -> str:
        return self._values.get(key, "")


class NoCookies(CookieService):
    """The browser's cookie is the door's concern (`lti_tool.web`); the state only passes by here."""

    state = ""

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        self.state = name


class NoSession(SessionService):
    """Keeps nothing: state and nonce go into a one-time row, claims are never stored."""

    nonce = ""

    def save_nonce(self, nonce: str) -> None:
        self.nonce = nonce


class _Address(Redirect[str]):
    def __init__(self, url: str) -> None:
        self._url = url

    def do_redirect(self) -> str:
        return self._url


class _Login(OIDCLogin[Values, OnePortal, NoSession, NoCookies, str]):
    def get_redirect(self, url: str) -> Redirect[str]:
        return _Address(url)  # type: ignore[abstract]

    def _get_uuid(self) -> str:
        return secrets.token_urlsafe(RANDOM_BYTES)

    def _generate_nonce(self) -> str:
        return secrets.token_urlsafe(RANDOM_BYTES)


def start_login(portal: Portal, params: Mapping[str, str], launch_url: str) -> StartedLogin:
    """Make the authentication request; `params` are checked, with `iss` and `client_id` of this portal."""
    request, cookies = Values(params), NoCookies()  # type: ignore[abstract]
    session = NoSession(request)
    login = _Login(request, OnePortal(portal), session_service=session, cookie_service=cookies)  # type: ignore[abstract]
    return StartedLogin(login.redirect(launch_url), cookies.state, session.nonce)
