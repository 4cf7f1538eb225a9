"""The doors of an author's preview: every item and micro-training of a package in the real pages.

They hang only in the app that `digivaardig content preview` serves. The one who knows the secret address that it
printed gets a session in the path (`handles.py`), so that no cookie is needed and no other site can use it.
"""

from __future__ import annotations

import secrets
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    session,
    url_for,
)

from lti_tool.domain.content import UnknownItem
from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.use_cases.preview_content import PreviewContent
from lti_tool.use_cases.take_assessment import Question
from lti_tool.web.guards import Role, only
from lti_tool.web.handles import handle
from lti_tool.web.languages import language
from lti_tool.web.pages import go_to
from lti_tool.web.response_forms import as_form, forget_last, keep_last, last_for, read_response
from lti_tool.web.security import let_own_script_ask
from lti_tool.web.sessions import BrowserSession
from lti_tool.web.themes import BRANDS
from lti_tool.web.wiring import moment, where
from lti_tool.web.words import STILL_NEEDED

bp = Blueprint("content_preview", __name__, url_prefix="/preview")

THEMES = (*BRANDS, "voorbeeld")
_OUTLIVED = "last_good_while"
"""In the session: the version of the broken package while which the last good one is looked at."""
_WITHOUT_CONTENT = (
    "content_preview.enter",
    "content_preview.version",
    "content_preview.use_last_good",
    "content_preview.choose_theme",
    "language_choice.choose",
)


def hang(app: Flask, preview: PreviewContent, secret: str) -> None:
    """Add the preview to an app that has all the other doors."""
    app.extensions["content_preview"] = preview
    app.extensions["content_preview_secret"] = secret
    app.register_blueprint(bp)
    app.before_request(_tell_problems)
    app.context_processor(_about_preview)
    app.jinja_env.globals["theme"] = _theme


@bp.get("/enter/<secret>")
@only(Role.PUBLIC)
def enter(secret: str) -> str:
    """Where an author comes in, as a new learner."""
    if not secrets.compare_digest(secret, current_app.extensions["content_preview_secret"]):
        abort(404)
    learner = _preview().arrive(moment())
    here = cast(BrowserSession, session._get_current_object())  # type: ignore[attr-defined]
    here.update(
        tenant_id=learner.tenant_id,
        campaign_id=learner.campaign_id,
        participation_id=learner.id,
        learner_id=learner.learner_id,
        staff=False,
        locale=learner.language,
        portal_origins=[],
        granted=[],
    )
    here.renew(in_path=True)
    return render_template("preview_enter.html", way_in=here.address(url_for("content_preview.overview")))


@bp.get("")
@only(Role.LEARNER)
def overview() -> str:
    """Every item and micro-training of the package."""
    return render_template("preview_overview.html", contents=_preview().contents(language()), themes=THEMES)


@bp.get("/items/<item_id>")
@only(Role.LEARNER)
def item(item_id: str) -> str:
    """An item as an assessment asks it, with what a micro-training says about the answer."""
    asked = _question(item_id)
    given = last_for(session, asked.item)
    feedback = None
    if given is not None:
        try:
            feedback = _preview().check(item_id, given)
        except ResponseDoesNotFit:  # the item was changed since
            given = None
    shown = as_form(asked.item, given) if given else None
    return render_template("preview_item.html", question=asked, given=shown, needed="", feedback=feedback)


@bp.post("/items/<item_id>")
@only(Role.LEARNER)
def answer(item_id: str) -> Response | tuple[str, int]:
    """Look at an answer, or begin afresh."""
    if request.form.get("do") == "again":
        forget_last(session)
        return go_to("content_preview.item", item_id=item_id)
    asked, given = _question(item_id), read_response(request.form)
    try:
        _preview().check(item_id, given)
    except ResponseDoesNotFit:
        needed = STILL_NEEDED[asked.item.type]
        page = render_template(
            "preview_item.html", question=asked, given=request.form, needed=needed, feedback=None
        )
        return page, 422
    keep_last(session, asked.item.key, given)
    return go_to("content_preview.item", anchor="feedback", item_id=item_id)


@bp.post("/theme")
@only(Role.LEARNER)
def choose_theme() -> Response:
    """How the pages look from here on."""
    if request.form.get("theme") in THEMES:
        session["theme"] = request.form["theme"]
    return go_to("content_preview.overview")


@bp.get("/version")
@only(Role.LEARNER)
def version() -> Response:
    """A number that changes with the package; the script of the preview asks it and reloads the page."""
    return Response(str(_preview().look().version), mimetype="text/plain")


@bp.post("/last-good")
@only(Role.LEARNER)
def use_last_good() -> Response:
    """Look at the last good version until the package changes again, or at the problems once more."""
    if request.form.get("do") == "problems":
        session.pop(_OUTLIVED, None)
    else:
        session[_OUTLIVED] = _preview().look().version
    return go_to("content_preview.overview")


def _tell_problems() -> Response | None:
    """What is wrong stands in the place of every page, until somebody asks for the last good version."""
    if not handle() or request.endpoint in _WITHOUT_CONTENT:
        return None
    look = _preview().look()
    let_own_script_ask()
    outlived = look.package is not None and session.get(_OUTLIVED) == look.version
    if not look.problems or outlived:
        return None
    return make_response(render_template("preview_problems.html", look=look), 422)


def _about_preview() -> dict[str, object]:
    """For `base.html`: the bar of the preview, and its script."""
    return {"previewed": _preview().look() if handle() else None}


def _question(item_id: str) -> Question:
    try:
        return _preview().question(item_id, where().participation_id)
    except UnknownItem:
        abort(404)


def _theme() -> str:
    return str(session.get("theme", THEMES[0]))


def _preview() -> PreviewContent:
    return cast(PreviewContent, current_app.extensions["content_preview"])
