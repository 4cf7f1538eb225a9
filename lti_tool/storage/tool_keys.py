"""Rows of the tool's own signing keys, sealed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select, text

from lti_tool.storage.database import db
from lti_tool.storage.tables import ToolKeyRow


@dataclass(frozen=True)
class StoredKey:
    """A private key as kept: PEM, sealed with the installation's encryption keys."""

    kid: str
    private_pem_encrypted: bytes
    state: str
    """`active`, `next` or `retired`."""


def load_keys() -> list[StoredKey]:
    """All keys. Who asks meanwhile waits until this transaction ends: the first of several makes the key."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("lock table tool_key in share row exclusive mode"))
    rows = db.session.scalars(select(ToolKeyRow).order_by(ToolKeyRow.kid))
    return [StoredKey(row.kid, row.private_pem_encrypted, row.state) for row in rows]


def add_key(key: StoredKey) -> None:
    db.session.add(ToolKeyRow(**asdict(key)))
