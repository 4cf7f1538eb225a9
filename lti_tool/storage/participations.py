"""Rows of learners and their participations."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select

from lti_tool.domain.errors import ParticipationGone
from lti_tool.domain.people import Identity, Participation, Where
from lti_tool.storage.database import ask, db, new_id
from lti_tool.storage.portal_tables import PortalRow
from lti_tool.storage.roles import GRANTED, in_order, roles_of
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import InspectionRow, LearnerRow, ParticipationKeyRow, ParticipationRow

# Asked at every launch, so they are made once.
_LEARNERS, _TAKING_PART = LearnerRow.__table__, ParticipationRow.__table__
_PORTAL_KEY = (("tenant_id", "tenant_id"), ("portal_id", "id"))
_WHO = ("tenant_id", "portal_id", "sub")
_LEARNER = (
    select(_LEARNERS.c.id, GRANTED.c.role)
    .outerjoin(GRANTED, and_(*(GRANTED.c[name] == _LEARNERS.c[name] for name in _WHO)))
    .where(*(_LEARNERS.c[name] == bindparam(name) for name in _WHO))
    .with_for_update(key_share=True, of=_LEARNERS)
)
_PORTAL = (
    select(PortalRow.__table__.c.id)
    .where(*(PortalRow.__table__.c[column] == bindparam(name) for name, column in _PORTAL_KEY))
    .with_for_update(key_share=True)
)
_NEW_LEARNER, _TAKES_PART = insert(_LEARNERS), insert(_TAKING_PART)
_KEY = insert(ParticipationKeyRow.__table__)
_PARTICIPATION = select(_TAKING_PART).where(
    *(_TAKING_PART.c[name] == bindparam(name) for name in ("tenant_id", "campaign_id", "learner_id", "preview"))
)


def find_or_add_learner(tenant_id: str, portal_id: str, sub: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The id of the learner that this portal calls `sub`, and the roles they hold; made at the first visit.

    A second launch of the same learner waits until the first one is remembered.
    """
    who = {"tenant_id": tenant_id, "portal_id": portal_id, "sub": sub}
    found = ask(_LEARNER, **who).all()
    if not found:
        # A learner who is not there yet cannot be locked; their portal can.
        ask(_PORTAL, tenant_id=tenant_id, portal_id=portal_id)
        found = ask(_LEARNER, **who).all()
    if found:
        return found[0].id, in_order(row.role for row in found)
    made = new_id(now)
    ask(_NEW_LEARNER, id=made, **who)
    return made, roles_of(**who)


def find_participation(
    tenant_id: str, campaign_id: str, learner_id: str, *, preview: bool
) -> Participation | None:
    row = ask(
        _PARTICIPATION, tenant_id=tenant_id, campaign_id=campaign_id, learner_id=learner_id, preview=preview
    ).one_or_none()
    return _participation(row) if row else None


def add_participation(participation: Participation, identity: Identity, seal: Seal) -> None:
    """Keep a new participation, its identity sealed with a key of its own."""
    sealed, wrapped = seal.close_identity(identity)
    ask(_TAKES_PART, **asdict(participation), sealed_identity=sealed)
    ask(_KEY, tenant_id=participation.tenant_id, participation_id=participation.id, wrapped_key=wrapped)


def load_participation(where: Where, *, for_update: bool = False) -> Participation:
    """The participation of a session; `for_update` makes a second writer of the same one wait.

    Raises:
        ParticipationGone: it was removed.
    """
    return _participation(_row(where, for_update=for_update))


def find_participation_by_place(where: Where) -> Participation | None:
    """The participation, or None when it was removed in the meantime."""
    row = db.session.get(ParticipationRow, (where.tenant_id, where.participation_id))
    return _participation(row) if row else None


def load_identity(where: Where, seal: Seal) -> Identity:
    """Raises PseudonymGone when its key was destroyed."""
    key = db.session.get(ParticipationKeyRow, (where.tenant_id, where.participation_id))
    return seal.open_identity(_row(where).sealed_identity, key.wrapped_key if key else None)


def save_participation(participation: Participation) -> None:
    """Write back what changed."""
    row = _row(participation.where)
    for name, value in asdict(participation).items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def remove_participation(where: Where) -> None:
    """Remove a participation with all that hangs on it; used to begin a preview afresh."""
    db.session.delete(_row(where))
    db.session.flush()


def participations(tenant_id: str, campaign_id: str) -> list[Participation]:
    """Those whom figures may count: everybody but previews."""
    query = select(ParticipationRow).where(
        ParticipationRow.tenant_id == tenant_id,
        ParticipationRow.campaign_id == campaign_id,
        ParticipationRow.preview.is_(False),
    )
    return [_participation(row) for row in db.session.scalars(query)]


def participation_ids(tenant_id: str, learner_id: str) -> list[str]:
    """The participations of one learner, in any campaign."""
    query = select(ParticipationRow.id).where(
        ParticipationRow.tenant_id == tenant_id, ParticipationRow.learner_id == learner_id
    )
    return list(db.session.scalars(query))


def participations_of_learner(tenant_id: str, learner_id: str) -> list[Participation]:
    """All of one learner, previews too, held until the end of the transaction: no other request changes them."""
    query = (
        select(ParticipationRow)
        .where(ParticipationRow.tenant_id == tenant_id, ParticipationRow.learner_id == learner_id)
        .order_by(ParticipationRow.id)
        .with_for_update()
    )
    return [_participation(row) for row in db.session.scalars(query)]


def lock_learner(tenant_id: str, learner_id: str) -> bool:
    """Let nobody enter as this learner until the end of the transaction; False: they are gone."""
    return db.session.get(LearnerRow, (tenant_id, learner_id), with_for_update=True) is not None


def remove_learner(tenant_id: str, learner_id: str) -> None:
    """Remove a learner with every participation, answer and training, and the keys that led to a pseudonym."""
    ids = select(ParticipationRow.id).where(
        ParticipationRow.tenant_id == tenant_id, ParticipationRow.learner_id == learner_id
    )
    for table, participation in (
        (InspectionRow, InspectionRow.participation_id),
        (ParticipationRow, ParticipationRow.id),
    ):
        db.session.execute(delete(table).where(table.tenant_id == tenant_id, participation.in_(ids)))
    db.session.execute(delete(LearnerRow).where(LearnerRow.tenant_id == tenant_id, LearnerRow.id == learner_id))


def learners_of(tenant_id: str, portal_id: str) -> dict[str, str]:
    """Participation id → learner id of everybody who came from one portal."""
    query = (
        select(ParticipationRow.id, ParticipationRow.learner_id)
        .join(
            LearnerRow,
            (LearnerRow.tenant_id == ParticipationRow.tenant_id) & (LearnerRow.id == ParticipationRow.learner_id),
        )
        .where(LearnerRow.tenant_id == tenant_id, LearnerRow.portal_id == portal_id)
    )
    return {row.id: row.learner_id for row in db.session.execute(query)}


def learner_sub(tenant_id: str, learner_id: str) -> tuple[str, str]:
    """(portal id, sub) of a learner, for the completion that goes to the portal."""
    row = db.session.get_one(LearnerRow, (tenant_id, learner_id))
    return row.portal_id, row.sub


def newest_line_item(tenant_id: str, portal_id: str) -> str | None:
    """Where 'klaar' can be told for whoever came last from a portal."""
    query = (
        select(ParticipationRow.line_item_url)
        .join(
            LearnerRow,
            (LearnerRow.tenant_id == ParticipationRow.tenant_id) & (LearnerRow.id == ParticipationRow.learner_id),
        )
        .where(
            ParticipationRow.tenant_id == tenant_id,
            LearnerRow.portal_id == portal_id,
            ParticipationRow.line_item_url.is_not(None),
        )
        .order_by(ParticipationRow.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def _row(where: Where, *, for_update: bool = False) -> ParticipationRow:
    row = db.session.get(
        ParticipationRow, (where.tenant_id, where.participation_id), with_for_update=for_update or None
    )
    if row is None or row.campaign_id != where.campaign_id:
        raise ParticipationGone
    return row


def _participation(row: Any) -> Participation:
    return Participation(
        tenant_id=row.tenant_id,
        id=row.id,
        campaign_id=row.campaign_id,
        learner_id=row.learner_id,
        preview=row.preview,
        team=row.team,
        language=row.language,
        first_launch_at=row.first_launch_at,
        acknowledged_at=row.acknowledged_at,
        skipped_at=row.skipped_at,
        done_at=row.done_at,
        line_item_url=row.line_item_url,
    )
