"""Who calls the portal's services, and the form of an answer: what grades and participants share."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import abort, request
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from lti_tool.demo_portal.people import Course
from lti_tool.demo_portal.state import the_portal


def course_of_caller(course_id: str, scope: str) -> Course:
    """The course, when the bearer of the token is the tool registered there and has the scope."""
    portal = the_portal()
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = portal.tokens.find(value, datetime.now(UTC)) if kind.lower() == "bearer" else None
    if token is None:
        abort(refusal(401))
    if scope not in token.scopes:
        abort(refusal(403))
    course = portal.directory.course_of_client(token.client_id)
    if course is None or course.id != course_id:
        abort(refusal(404))
    return course


def refusal(status: int) -> Response:
    body = {"status": status, "reason": HTTP_STATUS_CODES[status]}
    return answer(body, "application/json", str(status))


def answer(body: object, content_type: str, status: str = "200") -> Response:
    return Response(json.dumps(body), status, content_type=content_type)
