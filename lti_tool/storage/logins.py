"""One-time records of started OIDC logins (LTI Security Framework 1.0, section 5.1.1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete

from lti_tool.storage.database import ask, db
from lti_tool.storage.portal_tables import LoginRow


@dataclass(frozen=True)
class LoginRecord:
    """What a login was begun with; the launch that ends it must agree in every field."""

    state: str
    nonce: str
    tenant_id: str
    portal_id: str
    issuer: str
    client_id: str
    target_link_uri: str
    browser_proof_hash: str
    expires_at: datetime
    storage_target: str | None = None
    """Name of the frame in which the portal keeps values for us; None: it offers none."""


_LOGINS = LoginRow.__table__
_TAKE = delete(_LOGINS).where(_LOGINS.c.state == bindparam("state")).returning(*_LOGINS.c)


def add_login(record: LoginRecord) -> None:
    db.session.add(LoginRow(**asdict(record)))


def find_login(state: str, now: datetime) -> LoginRecord | None:
    """The record of a login that is still open, left where it is."""
    row = db.session.get(LoginRow, state)
    if row is None or row.expires_at <= now:
        return None
    return LoginRecord(**{name: getattr(row, name) for name in LoginRecord.__dataclass_fields__})


def take_login(state: str, now: datetime) -> LoginRecord | None:
    """Give the record and delete it in one statement, so that only one launch can have it.

    Returns:
        None when there is no such record, or it has expired (an expired one is deleted all the same).
    """
    row = ask(_TAKE, state=state).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return LoginRecord(**row._mapping)


def forget_expired_logins(now: datetime) -> int:
    """Delete what was never finished; returns how many."""
    return db.session.execute(delete(LoginRow).where(LoginRow.expires_at <= now)).rowcount
