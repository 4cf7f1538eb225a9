"""The public keys of portals: fetched, cached, and fetched once more when a new key is named (RFC 7517).

https://www.imsglobal.org/spec/security/v1p0/#h_key-set-url
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from pydantic_core import from_json

from lti_tool.lti.errors import PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.id_token import ALGORITHM
from lti_tool.lti.shelves import CachedJwks, Portal

KEPT_FOR: Final = timedelta(hours=1)
"""How long a key that the portal withdrew may still be believed."""
NOT_AGAIN_WITHIN: Final = timedelta(seconds=10)
"""Made-up key ids must not turn this tool into a flood of requests at the portal."""
KEY_BITS: Final = range(2048, 8193)
"""NCSC-NL, ICT-beveiligingsrichtlijnen voor TLS, 2048 is the least; above 8192 checking takes too long."""
PUBLIC_EXPONENTS: Final = range(3, 2**32)

KEY_SETS_AT_HAND: Final = 64
"""Key sets that stay parsed in memory; each is at most 64 KB of text."""

KeySet = Mapping[str, RSAPublicKey]
"""Usable keys by kid, ready to check with."""

_NUMBER = re.compile(r"[A-Za-z0-9_-]+")


@lru_cache(maxsize=KEY_SETS_AT_HAND)
def read_key_set(body: str) -> KeySet:
    """The RS256 keys of a key set; keys of other kinds are left out, as RFC 7517 section 5 asks.

    The same text gives the same keys, so nothing is parsed again for each launch.

    Raises:
        PortalUnavailable: `portal_keys_unreadable`.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as err:
        raise PortalUnavailable("portal_keys_unreadable", "not JSON") from err
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list):
        raise PortalUnavailable("portal_keys_unreadable", "no list of keys")
    return dict(found for found in map(_usable, keys) if found is not None)


def kept_keys(cached: CachedJwks | None, kid: str, now: datetime) -> KeySet | None:
    """The cached keys when they are fresh and hold `kid`, or were fetched just now; None: ask the portal.

    Raises:
        PortalUnavailable: `portal_keys_unreadable`.
    """
    if cached is None:
        return None
    age = now - cached.fetched_at
    if not timedelta(0) <= age < KEPT_FOR:
        return None
    keys = read_key_set(cached.body)
    return keys if kid in keys or age < NOT_AGAIN_WITHIN else None


def fetch_keys(portal: Portal, http: Outgoing, now: datetime) -> tuple[KeySet, CachedJwks]:
    """The portal's keys, asked for now, and what is to be cached. It may wait: call it outside a transaction.

    Raises:
        PortalUnavailable: the keys could not be fetched or read.
    """
    fetched = CachedJwks(http.get_text(portal.jwks_url), now)
    return read_key_set(fetched.body), fetched


def _usable(key: Any) -> tuple[str, RSAPublicKey] | None:
    if not isinstance(key, dict) or key.get("kty") != "RSA":
        return None
    if key.get("use", "sig") != "sig" or key.get("alg", ALGORITHM) != ALGORITHM:
        return None
    kid, modulus, exponent = key.get("kid"), _number(key.get("n")), _number(key.get("e"))
    if not isinstance(kid, str) or modulus.bit_length() not in KEY_BITS or exponent not in PUBLIC_EXPONENTS:
        return None
    if modulus % 2 == 0 or exponent % 2 == 0:
        return None
    return kid, RSAPublicNumbers(exponent, modulus).public_key()


def _number(text: Any) -> int:
    """A Base64urlUInt (RFC 7518, section 2), or 0."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or len(text) % 4 == 1:
        return 0
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
