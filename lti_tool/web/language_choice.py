"""The switch between Dutch and English."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, request, session

from lti_tool.web.guards import Role, only
from lti_tool.web.languages import LANGUAGES
from lti_tool.web.wiring import journeys, where

bp = Blueprint("language_choice", __name__)


@bp.post("/language")
@only(Role.LEARNER)
def choose() -> Response:
    """Keep the choice in this session and with the participation, and come back to the same page."""
    chosen = request.form.get("locale", "")
    if chosen in LANGUAGES:
        session["locale"] = chosen
        journeys().enter.choose_language(where(), chosen)
    return make_response(redirect(f"{request.script_root}{_own_path(request.form.get('back', ''))}#title", 303))


def _own_path(path: str) -> str:
    """A path of the tool, never an address elsewhere."""
    parts = urlsplit(path)
    own = not parts.scheme and not parts.netloc and path.startswith("/") and "\\" not in path
    return path if own else "/start"
