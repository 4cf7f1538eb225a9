"""The pages on which staff choose what comes on a course page, and the form that goes back to the portal.

https://www.imsglobal.org/spec/lti-dl/v2p0/#workflow
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request, session
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.domain.errors import NothingChosen, PlacingNotAsked
from lti_tool.lti.launch import DeepLinking
from lti_tool.use_cases.enter import Visit
from lti_tool.use_cases.place_activities import Asked, Reply
from lti_tool.web.guards import Role, only
from lti_tool.web.security import may_send_itself_to
from lti_tool.web.wiring import journeys, moment

bp = Blueprint("deep_linking", __name__, url_prefix="/staff/place")

KEY = "deep_linking"


def keep(kept: MutableMapping[str, Any], visit: Visit) -> None:
    """Remember in the session what the portal asked; a later launch takes its place."""
    if visit.deep_linking is not None:
        kept[KEY] = {
            "portal_id": visit.portal_id,
            "deployment_id": visit.deployment_id,
            "settings": asdict(visit.deep_linking),
        }


@bp.get("")
@only(Role.STAFF)
def choose() -> str:
    """A campaign and one or more activities."""
    return _form()


@bp.post("")
@only(Role.STAFF)
def place() -> str | tuple[str, int]:
    """The page that brings the choice, or that there is none, to the portal."""
    asked, form = _asked(), request.form
    if form.get("do") == "cancel":
        return _send_on(journeys().place.cancel(asked, _("Er is niets toegevoegd."), moment()), 0)
    chosen = form.getlist("activity")
    message = ngettext(
        "%(num)d onderdeel van Digivaardig toegevoegd.",
        "%(num)d onderdelen van Digivaardig toegevoegd.",
        len(set(chosen)),
    )
    try:
        reply = journeys().place.place(
            asked,
            form.get("campaign", ""),
            chosen,
            show_done="show_done" in form,
            message=message,
            now=moment(),
        )
    except NothingChosen:
        return _form(_("Kies wat je in de cursus wilt zetten.")), 422
    return _send_on(reply, len(set(chosen)))


def _form(needed: str = "") -> str:
    offer = journeys().place.offer(_asked(), moment())
    chosen = request.form if needed else None
    template = "place.html" if offer.takes_links else "place_nothing.html"
    return render_template(template, offer=offer, given=chosen, needed=needed)


def _send_on(reply: Reply, count: int) -> str:
    may_send_itself_to(reply.return_url)
    return render_template("place_send.html", reply=reply, count=count)


def _asked() -> Asked:
    """Raises PlacingNotAsked: the last launch of this session asked for something else."""
    kept = session.get(KEY)
    if kept is None:
        raise PlacingNotAsked
    settings = kept["settings"]
    return Asked(
        tenant_id=session["tenant_id"],
        portal_id=kept["portal_id"],
        deployment_id=kept["deployment_id"],
        settings=DeepLinking(**{**settings, "accept_types": tuple(settings["accept_types"])}),
    )
