"""The doors of the tool: they read the request, ask one use case, and show a page."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect

from lti_tool.lti.tool_addresses import LINK_PATH
from lti_tool.web import (
    administration,
    colophon,
    completions,
    deep_linking,
    errors,
    figures,
    guards,
    health,
    inspect,
    language_choice,
    languages,
    learner,
    lti,
    media,
    my_data,
    new_window,
    operator,
    pages,
    portals,
    registration,
    roles,
    security,
    staff,
    story,
    trainings,
    wiring,
    xapi_profile,
)
from lti_tool.web.handles import Handles
from lti_tool.web.sessions import ServerSessions, SessionRows
from lti_tool.web.wiring import Journeys, SettingsView

__all__ = ["Journeys", "SettingsView", "register", "trust_own_keys"]

_DOORS = (
    lti,
    registration,
    learner,
    trainings,
    story,
    colophon,
    media,
    my_data,
    staff,
    deep_linking,
    figures,
    roles,
    administration,
    portals,
    completions,
    operator,
    inspect,
    health,
    language_choice,
    new_window,
)
_NO_SESSION = ("/static/", "/lti/jwks.json", LINK_PATH, "/health", "/xapi")


def register(app: Flask, journeys: Journeys, settings_view: SettingsView, session_rows: SessionRows) -> None:
    """Hang every door in the app.

    Args:
        app: made with `static_folder=None` and a secret key; the doors bring their own files.
        journeys: the use cases.
        settings_view: the few settings that pages know.
        session_rows: where sessions are kept, `lti_tool.storage.web_sessions`.
    """
    app.extensions["journeys"] = journeys
    app.extensions["settings_view"] = settings_view
    app.extensions["session_rows"] = session_rows
    iri_base = settings_view.iri_base
    app.session_interface = ServerSessions(session_rows, without=_NO_SESSION + xapi_profile.paths_of(iri_base))
    app.wsgi_app = Handles(app.wsgi_app)  # type: ignore[method-assign]
    # A page may stay open as long as somebody likes (WCAG 2.2.1); the token lives as long as the session.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # Addresses of files carry a fingerprint, so a new version has a new address.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(days=365)
    languages.speak(app)
    pages.equip_templates(app)
    security.protect(app)
    # Before the CSRF check, so that an ended session is told as that.
    app.before_request(guards.check)
    app.before_request(_hear_of_new_keys)
    csrf = CSRFProtect(app)
    for door in _DOORS:
        app.register_blueprint(door.bp)
    app.register_blueprint(xapi_profile.bp, url_prefix=xapi_profile.path_of(iri_base))
    app.register_blueprint(
        Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
    )
    guards.vouch_for(app, "web.static", guards.Role.PUBLIC)
    csrf.exempt(lti.login)
    csrf.exempt(lti.login_once_more)
    csrf.exempt(lti.launch)
    # No session is needed there, and no cookie: the secret in its address stands for both.
    csrf.exempt(registration.register)
    # No session yet that could hold a token: this form must come from a page of ours instead.
    csrf.exempt(lti.launch_without_cookie)
    errors.answer_errors(app)


def _hear_of_new_keys() -> None:
    """Only for staff and administrators does the tool sign anything here; the worker looks by itself."""
    if guards.current_role() in (guards.Role.STAFF, guards.Role.ADMINISTRATOR):
        wiring.journeys().keys.look_again(wiring.moment())


def trust_own_keys(app: Flask, blueprint: Blueprint) -> None:
    """Let a blueprint in that checks its callers by itself (the built-in LRS): no session, no CSRF token."""
    guards.vouch_for(app, blueprint.name, guards.Role.OWN_KEYS)
    app.extensions["csrf"].exempt(blueprint)
