"""A second sitting, other questions than before, and content that was renewed in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.domain.errors import NoAttemptRunning, ReleaseGone
from lti_tool.storage import attempts as attempt_rows
from tests.factories import NOW
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.town import Town, right

LATER = NOW + timedelta(days=40)


def test_a_second_sitting_after_post_from_asks_no_question_again(town):
    where = town.finish("a", right)
    with pytest.raises(NoAttemptRunning):
        town.assessment.begin(where, LATER)
    town.hold_campaign(post_from=LATER)
    town.assessment.begin(where, LATER)
    town.answer_all(where, right, LATER)
    items = town.items_of(where)
    assert len(items) == len(set(items)) == 8
    phases = {
        s["context"].get("extensions", {}).get("http://id.tincanapi.com/extension/assessment-type")
        for s in town.statements()
        if s["verb"]["id"].endswith("/completed")
    }
    assert phases == {"pretest", "posttest"}
    assert len(town.outbox("completion", "")) == 1
    with pytest.raises(NoAttemptRunning):
        town.assessment.begin(where, LATER)


def test_questions_of_an_earlier_campaign_are_not_asked_again_either(town):
    first = town.finish("a", right)
    town.hold_campaign(id="vervolg")
    second = town.finish("a", right, custom={"campaign": "vervolg"})
    assert not set(town.items_of(first)) & set(town.items_of(second))


def test_who_has_seen_every_question_is_asked_them_again(town):
    for number in range(5):
        town.hold_campaign(id=f"campagne-{number}")
        where = town.finish("a", right, custom={"campaign": f"campagne-{number}"})
        assert len(town.items_of(where)) == 4


def test_staff_who_look_around_may_see_the_same_questions_each_time(town):
    first = town.begin("teacher", is_staff=True)
    town.answer_all(first, right)
    again = town.enter.begin_preview(first, NOW)
    town.assessment.begin(again, NOW)
    assert town.attempts(again)[0].excluded == frozenset()
    assert town.answer_all(again, right) == 4
    assert town.count("outbox") == 0


def test_after_the_content_was_renewed_a_running_sitting_says_so(app, small_content, town, tmp_path):
    where = town.begin()
    asked = town.assessment.question(where)
    renewed = Town(app, _renewed(tmp_path))
    for step in (
        lambda: renewed.assessment.question(where),
        lambda: renewed.assessment.answer(where, asked.item.key, 1, right(asked.item), NOW),
        lambda: renewed.assessment.stop(where, NOW),
    ):
        with pytest.raises(ReleaseGone):
            step()
    renewed.assessment.skip(where, NOW)
    assert renewed.advice.page(where, NOW).skipped


def _renewed(folder):
    write_small_content(folder)
    manifest = folder / "package.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("1.2.3", "1.2.4"), "utf-8")
    return folder


def test_an_attempt_that_has_nothing_left_to_ask_says_so(town):
    where = town.begin()
    (attempt,) = town.attempts(where)
    package = town.content.package_for(town.tenant())
    everything = [item.id for item in package.assessment_items()]
    town.in_transaction(
        attempt_rows.begin_attempt,
        where,
        number=2,
        bank_version=attempt.bank_version,
        package_sha256=attempt.package_sha256,
        excluded=everything,
        now=NOW,
    )
    with pytest.raises(NoAttemptRunning):
        town.assessment.question(where)
    town.assessment.stop(where, NOW)
    assert town.assessment.question(where) is None
