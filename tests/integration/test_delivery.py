"""Delivery over real HTTP: whatever the LRS does, nothing is lost and nothing is kept twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.faulty_lrs import FaultyLrs, answer, as_usual, hang, hang_up, keep_and_hang_up, keep_and_kill
from tests.http_server import running
from tests.integration.lrs_fixtures import CREDENTIALS, running_lrs
from tests.integration.outbox_fixtures import ENDPOINT, Outbox
from xapi import outbox as outbox_rows
from xapi import outbox_care
from xapi.client import LrsClient
from xapi.delivery import LOOKING_UP_SECONDS, StatementSender
from xapi.drain import PAUSE_SECONDS, drain
from xapi.engine import writing

QUICK = (5.0, 2.0)


@pytest.fixture
def outbox(database_url: str) -> Iterator[Outbox]:
    found = Outbox(database_url)
    yield found
    found.close()


@pytest.fixture
def small(sqlite_database: str) -> Iterator[Outbox]:
    """For what is about HTTP: one kind of database is enough."""
    found = Outbox(sqlite_database)
    yield found
    found.close()


@pytest.fixture
def clients() -> Iterator[Any]:
    """Makes clients and closes their connections afterwards."""
    made: list[LrsClient] = []

    def make(url: str, *name_and_password: str, timeout: tuple[float, float] = QUICK) -> LrsClient:
        made.append(LrsClient(url, *(name_and_password or ("n", "p")), timeout=timeout))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_what_waits_is_sent_as_it_was_written_and_in_order(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(5)
    with running(lrs) as url:
        outcome = outbox.deliver(clients(url))
    assert (outcome.sent, outcome.dead, outcome.waiting) == (5, 0, 0)
    assert lrs.posts == [ids]
    bodies = [row.body for row in outbox.rows()]
    assert lrs.bodies == [f"[{','.join(bodies)}]".encode()]
    assert {(row.state, row.last_status, row.in_doubt) for row in outbox.rows()} == {("sent", 200, False)}


def test_an_lrs_that_is_down_costs_nothing(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    with running(FaultyLrs()) as url:
        port = int(url.rpartition(":")[2])
    client = clients(url)
    ids = outbox.put(3)
    for _ in range(5):
        outcome = outbox.deliver(client)
        assert (outcome.sent, outcome.dead) == (0, 0)
        assert outcome.backoff_until is not None
        assert outcome.backoff_until > outbox.clock.now
        outbox.clock.pass_by(1000)
        ids += outbox.put(1)
    with running(lrs, port=port):
        outbox.deliver_until_quiet(client)
    assert list(lrs.kept) == ids
    assert {row.attempts for row in outbox.rows()} == {0}


@pytest.mark.parametrize("duplicates", ["200", "204", "409 when different", "409 always"])
@pytest.mark.parametrize("fault", [keep_and_hang_up, hang_up, hang(2.5)])
def test_an_answer_that_got_lost_leads_to_one_of_each(
    small: Outbox, clients: Any, duplicates: str, fault: Any
) -> None:
    lrs = FaultyLrs(duplicates, [fault])
    ids = small.put(4)
    with running(lrs) as url:
        small.deliver_until_quiet(clients(url))
    assert small.in_state("sent") == ids
    assert sorted(lrs.kept) == sorted(ids)
    assert lrs.stored_twice == []


def test_known_and_new_statements_in_one_refused_batch_are_told_apart(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs("409 always", [keep_and_hang_up])
    ids = outbox.put(3)
    with running(lrs) as url:
        client = clients(url)
        outbox.deliver(client)
        ids += outbox.put(3)
        outbox.deliver_until_quiet(client)
    assert outbox.in_state("sent") == ids
    assert lrs.lookups == 3  # only what was in doubt
    assert lrs.stored_twice == []


def test_a_statement_that_differs_from_what_the_lrs_has_is_put_aside_alone(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(8)
    lrs.kept[ids[5]] = {**json.loads(outbox.rows()[5].body), "result": {"success": True}}
    with running(lrs) as url:
        outbox.deliver_until_quiet(clients(url))
    assert outbox.in_state("dead") == [ids[5]]
    assert outbox.rows()[5].last_error == "HTTP 409: the LRS has another statement with this id"
    assert sorted(lrs.kept) == sorted(ids)


def test_of_a_poisoned_batch_exactly_the_poison_is_put_aside(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(50)
    lrs.poison = {ids[7], ids[31]}
    with running(lrs) as url:
        outbox.deliver_until_quiet(clients(url))
    assert outbox.in_state("dead") == [ids[7], ids[31]]
    assert sorted(lrs.kept) == sorted(set(ids) - lrs.poison)
    assert len(lrs.posts) < 30
    (reason,) = {row.last_error for row in outbox.rows() if row.state == "dead"}
    assert reason == "HTTP 400: valid by our own rules"


def test_a_dead_statement_says_why_without_its_body(small: Outbox, clients: Any) -> None:
    (wrong,) = small.put(1, body=json.dumps({"actor": "Jan Jansen"}))
    lrs = FaultyLrs(faults=[answer(422, "Jan Jansen is no actor")])
    with running(lrs) as url:
        small.deliver(clients(url))
        (broken,) = small.put(1, body="{")
        small.deliver(clients(url))
    assert small.in_state("dead") == [wrong, broken]
    first, second = (row.last_error for row in small.rows())
    assert first.startswith("HTTP 422: verb: is missing; object: is missing")
    assert second == "HTTP 400: not JSON"
    assert "Jansen" not in first


def test_a_batch_that_is_too_large_is_halved(small: Outbox, clients: Any) -> None:
    ids = small.put(4)
    lrs = FaultyLrs(faults=[answer(413)])
    with running(lrs) as url:
        small.deliver(clients(url))
    assert lrs.posts == [ids, ids[:2], ids[2:]]


def test_a_split_goes_on_where_it_was_after_a_restart(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs(faults=[as_usual, as_usual, hang_up])
    ids = outbox.put(8)
    lrs.poison = {ids[0]}
    with running(lrs) as url:
        outbox.deliver(clients(url))
        outbox.clock.pass_by(1000)
        outbox.deliver(clients(url))
    assert lrs.posts[:4] == [ids, ids[:4], ids[:2], ids[:2]]
    assert outbox.in_state("dead") == [ids[0]]


def test_a_statement_on_which_the_lrs_breaks_is_put_aside_while_others_pass(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(6)
    lrs.breaks_on = {ids[2]}
    with running(lrs) as url:
        client = clients(url)
        for _ in range(60):
            outbox.deliver(client)
            outbox.clock.pass_by(1000)
            ids += outbox.put(1)
        outbox.deliver(client)
    assert outbox.in_state("dead") == [ids[2]]
    assert outbox.in_state("sent") == [one for one in ids if one != ids[2]]


def test_a_statement_on_which_the_lrs_breaks_holds_nobody_else_up(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(64)
    lrs.breaks_on = {ids[0]}  # the oldest, so that its half is always the first in the row
    begun = outbox.clock.now
    with running(lrs) as url:
        client = clients(url)
        while len(outbox.in_state("sent")) < 63:
            outbox.deliver(client)
            outbox.clock.pass_by(1)
    assert (outbox.clock.now - begun).total_seconds() < 120


def test_an_lrs_that_breaks_on_everything_costs_nothing(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs(faults=[answer(500)] * 40)
    ids = outbox.put(3)
    with running(lrs) as url:
        client = clients(url)
        for _ in range(40):
            assert outbox.deliver(client).dead == 0
            outbox.clock.pass_by(1000)
        lrs.faults.clear()
        outbox.deliver_until_quiet(client)
    assert outbox.in_state("sent") == ids


def test_three_failures_in_a_row_give_the_lrs_a_rest(small: Outbox, clients: Any) -> None:
    small.put(1)
    lrs = FaultyLrs(faults=[answer(500)] * 10)
    with running(lrs) as url:
        client = clients(url)
        rests = []
        for _ in range(3):
            rests.append(small.deliver(client).backoff_until)
            small.clock.pass_by(1000)
    assert rests[:2] == [None, None]
    assert rests[2] is not None


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504, 507])
def test_a_busy_lrs_is_left_alone_for_as_long_as_it_asks(small: Outbox, clients: Any, status: int) -> None:
    ids = small.put(2)
    lrs = FaultyLrs(faults=[answer(status, Retry_After="120")])
    with running(lrs) as url:
        client = clients(url)
        outcome = small.deliver(client)
        assert outcome.backoff_until is not None
        assert (outcome.backoff_until - small.clock.now).total_seconds() == 120
        small.clock.pass_by(119)
        small.deliver(client)
        assert len(lrs.posts) == 1
        small.clock.pass_by(2)
        small.deliver(client)
    assert small.in_state("sent") == ids
    assert {row.attempts for row in small.rows()} == {0}


def test_nobody_waits_a_year_because_an_lrs_says_so(small: Outbox, clients: Any) -> None:
    small.put()
    with running(FaultyLrs(faults=[answer(503, Retry_After="31536000")])) as url:
        outcome = small.deliver(clients(url))
    assert outcome.backoff_until is not None
    assert (outcome.backoff_until - small.clock.now).total_seconds() == 3600


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answer(401), "HTTP 401: the LRS does not accept our name or password"),
        (answer(403), "HTTP 403: the LRS does not accept our name or password"),
        (answer(404), "HTTP 404: this is not the address of an LRS"),
        (answer(302, Location="http://127.0.0.1:9/"), "HTTP 302: this is not the address of an LRS"),
        (answer(200, "<html>Welcome</html>"), "HTTP 200, but not from an LRS"),
    ],
)
def test_what_a_person_must_mend_pauses_the_endpoint(
    outbox: Outbox, clients: Any, fault: Any, reason: str
) -> None:
    ids = outbox.put(2)
    lrs = FaultyLrs(faults=[fault])
    with running(lrs) as url:
        client = clients(url)
        assert outbox.deliver(client).paused_reason == reason
        outbox.clock.pass_by(PAUSE_SECONDS - 1)
        assert outbox.deliver(client).paused_reason == reason
        assert len(lrs.posts) == 1
        with writing(outbox.engine) as connection:
            outbox_care.resume(connection, ENDPOINT)
        outcome = outbox.deliver(client)
    assert outcome.paused_reason is None
    assert outbox.in_state("sent") == ids
    assert {row.attempts for row in outbox.rows()} == {0}


def test_a_paused_endpoint_tries_again_by_itself_after_a_while(small: Outbox, clients: Any) -> None:
    ids = small.put()
    with running(FaultyLrs(faults=[answer(401)])) as url:
        client = clients(url)
        small.deliver(client)
        small.clock.pass_by(PAUSE_SECONDS + 1)
        small.deliver(client)
    assert small.in_state("sent") == ids


def test_a_conflict_that_may_not_be_looked_at_is_split_and_put_aside(small: Outbox, clients: Any) -> None:
    lrs = FaultyLrs("409 always", [keep_and_hang_up])
    lrs.may_read = False
    ids = small.put(2)
    with running(lrs) as url:
        client = clients(url)
        small.deliver_until_quiet(client)
    assert small.in_state("dead") == ids
    assert small.rows()[0].last_error == "HTTP 409, and looking it up gives HTTP 403"


def test_a_conflict_with_nothing_is_tried_again_and_given_up_while_others_pass(
    small: Outbox, clients: Any
) -> None:
    (odd,) = small.put()

    def conflict(lrs: FaultyLrs, statements: list[Any], request: Request) -> Response | None:
        return answer(409)(lrs, statements, request) if statements[0]["id"] == odd else None

    with running(FaultyLrs(faults=[conflict] * 100)) as url:
        client = clients(url)
        for _ in range(8):
            small.deliver(client)
            small.clock.pass_by(1000)
            small.put()
            small.deliver(client, batch_size=1)
            small.clock.pass_by(1000)
    assert small.in_state("dead") == [odd]


@pytest.mark.parametrize("duplicates", ["200", "204", "409 always"])
def test_a_worker_killed_between_keeping_and_hearing_so_doubles_nothing(
    outbox: Outbox, clients: Any, duplicates: str, database_url: str
) -> None:
    worker: list[subprocess.Popen[bytes]] = []
    lrs = FaultyLrs(duplicates, [keep_and_kill(lambda: worker[0].pid)])
    ids = outbox.put(5)
    program = (
        "import sys; from datetime import datetime, UTC; from xapi.client import LrsClient;"
        "from xapi.delivery import deliver_statements; from xapi.engine import make_engine;"
        "deliver_statements(make_engine(sys.argv[1]), sys.argv[2], LrsClient(sys.argv[3], 'n', 'p'),"
        "lambda: datetime.fromisoformat(sys.argv[4]), 'killed')"
    )
    with running(lrs) as url:
        arguments = [database_url, ENDPOINT, url, outbox.clock.now.isoformat()]
        worker.append(subprocess.Popen([sys.executable, "-c", program, *arguments], env={**os.environ}))
        assert worker[0].wait(60) == -9
        assert outbox.in_state("waiting") == ids
        client = clients(url)
        assert outbox.deliver(client).sent == 0  # the lease of the dead worker still stands
        outbox.clock.pass_by(61)
        outbox.deliver_until_quiet(client)
    assert outbox.in_state("sent") == ids
    assert sorted(lrs.kept) == sorted(ids)
    assert lrs.stored_twice == []


@pytest.mark.parametrize("duplicates", ["200", "204", "409 when different", "409 always"])
def test_a_power_cut_that_takes_the_bookkeeping_back_loses_and_doubles_nothing(
    small: Outbox, clients: Any, duplicates: str
) -> None:
    lrs = FaultyLrs(duplicates)
    ids = small.put(5)
    with running(lrs) as url:
        client = clients(url)
        before = small.rows()
        small.deliver(client)
        with writing(small.engine) as connection:  # not even the doubt is left
            connection.execute(outbox_rows.outbox.delete())
            connection.execute(outbox_rows.outbox.insert(), [dict(row._mapping) for row in before])
        ids += small.put(2)
        small.deliver_until_quiet(client)
    assert sorted(small.in_state("sent")) == sorted(ids)
    assert sorted(lrs.kept) == sorted(ids)
    assert lrs.stored_twice == []


def test_two_workers_do_not_send_the_same(outbox: Outbox, clients: Any) -> None:
    lrs = FaultyLrs()
    ids = outbox.put(40)
    with running(lrs) as url:
        makers = [clients(url) for _ in range(4)]

        def work(client: LrsClient) -> None:
            for _ in range(20):
                outbox.deliver(client, batch_size=3)

        threads = [threading.Thread(target=work, args=[client]) for client in makers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(one for post in lrs.posts for one in post) == sorted(ids)
    assert sorted(outbox.in_state("sent")) == sorted(ids)


def test_looking_up_ends_when_it_takes_too_long_or_the_lrs_goes_away(small: Outbox, clients: Any) -> None:
    lrs = FaultyLrs("409 always", [keep_and_hang_up])
    ids = small.put(6)
    ticks = iter([0.0, 1.0, 2.0, LOOKING_UP_SECONDS + 1] + [0.0] * 20)
    with running(lrs) as url:
        client = clients(url)
        small.deliver(client)
        small.clock.pass_by(1000)
        sender = StatementSender(client, lambda: next(ticks))
        drain(small.engine, ENDPOINT, "statement", sender, small.clock, "w", most_batches=1)
        assert small.in_state("sent") == ids[:2]
        lrs.lookups_left = 3
        small.deliver(client)
        assert small.in_state("sent") == ids[:5]
        assert small.standing().backoff_until is not None
        lrs.lookups_left = None
        small.clock.pass_by(1000)
        small.deliver(client)
    assert small.in_state("sent") == ids


def test_what_an_lrs_has_under_our_id_may_be_no_statement_at_all(small: Outbox, clients: Any) -> None:
    lrs = FaultyLrs(faults=[answer(409)])
    (given,) = small.put()
    lrs.kept[given] = {"id": given}
    with running(lrs) as url:
        small.deliver(clients(url))
    assert small.in_state("dead") == [given]


def test_the_built_in_lrs_takes_everything_once(outbox: Outbox, clients: Any, database_url: str) -> None:
    with running_lrs(database_url) as lrs:
        ids = outbox.put(250)
        client = clients(lrs.url, *CREDENTIALS.make("voorbeeldstad", "write_operator"), timeout=(5, 60))
        outcome = outbox.deliver(client)
        assert (outcome.sent, outcome.waiting) == (250, 0)
        with writing(outbox.engine) as connection:  # as if the worker had died before it wrote this down
            connection.execute(outbox_rows.outbox.update().values(state="waiting", in_doubt=True))
        assert outbox.deliver(client).sent == 250
        assert lrs.caller("read_operator").ids(ascending="true") == ids
