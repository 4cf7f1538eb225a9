"""Rows of LRSs that municipalities have for themselves; what opens them is sealed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from lti_tool.domain.endpoints import LrsEndpoint, Secrets
from lti_tool.storage.database import db
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import EndpointRow


def save_endpoint(endpoint: LrsEndpoint, seal: Seal) -> None:
    """Add or change."""
    values: dict[str, Any] = asdict(endpoint)
    sealed = seal.close(json.dumps(values.pop("secrets")).encode())
    db.session.merge(EndpointRow(**values, sealed_secrets=sealed))


def endpoint_in_use(tenant_id: str, stream: str, seal: Seal) -> LrsEndpoint | None:
    """Where a stream goes now; None: to the built-in LRS."""
    query = select(EndpointRow).where(
        EndpointRow.tenant_id == tenant_id, EndpointRow.stream == stream, EndpointRow.retired_at.is_(None)
    )
    row = db.session.scalar(query)
    return _endpoint(row, seal) if row else None


def find_endpoint(tenant_id: str, endpoint_id: str, seal: Seal) -> LrsEndpoint | None:
    row = db.session.get(EndpointRow, (tenant_id, endpoint_id))
    return _endpoint(row, seal) if row else None


def endpoints(seal: Seal, tenant_id: str | None = None) -> list[LrsEndpoint]:
    """Those in use and those of before, of one municipality or of all, the oldest first."""
    query = select(EndpointRow).order_by(EndpointRow.tenant_id, EndpointRow.stream, EndpointRow.added_at)
    if tenant_id is not None:
        query = query.where(EndpointRow.tenant_id == tenant_id)
    return [_endpoint(row, seal) for row in db.session.scalars(query)]


def erases_at(tenant_id: str, stream: str) -> list[tuple[str, str]]:
    """(id, how it erases) of each LRS that has, or had, a stream of this municipality."""
    query = select(EndpointRow.id, EndpointRow.erase).where(
        EndpointRow.tenant_id == tenant_id, EndpointRow.stream == stream
    )
    return [(row.id, row.erase) for row in db.session.execute(query)]


def streams_elsewhere() -> tuple[str, ...]:
    """`municipality/stream` of each that does not go to the built-in LRS now."""
    query = select(EndpointRow.tenant_id, EndpointRow.stream).where(EndpointRow.retired_at.is_(None))
    return tuple(sorted(f"{row.tenant_id}/{row.stream}" for row in db.session.execute(query)))


def retire_endpoint(tenant_id: str, endpoint_id: str, now: datetime) -> None:
    """Nothing goes there any more."""
    db.session.get_one(EndpointRow, (tenant_id, endpoint_id)).retired_at = now


def remove_endpoint(tenant_id: str, endpoint_id: str) -> None:
    """Forget it, with what opened it."""
    where = (EndpointRow.tenant_id == tenant_id, EndpointRow.id == endpoint_id)
    db.session.execute(delete(EndpointRow).where(*where))


def _endpoint(row: EndpointRow, seal: Seal) -> LrsEndpoint:
    return LrsEndpoint(
        tenant_id=row.tenant_id,
        id=row.id,
        stream=row.stream,
        url=row.url,
        username=row.username,
        read_by=row.read_by,
        erase=row.erase,
        added_at=row.added_at,
        secrets=Secrets(**json.loads(seal.open(row.sealed_secrets))),
        retired_at=row.retired_at,
    )
