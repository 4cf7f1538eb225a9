"""Delivery to the built-in LRS on the worst of days: huge bodies, one poison in a thousand, keys and clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faulty_lrs import FaultyLrs, hang_up
from tests.http_server import running
from tests.integration.lrs_fixtures import CREDENTIALS, running_lrs
from tests.integration.outbox_fixtures import Outbox
from tests.xapi_examples import a_statement
from xapi.client import LrsClient
from xapi.credentials import RIGHTS, Credentials
from xapi.drain import LEASE_SECONDS, PAUSE_SECONDS

ACCOUNT = CREDENTIALS.make("voorbeeldstad", "write_operator")
MEGABYTE = 1024 * 1024
EXTENSION = "https://tool.example/xapi/large"


@pytest.fixture
def outbox(sqlite_database: str) -> Iterator[Outbox]:
    found = Outbox(sqlite_database)
    yield found
    found.close()


@contextmanager
def client_at(url: str, account: tuple[str, str] = ACCOUNT) -> Iterator[LrsClient]:
    client = LrsClient(url, *account, timeout=(5, 60))
    yield client
    client.close()


def put_large(outbox: Outbox, megabytes: int) -> str:
    """A valid statement of this size."""
    statement = a_statement(context={"extensions": {EXTENSION: "x" * (megabytes * MEGABYTE)}})
    outbox.put(1, message_id=statement["id"], body=json.dumps(statement))
    found: str = statement["id"]
    return found


def test_bodies_of_10_mb_go_one_by_one_and_what_is_too_large_is_put_aside(
    outbox: Outbox, sqlite_database: str
) -> None:
    large = [put_large(outbox, 10) for _ in range(3)]
    too_large = put_large(outbox, 17)
    small = outbox.put(2)
    with running_lrs(sqlite_database) as lrs:
        with client_at(lrs.url) as client:
            outbox.deliver_until_quiet(client)
        assert sorted(lrs.caller("read_operator").ids()) == sorted([*large, *small])
    assert outbox.in_state("dead") == [too_large]
    (reason,) = {row.last_error for row in outbox.rows() if row.state == "dead"}
    assert reason == "HTTP 413: valid by our own rules"


def test_of_a_thousand_statements_exactly_the_one_that_is_wrong_is_put_aside(
    outbox: Outbox, sqlite_database: str
) -> None:
    wrong = a_statement(result={"score": {"scaled": 2}})
    ids = outbox.put(613)
    outbox.put(1, message_id=wrong["id"], body=json.dumps(wrong))
    ids += outbox.put(386)
    with running_lrs(sqlite_database) as lrs:
        with client_at(lrs.url) as client:
            outbox.deliver_until_quiet(client)
        assert sorted(lrs.caller("read_operator").ids(limit=500)) == sorted(ids)
    assert outbox.in_state("dead") == [wrong["id"]]
    (reason,) = {row.last_error for row in outbox.rows() if row.state == "dead"}
    assert reason.startswith("HTTP 400: result.score.scaled")


def test_a_key_that_is_withdrawn_half_way_pauses_and_costs_nothing(outbox: Outbox, sqlite_database: str) -> None:
    ids = outbox.put(3)
    with running_lrs(sqlite_database) as lrs, client_at(lrs.url) as client:
        outbox.deliver(client)
    renewed = Credentials({right: f"another-secret-for-{right}" for right in RIGHTS})
    with running_lrs(sqlite_database, renewed) as lrs:
        ids += outbox.put(3)
        with client_at(lrs.url) as client:
            outcome = outbox.deliver(client)
        assert (outcome.sent, outcome.dead, outcome.waiting) == (0, 0, 3)
        assert outcome.paused_reason == "HTTP 401: the LRS does not accept our name or password"
        outbox.clock.pass_by(PAUSE_SECONDS + 1)
        with client_at(lrs.url, renewed.make("voorbeeldstad", "write_operator")) as client:
            assert outbox.deliver(client).paused_reason is None
    with running_lrs(sqlite_database) as lrs:
        assert lrs.caller("read_operator").ids(ascending="true") == ids
    assert {row.attempts for row in outbox.rows()} == {0}


def test_a_key_that_may_only_read_pauses_too(outbox: Outbox, sqlite_database: str) -> None:
    outbox.put(2)
    reader = CREDENTIALS.make("voorbeeldstad", "read_operator")
    with running_lrs(sqlite_database) as lrs, client_at(lrs.url, reader) as client:
        outcome = outbox.deliver(client)
    assert (outcome.dead, outcome.waiting) == (0, 2)
    assert outcome.paused_reason == "HTTP 403: the LRS does not accept our name or password"


@pytest.mark.parametrize("hours", [1, 24, 24 * 365])
def test_a_clock_that_runs_back_costs_waiting_and_nothing_else(outbox: Outbox, hours: int) -> None:
    lrs = FaultyLrs("409 always", [hang_up])
    ids = outbox.put(5)
    with running(lrs) as url, client_at(url, ("n", "p")) as client:
        outbox.deliver(client)  # in doubt, and the endpoint rests
        outbox.clock.pass_by(-3600 * hours)
        ids += outbox.put(5)
        for _ in range(3):
            assert outbox.deliver(client).dead == 0
        outbox.clock.pass_by(3600 * hours + LEASE_SECONDS + 1)
        outbox.deliver_until_quiet(client)
    assert sorted(lrs.kept) == sorted(ids)
    assert lrs.stored_twice == []
    assert sorted(outbox.in_state("sent")) == sorted(ids)


def test_a_clock_that_runs_back_while_a_batch_is_under_way_changes_nothing(outbox: Outbox) -> None:
    def back(lrs: FaultyLrs, statements: list[Any], request: Any) -> None:
        outbox.clock.pass_by(-7200)

    lrs = FaultyLrs(faults=[back])
    ids = outbox.put(3)
    with running(lrs) as url, client_at(url, ("n", "p")) as client:
        assert outbox.deliver(client).sent == 3
        outbox.clock.pass_by(7200)
        assert outbox.deliver(client).sent == 0
    assert (sorted(lrs.kept), lrs.stored_twice) == (sorted(ids), [])
