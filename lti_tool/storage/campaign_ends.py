"""Rows of campaigns that end: first the keys go, some months later the answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, delete, exists, or_, select, true, update

from lti_tool.domain.errors import PseudonymGone
from lti_tool.storage.attempts import profile_of
from lti_tool.storage.database import db
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import (
    AnswerRow,
    AttemptRow,
    CampaignRow,
    ParticipationKeyRow,
    ParticipationRow,
    TrainingRow,
)

MOMENTS = {
    ParticipationRow: ("first_launch_at", "acknowledged_at", "skipped_at", "done_at"),
    AttemptRow: ("begun_at", "finished_at"),
    TrainingRow: ("opened_at", "finished_at"),
}
"""Of a fact that a statement tells too, to the millisecond; only their day is kept."""


@dataclass(frozen=True)
class Ended:
    """A campaign that is over."""

    tenant_id: str
    campaign_id: str


def over(before: date) -> list[Ended]:
    """Campaigns whose last day lies before another one and that nobody has closed yet."""
    query = select(CampaignRow.tenant_id, CampaignRow.id).where(
        CampaignRow.ends_on < before, CampaignRow.closed_at.is_(None)
    )
    return [Ended(*row) for row in db.session.execute(query)]


def closed_with_answers() -> list[Ended]:
    """Campaigns that were closed and whose answers are there."""
    query = select(CampaignRow.tenant_id, CampaignRow.id).where(
        CampaignRow.closed_at.is_not(None), CampaignRow.emptied_at.is_(None)
    )
    return [Ended(*row) for row in db.session.execute(query)]


def close(ended: Ended, ends_on: date, now: datetime) -> bool:
    """Close a campaign; False: its last day was changed meanwhile, or another worker closed it."""
    c = CampaignRow
    which = (
        c.tenant_id == ended.tenant_id,
        c.id == ended.campaign_id,
        c.ends_on == ends_on,
        c.closed_at.is_(None),
    )
    return bool(db.session.execute(update(c).where(*which).values(closed_at=now)).rowcount)


def begin_emptying(ended: Ended, now: datetime) -> None:
    """From here on no figures are made of its answers."""
    which = (CampaignRow.tenant_id == ended.tenant_id, CampaignRow.id == ended.campaign_id)
    db.session.execute(update(CampaignRow).where(*which).values(emptied_at=now))


def is_emptied(tenant_id: str, campaign_id: str) -> bool:
    """Whether its answers are gone, or going."""
    row = db.session.get(CampaignRow, (tenant_id, campaign_id))
    return row is not None and row.emptied_at is not None


def keys_of_learner(tenant_id: str, learner_id: str) -> list[tuple[date, bool]]:
    """For each campaign that writes statements: its last day, and whether the learner still has a key there."""
    p, key = ParticipationRow, ParticipationKeyRow
    query = (
        _in_campaign(select(CampaignRow.ends_on, key.participation_id))
        .outerjoin(key, and_(key.tenant_id == p.tenant_id, key.participation_id == p.id))
        .where(
            p.tenant_id == tenant_id,
            p.learner_id == learner_id,
            p.preview.is_(False),
            CampaignRow.purpose == "organisation",
        )
    )
    return [(ends_on, found is not None) for ends_on, found in db.session.execute(query)]


def with_keys() -> list[Ended]:
    """Closed campaigns in which a key is left: those just closed, or that somebody entered after their end."""
    query = _keys(select(CampaignRow.tenant_id, CampaignRow.id), true()).distinct()
    return [Ended(*row) for row in db.session.execute(query)]


def take_keys(ended: Ended, seal: Seal, limit: int) -> list[str] | None:
    """Destroy some keys of a closed campaign.

    Participations that another request holds are left for the next time; whoever comes later waits for us.

    Returns:
        The pseudonyms to which they led; None when there was no key that could be taken.
    """
    query = _keys(
        select(ParticipationRow.id, ParticipationRow.sealed_identity, ParticipationKeyRow.wrapped_key),
        and_(CampaignRow.tenant_id == ended.tenant_id, CampaignRow.id == ended.campaign_id),
    )
    found = db.session.execute(_held(query, limit)).all()
    if not found:
        return None
    ids = [row.id for row in found]
    key = ParticipationKeyRow
    db.session.execute(delete(key).where(key.tenant_id == ended.tenant_id, key.participation_id.in_(ids)))
    pseudonyms = []
    for row in found:
        try:
            pseudonyms.append(seal.open_identity(row.sealed_identity, row.wrapped_key).pseudonym)
        except PseudonymGone:
            # The installation lost the key that wrapped this one: nobody can tell which statements these were.
            continue
    return pseudonyms


def is_key_left(ended: Ended) -> bool:
    which = and_(CampaignRow.tenant_id == ended.tenant_id, CampaignRow.id == ended.campaign_id)
    return db.session.execute(_keys(select(ParticipationRow.id), which).limit(1)).first() is not None


def with_answers_to_remove() -> list[Ended]:
    """Campaigns that are being emptied and in which somebody still has answers."""
    query = _full(select(CampaignRow.tenant_id, CampaignRow.id), true()).distinct()
    return [Ended(*row) for row in db.session.execute(query)]


def is_anything_left(ended: Ended) -> bool:
    which = and_(CampaignRow.tenant_id == ended.tenant_id, CampaignRow.id == ended.campaign_id)
    return db.session.execute(_full(select(ParticipationRow.id), which).limit(1)).first() is not None


def remove_answers(ended: Ended, limit: int, now: datetime) -> int:
    """Remove the answers of some participations; levels with their day and ids of items stay.

    Returns:
        Of how many; 0 when there was none that no other request holds.
    """
    which = and_(CampaignRow.tenant_id == ended.tenant_id, CampaignRow.id == ended.campaign_id)
    participations = list(db.session.scalars(_held(_full(select(ParticipationRow), which), limit)))
    ids = [row.id for row in participations]
    attempts = _of(AttemptRow, ended.tenant_id, ids)
    trainings = _of(TrainingRow, ended.tenant_id, ids)
    answer = AnswerRow
    for attempt in attempts:
        theirs = (answer.tenant_id == ended.tenant_id, answer.attempt_id == attempt.id)
        attempt.seen = sorted({*(attempt.seen or ()), *db.session.scalars(select(answer.item_id).where(*theirs))})
        db.session.execute(delete(answer).where(*theirs))
        if attempt.profile is not None:
            attempt.profile = [asdict(result.level_only()) for result in profile_of(attempt)]
    for training in trainings:
        training.checks = {}
    for row in (*participations, *attempts, *trainings):
        for name in MOMENTS[type(row)]:
            setattr(row, name, _day(getattr(row, name)))
    for participation in participations:
        participation.emptied_at = now
    return len(ids)


def _held(query: Select[Any], limit: int) -> Select[Any]:
    """Some participations that nobody else holds; and the campaign, so that one worker at a time ends it."""
    held = (ParticipationRow, CampaignRow)
    return (
        query.order_by(ParticipationRow.id).limit(limit).with_for_update(key_share=True, of=held, skip_locked=True)
    )


def _keys(asked: Select[Any], which: ColumnElement[bool]) -> Select[Any]:
    key, participation = ParticipationKeyRow, ParticipationRow
    return (
        _in_campaign(asked)
        .join(key, and_(key.tenant_id == participation.tenant_id, key.participation_id == participation.id))
        .where(CampaignRow.closed_at.is_not(None), which)
    )


def _full(asked: Select[Any], which: ColumnElement[bool]) -> Select[Any]:
    """Participations not emptied, or in which somebody answered a question of a training since then."""
    participation, training = ParticipationRow, TrainingRow
    answered = exists().where(
        training.tenant_id == participation.tenant_id,
        training.participation_id == participation.id,
        cast(training.checks, Text) != "{}",
    )
    return _in_campaign(asked).where(
        CampaignRow.emptied_at.is_not(None), which, or_(participation.emptied_at.is_(None), answered)
    )


def _in_campaign(asked: Select[Any]) -> Select[Any]:
    campaign, participation = CampaignRow, ParticipationRow
    return asked.select_from(campaign).join(
        participation,
        and_(participation.tenant_id == campaign.tenant_id, participation.campaign_id == campaign.id),
    )


def _of(table: Any, tenant_id: str, participation_ids: list[str]) -> list[Any]:
    query = select(table).where(table.tenant_id == tenant_id, table.participation_id.in_(participation_ids))
    return list(db.session.scalars(query))


def _day(moment: datetime | None) -> datetime | None:
    return None if moment is None else datetime.combine(moment.date(), time(), moment.tzinfo)
