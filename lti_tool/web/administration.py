"""The pages of an administrator, for their own municipality; an operator chooses one first."""

from __future__ import annotations

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.domain.errors import RoleUnknown
from lti_tool.domain.roles import INVITED_BY_AN_ADMINISTRATOR
from lti_tool.use_cases.hold_roles import Made
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to
from lti_tool.web.wiring import acting, governed, journeys, moment, view

bp = Blueprint("administration", __name__, url_prefix="/admin")


def municipality() -> str | None:
    """Whose things are asked for: an administrator's own municipality, whatever the request says.

    None: an operator who has not chosen one yet; they get `choose()`.
    """
    return governed() or request.values.get("tenant")


def choose() -> str:
    """The municipalities, each a link to this same page."""
    endpoint, parts = str(request.endpoint), request.view_args or {}
    links = [
        (name, url_for(endpoint, **parts, tenant=tenant_id))
        for tenant_id, name in journeys().operate.municipalities()
    ]
    return render_template("municipalities.html", links=links)


def carried(tenant_id: str) -> dict[str, str]:
    """What a link must carry to stay in this municipality: nothing, for who has only one."""
    return {} if governed() else {"tenant": tenant_id}


@bp.get("")
@only(Role.ADMINISTRATOR)
def home() -> str:
    """What there is to administer."""
    tenant_id = municipality()
    if tenant_id is None:
        return choose()
    page = journeys().reports.campaigns(tenant_id, moment())
    return render_template("admin.html", page=page, carried=carried(tenant_id))


@bp.get("/roles")
@only(Role.ADMINISTRATOR)
def roles() -> str:
    """Invitations that are open, and who holds which role."""
    tenant_id = municipality()
    return choose() if tenant_id is None else _roles(tenant_id)


@bp.post("/roles")
@only(Role.ADMINISTRATOR)
def change_roles() -> str | Response:
    """Invite, withdraw an invitation, or end a role.

    A new code is in the answer itself: to show it on a next page it would have to be kept somewhere.
    """
    tenant_id = municipality()
    if tenant_id is None:
        return choose()
    form, chosen = request.form, request.form.get("do")
    role = form.get("role", "")
    if chosen == "withdraw":
        journeys().roles.withdraw(tenant_id, form.get("invitation", ""), acting(), moment())
        flash(_("De uitnodiging is ingetrokken."))
    elif chosen == "end":
        holder = (form.get("portal", ""), form.get("number", ""))
        journeys().roles.end(tenant_id, *holder, role, acting(), moment())
        flash(_("De rol is beëindigd."))
    elif role in INVITED_BY_AN_ADMINISTRATOR:
        return _roles(tenant_id, made=journeys().roles.invite(tenant_id, role, acting(), moment()))
    else:
        raise RoleUnknown
    return go_to("administration.roles", **carried(tenant_id))


def _roles(tenant_id: str, *, made: Made | None = None) -> str:
    page = journeys().roles.page(tenant_id, moment())
    link = f"{view().public_url}{url_for('roles.invitation', tenant=tenant_id, code=made.code)}" if made else ""
    return render_template(
        "admin_roles.html",
        page=page,
        made=made,
        link=link,
        offered=INVITED_BY_AN_ADMINISTRATOR,
        carried=carried(tenant_id),
    )
