"""What somebody may do with their own data: wipe it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys, moment, where

bp = Blueprint("my_data", __name__)


@bp.get("/wipe")
@only(Role.LEARNER)
def ask() -> str:
    """What goes, what stays, and a button."""
    return _page()


@bp.post("/wipe")
@only(Role.LEARNER)
def wipe() -> Response | tuple[str, int]:
    """Wipe it, when they said that they know it cannot be undone."""
    if "sure" not in request.form:
        return _page(_("Zet eerst een vinkje. Dan weten we zeker dat je dit wilt.")), 422
    journeys().forget.wipe(where(), moment())
    session.clear()
    return redirect(url_for("my_data.wiped", _anchor="title"), 303)  # type: ignore[return-value]


@bp.get("/wiped")
@only(Role.PUBLIC)
def wiped() -> str:
    """It is done; nobody is known here any more."""
    return render_template("wiped.html")


def _page(needed: str = "") -> str:
    return render_template("wipe.html", page=journeys().forget.page(where()), needed=needed)
