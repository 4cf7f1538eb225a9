"""The doors of LTI 1.3: login, launch and the tool's public keys.

https://www.imsglobal.org/spec/security/v1p0/#openid_connect_launch_flow; the protocol itself lives in
`lti_tool.lti`. What is added here is the browser's side: what ties a launch to the login that began it. That is
a cookie; else a value that the portal keeps (platform storage), with a session in the path; else a readable
page that leads to a window of one's own.
"""

from __future__ import annotations

import re
import secrets
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

from lti_tool.lti.door import Begun
from lti_tool.lti.keys import PUBLISHED_MAX_AGE
from lti_tool.use_cases.enter import Visit
from lti_tool.web import deep_linking
from lti_tool.web.guards import OpenedElsewhere, Role, only
from lti_tool.web.handles import came_from_own_page
from lti_tool.web.new_window import is_framed
from lti_tool.web.security import ORIGIN, frame_in, let_run_own_script
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
"""How long it is known whose frame a login is in; a login itself lives as long."""
LONGEST_LINK = 8000
"""Characters; servers take little more in an address, and some portals put whole tokens in a login."""

_KEPT_PROOF = re.compile(r"[0-9a-f]{64}")
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
    """Step 1: the portal asks for a login; the browser is sent back to the portal to prove who is there.

    Many portals answer a login once, so whether a cookie comes back is found out before the portal is asked.
    """
    if proof := browser_proof():
        return _send_to_portal(proof)
    again = f"{url_for('lti.login_once_more')}?{request.query_string.decode('latin-1')}"
    response = make_response(redirect(again, 307))
    # With our usual policy the browser would not tell the second time where it comes from (`_asking_origin`).
    response.headers["Referrer-Policy"] = "strict-origin"
    set_cookie(response, PROOF_COOKIE, secrets.token_urlsafe(32))
    return response


@bp.route("/login/once-more", methods=["GET", "POST"])
@only(Role.PUBLIC)
def login_once_more() -> Response:
    """The same login, after a cookie was given: without it, the portal keeps the proof, or a window is offered."""
    if proof := browser_proof():
        return _send_to_portal(proof)
    begun = _begin_login(secrets.token_urlsafe(32))
    # A window of its own has no frame around it that could keep anything.
    params = {name: value for name, value in _login_params().items() if name != "lti_storage_target"}
    again = f"{url_for('lti.login')}?{urlencode(params)}"
    return _no_cookie_page(
        again=again if len(again) <= LONGEST_LINK else "",
        begun=begun,
        storage=begun if begun.storage_target else None,
        key=_key(begun.state),
    )


@bp.post("/launch")
@only(Role.PUBLIC)
def launch() -> Response:
    """Step 2: the portal's signed message. A new session, then the page that the launch asks for.

    Without a cookie the login is not used up: such a launch is worth nothing, and takes nothing away.
    """
    form = request.form.to_dict()
    state = form.get("state", "")
    frame_in(lambda: _framed_by(state))
    proof = browser_proof()
    if proof is None and "error" not in form:
        kept = journeys().enter.proof_at_portal(form, moment())
        return _no_cookie_page(form=form, storage=kept, key=_key(state))
    return _finish(form, proof or "", without_cookie=False)


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
    frame_in(lambda: _framed_by(state))
    if not _KEPT_PROOF.fullmatch(form.get("proof", "")):
        return _no_cookie_page()
    return _finish(form, form["proof"], without_cookie=True)


def _finish(form: dict[str, str], proof: str, *, without_cookie: bool) -> Response:
    """The launch and the session that it begins, in one transaction: neither is there without the other."""
    session, begun = cast(BrowserSession, flask_session), []

    def keep(visit: Visit) -> None:
        begun.append(session.keep_instead(_rows(), _kept_of(visit), in_path=without_cookie))

    visit = journeys().enter.finish_login(form, proof, moment(), keep, kept_proof=without_cookie)
    session.become(begun[0])
    g.pop("portal_in_play")  # from here on the session says it
    return make_response(redirect(session.address(_first_page(visit)), 303))


def _kept_of(visit: Visit) -> dict[str, Any]:
    """What the session keeps of a visit."""
    kept: dict[str, Any] = {
        "tenant_id": visit.where.tenant_id,
        "campaign_id": visit.where.campaign_id,
        "participation_id": visit.where.participation_id,
        "learner_id": visit.learner_id,
        "staff": visit.staff,
        "locale": visit.language,
        "portal_origins": list(visit.portal_origins),
        "granted": list(visit.granted),
    }
    deep_linking.keep(kept, visit)
    if visit.given_name:
        kept["given_name"] = visit.given_name
    return kept


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


def _send_to_portal(proof: str) -> Response:
    response = make_response(redirect(_begin_login(proof).url))
    set_cookie(response, PROOF_COOKIE, proof)
    return response


def _begin_login(proof: str) -> Begun:
    begun = journeys().enter.begin_login(_login_params(), proof, moment())
    framed_by = [*begun.portal_origins, *_asking_origin()]
    frame_in(lambda: framed_by)
    _rows().add_session(_login_row(begun.state), {"framed_by": framed_by}, moment() + LOGIN_REMEMBERED)
    return begun


def _login_params() -> dict[str, str]:
    return request.values.to_dict()


def _no_cookie_page(**values: Any) -> Response:
    """What to do without cookies; with `storage` its script asks the portal first, and goes on by itself."""
    waits = values.get("storage") is not None
    if waits:
        let_run_own_script()
    reference = "" if waits else journeys().enter.refuse_without_cookie(moment())
    page = render_template("no_cookie.html", framed=is_framed(), reference=reference, **values)
    return make_response(page, 200 if waits else 403)


def _framed_by(state: str) -> list[str]:
    """Whose pages may show the frame of this login; empty when it is too long ago."""
    kept = _rows().load_session(_login_row(state), moment())
    return list(kept["framed_by"]) if kept else []


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
