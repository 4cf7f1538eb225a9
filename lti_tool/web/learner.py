"""The pages of a learner: the start page, the questions, the advice, and looking back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, get_flashed_messages, render_template, request, session
from flask_babel import gettext as _

from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.web.guards import Role, only
from lti_tool.web.pages import go_to, remember_helpers
from lti_tool.web.response_forms import as_form, forget_last, keep_last, last_for, read_response
from lti_tool.web.wiring import journeys, moment, where
from lti_tool.web.words import STILL_NEEDED

bp = Blueprint("learner", __name__)


@bp.get("/start")
@only(Role.LEARNER)
def start() -> str:
    """Why, what is promised, and four equal ways to go on."""
    page = journeys().enter.start_page(where(), moment())
    remember_helpers(page.helpers)
    return render_template("start.html", page=page)


@bp.post("/start")
@only(Role.LEARNER)
def choose() -> Response:
    """One of the ways on. Who begins, practises or skips has read the page: that is noted first."""
    chosen = request.form.get("do")
    if chosen == "team":
        journeys().enter.choose_team(where(), request.form.get("team") or None)
        flash(_("Je keuze is bewaard."))
        return go_to("learner.start")
    if chosen == "later":
        return go_to("learner.paused")
    journeys().enter.acknowledge(where(), moment())
    if chosen == "practice":
        return go_to("learner.practice")
    if chosen == "skip":
        journeys().assessment.skip(where(), moment())
        return go_to("learner.advice")
    journeys().assessment.begin(where(), moment())
    return go_to("learner.question")


@bp.get("/practice")
@only(Role.LEARNER)
def practice() -> str:
    """A question that does not count, and after an answer what is said about it."""
    asked = journeys().assessment.practice(where())
    given = last_for(session, asked.item)
    if given is None:
        return render_template("practice.html", question=asked, given=None, needed="", feedback=None)
    feedback = journeys().assessment.check_practice(where(), given)
    shown = as_form(asked.item, given)
    return render_template("practice.html", question=asked, given=shown, needed="", feedback=feedback)


@bp.post("/practice")
@only(Role.LEARNER)
def answer_practice() -> Response | tuple[str, int]:
    """Look at the answer, or begin afresh; it is kept in this session only."""
    if request.form.get("do") == "again":
        forget_last(session)
        return go_to("learner.practice")
    given = read_response(request.form)
    try:
        journeys().assessment.check_practice(where(), given)
    except ResponseDoesNotFit:
        asked = journeys().assessment.practice(where())
        needed = STILL_NEEDED[asked.item.type]
        page = render_template("practice.html", question=asked, given=request.form, needed=needed, feedback=None)
        return page, 422
    keep_last(session, request.form.get("item", ""), given)
    return go_to("learner.practice", anchor="feedback")


@bp.get("/question")
@only(Role.LEARNER)
def question() -> str | Response:
    """The question that comes now; after the last one the advice."""
    asked = journeys().assessment.question(where())
    if asked is None:
        # "Prima, we gaan door." belongs between two questions, not above the advice.
        get_flashed_messages()
        return go_to("learner.advice")
    return render_template("question.html", question=asked, given=None, needed="")


@bp.post("/question")
@only(Role.LEARNER)
def answer() -> Response | tuple[str, int]:
    """An answer, "weet ik niet", a pause, or the learner's own stop."""
    chosen = request.form.get("do")
    if chosen == "pause":
        return go_to("learner.paused")
    if chosen == "stop":
        journeys().assessment.stop(where(), moment())
        return go_to("learner.advice")
    given = read_response(request.form)
    position = request.form.get("position", 0, type=int)
    try:
        journeys().assessment.answer(where(), request.form.get("item", ""), position, given, moment())
    except ResponseDoesNotFit:
        asked = journeys().assessment.question(where())
        if asked is None:
            return go_to("learner.advice")
        needed = STILL_NEEDED[asked.item.type]
        return render_template("question.html", question=asked, given=request.form, needed=needed), 422
    if given.dont_know:
        flash(_("Prima, we gaan door."))
    return go_to("learner.question")


@bp.get("/paused")
@only(Role.LEARNER)
def paused() -> str:
    """Everything is kept; go on, stop, or close the window."""
    page = journeys().enter.start_page(where(), moment())
    return render_template("paused.html", page=page)


@bp.get("/advice")
@only(Role.LEARNER)
def advice() -> str:
    """Strong points first, then one next step."""
    page = journeys().advice.page(where(), moment())
    remember_helpers(page.helpers)
    told = journeys().completions.own(where(), moment())
    return render_template("advice.html", page=page, told=told, story=journeys().story.title(where()))


@bp.get("/answers")
@only(Role.LEARNER)
def answers() -> str:
    """Each answer with its explanation."""
    return render_template("answers.html", answers=journeys().advice.answers(where()))


@bp.post("/undo-skip")
@only(Role.LEARNER)
def undo_skip() -> Response:
    """Back to the start page as if nothing was skipped."""
    journeys().assessment.undo_skip(where(), moment())
    return go_to("learner.start")


@bp.get("/progress")
@only(Role.LEARNER)
def progress() -> str:
    """What somebody did and learned, for their own eyes."""
    page = journeys().advice.progress(where())
    remember_helpers(page.helpers)
    told = journeys().completions.own(where(), moment())
    return render_template("progress.html", page=page, told=told)


@bp.get("/review")
@only(Role.LEARNER)
def review() -> str:
    """Somebody opened a submission review in the portal: a result is shown to its learner alone.

    Here is the place for what a learner shares, once they can.
    """
    return render_template("not_shared.html")
