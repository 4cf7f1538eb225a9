"""The client of an LRS, against real answers and odd ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.http_server import running
from tests.integration.lrs_fixtures import Anybody, Lrs, running_lrs
from tests.xapi_examples import LEARNER, VERB, a_statement, a_voiding
from xapi import client as client_room
from xapi.client import LrsClient, LrsRefused, LrsUnavailable


@pytest.fixture
def lrs(sqlite_database: str) -> Iterator[Lrs]:
    with running_lrs(sqlite_database, Anybody()) as found:
        yield found


@contextmanager
def client_of(url: str, **more: Any) -> Iterator[LrsClient]:
    client = LrsClient(url, "name", "pässwörd", **more)
    yield client
    client.close()


class Script:
    """Answers what it is told to, and remembers the requests."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.requests.append(request)
        return self.answers.pop(0)(environ, start_response)


def said(body: object, status: int = 200, **headers: str) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text, status, headers=named, mimetype="application/json")


def test_statements_are_sent_and_read_back(lrs: Lrs) -> None:
    statements = [a_statement() for _ in range(3)]
    with client_of(f"{lrs.url}/") as client:
        reply = client.post_statements([json.dumps(statement) for statement in statements])
        assert (reply.status, reply.is_from_an_lrs, reply.retry_after_seconds) == (200, True, None)
        found = client.get_statement(statements[0]["id"])
        assert found is not None
        assert found["object"] == statements[0]["object"]
        assert client.get_statement(a_statement()["id"]) is None
        assert [one["id"] for one in client.newest(2)] == [one["id"] for one in statements[:0:-1]]
        assert len(client.newest(10)) == 3
        assert "1.0.3" in client.about()["version"]


def test_a_voided_statement_is_found_too(lrs: Lrs) -> None:
    statement = a_statement()
    with client_of(lrs.url) as client:
        client.post_statements([json.dumps(statement), json.dumps(a_voiding(statement["id"]))])
        found = client.get_statement(statement["id"])
    assert found is not None
    assert found["id"] == statement["id"]


def test_all_pages_are_read_with_filters_in_the_form_of_the_standard(lrs: Lrs) -> None:
    before = datetime.now(timezone(timedelta(hours=2)))
    with client_of(lrs.url) as client:
        client.post_statements([json.dumps(a_statement()) for _ in range(7)])
        found = list(
            client.statements(agent=LEARNER, verb=VERB, since=before, limit=3, ascending=True, format="exact")
        )
        assert len({one["id"] for one in found}) == 7
        assert found == sorted(found, key=lambda one: str(one["stored"]))
        assert list(client.statements(until=before)) == []


def test_every_request_says_the_version_and_who_asks() -> None:
    script = Script(said({"version": []}))
    with running(script) as url, client_of(url) as client:
        client.about()
    (request,) = script.requests
    assert request.headers["X-Experience-API-Version"] == "1.0.3"
    assert request.authorization is not None
    assert (request.authorization.username, request.authorization.password) == ("name", "pässwörd")


def test_more_is_only_followed_on_the_same_server() -> None:
    script = Script(
        said({"statements": [{"id": "1"}], "more": "https://evil.example/steal?cursor=2"}),
        said({"statements": [{"id": "2"}]}),
    )
    with running(script) as url, client_of(url) as client:
        assert [one["id"] for one in client.statements()] == ["1", "2"]
    assert script.requests[1].full_path == "/steal?cursor=2"


def test_no_redirect_is_followed() -> None:
    script = Script(said("", 302, Location="/elsewhere"))
    with running(script) as url, client_of(url) as client:
        with pytest.raises(LrsRefused) as refused:
            client.about()
        assert refused.value.status == 302
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_an_lrs_that_cannot_answer_now_is_unavailable(status: int) -> None:
    with running(Script(said({}, status))) as url, client_of(url) as client, pytest.raises(LrsUnavailable):
        client.get_statement("x")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_lrs_that_says_no_refuses(status: int) -> None:
    refused = pytest.raises(LrsRefused, match=f"HTTP {status}")
    with running(Script(said({}, status))) as url, client_of(url) as client, refused:
        client.get_statement("x")


@pytest.mark.parametrize("body", ["<html>", "[]", "", "1"])
def test_an_answer_that_is_not_from_an_lrs_is_no_answer(body: str) -> None:
    no_answer = pytest.raises(LrsUnavailable, match="not from an LRS")
    with running(Script(said(body))) as url, client_of(url) as client, no_answer:
        client.about()


@pytest.mark.parametrize(
    ("answer", "expected"), [([{"id": "x"}], {"id": "x"}), ([], None), ({}, None), ([1], None)]
)
def test_an_lrs_that_answers_a_list_for_one_statement_is_understood(answer: Any, expected: Any) -> None:
    script = Script(said({"statements": answer}), said({"statements": answer}))
    with running(script) as url, client_of(url) as client:
        assert client.get_statement("x") == expected


def test_an_lrs_that_is_away_or_silent_is_unavailable() -> None:
    with running(Script()) as url:
        pass
    with client_of(url) as client, pytest.raises(LrsUnavailable, match="ConnectionError"):
        client.post_statements(["{}"])


def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_room, "MOST_BYTES", 1000)
    too_long = pytest.raises(LrsUnavailable, match="too long")
    with running(Script(said("x" * 2000))) as url, client_of(url) as client, too_long:
        client.about()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert client_room._retry_after(value, noon) == seconds


@pytest.mark.parametrize(
    ("answer", "is_an_lrs"),
    [(said(["x"]), True), (said("", 204), True), (said({}), False), (said("<html>"), False)],
)
def test_a_reply_tells_whether_an_lrs_gave_it(answer: Response, is_an_lrs: bool) -> None:
    with running(Script(answer)) as url, client_of(url) as client:
        assert client.post_statements(["{}"]).is_from_an_lrs is is_an_lrs
