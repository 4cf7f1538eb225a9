"""What waits in the outbox leaves: statements to their LRS, 'klaar' to the portal."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from lti_tool.domain.people import Where
from lti_tool.lti.scores import Outcome, ScoreSender
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage.database import connection, engine, telling_busy, transaction
from lti_tool.storage.portals import Portal
from lti_tool.use_cases.lrs_access import LrsAccess
from xapi import outbox
from xapi.delivery import deliver_statements
from xapi.drain import Fate, Hold, Report, Verdict, drain
from xapi.outbox import Message

STATEMENT, COMPLETION = "statement", "completion"


class Deliver:
    """Empties the outbox; several workers may do this at once, the lease keeps them apart."""

    def __init__(self, lrs: LrsAccess, scores: ScoreSender) -> None:
        self._lrs = lrs
        self._scores = scores
        self._holder = secrets.token_hex(8)

    def everything_due(self, now: datetime) -> int:
        """Deliver once to every endpoint that has something waiting; returns how many messages left.

        Raises:
            DatabaseBusy: what was sent already is not forgotten; the rest waits for the next round.
        """
        with transaction(writes=False):
            statements = outbox.due_endpoints(connection(), STATEMENT, now)
            completions = outbox.due_endpoints(connection(), COMPLETION, now)
        sent = 0
        with telling_busy():
            for endpoint in statements:
                owner, _, stream = endpoint.partition("/")
                client = self._lrs.writer(owner, stream)
                sent += deliver_statements(engine(), endpoint, client, _clock, self._holder).sent
            for endpoint in completions:
                # One at a time: a portal takes one score in one request.
                outcome = drain(engine(), endpoint, COMPLETION, self._send, _clock, self._holder, batch_size=1)
                sent += outcome.sent
        return sent

    def _send(self, messages: Sequence[Message]) -> Report:
        message = messages[0]
        found = _addressee(message)
        if found is None:
            return Report({message.seq: Verdict(Fate.DEAD, "nobody to tell it about")})
        portal, line_item_url, sub, at = found
        outcome = self._scores.send_completion(portal, line_item_url, sub, at, datetime.now(UTC))
        return _report(message, outcome)


def _clock() -> datetime:
    return datetime.now(UTC)


def _addressee(message: Message) -> tuple[Portal, str, str, datetime] | None:
    """Portal, line item, the portal's id of the learner, and the moment to tell; None when any is gone.

    The message itself holds no id of the portal's, so that nothing personal lies in the outbox.
    """
    told = json.loads(message.body)
    where = Where(message.tenant_id, told["campaign"], told["participation"])
    with transaction(writes=False):
        participation = participation_rows.find_participation_by_place(where)
        if participation is None or participation.line_item_url is None:
            return None
        portal_id, sub = participation_rows.learner_sub(where.tenant_id, participation.learner_id)
        portal = portal_rows.find_portal_by_id(where.tenant_id, portal_id)
    if portal is None:
        return None
    return portal, participation.line_item_url, sub, datetime.fromisoformat(told["at"])


def _report(message: Message, outcome: Outcome) -> Report:
    if outcome.state == "sent":
        return Report({message.seq: Verdict(Fate.SENT)})
    if outcome.state == "dead":
        return Report({message.seq: Verdict(Fate.DEAD, outcome.reason)})
    wait = outcome.retry_after.total_seconds() if outcome.retry_after is not None else None
    return Report(hold=Hold(outcome.reason, wait))
