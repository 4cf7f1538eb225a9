"""An LRS of a municipality's own: which stream goes there, who reads it, and what can be erased there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from lti_tool.domain.errors import EndpointRefused, EndpointUnknown

STREAMS: Final = ("operator", "group")
READERS: Final = ("operator", "employer")
ERASES: Final = ("lrsql", "void", "none")
"""How the statements about one person are erased there: by the SQL LRS of Yet Analytics, by voiding them (hidden,
not erased), or not at all. The built-in LRS erases in a way of its own (requirements, section 9)."""
AFTER_WIPING: Final = {"lrsql": "erased", "void": "hidden", "none": "kept"}
LONGEST_URL: Final = 2000


@dataclass(frozen=True)
class Secrets:
    """What opens an LRS."""

    password: str = field(repr=False)
    erase_username: str = ""
    """Of the administrator's account with which an SQL LRS erases."""
    erase_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class LrsEndpoint:
    """Where one stream of a municipality goes, instead of to the built-in LRS."""

    tenant_id: str
    id: str
    stream: str
    url: str
    """Address to which `/statements` is added."""
    username: str
    read_by: str
    """Who reads there: the operator alone, or the employer too."""
    erase: str
    added_at: datetime
    secrets: Secrets
    retired_at: datetime | None = None
    """Since when nothing goes there any more; what arrived before can still be erased."""


def check_endpoint(new: LrsEndpoint, others: Iterable[LrsEndpoint], *, allow_http: bool) -> None:
    """Whether statements may go there (requirements T2).

    Args:
        others: those of every municipality, because an LRS that one employer reads is no place for what only the
            operator may see of another.

    Raises:
        EndpointRefused: naming what and why.
    """
    for what, value, known in (
        ("stream", new.stream, STREAMS),
        ("read_by", new.read_by, READERS),
        ("erase", new.erase, ERASES),
    ):
        if value not in known:
            raise EndpointRefused(f"{what}: {value!r} is none of {', '.join(known)}")
    _check_url(new.url, allow_http=allow_http)
    if not new.username or not new.secrets.password:
        raise EndpointRefused("name or password: is missing")
    if new.erase == "lrsql" and not (new.secrets.erase_username and new.secrets.erase_password):
        raise EndpointRefused("erase: lrsql needs a name and password with which may be erased")
    if new.stream == "operator" and new.read_by == "employer":
        raise EndpointRefused(
            "read_by: an LRS that the employer reads gets figures about groups only; "
            "the operator stream tells about single people"
        )
    for other in others:
        if _betrays(new, other):
            told = new if new.stream == "operator" else other
            raise EndpointRefused(
                f"url: an employer reads this LRS, and {told.tenant_id}/{told.stream} is for the operator only; "
                "choose another LRS for one of them"
            )


def check_stream(stream: str) -> None:
    """Raises EndpointUnknown: there is no such stream."""
    if stream not in STREAMS:
        raise EndpointUnknown(f"{stream}: there is no such stream; there are {' and '.join(STREAMS)}")


def after_wiping(erases: Iterable[str]) -> str:
    """What becomes of somebody's statements in the place where least can be done: `erased`, `hidden`, `kept`."""
    fates = {AFTER_WIPING[erase] for erase in erases}
    return next((fate for fate in ("kept", "hidden") if fate in fates), "erased")


def _check_url(url: str, *, allow_http: bool) -> None:
    try:
        parts = urlsplit(url)
        good = parts.hostname and parts.port != 0 and not (parts.username or parts.query or parts.fragment)
    except ValueError:
        good = False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not good or not plain or parts.scheme not in ("http", "https"):
        raise EndpointRefused("url: is no http(s) address without name, password, ? and #")
    if parts.scheme == "http" and not allow_http:
        raise EndpointRefused("url: must be https; ALLOW_PRIVATE_PORTALS lets http in, for a server room")


def _betrays(one: LrsEndpoint, other: LrsEndpoint) -> bool:
    """Whether an employer would read at one of them what the other tells the operator only."""
    same_place = one.url == other.url and (one.tenant_id, one.stream) != (other.tenant_id, other.stream)
    return same_place and "employer" in (one.read_by, other.read_by) and "operator" in (one.stream, other.stream)
