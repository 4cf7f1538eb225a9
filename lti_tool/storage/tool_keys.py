"""Rows of the tool's own signing keys, sealed."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

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
    rows = db.session.scalars(select(ToolKeyRow).order_by(ToolKeyRow.kid))
    return [StoredKey(row.kid, row.private_pem_encrypted, row.state) for row in rows]


def add_key(key: StoredKey) -> None:
    db.session.add(ToolKeyRow(**asdict(key)))
