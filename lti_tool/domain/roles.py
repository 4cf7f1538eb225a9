"""Roles of ours, which portals do not send: accepted by invitation, bound to a portal and its `sub`.

The table of what each may do now. No role ever gives one person's answers or result (requirements R26, R27,
R59, T4): coach, team leader and author give nothing of anybody's yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

ADMINISTRATOR: Final = "administrator"
COACH: Final = "coach"
TEAM_LEADER: Final = "team_leader"
PROJECT_LEADER: Final = "project_leader"
ANALYST: Final = "analyst"
AUTHOR: Final = "author"
ROLES: Final = (ADMINISTRATOR, PROJECT_LEADER, ANALYST, COACH, TEAM_LEADER, AUTHOR)

INVITED_BY_AN_ADMINISTRATOR: Final = tuple(role for role in ROLES if role != ADMINISTRATOR)
"""An administrator comes from the command line only, so that nobody in a browser makes another one."""
READERS_OF_FIGURES: Final = frozenset({ADMINISTRATOR, PROJECT_LEADER, ANALYST})

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a code can be read out (https://www.crockford.com/base32.html)."""
CODE_BITS: Final = 80
"""Nobody guesses it, and it fits on a card: four groups of four."""
_CODE_LETTERS: Final = CODE_BITS // 5
_LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True)
class Invitation:
    """An open invitation; its code is known to nobody but who was given it."""

    tenant_id: str
    code_hash: str
    role: str
    made_by: str
    """An operator, "command line", or the portal and number of an administrator; never a name from a portal."""
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class GrantedRole:
    """A role that somebody holds: whoever this portal calls `sub`."""

    tenant_id: str
    portal_id: str
    sub: str
    role: str
    granted_at: datetime


def may_administer(granted: Iterable[str]) -> bool:
    """Whether these roles open the pages of administration, of their own municipality only."""
    return ADMINISTRATOR in granted


def may_read_figures(granted: Iterable[str]) -> bool:
    """Whether these roles open the published figures of every campaign of their municipality."""
    return not READERS_OF_FIGURES.isdisjoint(granted)


def written_code(number: int) -> str:
    """A number of `CODE_BITS` bits as people write it: four groups of four letters and digits."""
    letters = "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(_CODE_LETTERS)))
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LETTERS, 4))


def read_code(text: str) -> str | None:
    """The code that somebody typed, as `written_code` gives it; None: it cannot be one."""
    letters = text.strip().upper().translate(_LOOK_ALIKES)
    if len(letters) != _CODE_LETTERS or not set(letters) <= set(LETTERS):
        return None
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LETTERS, 4))
