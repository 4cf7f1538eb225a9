"""An id_token as it arrives: three parts of base64url, opened but not yet believed (RFC 7515, section 5.2).

https://www.rfc-editor.org/rfc/rfc7515#section-5.2
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from lti_tool.lti.errors import LaunchRefused

MAX_TOKEN_CHARACTERS: Final = 64 * 1024
"""Moodle's tokens are about 4 KB; the largest seen elsewhere stay under 16."""
ALGORITHM: Final = "RS256"
"""The one algorithm of LTI (security framework, section 5.1.2); `none` and HS256 are attacks."""
MAX_KID_CHARACTERS: Final = 255

_PART = r"[A-Za-z0-9_-]+"
_TOKEN = re.compile(rf"({_PART})\.({_PART})\.({_PART})")


@dataclass(frozen=True)
class Envelope:
    """A token that can be read: the key it says it is signed with, and its claims."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]
    signature: bytes

    @property
    def kid(self) -> str:
        return str(self.header["kid"])

    @property
    def signed(self) -> bytes:
        """What the signature is over: header and claims as they arrived."""
        return self.text.rpartition(".")[0].encode()


def looks_like_a_token(text: str) -> bool:
    """Three parts of base64url and not too large: nothing in it can be anything but text."""
    return len(text) <= MAX_TOKEN_CHARACTERS and _TOKEN.fullmatch(text) is not None


def open_token(text: str) -> Envelope:
    """Read header and claims.

    Raises:
        LaunchRefused: `token_…`, `algorithm_refused` or `kid_missing`.
    """
    if not text:
        raise LaunchRefused("token_missing")
    if len(text) > MAX_TOKEN_CHARACTERS:
        raise LaunchRefused("token_too_large")
    parts = _TOKEN.fullmatch(text)
    if parts is None:
        raise LaunchRefused("token_malformed", "not three parts")
    header, claims = _json_object(_decoded(parts[1])), _json_object(_decoded(parts[2]))
    signature = _decoded(parts[3])
    if header.get("alg") != ALGORITHM:
        raise LaunchRefused("algorithm_refused")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_CHARACTERS:
        raise LaunchRefused("kid_missing")
    return Envelope(text, header, claims, signature)


def _decoded(part: str) -> bytes:
    """One token has one spelling: the spare bits of a part's last character are 0 (RFC 4648, section 3.5)."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as err:
        raise LaunchRefused("token_malformed", "not base64url") from err
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise LaunchRefused("token_malformed", "not base64url")
    return raw


def _json_object(raw: bytes) -> dict[str, Any]:
    # This reader, unlike the standard library's, refuses deep nesting, NaN and half surrogates as
    # ValueError; after it the others read the same bytes again without surprises.
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as err:
        raise LaunchRefused("token_malformed", "not JSON") from err
    if not isinstance(value, dict):
        raise LaunchRefused("token_malformed", "not a JSON object")
    json.loads(raw, object_pairs_hook=_check_names)
    return value


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    """Of a name that stands twice one reader takes the first and another the last (RFC 7519, section 4)."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise LaunchRefused("token_malformed", "a name stands twice")
