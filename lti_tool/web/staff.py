"""The pages of staff of the portal: what they can do here, and a look around as a learner."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, session

from lti_tool.web.guards import Role, only
from lti_tool.web.languages import language
from lti_tool.web.pages import go_to
from lti_tool.web.wiring import journeys, moment, where

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("")
@only(Role.STAFF)
def home() -> str:
    """Whether the campaign is open, the preview, and the way to the figures."""
    place = where()
    page = journeys().reports.group_page(place.tenant_id, place.campaign_id, language(), moment())
    return render_template("staff.html", page=page)


@bp.post("/preview")
@only(Role.STAFF)
def preview() -> Response:
    """ "Bekijk als medewerker": from the start, as somebody new; nothing of it counts."""
    place = journeys().enter.begin_preview(where(), moment())
    session["participation_id"] = place.participation_id
    return go_to("learner.start")
