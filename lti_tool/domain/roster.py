"""What follows from a course's list of participants: who loses their session, and when it is read again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ACTIVE: Final = "Active"

READ_AGAIN: Final = timedelta(hours=6)
"""After a reading, while somebody of that portal has a session here."""
TRY_AGAIN: Final = timedelta(hours=1)
"""After a reading that failed, unless the portal asks for another wait."""
SHORTEST_WAIT: Final = timedelta(minutes=1)
KEPT_UNREAD: Final = timedelta(days=30)
"""A list that was not read for so long says nothing any more, and is forgotten."""


@dataclass(frozen=True)
class Member:
    """Somebody on a list: all that is kept of them."""

    sub: str
    status: str
    """`Active`, `Inactive` or `Deleted`."""
    roles: tuple[str, ...]
    """Short names of roles in the course, sorted."""


def may_have_left(before: Collection[str], now: Collection[Member]) -> frozenset[str]:
    """Who were on this list or are on it, and are not active on it now.

    Another list of the same portal may still have them. Somebody who was on neither is not among them.
    """
    named = {member.sub for member in now}
    active = {member.sub for member in now if member.status == ACTIVE}
    return frozenset(named.union(before) - active)


def due_after_launch(read_at: datetime | None, now: datetime) -> datetime:
    """When a list of which no reading is planned is read: at once, but not within six hours of the last time."""
    return now if read_at is None else max(now, read_at + READ_AGAIN)


def due_after_failure(asked: timedelta | None, now: datetime) -> datetime:
    """`asked` is the wait that the portal asked for."""
    return now + max(TRY_AGAIN if asked is None else asked, SHORTEST_WAIT)
