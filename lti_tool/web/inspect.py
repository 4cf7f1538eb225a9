""" "Wat gebeurde er?": the demo's look behind the scenes of the last visit."""

from __future__ import annotations

from flask import Blueprint, render_template

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys

bp = Blueprint("inspect", __name__, url_prefix="/demo")


@bp.get("/what-happened")
@only(Role.DEMO)
def what_happened() -> str:
    """Claims, questions with their reason, and statements; 404 outside the demo."""
    return render_template("what_happened.html", inspection=journeys().inspect.last_visit())
