"""The tool's own signing keys: made once, sealed at rest, loaded once, published (RFC 7517, RFC 7638).

https://www.imsglobal.org/spec/security/v1p0/#h_key-set-url
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
ACTIVE: Final = "active"


class ToolKeyUnreadable(Exception):
    """A stored key cannot be opened with the encryption keys of this installation; the message is its kid."""


@dataclass(frozen=True)
class _Loaded:
    kid: str
    state: str
    private: RSAPrivateKey
    public: dict[str, Any]


class ToolKeys:
    """Holds loaded keys: loading a private key from PEM costs 44 ms, so it happens once per process."""

    def __init__(self, keys: Sequence[_Loaded]) -> None:
        self._active = next(key for key in keys if key.state == ACTIVE)
        self._jwks = {"keys": [key.public for key in keys]}

    @classmethod
    def load_or_make(cls, shelf: KeyShelf, seal: Sealing) -> ToolKeys:
        """Load all keys; make the first one at the first start. Call it inside a transaction that may write.

        Two processes that start for the first time at the same moment could each make a key; let one
        command do it before the workers start.

        Raises:
            ToolKeyUnreadable: the installation's encryption keys do not open a stored key.
        """
        keys = [_open(stored, seal) for stored in shelf.load_keys()]
        if not any(key.state == ACTIVE for key in keys):
            made = _loaded(generate_private_key(PUBLIC_EXPONENT, KEY_BITS), ACTIVE)
            pem = made.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            shelf.add_key(StoredKey(made.kid, seal.close(pem), ACTIVE))
            keys.append(made)
        return cls(keys)

    @property
    def kid(self) -> str:
        """Thumbprint (RFC 7638) of the key that signs."""
        return self._active.kid

    @property
    def private_key(self) -> RSAPrivateKey:
        """The key that signs."""
        return self._active.private

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves of all keys, also of the next and the retired ones, so that keys can overlap."""
        return self._jwks


def _open(stored: StoredKey, seal: Sealing) -> _Loaded:
    try:
        private = load_pem_private_key(seal.open(stored.private_pem_encrypted), password=None)
    except (InvalidToken, ValueError) as err:
        raise ToolKeyUnreadable(stored.kid) from err
    if not isinstance(private, RSAPrivateKey):
        raise ToolKeyUnreadable(stored.kid)
    return _loaded(private, stored.state)


def _loaded(private: RSAPrivateKey, state: str) -> _Loaded:
    public = JWK.from_pyca(private.public_key())
    kid = public.thumbprint()
    shown = {**public.export_public(as_dict=True), "alg": ALGORITHM, "kid": kid, "use": "sig"}
    return _Loaded(kid, state, private, shown)
