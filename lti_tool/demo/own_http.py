"""HTTP to the demo's own programs on this machine: never by way of a proxy, never with kept cookies."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy

import requests

TIMEOUT_SECONDS = 30.0


def own_session() -> requests.Session:
    """A session that ignores the environment's proxies and leaves cookies to the caller."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def get(address: str) -> requests.Response:
    """One request, on a connection of its own."""
    with own_session() as session:
        return session.get(address, timeout=TIMEOUT_SECONDS)
