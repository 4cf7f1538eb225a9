"""A campaign ends: first nobody can find a person's statements any more, three months later the answers go.

Each step is a small transaction of its own that asks anew what is left to do, so that a worker that dies, or two
that work at once, leave nothing half done (requirements T7, section 9; ADR 25).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from lti_tool.domain.campaign import Campaign, answers_kept_until, closes_at
from lti_tool.recording import OPERATOR_STREAM, Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.campaign_ends import Ended
from lti_tool.storage.database import connection, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.publish_figures import PublishFigures
from xapi import outbox_care

CLOSED: Final = "campaign closed"
KEYS_DESTROYED: Final = "keys of a campaign destroyed"
ANSWERS_REMOVED: Final = "answers of a campaign removed"

PEOPLE_AT_ONCE = 20
"""In one transaction: some tens of milliseconds, so that on SQLite no learner waits for it."""
BODIES_AT_ONCE = 500
MOST_PORTIONS = 100
"""Of each step, each time; the rest is for the next time, so that delivery goes on."""


class CloseCampaigns:
    """Ends what is over; doing it again changes nothing."""

    def __init__(self, pen: Pen, seal: Seal, figures: PublishFigures) -> None:
        self._pen = pen
        self._seal = seal
        self._figures = figures

    def everything_due(self, now: datetime) -> None:
        """Close campaigns, destroy their keys, remove answers that are old enough: as much as fits in one time."""
        self._close(now)
        self._in_portions(end_rows.with_keys, lambda ended: self._destroy_keys(ended, now))
        self._forget_what_arrived_later()
        self._begin_to_empty(now)
        self._in_portions(end_rows.with_answers_to_remove, lambda ended: self._remove_answers(ended, now))

    def _close(self, now: datetime) -> None:
        with transaction(writes=False):
            over = [(ended, _campaign(ended)) for ended in end_rows.over(now.date())]
        for ended, campaign in over:
            if closes_at(campaign) > now:
                continue
            with transaction():
                if end_rows.close(ended, campaign.ends_on, now):
                    audit_rows.write_audit(ended.tenant_id, "worker", CLOSED, now, ended.campaign_id)

    def _destroy_keys(self, ended: Ended, now: datetime) -> bool:
        with transaction():
            pseudonyms = end_rows.take_keys(ended, self._seal, PEOPLE_AT_ONCE)
            if pseudonyms is None:
                return False
            self._pen.let_go(ended.tenant_id, pseudonyms)
            if not end_rows.is_key_left(ended):
                proof = f"{ended.campaign_id}: 0 keys are left"
                audit_rows.write_audit(ended.tenant_id, "worker", KEYS_DESTROYED, now, proof)
        return True

    def _forget_what_arrived_later(self) -> None:
        """The texts of statements that waited when their key was destroyed, and have arrived since."""
        for _ in range(MOST_PORTIONS):
            with transaction(writes=False):
                seqs = outbox_care.sent_about_nobody(connection(), OPERATOR_STREAM, BODIES_AT_ONCE)
            if not seqs:
                break
            with transaction():
                outbox_care.drop_bodies(connection(), seqs)

    def _begin_to_empty(self, now: datetime) -> None:
        """The last figures are made before the answers go, on which effects rest."""
        with transaction(writes=False):
            closed = [(ended, _campaign(ended)) for ended in end_rows.closed_with_answers()]
        for ended, campaign in closed:
            if answers_kept_until(campaign) >= now.date():
                continue
            self._figures.publish(ended.tenant_id, now)
            with transaction():
                end_rows.begin_emptying(ended, now)

    def _remove_answers(self, ended: Ended, now: datetime) -> bool:
        with transaction():
            if not end_rows.remove_answers(ended, PEOPLE_AT_ONCE, now):
                return False
            if not end_rows.is_anything_left(ended):
                proof = f"{ended.campaign_id}: 0 answers are left"
                audit_rows.write_audit(ended.tenant_id, "worker", ANSWERS_REMOVED, now, proof)
        return True

    def _in_portions(self, left: Callable[[], list[Ended]], step: Callable[[Ended], bool]) -> None:
        with transaction(writes=False):
            ends = left()
        portions = 0
        for ended in ends:
            while portions < MOST_PORTIONS and step(ended):
                portions += 1


def _campaign(ended: Ended) -> Campaign:
    return tenant_rows.load_campaign(ended.tenant_id, ended.campaign_id)
