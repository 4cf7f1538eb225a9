"""A campaign ends: nobody finds a person's statements any more, and three months later the answers go."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.domain.errors import AnswersGone, CampaignClosed, CampaignNotOpen, NoAttemptRunning, PseudonymGone
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import campaign_ends as end_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import connection, db, transaction
from lti_tool.storage.tables import Base
from lti_tool.use_cases import close_campaigns as close_module
from lti_tool.use_cases.calibrate_bank import _campaigns_that_tell
from lti_tool.use_cases.close_campaigns import ANSWERS_REMOVED, CLOSED, KEYS_DESTROYED, CloseCampaigns
from lti_tool.use_cases.forget import Forget
from lti_tool.use_cases.publish_figures import PublishFigures
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests, at_the_same_moment, right, wrong
from xapi.outbox import outbox

ENDS = date(2026, 11, 30)
LAST_MOMENT = datetime(2026, 12, 1, 11, 59, 59, tzinfo=UTC)
OVER = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""The last day is over on the last island of the world."""
KEPT = datetime(2027, 2, 28, 23, 59, tzinfo=UTC)
GONE = datetime(2027, 3, 1, tzinfo=UTC)
TOWN = "voorbeeldstad"


@pytest.fixture
def town(town):
    town.hold_campaign(ends_on=ENDS)
    return town


def ending(town):
    figures = PublishFigures(town.content, town.pen)
    return AsRequests(town.app, CloseCampaigns(town.pen, town.seal, figures))


def end(town, now=OVER):
    ending(town).everything_due(now)


def sent(town, state="sent"):
    change = outbox.update().values(state=state, sent_at=NOW)
    town.in_transaction(lambda: connection().execute(change))


def audits(town, what):
    return [row[3] for row in town.in_transaction(audit_rows.audit_rows, TOWN) if row[2] == what]


def rows(town, table):
    read = select(Base.metadata.tables[table])
    return [dict(row) for row in town.in_transaction(lambda: db.session.execute(read).mappings().all())]


def everything(town):
    tables = [*Base.metadata.sorted_tables, outbox]
    return str(town.in_transaction(lambda: [db.session.execute(select(t)).all() for t in tables]))


def campaign_row(town, campaign="standaard"):
    (row,) = [row for row in rows(town, "campaign") if row["id"] == campaign]
    return row


def take_training(town, where):
    """A training with a question answered in it, not finished."""
    module = town.content.installed().modules["M-VEI-001"]
    town.module.open(where, module.id, NOW)
    for step in module.steps:
        for block in step.blocks:
            if block.item_ref:
                item = town.content.installed().item(block.item_ref)
                town.module.go(where, module.id, step.id, NOW)
                town.module.check(where, module.id, item.key, right(item), NOW)
                return module.id
    raise AssertionError("the training asks nothing")


# The keys.


def test_the_keys_stay_until_the_last_day_is_over_everywhere(town):
    town.arrive("a")
    end(town, LAST_MOMENT)
    assert (town.count("participation_key"), campaign_row(town)["closed_at"]) == (1, None)
    end(town, OVER)
    assert (town.count("participation_key"), campaign_row(town)["closed_at"]) == (0, OVER)
    assert (audits(town, CLOSED), audits(town, KEYS_DESTROYED)) == (["standaard"], ["standaard: 0 keys are left"])


def test_after_the_end_no_row_leads_to_a_pseudonym_nor_from_it(town):
    where = town.finish("a", right)
    identity = town.in_transaction(participation_rows.load_identity, where, town.seal)
    sent(town)
    assert identity.pseudonym in everything(town)
    end(town)
    after = everything(town)
    assert identity.pseudonym not in after
    assert identity.registration not in after
    with pytest.raises(PseudonymGone):
        town.in_transaction(participation_rows.load_identity, where, town.seal)


def test_what_waits_or_was_refused_is_not_lost_and_goes_as_soon_as_it_arrived(town):
    town.finish("a", right)
    before = town.statements()
    end(town)
    assert town.statements() == before
    assert {row["pseudonym"] for row in town.outbox()} == {None}
    sent(town, "dead")
    end(town)
    assert town.statements() == before
    sent(town)
    end(town)
    assert {row["body"] for row in town.outbox()} == {""}
    assert len(town.outbox()) == len(before)


def test_other_campaigns_and_what_was_said_there_stay_as_they_are(town):
    town.hold_campaign(id="vervolg", ends_on=date(2027, 11, 30))
    town.arrive("a")
    other = town.arrive("a", custom={"campaign": "vervolg"})
    sent(town)
    end(town)
    assert [row["participation_id"] for row in rows(town, "participation_key")] == [other.participation_id]
    assert [bool(row["body"]) for row in town.outbox()] == [False, False, True, True]


def test_published_figures_of_the_group_stream_keep_their_text(town):
    for number in range(12):
        town.arrive(f"learner-{number}")
    town.figures.publish(TOWN, NOW)
    sent(town)
    end(town)
    assert all(row["body"] for row in town.outbox(stream="group"))


def test_whoever_goes_on_after_the_end_is_told_of_nowhere(town):
    where = town.begin("a")
    town.reply(where, right)
    end(town)
    said = len(town.outbox())
    town.answer_all(where, right, OVER)
    module = take_training(town, where)
    town.module.finish(where, module, OVER)
    assert town.advice.page(where, OVER).answers_gone is False
    assert len(town.advice.answers(where)) == 4
    assert len(town.advice.progress(where).sittings) == 1
    assert len(town.outbox()) == said
    assert town.outbox("completion", "")


def test_a_skip_can_be_taken_back_after_the_end(town):
    where = town.arrive("a")
    town.assessment.skip(where, NOW)
    said = len(town.outbox())
    end(town)
    town.assessment.undo_skip(where, OVER)
    assert rows(town, "participation")[0]["skipped_at"] is None
    assert len(town.outbox()) == said


def test_whoever_comes_after_the_end_loses_the_key_the_next_time(town):
    town.hold_campaign(id="eerder", ends_on=ENDS)
    end(town)
    late = town.visit("b", OVER, custom={"campaign": "eerder"}).where
    with pytest.raises(CampaignNotOpen):
        town.assessment.begin(late, OVER)
    assert town.count("participation_key") == 1
    end(town)
    assert town.count("participation_key") == 0


def test_the_default_campaign_that_follows_has_keys_of_its_own(town):
    town.arrive("a")
    again = town.visit("a", OVER).where
    assert again.campaign_id == "standaard-2"
    end(town)
    assert [row["participation_id"] for row in rows(town, "participation_key")] == [again.participation_id]


def test_in_a_campaign_for_individual_insight_the_keys_go_too(town):
    town.hold_campaign(ends_on=ENDS, purpose="individual")
    town.arrive("a")
    town.visit("teacher", is_staff=True)
    end(town)
    assert town.count("participation_key") == 0


def test_a_key_that_does_not_open_any_more_goes_too(town):
    town.arrive("a")
    table = Base.metadata.tables["participation_key"]
    town.in_transaction(lambda: db.session.execute(table.update().values(wrapped_key=b"another")))
    end(town)
    assert town.count("participation_key") == 0
    assert len(town.statements()) == 2


def test_a_campaign_that_is_prolonged_in_time_is_not_closed(town):
    town.arrive("a")
    town.hold_campaign(ends_on=ENDS + timedelta(days=1))
    end(town)
    assert town.count("participation_key") == 1


def test_a_campaign_that_was_closed_keeps_its_last_day(town):
    end(town)
    for days in (-1, 1):
        with pytest.raises(CampaignClosed):
            town.hold_campaign(ends_on=ENDS + timedelta(days=days))
    town.hold_campaign(ends_on=ENDS, name="Een betere naam")
    assert campaign_row(town)["name"] == "Een betere naam"


def test_a_campaign_that_is_prolonged_at_the_very_moment_it_is_closed_has_one_of_both(town):
    town.arrive("a")

    def prolong():
        town.hold_campaign(ends_on=ENDS + timedelta(days=100))

    _, prolonged = at_the_same_moment([lambda: end(town), prolong])
    was_closed = campaign_row(town)["closed_at"] is not None
    assert isinstance(prolonged, CampaignClosed) == was_closed
    assert town.count("participation_key") == (0 if was_closed else 1)


def test_closing_what_changed_meanwhile_does_nothing(town):
    (ended,) = town.in_transaction(end_rows.over, OVER.date())
    assert not town.in_transaction(end_rows.close, ended, ENDS - timedelta(days=1), OVER)
    assert town.in_transaction(end_rows.close, ended, ENDS, OVER)
    assert not town.in_transaction(end_rows.close, ended, ENDS, OVER)


# Wiping after the end.


def test_wiping_after_the_end_takes_everything_here_and_the_page_says_what_it_cannot_find(town):
    where = town.finish("a", right)
    forget = AsRequests(town.app, Forget(town.pen, town.seal, None))
    assert (forget.page(where).is_lost, forget.page(where).until) == (False, ENDS)
    end(town)
    page = forget.page(where)
    assert (page.writes_results, page.is_lost, page.until) == (True, True, None)
    town.hold_campaign(id="vervolg", ends_on=date(2027, 11, 30))
    also = town.arrive("a", OVER, custom={"campaign": "vervolg"})
    page = forget.page(also)
    assert (page.writes_results, page.is_lost, page.until) == (True, True, date(2027, 11, 30))
    forget.wipe(where, OVER)
    assert (town.count("learner"), town.count("answer"), town.count("erasure")) == (0, 0, 1)


def test_after_a_campaign_for_individual_insight_there_is_nothing_that_could_be_lost(town):
    town.hold_campaign(ends_on=ENDS, purpose="individual")
    where = town.arrive("a")
    end(town)
    page = AsRequests(town.app, Forget(town.pen, town.seal, None)).page(where)
    assert (page.writes_results, page.is_lost, page.until) == (False, False, None)


def test_whoever_wipes_while_the_campaign_ends_leaves_nothing_and_no_error(town):
    where = town.finish("a", right)
    forget = AsRequests(town.app, Forget(town.pen, town.seal, None))
    assert at_the_same_moment([lambda: end(town), lambda: forget.wipe(where, OVER)]) == [None, None]
    assert (town.count("learner"), town.count("participation_key")) == (0, 0)


# The answers.


def test_answers_stay_for_three_months_and_then_the_level_with_its_day_and_the_items_are_left(town):
    where = town.finish("a", right)
    take_training(town, where)
    items, (before,) = sorted(town.items_of(where)), town.attempts(where)
    end(town, KEPT)
    assert (town.count("answer"), audits(town, ANSWERS_REMOVED)) == (4, [])
    end(town, GONE)
    assert (town.count("answer"), audits(town, ANSWERS_REMOVED)) == (0, ["standaard: 0 answers are left"])
    (attempt,) = rows(town, "attempt")
    assert attempt["seen"] == items
    (after,) = town.attempts(where)
    assert [(r.domain, r.level, r.between) for r in after.profile] == [
        (r.domain, r.level, r.between) for r in before.profile
    ]
    assert {(r.sd, r.wle, r.wle_se, r.shares, r.gains, r.items) for r in after.profile} == {
        (0.0, None, None, (), (), 0)
    }
    assert [r.mean for r in after.profile] == [round(r.mean, 1) for r in before.profile]
    (training,) = rows(town, "training")
    assert training["checks"] == {}
    (participation,) = rows(town, "participation")
    for row, name in (
        *((attempt, name) for name in ("begun_at", "finished_at")),
        *((participation, name) for name in ("first_launch_at", "acknowledged_at", "done_at")),
        (training, "opened_at"),
    ):
        assert row[name] == datetime(2026, 11, 23, tzinfo=UTC), name
    assert participation["skipped_at"] is training["finished_at"] is None


def test_a_later_assessment_does_not_ask_what_was_asked_before_the_answers_went(town):
    first = town.finish("a", right)
    items = set(town.items_of(first))
    end(town, GONE)
    town.hold_campaign(id="vervolg", ends_on=date(2027, 11, 30))
    second = town.begin("a", GONE, custom={"campaign": "vervolg"})
    assert town.attempts(second)[0].excluded == items
    town.answer_all(second, right, GONE)
    assert not set(town.items_of(second)) & items


def test_after_the_answers_went_the_pages_show_what_is_left(town):
    where = town.finish("a", right)
    before = town.advice.page(where, NOW)
    end(town, GONE)
    page = town.advice.page(where, GONE)
    assert page.answers_gone
    lines = {line: replace(line, grow="") for line in (*before.strong, *before.grow)}
    assert {*page.strong, *page.grow} == set(lines.values()), "which skill has most to gain went with the answers"
    with pytest.raises(AnswersGone):
        town.advice.answers(where)
    progress = town.advice.progress(where)
    assert [line.finished_on for line in progress.sittings] == [NOW.date()]
    assert town.inspect.last_visit().questions == ()
    assert town.enter.start_page(where, GONE).state == "finished"


def test_growth_is_not_told_without_answers(town):
    town.hold_campaign(ends_on=ENDS, post_from=NOW + timedelta(days=1))
    where = town.finish("a", right)
    town.assessment.begin(where, NOW + timedelta(days=2))
    town.answer_all(where, right, NOW + timedelta(days=2))
    end(town, GONE)
    progress = town.advice.progress(where)
    assert (len(progress.sittings), progress.growth) == (2, ())


def test_a_sitting_that_was_never_finished_cannot_go_on_without_its_answers(town):
    where = town.begin("a")
    key, position, response = town.reply(where, right)
    end(town, GONE)
    assert rows(town, "attempt")[0]["seen"] == [key.split("@")[0]]
    assert town.assessment.question(where) is None
    for step in (
        lambda: town.assessment.answer(where, key, position, response, GONE),
        lambda: town.assessment.stop(where, GONE),
        lambda: town.advice.page(where, GONE),
        lambda: town.advice.answers(where),
    ):
        with pytest.raises(NoAttemptRunning):
            step()
    assert town.enter.start_page(where, GONE).openness == "over"


def test_an_answer_in_a_training_after_that_goes_the_next_time(town):
    where = town.arrive("a")
    end(town, GONE)
    take_training(town, where)
    assert rows(town, "training")[0]["checks"] != {}
    end(town, GONE)
    assert rows(town, "training")[0]["checks"] == {}


def test_a_calibration_does_not_use_a_campaign_whose_answers_are_going(town):
    assert len(town.in_transaction(_campaigns_that_tell)) == 1
    end(town, GONE)
    assert town.in_transaction(_campaigns_that_tell) == []


# Figures of an ended campaign.


def group_page(town):
    disclosed = town.reports.group_page(TOWN, "standaard", "nl", GONE).disclosed
    return disclosed.figures if disclosed else ()


def test_the_last_figures_are_published_before_the_answers_go_and_then_never_change(town):
    again = NOW + timedelta(days=2)
    town.hold_campaign(ends_on=ENDS, post_from=again)
    for number in range(24):
        how = right if number % 2 else wrong
        where = town.finish(f"learner-{number}", how)
        town.assessment.begin(where, again)
        town.answer_all(where, how, again)
    end(town, GONE)
    published = group_page(town)
    assert {"participation", "levels_pre", "effect"} <= {figure.measure.split(":")[0] for figure in published}
    for number in range(24, 48):
        town.arrive(f"learner-{number}", NOW)
    assert town.figures.publish(TOWN, GONE) == 0
    assert group_page(town) == published


def test_between_the_end_and_the_removal_figures_are_still_published(town):
    end(town)
    for number in range(12):
        town.arrive(f"learner-{number}", NOW, custom={"campaign": "standaard"})
    assert town.figures.publish(TOWN, OVER) == 1


# Whatever dies, and twice at once.


class Killed(BaseException):
    """The worker is gone, as after kill -9: nothing that follows is run."""


STEPS = {
    "close": end_rows,
    "take_keys": end_rows,
    "is_key_left": end_rows,
    "begin_emptying": end_rows,
    "remove_answers": end_rows,
    "is_anything_left": end_rows,
    "write_audit": audit_rows,
    "let_go": None,
    "publish": PublishFigures,
    "sent_about_nobody": close_module.outbox_care,
    "drop_bodies": close_module.outbox_care,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_worker_that_is_killed_at_any_step_leaves_what_another_one_ends(town, monkeypatch, step, call):
    for number in range(3):
        town.finish(f"learner-{number}", right)
    sent(town)
    monkeypatch.setattr(close_module, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(close_module, "BODIES_AT_ONCE", 4)
    home = STEPS[step] or town.pen
    real, calls = getattr(home, step), []

    def kill(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(home, step, kill)
        with suppress(Killed):
            end(town, GONE)
    end(town, GONE)
    assert (town.count("participation_key"), town.count("answer")) == (0, 0)
    assert {row["body"] for row in town.outbox()} == {""}
    assert {row["pseudonym"] for row in town.outbox()} == {None}
    assert len([row for row in rows(town, "attempt") if len(row["seen"]) == 4]) == 3
    assert [audits(town, what) for what in (CLOSED, KEYS_DESTROYED, ANSWERS_REMOVED)] == [
        ["standaard"],
        ["standaard: 0 keys are left"],
        ["standaard: 0 answers are left"],
    ]
    before = everything(town)
    end(town, GONE)
    assert everything(town) == before


def test_of_two_workers_each_step_is_told_once(town, monkeypatch):
    monkeypatch.setattr(close_module, "PEOPLE_AT_ONCE", 1)
    for number in range(4):
        town.finish(f"learner-{number}", right)
    assert at_the_same_moment([lambda: end(town, GONE), lambda: end(town, GONE)]) == [None, None]
    end(town, GONE)
    assert (town.count("participation_key"), town.count("answer")) == (0, 0)
    assert [len(audits(town, what)) for what in (CLOSED, KEYS_DESTROYED, ANSWERS_REMOVED)] == [1, 1, 1]


def test_very_much_goes_in_small_portions_over_several_times(town, monkeypatch):
    monkeypatch.setattr(close_module, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(close_module, "MOST_PORTIONS", 2)
    for number in range(5):
        town.arrive(f"learner-{number}")
    end(town)
    assert town.count("participation_key") == 3
    end(town)
    end(town)
    assert town.count("participation_key") == 0


@pytest.mark.postgresql
def test_a_participation_that_somebody_holds_waits_for_the_next_time(town):
    if db_name(town) == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    held, free = town.arrive("a"), town.arrive("b")
    with town.app.app_context(), transaction():
        participation_rows.load_participation(held, for_update=True)
        _elsewhere(lambda: end(town))
    assert [row["participation_id"] for row in rows(town, "participation_key")] == [held.participation_id]
    end(town)
    assert town.count("participation_key") == 0
    assert free.campaign_id == "standaard"


def db_name(town):
    with town.app.app_context():
        return db.engine.dialect.name


def _elsewhere(act):
    """In a thread of its own, with a connection of its own."""
    assert at_the_same_moment([act]) == [None]


def test_texts_that_arrived_later_go_in_small_portions_too(town, monkeypatch):
    town.finish("a", right)
    end(town)
    sent(town)
    monkeypatch.setattr(close_module, "BODIES_AT_ONCE", 2)
    monkeypatch.setattr(close_module, "MOST_PORTIONS", 1)
    count = len(town.outbox())
    end(town)
    assert [bool(row["body"]) for row in town.outbox()].count(False) == 2 < count
