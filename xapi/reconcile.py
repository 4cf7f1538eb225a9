"""Ask an LRS whether it still has what it took, because an LRS can lose what it stored.

Ids are asked for in two ways: first all that was stored since a moment, a page at a time; then one by one what was
not among it, because a voided statement is in no page, and one that was in doubt may have been stored long before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from xapi.client import LrsClient, LrsUnavailable


def missing_at(client: LrsClient, ids: Collection[str], since: datetime) -> set[str]:
    """Those of these statements that the LRS says it does not have.

    Args:
        since: from where to look through what is stored; only how fast this goes depends on it.

    Raises:
        LrsUnavailable: no answer, or none of an LRS; then nobody knows what is missing.
        LrsRefused: the LRS does not let us read.
    """
    wanted = set(ids)
    for statement in client.statements(since=since, ascending=True):
        wanted.discard(_id(statement))
        if not wanted:
            break
    return {statement_id for statement_id in wanted if not _has(client, statement_id)}


def _has(client: LrsClient, statement_id: str) -> bool:
    there = client.get_statement(statement_id)
    if there is not None and _id(there) != statement_id:
        raise LrsUnavailable("the answer is not the statement that was asked for")
    return there is not None


def _id(statement: dict[str, object]) -> str:
    return str(statement.get("id")).lower()
