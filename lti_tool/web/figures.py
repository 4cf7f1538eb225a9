"""Group figures: pages for staff of the portal and for who has a role, and files; only what was disclosed."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, url_for

from lti_tool.web.administration import carried, choose, municipality
from lti_tool.web.charts import charts
from lti_tool.web.guards import Role, only
from lti_tool.web.languages import language
from lti_tool.web.wiring import journeys, moment, view, where

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
    return _file(
        journeys().reports.csv(token), "text/csv; charset=utf-8; header=present", "digivaardig-groepscijfers.csv"
    )


@bp.get("/figures/<token>.parquet")
@only(Role.PUBLIC)
def parquet(token: str) -> Response:
    """The same rows as Parquet, when the installation has the extra for it."""
    return _file(
        journeys().reports.parquet(token), "application/vnd.apache.parquet", "digivaardig-groepscijfers.parquet"
    )


@bp.get("/figures/<token>.csv-metadata.json")
@only(Role.PUBLIC)
def columns(token: str) -> Response:
    """What each column means, where CSV on the Web looks for it (section 5.3 of its data model)."""
    said = journeys().reports.column_dictionary(token, _csv_address(token))
    return _file(said, "application/csvm+json", "digivaardig-groepscijfers.csv-metadata.json")


@bp.get("/figures/<token>.pbids")
@only(Role.PUBLIC)
def power_bi(token: str) -> Response:
    """A file that opens the CSV in Power BI."""
    said = journeys().reports.power_bi_source(token, _csv_address(token))
    return _file(said, "application/json", "digivaardig-groepscijfers.pbids")


def _csv_address(token: str) -> str:
    return f"{view().public_url}{url_for('figures.csv', token=token)}"


def _file(content: str | bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _group(tenant_id: str, campaign_id: str, *, back: str) -> str:
    page = journeys().reports.group_page(tenant_id, campaign_id, language(), moment())
    drawn = charts(page.disclosed, page.domains, page.levels, page.modules) if page.disclosed else None
    return render_template("group.html", page=page, drawn=drawn, back=back)
