"""What waits in the outbox leaves: statements to their LRS, 'klaar' to the portal."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lti_tool.domain.people import Where
from lti_tool.lti.scores import Outcome, ScoreSender
from lti_tool.recording import COMPLETION, STATEMENT, completion_endpoint, completion_id
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage.database import connection, engine, telling_busy, transaction
from lti_tool.storage.portals import Portal
from lti_tool.use_cases.lrs_access import LrsAccess
from xapi import outbox, outbox_care
from xapi.delivery import deliver_statements
from xapi.drain import LEASE_SECONDS, Fate, Hold, Report, Verdict, drain
from xapi.outbox import Message
from xapi.outbox_care import Kept

TRIES = 20
"""So often one completion may fail while others arrive: about an hour and a half."""


@dataclass(frozen=True)
class _Told:
    """Whom a completion is about, where it goes, and the moment to tell."""

    portal: Portal
    line_item_url: str
    sub: str
    at: datetime
    is_there: bool
    """The portal has this same completion, or a later one: of another campaign, with the same activity."""


class Deliver:
    """Empties the outbox; several workers may do this at once, the lease keeps them apart."""

    def __init__(self, lrs: LrsAccess, scores: ScoreSender, *, lease_seconds: float = LEASE_SECONDS) -> None:
        """`lease_seconds`: so long the endpoint of a worker that died waits for the next one."""
        self._lrs = lrs
        self._scores = scores
        self._lease_seconds = lease_seconds
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
                sent += deliver_statements(
                    engine(), endpoint, client, _clock, self._holder, lease_seconds=self._lease_seconds
                ).sent
            for endpoint in completions:
                # One at a time: a portal takes one score in one request.
                sent += drain(
                    engine(),
                    endpoint,
                    COMPLETION,
                    self._send,
                    _clock,
                    self._holder,
                    batch_size=1,
                    lease_seconds=self._lease_seconds,
                    tries=TRIES,
                ).sent
        return sent

    def _send(self, messages: Sequence[Message]) -> Report:
        (message,) = messages
        told = _told(message)
        if told is None:
            return Report({message.seq: Verdict(Fate.DEAD, "nobody_left")})
        if told.is_there:
            return Report({message.seq: Verdict(Fate.SENT)})
        now = datetime.now(UTC)
        outcome = self._scores.send_completion(told.portal, told.line_item_url, told.sub, told.at, now)
        return _report(message, outcome)


def _clock() -> datetime:
    return datetime.now(UTC)


def _told(message: Message) -> _Told | None:
    """What a message says; None when learner or portal is gone.

    The message itself holds no id that the portal has for a person, so that nothing personal lies in the outbox.
    """
    said = json.loads(message.body)
    where = Where(message.tenant_id, said["campaign"], said["participation"])
    at = datetime.fromisoformat(said["at"])
    with transaction(writes=False):
        participation = participation_rows.find_participation_by_place(where)
        if participation is None:
            return None
        portal_id, sub = participation_rows.learner_sub(where.tenant_id, participation.learner_id)
        portal = portal_rows.find_portal_by_id(where.tenant_id, portal_id)
        if portal is None:
            return None
        # Moments of one learner in one place only go up: portals refuse what is not later than what they have.
        # One worker at a time sends to a portal, so this cannot change before the message is sent.
        ids = [
            completion_id(other, said["line_item"])
            for other in participation_rows.participation_ids(where.tenant_id, participation.learner_id)
        ]
        others = outbox_care.find(
            connection(), where.tenant_id, completion_endpoint(where.tenant_id, portal_id), ids
        )
    sent = [other for other in others if other.state == outbox.SENT]
    return _Told(portal, said["line_item"], sub, at, any(_moment(other) >= at for other in sent))


def _moment(sent: Kept) -> datetime:
    """What the portal was told; when the body was dropped since then: not later than this."""
    return datetime.fromisoformat(json.loads(sent.body)["at"]) if sent.body else sent.sent_at or sent.due_at


def _report(message: Message, outcome: Outcome) -> Report:
    fates = {"sent": Fate.SENT, "dead": Fate.DEAD, "doubtful": Fate.FAILED}
    if outcome.state in fates:
        reason = "" if outcome.state == "sent" else outcome.reason
        return Report({message.seq: Verdict(fates[outcome.state], reason)})
    wait = outcome.retry_after.total_seconds() if outcome.retry_after is not None else None
    return Report(hold=Hold(outcome.reason, wait, paused=outcome.state == "blocked"))
