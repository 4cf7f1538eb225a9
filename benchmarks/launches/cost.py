"""What a launch costs beside what cannot be saved: one RS256 verification and its SQL, bare, in one transaction.

A launch is the whole `POST /lti/launch`, from the WSGI server's call to the last byte of the answer, with the
portal's key known. The floor is the same SQL with the same parameters, on the same database, in one durable
transaction of the tool's own engine, as text; that through the bare driver is printed as well, because that is
what no library at all would cost. The three take turns, so that a busy moment of the machine meets each.
"""

from __future__ import annotations

import io
import re
import secrets
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from flask import Flask
from sqlalchemy import Engine, event

from benchmarks.launches.house import PROOF_COOKIE, TOOL_URL, Begun, Visitor
from benchmarks.launches.portal import MARK, sign, unb64
from benchmarks.proof import Figure, figure
from lti_tool.storage.database import db

AT_MOST = "<= 3"
PEOPLE = 50
_SESSION = "INSERT INTO web_session "
_LEARNER = "INSERT INTO learner "
_PARTICIPATION = "INSERT INTO participation "
_HASH = re.compile(r"[0-9a-f]{64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Statement = tuple[str, Any]


@dataclass(frozen=True)
class Ready:
    """A launch about to be made: the login that it ends, and the form that the browser sends."""

    begun: Begun
    token: str

    def environ(self) -> dict[str, Any]:
        body = urlencode({"state": self.begun.state, "id_token": self.token}).encode()
        return {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/lti/launch",
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_NAME": "tool.example",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": TOOL_URL.removeprefix("https://"),
            "HTTP_COOKIE": f"{PROOF_COOKIE}={self.begun.proof}",
            "HTTP_ORIGIN": "https://portal.example",
            "HTTP_SEC_FETCH_DEST": "iframe",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


def figures(app: Flask, visitor: Visitor, kind: str, launches: int) -> list[Figure]:
    """Of a learner who comes back, and of one who comes for the first time."""
    with app.app_context():
        engine = db.engine
    found = []
    for who, person in (("coming back", _returning), ("first time", _new)):
        for number in range(PEOPLE):
            _launch(app, _ready(visitor, _returning(number)))
        ours, bare, driver, statements = _measure(app, visitor, engine, person, launches)
        name = f"launch, {kind}, {who}"
        found += [
            figure(name, ours * 1e3, "ms"),
            figure(f"{name}: its {statements} SQL statements and RS256 bare", bare * 1e3, "ms"),
            figure(f"{name}: the same through the driver alone", driver * 1e3, "ms"),
            figure(f"{name} / bare", ours / bare, "x", AT_MOST),
            figure(f"{name} / driver alone", ours / driver, "x"),
        ]
    return found


def _returning(number: int) -> str:
    return str(number % PEOPLE)


def _new(number: int) -> str:
    return secrets.token_hex(8)


def _measure(
    app: Flask, visitor: Visitor, engine: Engine, person: Callable[[int], str], launches: int
) -> tuple[float, float, float, int]:
    """Median seconds of ours, of the floor and of the driver alone, and how many statements the floor has."""
    floor = _Floor(app, visitor, engine, person)
    rows = []
    for number in range(launches + 20):
        ours = _launch(app, _ready(visitor, person(number)))
        bare = floor.run(_ready(visitor, person(number)), floor.by_engine)
        rows.append((ours, bare, floor.run(_ready(visitor, person(number)), floor.by_driver)))
    floor.close()
    columns = zip(*rows[20:], strict=True)  # the first ones fill caches of SQL and of the driver
    ours, bare, driver = (statistics.median(column) for column in columns)
    return ours, bare, driver, len(floor.statements)


def _ready(visitor: Visitor, person: str) -> Ready:
    begun = visitor.begin()
    return Ready(begun, sign(visitor.claims("learner", begun, person), visitor.portal.key))


def _launch(app: Flask, ready: Ready) -> float:
    environ = ready.environ()
    status = []

    def start(line: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        status.append(line)
        return lambda data: None

    begun = time.perf_counter()
    answer = app(environ, start)
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    seconds = time.perf_counter() - begun
    if not status[0].startswith("303"):
        raise RuntimeError(f"a good launch is answered with {status[0]}")
    return seconds


class _Floor:
    """The SQL of one launch, said again with the keys of another login."""

    def __init__(self, app: Flask, visitor: Visitor, engine: Engine, person: Callable[[int], str]) -> None:
        model = _ready(visitor, person(0))
        with _recording(engine) as statements:
            _launch(app, model)
        self.statements = statements
        self._old_state = model.begun.state
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._pooled = engine.raw_connection()
        self._connection: Any = self._pooled.driver_connection
        self._key = visitor.portal.key.public_key()
        if self._sqlite:
            self._connection.execute("PRAGMA synchronous=FULL")

    def run(self, ready: Ready, say: Callable[[list[Statement]], None]) -> float:
        """Seconds for one signature and for the statements, said in either way."""
        signed, _, signature = ready.token.rpartition(".")
        fresh = {self._old_state: ready.begun.state, **self._fresh()}
        statements = [(sql, _renamed(parameters, fresh)) for sql, parameters in self.statements]
        proof, said = unb64(signature), signed.encode()
        begun = time.perf_counter()
        self._key.verify(proof, said, padding.PKCS1v15(), hashes.SHA256())
        say(statements)
        return time.perf_counter() - begun

    def by_engine(self, statements: list[Statement]) -> None:
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            for sql, parameters in statements:
                result = connection.exec_driver_sql(sql, parameters)
                if result.returns_rows:
                    result.fetchall()

    def by_driver(self, statements: list[Statement]) -> None:
        cursor = self._connection.cursor()
        if self._sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            if cursor.description:
                cursor.fetchall()
        if self._sqlite:
            cursor.execute("COMMIT")
        else:
            self._connection.commit()

    def close(self) -> None:
        self._pooled.close()

    def _fresh(self) -> dict[str, str]:
        """Other keys for the rows that the statements add; the same rows are found as before."""
        made = {value: secrets.token_hex(32) for value in self._added(_SESSION) if _HASH.fullmatch(value)}
        for value in (*self._added(_LEARNER), *self._added(_PARTICIPATION)):
            if _UUID.fullmatch(value):
                made[value] = str(uuid.uuid4())
            elif value.startswith(MARK):
                made[value] = f"{MARK}-{secrets.token_hex(8)}"
        return made

    def _added(self, start: str) -> list[str]:
        """The texts among the values of the INSERT that starts so."""
        rows = (_values(parameters) for sql, parameters in self.statements if sql.startswith(start))
        return [value for row in rows for value in row if isinstance(value, str)]


@contextmanager
def _recording(engine: Engine) -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def keep(_c: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not sql.startswith(("BEGIN", "COMMIT", "PRAGMA", "SET LOCAL")):
            found.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def _values(parameters: Any) -> list[Any]:
    return list(parameters.values() if isinstance(parameters, dict) else parameters)


def _renamed(parameters: Any, fresh: dict[str, str]) -> Any:
    def new(value: Any) -> Any:
        return fresh.get(value, value) if isinstance(value, str) else value

    if isinstance(parameters, dict):
        return {name: new(value) for name, value in parameters.items()}
    return tuple(new(value) for value in parameters)
