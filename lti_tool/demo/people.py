"""Simulated colleagues who take the assessment through the real path: portal, launch, team, questions.

Their skill per domain is drawn from a seed and answers follow the two-parameter logistic model (Birnbaum,
in Lord & Novick 1968, chapter 17), with difficulties from the item files; so the demo's figures are made by
answers, not written by hand. Everything goes over HTTP.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

from lti_tool.demo.answer_key import AnswerKey, Question, fill_in
from lti_tool.demo.browser import Browser
from lti_tool.demo.page import Form
from lti_tool.demo.walks import Responding, answer_all, begin, launch

SEED = 20261123
DISCRIMINATION = 1.2
"""The slope a of the items, the same as the engine assumes."""
MEAN_SKILL = -0.2
"""Logits; 0 is the middle of the reference population."""
SPREAD_BETWEEN_PEOPLE = 0.8
SPREAD_BETWEEN_DOMAINS = 0.4
GROWTH_MEAN = 0.8
"""Logits gained between the two rounds: an invented, friendly effect of an invented programme."""
GROWTH_SPREAD = 0.25
DONT_KNOW_SHARE = 0.35
"""How often somebody who does not know it says so, and does not guess."""
AT_ONCE = 3
"""People at the same time; the demo runs on two cores."""

TEAMS = (("Balie en klantcontact", 12), ("Wmo", 6), ("Vergunningen", 6))


class Stopped(Exception):
    """The demo was asked to stop while people were still answering."""


@dataclass(frozen=True)
class Colleague:
    """A simulated person: who they are in the portal, and the team they choose."""

    person_id: str
    team: str | None

    def skill(self, domain: str, round_number: int) -> float:
        """Logits; the same at every call. Round 2 comes after some learning."""
        general = _dice(self.person_id).gauss(MEAN_SKILL, SPREAD_BETWEEN_PEOPLE)
        special = _dice(self.person_id, domain).gauss(0.0, SPREAD_BETWEEN_DOMAINS)
        growth = _dice(self.person_id, "growth").gauss(GROWTH_MEAN, GROWTH_SPREAD)
        return general + special + growth * (round_number - 1)

    def responding(self, round_number: int) -> Responder:
        """How this person answers in a round."""
        return Responder(self, round_number)


@dataclass(frozen=True)
class Responder:
    """Answers as a colleague does; the same question gets the same answer whatever came before."""

    colleague: Colleague
    round_number: int

    def __call__(self, question: Question, form: Form) -> dict[str, str | Sequence[str]] | None:
        dice = _dice(self.colleague.person_id, question.id, str(self.round_number))
        chance = success_chance(self.colleague.skill(question.domain, self.round_number), question.difficulty)
        right = dice.random() < chance
        if not right and dice.random() < DONT_KNOW_SHARE:
            return None
        return fill_in(question, form, right=right, dice=dice)


def success_chance(skill: float, difficulty: float) -> float:
    """Probability of a right answer, 0..1: the two-parameter logistic model."""
    return 1.0 / (1.0 + math.exp(-DISCRIMINATION * (skill - difficulty)))


def colleagues_of_voorbeeldstad(count: int) -> list[Colleague]:
    """The first `count` fictitious colleagues, with teams of 12, 6 and 6 when there are 24."""
    teams = [team for team, size in TEAMS for _ in range(size)]
    return [Colleague(str(200 + n + 1), teams[n]) for n in range(min(count, len(teams)))]


def people_of_kleindorp() -> list[Colleague]:
    """All six learners of the small municipality; it has no teams."""
    return [Colleague(str(301 + n), None) for n in range(6)]


def take_part(portal_url: str, colleague: Colleague, key: AnswerKey, responding: Responding) -> int:
    """One person goes the whole way, from logging in to the advice; returns the number of questions."""
    browser = Browser()
    try:
        tool = launch(browser, portal_url, colleague.person_id)
        begin(tool, colleague.team)
        return answer_all(tool, key, responding)
    finally:
        browser.close()


def all_take_part(portal_url: str, colleagues: Sequence[Colleague], round_number: int, key: AnswerKey) -> int:
    """Everybody takes part, a few at the same time; returns the number of questions answered.

    Raises:
        Whatever went wrong for the first of them; the others stop at their next question.
    """
    enough = threading.Event()

    def one(colleague: Colleague) -> int:
        responder = colleague.responding(round_number)

        def unless_stopped(question: Question, form: Form) -> dict[str, str | Sequence[str]] | None:
            if enough.is_set():
                raise Stopped
            return responder(question, form)

        return take_part(portal_url, colleague, key, unless_stopped)

    room = ThreadPoolExecutor(max_workers=AT_ONCE)
    going = [room.submit(one, colleague) for colleague in colleagues]
    try:
        wait(going, return_when=FIRST_EXCEPTION)
        failed = next((g for g in going if g.done() and g.exception() is not None), None)
        return sum(g.result() for g in ([failed] if failed is not None else going))
    finally:
        enough.set()
        room.shutdown(cancel_futures=True)


def _dice(*about: str) -> random.Random:
    """A source of chance that depends only on what it is about."""
    return random.Random(":".join((str(SEED), *about)))  # noqa: S311 - a simulation, not a secret
