"""Somebody who talks to an LRS over one connection that stays open."""

from __future__ import annotations

import base64
import http.client
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode


class UnexpectedAnswer(Exception):
    """The LRS did not answer as it should; says with which status."""


class Caller:
    """Sends bytes that were made before, so that the time is the server's."""

    def __init__(self, port: int, path: str, name: str, password: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._path = path
        basic = base64.b64encode(f"{name}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "X-Experience-API-Version": "1.0.3"}

    def post(self, bodies: Sequence[bytes]) -> float:
        """The seconds that these POSTs took together."""
        headers = {**self._headers, "Content-Type": "application/json"}
        self._connection.close()  # a server closes one that was idle during somebody else's turn
        begun = time.perf_counter()
        for body in bodies:
            self._ask("POST", self._path, body, headers)
        return time.perf_counter() - begun

    def get(self, asked: Mapping[str, str] | str) -> tuple[float, bytes]:
        """The seconds until the last byte of the answer, and the answer; a text is a `more`."""
        path = asked if isinstance(asked, str) else f"{self._path}?{urlencode(asked)}"
        begun = time.perf_counter()
        answer = self._ask("GET", path, None, self._headers)
        return time.perf_counter() - begun, answer

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status != 200:
            raise UnexpectedAnswer(f"{method} is answered with {answer.status}: {read[:200]!r}")
        return read
