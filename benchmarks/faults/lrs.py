"""An LRS as a process of its own that has bad days; what it stored survives a kill.

How it answers a statement that it has already follows from who sends it: the municipality's id names one of four
kinds of LRS. With `behind`, it is a bad road to another LRS instead, and stores nothing itself.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import requests
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from benchmarks.faults.ledger import POISON
from xapi.comparison import same_statement

Json = dict[str, Any]

KINDS: Final = ("answers-200", "answers-204", "409-when-different", "409-always")
"""lrsql; Ralph; the usual one; ADL's LRS, which then keeps nothing of the batch."""

HUNG: Final = 11.0
"""Seconds, longer than the tool waits for an answer."""
SPURIOUS: Final = 2
"""So often one lone statement meets a 409 for nothing: a third one in a row is what a dead letter is for."""
SLOW_ANSWERS: Final = {"hang", "hang after storing"}
_SCHEMA: Final = """
pragma journal_mode = wal;
create table if not exists stored (tenant text not null, id text not null, body text not null);
create index if not exists by_id on stored (tenant, id);
create table if not exists answered (what text not null, number integer not null, primary key (what));
"""
# No unique key on purpose: whether an id is here once is what the proof wants to know.


@dataclass(frozen=True)
class Days:
    """What a stub is like."""

    port: int
    database: str
    seed: int
    faulty: float
    """Share of the answers to POST that are faults."""
    hangs: float
    """Share of the faults that hang."""
    behind: str = ""


class StubLrs:
    """A WSGI app; one statement batch at a time is looked at and stored, as in a real database."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._rng = Random(days.seed)  # noqa: S311 - to be the same in another run
        self._lock = threading.Lock()
        self._lone_conflicts: dict[str, int] = {}
        self._session = requests.Session()
        self._kept = sqlite3.connect(days.database, check_same_thread=False, isolation_level=None, timeout=30)
        self._kept.executescript(_SCHEMA)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.endswith("/about"):
            response = Response('{"version": ["1.0.3"]}', 200, mimetype="application/json")
        elif request.method == "POST":
            response = self._post(request)
        else:
            response = self._get(request)
        response.headers["X-Experience-API-Version"] = "1.0.3"
        return response(environ, start_response)

    def _post(self, request: Request) -> Response:
        body = request.get_data()
        tenant = _tenant(request)
        fault = self._fault(body, tenant)
        self._count(f"POST {fault or 'as usual'}")
        if fault == "503":
            headers = {"Retry-After": "1"} if self._rng.random() < 0.5 else {}
            return Response("busy", 503, headers=headers)
        if fault == "409 for nothing":
            return Response("conflict", 409)
        if fault == "hang":
            time.sleep(HUNG)
            return Response("too late", 504)
        if fault == "dropped":
            return _hang_up(request)
        response = self._behind(request, body) if self._days.behind else self._store(tenant, json.loads(body))
        if fault == "dropped after storing":
            return _hang_up(request)
        if fault == "hang after storing":
            time.sleep(HUNG)
        elif response.status_code == 200 and fault == "409 after storing":
            return Response("conflict", 409)
        elif response.status_code == 200 and fault == "204":
            return Response(status=204)
        return response

    def _fault(self, body: bytes, tenant: str) -> str:
        with self._lock:
            if self._rng.random() >= self._days.faulty:
                return ""
            if self._rng.random() < self._days.hangs:
                return self._rng.choice(sorted(SLOW_ANSWERS))
            kinds = ["503", "dropped", "dropped after storing", "204"]
            # Behind this road credentials that write may not read, so after a 409 nobody can look.
            if not self._days.behind:
                kinds += ["409 for nothing", "409 after storing"]
            fault = self._rng.choice(kinds)
            if fault == "409 for nothing" and len(statements := json.loads(body)) == 1:
                met = self._lone_conflicts.get(statements[0]["id"], 0)
                self._lone_conflicts[statements[0]["id"]] = met + 1
                if met >= SPURIOUS:
                    return "503"
            return fault

    def _store(self, tenant: str, statements: list[Json]) -> Response:
        for statement in statements:
            poison = statement.get("context", {}).get("extensions", {}).get(POISON)
            if poison is not None:
                return Response("this is no statement", poison)
        kind = next(kind for kind in KINDS if tenant.startswith(kind))
        with self._lock:
            here = {
                statement["id"]: found
                for statement in statements
                if (found := self._find(tenant, statement["id"])) is not None
            }
            differs = any(s["id"] in here and not same_statement(s, here[s["id"]]) for s in statements)
            if differs or (here and kind == "409-always"):
                return Response("conflict", 409)
            fresh = [statement for statement in statements if statement["id"] not in here]
            self._kept.execute("begin immediate")
            self._kept.executemany(
                "insert into stored values (?, ?, ?)", [(tenant, s["id"], json.dumps(s)) for s in fresh]
            )
            self._kept.execute("commit")
        if kind == "answers-204" and here and not fresh:
            return Response(status=204)
        ids = [statement["id"] for statement in (fresh if kind == "answers-204" else statements)]
        return Response(json.dumps(ids), 200, mimetype="application/json")

    def _get(self, request: Request) -> Response:
        if self._days.behind:
            return self._behind(request, b"")
        if self._rng.random() < self._days.faulty / 3:
            return Response("busy", 503)
        tenant = _tenant(request)
        with self._lock:
            found = self._find(tenant, request.args.get("statementId", ""))
        if tenant.startswith("answers-204"):  # Ralph answers a list, also when it is empty
            return Response(json.dumps({"statements": [found] if found else []}), 200, mimetype="application/json")
        if found is None:
            return Response("not found", 404)
        return Response(json.dumps(found), 200, mimetype="application/json")

    def _find(self, tenant: str, statement_id: str) -> Json | None:
        row = self._kept.execute(
            "select body from stored where tenant = ? and id = ?", (tenant, statement_id)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def _behind(self, request: Request, body: bytes) -> Response:
        passed = ("Authorization", "Content-Type", "X-Experience-API-Version", "Accept")
        headers = {name: request.headers[name] for name in passed if name in request.headers}
        url = f"{self._days.behind}/statements"
        try:
            answer = self._session.request(
                request.method, url, params=request.args, data=body, headers=headers, timeout=30
            )
        except requests.RequestException:
            return Response("nobody answers behind this road", 502)
        kind = answer.headers.get("Content-Type", "text/plain")
        retry = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
        return Response(answer.content, answer.status_code, headers=retry, content_type=kind)

    def _count(self, what: str) -> None:
        with self._lock:
            self._kept.execute(
                "insert into answered values (?, 1) on conflict do update set number = number + 1", (what,)
            )


def stored(database: Path) -> Iterator[tuple[str, Json]]:
    """Every row that the stub ever stored: municipality and statement."""
    with closing(sqlite3.connect(database)) as kept:
        for tenant, body in kept.execute("select tenant, body from stored"):
            yield tenant, json.loads(body)


def answers(database: Path) -> dict[str, int]:
    """How often each fault happened."""
    with closing(sqlite3.connect(database)) as kept:
        return dict(kept.execute("select what, number from answered"))


def arguments(days: Days) -> tuple[str, ...]:
    """With which Python starts it."""
    return ("-m", "benchmarks.faults.lrs", json.dumps(asdict(days)))


def _tenant(request: Request) -> str:
    given = request.authorization
    return ((given.username if given else "") or "").partition("/")[0]


def _hang_up(request: Request) -> Response:
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as with every real LRS

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing is written down for each request."""


def main() -> None:
    days = Days(**json.loads(sys.argv[1]))
    make_server("127.0.0.1", days.port, StubLrs(days), threaded=True, request_handler=_Quiet).serve_forever()


if __name__ == "__main__":
    main()
