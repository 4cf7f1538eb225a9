"""Sessions on the server: the browser holds a random id, the database its hash and the data.

The cookie has the `__Host-` prefix and is Partitioned: the only kind that works in the frame of a portal
on another site while third-party cookies are blocked (https://developer.mozilla.org/docs/Web/Privacy/CHIPS).
A browser that keeps no cookie at all has the id in its path (`handles.py`, ADR 17).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from lti_tool.storage.database import DatabaseBusy
from lti_tool.web.handles import came_from_own_page, handle, with_handle
from lti_tool.web.wiring import moment

COOKIE = "__Host-digivaardig"
PROOF_COOKIE = "__Host-digivaardig-browser"
"""A random value that stays the same in one browser, so that two launches at once do not clash."""
LIFETIME = timedelta(hours=24)
"""After the last visit; more than the 20 hours from which WCAG 2.2.1 asks for no warning."""
PROLONG_BELOW = timedelta(hours=20)
"""A session is written again when it has less than this left, so at most every four hours."""

UNTIL = "_until"
"""Key under which a session remembers its own end, ISO 8601."""
_ID = re.compile(r"[A-Za-z0-9_-]{43}")


class SessionRows(Protocol):
    """Where sessions are kept (`lti_tool.storage.web_sessions`)."""

    def load_session(self, id_hash: str, now: datetime) -> dict[str, Any] | None: ...

    def add_session(self, id_hash: str, data: dict[str, Any], expires_at: datetime) -> None: ...

    def begin_session(
        self, id_hash: str, data: dict[str, Any], expires_at: datetime, *, in_place_of: str | None
    ) -> None: ...

    def save_session(self, id_hash: str, data: dict[str, Any], expires_at: datetime) -> bool: ...

    def delete_session(self, id_hash: str) -> bool: ...


class BrowserSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser, and the id that its cookie or its path holds."""

    def __init__(
        self, session_id: str | None, data: dict[str, Any] | None = None, *, in_path: bool = False
    ) -> None:
        super().__init__(data or {}, _note_change)
        self.id = session_id
        self.in_path = in_path
        self.has_row = data is not None
        """Whether it was loaded: then it can be changed, but not made again should somebody end it meanwhile."""
        self.left_hash: str | None = None
        self.goes_on = False
        self.modified = False
        self.kept = False
        """Whether its row was made by the launch that began it, so that only the browser must be told."""
        self.accessed = True
        self.unread = False
        """Whether the database was too busy to look the session up; the guard then asks to try again."""
        self.elsewhere = False
        """Whether the address holds a handle, but none of our own pages led to it; the guard lets nobody in."""

    def renew(self, *, in_path: bool = False, goes_on: bool = False) -> None:
        """Go on under a new id, so that an id known from before the login is worth nothing.

        Args:
            goes_on: it is the same visit, which is over when somebody ended it meanwhile.
        """
        self.left_hash = self.left_hash or self.id_hash
        self.id = secrets.token_urlsafe(32)
        self.in_path, self.has_row, self.goes_on = in_path, False, goes_on
        self.modified = True

    def keep_instead(self, rows: SessionRows, data: dict[str, Any], *, in_path: bool) -> BrowserSession:
        """Make the row of the session that comes after this one, in the transaction of a launch."""
        until = moment() + LIFETIME
        new = BrowserSession(secrets.token_urlsafe(32), {**data, UNTIL: until.isoformat()}, in_path=in_path)
        rows.begin_session(cast(str, new.id_hash), dict(new), until, in_place_of=self.id_hash)
        return new

    def become(self, new: BrowserSession) -> None:
        """Go on as a session of which the row was made."""
        self.clear()
        self.update(new)
        self.id, self.in_path = new.id, new.in_path
        self.modified, self.kept, self.has_row = False, True, True

    @property
    def id_hash(self) -> str | None:
        """How the database knows this session; None while it has no row.

        Ids of cookies and of paths are hashed apart, so that neither can be used as the other.
        """
        if self.id is None:
            return None
        return hash_of(f"path:{self.id}" if self.in_path else self.id)

    def address(self, path: str) -> str:
        """Where a page of ours is for this session."""
        return with_handle(self.id, path) if self.in_path and self.id else path


def _note_change(changed: CallbackDict[str, Any]) -> None:
    cast(BrowserSession, changed).modified = True


class ServerSessions(SessionInterface):
    """Flask's session, over rows in the database."""

    def __init__(self, rows: SessionRows, *, without: tuple[str, ...] = ()) -> None:
        """`without` names starts of paths that never look at a session, such as files."""
        self._rows = rows
        self._without = without

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        in_path = bool(handle())
        asked = BrowserSession(handle() or request.cookies.get(COOKIE, ""), in_path=in_path)
        if not _ID.fullmatch(asked.id or "") or request.path.startswith(self._without):
            return BrowserSession(None)
        if in_path and not came_from_own_page():
            asked = BrowserSession(None)
            asked.elsewhere = True
            return asked
        try:
            data = self._rows.load_session(cast(str, asked.id_hash), moment())
        except DatabaseBusy:
            # Flask has no page for errors this early, so the guard raises it again a moment later.
            unread = BrowserSession(None)
            unread.unread = True
            return unread
        return BrowserSession(asked.id, data, in_path=in_path) if data else BrowserSession(None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, BrowserSession) or session.unread:
            return
        response.vary.add("Cookie")
        if session.left_hash and not self._rows.delete_session(session.left_hash) and session.goes_on:
            return
        if not session:
            if session.modified:
                self._forget(session, response)
            return
        now = moment()
        if session.kept and not session.in_path:
            set_cookie(response, COOKIE, cast(str, session.id))
        if not session.modified and not _needs_longer(session, now):
            return
        session.id = session.id or secrets.token_urlsafe(32)
        until = now + LIFETIME
        session[UNTIL] = until.isoformat()
        row = (cast(str, session.id_hash), dict(session), until)
        if not session.has_row:
            self._rows.add_session(*row)
        elif not self._rows.save_session(*row):
            # Its cookie stays as it is: by now it may be the one of a newer launch.
            return
        if not session.in_path:
            set_cookie(response, COOKIE, session.id)

    def _forget(self, session: BrowserSession, response: Response) -> None:
        if session.id_hash:
            self._rows.delete_session(session.id_hash)
        if session.in_path:
            return
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="None", partitioned=True, path="/")


def browser_proof() -> str | None:
    """The proof that this browser holds; None: it sent no cookie, or not one of ours."""
    value = request.cookies.get(PROOF_COOKIE, "")
    return value if _ID.fullmatch(value) else None


def set_cookie(response: Response, name: str, value: str) -> None:
    """A cookie that works in the frame of another site and ends with the browser."""
    response.set_cookie(name, value, secure=True, httponly=True, samesite="None", partitioned=True, path="/")


def hash_of(value: str) -> str:
    """SHA-256, hexadecimal: ids have 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(value.encode()).hexdigest()


def _needs_longer(session: BrowserSession, now: datetime) -> bool:
    until = session.get(UNTIL)
    return until is None or datetime.fromisoformat(until) - now < PROLONG_BELOW
