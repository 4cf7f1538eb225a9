"""Put a message in the outbox, in the transaction of the fact that it tells about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from xapi.outbox import WAITING, outbox


def put(
    connection: Connection,
    *,
    tenant_id: str,
    kind: str,
    stream: str,
    endpoint: str,
    message_id: str,
    body: str,
    pseudonym: str | None,
    due_at: datetime,
    now: datetime,
) -> bool:
    """Add one message; the caller's commit makes it count.

    Args:
        kind: `statement` or `completion`; each kind has a sender of its own.
        stream: `operator`, `group` or empty (a completion).
        endpoint: id of where it goes; one worker at a time delivers to an endpoint.
        message_id: fixed at birth, unique for tenant and endpoint; for a statement its id.
        body: the exact text that will be sent.
        pseudonym: whom it is about, so that a wipe can find it; None when it is about nobody.
        due_at: not sent before this moment (aware UTC).

    Returns:
        False when this message is already there, delivered or not: nothing was changed.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = connection.execute(
        insert(outbox)
        .values(
            tenant_id=tenant_id,
            kind=kind,
            stream=stream,
            endpoint=endpoint,
            message_id=message_id,
            pseudonym=pseudonym,
            body=body,
            state=WAITING,
            due_at=due_at,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "endpoint", "message_id"])
    )
    return added.rowcount == 1
