"""The outbox and the engine that empties it, for every kind of message, on real databases."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.functional.real_processes import wait_until
from tests.integration.outbox_fixtures import ENDPOINT, NOON, Outbox
from xapi import outbox as rows
from xapi import outbox_care as care
from xapi.drain import (
    BACKOFF_MOST_SECONDS,
    PAUSE_SECONDS,
    RETRY_AFTER_MOST_SECONDS,
    Fate,
    Hold,
    Outcome,
    Report,
    Verdict,
    drain,
    full_jitter,
)
from xapi.engine import Instant, make_engine, writing
from xapi.outbox import Message
from xapi.outbox_wipe import let_go, wipe_pseudonym


@pytest.fixture
def outbox(database_url: str) -> Iterator[Outbox]:
    found = Outbox(database_url)
    yield found
    found.close()


class Sender:
    """Says the same verdict about every message, and remembers what it was given."""

    def __init__(self, verdict: Verdict | None = None, hold: Hold | None = None) -> None:
        self.verdict = verdict
        self.hold = hold
        self.given: list[list[str]] = []

    def __call__(self, batch: Sequence[Message]) -> Report:
        self.given.append([message.message_id for message in batch])
        verdicts = {message.seq: self.verdict for message in batch} if self.verdict else {}
        return Report(verdicts, self.hold)


SENT = Verdict(Fate.SENT, "", 200)


def empty(outbox: Outbox, send: Any, holder: str = "worker", kind: str = "statement", **more: Any) -> Outcome:
    more.setdefault("jitter", lambda most: most)
    return drain(outbox.engine, ENDPOINT, kind, send, outbox.clock, holder, **more)


def test_a_message_is_put_in_once(outbox: Outbox) -> None:
    (given,) = outbox.put()
    outbox.put(1, message_id=given, body="other")
    assert len(outbox.rows()) == 1
    assert outbox.rows()[0].body != "other"
    outbox.put(1, message_id=given, endpoint="elsewhere/operator")
    outbox.put(1, message_id=given, tenant_id="elsewhere")
    assert len(outbox.rows()) == 3


def test_a_message_that_is_rolled_back_was_never_there(outbox: Outbox) -> None:
    def stops_half_way() -> None:
        with writing(outbox.engine) as connection:
            connection.execute(rows.outbox_lease.insert().values(endpoint="x"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stops_half_way()
    with outbox.engine.connect() as connection:
        assert connection.execute(select(rows.outbox_lease)).all() == []


def test_nothing_leaves_before_its_time(outbox: Outbox) -> None:
    outbox.put(1, due_at=NOON + timedelta(minutes=60))
    sender = Sender(SENT)
    assert empty(outbox, sender).waiting == 1
    outbox.clock.pass_by(3600)
    assert empty(outbox, sender).sent == 1


def test_each_kind_has_a_sender_of_its_own(outbox: Outbox) -> None:
    (score,) = outbox.put(1, kind="completion", stream="", body="{}", pseudonym=None)
    (statement,) = outbox.put()
    sender = Sender(SENT)
    assert empty(outbox, sender, kind="completion", batch_size=1).sent == 1
    assert sender.given == [[score]]
    assert outbox.in_state("waiting") == [statement]


def test_only_endpoints_with_something_due_are_named(outbox: Outbox) -> None:
    outbox.put()
    outbox.put(1, endpoint="b/group", due_at=NOON + timedelta(seconds=5))
    outbox.put(1, endpoint="c/portal/x", kind="completion")

    def due(kind: str = "statement") -> list[str]:
        with outbox.engine.connect() as connection:
            return rows.due_endpoints(connection, kind, outbox.clock.now)

    assert due() == [ENDPOINT]
    assert due("completion") == ["c/portal/x"]
    empty(outbox, Sender(hold=Hold("busy", 60.0)))
    assert due() == []
    outbox.clock.pass_by(61)
    assert due() == ["b/group", ENDPOINT]
    empty(outbox, Sender(SENT))
    assert due() == ["b/group"]


def test_a_batch_is_no_larger_than_asked_and_a_round_no_longer(outbox: Outbox) -> None:
    ids = outbox.put(7)
    sender = Sender(SENT)
    outcome = empty(outbox, sender, batch_size=2, most_batches=2)
    assert sender.given == [ids[:2], ids[2:4]]
    assert (outcome.sent, outcome.waiting) == (4, 3)


def test_another_worker_waits_for_the_lease(outbox: Outbox) -> None:
    outbox.put(2)
    other = Sender(SENT)

    def while_sending(batch: Sequence[Message]) -> Report:
        assert empty(outbox, other, holder="other").sent == 0
        return Report({message.seq: SENT for message in batch})

    assert empty(outbox, while_sending).sent == 2
    assert other.given == []


def test_who_took_longer_than_its_lease_writes_nothing_down(outbox: Outbox) -> None:
    ids = outbox.put(2)
    other = Sender(SENT)

    def too_slow(batch: Sequence[Message]) -> Report:
        outbox.clock.pass_by(61)
        assert empty(outbox, other, holder="other").sent == 2
        return Report({message.seq: Verdict(Fate.DEAD, "wrong") for message in batch})

    outcome = empty(outbox, too_slow)
    assert (outcome.sent, outcome.dead) == (0, 0)
    assert outbox.in_state("sent") == ids


def test_a_sender_that_fails_as_a_program_keeps_the_lease_until_it_lapses(outbox: Outbox) -> None:
    outbox.put()

    def broken(batch: Sequence[Message]) -> Report:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        empty(outbox, broken)
    assert empty(outbox, Sender(SENT), holder="other").sent == 0
    outbox.clock.pass_by(61)
    assert empty(outbox, Sender(SENT), holder="other").sent == 1


def test_a_message_without_a_verdict_stays_and_is_known_as_doubtful(outbox: Outbox) -> None:
    outbox.put(2)
    assert empty(outbox, Sender()).waiting == 2
    seen: list[tuple[bool, datetime | None]] = []

    def look(batch: Sequence[Message]) -> Report:
        seen.extend((message.in_doubt, message.tried_at) for message in batch)
        return Report({message.seq: Verdict(Fate.ABSENT) for message in batch[:1]}, Hold("later", 1.0))

    outbox.clock.pass_by(5)
    empty(outbox, look)
    assert seen == [(True, NOON), (True, NOON)]
    assert [row.in_doubt for row in outbox.rows()] == [False, True]


class Died(BaseException):
    """The worker is gone, between two lines of its program."""


def test_what_a_worker_that_died_was_sending_is_doubtful_for_the_next_one(outbox: Outbox) -> None:
    ids = outbox.put(7)
    given: list[list[str]] = []

    def dies_at_the_second(batch: Sequence[Message]) -> Report:
        given.append([message.message_id for message in batch])
        if len(given) == 2:
            raise Died
        return Report({message.seq: SENT for message in batch})

    with pytest.raises(Died):
        empty(outbox, dies_at_the_second, batch_size=2, meanwhile=True)
    assert given == [ids[:2], ids[2:4]]
    assert outbox.in_state("sent") == ids[:2], "written down while the second one was at the other side"
    outbox.clock.pass_by(61)
    seen: list[tuple[str, bool, datetime | None]] = []

    def look(batch: Sequence[Message]) -> Report:
        seen.extend((message.message_id, message.in_doubt, message.tried_at) for message in batch)
        return Report({message.seq: SENT for message in batch})

    assert empty(outbox, look, holder="next", batch_size=2, meanwhile=True).sent == 5
    assert [(given, doubt) for given, doubt, _ in seen] == [(one, one in ids[2:6]) for one in ids[2:]]
    assert {moment for _, doubt, moment in seen if doubt} == {NOON}


def test_a_worker_that_dies_before_it_wrote_down_what_was_sent_sends_it_again(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = outbox.put(6)
    sender = Sender(SENT)

    def dies(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(rows, "mark_sent", dies)
        with pytest.raises(Died):
            empty(outbox, sender, batch_size=2, meanwhile=True)
    assert outbox.in_state("waiting") == ids
    outbox.clock.pass_by(61)
    assert empty(outbox, sender, holder="next", batch_size=2, meanwhile=True).sent == 6
    assert sender.given == [ids[:2], ids[2:4], ids[:2], ids[2:4], ids[4:]]


def test_no_batch_is_sent_on_the_strength_of_one_that_was_not_taken(outbox: Outbox) -> None:
    ids = outbox.put(6)
    busy = Sender(hold=Hold("busy", 60.0))
    empty(outbox, busy, batch_size=2, meanwhile=True)
    assert busy.given == [ids[:2]]
    outbox.clock.pass_by(61)
    refusing = Sender(Verdict(Fate.SPLIT, "HTTP 400", 400))
    empty(outbox, refusing, batch_size=2, most_batches=3, meanwhile=True)
    assert refusing.given == [ids[:2], ids[:1], ids[1:2]]
    assert [row.in_doubt for row in outbox.rows()] == [False] * 6, "what was only read was never doubtful"


def test_after_a_batch_that_is_under_way_comes_what_never_failed(outbox: Outbox) -> None:
    first, failing, *rest = outbox.put(4)

    def send(batch: Sequence[Message]) -> Report:
        seen.append([message.message_id for message in batch])
        fails = {message.seq for message in batch if message.message_id == failing}
        return Report({m.seq: Verdict(Fate.FAILED, "odd", 500) if m.seq in fails else SENT for m in batch})

    seen: list[list[str]] = []
    empty(outbox, send, batch_size=1, jitter=lambda most: 0.0, tries=2, meanwhile=True)
    assert seen == [[first], [failing], [rest[0]], [rest[1]], [failing]]
    assert outbox.in_state("dead") == [failing]


def test_who_lost_the_lease_while_sending_ahead_sends_no_more(outbox: Outbox) -> None:
    ids = outbox.put(4)
    other = Sender(SENT)
    given: list[list[str]] = []

    def read_ahead() -> bool:
        with outbox.engine.connect() as connection:
            return connection.execute(select(rows.outbox_lease.c.under_way)).scalar_one() == "[1, 2, 3, 4]"

    def too_slow(batch: Sequence[Message]) -> Report:
        given.append([message.message_id for message in batch])
        wait_until(read_ahead)
        outbox.clock.pass_by(61)
        empty(outbox, other, holder="other")
        return Report({message.seq: SENT for message in batch})

    outcome = empty(outbox, too_slow, batch_size=2, meanwhile=True)
    assert given == [ids[:2]]
    assert (outcome.sent, other.given) == (0, [ids])


def test_a_long_reason_is_cut_off(outbox: Outbox) -> None:
    outbox.put()
    empty(outbox, Sender(Verdict(Fate.DEAD, "x" * 5000, 400)))
    assert outbox.rows()[0].last_error == "x" * 500
    outbox.put()
    outcome = empty(outbox, Sender(hold=Hold("y" * 5000, paused=True)))
    assert outcome.paused_reason == "y" * 500


def test_back_off_doubles_up_to_a_quarter_of_an_hour(outbox: Outbox) -> None:
    outbox.put()
    waits = []
    for _ in range(12):
        until = empty(outbox, Sender(hold=Hold("no answer"))).backoff_until
        assert until is not None
        waits.append((until - outbox.clock.now).total_seconds())
        outbox.clock.now = until
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, BACKOFF_MOST_SECONDS, BACKOFF_MOST_SECONDS]
    assert empty(outbox, Sender(SENT)).backoff_until is None
    outbox.put()
    again = empty(outbox, Sender(hold=Hold("no answer"))).backoff_until
    assert again == outbox.clock.now + timedelta(seconds=1)


def test_a_pause_lasts_as_long_as_was_asked(outbox: Outbox) -> None:
    outbox.put()
    for asked, seconds in ((None, PAUSE_SECONDS), (60.0, 60.0), (9e9, RETRY_AFTER_MOST_SECONDS)):
        until = empty(outbox, Sender(hold=Hold("no password", asked, paused=True))).backoff_until
        assert until == outbox.clock.now + timedelta(seconds=seconds)
        outbox.clock.now = until


def test_a_sender_may_have_more_patience_with_one_message(outbox: Outbox) -> None:
    bad, *_ = outbox.put(2)

    def send(batch: Sequence[Message]) -> Report:
        (message,) = batch
        return Report({message.seq: Verdict(Fate.FAILED, "odd") if message.message_id == bad else SENT})

    for tried in range(5):
        assert (bad in outbox.in_state("dead")) is (tried > 4)
        empty(outbox, send, batch_size=1, tries=5)
        outbox.put()
        outbox.clock.pass_by(1000)
    assert outbox.in_state("dead") == [bad]


def test_full_jitter_lies_between_nothing_and_the_most() -> None:
    assert all(0 <= full_jitter(8.0) <= 8 for _ in range(200))
    assert len({full_jitter(8.0) for _ in range(20)}) > 1


def test_the_standing_of_every_endpoint_can_be_watched(outbox: Outbox) -> None:
    with outbox.engine.connect() as connection:
        assert care.tallies(connection) == []
        assert care.oldest(connection, ENDPOINT, "statement") is None
    outbox.put()
    outbox.clock.pass_by(60)
    outbox.put(2)
    outbox.put(1, endpoint="c/portal/x", kind="completion")
    with outbox.engine.connect() as connection:
        scores, statements = care.tallies(connection)
        assert care.depth(connection, ENDPOINT, "statement") == 3
    assert (statements.endpoint, statements.kind, statements.waiting, statements.dead) == (
        ENDPOINT,
        "statement",
        3,
        0,
    )
    assert statements.oldest_waiting_at == NOON
    assert (scores.endpoint, scores.paused_reason, scores.backoff_until) == ("c/portal/x", None, None)
    empty(outbox, Sender(Verdict(Fate.DEAD, "wrong")))
    empty(outbox, Sender(hold=Hold("no password", paused=True)))
    assert outbox.standing().dead == 3


def test_what_was_put_aside_can_be_sent_once_more(outbox: Outbox) -> None:
    ids = outbox.put(2)
    empty(outbox, Sender(Verdict(Fate.DEAD, "wrong", 400)))
    outbox.clock.pass_by(10)
    with writing(outbox.engine) as connection:
        assert set(care.replay_dead(connection, ENDPOINT, outbox.clock.now).values()) == {ENDPOINT}
    sender = Sender(SENT)
    empty(outbox, sender)
    assert sender.given == [ids]


def test_everything_about_one_pseudonym_can_be_shown_and_wiped(outbox: Outbox) -> None:
    first = outbox.put(2)
    empty(outbox, Sender(SENT))
    outbox.put(1)
    outbox.put(1, pseudonym="other")
    outbox.put(1, tenant_id="elsewhere")
    with outbox.engine.connect() as connection:
        told = care.bodies_about(connection, "voorbeeldstad", "p7")
    assert told == [row.body for row in outbox.rows()[:3]]
    with writing(outbox.engine) as connection:
        wipe_pseudonym(connection, "voorbeeldstad", "p7")
        assert care.bodies_about(connection, "voorbeeldstad", "p7") == []
    assert outbox.in_state("sent") == first
    assert len(outbox.in_state("waiting")) == 2


def test_of_whom_was_let_go_nothing_sent_is_kept_and_nothing_that_waits_is_lost(outbox: Outbox) -> None:
    outbox.put(2)
    empty(outbox, Sender(SENT))
    waiting = outbox.put(2)
    outbox.put(1, pseudonym="other")
    outbox.put(1, tenant_id="elsewhere")
    with writing(outbox.engine) as connection:
        let_go(connection, "voorbeeldstad", ["p7", "nobody"])
        assert care.sent_about_nobody(connection, "operator", 10) == []
    assert [bool(row.body) for row in outbox.rows()] == [False, False, True, True, True, True]
    assert [row.pseudonym for row in outbox.rows()] == [None, None, None, None, "other", "p7"]
    sender = Sender(SENT)
    empty(outbox, sender)
    assert sender.given[0][:2] == waiting
    with writing(outbox.engine) as connection:
        (first, *more) = care.sent_about_nobody(connection, "operator", 10)
        assert care.sent_about_nobody(connection, "group", 10) == []
        assert care.sent_about_nobody(connection, "operator", 1) == [first]
        care.drop_bodies(connection, [first, *more])
    assert [bool(row.body) for row in outbox.rows()] == [False, False, False, False, True, True]


def test_bodies_are_dropped_some_time_after_delivery_and_nothing_is_sent_twice(outbox: Outbox) -> None:
    (given,) = outbox.put()
    empty(outbox, Sender(SENT))
    outbox.clock.pass_by(100)
    outbox.put()
    with writing(outbox.engine) as connection:
        (old,) = care.sent_before(connection, outbox.clock.now, 0, 10)
        care.drop_bodies(connection, [old])
        assert care.sent_before(connection, outbox.clock.now, 0, 10) == []
        assert care.bodies_about(connection, "voorbeeldstad", "p7") == [outbox.rows()[1].body]
    outbox.put(1, message_id=given)
    assert len(outbox.rows()) == 2


def test_bodies_to_drop_come_in_portions_and_only_when_they_were_sent(outbox: Outbox) -> None:
    outbox.put(3)
    empty(outbox, Sender(SENT))
    outbox.clock.pass_by(100)
    outbox.put()
    first, second, third, waits = [row.seq for row in outbox.rows()]
    with writing(outbox.engine) as connection:
        assert care.sent_before(connection, NOON, 0, 10) == [], "not before that moment"
        assert care.sent_before(connection, outbox.clock.now, 0, 2) == [first, second]
        assert care.sent_before(connection, outbox.clock.now, second, 2) == [third]
        care.drop_bodies(connection, [third, waits])
    assert [bool(row.body) for row in outbox.rows()] == [True, True, False, True]


def test_a_wipe_while_a_batch_is_under_way_is_no_trouble(outbox: Outbox) -> None:
    outbox.put(2)

    def wiped(batch: Sequence[Message]) -> Report:
        with writing(outbox.engine) as connection:
            wipe_pseudonym(connection, "voorbeeldstad", "p7")
        return Report({message.seq: SENT for message in batch})

    empty(outbox, wiped)
    assert outbox.rows() == []


def test_a_split_of_an_odd_batch_keeps_the_order(outbox: Outbox) -> None:
    ids = outbox.put(5)
    sender = Sender(Verdict(Fate.SPLIT, "HTTP 400", 400))
    empty(outbox, sender)
    assert sender.given == [ids, ids[:3], ids[:2], ids[:1], ids[1:2], ids[2:3], ids[3:], ids[3:4], ids[4:]]
    assert outbox.in_state("dead") == ids


def test_a_moment_needs_a_zone_to_be_stored(outbox: Outbox) -> None:
    with pytest.raises(Exception, match="a moment without a zone cannot be stored"):
        outbox.put(1, due_at=NOON.replace(tzinfo=None))


def test_an_absent_moment_stays_absent() -> None:
    from sqlalchemy.dialects import sqlite

    kind = Instant()
    assert kind.process_bind_param(None, sqlite.dialect()) is None
    assert kind.process_result_value(None, sqlite.dialect()) is None


class Endpoint:
    """A made-up other side: breaks on some messages, refuses some, and loses answers at random."""

    def __init__(self, seed: int, poison: set[str], breaks_on: set[str], trouble: float) -> None:
        self.chance = random.Random(seed)
        self.poison, self.breaks_on, self.trouble = poison, breaks_on, trouble
        self.kept: set[str] = set()

    def __call__(self, batch: Sequence[Message]) -> Report:
        ids = {message.message_id for message in batch}
        if self.chance.random() < self.trouble:
            if self.chance.random() < 0.5 and not ids & (self.poison | self.breaks_on):
                self.kept |= ids
            return self.chance.choice(
                [Report(), Report(hold=Hold("no answer")), Report(hold=Hold("HTTP 401", paused=True))]
            )
        if ids & self.poison:
            return self.all(batch, Verdict(Fate.SPLIT, "HTTP 400", 400))
        if ids & self.breaks_on:
            return self.all(batch, Verdict(Fate.FAILED, "HTTP 500", 500))
        self.kept |= ids
        return self.all(batch, SENT)

    @staticmethod
    def all(batch: Sequence[Message], verdict: Verdict) -> Report:
        return Report({message.seq: verdict for message in batch})


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 12),
    bad=st.sets(st.integers(0, 11), max_size=3),
    breaking=st.sets(st.integers(0, 11), max_size=2),
    trouble=st.floats(0, 0.6),
    batch_size=st.integers(1, 12),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_goes_wrong_in_the_end_all_but_the_poison_is_there(
    tmp_path: Path,
    seed: int,
    count: int,
    bad: set[int],
    breaking: set[int],
    trouble: float,
    batch_size: int,
) -> None:
    outbox = Outbox(f"sqlite:///{tmp_path}/{uuid.uuid4()}.sqlite3")
    ids = outbox.put(count)
    poison = {ids[number] for number in bad if number < count}
    breaks_on = {ids[number] for number in breaking if number < count} - poison
    endpoint = Endpoint(seed, poison, breaks_on, trouble)
    wanted = set(ids) - poison - breaks_on
    for number in range(600):
        outcome = empty(outbox, endpoint, holder=f"worker-{number}", batch_size=batch_size)
        outbox.clock.pass_by(1000)
        if outcome.waiting == 0:
            break
        if number % 4 == 0:  # the site is in use, so others pass
            wanted |= set(outbox.put())
    assert set(outbox.in_state("sent")) == wanted
    assert set(outbox.in_state("dead")) == poison | breaks_on
    assert wanted <= endpoint.kept
    outbox.close()


def test_sqlite_takes_its_write_lock_at_once_when_asked(sqlite_database: str) -> None:
    engine = make_engine(sqlite_database)
    rows.metadata.create_all(engine)
    with writing(engine) as connection:
        mode = connection.exec_driver_sql("pragma journal_mode").scalar()
        keys = connection.exec_driver_sql("pragma foreign_keys").scalar()
        with engine.connect() as reader:  # others may read meanwhile
            assert reader.execute(select(rows.outbox)).all() == []
        connection.execute(update(rows.outbox).values(body=""))
    assert (mode, keys) == ("wal", 1)
    engine.dispose()
