"""Web addresses as portals send them: compared by origin, and dropped when no browser may go there."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address with a host and without a user name in it, or None."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port != 0
    except ValueError:
        return None
    good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return parts if good and port_is_right else None


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port, for comparison (RFC 6454, section 4); None when there is no such thing."""
    parts = _split(url)
    if parts is None:
        return None
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, parts.hostname or "", port


def origins_of(*addresses: str | None) -> tuple[str, ...]:
    """Scheme and host of each address that a browser may go to, as text, each once."""
    return tuple(sorted({"/".join(a.split("/", 3)[:3]).lower() for a in addresses if a and web_address(a)}))


def web_address(url: str | None) -> str | None:
    """The address when a browser or this server may go there; `javascript:` and the like are dropped."""
    return url if url and _split(url) else None


def origin_text(url: str) -> str:
    """Scheme, host and port as they can stand in a header; empty when there is no such thing."""
    parts = _split(url)
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts else ""
