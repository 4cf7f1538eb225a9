"""Reads statements from an LRS as an analyst would: plain HTTP with a name and a password.

xAPI 1.0.3, part 3, section 2.1.3 (GET Statements):
https://github.com/adlnet/xAPI-Spec/blob/1.0.3/xAPI-Communication.md#213-get-statements
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from lti_tool.demo.own_http import TIMEOUT_SECONDS, own_session

VERSION = {"X-Experience-API-Version": "1.0.3"}


class LrsReader:
    """One credential of one LRS (`url` up to and including /xapi)."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self._url = url
        self._http = own_session()
        self._http.auth = (name, password)
        self._http.headers.update(VERSION)

    def statements(self) -> list[dict[str, Any]]:
        """Everything that this credential may read, following `more`."""
        found: list[dict[str, Any]] = []
        address = f"{self._url}/statements"
        while address:
            answer = self._http.get(address, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
            body = answer.json()
            found.extend(body["statements"])
            address = urljoin(self._url, body["more"]) if body.get("more") else ""
        return found

    def status_of(self, statement_id: str) -> int:
        """The HTTP status of asking for one statement by its id."""
        answer = self._http.get(
            f"{self._url}/statements", params={"statementId": statement_id}, timeout=TIMEOUT_SECONDS
        )
        return answer.status_code
