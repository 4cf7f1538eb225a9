"""Skipping the assessment: for others it looks the same as finishing, and it can be undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.domain.errors import CampaignNotOpen, NothingToUndo
from tests.factories import NOW
from tests.integration.journeys.town import Town, right
from xapi.vocabulary import SKIPPED, VOIDED

LATER = NOW + timedelta(days=40)
OVER = datetime(2028, 1, 1, tzinfo=UTC)


def test_skipping_leads_to_the_first_training_and_to_klaar(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    assert town.verbs()[-2:] == ["skipped", "advised"]
    assert town.statements()[-1]["object"]["id"].endswith("M-OPE-001")
    assert len(town.outbox("completion", "")) == 1


def test_skipping_twice_changes_nothing(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    before = town.verbs()
    town.assessment.skip(where, LATER)
    assert town.verbs() == before
    assert len(town.outbox("completion", "")) == 1


def test_who_finished_cannot_skip_any_more(town):
    where = town.finish("a", right)
    before = town.verbs()
    town.assessment.skip(where, NOW)
    assert town.verbs() == before
    assert town.enter.start_page(where, NOW).state == "finished"


def test_a_skip_can_be_undone_and_klaar_stays(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    town.assessment.undo_skip(where, NOW)
    with pytest.raises(NothingToUndo):
        town.assessment.undo_skip(where, NOW)
    town.assessment.begin(where, NOW)
    town.answer_all(where, right)
    assert len(town.outbox("completion", "")) == 1


def test_beginning_undoes_a_skip(town):
    where = town.begin()
    town.assessment.skip(where, NOW)
    town.assessment.begin(where, NOW)
    with pytest.raises(NothingToUndo):
        town.assessment.undo_skip(where, NOW)
    assert town.count("attempt") == 1


def test_skipping_again_after_undoing_it_is_no_error(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    town.assessment.undo_skip(where, NOW)
    town.assessment.skip(where, LATER)
    assert town.enter.start_page(where, LATER).state == "skipped"
    assert len(town.outbox("completion", "")) == 1


def test_an_undone_skip_is_voided_and_a_later_one_is_told_anew(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    town.assessment.undo_skip(where, NOW)
    town.assessment.skip(where, LATER)
    said = town.statements()
    skips = [statement["id"] for statement in said if statement["verb"]["id"] == SKIPPED]
    voided = [statement["object"]["id"] for statement in said if statement["verb"]["id"] == VOIDED]
    assert len(set(skips)) == 2
    assert voided == skips[:1]


@pytest.mark.parametrize("at_once", [True, False])
def test_done_and_skipped_look_the_same_to_the_portal(app, small_content, town, at_once):
    same = Town(app, small_content, completions_at_once=at_once)
    same.finish("does-it", right)
    same.assessment.skip(same.arrive("skips-it"), NOW)
    done, skipped = same.outbox("completion", "")
    own = ("seq", "message_id", "body")
    assert {k: v for k, v in done.items() if k not in own} == {k: v for k, v in skipped.items() if k not in own}
    bodies = [json.loads(row["body"]) for row in (done, skipped)]
    assert bodies[0].keys() == bodies[1].keys()
    assert [body["at"] for body in bodies] == [done["due_at"].isoformat()] * 2
    assert done["due_at"] == (NOW if at_once else datetime(2026, 11, 23, 12, tzinfo=UTC))


def test_without_a_line_item_the_portal_hears_nothing(town):
    town.assessment.skip(town.arrive("a", line_item_url=None), NOW)
    assert town.outbox("completion", "") == []


def test_nobody_begins_or_skips_when_the_campaign_is_over(town):
    where = town.arrive()
    for step in (town.assessment.begin, town.assessment.skip):
        with pytest.raises(CampaignNotOpen):
            step(where, OVER)
    assert town.count("attempt") == 0
