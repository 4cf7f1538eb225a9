"""Rows of what must still be erased at an LRS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from lti_tool.storage.database import ask, new_id
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import ErasureRow

_ERASURES = ErasureRow.__table__


@dataclass(frozen=True)
class Erasure:
    """One pseudonym of somebody who is gone; no other row leads to it or from it."""

    tenant_id: str
    id: str
    endpoint_id: str
    """At which LRS (`storage.endpoints`); empty: the built-in one."""
    pseudonym: str
    tries: int


def add_erasure(tenant_id: str, endpoint_id: str, pseudonym: str, seal: Seal, now: datetime) -> None:
    """Let a pseudonym be erased at one LRS as soon as possible."""
    sealed = seal.close(pseudonym.encode())
    row = {"tenant_id": tenant_id, "id": new_id(now), "endpoint_id": endpoint_id, "sealed_pseudonym": sealed}
    ask(_ERASURES.insert(), **row, due_at=now, tries=0, last_error="")


def is_any_due(now: datetime) -> bool:
    return ask(select(func.count()).where(_ERASURES.c.due_at <= now)).scalar_one() > 0


def claim_erasure(now: datetime, until: datetime, seal: Seal) -> Erasure | None:
    """The one that is due longest, kept from other workers until a moment."""
    oldest = select(_ERASURES).where(_ERASURES.c.due_at <= now).order_by(_ERASURES.c.due_at).limit(1)
    row = ask(oldest.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    _change(row.tenant_id, row.id, due_at=until)
    pseudonym = seal.open(row.sealed_pseudonym).decode()
    return Erasure(row.tenant_id, row.id, row.endpoint_id, pseudonym, row.tries)


def put_off(erasure: Erasure, until: datetime, reason: str) -> None:
    """Try again at a moment; `reason` is a code, without a value of anybody."""
    _change(erasure.tenant_id, erasure.id, due_at=until, tries=erasure.tries + 1, last_error=reason[:200])


def end_erasure(erasure: Erasure) -> None:
    """It is done: nothing is left that names the pseudonym."""
    ask(delete(_ERASURES).where(_ERASURES.c.tenant_id == erasure.tenant_id, _ERASURES.c.id == erasure.id))


def count_erasures_at(tenant_id: str, endpoint_id: str) -> int:
    """How many wait for one LRS."""
    c = _ERASURES.c
    which = (c.tenant_id == tenant_id, c.endpoint_id == endpoint_id)
    return ask(select(func.count()).where(*which)).scalar_one()


def end_erasures_at(tenant_id: str, endpoint_id: str) -> int:
    """Nothing can be erased at an LRS that is not there any more; returns how many waited."""
    where = (_ERASURES.c.tenant_id == tenant_id, _ERASURES.c.endpoint_id == endpoint_id)
    return ask(delete(_ERASURES).where(*where)).rowcount


def waiting_erasures(tenant_id: str) -> list[tuple[datetime, int, str]]:
    """(due at, tries, reason of the last one) of each that waits, for the operator."""
    c = _ERASURES.c
    found = ask(select(c.due_at, c.tries, c.last_error).where(c.tenant_id == tenant_id).order_by(c.due_at))
    return [(row.due_at, row.tries, row.last_error) for row in found]


def _change(tenant_id: str, erasure_id: str, **values: object) -> None:
    where = (_ERASURES.c.tenant_id == tenant_id, _ERASURES.c.id == erasure_id)
    ask(update(_ERASURES).where(*where).values(**values))
