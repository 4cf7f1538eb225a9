"""Asking an LRS whether it still has what it took: answers of several kinds of LRS, and odd ones."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from tests.http_server import running
from xapi.client import LrsClient, LrsRefused, LrsUnavailable
from xapi.reconcile import missing_at

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
IDS = [str(uuid.UUID(int=number)) for number in range(1, 7)]


class FakeLrs:
    """Has some statements, of which only some show when all are asked for (the others are voided, or older)."""

    def __init__(self, listed: list[str], others: list[str], form: Callable[[str], object] = lambda i: {"id": i}):
        self.listed, self.others, self.form = listed, others, form
        self.asked: list[dict[str, str]] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.answer(Request(environ).args.to_dict())(environ, start_response)

    def answer(self, asked: dict[str, str]) -> Response:
        self.asked.append(asked)
        wanted = asked.get("statementId") or asked.get("voidedStatementId")
        if wanted is None:
            return said({"statements": [{"id": i} for i in self.listed], "more": ""})
        return said(self.form(wanted)) if wanted in self.others else said({}, 404)


def said(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


@contextmanager
def client_of(lrs: Any) -> Iterator[LrsClient]:
    with running(lrs) as url:
        client = LrsClient(url, "name", "password")
        yield client
        client.close()


def test_what_is_listed_is_not_asked_for_once_more() -> None:
    lrs = FakeLrs(IDS, [])
    with client_of(lrs) as client:
        assert missing_at(client, IDS, SINCE) == set()
    assert lrs.asked == [{"since": "2026-11-01T00:00:00.000000Z", "ascending": "true"}]


def test_ids_in_capitals_are_the_same_ids() -> None:
    with client_of(FakeLrs([i.upper() for i in IDS], [])) as client:
        assert missing_at(client, IDS, SINCE) == set()


@given(
    listed=st.sets(st.sampled_from(IDS)),
    others=st.sets(st.sampled_from(IDS)),
    wanted=st.sets(st.sampled_from(IDS)),
)
def test_missing_is_always_what_is_neither_listed_nor_found(
    listed: set[str], others: set[str], wanted: set[str]
) -> None:
    lrs = FakeLrs(sorted(listed), sorted(others))

    class Direct(LrsClient):
        """Without a network between, because this runs a hundred times."""

        def statements(self, **filters: Any) -> Iterator[dict[str, Any]]:
            yield from ({"id": i} for i in lrs.listed)

        def get_statement(self, statement_id: str) -> dict[str, Any] | None:
            return {"id": statement_id} if statement_id in lrs.others else None

    assert missing_at(Direct("http://lrs.example", "a", "b"), wanted, SINCE) == wanted - listed - others


@pytest.mark.parametrize("form", [lambda i: {"id": "another"}, lambda i: {"status": "ok"}, lambda i: {"id": None}])
def test_an_answer_about_another_statement_says_nothing(form: Callable[[str], object]) -> None:
    with client_of(FakeLrs([], IDS, form)) as client, pytest.raises(LrsUnavailable, match="asked for"):
        missing_at(client, IDS[:1], SINCE)


def test_ralph_answers_a_list_and_that_counts() -> None:
    with client_of(FakeLrs([], IDS[:1], lambda i: {"statements": [{"id": i}]})) as client:
        assert missing_at(client, IDS[:1], SINCE) == set()


@pytest.mark.parametrize("statements", [None, "x", {}, 7, ["x"], [None], [{"id": "a"}, 1]])
def test_a_page_that_is_no_list_of_statements_is_not_from_an_lrs(statements: object) -> None:
    with (
        client_of(lambda environ, start: said({"statements": statements})(environ, start)) as client,
        pytest.raises(LrsUnavailable, match="not from an LRS"),
    ):
        missing_at(client, IDS, SINCE)


def test_an_lrs_that_goes_away_halfway_tells_nothing() -> None:
    class GoesAway(FakeLrs):
        def answer(self, asked: dict[str, str]) -> Response:
            return said({}, 503) if len(self.asked) > 2 else super().answer(asked)

    with client_of(GoesAway([], [])) as client, pytest.raises(LrsUnavailable, match="503"):
        missing_at(client, IDS, SINCE)


def test_an_lrs_that_does_not_let_us_read_is_told_apart() -> None:
    with (
        client_of(lambda environ, start: said({}, 403)(environ, start)) as client,
        pytest.raises(LrsRefused, match="403"),
    ):
        missing_at(client, IDS, SINCE)
