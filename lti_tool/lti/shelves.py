"""What the protocol asks of storage: each shelf is a module of `lti_tool.storage`, or a fake in a test.

Every function is called inside a transaction that a use case opened; none of them commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from lti_tool.storage.logins import LoginRecord
from lti_tool.storage.portals import CachedJwks, Portal
from lti_tool.storage.tool_keys import StoredKey

__all__ = [
    "CachedJwks",
    "JwksShelf",
    "KeyShelf",
    "LoginRecord",
    "LoginShelf",
    "Portal",
    "PortalShelf",
    "Sealing",
    "StoredKey",
]


class PortalShelf(Protocol):
    """Registrations (`lti_tool.storage.portals`)."""

    def find_portal(self, issuer: str, client_id: str) -> Portal | None: ...

    def portals_of_issuer(self, issuer: str) -> list[Portal]: ...

    def save_portal(self, portal: Portal) -> None: ...


class JwksShelf(Protocol):
    """Key sets of portals as last fetched (`lti_tool.storage.portals`)."""

    def save_jwks(self, tenant_id: str, portal_id: str, jwks: CachedJwks) -> None: ...


class LoginShelf(Protocol):
    """Started logins (`lti_tool.storage.logins`)."""

    def add_login(self, record: LoginRecord) -> None: ...

    def find_login(self, state: str, now: datetime) -> LoginRecord | None:
        """The record of a login that is still open, left where it is."""

    def take_login(self, state: str, now: datetime) -> LoginRecord | None:
        """Give and delete in one statement; None when unknown, used or expired."""


class KeyShelf(Protocol):
    """The tool's own keys, sealed (`lti_tool.storage.tool_keys`)."""

    def load_keys(self, *, for_update: bool = False) -> list[StoredKey]: ...

    def add_key(self, key: StoredKey) -> None: ...

    def retire_key(self, kid: str, gone_at: datetime) -> None: ...


class Sealing(Protocol):
    """Encryption at rest (`lti_tool.storage.sealing.Seal`)."""

    def close(self, plain: bytes) -> bytes: ...

    def open(self, sealed: bytes) -> bytes:
        """Raises cryptography.fernet.InvalidToken when no key fits."""
