"""Whether the tool works, for the machine that watches it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import view

bp = Blueprint("health", __name__)


@bp.get("/health")
@only(Role.PUBLIC)
def health() -> Response:
    """200 `{"status": "ok"}`, or 503 when the database cannot be reached."""
    well = view().is_healthy()
    return make_response(jsonify(status="ok" if well else "unavailable"), 200 if well else 503)
