"""Seals what must not be read from a copy of the database (Fernet: AES-128-CBC with HMAC-SHA256)."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from lti_tool.domain.errors import PseudonymGone
from lti_tool.domain.people import Identity


class Seal:
    """The installation's encryption keys, newest first; a new key is used at once, older ones still open."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = MultiFernet([Fernet(key) for key in keys])

    def close(self, plain: bytes) -> bytes:
        return self._keys.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Raises InvalidToken when none of the keys fits."""
        return self._keys.decrypt(sealed)

    def close_identity(self, identity: Identity) -> tuple[bytes, bytes]:
        """Seal an identity with a fresh key of its own.

        Returns:
            (sealed identity, wrapped key): kept in two tables, so that destroying the key is enough to
            cut the link between a learner and their statements (requirements T7, D16).
        """
        key = Fernet.generate_key()
        plain = json.dumps([identity.pseudonym, identity.registration]).encode()
        return Fernet(key).encrypt(plain), self.close(key)

    def open_identity(self, sealed: bytes, wrapped_key: bytes | None) -> Identity:
        """Raises PseudonymGone when the key was destroyed or does not fit."""
        if wrapped_key is None:
            raise PseudonymGone
        try:
            return Identity(*json.loads(Fernet(self.open(wrapped_key)).decrypt(sealed)))
        except InvalidToken as err:
            raise PseudonymGone from err
