"""The page "Waarom is ‘klaar’ niet aangekomen?": what to mend, and never about whom."""

from __future__ import annotations

from flask import Blueprint, Response, flash, render_template
from flask_babel import gettext as _

from lti_tool.domain.errors import TenantUnknown
from lti_tool.web.administration import choose, municipality
from lti_tool.web.guards import Role, only
from lti_tool.web.languages import language
from lti_tool.web.pages import go_to
from lti_tool.web.wiring import acting, journeys, moment

bp = Blueprint("completions", __name__, url_prefix="/admin/completions")


@bp.get("")
@only(Role.ADMINISTRATOR)
def overview() -> str:
    """One municipality; an operator first chooses which."""
    tenant_id = municipality()
    if tenant_id is None:
        return choose()
    page = journeys().completions.page(tenant_id, language(), moment())
    return render_template("completions.html", page=page)


@bp.post("/<portal_id>/again")
@only(Role.ADMINISTRATOR)
def try_again(portal_id: str) -> Response:
    """The same answer whether there was something to try or not."""
    tenant_id = _tenant()
    journeys().completions.try_again(tenant_id, portal_id, acting(), moment())
    flash(_("We proberen het opnieuw. Of iets is aangekomen, zie je in het leerportaal."))
    return go_to("completions.overview", tenant=tenant_id)


def _tenant() -> str:
    """Whose portal a form is about. Raises TenantUnknown when an operator's form does not say."""
    tenant_id = municipality()
    if not tenant_id:
        raise TenantUnknown
    return tenant_id
