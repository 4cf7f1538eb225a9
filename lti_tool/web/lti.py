"""The doors of LTI 1.3: login, launch and the tool's public keys.

https://www.imsglobal.org/spec/security/v1p0/#openid_connect_launch_flow; the protocol itself lives in
`lti_tool.lti`. What is added here is the browser's side: what ties a launch to the login that began it. That is
a cookie; else a value that the portal keeps (platform storage), with a session in the path; else a readable
page that leads to a window of one's own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
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
from lti_tool.web.guards import OpenedElsewhere, Role, only
from lti_tool.web.handles import came_from_own_page
from lti_tool.web.new_window import is_framed
from lti_tool.web.security import ORIGIN, allow_script, frame_in
from lti_tool.web.sessions import (
    PROOF_COOKIE,
    BrowserSession,
    SessionRows,
    browser_proof,
    hash_of,
    set_cookie,
)
from lti_tool.web.wiring import journeys, moment

bp = Blueprint("lti", __name__, url_prefix="/lti")

LOGIN_REMEMBERED = timedelta(minutes=10)
"""How long a login can be repeated in a new window."""

_KEPT_PROOF = re.compile(r"[0-9a-f]{64}")
FIRST_PAGES = {"staff": "staff.home", "start": "learner.start", "review": "learner.review"}
LEARNING_PAGES = {"mine": "learner.progress"}
"""The launch's `activity` to a page, besides the ids of trainings."""


@bp.route("/login", methods=["GET", "POST"])
@only(Role.PUBLIC)
def login() -> Response:
    """Step 1: the portal asks for a login; the browser is sent back to the portal to prove who is there."""
    params = request.values.to_dict()
    known = browser_proof()
    proof = known or secrets.token_urlsafe(32)
    begun = journeys().enter.begin_login(params, proof, moment())
    framed_by = [*begun.portal_origins, *_asking_origin()]
    remembered = {"login": params, "framed_by": framed_by}
    _rows().save_session(_login_row(begun.state), remembered, moment() + LOGIN_REMEMBERED)
    if begun.storage_target is None or known:
        response = make_response(redirect(begun.url))
    else:
        # Nobody knows yet whether this browser keeps a cookie here, so the portal keeps a proof as well.
        frame_in(lambda: framed_by)
        allow_script()
        response = make_response(render_template("keep_proof.html", begun=begun, key=_key(begun.state)))
    set_cookie(response, PROOF_COOKIE, proof)
    return response


@bp.post("/launch")
@only(Role.PUBLIC)
def launch() -> Response:
    """Step 2: the portal's signed message. A new session, then the page that the launch asks for."""
    form = request.form.to_dict()
    state = form.get("state", "")
    frame_in(lambda: _remembered(state).get("framed_by", ()))
    proof = browser_proof()
    if proof is None and "error" not in form:
        return _ask_portal(form) or _no_cookie_page(state)
    visit = journeys().enter.finish_login(form, proof or "", moment())
    return _begin_session(visit, in_path=False)


@bp.post("/launch/without-cookie")
@only(Role.PUBLIC)
def launch_without_cookie() -> Response:
    """Step 2 once more, from our own page, with the proof that the portal kept: a session in the path.

    Raises:
        OpenedElsewhere: another site sent this form, which would let it choose whose session begins here.
    """
    if not came_from_own_page():
        raise OpenedElsewhere
    form = request.form.to_dict()
    state = form.get("state", "")
    frame_in(lambda: _remembered(state).get("framed_by", ()))
    if not _KEPT_PROOF.fullmatch(form.get("proof", "")):
        return _no_cookie_page(state)
    visit = journeys().enter.finish_login(form, form["proof"], moment(), kept_proof=True)
    return _begin_session(visit, in_path=True)


def _begin_session(visit: Visit, *, in_path: bool) -> Response:
    g.pop("portal_in_play")  # from here on the session says it
    session = cast(BrowserSession, flask_session)
    session.clear()
    session.renew(in_path=in_path)
    session.update(
        tenant_id=visit.where.tenant_id,
        campaign_id=visit.where.campaign_id,
        participation_id=visit.where.participation_id,
        learner_id=visit.learner_id,
        staff=visit.staff,
        locale=visit.language,
        portal_origins=list(visit.portal_origins),
    )
    return make_response(redirect(session.address(_first_page(visit)), 303))


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


def _ask_portal(form: Mapping[str, str]) -> Response | None:
    """A page that fetches the proof from the portal and comes back with it; None: the portal keeps none.

    The login is not used up by this: without a proof a launch is worth nothing, and takes nothing away.
    """
    kept = journeys().enter.proof_at_portal(form, moment())
    if kept is None:
        return None
    allow_script()
    return make_response(render_template("fetch_proof.html", form=form, kept=kept, key=_key(form["state"])))


def _no_cookie_page(state: str) -> Response:
    """In this frame the browser keeps no cookie; in a window of its own it may."""
    login = _remembered(state).get("login")
    # A window of its own has no frame around it that could keep anything.
    params = {name: value for name, value in login.items() if name != "lti_storage_target"} if login else {}
    again = f"{url_for('lti.login')}?{urlencode(params)}" if login else ""
    return make_response(render_template("no_cookie.html", again=again, framed=is_framed()), 403)


def _remembered(state: str) -> dict[str, Any]:
    """What the login of this state was asked with; empty when it is too long ago."""
    return _rows().load_session(_login_row(state), moment()) or {}


def _asking_origin() -> list[str]:
    """Where the browser says that it comes from.

    Portals whose customers have hosts of their own (Canvas, Blackboard) show the frame from an address that no
    registration names. The pages of login and launch hold nothing to click on that another site could use.
    """
    said = (ORIGIN.match(request.headers.get(name, "")) for name in ("Origin", "Referer"))
    return [found[0] for found in said if found][:1]


def _key(state: str) -> str:
    """The name under which the portal keeps the proof of this login."""
    return f"digivaardig-{hash_of(f'key:{state}')[:32]}"


def _login_row(state: str) -> str:
    return hash_of(f"login:{state}")


def _rows() -> SessionRows:
    return cast(SessionRows, current_app.extensions["session_rows"])
