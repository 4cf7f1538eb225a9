"""Talk to an LRS over HTTP (xAPI 1.0.3, Communication part).

https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Communication.md. Every request has time limits and
follows no redirect: a password is sent only to the address that was set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth

from xapi.formats import as_timestamp, find_instant

VERSION = "1.0.3"
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
CONNECT_SECONDS, READ_SECONDS = 3.05, 10.0
MOST_BYTES = 64 * 1024 * 1024
"""An answer that is longer is not read."""

BUSY = frozenset({408, 425, 429})

Filter = str | int | bool | datetime | Mapping[str, object]


class LrsUnavailable(Exception):
    """The LRS cannot answer now; trying later may help."""


class LrsRefused(Exception):
    """The LRS answered that it will not; trying the same again does not help."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True)
class Reply:
    """What an LRS answered to statements that were sent."""

    status: int
    retry_after_seconds: float | None
    is_from_an_lrs: bool
    """False when an accepting answer is not of the form that an LRS gives (a web page, say)."""


@dataclass(frozen=True)
class Page:
    """A part of the statements that were asked for."""

    statements: list[dict[str, Any]]
    consistent_through: datetime | None
    """Everything stored up to then could be read (section 2.1.3); None: this LRS does not say."""


class LrsClient:
    """One credential at one LRS.

    Args:
        url: address of the LRS, to which `/statements` is added; without or with a slash at the end.
        timeout: seconds to connect, and between two bytes that arrive.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        session: requests.Session | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = session or requests.Session()
        # As bytes, so that a password with other than ASCII characters arrives as UTF-8 (RFC 7617).
        self._auth = HTTPBasicAuth(username.encode(), password.encode())

    def post_statements(self, bodies: Sequence[str]) -> Reply:
        """Send statements, exactly as they are written, as one batch.

        Raises:
            LrsUnavailable: there was no answer; the LRS may have stored them or not.
        """
        answer = self._ask(
            "POST",
            f"{self._url}/statements",
            data=f"[{','.join(bodies)}]".encode(),
            headers={"Content-Type": "application/json"},
        )
        return Reply(
            status=answer.status_code,
            retry_after_seconds=_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)),
            is_from_an_lrs=answer.status_code == 204 or isinstance(_json(answer), list),
        )

    def get_statement(self, statement_id: str) -> dict[str, Any] | None:
        """A statement as the LRS has it, voided or not; None when it does not have it.

        Raises:
            LrsUnavailable, LrsRefused
        """
        for parameter in ("statementId", "voidedStatementId"):
            answer = self._ask("GET", f"{self._url}/statements", params={parameter: statement_id})
            if answer.status_code != 404:
                found = as_object(answer)
                # Ralph answers a list, also when it is empty.
                several = found.get("statements", [found])
                if isinstance(several, list) and several and isinstance(several[0], dict):
                    return several[0]
        return None

    def statements(self, **filters: Filter) -> Iterator[dict[str, Any]]:
        """Statements that match, page after page; filters are named as in section 2.1.3.

        A datetime is sent in UTC, a mapping (an agent) as JSON.

        Raises:
            LrsUnavailable, LrsRefused
        """
        for page in self.pages(**filters):
            yield from page.statements

    def pages(self, **filters: Filter) -> Iterator[Page]:
        """The same, a page at a time, as the LRS divides them.

        Raises:
            LrsUnavailable, LrsRefused
        """
        url = f"{self._url}/statements"
        answer = self._ask("GET", url, params={key: _parameter(value) for key, value in filters.items()})
        while True:
            page = as_object(answer)
            found = page.get("statements")
            if not isinstance(found, list) or not all(isinstance(statement, dict) for statement in found):
                raise LrsUnavailable("the answer is not from an LRS")
            yield Page(found, find_instant(answer.headers.get(CONSISTENT_HEADER, "")))
            more = page.get("more")
            if not more:
                return
            answer = self._ask("GET", _on_the_same_server(self._url, str(more)))

    def erase(self, agent: Mapping[str, object]) -> int:
        """Delete, for good, every statement with this agent in it; the built-in LRS alone can do this.

        Returns:
            How many there were.

        Raises:
            LrsUnavailable, LrsRefused
        """
        answer = self._ask("DELETE", f"{self._url}/extensions/statements", params={"agent": _parameter(agent)})
        return int(as_object(answer)["erased"])

    def newest(self, count: int) -> list[dict[str, Any]]:
        """At most `count` statements, the last stored first.

        Raises:
            LrsUnavailable, LrsRefused
        """
        found: list[dict[str, Any]] = []
        for statement in self.statements(limit=count):
            found.append(statement)
            if len(found) == count:
                break
        return found

    def about(self) -> dict[str, Any]:
        """What the LRS says of itself; needs no password (section 2.8).

        Raises:
            LrsUnavailable, LrsRefused
        """
        return as_object(self._ask("GET", f"{self._url}/about"))

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def _ask(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        return asked(
            self._session,
            method,
            url,
            params=params,
            data=data,
            headers={"X-Experience-API-Version": VERSION, "Accept": "application/json", **(headers or {})},
            auth=self._auth,
            timeout=self._timeout,
        )


def asked(session: requests.Session, method: str, url: str, **how: Any) -> requests.Response:
    """An answer, read to its end but not without end; no redirect is followed.

    Raises:
        LrsUnavailable: there was none.
    """
    try:
        answer = session.request(method, url, allow_redirects=False, stream=True, **how)
        with answer:
            _read(answer)
        return answer
    except requests.RequestException as err:
        # The class tells enough; its text could hold the address with what is asked.
        raise LrsUnavailable(type(err).__name__) from err


def _read(answer: requests.Response) -> None:
    """Read the body, but not without end."""
    content = bytearray()
    for part in answer.iter_content(65536):
        content += part
        if len(content) > MOST_BYTES:
            raise LrsUnavailable("the answer is too long")
    answer._content = bytes(content)


def as_object(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of a successful answer.

    Raises:
        LrsUnavailable, LrsRefused
    """
    if answer.status_code in BUSY or answer.status_code >= 500:
        raise LrsUnavailable(f"HTTP {answer.status_code}")
    if answer.status_code != 200:
        raise LrsRefused(answer.status_code)
    found = _json(answer)
    if not isinstance(found, dict):
        raise LrsUnavailable("the answer is not from an LRS")
    return found


def _json(answer: requests.Response) -> object:
    try:
        found: object = json.loads(answer.content)
    except ValueError:
        return None
    return found


def _parameter(value: Filter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return as_timestamp(value)
    if isinstance(value, Mapping):
        return json.dumps(value)
    return str(value)


def _on_the_same_server(url: str, more: str) -> str:
    """`more` is relative to the server (Data part, section 2.5); never send a password elsewhere."""
    server, wanted = urlsplit(url), urlsplit(more)
    return urlunsplit((server.scheme, server.netloc, wanted.path, wanted.query, ""))


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header, which is a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
