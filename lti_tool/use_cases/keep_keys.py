"""The tool's signing keys while it runs: shown to portals, looked at again, replaced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lti_tool.lti.keys import SigningKey, ToolKeys
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tool_keys as key_rows
from lti_tool.storage.database import transaction


class KeepKeys:
    """Every process holds the keys; each must hear of a new one before it signs."""

    def __init__(self, keys: ToolKeys) -> None:
        self._keys = keys

    def published(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """The key set as portals may see it, with a key that another process made."""
        self.refresh()
        return self._keys.jwks(now)

    def refresh(self) -> None:
        """Look whether another process rotated. Raises ToolKeyUnreadable."""
        with transaction(writes=False):
            self._keys.reload(key_rows)

    def rotate(self, by: str, now: datetime, *, at_once: bool = False) -> SigningKey:
        """Make the next key (see `ToolKeys.rotate`), and forget those that are no longer published."""
        with transaction():
            key_rows.forget_gone_keys(now)
            made = self._keys.rotate(key_rows, now, at_once=at_once)
            audit_rows.write_audit("", by, "signing key rotated", now, f"kid {made.kid}")
        return made
