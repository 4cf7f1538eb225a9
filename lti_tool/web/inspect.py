""" "Wat gebeurde er?": the demo's look behind the scenes of the last visit."""

from __future__ import annotations

import json

from flask import Blueprint, render_template

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys

bp = Blueprint("inspect", __name__, url_prefix="/demo")


@bp.get("/what-happened")
@only(Role.DEMO)
def what_happened() -> str:
    """Claims, questions with their reason, and statements; 404 outside the demo."""
    inspection = journeys().inspect.last_visit()
    statements = [(_verb(body), body) for body in inspection.statements] if inspection else []
    return render_template("what_happened.html", inspection=inspection, statements=statements)


def _verb(statement: str) -> str:
    """The last word of the verb's IRI."""
    return str(json.loads(statement)["verb"]["id"]).rsplit("/", 1)[-1]
