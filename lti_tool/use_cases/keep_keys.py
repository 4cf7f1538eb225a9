"""The tool's signing keys while it runs: shown to portals, looked at again, replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from lti_tool.lti.keys import ToolKeys
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tool_keys as key_rows
from lti_tool.storage.database import transaction

LOOK_AGAIN = timedelta(minutes=10)
"""A process hears of a rotation within this time, long before the new key signs."""


@dataclass(frozen=True)
class KeyStanding:
    """What one key does now."""

    kid: str
    state: Literal["next", "signs", "published"]
    """`published`: it has signed, and what it signed may still be checked."""
    signs_from: datetime
    gone_at: datetime | None
    """From then on it is no longer published; None: nothing has taken its place."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation did."""

    kid: str
    """Of the new key."""
    signs_from: datetime
    old_gone_at: datetime
    """Until when the one before it is still published."""


class KeepKeys:
    """Every process holds the keys; each must hear of a new one before it signs."""

    def __init__(self, keys: ToolKeys) -> None:
        self._keys = keys
        self._looked_at: datetime | None = None

    def published(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """The key set as portals may see it, with a key that another process made."""
        self.refresh()
        return self._keys.jwks(now)

    def refresh(self) -> None:
        """Look whether another process rotated. Raises ToolKeyUnreadable."""
        with transaction(writes=False):
            self._keys.reload(key_rows)

    def look_again(self, now: datetime) -> None:
        """`refresh`, unless that was a moment ago: for a process that signs and is not asked for its keys."""
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
            self.refresh()
            self._looked_at = now

    def standings(self, now: datetime) -> tuple[KeyStanding, ...]:
        """The keys that are published now, in the order in which they sign."""
        with transaction(writes=False):
            self._keys.reload(key_rows)
            stored = key_rows.load_keys()
        signing = self._keys.signing(now)
        return tuple(
            KeyStanding(
                key.kid,
                "signs" if key.kid == signing.kid else "next" if key.signs_from > now else "published",
                key.signs_from,
                key.gone_at,
            )
            for key in stored
            if key.gone_at is None or now < key.gone_at
        )

    def rotate(self, by: str, now: datetime, *, at_once: bool = False) -> Rotation:
        """Make the next key (see `ToolKeys.rotate`), and forget those that are no longer published."""
        with transaction():
            key_rows.forget_gone_keys(now)
            made = self._keys.rotate(key_rows, now, at_once=at_once)
            stored = {key.kid: key for key in key_rows.load_keys()}
            what = "signing key replaced at once" if at_once else "signing key rotated"
            audit_rows.write_audit("", by, what, now, f"kid {made.kid}")
        gone = [key.gone_at for key in stored.values() if key.kid != made.kid and key.gone_at is not None]
        return Rotation(made.kid, stored[made.kid].signs_from, max(gone))
