"""The pages of the micro-trainings: the list, and one step a page."""

from __future__ import annotations

from flask import Blueprint, Response, flash, render_template, request, session
from flask_babel import gettext as _

from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to, remember_helpers
from lti_tool.web.response_forms import as_form, keep_last, last_for, read_response
from lti_tool.web.wiring import journeys, moment, where
from lti_tool.web.words import STILL_NEEDED

bp = Blueprint("trainings", __name__, url_prefix="/trainings")


@bp.get("")
@only(Role.LEARNER)
def overview() -> str:
    """Every training; the learner may choose any."""
    cards = journeys().module.cards(where())
    return render_template("trainings.html", cards=cards, story=journeys().story.title(where()))


@bp.get("/<module_id>")
@only(Role.LEARNER)
def training(module_id: str) -> str:
    """The step where the learner is, or an invitation to begin."""
    page = journeys().module.page(where(), module_id)
    if page is None:
        return _invitation(module_id)
    remember_helpers(page.helpers)
    shown = {}
    for item_id in page.feedback:
        given = last_for(session, page.questions[item_id])
        if given is not None:
            shown[item_id] = as_form(page.questions[item_id], given)
    return render_template("training.html", page=page, given=shown, needed={})


@bp.post("/<module_id>")
@only(Role.LEARNER)
def go_on(module_id: str) -> Response | tuple[str, int]:
    """Begin, go to a step, look at an answer, or finish."""
    chosen = request.form.get("do")
    if chosen == "open":
        journeys().module.open(where(), module_id, moment())
    elif chosen == "finish":
        journeys().module.finish(where(), module_id, moment())
    elif chosen == "check":
        return _check(module_id)
    elif chosen == "later":
        flash(_("Alles is bewaard. Je training staat klaar."))
        return go_to("trainings.overview")
    else:
        journeys().module.go(where(), module_id, request.form.get("step", ""), moment())
    return go_to("trainings.training", module_id=module_id)


def _check(module_id: str) -> Response | tuple[str, int]:
    given = read_response(request.form)
    item_key = request.form.get("item", "")
    item_id = item_key.partition("@")[0]
    try:
        journeys().module.check(where(), module_id, item_key, given, moment())
    except ResponseDoesNotFit:
        page = journeys().module.page(where(), module_id)
        if page is None or item_id not in page.questions:
            raise
        needed = {item_id: STILL_NEEDED[page.questions[item_id].type]}
        shown = {item_id: request.form}
        return render_template("training.html", page=page, given=shown, needed=needed), 422
    keep_last(session, item_key, given)
    return go_to("trainings.training", anchor=f"feedback-{item_id}", module_id=module_id)


def _invitation(module_id: str) -> str:
    cards = journeys().module.cards(where())
    card = next(card for card in cards if card.id == module_id)
    return render_template("training_invitation.html", card=card)
