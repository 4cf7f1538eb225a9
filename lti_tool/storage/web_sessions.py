"""Rows of browser sessions; the cookie itself is never stored, only its hash."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lti_tool.storage.database import ask, db, transaction
from lti_tool.storage.tables import LearnerRow, WebSessionRow

_SESSIONS = WebSessionRow.__table__
_LIVE = select(_SESSIONS.c.data).where(
    _SESSIONS.c.id_hash == bindparam("id_hash"), _SESSIONS.c.expires_at > bindparam("now")
)
_DELETE = delete(_SESSIONS).where(_SESSIONS.c.id_hash == bindparam("id_hash"))


def _upsert(dialect: Any) -> Any:
    insert = dialect.insert(_SESSIONS)
    others = {column.name: insert.excluded[column.name] for column in _SESSIONS.c if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=["id_hash"], set_=others)


_ADD = {"postgresql": _upsert(postgresql), "sqlite": _upsert(sqlite)}
_SAVE = (
    update(_SESSIONS)
    .where(_SESSIONS.c.id_hash == bindparam("of"))
    .values({column.name: bindparam(column.name) for column in _SESSIONS.c if not column.primary_key})
)


def load_session(id_hash: str, now: datetime) -> dict[str, Any] | None:
    """The data of a live session, in a short transaction of its own."""
    with transaction(writes=False):
        data = ask(_LIVE, id_hash=id_hash, now=now).scalar()
        return dict(data) if data is not None else None


def add_session(id_hash: str, data: dict[str, Any], expires_at: datetime) -> None:
    """A new session (a login comes twice under one id), in a short transaction of its own.

    `tenant_id` and `learner_id` in it say whose it is. What a power cut takes back costs its owner a new launch.
    """
    with transaction(durable=False):
        begin_session(id_hash, data, expires_at)


def begin_session(
    id_hash: str, data: dict[str, Any], expires_at: datetime, *, in_place_of: str | None = None
) -> None:
    """The same in the transaction of a launch, which ends the session that the browser had before."""
    ask(_ADD[db.engine.dialect.name], id_hash=id_hash, **_values(data, expires_at))
    if in_place_of is not None:
        ask(_DELETE, id_hash=in_place_of)


def save_session(id_hash: str, data: dict[str, Any], expires_at: datetime) -> bool:
    """Change a session; False: it was ended meanwhile, and stays so. In a short transaction of its own."""
    with transaction(durable=False):
        return ask(_SAVE, of=id_hash, **_values(data, expires_at)).rowcount > 0


def delete_session(id_hash: str) -> bool:
    """End a session; returns whether it was there."""
    with transaction():
        return ask(_DELETE, id_hash=id_hash).rowcount > 0


def _values(data: dict[str, Any], expires_at: datetime) -> dict[str, Any]:
    return {"data": data, "expires_at": expires_at, **{n: data.get(n) for n in ("tenant_id", "learner_id")}}


def forget_expired_sessions(now: datetime) -> int:
    """Delete sessions past their end; returns how many."""
    return db.session.execute(delete(WebSessionRow).where(WebSessionRow.expires_at <= now)).rowcount


def people_of_portal(tenant_id: str, portal_id: str, now: datetime) -> dict[str, str]:
    """The portal's id → our id of everybody from there who has a live session."""
    query = (
        select(LearnerRow.sub, LearnerRow.id)
        .distinct()
        .join(
            WebSessionRow,
            (WebSessionRow.tenant_id == LearnerRow.tenant_id) & (WebSessionRow.learner_id == LearnerRow.id),
        )
        .where(
            LearnerRow.tenant_id == tenant_id, LearnerRow.portal_id == portal_id, WebSessionRow.expires_at > now
        )
    )
    return {row.sub: row.id for row in db.session.execute(query)}


def end_sessions(tenant_id: str, learner_ids: Collection[str]) -> int:
    """Delete every session of these learners; returns how many there were."""
    query = delete(WebSessionRow).where(
        WebSessionRow.tenant_id == tenant_id, WebSessionRow.learner_id.in_(learner_ids)
    )
    return db.session.execute(query).rowcount


def end_sessions_of_portal(tenant_id: str, portal_id: str) -> int:
    """Delete the sessions of everybody who came from a portal; returns how many."""
    learners = select(LearnerRow.id).where(LearnerRow.tenant_id == tenant_id, LearnerRow.portal_id == portal_id)
    query = delete(WebSessionRow).where(
        WebSessionRow.tenant_id == tenant_id, WebSessionRow.learner_id.in_(learners)
    )
    return db.session.execute(query).rowcount
