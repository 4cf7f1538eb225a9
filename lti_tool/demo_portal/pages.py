"""What people see: the front page with everyone to log in as, the course page and the activity page."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lti_tool.demo_portal.people import ADMINISTRATOR, Activity, Course, Person
from lti_tool.demo_portal.state import the_portal, who_is_here

pages = Blueprint("pages", __name__)

STORAGE_OFFERS = ("answers", "silent", "none")


@pages.get("/")
def front() -> str:
    return render_template("portal/front.html", courses=the_portal().directory.courses)


@pages.post("/login")
def log_in() -> Response:
    """No password: everybody here is made up."""
    found = the_portal().directory.find_person(request.form.get("person_id", ""))
    if found is None:
        abort(400, "Deze persoon kennen we niet.")
    course, person = found
    session.clear()
    session["person_id"] = person.id
    return redirect(url_for("pages.course", course_id=course.id), 303)


@pages.post("/logout")
def log_out() -> Response:
    session.clear()
    return redirect(url_for("pages.front"), 303)


@pages.get("/course/<course_id>")
def course(course_id: str) -> str:
    course, person = member(course_id)
    done = {a.id: _is_done(person, a) for a in course.all_activities}
    participants = []
    if person.may_teach:
        participants = [
            (p, [_is_done(p, a) for a in course.columns], the_portal().is_away(p.id))
            for p in course.people
            if not p.may_teach
        ]
    return render_template(
        "portal/course.html",
        course=course,
        person=person,
        done=done,
        participants=participants,
        may_connect=person.roles == ADMINISTRATOR,
    )


@pages.post("/course/<course_id>/people")
def set_status(course_id: str) -> Response:
    """The instructor makes a participant `inactive`, or `active` again."""
    course, person = member(course_id)
    if not person.may_teach:
        abort(403, "Alleen een docent mag dit.")
    away = "inactive" in request.form
    chosen = course.person(request.form.get("inactive" if away else "active", ""))
    if chosen is None or chosen.may_teach:
        abort(404)
    the_portal().set_away(chosen.id, away)
    return redirect(url_for("pages.course", course_id=course.id), 303)


@pages.get("/activity/<activity_id>")
def activity(activity_id: str) -> str:
    course, person, activity = participant(activity_id)
    return render_template(
        "portal/activity.html",
        course=course,
        person=person,
        activity=activity,
        done=_is_done(person, activity),
        storage=storage_offer(),
        tool_origin=the_portal().tool_origin,
    )


@pages.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@pages.get("/api/registrations")
def registrations() -> dict[str, list[dict[str, object]]]:
    """What an administrator would copy into the tool, one entry per municipality."""
    portal = the_portal()
    return {
        "registrations": [
            {
                "municipality": c.municipality,
                "issuer": portal.url,
                "client_id": c.client_id,
                "deployment_ids": [c.deployment_id],
                "auth_login_url": portal.auth_url,
                "token_url": portal.token_url,
                "jwks_url": portal.key_set_url,
            }
            for c in portal.directory.courses
        ]
    }


@pages.get("/api/marks")
def marks() -> dict[str, list[dict[str, object]]]:
    """The whole gradebook, for the demo's own checks."""
    return {
        "marks": [
            {
                "person_id": m.person_id,
                "activity_id": m.activity_id,
                "done": m.is_done,
                "score_given": m.score_given,
                "score_maximum": m.score_maximum,
                "result": m.result,
                "activity_progress": m.activity_progress,
                "grading_progress": m.grading_progress,
                "timestamp": m.timestamp.isoformat(),
                "received_at": m.received_at.isoformat(),
            }
            for m in the_portal().gradebook.marks()
        ]
    }


def storage_offer() -> str:
    """Whether the activity's page keeps values for the tool: `answers`, `silent` (offers, never answers), `none`.

    A real portal has one way; this one takes it from the address, so that each can be tried.
    """
    asked = request.args.get("storage", STORAGE_OFFERS[0])
    if asked not in STORAGE_OFFERS:
        abort(400, "Dit soort opslag kennen we niet.")
    return asked


def participant(activity_id: str) -> tuple[Course, Person, Activity]:
    """Who is here and the activity they ask for; stops the request when it is not theirs."""
    found = the_portal().directory.find_activity(activity_id)
    if found is None:
        abort(404)
    _, person = member(found[0].id)
    return found[0], person, found[1]


def member(course_id: str) -> tuple[Course, Person]:
    """Who is here, with the course; stops the request when it is not theirs."""
    here = who_is_here()
    if here is None:
        abort(401, "Kies eerst op de voorpagina wie je bent.")
    if here[0].id != course_id:
        abort(403, "Deze cursus hoort bij een andere gemeente.")
    if the_portal().is_away(here[1].id):
        abort(403, "Je bent niet meer actief in deze cursus.")
    return here


def administrator(course_id: str) -> tuple[Course, Person]:
    """The same, when they are the administrator; stops the request when they are not."""
    course, person = member(course_id)
    if person.roles != ADMINISTRATOR:
        abort(403, "Dit kan alleen de beheerder.")
    return course, person


def _is_done(person: Person, activity: Activity) -> bool:
    mark = the_portal().gradebook.find(person.id, activity.id)
    return mark is not None and mark.is_done
