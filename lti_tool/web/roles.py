"""The roles that somebody holds: accepting an invitation with its code, and giving a role back.

The link of an invitation opens outside the portal's frame, where there is no session (its cookie is
Partitioned); so its page says how to come in, and the code is filled in there.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, render_template, request, session
from flask_babel import gettext as _

from lti_tool.domain.errors import InvitationUnknown, TooManyCodes
from lti_tool.domain.roles import read_code
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to
from lti_tool.web.wiring import journeys, moment
from lti_tool.web.words import ROLES

bp = Blueprint("roles", __name__)

MOST_TRIES = 5
"""Wrong codes in one visit. A code has 80 random bits, so this is for quiet logs, not what keeps a code safe."""
_TRIES = "code_tries"


@bp.get("/invitation/<tenant>/<code>")
@only(Role.PUBLIC)
def invitation(tenant: str, code: str) -> str:
    """How to use the code of an invitation. Nothing is looked up, so this page tells nobody which codes work."""
    inside = "participation_id" in session and session["tenant_id"] == tenant
    return render_template("invitation.html", code=read_code(code), inside=inside)


@bp.get("/roles")
@only(Role.LEARNER)
def own() -> str:
    """A field for a code, and the roles that somebody holds."""
    return _page("")


@bp.post("/roles")
@only(Role.LEARNER)
def change() -> Response | tuple[str, int]:
    """Take an invitation, or give a role back; the session follows at once."""
    role = request.form.get("role", "")
    if request.form.get("do") == "give_back":
        journeys().roles.give_back(session["tenant_id"], session["learner_id"], role, moment())
        _remember()
        flash(_("Je hebt deze rol niet meer."))
        return go_to("roles.own")
    if session.get(_TRIES, 0) >= MOST_TRIES:
        raise TooManyCodes
    try:
        role = journeys().roles.accept(
            session["tenant_id"], session["learner_id"], request.form.get("code", ""), moment()
        )
    except InvitationUnknown:
        session[_TRIES] = session.get(_TRIES, 0) + 1
        needed = _(
            "Deze code werkt niet. Kijk of je hem goed hebt overgenomen. "
            "Een code werkt één keer en niet voor altijd. Vraag anders een nieuwe."
        )
        return _page(needed), 422
    _remember()
    flash(_("Je hebt nu de rol %(role)s.", role=ROLES[role]))
    return go_to("roles.own")


def _page(needed: str) -> str:
    held = journeys().roles.granted_to(session["tenant_id"], session["learner_id"])
    return render_template("roles.html", held=held, needed=needed, code=request.form.get("code", ""))


def _remember() -> None:
    session["granted"] = list(journeys().roles.granted_to(session["tenant_id"], session["learner_id"]))
