"""Who may come in where: every route says it, and a route that says nothing lets nobody in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request, session
from werkzeug.exceptions import Forbidden, NotFound

from lti_tool.domain.errors import JourneyError, NotForLearners, RoleNeeded
from lti_tool.domain.roles import may_administer, may_read_figures
from lti_tool.storage.database import DatabaseBusy
from lti_tool.web.handles import handle
from lti_tool.web.wiring import journeys, view

View = TypeVar("View", bound=Callable[..., Any])

NEVER_BY_HANDLE = ("lti", "operator", "health")
"""Doors that no session in a path leads to: those of launches, of operators and of machines."""
LARGEST_FORM_BYTES = 256 * 1024
"""A launch is a few kilobytes and an answer at most one; the LRS has its own limit."""


class Role(StrEnum):
    """Who a route is for."""

    PUBLIC = "public"
    LEARNER = "learner"
    """Somebody whose session names a participation; staff enter with a preview."""
    STAFF = "staff"
    """Somebody whom the portal calls instructor or administrator."""
    ADMINISTRATOR = "administrator"
    """An operator, or somebody who accepted an invitation to administer their municipality (`governed`)."""
    FIGURES = "figures"
    """An operator, or somebody whose accepted role reads the figures of their municipality (`governed`)."""
    OPERATOR = "operator"
    DEMO = "demo"
    """Anybody, but in demo mode only."""
    OWN_KEYS = "own keys"
    """A part that checks its callers by itself, such as the LRS with its credentials."""


_BY_INVITATION = {Role.ADMINISTRATOR: may_administer, Role.FIGURES: may_read_figures}


class SessionGone(JourneyError):
    """No session, or one that says too little: the page was opened outside the portal or after a day."""


class OpenedElsewhere(JourneyError):
    """What only a page of ours may ask came from another site, or from an address that was copied or typed."""


class OperatorNotLoggedIn(JourneyError):
    """The operator's pages need a login of their own."""


def only(role: Role) -> Callable[[View], View]:
    """Declare who a route is for."""

    def declare(view_function: View) -> View:
        view_function.__dict__["role"] = role
        return view_function

    return declare


def vouch_for(app: Flask, name: str, role: Role) -> None:
    """Declare the role of an endpoint, or of a whole blueprint, that does not know this module."""
    _vouched(app)[name] = role


def route_guards(app: Flask) -> dict[str, Role | None]:
    """Every endpoint with its role; None where nobody declared one."""
    return {rule.endpoint: _role_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}


def current_role() -> Role | None:
    """The role of the route being asked; None when there is no such route."""
    return _role_of(current_app, request.endpoint) if request.endpoint else None


def check() -> None:
    """Let the asker in, or say why not. Runs before every request.

    Raises:
        Forbidden: the route declares nothing.
        NotFound: a demo page outside the demo, or a door that is not for a session in a path.
        OpenedElsewhere: the address holds a session, but it was copied.
        SessionGone, NotForLearners, RoleNeeded, OperatorNotLoggedIn: the session does not fit.
        DatabaseBusy: nobody knows yet whose session this is.
    """
    if request.endpoint is None:
        return
    if getattr(session, "unread", False):
        raise DatabaseBusy
    role = current_role()
    _check_handle(role)
    if role is not Role.OWN_KEYS:
        request.max_content_length = LARGEST_FORM_BYTES
    if role is None:
        raise Forbidden
    if role is Role.DEMO and not view().demo:
        raise NotFound
    if role is Role.OPERATOR and "operator" not in session:
        raise OperatorNotLoggedIn
    if role in _BY_INVITATION and "operator" not in session and not _holds(_BY_INVITATION[role]):
        raise RoleNeeded if "participation_id" in session else OperatorNotLoggedIn
    if role in (Role.LEARNER, Role.STAFF) and "participation_id" not in session:
        raise SessionGone
    if role is Role.STAFF and session.get("staff") is not True:
        raise NotForLearners


def _holds(enough: Callable[[Iterable[str]], bool]) -> bool:
    """Whether the roles of this session are enough, and are still held: a role that was ended is gone at once."""
    if "participation_id" not in session or not enough(session.get("granted", ())):
        return False
    held = list(journeys().roles.granted_to(session["tenant_id"], session.get("learner_id", "")))
    if held != session["granted"]:
        session["granted"] = held
    return enough(held)


def _check_handle(role: Role | None) -> None:
    if not handle():
        return
    if getattr(session, "elsewhere", False):
        raise OpenedElsewhere
    if role in (Role.OPERATOR, Role.DEMO, Role.OWN_KEYS) or request.blueprint in NEVER_BY_HANDLE:
        raise NotFound


def _role_of(app: Flask, endpoint: str) -> Role | None:
    vouched = _vouched(app)
    for name in (endpoint, endpoint.rpartition(".")[0]):
        if name in vouched:
            return vouched[name]
    return cast("Role | None", getattr(app.view_functions[endpoint], "role", None))


def _vouched(app: Flask) -> dict[str, Role]:
    return cast("dict[str, Role]", app.extensions.setdefault("vouched_roles", {}))
