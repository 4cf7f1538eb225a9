"""Rows of assessment attempts and their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.domain.calibration import FinishedAnswer
from lti_tool.domain.errors import ItemAlreadyAnswered
from lti_tool.domain.people import Attempt, DomainResult, GivenAnswer, Where
from lti_tool.storage.database import db, new_id
from lti_tool.storage.tables import AnswerRow, AttemptRow, ParticipationRow

READ_AT_ONCE = 1000
"""Rows in memory where many are gone through."""


def begin_attempt(
    where: Where,
    *,
    number: int,
    bank_version: str,
    package_sha256: str,
    excluded: Iterable[str],
    now: datetime,
) -> Attempt:
    row = AttemptRow(
        tenant_id=where.tenant_id,
        id=new_id(now),
        participation_id=where.participation_id,
        number=number,
        bank_version=bank_version,
        package_sha256=package_sha256,
        excluded=sorted(excluded),
        begun_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return _attempt(row, ())


def attempts(where: Where, *, answers: bool = True) -> list[Attempt]:
    """All sittings of a participation, oldest first, with their answers in order."""
    query = (
        select(AttemptRow)
        .where(AttemptRow.tenant_id == where.tenant_id, AttemptRow.participation_id == where.participation_id)
        .order_by(AttemptRow.number)
    )
    rows = list(db.session.scalars(query))
    given = _answers(where.tenant_id, [row.id for row in rows]) if answers and rows else {}
    return [_attempt(row, given.get(row.id, ())) for row in rows]


def add_answer(attempt: Attempt, answer: GivenAnswer) -> None:
    """Keep one answer.

    Raises:
        ItemAlreadyAnswered: this position, or this item, has its answer.
    """
    db.session.add(
        AnswerRow(
            tenant_id=attempt.tenant_id,
            attempt_id=attempt.id,
            position=answer.position,
            item_id=answer.item_id,
            item_version=answer.item_version,
            response={"choice": list(answer.choice), "text": answer.text, "dont_know": answer.dont_know},
            right=answer.right,
            reason=answer.reason,
            p_success=answer.p_success,
        )
    )
    try:
        db.session.flush()
    except IntegrityError as err:
        raise ItemAlreadyAnswered from err


def finish_attempt(attempt: Attempt, profile: Iterable[DomainResult], by: str, now: datetime) -> None:
    """Close a sitting and keep the profile as evidence."""
    row = db.session.get_one(AttemptRow, (attempt.tenant_id, attempt.id))
    row.finished_at, row.finished_by = now, by
    row.profile = [asdict(result) for result in profile]


def items_seen(tenant_id: str, learner_id: str) -> frozenset[str]:
    """Ids of the items that a learner met in any campaign, so that a later assessment asks others."""
    answered = select(AnswerRow.item_id).join(
        AttemptRow,
        (AttemptRow.tenant_id == AnswerRow.tenant_id) & (AttemptRow.id == AnswerRow.attempt_id),
    )
    kept = select(AttemptRow.seen).where(AttemptRow.seen.is_not(None))
    still, before = (
        db.session.scalars(
            query.join(
                ParticipationRow,
                (ParticipationRow.tenant_id == AttemptRow.tenant_id)
                & (ParticipationRow.id == AttemptRow.participation_id),
            ).where(ParticipationRow.tenant_id == tenant_id, ParticipationRow.learner_id == learner_id)
        )
        for query in (answered, kept)
    )
    return frozenset(still).union(*(ids or () for ids in before))


def finished_attempts(tenant_id: str, campaign_id: str) -> dict[str, list[Attempt]]:
    """Participation id → its finished sittings without answers, previews left out; for figures."""
    query = (
        select(AttemptRow)
        .join(
            ParticipationRow,
            (ParticipationRow.tenant_id == AttemptRow.tenant_id)
            & (ParticipationRow.id == AttemptRow.participation_id),
        )
        .where(
            AttemptRow.tenant_id == tenant_id,
            ParticipationRow.campaign_id == campaign_id,
            ParticipationRow.preview.is_(False),
            AttemptRow.finished_at.is_not(None),
        )
        .order_by(AttemptRow.participation_id, AttemptRow.number)
    )
    found: dict[str, list[Attempt]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.participation_id].append(_attempt(row, ()))
    return dict(found)


def with_answers(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The same sittings of one municipality with their answers."""
    found = list(attempts)
    given: dict[str, tuple[GivenAnswer, ...]] = {}
    for first in range(0, len(found), READ_AT_ONCE):
        some = found[first : first + READ_AT_ONCE]
        given |= _answers(some[0].tenant_id, [attempt.id for attempt in some])
    return [replace(attempt, answers=given.get(attempt.id, ())) for attempt in found]


def finished_answers(
    tenant_id: str, campaign_id: str, package_id: str, until: datetime
) -> Iterator[FinishedAnswer]:
    """The answers of sittings that had ended by then, previews left out; read while it is gone through.

    Oldest sitting first, its answers in the order in which they were given.
    """
    query = (
        select(
            ParticipationRow.learner_id,
            AttemptRow.id,
            AttemptRow.begun_at,
            AttemptRow.finished_at,
            AnswerRow.item_id,
            AnswerRow.item_version,
            AnswerRow.right,
        )
        .join(
            AttemptRow,
            (AttemptRow.tenant_id == ParticipationRow.tenant_id)
            & (AttemptRow.participation_id == ParticipationRow.id),
        )
        .join(AnswerRow, (AnswerRow.tenant_id == AttemptRow.tenant_id) & (AnswerRow.attempt_id == AttemptRow.id))
        .where(
            ParticipationRow.tenant_id == tenant_id,
            ParticipationRow.campaign_id == campaign_id,
            ParticipationRow.preview.is_(False),
            AttemptRow.finished_at <= until,
            AttemptRow.bank_version.startswith(f"{package_id}@", autoescape=True),
        )
        .order_by(AttemptRow.finished_at, AttemptRow.id, AnswerRow.position)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    for row in db.session.execute(query):
        yield FinishedAnswer(*row)


def profile_of(row: AttemptRow) -> tuple[DomainResult, ...]:
    """The results that were kept."""
    return tuple(_result(result) for result in row.profile or ())


def _answers(tenant_id: str, attempt_ids: list[str]) -> dict[str, tuple[GivenAnswer, ...]]:
    query = (
        select(AnswerRow)
        .where(AnswerRow.tenant_id == tenant_id, AnswerRow.attempt_id.in_(attempt_ids))
        .order_by(AnswerRow.attempt_id, AnswerRow.position)
    )
    found: dict[str, list[GivenAnswer]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.attempt_id].append(
            GivenAnswer(
                position=row.position,
                item_id=row.item_id,
                item_version=row.item_version,
                choice=tuple(row.response["choice"]),
                text=row.response["text"],
                dont_know=row.response["dont_know"],
                right=row.right,
                reason=row.reason,
                p_success=row.p_success,
            )
        )
    return {attempt_id: tuple(answers) for attempt_id, answers in found.items()}


def _attempt(row: AttemptRow, answers: tuple[GivenAnswer, ...]) -> Attempt:
    return Attempt(
        tenant_id=row.tenant_id,
        id=row.id,
        participation_id=row.participation_id,
        number=row.number,
        bank_version=row.bank_version,
        package_sha256=row.package_sha256,
        excluded=frozenset(row.excluded),
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        finished_by=row.finished_by,
        profile=profile_of(row),
        answers=answers,
        emptied=row.seen is not None,
    )


_RESULT_FIELDS = frozenset(field.name for field in fields(DomainResult))


def _result(kept: dict[str, Any]) -> DomainResult:
    """What an earlier version kept too, and this one does not know, is left where it is."""
    between = kept["between"]
    return DomainResult(
        **{
            **{name: value for name, value in kept.items() if name in _RESULT_FIELDS},
            "between": (between[0], between[1]) if between else None,
            "shares": tuple(kept["shares"]),
            "gains": tuple((tag, gain) for tag, gain in kept["gains"]),
        }
    )
