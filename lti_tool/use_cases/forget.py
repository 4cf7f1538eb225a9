"""Somebody wipes their data: one transaction here, and then, until it is proven, at the LRS (requirements 9)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from lti_tool.domain.endpoints import LrsEndpoint, after_wiping
from lti_tool.domain.errors import ParticipationGone
from lti_tool.domain.people import Where
from lti_tool.recording import OPERATOR_STREAM, Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import endpoints as endpoint_rows
from lti_tool.storage import erasures as erasure_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import roles as role_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.database import connection, transaction
from lti_tool.storage.erasures import Erasure
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.erasing import Erased, erase
from lti_tool.use_cases.lrs_access import LrsAccess
from xapi import outbox
from xapi.client import LrsRefused, LrsUnavailable
from xapi.drain import LEASE_SECONDS

WIPED: Final = "data wiped"
ERASED: Final = "erased at the LRS"
BUILT_IN: Final = ""
"""The id of the built-in LRS among the places where must be erased."""
CLAIMED: Final = timedelta(minutes=2)
"""Before another worker takes over what a dead one left."""
AGAIN: Final = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long to wait after the first failure, the second, …; the last one for good: an erasure is never given up."""

log = structlog.get_logger()


@dataclass(frozen=True)
class WipePage:
    """What somebody must know before they wipe their data."""

    writes_results: bool
    """Whether anything about them was ever written under a code, or counted."""
    at_the_lrs: str
    """What becomes of that where least can be done: `erased`, `hidden` (voided) or `kept`."""
    until: date | None
    """Until when what stands under a code can be found: the first last day of a campaign; None: nothing can."""
    is_lost: bool
    """Whether they took part in a campaign that is over, of which nobody can find what stands under a code."""
    roster: bool
    """Whether the municipality asks the portal who is in the course; that list is not wiped."""
    holds_role: bool
    """Whether they hold a role of ours; that stays until somebody ends it."""
    privacy: str
    """Whom to ask."""


class Forget:
    """Wiping, and the erasing at the LRS that follows from it."""

    def __init__(self, pen: Pen, seal: Seal, lrs: LrsAccess) -> None:
        self._pen = pen
        self._seal = seal
        self._lrs = lrs
        self._holder = secrets.token_hex(8)

    def page(self, where: Where) -> WipePage:
        """What goes and what stays."""
        with transaction(writes=False):
            participation = participation_rows.load_participation(where)
            tenant = tenant_rows.load_tenant(where.tenant_id)
            roles = role_rows.roles_of_learner(where.tenant_id, participation.learner_id)
            places = endpoint_rows.erases_at(where.tenant_id, OPERATOR_STREAM)
            keys = end_rows.keys_of_learner(where.tenant_id, participation.learner_id)
        return WipePage(
            writes_results=bool(keys),
            at_the_lrs=after_wiping(erase for _, erase in places),
            until=min((ends_on for ends_on, is_there in keys if is_there), default=None),
            is_lost=not all(is_there for _, is_there in keys),
            roster=tenant.roster,
            holds_role=bool(roles),
            privacy=tenant.contacts.privacy,
        )

    def wipe(self, where: Where, now: datetime) -> None:
        """Wipe all that is kept about a learner, in every campaign; whoever comes back begins anew.

        Raises:
            ParticipationGone: it was wiped already.
        """
        with transaction():
            participation = participation_rows.load_participation(where)
            tenant_id, learner_id = where.tenant_id, participation.learner_id
            # First the learner, then what hangs on them: in the order in which a launch takes them.
            if not participation_rows.lock_learner(tenant_id, learner_id):
                raise ParticipationGone
            places = endpoint_rows.erases_at(tenant_id, OPERATOR_STREAM)
            can_erase = [endpoint_id for endpoint_id, erase in places if erase != "none"]
            for theirs in participation_rows.participations_of_learner(tenant_id, learner_id):
                pseudonym = self._pen.unwrite(theirs)
                if pseudonym is not None:
                    for endpoint_id in (BUILT_IN, *can_erase):
                        erasure_rows.add_erasure(tenant_id, endpoint_id, pseudonym, self._seal, now)
            participation_rows.remove_learner(tenant_id, learner_id)
            session_rows.end_sessions(tenant_id, [learner_id])
            audit_rows.write_audit(tenant_id, "a learner", WIPED, now)

    def erase_next(self, now: datetime) -> bool:
        """Erase at the LRS what is due longest, and prove it; returns whether anything was done.

        Under the lease of the LRS, as a delivery: no batch from before the wipe arrives after it.
        """
        with transaction(writes=False):
            if not erasure_rows.is_any_due(now):
                return False
        with transaction():
            erasure = erasure_rows.claim_erasure(now, now + CLAIMED, self._seal)
            if erasure is None:
                return False
            endpoint = f"{erasure.tenant_id}/{OPERATOR_STREAM}"
            if outbox.claim_lease(connection(), endpoint, self._holder, now, LEASE_SECONDS) is None:
                erasure_rows.put_off(erasure, now + AGAIN[0], "lrs_in_use")
                return False
        erased, reason = self._erase(erasure, now)
        with transaction():
            outbox.release_lease(connection(), endpoint, self._holder)
            if erased is None:
                wait = AGAIN[min(erasure.tries, len(AGAIN) - 1)]
                erasure_rows.put_off(erasure, now + wait, reason)
            else:
                erasure_rows.end_erasure(erasure)
                proof = f"{erased.place}: {erased.count} statements {erased.word}; asked again, 0 are left"
                audit_rows.write_audit(erasure.tenant_id, "worker", ERASED, now, proof)
        log.info("erased" if not reason else "erasing_failed", endpoint=endpoint, reason=reason)
        return not reason

    def _erase(self, erasure: Erasure, now: datetime) -> tuple[Erased | None, str]:
        """What was erased, or why it was not."""
        try:
            with transaction(writes=False):
                place = self._place(erasure)
            if place is None and erasure.endpoint_id != BUILT_IN:
                return None, "endpoint_gone"  # forgotten since this was claimed: there is nothing to prove
            erased = erase(erasure, place, self._lrs, self._pen, now)
        except LrsUnavailable:
            return None, "lrs_unavailable"
        except LrsRefused as refused:
            return None, f"lrs_refused_{refused.status}"
        return (None, "still_there") if erased.left else (erased, "")

    def _place(self, erasure: Erasure) -> LrsEndpoint | None:
        if erasure.endpoint_id == BUILT_IN:
            return None
        return endpoint_rows.find_endpoint(erasure.tenant_id, erasure.endpoint_id, self._seal)
