"""The pages of the micro-trainings: the list, and one step a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, session
from flask_babel import gettext as _

from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.use_cases.read_advice import ModuleCard
from lti_tool.use_cases.take_module import ModulePage
from lti_tool.web.click_throughs import show_frames
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to, remember_helpers
from lti_tool.web.response_forms import as_form, read_response
from lti_tool.web.wiring import journeys, moment, where
from lti_tool.web.words import STILL_NEEDED

bp = Blueprint("trainings", __name__, url_prefix="/trainings")


@bp.get("")
@only(Role.LEARNER)
def overview() -> str:
    """Every training; the learner may choose any."""
    cards = journeys().module.cards(where())
    return render_template("trainings.html", parts=_parts(cards), story=journeys().story.title(where()))


@bp.get("/<module_id>")
@only(Role.LEARNER)
def training(module_id: str) -> str:
    """The step where the learner is, or an invitation to begin."""
    page = journeys().module.page(where(), module_id)
    if page is None:
        return _invitation(module_id)
    remember_helpers(page.helpers)
    return _step(page, {}, {})


def _parts(cards: Sequence[ModuleCard]) -> dict[str, list[ModuleCard]]:
    """By domain, and after these what is for some people only."""
    parts: dict[str, list[ModuleCard]] = {}
    for card in sorted(cards, key=lambda card: bool(card.meant_for)):
        title = _("Voor %(who)s", who=card.meant_for.lower()) if card.meant_for else card.domain
        parts.setdefault(title, []).append(card)
    return parts


@bp.post("/<module_id>")
@only(Role.LEARNER)
def go_on(module_id: str) -> Response | tuple[str, int]:
    """Begin, go to a step, look at an answer or begin it afresh, finish, or say whether it helped."""
    chosen = request.form.get("do")
    if chosen == "open":
        journeys().module.open(where(), module_id, moment())
    elif chosen == "finish":
        journeys().module.finish(where(), module_id, moment())
    elif chosen == "check":
        return _check(module_id)
    elif chosen == "again":
        item_key = request.form.get("item", "")
        journeys().module.again(where(), module_id, item_key)
        return go_to("trainings.training", anchor=f"{item_key.partition('@')[0]}-first", module_id=module_id)
    elif chosen == "rate":
        journeys().module.rate(where(), module_id, request.form.get("rating") or None)
        return go_to("trainings.training", anchor="rating", module_id=module_id)
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
        return _step(page, {item_id: request.form}, needed), 422
    return go_to("trainings.training", anchor=f"feedback-{item_id}", module_id=module_id)


def _step(page: ModulePage, filled: Mapping[str, Any], needed: Mapping[str, Any]) -> str:
    """One step; `filled` is what stood in a form that could not be taken, `needed` what it still lacks."""
    kept = {item_id: as_form(page.questions[item_id], given) for item_id, given in page.given.items()}
    frames = show_frames(session, page, request.args)
    return render_template("training.html", page=page, given={**kept, **filled}, needed=needed, frames=frames)


def _invitation(module_id: str) -> str:
    cards = journeys().module.cards(where())
    card = next(card for card in cards if card.id == module_id)
    return render_template("training_invitation.html", card=card)
