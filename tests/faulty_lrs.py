"""An LRS over HTTP on bad days: its answers are scripted, and what it keeps is known."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from xapi.comparison import same_statement

Json = dict[str, Any]
Fault = Callable[["FaultyLrs", list[Json], Request], Response | None]
"""What happens to one POST; None: it goes on as usual."""


class FaultyLrs:
    """A WSGI app.

    Args:
        duplicates: how a statement that is here already is answered: `200`, `204`, `409 when different`, or
            `409 always` (then nothing of the batch is kept, as ADL's LRS does).
        faults: what happens to the first POSTs, in order.
        poison: ids that it answers with 400, and `breaks_on`: with 500; nothing of the batch is kept.
    """

    def __init__(self, duplicates: str = "409 when different", faults: Iterable[Fault] = ()) -> None:
        self.duplicates = duplicates
        self.faults = list(faults)
        self.poison: set[str] = set()
        self.breaks_on: set[str] = set()
        self.kept: dict[str, Json] = {}
        self.stored_twice: list[str] = []
        self.posts: list[list[str]] = []
        self.bodies: list[bytes] = []
        self.lookups = 0
        self.lookups_left: int | None = None
        self.may_read = True
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        with self._lock:
            response = self._post(request) if request.method == "POST" else self._get(request)
        response.headers["X-Experience-API-Version"] = "1.0.3"
        return response(environ, start_response)

    def keep(self, statements: list[Json]) -> None:
        for statement in statements:
            if statement["id"] in self.kept:
                self.stored_twice.append(statement["id"])
            self.kept[statement["id"]] = {**statement, "stored": "2026-11-23T10:00:00+00:00", "version": "1.0.0"}

    def _post(self, request: Request) -> Response:
        self.bodies.append(request.get_data())
        try:
            statements = json.loads(request.get_data())
        except ValueError:
            return Response("not JSON", 400)
        self.posts.append([statement.get("id", "") for statement in statements])
        if self.faults:
            answer = self.faults.pop(0)(self, statements, request)
            if answer is not None:
                return answer
        ids = {statement["id"] for statement in statements}
        if ids & self.poison:
            return Response("a statement is wrong", 400)
        if ids & self.breaks_on:
            return Response("oops", 500)
        here = [statement for statement in statements if statement["id"] in self.kept]
        different = [one for one in here if not same_statement(one, self.kept[one["id"]])]
        if different or (here and self.duplicates == "409 always"):
            return Response("conflict", 409)
        self.keep([statement for statement in statements if statement["id"] not in self.kept])
        if self.duplicates == "204" and here:
            return Response(status=204)
        return Response(json.dumps(sorted(ids)), 200, mimetype="application/json")

    def _get(self, request: Request) -> Response:
        self.lookups += 1
        if not self.may_read:
            return Response("these credentials may not read", 403)
        if self.lookups_left is not None:
            self.lookups_left -= 1
            if self.lookups_left < 0:
                return Response("busy", 503)
        found = self.kept.get(request.args.get("statementId", ""))
        if found is None:
            return Response("not found", 404)
        return Response(json.dumps(found), 200, mimetype="application/json")


def answer(status: int, body: str = "", **headers: str) -> Fault:
    """Answer this and keep nothing."""

    def fault(lrs: FaultyLrs, statements: list[Json], request: Request) -> Response:
        return Response(body, status, headers={name.replace("_", "-"): said for name, said in headers.items()})

    return fault


def as_usual(lrs: FaultyLrs, statements: list[Json], request: Request) -> None:
    """No fault this time."""


def hang(seconds: float) -> Fault:
    """Keep nothing and say nothing for so long."""

    def fault(lrs: FaultyLrs, statements: list[Json], request: Request) -> Response:
        time.sleep(seconds)
        return Response("too late", 503)

    return fault


def keep_and_hang_up(lrs: FaultyLrs, statements: list[Json], request: Request) -> Response:
    """Keep all and break the connection before the answer."""
    lrs.keep([statement for statement in statements if statement["id"] not in lrs.kept])
    return hang_up(lrs, statements, request)


def hang_up(lrs: FaultyLrs, statements: list[Json], request: Request) -> Response:
    """Break the connection without an answer."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def keep_and_kill(pid: Callable[[], int]) -> Fault:
    """Keep all, and kill the sender (kill -9) before it hears so."""

    def fault(lrs: FaultyLrs, statements: list[Json], request: Request) -> Response:
        lrs.keep([statement for statement in statements if statement["id"] not in lrs.kept])
        os.kill(pid(), signal.SIGKILL)
        return Response(status=200)

    return fault
