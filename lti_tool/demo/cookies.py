"""A browser's cookie jar with third-party cookies blocked: only partitioned ones work inside a frame.

RFC 6265bis (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis) and CHIPS
(https://datatracker.ietf.org/doc/html/draft-cutler-httpbis-partitioned-cookies), as far as the demo needs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Setting:
    """Where a request happens: `top_site` is the site in the address bar."""

    top_site: str
    cross_site: bool
    """The page in the address bar, or the page that started the request, is of another site."""
    top_level: bool
    """Whether the answer will fill the whole window."""
    method: str = "GET"


@dataclass(frozen=True)
class Cookie:
    """One kept cookie; `partition` is the site it may be used under, None for everywhere."""

    name: str
    value: str
    host: str
    path: str
    secure: bool
    same_site: str
    partition: str | None
    expires: float | None


def site_of(url: str) -> str:
    """Scheme and host without the port: as far as the demo goes, every host is its own site."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"


class CookieJar:
    """Keeps and gives cookies as Chromium does with third-party cookies blocked."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str | None, str, str, str], Cookie] = {}

    def store(self, header: str, url: str, setting: Setting) -> bool:
        """Keep what a `Set-Cookie` header says; False when a browser would refuse it."""
        pair, *rest = header.split(";")
        name, _, value = (part.strip() for part in pair.partition("="))
        attributes = {k.strip().lower(): v.strip() for k, _, v in (part.partition("=") for part in rest)}
        parts = urlsplit(url)
        host = parts.hostname or ""
        partitioned = "partitioned" in attributes
        cookie = Cookie(
            name=name,
            value=value,
            host=host,
            path=attributes.get("path") or "/",
            secure="secure" in attributes,
            same_site=attributes.get("samesite", "lax").lower(),
            partition=setting.top_site if partitioned else None,
            expires=_expiry(attributes),
        )
        if not _acceptable(cookie, attributes, parts.scheme, setting):
            return False
        key = (cookie.partition, host, cookie.path, name)
        if cookie.expires is not None and cookie.expires <= time.time():
            self._cookies.pop(key, None)
        else:
            self._cookies[key] = cookie
        return True

    def header_for(self, url: str, setting: Setting) -> str:
        """The value of the `Cookie` header of a request; empty for none."""
        parts = urlsplit(url)
        fitting = [
            cookie
            for cookie in self._cookies.values()
            if cookie.host == parts.hostname
            and _path_matches(parts.path or "/", cookie.path)
            and (not cookie.secure or _is_secure(parts.scheme, cookie.host))
            and (cookie.expires is None or cookie.expires > time.time())
            and _goes_along(cookie, site_of(url), setting)
        ]
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting)


def _acceptable(cookie: Cookie, attributes: dict[str, str], scheme: str, setting: Setting) -> bool:
    secure_place = _is_secure(scheme, cookie.host)
    if attributes.get("domain", cookie.host).lstrip(".") != cookie.host:
        return False
    if cookie.secure and not secure_place:
        return False
    if cookie.name.startswith("__Host-") and not (
        cookie.secure and attributes.get("path") == "/" and "domain" not in attributes
    ):
        return False
    if (cookie.same_site == "none" or cookie.partition) and not cookie.secure:
        return False
    third_party = setting.top_site != site_of(f"{scheme}://{cookie.host}")
    if third_party:
        return cookie.partition is not None and cookie.same_site == "none"
    return cookie.same_site == "none" or not setting.cross_site or setting.top_level


def _goes_along(cookie: Cookie, site: str, setting: Setting) -> bool:
    if cookie.partition is not None and cookie.partition != setting.top_site:
        return False
    if cookie.partition is None and setting.top_site != site:
        return False
    if cookie.same_site == "none" or not setting.cross_site:
        return True
    return cookie.same_site == "lax" and setting.top_level and setting.method == "GET"


def _is_secure(scheme: str, host: str) -> bool:
    """Browsers trust this machine's own addresses without TLS."""
    return scheme == "https" or host in LOOPBACK


def _path_matches(path: str, cookie_path: str) -> bool:
    inside = cookie_path if cookie_path.endswith("/") else f"{cookie_path}/"
    return path == cookie_path or path.startswith(inside)


def _expiry(attributes: dict[str, str]) -> float | None:
    """Max-Age as a moment. Nobody in the demo sets Expires without Max-Age except to delete."""
    if "max-age" in attributes:
        return time.time() + int(attributes["max-age"])
    if "1970" in attributes.get("expires", ""):
        return 0.0
    return None
