"""Requests to portals: with a time limit, a size limit and no redirects, to public addresses.

What a registration names is fetched by this server, so it must not lead inside the network (SSRF, OWASP ASVS
5.0 section 1.3.6): https only and no private address, unless the operator says that portals live there.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from lti_tool.lti.addresses import web_address
from lti_tool.lti.errors import PortalUnavailable

MAX_ANSWER_BYTES: Final = 64 * 1024
"""Unless the caller expects more."""
TIMEOUT_SECONDS: Final = (3.05, 5.0)
"""To connect (just over TCP's first retransmission), and between two pieces of the answer."""
MAX_ANSWER_SECONDS: Final = 10.0
"""For the whole body, against a server that drips."""
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses behind which a gateway puts any IPv4 address (RFC 6052)."""


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when an IPv6 address wraps an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            ip = inner
        elif ip in NAT64:
            return False
    return ip.is_global and not ip.is_multicast


class Outgoing:
    """Makes all requests to portals; one for the whole process.

    Args:
        version: of the tool, for the User-Agent (some portals refuse requests without one).
        allow_private: lets portals live on http and private addresses (`ALLOW_PRIVATE_PORTALS`).
    """

    def __init__(self, version: str, *, allow_private: bool) -> None:
        self.session = _CarefulSession(version, allow_private=allow_private)
        self._allow_private = allow_private

    def check(self, url: str) -> None:
        """Whether a registration may name this address; it is looked at again whenever it is asked.

        Raises:
            PortalUnavailable: `portal_address_refused`, or `portal_unreachable` when no such name is known.
        """
        if web_address(url) is None:
            raise PortalUnavailable("portal_address_refused", "no web address")
        if not self._allow_private:
            _check_public(url, _host(url))

    def get_text(self, url: str) -> str:
        """The body of a 200 answer.

        Raises:
            PortalUnavailable: with any of `PORTAL_REASONS`.
        """
        answer = self.session.get(url, headers={"Accept": "application/json"})
        if answer.status_code != requests.codes.ok:
            raise PortalUnavailable("portal_answer_refused", f"{_host(url)}: {answer.status_code}")
        return answer.content.decode("utf-8", "replace")


class _CarefulSession(requests.Session):
    """Can be handed to the library, which knows none of these limits itself."""

    def __init__(self, version: str, *, allow_private: bool) -> None:
        super().__init__()
        self._allow_private = allow_private
        self.trust_env = False  # no .netrc passwords and no proxy from the environment
        self.headers["User-Agent"] = f"Digivaardig/{version}"
        self.headers["Accept-Encoding"] = "identity"  # the size limit is one of what crosses the network
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if not allow_private:
            self.mount("https://", _PublicAdapter())

    def request(
        self,
        method: str | bytes,
        url: str | bytes,
        *args: Any,
        max_bytes: int = MAX_ANSWER_BYTES,
        **kwargs: Any,
    ) -> requests.Response:
        """As in requests, but every way in which it can go wrong is a PortalUnavailable."""
        address = str(url)
        host = _host(address)
        if not self._allow_private:
            _check_public(address, host)
        kwargs |= {"timeout": TIMEOUT_SECONDS, "allow_redirects": False, "stream": True}
        try:
            with super().request(method, address, *args, **kwargs) as answer:
                answer.raw = io.BytesIO(_read(answer, host, max_bytes))
                answer.content  # noqa: B018 - read now, so that the connection can be given back
        except (requests.RequestException, HTTPError, OSError, ValueError) as err:
            raise PortalUnavailable("portal_unreachable", f"{host}: {type(err).__name__}") from err
        if 300 <= answer.status_code < 400:
            raise PortalUnavailable("portal_redirects", f"{host}: {answer.status_code}")
        return answer


class _PublicConnection(HTTPSConnection):
    """Looks at whom it reached before a word is said: a name may resolve differently the second time."""

    def _new_conn(self) -> socket.socket:
        reached = super()._new_conn()
        address = reached.getpeername()[0]
        if not is_public_address(address):
            reached.close()
            raise PortalUnavailable("portal_address_refused", self.host)
        return reached


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


def _check_public(url: str, host: str) -> None:
    if not url.lower().startswith("https://"):
        raise PortalUnavailable("portal_address_refused", f"{host}: not https")
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, ValueError) as err:
        raise PortalUnavailable("portal_unreachable", f"{host}: name not found") from err
    if not all(map(is_public_address, found)):
        raise PortalUnavailable("portal_address_refused", host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _read(answer: requests.Response, host: str, max_bytes: int) -> bytes:
    """The body, as far as it fits.

    Raises:
        PortalUnavailable: `portal_answer_too_large`, or `portal_unreachable` when it takes too long.
    """
    body, until = bytearray(), time.monotonic() + MAX_ANSWER_SECONDS
    while piece := answer.raw.read1(MAX_ANSWER_BYTES):
        body += piece
        if len(body) > max_bytes:
            raise PortalUnavailable("portal_answer_too_large", host)
        if time.monotonic() > until:
            raise PortalUnavailable("portal_unreachable", f"{host}: too slow")
    return bytes(body)
