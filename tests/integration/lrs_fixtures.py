"""The built-in LRS over real HTTP, and somebody who talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.http_server import running
from xapi.credentials import ANYTHING, RIGHTS, Access, Credentials
from xapi.lrs_server import create_lrs

HOME_PAGE = "https://tool.example/xapi/lrs"
VERSION = {"X-Experience-API-Version": "1.0.3"}
CREDENTIALS = Credentials({right: f"a-secret-for-{right}" for right in RIGHTS})
OWNER = "voorbeeldstad"


class Anybody:
    """Lets everybody write and read the operator stream of one owner, with any name and password."""

    def check(self, name: str, password: str) -> Access | None:
        return Access(OWNER, ANYTHING, "operator")


class Caller:
    """Somebody with a name and a password, who says the xAPI version."""

    def __init__(self, url: str, name: str = "", password: str = "") -> None:
        self.url = url
        self.http = requests.Session()
        self.http.auth = (name, password)
        self.http.headers.update(VERSION)

    def post(self, body: Any, **more: Any) -> requests.Response:
        return self.http.post(f"{self.url}/statements", json=body, timeout=20, **more)

    def put(self, body: Any, statement_id: str | None = None, **more: Any) -> requests.Response:
        if "params" not in more:
            more["params"] = {"statementId": statement_id or body["id"]}
        return self.http.put(f"{self.url}/statements", json=body, timeout=20, **more)

    def get(self, **parameters: Any) -> requests.Response:
        return self.http.get(f"{self.url}/statements", params=parameters, timeout=20)

    def ids(self, **parameters: Any) -> list[str]:
        """The ids that a query gives, on all its pages."""
        answer = self.get(**parameters)
        assert answer.status_code == 200, answer.text
        found: list[str] = []
        while True:
            page = answer.json()
            found += [statement["id"] for statement in page["statements"]]
            if not page["more"]:
                return found
            answer = self.http.get(self.url.removesuffix("/xapi") + page["more"], timeout=20)

    def close(self) -> None:
        self.http.close()


class Lrs:
    """A running LRS and the callers that came to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.callers: list[Caller] = []

    def caller(self, right: str, owner: str = OWNER) -> Caller:
        caller = Caller(self.url, *CREDENTIALS.make(owner, right))
        self.callers.append(caller)
        return caller

    def anybody(self) -> Caller:
        caller = Caller(self.url, "any", "body")
        self.callers.append(caller)
        return caller


@contextmanager
def running_lrs(database_url: str, doorkeeper: Any = CREDENTIALS) -> Iterator[Lrs]:
    """The LRS as an app of its own, on a free port."""
    app = create_lrs(database_url, doorkeeper, HOME_PAGE)
    with running(app) as address:
        lrs = Lrs(f"{address}/xapi")
        try:
            yield lrs
        finally:
            for caller in lrs.callers:
                caller.close()
    app.extensions["lrs_engine"].dispose()
