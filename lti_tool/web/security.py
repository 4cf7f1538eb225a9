"""The headers of every answer: what a page may load, who may frame it, and who may keep it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

from flask import Flask, Response, g, request, session

from lti_tool.storage.database import DatabaseBusy
from lti_tool.web.guards import Role, current_role
from lti_tool.web.handles import handle
from lti_tool.web.wiring import view

HSTS_SECONDS = 365 * 24 * 60 * 60
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")
"""An origin that can stand in a header; anything else is left out."""
NEVER_FRAMED = (Role.OPERATOR, Role.DEMO, Role.OWN_KEYS)
"""Pages that no portal shows."""
NEVER_FRAMED_ENDPOINTS = ("operator.login", "figures.csv", "health.health")
NEVER_FRAMED_DOORS = ("xapi_profile",)


def may_send_itself_to(address: str) -> None:
    """Let this one page post a form to an address at the portal, with our own script that does it at once.

    The portal may look at `Origin` to see whose answer it is; `same-origin` would make that "null".
    """
    g.sends_to = "/".join(address.split("/", 3)[:3])
    let_run_own_script()


def let_run_own_script() -> None:
    """This page has one of the tool's own scripts, from a file; others have none."""
    g.runs_script = True


def let_own_script_ask() -> None:
    """This page has one of the tool's own scripts, and that may ask the tool something."""
    g.script_asks = True
    let_run_own_script()


def protect(app: Flask) -> None:
    """Set the headers on every answer."""
    app.after_request(_headers)


def frame_in(origins: Callable[[], Sequence[str]]) -> None:
    """Say which portal is in play while no session does; asked only when a page has to know."""
    g.portal_in_play = origins


def _headers(response: Response) -> Response:
    headers = response.headers
    sends_to = g.get("sends_to", "")
    script = "script-src 'self'; " if g.get("runs_script") else ""
    asks = "connect-src 'self'; " if g.get("script_asks") else ""
    target = f" {sends_to}" if ORIGIN.fullmatch(sends_to) else ""
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; {script}{asks}style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
        f"form-action 'self'{target}; base-uri 'none'; frame-ancestors {_frame_ancestors()}"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    # Not `no-referrer`: the CSRF check of Flask-WTF wants a referrer on https. A path with a handle in it is told
    # to nobody, not even to the log of our own proxy. A portal may look at `Origin` to see whose answer it is.
    usual = "strict-origin-when-cross-origin" if sends_to else "same-origin"
    headers.setdefault("Referrer-Policy", "strict-origin" if handle() else usual)
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def _frame_ancestors() -> str:
    """The portal of this launch or session; for a page of which nobody knows it every registered portal."""
    operator_looks = bool(session) and "operator" in session
    door_never = request.blueprint in NEVER_FRAMED_DOORS or request.endpoint in NEVER_FRAMED_ENDPOINTS
    if operator_looks or current_role() in NEVER_FRAMED or door_never:
        return "'none'"
    origins: Sequence[str] = ()
    if "portal_in_play" in g:
        with suppress(DatabaseBusy):
            origins = g.portal_in_play()
    origins = origins or (session.get("portal_origins") if session else None) or view().portal_origins()
    return " ".join(o for o in origins if ORIGIN.fullmatch(o)) or "'none'"
