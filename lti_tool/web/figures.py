"""Group figures: the page for staff of the portal, and the CSV for analysts; only what was disclosed."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from lti_tool.web.charts import charts
from lti_tool.web.guards import Role, only
from lti_tool.web.languages import language
from lti_tool.web.wiring import journeys, moment, where

bp = Blueprint("figures", __name__)


@bp.get("/staff/group")
@only(Role.STAFF)
def group() -> str:
    """Levels, participation and change of the campaign's group, or why there is nothing to see."""
    place = where()
    page = journeys().reports.group_page(place.tenant_id, place.campaign_id, language(), moment())
    drawn = charts(page.disclosed, page.domains, page.levels) if page.disclosed else None
    return render_template("group.html", page=page, drawn=drawn)


@bp.get("/figures/<token>.csv")
@only(Role.PUBLIC)
def csv(token: str) -> Response:
    """The same figures as CSV (RFC 4180); the secret is in the address."""
    response = make_response(journeys().reports.csv(token))
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    response.headers["Content-Disposition"] = 'attachment; filename="digivaardig-groepscijfers.csv"'
    return response
