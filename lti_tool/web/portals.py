"""The portals of a municipality for its administrator, or all of them for an operator."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, make_response, render_template, request, session

from lti_tool.domain.errors import PortalRefused, PortalUnknown
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to
from lti_tool.web.wiring import acting, governed, journeys, moment, view

bp = Blueprint("portals", __name__, url_prefix="/admin/portals")


@bp.get("")
@only(Role.ADMINISTRATOR)
def overview() -> str:
    return _page()


@bp.post("/link")
@only(Role.ADMINISTRATOR)
def link() -> Response:
    """A one-time address for a new portal; it is shown here and nowhere else."""
    tenant_id = _mine(request.form.get("tenant_id", ""))
    portal_id, name = (request.form.get(field, "").strip() for field in ("portal_id", "name"))
    try:
        token = journeys().registration.make_link(tenant_id, portal_id, name, acting(), moment())
    except PortalRefused as err:
        field = str(err).partition(":")[0]
        given = {"tenant_id": tenant_id, "portal_id": portal_id, "name": name}
        return make_response(_page(needed=field, given=given), 422)
    return make_response(_page(made=ToolAddresses(view().public_url).registration(tenant_id, token)))


@bp.post("/<tenant_id>/<portal_id>/activate")
@only(Role.ADMINISTRATOR)
def activate(tenant_id: str, portal_id: str) -> Response:
    deployment_id = request.form.get("deployment_id", "")
    journeys().portals.activate(_mine(tenant_id), portal_id, deployment_id, acting(), moment())
    return _back_to(tenant_id, portal_id)


@bp.post("/<tenant_id>/<portal_id>/disable")
@only(Role.ADMINISTRATOR)
def disable(tenant_id: str, portal_id: str) -> Response:
    journeys().portals.disable(_mine(tenant_id), portal_id, acting(), moment(), learner_id=_learner())
    return _back_to(tenant_id, portal_id)


@bp.post("/<tenant_id>/<portal_id>/enable")
@only(Role.ADMINISTRATOR)
def enable(tenant_id: str, portal_id: str) -> Response:
    journeys().portals.enable(_mine(tenant_id), portal_id, acting(), moment())
    return _back_to(tenant_id, portal_id)


@bp.post("/<tenant_id>/<portal_id>/check")
@only(Role.ADMINISTRATOR)
def check(tenant_id: str, portal_id: str) -> str:
    """Ask the portal's services; the outcome stands on the page."""
    return _page(checked=journeys().portals.check(_mine(tenant_id), portal_id, acting(), moment()))


def _page(**more: Any) -> str:
    tenant_id = governed()
    learner_id = _learner()
    portals = journeys().portals
    return render_template(
        "portals.html",
        lines=portals.all(tenant_id),
        municipalities=portals.municipalities(tenant_id),
        rosters=journeys().rosters.states(tenant_id),
        own=portals.portal_of(cast(str, tenant_id), learner_id) if learner_id else "",
        addresses=ToolAddresses(view().public_url),
        place=place,
        **{"checked": None, "made": "", "needed": "", "given": {}, **more},
    )


def place(tenant_id: str, portal_id: str) -> str:
    """The anchor of a portal on the page."""
    return f"portal-{tenant_id}-{portal_id}"


def _back_to(tenant_id: str, portal_id: str) -> Response:
    return go_to("portals.overview", place(tenant_id, portal_id))


def _mine(tenant_id: str) -> str:
    """The municipality of the request, when this administrator governs it. Raises PortalUnknown."""
    if governed() not in (None, tenant_id):
        raise PortalUnknown(tenant_id)
    return tenant_id


def _learner() -> str | None:
    """Who this is, when they came in through a portal."""
    return None if "operator" in session else cast(str, session["learner_id"])
