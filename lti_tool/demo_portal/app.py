"""The portal as a Flask application: routes, safe headers, and Dutch pages when something is off."""

from __future__ import annotations

import secrets

from flask import Flask, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool.demo_portal.grades import grades
from lti_tool.demo_portal.oidc import oidc
from lti_tool.demo_portal.pages import pages
from lti_tool.demo_portal.placing import placing
from lti_tool.demo_portal.registrations import tools
from lti_tool.demo_portal.roster import roster
from lti_tool.demo_portal.state import Portal, install, the_portal, who_is_here

WORDS = {
    400: "Deze vraag begrijpt het leerportaal niet.",
    401: "Je bent niet ingelogd.",
    403: "Dit is niet voor jou bedoeld.",
    404: "Deze pagina bestaat niet.",
    405: "Dit kan hier niet.",
}


def create_portal(portal_url: str, tool_url: str) -> Flask:
    """A portal at `portal_url` (http://127.0.0.1:PORT) that offers the tool at `tool_url`."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_hex(32),
        SESSION_COOKIE_NAME="leerportaal",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    install(app, Portal(portal_url.rstrip("/"), tool_url.rstrip("/")))
    for blueprint in (pages, oidc, grades, placing, roster, tools):
        app.register_blueprint(blueprint)
    app.before_request(_one_address)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _error_page)
    app.context_processor(lambda: {"here": who_is_here()})
    return app


def _one_address() -> Response | None:
    """Send a browser that typed `localhost` on to the portal's own address.

    There the portal would be the same site as the tool, and its cookie would go astray.
    """
    portal = the_portal()
    if request.host == portal.host:
        return None
    return redirect(portal.url + request.full_path.rstrip("?"), 307)


def _headers(answer: Response) -> Response:
    tool = the_portal().tool_origin
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: {tool}; "
        f"frame-src 'self' {tool}; form-action 'self' {tool}; frame-ancestors 'self'; base-uri 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # The tool must be able to see where a launch came from (the Origin header), not more.
    answer.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _error_page(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    words = WORDS.get(status, "Er ging iets mis in het leerportaal.")
    ours = error.description if error.description != type(error).description else None
    return render_template("portal/error.html", words=words, detail=ours), status
