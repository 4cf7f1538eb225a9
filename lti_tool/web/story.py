"""The page of the story: the same stops on a map and as a list."""

from __future__ import annotations

from flask import Blueprint, render_template

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys, where

bp = Blueprint("story", __name__)


@bp.get("/story")
@only(Role.LEARNER)
def story() -> str:
    """Every stop, in any order; nothing is locked."""
    return render_template("story.html", page=journeys().story.page(where()))
