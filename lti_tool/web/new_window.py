"""From the frame of the portal to a window of one's own, with the same session.

The session's cookie belongs to the frame (Partitioned), so a new window on the same address would start
without one. The link therefore carries a signed ticket: it names the session by its hash, works once, and
only when the click came from a page of the tool itself, so that nobody can be sent into another's session.

Where the frame keeps no cookie, the window may: it starts with a session in its path, and goes on with a
cookie as soon as one comes back.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import cast

from flask import Blueprint, Response, current_app, make_response, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from lti_tool.domain.errors import JourneyError
from lti_tool.web.guards import Role, only
from lti_tool.web.handles import came_from_own_page, without_handle
from lti_tool.web.sessions import (
    PROOF_COOKIE,
    UNTIL,
    BrowserSession,
    SessionRows,
    browser_proof,
    set_cookie,
)
from lti_tool.web.wiring import moment

bp = Blueprint("new_window", __name__)

_ONCE = "window"
_GOING_TO = "window_path"
_FRAMES = ("iframe", "frame")
_OF_THE_FRAME = (_ONCE, UNTIL, "csrf_token", "deep_linking")
"""What does not come along: each window has its own, and the portal waits for an answer from its frame."""


class WindowRefused(JourneyError):
    """The ticket was used, changed, or followed from elsewhere."""


def is_framed() -> bool:
    """Whether the browser says that it shows this page in a frame (Fetch Metadata, Sec-Fetch-Dest)."""
    return request.headers.get("Sec-Fetch-Dest") in _FRAMES


def link() -> str:
    """The address that opens this page in a window of its own; empty outside a frame or a session."""
    if (
        request.blueprint == "deep_linking"
        or not is_framed()
        or not isinstance(session_now := _session(), BrowserSession)
    ):
        return ""
    if session_now.id_hash is None or "participation_id" not in session_now:
        return ""
    once = session_now.setdefault(_ONCE, secrets.token_urlsafe(16))
    ticket = _tickets().dumps([session_now.id_hash, once, request.path, session_now.in_path])
    return without_handle(url_for("new_window.open_window", ticket=ticket))


@bp.get("/window/<ticket>")
@only(Role.PUBLIC)
def open_window(ticket: str) -> Response:
    """Take the ticket, copy the session under a new id, and show the page."""
    if not came_from_own_page():
        raise WindowRefused
    try:
        id_hash, once, path, in_path = _tickets().loads(ticket)
    except BadSignature as err:
        raise WindowRefused from err
    rows = cast(SessionRows, current_app.extensions["session_rows"])
    data = rows.load_session(id_hash, moment())
    if data is None or data.get(_ONCE) != once:
        raise WindowRefused
    until = datetime.fromisoformat(data[UNTIL])
    if not rows.save_session(id_hash, {**data, _ONCE: secrets.token_urlsafe(16)}, until):
        raise WindowRefused
    here = _session()
    here.clear()
    here.update({name: value for name, value in data.items() if name not in _OF_THE_FRAME})
    here.renew(in_path=in_path)
    if not in_path:
        return make_response(redirect(f"{path}#title", 303))
    here[_GOING_TO] = path
    response = make_response(redirect(here.address(url_for("new_window.arrive")), 303))
    set_cookie(response, PROOF_COOKIE, browser_proof() or secrets.token_urlsafe(32))
    return response


@bp.get("/window")
@only(Role.LEARNER)
def arrive() -> Response:
    """The second step of a window from a frame without cookies: did the cookie of the first come back?"""
    here = _session()
    path = here.pop(_GOING_TO, url_for("learner.start"))
    if here.in_path and browser_proof():
        here.renew(goes_on=True)
    return make_response(redirect(f"{here.address(without_handle(path))}#title", 303))


def _tickets() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="new-window")


def _session() -> BrowserSession:
    return cast(BrowserSession, session._get_current_object())  # type: ignore[attr-defined]
