"""The pen: the one file to read to know everything that is said about a learner.

A fact becomes a statement of the operator stream in the same transaction, under the random pseudonym of the
participation (requirements T2, T7). Nothing is written about a preview, nor in a campaign that is for
individual insight only (R18), nor once the key to the pseudonym was destroyed. Published group figures become
statements of the group stream.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.domain.campaign import Campaign, completion_due_at
from lti_tool.domain.content import Item
from lti_tool.domain.disclosure import Disclosed
from lti_tool.domain.errors import PseudonymGone
from lti_tool.domain.modules import Module
from lti_tool.domain.people import DomainResult, Identity, Participation, Where
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import connection
from lti_tool.storage.sealing import Seal
from xapi import agents, outbox_care, outbox_wipe, outbox_write, statements
from xapi.client import LrsClient
from xapi.voiding import void_all

STATEMENT, COMPLETION = "statement", "completion"
OPERATOR_STREAM = "operator"
GROUP_STREAM = "group"


@dataclass(frozen=True)
class Subject:
    """Whom and what a fact is about."""

    participation: Participation
    campaign: Campaign
    assessment: str
    """Id of the content package."""
    attempt_id: str | None
    phase: str | None
    """`pretest` or `posttest`."""


Make = Callable[[statements.Actor, statements.Context], statements.StatementDraft]


class Pen:
    """Writes facts down as statements, and 'klaar' as a message for the portal."""

    def __init__(self, iri_base: str, seal: Seal, *, completions_at_once: bool) -> None:
        self._say = statements.Statements(iri_base)
        self._seal = seal
        self._at_once = completions_at_once

    def registered(self, subject: Subject, now: datetime) -> None:
        """Somebody takes part in a campaign."""
        self._write(subject, now, lambda a, c: self._say.registered(a, c, at=now))

    def acknowledged(self, subject: Subject, now: datetime) -> None:
        """Somebody read the start page; this is not a consent."""
        self._write(subject, now, lambda a, c: self._say.acknowledged(a, c, at=now))

    def initialized(self, subject: Subject, now: datetime) -> None:
        """A sitting of the assessment began."""
        self._write(subject, now, lambda a, c: self._say.initialized(a, c, at=now))

    def answered(self, subject: Subject, item: Item, right: bool, position: int, now: datetime) -> None:
        """An item was answered: its id and version and whether it was right, nothing else."""
        self._write(
            subject,
            now,
            lambda a, c: self._say.answered(
                a,
                c,
                item_key=item.key,
                interaction=item.interaction,
                domain=item.domain,
                right=right,
                position=position,
                at=now,
            ),
        )

    def scored(self, subject: Subject, results: Sequence[DomainResult], bank_version: str, now: datetime) -> None:
        """The estimate of each domain with its uncertainty, and beside it the one without prior."""
        for result in results:
            score = statements.DomainScore(
                domain=result.domain,
                ability=result.mean,
                se=result.sd,
                wle=result.wle,
                wle_se=result.wle_se,
                level=result.level,
                bank_version=bank_version,
            )
            self._write(subject, now, lambda a, c, s=score: self._say.scored(a, c, s, at=now))

    def completed(self, subject: Subject, now: datetime) -> None:
        """A sitting ended because enough was known."""
        self._write(subject, now, lambda a, c: self._say.completed(a, c, at=now))

    def terminated(self, subject: Subject, now: datetime) -> None:
        """A sitting ended because the learner wanted to stop."""
        self._write(subject, now, lambda a, c: self._say.terminated(a, c, at=now))

    def skipped(self, subject: Subject, now: datetime) -> None:
        """The assessment was skipped."""
        self._write(subject, now, lambda a, c: self._say.skipped(a, c, at=now, revision=_which(now)))

    def skip_undone(self, subject: Subject, skipped_at: datetime, now: datetime) -> None:
        """A skip was taken back: the statement about it no longer counts."""

        def make(actor: statements.Actor, context: statements.Context) -> statements.StatementDraft:
            skip = self._say.skipped(actor, context, at=skipped_at, revision=_which(skipped_at))
            return self._say.voided(actor, context, statement_id=skip.id, at=now)

        self._write(subject, now, make)

    def advised(self, subject: Subject, module_id: str, now: datetime) -> None:
        """A next step was advised."""
        self._write(subject, now, lambda a, c: self._say.advised(a, c, module_id=module_id, at=now))

    def module_launched(self, subject: Subject, module: Module, now: datetime) -> None:
        self._write(subject, now, lambda a, c: self._say.module_launched(a, c, module.key, at=now))

    def module_progressed(self, subject: Subject, module: Module, percent: int, now: datetime) -> None:
        self._write(subject, now, lambda a, c: self._say.module_progressed(a, c, module.key, percent, at=now))

    def module_completed(self, subject: Subject, module: Module, now: datetime) -> None:
        self._write(subject, now, lambda a, c: self._say.module_completed(a, c, module.key, at=now))

    def group_figures(self, campaign: Campaign, snapshot_id: str, disclosed: Disclosed, now: datetime) -> None:
        """Published figures, one statement for each group; the group stream is all that analysts read."""
        by_group: dict[str, dict[str, object]] = {}
        for figure in disclosed.figures:
            by_group.setdefault(figure.group, {})[figure.measure] = {
                "n-at-least": figure.n_shown,
                **figure.values,
            }
        for group, measures in by_group.items():
            draft = self._say.group_figures(
                tenant=campaign.tenant_id,
                campaign=campaign.id,
                group=group,
                snapshot=snapshot_id,
                figures=measures,
                at=now,
            )
            self._put(campaign.tenant_id, GROUP_STREAM, draft, None, now)

    def trial(self, tenant_id: str, stream: str, now: datetime) -> statements.StatementDraft:
        """A visible trial of a stream, about nobody, for whoever sends it at once."""
        return self._say.test_statement(tenant=tenant_id, stream=stream, at=now)

    def test(self, tenant_id: str, stream: str, now: datetime) -> str:
        """The same the way every statement goes; returns its id."""
        draft = self.trial(tenant_id, stream, now)
        self._put(tenant_id, stream, draft, None, now)
        return draft.id

    def completion(self, participation: Participation, now: datetime) -> None:
        """'Klaar' for the portal: no result, and at a moment that tells nothing (requirements T1).

        Once for each place of a participation in the portal: when a course gets a new activity, that one hears
        it too. Where it goes is fixed now, so that it never arrives in a place of which nobody was told.
        """
        if participation.preview or participation.line_item_url is None:
            return
        portal_id, _ = participation_rows.learner_sub(participation.tenant_id, participation.learner_id)
        due_at = completion_due_at(participation.first_launch_at, now, at_once=self._at_once)
        # The moment that the gradebook will show is when it is told, not when somebody was done.
        told = {
            "campaign": participation.campaign_id,
            "participation": participation.id,
            "line_item": participation.line_item_url,
            "at": due_at.isoformat(),
        }
        outbox_write.put(
            connection(),
            tenant_id=participation.tenant_id,
            kind=COMPLETION,
            stream="",
            endpoint=completion_endpoint(participation.tenant_id, portal_id),
            message_id=completion_id(participation.id, participation.line_item_url),
            body=json.dumps(told),
            pseudonym=None,
            due_at=due_at,
            now=now,
        )

    def agent(self, tenant_id: str, pseudonym: str) -> dict[str, object]:
        """How an LRS knows a pseudonym: the actor of every statement about it."""
        return agents.agent_of(statements.Actor(tenant_id, pseudonym), self._say.iris)

    def void_at(self, client: LrsClient, tenant_id: str, pseudonym: str, now: datetime) -> int:
        """Hide at an LRS what it shows about a pseudonym; returns how many statements. See `xapi.voiding`."""
        return void_all(client, self.agent(tenant_id, pseudonym), tenant_id, self._say.iris, now)

    def name_of_attempt(self, identity: Identity, attempt_id: str) -> str:
        """The IRI under which statements know a sitting."""
        return self._say.iris.attempt(_name_of_attempt(identity, attempt_id))

    def unwrite(self, participation: Participation) -> str | None:
        """Wipe from the outbox all that is about a participation, and 'klaar' that was not told yet.

        Returns:
            The pseudonym, under which an LRS may have statements; None when it never had one, or is gone.
        """
        tenant_id = participation.tenant_id
        outbox_wipe.wipe_messages(connection(), tenant_id, COMPLETION, f"{participation.id}/")
        if participation.preview:
            return None
        try:
            pseudonym = participation_rows.load_identity(participation.where, self._seal).pseudonym
        except PseudonymGone:
            return None
        outbox_wipe.wipe_pseudonym(connection(), tenant_id, pseudonym)
        return pseudonym

    def let_go(self, tenant_id: str, pseudonyms: Sequence[str]) -> None:
        """The keys of these are destroyed: what was said is forgotten, what waits leaves without a name on it."""
        outbox_wipe.let_go(connection(), tenant_id, pseudonyms)

    def written_about(self, where: Where) -> tuple[str, ...]:
        """The statements about one participation, oldest first, as they stand in the outbox.

        Raises:
            PseudonymGone: nobody can tell any more which statements these are.
        """
        identity = participation_rows.load_identity(where, self._seal)
        return tuple(outbox_care.bodies_about(connection(), where.tenant_id, identity.pseudonym))

    def _write(self, subject: Subject, now: datetime, make: Make) -> None:
        participation, campaign = subject.participation, subject.campaign
        if participation.preview or not campaign.writes_results:
            return
        try:
            identity = participation_rows.load_identity(participation.where, self._seal)
        except PseudonymGone:
            # The campaign has ended: whoever goes on, does so unseen.
            return
        draft = make(statements.Actor(participation.tenant_id, identity.pseudonym), _context(subject, identity))
        self._put(participation.tenant_id, OPERATOR_STREAM, draft, identity.pseudonym, now)

    def _put(
        self,
        tenant_id: str,
        stream: str,
        draft: statements.StatementDraft,
        pseudonym: str | None,
        now: datetime,
    ) -> None:
        outbox_write.put(
            connection(),
            tenant_id=tenant_id,
            kind=STATEMENT,
            stream=stream,
            endpoint=f"{tenant_id}/{stream}",
            message_id=draft.id,
            body=draft.body,
            pseudonym=pseudonym,
            due_at=now,
            now=now,
        )


def completion_endpoint(tenant_id: str, portal_id: str) -> str:
    """The outbox's name for a portal."""
    return f"{tenant_id}/portal/{portal_id}"


def completion_id(participation_id: str, line_item_url: str) -> str:
    """The outbox's name for 'klaar' of one participation in one place of the portal."""
    return f"{participation_id}/{hashlib.sha256(line_item_url.encode()).hexdigest()[:16]}"


def _which(skipped_at: datetime) -> int:
    """Tells one skip from a later one of the same participation."""
    return int(skipped_at.timestamp())


def _name_of_attempt(identity: Identity, attempt_id: str) -> str:
    return str(uuid.uuid5(uuid.UUID(identity.registration), attempt_id))


def _context(subject: Subject, identity: Identity) -> statements.Context:
    """What statements say of the circumstances; the attempt gets an id that no row of ours shows."""
    attempt = _name_of_attempt(identity, subject.attempt_id) if subject.attempt_id else None
    return statements.Context(
        registration=identity.registration,
        tenant=subject.participation.tenant_id,
        campaign=subject.campaign.id,
        language=subject.participation.language,
        assessment=subject.assessment,
        attempt=attempt,
        phase=subject.phase,
    )
