"""The tool's own signing keys: made once, sealed at rest, loaded once, published, replaced with an overlap.

Key sets: RFC 7517, thumbprints: RFC 7638; https://www.imsglobal.org/spec/security/v1p0/#h_key-set-url
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]

from lti_tool.lti.id_token import ALGORITHM
from lti_tool.lti.shelves import KeyShelf, Sealing, StoredKey

KEY_BITS: Final = 3072
"""Good until well after 2030 (NCSC-NL, ICT-beveiligingsrichtlijnen voor TLS); LTI asks for RS256 only."""
PUBLIC_EXPONENT: Final = 65537
PUBLISHED_MAX_AGE: Final = timedelta(hours=1)
"""For how long portals may keep our key set (Cache-Control)."""
PUBLISHED_BEFORE_USE: Final = timedelta(hours=2)
"""A new key waits until every portal that asked an hour ago has asked again."""
PUBLISHED_AFTER_USE: Final = timedelta(hours=24)
"""What an old key signed may be looked at for a day: a deep linking page that stood open, a slow queue."""


class ToolKeyUnreadable(Exception):
    """A stored key cannot be opened with the encryption keys of this installation; the message is its kid."""


@dataclass(frozen=True)
class SigningKey:
    """The private half of a key, loaded, with its thumbprint (RFC 7638)."""

    kid: str
    private: RSAPrivateKey


@dataclass(frozen=True)
class _Loaded(SigningKey):
    public: dict[str, Any]
    signs_from: datetime
    gone_at: datetime | None

    def is_published(self, now: datetime) -> bool:
        return self.gone_at is None or now < self.gone_at


class ToolKeys:
    """Holds loaded keys: loading a private key from PEM costs 44 ms, so it happens once per process and key."""

    def __init__(self, seal: Sealing) -> None:
        self._seal = seal
        self._keys: tuple[_Loaded, ...] = ()

    @classmethod
    def load_or_make(cls, shelf: KeyShelf, seal: Sealing, now: datetime) -> ToolKeys:
        """Load all keys; make the first one at the first start. Call it inside a transaction that may write.

        Raises:
            ToolKeyUnreadable: the installation's encryption keys do not open a stored key.
        """
        keys = cls(seal)
        if not shelf.load_keys(for_update=True):
            shelf.add_key(_made(seal, now))
        keys.reload(shelf)
        return keys

    def reload(self, shelf: KeyShelf) -> None:
        """See what another process rotated; only new keys are opened. Call it inside a transaction.

        Raises:
            ToolKeyUnreadable
        """
        known = {key.kid: key for key in self._keys}
        self._keys = tuple(_open(stored, self._seal, known.get(stored.kid)) for stored in shelf.load_keys())

    def rotate(self, shelf: KeyShelf, now: datetime, *, at_once: bool = False) -> SigningKey:
        """Make the next key; it signs after `PUBLISHED_BEFORE_USE`, and the others stay published meanwhile.

        `at_once` is for a key that leaked: the new one signs from now on, and the others are gone now.
        Call it inside a transaction that may write.
        """
        signs_from = now if at_once else now + PUBLISHED_BEFORE_USE
        gone_at = now if at_once else signs_from + PUBLISHED_AFTER_USE
        for old in shelf.load_keys(for_update=True):
            if at_once or old.gone_at is None:
                shelf.retire_key(old.kid, gone_at)
        made = _made(self._seal, signs_from)
        shelf.add_key(made)
        self.reload(shelf)
        return next(key for key in self._keys if key.kid == made.kid)

    def signing(self, now: datetime) -> SigningKey:
        """The newest key whose moment has come; the first one, should a clock have been set back.

        Never one that is gone: a key may be replaced at once before its moment came.
        """
        published = [key for key in self._keys if key.is_published(now)]
        return [key for key in published if key.signs_from <= now or key is published[0]][-1]

    def jwks(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """The public halves, also of the next key and of the last one, so that keys overlap."""
        return {"keys": [key.public for key in self._keys if key.is_published(now)]}


def _made(seal: Sealing, signs_from: datetime) -> StoredKey:
    private = generate_private_key(PUBLIC_EXPONENT, KEY_BITS)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return StoredKey(JWK.from_pyca(private.public_key()).thumbprint(), seal.close(pem), signs_from)


def _open(stored: StoredKey, seal: Sealing, known: _Loaded | None) -> _Loaded:
    if known is not None:
        return _Loaded(known.kid, known.private, known.public, stored.signs_from, stored.gone_at)
    try:
        private = load_pem_private_key(seal.open(stored.private_pem_encrypted), password=None)
    except (InvalidToken, ValueError) as err:
        raise ToolKeyUnreadable(stored.kid) from err
    if not isinstance(private, RSAPrivateKey):
        raise ToolKeyUnreadable(stored.kid)
    public = JWK.from_pyca(private.public_key())
    kid = public.thumbprint()
    shown = {**public.export_public(as_dict=True), "alg": ALGORITHM, "kid": kid, "use": "sig"}
    return _Loaded(kid, private, shown, stored.signs_from, stored.gone_at)
