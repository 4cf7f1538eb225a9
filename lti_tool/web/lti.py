"""The doors of LTI 1.3: login, launch and the tool's public keys.

https://www.imsglobal.org/spec/security/v1p0/#openid_connect_launch_flow; the protocol itself lives in
`lti_tool.lti`. What is added here is the browser's side: a cookie that ties a launch to the login that
began it, and a readable page for a frame in which no cookie works at all.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import cast
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as flask_session

from lti_tool.lti.keys import PUBLISHED_MAX_AGE
from lti_tool.use_cases.enter import Visit
from lti_tool.web import deep_linking
from lti_tool.web.guards import Role, only
from lti_tool.web.new_window import is_framed
from lti_tool.web.sessions import BrowserSession, SessionRows, hash_of, set_cookie
from lti_tool.web.wiring import journeys, moment

bp = Blueprint("lti", __name__, url_prefix="/lti")

PROOF_COOKIE = "__Host-digivaardig-browser"
"""A random value that stays the same in one browser, so that two launches at once do not clash."""
LOGIN_REMEMBERED = timedelta(minutes=10)
"""How long a login can be repeated in a new window."""

_PROOF = re.compile(r"[A-Za-z0-9_-]{43}")
FIRST_PAGES = {
    "staff": "staff.home",
    "start": "learner.start",
    "review": "learner.review",
    "choose": "deep_linking.choose",
}
LEARNING_PAGES = {"mine": "learner.progress"}
"""The launch's `activity` to a page, besides the ids of trainings."""


@bp.route("/login", methods=["GET", "POST"])
@only(Role.PUBLIC)
def login() -> Response:
    """Step 1: the portal asks for a login; the browser is sent back to the portal to prove who is there."""
    params = request.values.to_dict()
    proof = _proof() or secrets.token_urlsafe(32)
    begun = journeys().enter.begin_login(params, proof, moment())
    _rows().save_session(_login_row(begun.state), {"login": params}, moment() + LOGIN_REMEMBERED)
    response = make_response(redirect(begun.url))
    set_cookie(response, PROOF_COOKIE, proof)
    return response


@bp.post("/launch")
@only(Role.PUBLIC)
def launch() -> Response:
    """Step 2: the portal's signed message. A new session, then the page that the launch asks for."""
    form = request.form.to_dict()
    proof = _proof()
    if proof is None:
        return _no_cookie_page(form.get("state", ""))
    visit = journeys().enter.finish_login(form, proof, moment())
    session = cast(BrowserSession, flask_session)
    session.clear()
    session.renew()
    session.update(
        tenant_id=visit.where.tenant_id,
        campaign_id=visit.where.campaign_id,
        participation_id=visit.where.participation_id,
        learner_id=visit.learner_id,
        staff=visit.staff,
        locale=visit.language,
        portal_origins=list(visit.portal_origins),
        granted=list(visit.granted),
    )
    deep_linking.keep(session, visit)
    if visit.given_name:
        session["given_name"] = visit.given_name
    return make_response(redirect(_first_page(visit), 303))


@bp.get("/jwks.json")
@only(Role.PUBLIC)
def jwks() -> Response:
    """The tool's public keys (RFC 7517), for portals that check its service requests."""
    response = jsonify(journeys().keys.published(moment()))
    response.headers["Cache-Control"] = f"public, max-age={int(PUBLISHED_MAX_AGE.total_seconds())}"
    return response


def _first_page(visit: Visit) -> str:
    if visit.next_page != "learning":
        return url_for(FIRST_PAGES[visit.next_page], _anchor="title")
    if visit.activity in LEARNING_PAGES:
        return url_for(LEARNING_PAGES[visit.activity], _anchor="title")
    return url_for("trainings.training", module_id=visit.activity, _anchor="title")


def _proof() -> str | None:
    value = request.cookies.get(PROOF_COOKIE, "")
    return value if _PROOF.fullmatch(value) else None


def _no_cookie_page(state: str) -> Response:
    """In this frame the browser keeps no cookie; in a window of its own it does."""
    kept = _rows().load_session(_login_row(state), moment())
    again = f"{url_for('lti.login')}?{urlencode(kept['login'])}" if kept else ""
    return make_response(render_template("no_cookie.html", again=again, framed=is_framed()), 403)


def _login_row(state: str) -> str:
    return hash_of(f"login:{state}")


def _rows() -> SessionRows:
    return cast(SessionRows, current_app.extensions["session_rows"])
