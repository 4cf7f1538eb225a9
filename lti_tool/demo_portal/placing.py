"""Adding activities to a course page: the tool is opened in a frame, and what it answers is put there."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, request

from lti_tool.demo_portal.deep_linking import AnswerRefused, read_answer
from lti_tool.demo_portal.oidc import begin_login
from lti_tool.demo_portal.pages import member
from lti_tool.demo_portal.people import Course, Person
from lti_tool.demo_portal.state import the_portal
from lti_tool.demo_portal.tokens import TokenRefused

placing = Blueprint("placing", __name__, url_prefix="/course/<course_id>/add")


@placing.get("")
def add(course_id: str) -> str:
    """The page with the tool in a frame."""
    course, _ = _teacher(course_id)
    return render_template("portal/add.html", course=course, tool_origin=the_portal().tool_origin)


@placing.get("/launch")
def launch(course_id: str) -> str:
    """A page that sends itself to the tool's login address, to ask what comes on the course page."""
    course, person = _teacher(course_id)
    return begin_login(course, person, None, "iframe", "Kies een activiteit")


@placing.post("/return")
def take_back(course_id: str) -> str:
    """The tool's answer, by way of the browser.

    It comes from another site, so without this portal's cookie: the key in the address says which question it
    answers, and the signature who answers.
    """
    portal, now = the_portal(), datetime.now(UTC)
    course = portal.directory.course(course_id)
    question = portal.questions.find(request.args.get("key", ""), course_id, now)
    if course is None or question is None:
        abort(400, "Deze vraag staat niet meer open. Ga terug naar de cursus en begin opnieuw.")
    try:
        answer = read_answer(
            request.form.get("JWT", ""),
            key_of_tool=portal.tokens.key_of_tool,
            issuer=portal.url,
            client_id=course.client_id,
            deployment_id=course.deployment_id,
            data=question.data,
            tool_origin=portal.tool_origin,
        )
    except AnswerRefused as refused:
        abort(400, str(refused))
    except TokenRefused as refused:
        abort(400, f"De sleutels van de toepassing zijn niet te lezen ({refused.description}).")
    if not portal.nonces.is_first(course.client_id, answer.nonce, answer.expires, now):
        abort(400, "Dit antwoord is al verwerkt. Kijk op de cursuspagina.")
    added = portal.directory.add_activities(course.id, answer.activities)
    return render_template("portal/added.html", course=course, added=added, message=answer.message)


def _teacher(course_id: str) -> tuple[Course, Person]:
    course, person = member(course_id)
    if not person.may_teach:
        abort(403, "Alleen een docent voegt activiteiten toe.")
    return course, person
