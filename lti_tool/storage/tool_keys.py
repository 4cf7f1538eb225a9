"""Rows of the tool's own signing keys, sealed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select, text, update

from lti_tool.storage.database import db
from lti_tool.storage.portal_tables import ToolKeyRow


@dataclass(frozen=True)
class StoredKey:
    """A private key as kept: PEM, sealed with the installation's encryption keys."""

    kid: str
    private_pem_encrypted: bytes
    signs_from: datetime
    """Of the keys whose moment has come the newest signs."""
    gone_at: datetime | None = None
    """From then on it is no longer published; None: nothing has taken its place."""


def load_keys(*, for_update: bool = False) -> list[StoredKey]:
    """All keys, in the order in which they sign.

    `for_update`: who asks so meanwhile waits until this transaction ends; the first of several makes the key.
    """
    if for_update and db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("lock table tool_key in share row exclusive mode"))
    rows = db.session.scalars(select(ToolKeyRow).order_by(ToolKeyRow.signs_from, ToolKeyRow.kid))
    return [StoredKey(row.kid, row.private_pem_encrypted, row.signs_from, row.gone_at) for row in rows]


def add_key(key: StoredKey) -> None:
    db.session.add(ToolKeyRow(**asdict(key)))


def retire_key(kid: str, gone_at: datetime) -> None:
    """Say until when a key is still published."""
    db.session.execute(update(ToolKeyRow).where(ToolKeyRow.kid == kid).values(gone_at=gone_at))


def forget_gone_keys(now: datetime) -> int:
    """Delete keys that are no longer published; returns how many."""
    return db.session.execute(delete(ToolKeyRow).where(ToolKeyRow.gone_at <= now)).rowcount
