"""The demo's look behind the scenes shows the last visitor's claims, questions and statements."""

from __future__ import annotations

import json
from datetime import timedelta

from lti_tool.storage.database import db
from lti_tool.storage.tables import ParticipationKeyRow
from tests.factories import NOW
from tests.integration.journeys.town import ISSUER, dont_know, right

LATER = NOW + timedelta(minutes=1)


def test_before_the_first_visit_there_is_nothing_to_show(town):
    assert town.inspect.last_visit() is None


def test_the_claims_that_were_used_are_shown_and_no_others(town):
    town.visit("a", claims_used={"iss": ISSUER, "sub": "a"})
    found = town.inspect.last_visit()
    assert found.claims == {"iss": ISSUER, "sub": "a"}
    assert (found.questions, found.statements) == ((), ())


def test_each_question_is_shown_with_why_it_was_asked(town):
    where = town.begin()
    town.reply(where, right)
    town.reply(where, dont_know)
    first, second = town.inspect.last_visit().questions
    assert (first.position, first.right, first.dont_know) == (1, True, False)
    assert (second.position, second.right, second.dont_know) == (2, False, True)
    assert (first.reason, second.reason) == ("easy_start", "least_certain")
    assert 0 < first.p_success < 1
    assert first.stem == "Je loopt even weg van je werkplek. Wat doe je?"
    assert first.domain != second.domain
    assert first.difficulty <= 0.4


def test_the_statements_are_shown_newest_first_and_only_of_this_visitor(town):
    town.arrive("somebody-else")
    town.begin("a", LATER)
    verbs = [json.loads(s)["verb"]["id"].rsplit("/", 1)[-1] for s in town.inspect.last_visit().statements]
    assert verbs == ["initialized", "acknowledge", "registered"]


def test_the_last_visitor_is_shown(town):
    town.visit("a", claims_used={"sub": "a"})
    town.visit("b", LATER, claims_used={"sub": "b"})
    assert town.inspect.last_visit().claims == {"sub": "b"}
    town.visit("a", LATER + timedelta(minutes=1), claims_used={"sub": "a"})
    assert town.inspect.last_visit().claims == {"sub": "a"}


def test_after_staff_began_to_look_around_the_last_learner_is_shown(town):
    town.visit("a", claims_used={"sub": "a"})
    staff = town.visit("teacher", LATER, is_staff=True, claims_used={"sub": "teacher"}).where
    town.enter.begin_preview(staff, LATER)
    assert town.inspect.last_visit().claims == {"sub": "a"}


def test_once_the_key_was_destroyed_no_statement_can_be_linked(town):
    where = town.begin()

    def destroy():
        db.session.delete(db.session.get_one(ParticipationKeyRow, (where.tenant_id, where.participation_id)))

    town.in_transaction(destroy)
    found = town.inspect.last_visit()
    assert (found.claims, found.statements) == ({"iss": ISSUER}, ())
