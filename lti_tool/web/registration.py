"""Where a portal's administrator lands with a one-time link: one question, one button, and how it went.

LTI Dynamic Registration 1.0, section 3.3: https://www.imsglobal.org/spec/lti-dr/v1p0. It works in the frame of
a portal that nobody registered yet, and without any cookie.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from lti_tool.lti.addresses import origin_text
from lti_tool.lti.errors import PortalUnavailable, RegistrationRefused
from lti_tool.lti.remedies import remedy_of
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.web.guards import Role, only
from lti_tool.web.languages import follow_browser, vary
from lti_tool.web.security import frame_in, let_run_own_script
from lti_tool.web.wiring import journeys, moment, view

bp = Blueprint("registration", __name__, url_prefix="/lti/register")
bp.before_request(follow_browser)
bp.after_request(vary)


@bp.get("/<tenant_id>/<token>")
@only(Role.PUBLIC)
def question(tenant_id: str, token: str) -> Response:
    """To what the tool is about to be connected; opened by hand, what to do with the link."""
    configuration_url = request.args.get("openid_configuration", "")
    _for_the_portal(configuration_url)
    asked = journeys().registration.look(tenant_id, token, configuration_url, moment())
    return make_response(
        render_template(
            "registration.html",
            asked=asked,
            configuration_url=configuration_url,
            registration_token=request.args.get("registration_token", ""),
            here=ToolAddresses(view().public_url).registration(tenant_id, token),
        )
    )


@bp.post("/<tenant_id>/<token>")
@only(Role.PUBLIC)
def register(tenant_id: str, token: str) -> Response:
    """Connect, and say how each service does, or what to do when it did not work."""
    configuration_url = request.form.get("openid_configuration", "")
    registration_token = request.form.get("registration_token", "")
    _for_the_portal(configuration_url)
    try:
        connected = journeys().registration.register(
            tenant_id, token, configuration_url, registration_token, moment()
        )
    except (RegistrationRefused, PortalUnavailable) as err:
        remedy = remedy_of(err.reason_code, "", configuration_url)
        page = render_template(
            "registration_refused.html",
            reason_code=err.reason_code,
            remedy=remedy,
            origin=origin_text(configuration_url),
            configuration_url=configuration_url,
            registration_token=registration_token,
        )
        return make_response(page, 409)
    return make_response(
        render_template("registration_done.html", connected=connected, origin=origin_text(configuration_url))
    )


def _for_the_portal(configuration_url: str) -> None:
    portal_origin = origin_text(configuration_url)
    frame_in(lambda: [portal_origin] if portal_origin else [])
    let_run_own_script()
