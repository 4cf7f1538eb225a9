"""Voiding, and the SQL LRS, when the other side has a mind of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.http_server import running
from xapi.client import LrsClient, LrsRefused, LrsUnavailable
from xapi.lrsql import LrsqlAdministrator
from xapi.vocabulary import VOIDED, Iris
from xapi.voiding import AT_ONCE, void_all

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
AGENT = {"objectType": "Agent", "account": {"homePage": "https://tool.example/xapi/t/a", "name": "k3vq7ytz"}}
SOME_ID = "7b0b35ad-3f0c-4c6a-9b0c-0a4d5e9f0a11"
Answer = Callable[[Request], Response]


class Server:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, **answers: Answer | Response) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        body = json.loads(request.get_data()) if request.method != "GET" else None
        self.asked.append((request.method, request.path, body))
        return self.answers[request.method](environ, start_response)  # type: ignore[arg-type, return-value]


def page(*statements: Any) -> Response:
    return Response(json.dumps({"statements": statements, "more": ""}), mimetype="application/json")


def said(statement_id: str = SOME_ID, verb: Any = None) -> dict[str, Any]:
    return {"id": statement_id, "verb": verb or {"id": "http://adlnet.gov/expapi/verbs/completed"}}


def void(server: Server) -> int:
    with running(server) as url:
        return void_all(LrsClient(f"{url}/xapi", "me", "pw"), AGENT, "a", Iris("https://tool.example/xapi/"), NOW)


def test_what_voids_another_statement_is_left_and_the_rest_goes_in_portions() -> None:
    many = [said(f"7b0b35ad-3f0c-4c6a-9b0c-{number:012}") for number in range(AT_ONCE + 1)]
    server = Server(GET=page(*many, said(verb={"id": VOIDED})), POST=Response(status=204))
    assert void(server) == AT_ONCE + 1
    sent = [body for method, _, body in server.asked if method == "POST"]
    assert [len(batch) for batch in sent] == [AT_ONCE, 1]
    assert {one["object"]["id"] for batch in sent for one in batch} == {one["id"] for one in many}
    assert len({one["id"] for batch in sent for one in batch}) == AT_ONCE + 1
    assert "k3vq7ytz" not in json.dumps(sent)


@pytest.mark.parametrize(
    ("status", "raised"), [(503, LrsUnavailable), (429, LrsUnavailable), (403, LrsRefused), (400, LrsRefused)]
)
def test_an_lrs_that_does_not_take_it_has_voided_nothing(status: int, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        void(Server(GET=page(said()), POST=Response(status=status)))


@pytest.mark.parametrize("shown", [said("no uuid"), {"verb": "completed"}, {}])
def test_what_is_no_statement_is_not_voided(shown: Any) -> None:
    with pytest.raises(LrsUnavailable, match="not from an LRS"):
        void(Server(GET=page(shown), POST=Response(status=204)))


def test_the_administration_of_an_sql_lrs_stands_beside_its_statements() -> None:
    token = Response('{"json-web-token": "t"}', mimetype="application/json")
    server = Server(POST=token, DELETE=Response("{}", mimetype="application/json"))
    with running(server) as url:
        LrsqlAdministrator(f"{url}/lrs/xapi/", "me", "pw").erase(AGENT)
    assert server.asked == [
        ("POST", "/lrs/admin/account/login", {"username": "me", "password": "pw"}),
        ("DELETE", "/lrs/admin/agents", {"actor-ifi": "account::k3vq7ytz@https://tool.example/xapi/t/a"}),
    ]


@pytest.mark.parametrize("body", ["{}", '{"json-web-token": 1}'])
def test_what_gives_no_token_is_no_sql_lrs(body: str) -> None:
    server = Server(POST=Response(body, mimetype="application/json"))
    with running(server) as url, pytest.raises(LrsUnavailable, match="not from an SQL LRS"):
        LrsqlAdministrator(f"{url}/xapi", "me", "pw").erase(AGENT)
