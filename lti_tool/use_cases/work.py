"""The worker's round: deliver what is due, read a list, publish figures when due, end what is over."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime, timedelta

import structlog

from lti_tool.domain.roster import KEPT_UNREAD
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import logins as login_rows
from lti_tool.storage import registration_links as link_rows
from lti_tool.storage import roles as role_rows
from lti_tool.storage import rosters as roster_rows
from lti_tool.storage import web_sessions as session_rows
from lti_tool.storage.database import DatabaseBusy, connection, transaction
from lti_tool.use_cases.close_campaigns import CloseCampaigns
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.forget import Forget
from lti_tool.use_cases.keep_keys import KeepKeys
from lti_tool.use_cases.publish_figures import PublishFigures
from lti_tool.use_cases.read_rosters import ReadRosters
from xapi import outbox_care

PAUSE_SECONDS = 0.5
"""Between two rounds; a fact reaches the LRS within about this time."""

TIDY_EVERY = timedelta(minutes=10)
REFUSALS_KEPT = timedelta(days=90)
"""How long the helpdesk can find a refused launch by its code."""
KEEP_SENT_DAYS = 30
BODIES_AT_ONCE = 500
"""In one transaction: some milliseconds, so that on SQLite no learner waits for it."""
MOST_PORTIONS = 20
"""Each time it tidies; the rest is for the next time, so that delivery goes on."""

log = structlog.get_logger()


class Work:
    """One worker; several may run, the lease of each endpoint keeps them apart."""

    def __init__(
        self,
        deliver: Deliver,
        figures: PublishFigures,
        keys: KeepKeys,
        rosters: ReadRosters,
        forget: Forget,
        ends: CloseCampaigns,
        *,
        figures_every_minutes: int,
        keep_sent_days: int = KEEP_SENT_DAYS,
    ) -> None:
        self._deliver = deliver
        self._figures = figures
        self._keys = keys
        self._rosters = rosters
        self._forget = forget
        self._ends = ends
        self._figures_every = timedelta(minutes=figures_every_minutes)
        self._keep_sent = timedelta(days=keep_sent_days)
        self._stopped = threading.Event()

    def run(self, *, once: bool) -> None:
        """Work until told to stop (SIGTERM, SIGINT); `once`: a single round."""
        if once:
            self.round(datetime.now(UTC))
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopped.set())
        tidied = published = datetime.now(UTC)
        while not self._stopped.is_set():
            now = datetime.now(UTC)
            try:
                sent = self.round(now)
                if now - tidied >= TIDY_EVERY:
                    tidied = now
                    self.tidy(now)
                if self._figures_every and now - published >= self._figures_every:
                    published = now
                    self._figures.publish_everywhere(now)
            except DatabaseBusy:
                log.warning("database busy, trying again")
                sent = 0
            if not sent:
                self._stopped.wait(PAUSE_SECONDS)

    def round(self, now: datetime) -> int:
        """Deliver once to every endpoint that has something due, read one list, and erase one who wiped data.

        Returns:
            How many messages left.
        """
        sent = self._deliver.everything_due(now)
        self._rosters.read_next(now)
        self._forget.erase_next(now)
        return sent

    def tidy(self, now: datetime) -> None:
        """Forget what nobody used and what is old; look for new keys; end campaigns that are over."""
        self._keys.refresh()
        with transaction():
            audit_rows.forget_old_refusals(now - REFUSALS_KEPT)
            login_rows.forget_expired_logins(now)
            role_rows.forget_expired_invitations(now)
            link_rows.forget_expired_links(now)
            session_rows.forget_expired_sessions(now)
            roster_rows.forget_unread(now - KEPT_UNREAD)
        self._drop_sent_bodies(now - self._keep_sent)
        self._ends.everything_due(now)

    def _drop_sent_bodies(self, moment: datetime) -> None:
        """Forget what was sent before a moment, in small portions.

        Nothing else needs it by then. A wipe erases at the LRS by the pseudonym that the participation keeps, not
        by these rows. A completion that comes later is measured by when an emptied one was sent
        (`deliver._moment`). A skip that is taken back makes the id of its statement anew (`Pen.skip_undone`).
        Looking back at what was said (`Pen.written_about`) and sending again what an LRS lost reach back so many
        days, no further.
        """
        last = 0
        for _ in range(MOST_PORTIONS):
            with transaction(writes=False):
                seqs = outbox_care.sent_before(connection(), moment, last, BODIES_AT_ONCE)
            if not seqs:
                break
            with transaction():
                outbox_care.drop_bodies(connection(), seqs)
            last = seqs[-1]
