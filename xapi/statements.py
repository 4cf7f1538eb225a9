"""Say facts as statements: which verb, about what, in which circumstances.

xAPI 1.0.3, Data part, section 2 (https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Data.md); what each one
holds is described for others by `xapi/profile.jsonld`. No name, address, response, duration, clock or overall
score is ever in one, and no team in one about a learner.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xapi import vocabulary as words
from xapi.agents import Actor, agent_of, tool_agent
from xapi.draft import Fact, StatementDraft, StatementUnsound, freeze, moment
from xapi.vocabulary import Iris

__all__ = ["Actor", "Context", "DomainScore", "StatementDraft", "StatementUnsound", "Statements"]

ABILITY_SPAN = 4.0
"""Abilities of -4..+4 logits are reported as a scaled score of -1..+1; the ability itself goes along."""

DECIMALS = 4
"""Numbers are rounded, because an LRS need only keep 32-bit floats (Data part, section 4.4)."""


@dataclass(frozen=True)
class Context:
    """The circumstances of a fact."""

    registration: str
    """UUID (version 4 or 5) of the participation; pre and post share it."""
    tenant: str
    campaign: str
    language: str
    assessment: str
    """Id of the content package."""
    attempt: str | None = None
    """UUID (version 4 or 5) of the sitting."""
    phase: str | None = None
    """`pretest`, `posttest` or nothing."""


@dataclass(frozen=True)
class DomainScore:
    """One domain's estimate, in logits: with the prior (`ability`), and without (`wle`)."""

    domain: str
    ability: float
    se: float
    wle: float | None
    wle_se: float | None
    level: str | None
    """Level id; None when it lies between two levels."""
    bank_version: str


class Statements:
    """Makes statements for one installation, whose IRIs start with `iri_base` (ends in a slash).

    Every method raises StatementUnsound when the result would not be a valid statement. `revision` is raised
    when the same fact is told anew after it was voided.
    """

    def __init__(self, iri_base: str) -> None:
        self.iris = Iris(iri_base)

    def registered(self, actor: Actor, context: Context, *, at: datetime, revision: int = 0) -> StatementDraft:
        """Somebody takes part in a campaign."""
        target = self._campaign(context)
        fact = Fact("registered", context.registration, revision)
        return self._said(fact, actor, context, words.REGISTERED, target, at, grouping=[])

    def acknowledged(
        self, actor: Actor, context: Context, *, at: datetime, text_version: str = "1", revision: int = 0
    ) -> StatementDraft:
        """Somebody read the start page; this is no consent."""
        target = _activity(
            self.iris.start_page(text_version),
            self.iris.activity_type("start-page"),
            {"nl": "Startpagina", "en": "Start page"},
        )
        fact = Fact("acknowledged", f"{context.registration}/{text_version}", revision)
        return self._said(fact, actor, context, words.ACKNOWLEDGED, target, at)

    def initialized(self, actor: Actor, context: Context, *, at: datetime, revision: int = 0) -> StatementDraft:
        """A sitting of the assessment began."""
        fact = Fact("initialized", _sitting(context), revision)
        return self._said(fact, actor, context, words.INITIALIZED, self._assessment(context), at)

    def answered(
        self,
        actor: Actor,
        context: Context,
        *,
        item_key: str,
        interaction: str,
        domain: str,
        right: bool,
        at: datetime,
        position: int | None = None,
        revision: int = 0,
    ) -> StatementDraft:
        """An item was answered: which one and whether it was right; never what, nor how fast.

        `interaction` is one of the interaction types of xAPI-Data, section 2.4.4.1 (such as `choice`).
        `position` (1 is the first item of the sitting) only tells two facts apart; it is not said.
        """
        target = _activity(self.iris.item(item_key), words.INTERACTION, None, interactionType=interaction)
        place = item_key if position is None else f"{position}/{item_key}"
        return self._said(
            Fact("answered", f"{_sitting(context)}/{place}", revision),
            actor,
            context,
            words.ANSWERED,
            target,
            at,
            result={"success": right},
            parent=[self._assessment(context)],
            grouping=[*self._usual_grouping(context), self._domain(domain)],
        )

    def scored(
        self, actor: Actor, context: Context, score: DomainScore, *, at: datetime, revision: int = 0
    ) -> StatementDraft:
        """The estimate of one domain at the end of a sitting."""
        extensions = {
            "ability": _rounded(score.ability),
            "se": _rounded(score.se),
            "wle": _rounded(score.wle),
            "wle-se": _rounded(score.wle_se),
            "level": score.level,
            "bank-version": score.bank_version,
        }
        scaled = max(-1.0, min(1.0, score.ability / ABILITY_SPAN))
        result = {
            "score": {"scaled": _rounded(scaled)},
            "extensions": {
                self.iris.extension(key): value for key, value in extensions.items() if value is not None
            },
        }
        return self._said(
            Fact("scored", f"{_sitting(context)}/{score.domain}", revision),
            actor,
            context,
            words.SCORED,
            self._domain(score.domain),
            at,
            result=result,
            parent=[self._assessment(context)],
        )

    def completed(self, actor: Actor, context: Context, *, at: datetime, revision: int = 0) -> StatementDraft:
        """A sitting ended because enough was known; it says no score."""
        return self._said(
            Fact("completed", _sitting(context), revision),
            actor,
            context,
            words.COMPLETED,
            self._assessment(context),
            at,
            result={"completion": True},
        )

    def terminated(self, actor: Actor, context: Context, *, at: datetime, revision: int = 0) -> StatementDraft:
        """A sitting ended because the learner stopped."""
        fact = Fact("terminated", _sitting(context), revision)
        return self._said(fact, actor, context, words.TERMINATED, self._assessment(context), at)

    def skipped(self, actor: Actor, context: Context, *, at: datetime, revision: int = 0) -> StatementDraft:
        """The learner skipped the assessment."""
        fact = Fact("skipped", context.registration, revision)
        return self._said(fact, actor, context, words.SKIPPED, self._assessment(context), at)

    def advised(
        self, actor: Actor, context: Context, *, module_id: str, at: datetime, revision: int = 0
    ) -> StatementDraft:
        """The tool advised a training."""
        verb = self.iris.verb("advised")
        fact = Fact("advised", f"{_sitting(context)}/{module_id}", revision)
        return self._said(fact, actor, context, verb, self._module(module_id), at)

    def module_launched(
        self, actor: Actor, context: Context, module_key: str, *, at: datetime, revision: int = 0
    ) -> StatementDraft:
        """A training was opened."""
        fact = Fact("module-launched", f"{context.registration}/{module_key}", revision)
        return self._said(fact, actor, context, words.LAUNCHED, self._module(module_key), at)

    def module_progressed(
        self,
        actor: Actor,
        context: Context,
        module_key: str,
        percent: int,
        *,
        at: datetime,
        revision: int = 0,
    ) -> StatementDraft:
        """A training is done for `percent` (0..100)."""
        if not 0 <= percent <= 100:
            raise StatementUnsound("progress is a percentage from 0 to 100")
        return self._said(
            Fact("module-progressed", f"{context.registration}/{module_key}/{percent}", revision),
            actor,
            context,
            words.PROGRESSED,
            self._module(module_key),
            at,
            result={"extensions": {words.PROGRESS: percent}},
        )

    def module_completed(
        self, actor: Actor, context: Context, module_key: str, *, at: datetime, revision: int = 0
    ) -> StatementDraft:
        """A training was done to the end."""
        return self._said(
            Fact("module-completed", f"{context.registration}/{module_key}", revision),
            actor,
            context,
            words.COMPLETED,
            self._module(module_key),
            at,
            result={"completion": True},
        )

    def voided(
        self, actor: Actor, context: Context, *, statement_id: str, at: datetime, revision: int = 0
    ) -> StatementDraft:
        """An earlier statement no longer counts (Data part, section 2.3.2), for example an undone skip."""
        target = {"objectType": "StatementRef", "id": statement_id}
        fact = Fact("voided", statement_id, revision)
        return self._said(fact, actor, context, words.VOIDED, target, at)

    def test_statement(self, *, tenant: str, stream: str, at: datetime) -> StatementDraft:
        """A visible trial of the connection, said by the tool itself; each moment has its own."""
        verb = self.iris.verb("tested")
        target = _activity(
            self.iris.trial(tenant),
            self.iris.activity_type("connection"),
            {"nl": "Verbinding met de LRS", "en": "Connection to the LRS"},
        )
        context: dict[str, Any] = {"platform": "Digivaardig", "contextActivities": self._category()}
        fact = Fact("tested", f"{stream}/{moment(at)}", 0)
        return self._finished(fact, tenant, "tool", tool_agent(self.iris), verb, target, context, at)

    def group_figures(
        self,
        *,
        tenant: str,
        campaign: str,
        group: str,
        snapshot: str,
        figures: Mapping[str, object],
        at: datetime,
        revision: int = 0,
    ) -> StatementDraft:
        """Figures about a group as they were published (group stream); the group itself is the actor.

        `figures`: measure → its values, with the least number of people it is about; floats are rounded.
        """
        target = _activity(
            self.iris.figures(tenant, campaign, group, snapshot),
            self.iris.activity_type("group-figures"),
            {"nl": "Groepscijfers", "en": "Group figures"},
        )
        context: dict[str, Any] = {
            "platform": "Digivaardig",
            "contextActivities": {
                **self._category(),
                "grouping": [self._campaign_activity(tenant, campaign)],
            },
        }
        result = {
            "extensions": {
                self.iris.extension("group"): group,
                self.iris.extension("figures"): _all_rounded(dict(figures)),
            }
        }
        fact = Fact("group-figures", f"{campaign}/{group}/{snapshot}", revision)
        verb = self.iris.verb("published")
        who = {"objectType": "Group", "account": {"homePage": self.iris.groups(tenant), "name": group}}
        return self._finished(fact, tenant, "tool", who, verb, target, context, at, result)

    def _said(
        self,
        fact: Fact,
        actor: Actor,
        context: Context,
        verb: str,
        target: dict[str, Any],
        at: datetime,
        *,
        result: dict[str, Any] | None = None,
        parent: list[dict[str, Any]] | None = None,
        grouping: list[dict[str, Any]] | None = None,
    ) -> StatementDraft:
        activities: dict[str, Any] = self._category()
        if parent:
            activities["parent"] = parent
        grouped = self._usual_grouping(context) if grouping is None else grouping
        if grouped:
            activities["grouping"] = grouped
        said: dict[str, Any] = {
            "registration": context.registration,
            "language": context.language,
            "contextActivities": activities,
        }
        if target["objectType"] == "Activity":  # Data part, section 2.4.6: only then a platform
            said["platform"] = "Digivaardig"
        if context.phase is not None:
            said["extensions"] = {words.ASSESSMENT_TYPE: context.phase}
        who = agent_of(actor, self.iris)
        return self._finished(fact, context.tenant, actor.pseudonym, who, verb, target, said, at, result)

    def _finished(
        self,
        fact: Fact,
        tenant: str,
        speaker: str,
        who: dict[str, Any],
        verb: str,
        target: dict[str, Any],
        context: dict[str, Any],
        at: datetime,
        result: dict[str, Any] | None = None,
    ) -> StatementDraft:
        parts: dict[str, Any] = {
            "actor": who,
            "verb": {"id": verb, "display": dict(words.DISPLAY[_display_key(verb)])},
            "object": target,
            "context": context,
        }
        if result is not None:
            parts["result"] = result
        return freeze(fact, uuid.uuid5(uuid.NAMESPACE_URL, self.iris.base + tenant), speaker, parts, at)

    def _category(self) -> dict[str, Any]:
        return {"category": [_activity(self.iris.profile, words.PROFILE, None)]}

    def _usual_grouping(self, context: Context) -> list[dict[str, Any]]:
        found = [self._campaign(context)]
        if context.attempt is not None:
            found.append(_activity(self.iris.attempt(context.attempt), words.ATTEMPT, None))
        return found

    def _campaign(self, context: Context) -> dict[str, Any]:
        return self._campaign_activity(context.tenant, context.campaign)

    def _campaign_activity(self, tenant: str, campaign: str) -> dict[str, Any]:
        return _activity(self.iris.campaign(tenant, campaign), words.COURSE, None)

    def _assessment(self, context: Context) -> dict[str, Any]:
        return _activity(self.iris.assessment(context.assessment), words.ASSESSMENT, None)

    def _domain(self, domain: str) -> dict[str, Any]:
        return _activity(self.iris.domain(domain), words.OBJECTIVE, None)

    def _module(self, key: str) -> dict[str, Any]:
        return _activity(self.iris.module(key), words.LESSON, None)


def _activity(iri: str, kind: str, name: Mapping[str, str] | None, **definition: object) -> dict[str, Any]:
    described: dict[str, Any] = {"type": kind, **definition}
    if name is not None:
        described["name"] = dict(name)
    return {"objectType": "Activity", "id": iri, "definition": described}


def _sitting(context: Context) -> str:
    """The row that tells one sitting from another; a fact outside a sitting belongs to the participation."""
    return context.attempt or context.registration


def _display_key(verb: str) -> str:
    name = verb.rsplit("/", 1)[-1]
    return "acknowledged" if verb == words.ACKNOWLEDGED else name


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)


def _all_rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _all_rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_all_rounded(part) for part in value]
    return value
