"""Journeys that return realistic values, so that pages can be built and looked at without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, session
from flask.testing import FlaskClient

from lti_tool.domain.colophon import Colophon
from lti_tool.domain.content import SOURCE_LANGUAGE, Item, Medium
from lti_tool.domain.errors import (
    AnotherQuestion,
    AnswersGone,
    CampaignUnknown,
    ChoiceNotOffered,
    EndpointUnknown,
    FiguresUnknown,
    InvitationUnknown,
    ItemAlreadyAnswered,
    ModuleUnknown,
    NoAttemptRunning,
    NothingChosen,
    NothingToUndo,
    OperatorUnknown,
    OwnPortal,
    ParquetNotInstalled,
    PortalRefused,
    PortalUnknown,
    RatingUnknown,
    RegistrationLinkGone,
    StepUnknown,
    StoryUnknown,
    TeamUnknown,
    TenantUnknown,
)
from lti_tool.domain.modules import Block, Module, Step
from lti_tool.domain.people import RATINGS, Where
from lti_tool.domain.roles import ROLES, GrantedRole, Invitation
from lti_tool.domain.scoring import Response, check_fits, expected_in_words, explanation, in_words
from lti_tool.domain.tenant import Tenant
from lti_tool.lti.addresses import origin_text
from lti_tool.lti.door import Begun
from lti_tool.lti.errors import LaunchRefused
from lti_tool.lti.proofs import ProofAtPortal
from lti_tool.lti.remedies import remedy_of
from lti_tool.lti.self_check import Finding
from lti_tool.storage.portals import Portal
from lti_tool.use_cases.enter import StartPage, Visit
from lti_tool.use_cases.explain_completions import CompletionsPage, OwnCompletion
from lti_tool.use_cases.figures_table import dictionary_of, power_bi_source_of
from lti_tool.use_cases.follow_story import StoryPage
from lti_tool.use_cases.forget import WipePage
from lti_tool.use_cases.hold_roles import Made, RolesPage
from lti_tool.use_cases.inspect_visit import AskedQuestion, Inspection
from lti_tool.use_cases.operate import StatementRow, StatementsPage
from lti_tool.use_cases.place_activities import Asked, CampaignChoice, Offer, Reply
from lti_tool.use_cases.read_advice import (
    AdvicePage,
    AnsweredItem,
    DomainLine,
    GrowthLine,
    ModuleCard,
    ProgressPage,
    SittingLine,
)
from lti_tool.use_cases.read_reports import CampaignLine, CampaignsPage, GroupPage
from lti_tool.use_cases.read_rosters import RosterState
from lti_tool.use_cases.register_portal import Asked as AskedToConnect
from lti_tool.use_cases.register_portal import Connected
from lti_tool.use_cases.run_portals import Checked, CheckLine, PortalLine
from lti_tool.use_cases.take_assessment import Feedback, Question, feedback_on
from lti_tool.use_cases.take_module import ModulePage
from lti_tool.use_cases.tend_outbox import DeadLine, EndpointLine, Replayed
from lti_tool.web import Journeys, SettingsView, register
from lti_tool.web.sessions import COOKIE, UNTIL, hash_of
from tests.factories import make_tenant, wrong_response
from tests.web_examples import (
    ACTIVITIES,
    ASKED_IN_SESSION,
    CAMPAIGNS,
    CARDS,
    COLOPHON,
    COMPLETIONS,
    DEAD_LINES,
    DEEP_LINKING,
    ENDPOINT_LINES,
    FOR_MANAGERS,
    GROUP,
    HELPERS,
    LEARNER,
    LINES,
    NOW,
    PORTAL,
    PRACTICE,
    QUESTIONS,
    SESSION_ID,
    SIGNS,
    START,
    STARTER,
    STORY,
    WHERE,
)

MUNICIPALITIES = {"molenwaard": "Gemeente Molenwaard", "waterland": "Gemeente Waterland"}
CODE = "7K2M-QX9T-4HBD-W0EZ"
INVITATIONS = (
    Invitation("molenwaard", "a" * 64, "coach", "leerportaal 104", NOW, NOW + timedelta(days=14)),
    Invitation("molenwaard", "b" * 64, "administrator", "command line", NOW, NOW + timedelta(days=3)),
)
HOLDERS = {
    "administrator": (GrantedRole("molenwaard", "leerportaal", "104", "administrator", NOW),),
    "coach": tuple(GrantedRole("molenwaard", "leerportaal", sub, "coach", NOW) for sub in ("118", "7f3e-" * 20)),
}


def name_of(tenant_id: str) -> str:
    """The name of a municipality of the house, as journeys find it."""
    if tenant_id not in MUNICIPALITIES:
        raise TenantUnknown(tenant_id)
    return MUNICIPALITIES[tenant_id]


KEPT_PROOF = "f" * 64


@dataclass
class FakeEnter:
    page: StartPage = START
    staff: bool = False
    next_page: str = "start"
    activity: str = "assessment"
    done: list[str] = field(default_factory=list)
    refuse: Exception | None = None
    portal: str = PORTAL
    granted: tuple[str, ...] = ()
    given_name: str | None = None
    storage_target: str | None = None

    def begin_login(self, params: Mapping[str, str], browser_proof: str, now: datetime) -> Begun:
        self._maybe_refuse()
        if "iss" not in params:
            raise LaunchRefused("issuer_missing")
        url = f"{self.portal}/auth?state=state-1&nonce=n&login_hint={params.get('login_hint', '')}"
        return Begun(url, "state-1", self.storage_target, self.portal, KEPT_PROOF, (self.portal,))

    def proof_at_portal(self, form: Mapping[str, str], now: datetime) -> ProofAtPortal | None:
        return ProofAtPortal(self.storage_target, self.portal) if self.storage_target else None

    def refuse_without_cookie(self, now: datetime) -> str:
        return "K7QF-3M2X"

    def finish_login(
        self,
        form: Mapping[str, str],
        browser_proof: str,
        now: datetime,
        keep: Callable[[Visit], None],
        *,
        kept_proof: bool = False,
    ) -> Visit:
        self._maybe_refuse()
        if kept_proof and browser_proof != KEPT_PROOF:
            raise LaunchRefused("browser_differs")
        visit = Visit(
            WHERE,
            "l-1",
            self.staff,
            "nl",
            (self.portal,),
            self.next_page,
            self.activity,
            "leerportaal",
            "1",
            DEEP_LINKING if self.next_page == "choose" else None,
            granted=self.granted,
            given_name=self.given_name,
        )
        keep(visit)
        return visit

    def start_page(self, where: Where, now: datetime) -> StartPage:
        self._maybe_refuse()
        return self.page

    def acknowledge(self, where: Where, now: datetime) -> None:
        self.done.append("acknowledge")

    def choose_team(self, where: Where, team: str | None) -> None:
        if team is not None and team not in self.page.teams:
            raise TeamUnknown
        self.page = replace(self.page, team=team)

    def choose_language(self, where: Where, language: str) -> None:
        self.done.append(f"language {language}")

    def begin_preview(self, where: Where, now: datetime) -> Where:
        self.done.append("preview")
        return replace(where, participation_id="participation-2")

    def _maybe_refuse(self) -> None:
        if self.refuse is not None:
            raise self.refuse


def chosen_language() -> str:
    """As the journeys know it from the participation."""
    return str(session.get("locale", SOURCE_LANGUAGE)) if has_request_context() else SOURCE_LANGUAGE


@dataclass
class FakeAssessment:
    position: int = 1
    begun: bool = True
    skipped: bool = False
    questions: tuple[Item, ...] = QUESTIONS
    opener: Item = PRACTICE
    given: list[Response] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def practice(self, where: Where) -> Question:
        return Question(self.opener.said_in(chosen_language()), 0, "start", "seed")

    def check_practice(self, where: Where, response: Response) -> Feedback:
        return feedback_on(self.practice(where).item, response)

    def begin(self, where: Where, now: datetime) -> None:
        self.begun = True
        self.done.append("begin")

    def question(self, where: Where) -> Question | None:
        if not self.begun:
            raise NoAttemptRunning
        if self.position > len(self.questions):
            return None
        progress = ("start", "start", "under_way", "half_way", "nearly_done")[min(self.position, 5) - 1]
        asked = self.questions[self.position - 1].said_in(chosen_language())
        return Question(asked, self.position, progress, "seed")

    def answer(self, where: Where, item_key: str, position: int, response: Response, now: datetime) -> None:
        if position < self.position:
            raise ItemAlreadyAnswered
        if self.position > len(self.questions):
            raise NoAttemptRunning
        asked = self.questions[self.position - 1]
        if asked.key != item_key or position != self.position:
            raise AnotherQuestion
        check_fits(asked, response)
        self.given.append(response)
        self.position += 1

    def stop(self, where: Where, now: datetime) -> None:
        self.position = len(self.questions) + 1

    def skip(self, where: Where, now: datetime) -> None:
        self.skipped = True
        self.done.append("skip")

    def undo_skip(self, where: Where, now: datetime) -> None:
        if not self.skipped:
            raise NothingToUndo
        self.skipped = False


@dataclass
class FakeAdvice:
    skipped: bool = False
    nothing_left: bool = False
    nothing_done: bool = False
    grown: int | str | None = "one"
    """Of 100 people in every domain; "one": told of one domain only."""
    lines: tuple[DomainLine, ...] = LINES
    answers_gone: bool = False
    answered: tuple[Item, ...] = ()
    """Items that were all answered otherwise; without them three of the examples."""

    def page(self, where: Where, now: datetime) -> AdvicePage:
        return AdvicePage(
            strong=() if self.skipped else self.lines[:2],
            furthest=False,
            grow=() if self.skipped else self.lines[2:],
            next=None if self.nothing_left else CARDS[2],
            reason="start" if self.skipped else "most_gain",
            others=(CARDS[0], CARDS[3]),
            skippable=0 if self.skipped else 4,
            minutes_saved=0 if self.skipped else 65,
            helpers=HELPERS,
            conversation="Bel of mail de Digihelden: 06 0000 0000.",
            skipped=self.skipped,
            may_begin_again=not self.skipped,
            answers_gone=self.answers_gone,
        )

    def answers(self, where: Where) -> tuple[AnsweredItem, ...]:
        if self.answers_gone:
            raise AnswersGone
        if self.answered:
            return tuple(_otherwise(place, item) for place, item in enumerate(self.answered, 1))
        first, second, third = QUESTIONS[0], QUESTIONS[1], QUESTIONS[4]
        return (
            AnsweredItem(
                1, first, (first.options[0].text,), (first.options[0].text,), True, first.options[0].feedback
            ),
            AnsweredItem(
                2, second, (), (second.options[0].text, second.options[2].text), False, second.feedback.why
            ),
            AnsweredItem(3, third, ("=TEL(A1:A10)",), third.accept, False, third.feedback.why),
        )

    def progress(self, where: Where) -> ProgressPage:
        if self.nothing_done:
            return ProgressPage((), (), (), self.skipped, HELPERS)
        sittings = (SittingLine(date(2026, 11, 23), LINES), SittingLine(date(2026, 5, 4), LINES))
        chances = [None, 80, None, None] if self.grown == "one" else [self.grown] * len(LINES)
        growth = tuple(GrowthLine(line.label, of) for line, of in zip(LINES, chances, strict=True))
        return ProgressPage(sittings, growth, (CARDS[1], CARDS[2]), False, HELPERS, {CARDS[1].id: "helped"})


def _otherwise(place: int, item: Item) -> AnsweredItem:
    given = wrong_response(item)
    return AnsweredItem(
        place, item, in_words(item, given), expected_in_words(item), False, explanation(item, given)
    )


@dataclass
class FakeMedia:
    """The media of the starter package, and others."""

    others: dict[str, Medium] = field(default_factory=dict)

    def medium(self, where: Where, file: str) -> tuple[Medium, Path | bytes]:
        found = self.others.get(file) or STARTER.medium(file)
        assert found.path is not None
        return found, found.path


@dataclass
class FakeStory:
    """The story of the starter package, with other trainings at its stops."""

    shown: StoryPage | None = STORY

    def title(self, where: Where) -> str | None:
        return self.shown.title if self.shown else None

    def page(self, where: Where) -> StoryPage:
        if self.shown is None:
            raise StoryUnknown
        return self.shown


@dataclass
class FakeColophon:
    shown: Colophon = COLOPHON

    def colophon(self, where: Where) -> Colophon:
        return self.shown


@dataclass
class FakeModule:
    step: str = "oefenen"
    opened: bool = True
    finished: bool = False
    has_advice: bool = True
    item: Item | None = None
    """What the step to practise asks, in place of what the module has there."""
    module: Module = SIGNS
    given: dict[str, Response] = field(default_factory=dict)
    rating: str | None = None

    def cards(self, where: Where) -> tuple[ModuleCard, ...]:
        return (*CARDS, FOR_MANAGERS)

    def open(self, where: Where, module_id: str, now: datetime) -> None:
        self._known(module_id)
        self.opened = True

    def page(self, where: Where, module_id: str) -> ModulePage | None:
        self._known(module_id)
        if not self.opened:
            return None
        module = self.module.said_in(chosen_language())
        steps = module.steps
        ids = [step.id for step in steps]
        index = ids.index(self.step)
        step = self._step()
        questions = self._questions()
        given = {item_id: response for item_id, response in self.given.items() if item_id in questions}
        return ModulePage(
            campaign_goal=STORY.goal,
            module=module,
            step=step,
            number=index + 1,
            total=len(ids),
            minutes_left=sum(later.minutes for later in steps[index:]),
            previous_step=ids[index - 1] if index else None,
            next_step=ids[index + 1] if index + 1 < len(ids) else None,
            questions=questions,
            given=given,
            feedback={item_id: feedback_on(questions[item_id], response) for item_id, response in given.items()},
            finished=self.finished,
            rating=self.rating,
            helpers=HELPERS,
            seed="seed",
            has_advice=self.has_advice,
        )

    def go(self, where: Where, module_id: str, step_id: str, now: datetime) -> None:
        if step_id not in [step.id for step in self.module.steps]:
            raise StepUnknown
        self.step = step_id

    def check(self, where: Where, module_id: str, item_key: str, response: Response, now: datetime) -> None:
        item = self._asked(item_key)
        check_fits(item, response)
        self.given[item.id] = response

    def again(self, where: Where, module_id: str, item_key: str) -> None:
        self.given.pop(self._asked(item_key).id, None)

    def rate(self, where: Where, module_id: str, rating: str | None) -> None:
        if rating not in (None, *RATINGS):
            raise RatingUnknown
        self.rating = rating

    def finish(self, where: Where, module_id: str, now: datetime) -> None:
        self.finished = True

    def _known(self, module_id: str) -> None:
        if module_id not in {card.id for card in CARDS}:
            raise ModuleUnknown

    def _step(self) -> Step:
        step = next(step for step in self.module.said_in(chosen_language()).steps if step.id == self.step)
        if self.item is not None and any(block.item_ref for block in step.blocks):
            return replace(step, blocks=(Block("item", item_ref=self.item.id),))
        return step

    def _questions(self) -> dict[str, Item]:
        known = {**STARTER.items, **{item.id: item for item in (*QUESTIONS, self.item) if item}}
        asked = [block.item_ref for block in self._step().blocks if block.item_ref]
        return {item_id: known[item_id].said_in(chosen_language()) for item_id in asked}

    @property
    def said(self) -> dict[str, Feedback]:
        questions = self._questions()
        return {item_id: feedback_on(questions[item_id], given) for item_id, given in self.given.items()}

    def _asked(self, item_key: str) -> Item:
        for item in self._questions().values():
            if item.key == item_key:
                return item
        raise StepUnknown


@dataclass
class FakeReports:
    group: GroupPage = GROUP
    no_campaign: bool = False
    has_parquet: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)

    def group_page(self, tenant_id: str, campaign_id: str, language: str, now: datetime) -> GroupPage:
        if campaign_id == "nergens":
            raise CampaignUnknown(campaign_id)
        self.asked.append((name_of(tenant_id), campaign_id))
        return self.group

    def campaigns(self, tenant_id: str, now: datetime) -> CampaignsPage:
        lines = (
            CampaignLine(
                "standaard-2", "Samen digitaal 2027", "not_yet_open", date(2027, 11, 1), date(2028, 10, 31)
            ),
            CampaignLine("standaard", GROUP.campaign, "open", date(2026, 11, 1), date(2027, 10, 31)),
            CampaignLine("proef", "Proef bij Burgerzaken", "over", date(2026, 2, 1), date(2026, 7, 1)),
        )
        return CampaignsPage(tenant_id, name_of(tenant_id), () if self.no_campaign else lines)

    def csv(self, token: str) -> str:
        self._check(token)
        return '"campaign","group"\r\n"Samen digitaal 2026","all"\r\n'

    def parquet(self, token: str) -> bytes:
        self._check(token)
        if not self.has_parquet:
            raise ParquetNotInstalled("pyarrow is not installed")
        return b"PAR1"

    def column_dictionary(self, token: str, csv_address: str) -> str:
        self._check(token)
        return dictionary_of(csv_address)

    def power_bi_source(self, token: str, csv_address: str) -> str:
        self._check(token)
        return power_bi_source_of(csv_address)

    def _check(self, token: str) -> None:
        if token != "geheim":
            raise FiguresUnknown


@dataclass
class FakeOperate:
    trouble: str = ""
    looks: int = 0
    empty: bool = False
    elsewhere: tuple[str, ...] = ()

    def municipalities(self) -> tuple[tuple[str, str], ...]:
        return () if self.empty else tuple(MUNICIPALITIES.items())

    def log_in(self, name: str, password: str, now: datetime) -> str:
        if (name, password) != ("beheerder", "goed wachtwoord"):
            raise OperatorUnknown
        return name

    def statements(self, operator: str, now: datetime) -> StatementsPage:
        self.looks += 1
        if self.trouble or self.empty:
            return StatementsPage((), self.trouble, self.elsewhere)
        base = "https://digivaardig.example/xapi"
        rows = tuple(
            StatementRow(f"2026-11-23T10:0{number}:00.000Z", stream, verb, f"{base}/{target}", "k3vq7ytz")
            for number, (stream, verb, target) in enumerate(
                (
                    ("operator", "registered", "campaigns/standaard"),
                    ("operator", "initialized", "assessments/digivaardig-basis"),
                    ("operator", "answered", "items/VEI-INT-0012@1"),
                    ("group", "reported", "groups/standaard"),
                )
            )
        )
        return StatementsPage(rows[::-1], "", self.elsewhere)


@dataclass
class FakeOutbox:
    shown: tuple[EndpointLine, ...] = ENDPOINT_LINES
    dead: tuple[DeadLine, ...] = DEAD_LINES
    done: list[tuple[str, ...]] = field(default_factory=list)

    def lines(self, now: datetime) -> tuple[EndpointLine, ...]:
        return self.shown

    def metrics(self, now: datetime) -> str:
        return "digivaardig_outbox_waiting 3\n"

    def dead_letters(self, endpoint: str | None = None) -> tuple[DeadLine, ...]:
        return self.dead

    def replay(self, which: str, who: str, now: datetime) -> Replayed:
        line = next((line for line in self.shown if line.endpoint == which), None)
        if line is None:
            raise EndpointUnknown
        self.done.append(("replay", which, who))
        return Replayed(line.dead, (which,) if line.rests_until else ())

    def send_test(self, tenant_id: str, stream: str, who: str, now: datetime) -> str:
        if tenant_id not in MUNICIPALITIES:
            raise TenantUnknown
        self.done.append(("test", tenant_id, stream, who))
        return "0f0a3f5e-5c1d-5b7e-9a3f-2f6b1c9e8d70"


@dataclass
class FakeInspect:
    nobody: bool = False

    def last_visit(self) -> Inspection | None:
        if self.nobody:
            return None
        return Inspection(
            claims={
                "iss": PORTAL,
                "sub": "42",
                "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            },
            questions=tuple(
                AskedQuestion(
                    number,
                    asked.stem,
                    asked.domain,
                    -0.6 + number / 5,
                    reason,
                    0.8 - number / 20,
                    right,
                    dont_know,
                )
                for number, (asked, reason, right, dont_know) in enumerate(
                    (
                        (QUESTIONS[0], "easy_start", True, False),
                        (QUESTIONS[1], "fewest_asked", False, True),
                        (QUESTIONS[2], "least_certain", False, False),
                    ),
                    1,
                )
            ),
            statements=('{\n  "verb": {\n    "id": "http://adlnet.gov/expapi/verbs/answered"\n  }\n}',),
        )


@dataclass
class FakePlace:
    several: bool = True
    can_show_done: bool = True
    takes_links: bool = True
    campaigns: tuple[CampaignChoice, ...] = CAMPAIGNS
    asked: list[Asked] = field(default_factory=list)
    placed: list[tuple[str, list[str], bool, str]] = field(default_factory=list)
    refuse: Exception | None = None

    def offer(self, asked: Asked, now: datetime) -> Offer:
        self._maybe_refuse(asked)
        return Offer(
            tenant=START.tenant,
            campaigns=self.campaigns,
            activities=ACTIVITIES,
            takes_links=self.takes_links,
            several=self.several,
            can_show_done=self.can_show_done,
        )

    def place(
        self,
        asked: Asked,
        campaign: str,
        activities: Sequence[str],
        *,
        show_done: bool,
        message: str,
        now: datetime,
    ) -> Reply:
        self._maybe_refuse(asked)
        if not activities:
            raise NothingChosen
        if not set(activities) <= {activity.id for activity in ACTIVITIES}:
            raise ChoiceNotOffered
        self.placed.append((campaign, list(activities), show_done, message))
        return Reply(asked.settings.return_url, "signed.by.us")

    def cancel(self, asked: Asked, message: str, now: datetime) -> Reply:
        self._maybe_refuse(asked)
        self.placed.append(("", [], False, message))
        return Reply(asked.settings.return_url, "signed.by.us")

    def _maybe_refuse(self, asked: Asked) -> None:
        self.asked.append(asked)
        if self.refuse is not None:
            raise self.refuse


@dataclass
class FakeRoles:
    """Whoever comes with roles in their session holds them, but for those in `ended`."""

    ended: set[str] = field(default_factory=set)
    accepted: list[str] = field(default_factory=list)
    invitations: tuple[Invitation, ...] = INVITATIONS
    holders: dict[str, tuple[GrantedRole, ...]] = field(default_factory=lambda: dict(HOLDERS))
    done: list[tuple[str, ...]] = field(default_factory=list)
    tried: int = 0

    def invite(self, tenant_id: str, role: str, by: str, now: datetime) -> Made:
        name_of(tenant_id)
        self.done.append(("invite", tenant_id, role, by))
        return Made(CODE, role, now + timedelta(days=14))

    def withdraw(self, tenant_id: str, code_hash: str, by: str, now: datetime) -> None:
        self.done.append(("withdraw", tenant_id, code_hash, by))

    def accept(self, tenant_id: str, learner_id: str, code: str, now: datetime) -> str:
        self.tried += 1
        if code != CODE:
            raise InvitationUnknown
        self.accepted.append("administrator")
        return "administrator"

    def give_back(self, tenant_id: str, learner_id: str, role: str, now: datetime) -> None:
        self.ended.add(role)

    def end(self, tenant_id: str, portal_id: str, sub: str, role: str, by: str, now: datetime) -> None:
        self.done.append(("end", tenant_id, portal_id, sub, role, by))

    def granted_to(self, tenant_id: str, learner_id: str) -> tuple[str, ...]:
        held = {*session.get("granted", ()), *self.accepted} - self.ended
        return tuple(role for role in ROLES if role in held)

    def number_of(self, tenant_id: str, learner_id: str) -> str:
        return "leerportaal 104"

    def page(self, tenant_id: str, now: datetime) -> RolesPage:
        portals = {"leerportaal": "Leerportaal Molenwaard"}
        return RolesPage(tenant_id, name_of(tenant_id), self.invitations, self.holders, portals)


class FakeKeys:
    def published(self, now: datetime) -> dict[str, Any]:
        return {"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB"}]}

    def look_again(self, now: datetime) -> None:
        """Nothing new."""


@dataclass
class FakeCompletions:
    shown: CompletionsPage = COMPLETIONS
    told: OwnCompletion | None = None
    done: list[tuple[str, ...]] = field(default_factory=list)

    def page(self, tenant_id: str, language: str, now: datetime) -> CompletionsPage:
        self.done.append(("page", tenant_id, language))
        return self.shown

    def try_again(self, tenant_id: str, portal_id: str, who: str, now: datetime) -> None:
        self._known(portal_id)
        self.done.append(("again", tenant_id, portal_id, who))

    def own(self, where: Where, now: datetime) -> OwnCompletion | None:
        return self.told

    def _known(self, portal_id: str) -> None:
        if portal_id not in {portal.id for portal in self.shown.portals}:
            raise PortalUnknown


TENANTS = (make_tenant(id="molenwaard", name="Gemeente Molenwaard", roster=True), make_tenant(id="waterland"))
ONES = Portal(
    tenant_id="molenwaard",
    id="leerportaal",
    name="Leerportaal",
    issuer=PORTAL,
    client_id="NFXT6epyuV37F7P",
    auth_login_url=f"{PORTAL}/mod/lti/auth.php",
    token_url=f"{PORTAL}/mod/lti/token.php",
    jwks_url=f"{PORTAL}/mod/lti/certs.php",
    deployment_ids=frozenset({"1", "3"}),
    product="moodle",
)
OTHERS = replace(
    ONES,
    tenant_id="waterland",
    id="canvas",
    name="Canvas van Waterland",
    issuer="https://canvas.instructure.com",
    deployment_ids=frozenset(),
    waiting_deployment_ids=frozenset({"105:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"}),
    product="canvas",
)


def checked(portal: Portal, *, green: bool = False) -> Checked:
    """A self-check with something of every colour, or all green."""
    found = [("keys", "works"), ("marks", "token_refused"), ("line_item", "no_course_seen"), ("roster", "works")]
    lines = []
    for service, reason in found:
        if green or reason == "works":
            lines.append(CheckLine(Finding(service, "green", "works"), None))  # type: ignore[arg-type]
        else:
            colour = "red" if reason == "token_refused" else "grey"
            remedy = remedy_of(reason, portal.product, portal.issuer)
            lines.append(CheckLine(Finding(service, colour, reason), remedy))  # type: ignore[arg-type]
    return Checked(portal, tuple(lines))


@dataclass
class FakePortals:
    kept: dict[tuple[str, str], Portal] = field(
        default_factory=lambda: {(p.tenant_id, p.id): p for p in (ONES, OTHERS)}
    )
    own: str = "leerportaal"
    done: list[tuple[object, ...]] = field(default_factory=list)

    def all(self, tenant_id: str | None) -> tuple[PortalLine, ...]:
        return tuple(
            PortalLine(portal, f"Gemeente {portal.tenant_id.title()}", portal.product.title())
            for portal in self.kept.values()
            if tenant_id in (None, portal.tenant_id)
        )

    def municipalities(self, tenant_id: str | None) -> tuple[Tenant, ...]:
        return tuple(tenant for tenant in TENANTS if tenant_id in (None, tenant.id))

    def portal_of(self, tenant_id: str, learner_id: str) -> str:
        return self.own

    def activate(self, tenant_id: str, portal_id: str, deployment_id: str, by: str, now: datetime) -> Portal:
        portal = self._change(tenant_id, portal_id, waiting_deployment_ids=frozenset())
        self.done.append(("activate", tenant_id, portal_id, deployment_id, by))
        return portal

    def disable(
        self, tenant_id: str, portal_id: str, by: str, now: datetime, *, learner_id: str | None = None
    ) -> int:
        if learner_id is not None and portal_id == self.own:
            raise OwnPortal
        self._change(tenant_id, portal_id, enabled=False)
        self.done.append(("disable", tenant_id, portal_id, by))
        return 3

    def enable(self, tenant_id: str, portal_id: str, by: str, now: datetime) -> None:
        self._change(tenant_id, portal_id, enabled=True)
        self.done.append(("enable", tenant_id, portal_id, by))

    def check(self, tenant_id: str, portal_id: str, by: str, now: datetime) -> Checked:
        self.done.append(("check", tenant_id, portal_id, by))
        return checked(self._change(tenant_id, portal_id))

    def _change(self, tenant_id: str, portal_id: str, **changes: Any) -> Portal:
        if (tenant_id, portal_id) not in self.kept:
            raise PortalUnknown(portal_id)
        portal = self.kept[tenant_id, portal_id] = replace(self.kept[tenant_id, portal_id], **changes)
        return portal


def list_state(context_id: str, failure: str = "", **changes: Any) -> RosterState:
    """How it goes with the list of one course of Molenwaard."""
    remedy = remedy_of(failure, "moodle", PORTAL) if failure else None
    said = {"read_at": NOW, "planned": True, "failure": failure, "remedy": remedy, **changes}
    return RosterState(tenant_id="molenwaard", portal_id="leerportaal", context_id=context_id, **said)  # type: ignore[arg-type]


@dataclass
class FakeRosters:
    kept: tuple[RosterState, ...] = (
        list_state("17", "roster_gone", planned=False),
        list_state("12"),
        list_state("14", read_at=None),
    )

    def states(self, tenant_id: str | None) -> tuple[RosterState, ...]:
        return tuple(state for state in self.kept if tenant_id in (None, state.tenant_id))


@dataclass
class FakeRegistration:
    refuse: Exception | None = None
    portal: Portal = ONES
    green: bool = False
    made: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def make_link(self, tenant_id: str, portal_id: str, name: str, by: str, now: datetime) -> str:
        if not portal_id.isalnum() or portal_id != portal_id.lower():
            raise PortalRefused("id: small letters, digits and single hyphens, at most 64 characters")
        if not name:
            raise PortalRefused("name: 1 to 200 printable characters, no spaces around them")
        self.made.append((tenant_id, portal_id, name, by))
        return "s3cret" + "x" * 37

    def look(self, tenant_id: str, token: str, configuration_url: str, now: datetime) -> AskedToConnect:
        if token != "geheim":
            raise RegistrationLinkGone
        return AskedToConnect("Gemeente Molenwaard", "Ons Moodle", origin_text(configuration_url))

    def register(
        self, tenant_id: str, token: str, configuration_url: str, registration_token: str, now: datetime
    ) -> Connected:
        if token != "geheim":
            raise RegistrationLinkGone
        if self.refuse is not None:
            raise self.refuse
        self.asked.append((tenant_id, configuration_url, registration_token))
        return Connected("Gemeente Molenwaard", checked(self.portal, green=self.green))


@dataclass
class FakeForget:
    """Wipes whoever asks."""

    shown: WipePage = field(
        default_factory=lambda: WipePage(
            writes_results=True,
            at_the_lrs="erased",
            until=date(2027, 10, 31),
            is_lost=False,
            roster=False,
            holds_role=False,
            privacy="privacy@voorbeeldstad.example",
        )
    )
    wiped: list[Where] = field(default_factory=list)

    def page(self, where: Where) -> WipePage:
        return self.shown

    def wipe(self, where: Where, now: datetime) -> None:
        self.wiped.append(where)


@dataclass
class Rows:
    """Sessions in memory."""

    kept: dict[str, tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    busy: Callable[[], None] = lambda: None

    def load_session(self, id_hash: str, now: datetime) -> dict[str, Any] | None:
        self.busy()
        found = self.kept.get(id_hash)
        return dict(found[0]) if found and found[1] > now else None

    def add_session(self, id_hash: str, data: dict[str, Any], expires_at: datetime) -> None:
        self.kept[id_hash] = (data, expires_at)

    def begin_session(
        self, id_hash: str, data: dict[str, Any], expires_at: datetime, *, in_place_of: str | None
    ) -> None:
        self.add_session(id_hash, data, expires_at)
        self.kept.pop(in_place_of or "", None)

    def save_session(self, id_hash: str, data: dict[str, Any], expires_at: datetime) -> bool:
        if there := id_hash in self.kept:
            self.kept[id_hash] = (data, expires_at)
        return there

    def delete_session(self, id_hash: str) -> bool:
        return self.kept.pop(id_hash, None) is not None


@dataclass
class House:
    """The app with its fakes at hand."""

    app: Flask
    rows: Rows
    enter: FakeEnter
    assessment: FakeAssessment
    advice: FakeAdvice
    module: FakeModule
    media: FakeMedia
    story: FakeStory
    colophon: FakeColophon
    reports: FakeReports
    operate: FakeOperate
    inspect: FakeInspect
    place: FakePlace
    roles: FakeRoles
    portals: FakePortals
    registration: FakeRegistration
    completions: FakeCompletions
    rosters: FakeRosters
    forget: FakeForget
    outbox: FakeOutbox

    def client(self, **session: Any) -> FlaskClient:
        """A browser; with values, one that has a session."""
        client = self.app.test_client()
        if session:
            self.keep_session(SESSION_ID, session)
            client.set_cookie(COOKIE, SESSION_ID, secure=True)
        return client

    def keep_session(self, session_id: str, values: dict[str, Any]) -> None:
        until = datetime.now(UTC) + timedelta(hours=24)
        self.rows.kept[hash_of(session_id)] = ({**values, UNTIL: until.isoformat()}, until)

    def learner(self, **more: Any) -> FlaskClient:
        return self.client(**{**LEARNER, **more})

    def staff(self, **more: Any) -> FlaskClient:
        return self.client(**{**LEARNER, "staff": True}, **more)

    def chooser(self, **more: Any) -> FlaskClient:
        """Staff whose portal asks what to put on a course page."""
        return self.staff(deep_linking=ASKED_IN_SESSION, **more)

    def administrator(self) -> FlaskClient:
        """A learner of the portal who accepted an invitation to administer the municipality."""
        return self.client(**{**LEARNER, "learner_id": "l-1", "granted": ["administrator"]})

    def analyst(self) -> FlaskClient:
        """A learner of the portal who accepted an invitation to read the municipality's figures."""
        return self.client(**{**LEARNER, "granted": ["analyst"]})

    def operator(self) -> FlaskClient:
        return self.client(operator="beheerder")


def make_house(
    *,
    demo: bool = True,
    csrf: bool = False,
    theme: str = "neutral",
    healthy: bool = True,
    iri_base: str = "https://digivaardig.example/xapi/",
) -> House:
    app = Flask("house", static_folder=None)
    app.config.update(TESTING=False, SECRET_KEY="x" * 32, WTF_CSRF_ENABLED=csrf)
    house = House(
        app,
        Rows(),
        FakeEnter(),
        FakeAssessment(),
        FakeAdvice(),
        FakeModule(),
        FakeMedia(),
        FakeStory(),
        FakeColophon(),
        FakeReports(),
        FakeOperate(),
        FakeInspect(),
        FakePlace(),
        FakeRoles(),
        FakePortals(),
        FakeRegistration(),
        FakeCompletions(),
        FakeRosters(),
        FakeForget(),
        FakeOutbox(),
    )
    journeys = Journeys(
        enter=house.enter,  # type: ignore[arg-type]
        assessment=house.assessment,  # type: ignore[arg-type]
        advice=house.advice,  # type: ignore[arg-type]
        module=house.module,  # type: ignore[arg-type]
        media=house.media,  # type: ignore[arg-type]
        story=house.story,  # type: ignore[arg-type]
        colophon=house.colophon,  # type: ignore[arg-type]
        reports=house.reports,  # type: ignore[arg-type]
        operate=house.operate,  # type: ignore[arg-type]
        inspect=house.inspect,  # type: ignore[arg-type]
        keys=FakeKeys(),  # type: ignore[arg-type]
        place=house.place,  # type: ignore[arg-type]
        roles=house.roles,  # type: ignore[arg-type]
        portals=house.portals,  # type: ignore[arg-type]
        registration=house.registration,  # type: ignore[arg-type]
        completions=house.completions,  # type: ignore[arg-type]
        rosters=house.rosters,  # type: ignore[arg-type]
        forget=house.forget,  # type: ignore[arg-type]
        outbox=house.outbox,  # type: ignore[arg-type]
    )
    settings = SettingsView(
        public_url="https://digivaardig.example",
        demo=demo,
        iri_base=iri_base,
        portal_origins=lambda: (house.enter.portal, "https://leren.waterland.example"),
        theme_of=lambda tenant_id: theme,
        is_healthy=lambda: healthy,
    )
    register(app, journeys, settings, house.rows)
    return house
