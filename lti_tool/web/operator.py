"""The pages of an operator, behind a login of its own: what arrives at the LRS, and what waits to leave."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask import session as flask_session
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.domain.errors import OperatorUnknown
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to
from lti_tool.web.sessions import BrowserSession
from lti_tool.web.wiring import journeys, moment

bp = Blueprint("operator", __name__, url_prefix="/operator")

REFRESH_SECONDS = 5


@bp.get("/login")
@only(Role.PUBLIC)
def login() -> str:
    return render_template("operator_login.html", needed="", name="")


@bp.post("/login")
@only(Role.PUBLIC)
def log_in() -> Response | tuple[str, int]:
    """A new session for the operator, or the same page with what to do."""
    name = request.form.get("name", "").strip()
    try:
        operator = journeys().operate.log_in(name, request.form.get("password", ""), moment())
    except OperatorUnknown:
        needed = _("Deze naam en dit wachtwoord passen niet bij elkaar. Probeer het nog een keer.")
        return render_template("operator_login.html", needed=needed, name=name), 422
    session = cast(BrowserSession, flask_session)
    session.clear()
    session.renew()
    session["operator"] = operator
    return go_to("operator.statements")


@bp.get("/statements")
@only(Role.OPERATOR)
def statements() -> Response:
    """The newest statements. The page comes again by itself, unless it is paused by its link.

    With the header `Refresh`, which works as `<meta http-equiv="refresh">` does; WCAG 2.2.1 and 2.2.2 are
    met by the link that turns it off.
    """
    paused = "paused" in request.args
    page = journeys().operate.statements(flask_session["operator"], moment())
    response = make_response(
        render_template("operator_statements.html", page=page, paused=paused, seconds=REFRESH_SECONDS)
    )
    if not paused:
        # With an address: after logging in the page stands at `#title`, and to refresh that is to stay there.
        response.headers["Refresh"] = f"{REFRESH_SECONDS}; url={url_for('operator.statements')}"
    return response


@bp.get("/outbox")
@only(Role.OPERATOR)
def outbox() -> str:
    """What waits and what was refused; about messages, never about people, so looking is not logged."""
    tending = journeys().outbox
    return render_template(
        "operator_outbox.html",
        lines=tending.lines(moment()),
        letters=tending.dead_letters(),
        municipalities=journeys().operate.municipalities(),
    )


@bp.get("/metrics")
@only(Role.OPERATOR)
def metrics() -> Response:
    """The outbox for a machine that watches; numbers about messages, never about people."""
    response = make_response(journeys().outbox.metrics(moment()))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response


@bp.post("/outbox/again")
@only(Role.OPERATOR)
def outbox_again() -> Response:
    """Send what one endpoint refused once more, and leave it alone no longer."""
    endpoint = request.form.get("endpoint", "")
    done = journeys().outbox.replay(endpoint, flask_session["operator"], moment())
    said = ngettext("%(num)s bericht gaat opnieuw weg.", "%(num)s berichten gaan opnieuw weg.", done.count)
    rested_no_more = _("De pauze is voorbij.")
    flash(f"{said} {rested_no_more}" if done.resumed else said)
    return go_to("operator.outbox")


@bp.post("/outbox/test")
@only(Role.OPERATOR)
def outbox_test() -> Response:
    """Send a test statement, the way every statement goes."""
    tenant_id, stream = request.form.get("tenant", ""), request.form.get("stream", "")
    journeys().outbox.send_test(tenant_id, stream, flask_session["operator"], moment())
    flash(_("De proef staat klaar. Komt hij aan, dan zie je hem binnen een paar tellen bij wat er binnenkomt."))
    return go_to("operator.outbox")


@bp.post("/logout")
@only(Role.OPERATOR)
def log_out() -> Response:
    flask_session.clear()
    return go_to("operator.login")
