"""The portal's own signing key, made at start (JWK: RFC 7517, thumbprint: RFC 7638)."""

from __future__ import annotations

from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwcrypto import jwk

ALGORITHM = "RS256"
KEY_BITS = 2048


class PortalKey:
    """An RSA key pair that lives as long as the process."""

    def __init__(self) -> None:
        key = jwk.JWK.generate(kty="RSA", size=KEY_BITS)
        self.kid: str = key.thumbprint()
        self._public: dict[str, Any] = key.export_public(as_dict=True)
        private = load_pem_private_key(key.export_to_pem(private_key=True, password=None), password=None)
        assert isinstance(private, RSAPrivateKey)  # noqa: S101 - generated as RSA two lines up
        self._private = private

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public key set, in the shape that Moodle's certs.php gives."""
        return {"keys": [{**self._public, "alg": ALGORITHM, "kid": self.kid, "use": "sig"}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 token with this key's `kid` in its header."""
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self.kid})


@cache
def key_of_this_process() -> PortalKey:
    """Made when a portal first asks for it, as that takes a while."""
    return PortalKey()
