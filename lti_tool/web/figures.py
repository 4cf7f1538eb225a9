"""Group figures: pages for staff of the portal and for who has a role, and the CSV; only what was disclosed."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, url_for

from lti_tool.web.administration import carried, choose, municipality
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
    return _group(place.tenant_id, place.campaign_id, back=url_for("staff.home"))


@bp.get("/figures/campaigns")
@only(Role.FIGURES)
def campaigns() -> str:
    """Every campaign of the municipality."""
    tenant_id = municipality()
    if tenant_id is None:
        return choose()
    page = journeys().reports.campaigns(tenant_id, moment())
    return render_template("campaigns.html", page=page, carried=carried(tenant_id))


@bp.get("/figures/campaigns/<campaign_id>")
@only(Role.FIGURES)
def campaign(campaign_id: str) -> str:
    """The same page as staff of the course see, of any campaign of the municipality."""
    tenant_id = municipality()
    if tenant_id is None:
        return choose()
    return _group(tenant_id, campaign_id, back=url_for("figures.campaigns", **carried(tenant_id)))


@bp.get("/figures/<token>.csv")
@only(Role.PUBLIC)
def csv(token: str) -> Response:
    """The same figures as CSV (RFC 4180); the secret is in the address."""
    response = make_response(journeys().reports.csv(token))
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    response.headers["Content-Disposition"] = 'attachment; filename="digivaardig-groepscijfers.csv"'
    return response


def _group(tenant_id: str, campaign_id: str, *, back: str) -> str:
    page = journeys().reports.group_page(tenant_id, campaign_id, language(), moment())
    drawn = charts(page.disclosed, page.domains, page.levels, page.modules) if page.disclosed else None
    return render_template("group.html", page=page, drawn=drawn, back=back)
