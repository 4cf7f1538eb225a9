"""The page about the content: who made it, and on what terms."""

from __future__ import annotations

from flask import Blueprint, render_template

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys, where

bp = Blueprint("colophon", __name__)


@bp.get("/about-content")
@only(Role.LEARNER)
def colophon() -> str:
    """Makers and licences; the sources of questions are not told, for they would give answers away."""
    return render_template("colophon.html", colophon=journeys().colophon.colophon(where()))
