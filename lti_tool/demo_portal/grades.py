"""Assignment and Grade Services 2.0 as Moodle behaves: line item, scores, results.

https://www.imsglobal.org/spec/lti-ags/v2p0/
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeGuard

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.demo_portal.callers import answer, course_of_caller, refusal
from lti_tool.demo_portal.gradebook import Mark, ScoreNotLater
from lti_tool.demo_portal.id_token import (
    SCOPE_LINE_ITEM_READ,
    SCOPE_RESULT_READ,
    SCOPE_SCORE,
    line_item_url,
)
from lti_tool.demo_portal.people import Activity, Course
from lti_tool.demo_portal.state import the_portal

grades = Blueprint("grades", __name__, url_prefix="/ags/<course_id>/lineitems")

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
ACTIVITY_PROGRESS = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING_PROGRESS = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")


class ScoreIncorrect(Exception):
    """The posted score breaks the specification, or is for somebody who cannot be graded."""


@grades.get("")
def line_items(course_id: str) -> Response:
    course = course_of_caller(course_id, SCOPE_LINE_ITEM_READ)
    return answer([_line_item(course, a) for a in course.columns], LINE_ITEMS_TYPE)


@grades.get("/<line_item_id>/lineitem")
def line_item(course_id: str, line_item_id: str) -> Response:
    course = course_of_caller(course_id, SCOPE_LINE_ITEM_READ)
    return answer(_line_item(course, _activity(course, line_item_id)), LINE_ITEM_TYPE)


@grades.post("/<line_item_id>/lineitem/scores")
def scores(course_id: str, line_item_id: str) -> Response:
    """200 and nothing in it; 409 when not later; 400 with the reason, Moodle's way, in the status line."""
    course = course_of_caller(course_id, SCOPE_SCORE)
    activity = _activity(course, line_item_id)
    if request.mimetype != SCORE_TYPE:
        return answer([], SCORE_TYPE, "400 Incorrect content type")
    try:
        mark = _mark(course, activity, datetime.now(UTC))
    except ScoreIncorrect as wrong:
        return answer([], SCORE_TYPE, f"400 Incorrect score received: {wrong}")
    try:
        the_portal().gradebook.record(mark)
    except ScoreNotLater:
        reason = f"Refusing score with an earlier timestamp for item {line_item_id}"
        return answer([], SCORE_TYPE, f"409 {reason}")
    return Response("", 200, content_type=SCORE_TYPE)


@grades.get("/<line_item_id>/lineitem/results")
def results(course_id: str, line_item_id: str) -> Response:
    course = course_of_caller(course_id, SCOPE_RESULT_READ)
    activity = _activity(course, line_item_id)
    base = line_item_url(the_portal().url, course, activity)
    only = request.args.get("user_id")
    found = [
        {
            "id": f"{base.replace('/lineitem?', '/lineitem/results?')}&user_id={m.person_id}",
            "userId": m.person_id,
            "resultScore": m.result,
            "resultMaximum": activity.score_maximum,
            "scoreOf": base,
            "timestamp": m.timestamp.isoformat(),
        }
        for m in the_portal().gradebook.marks()
        if m.activity_id == activity.id and m.result is not None and only in (None, m.person_id)
    ]
    return answer(found, RESULTS_TYPE)


def _activity(course: Course, line_item_id: str) -> Activity:
    found = next((a for a in course.columns if a.line_item_id == line_item_id), None)
    if found is None:
        abort(refusal(404))
    return found


def _mark(course: Course, activity: Activity, now: datetime) -> Mark:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise ScoreIncorrect("no JSON object")
    person = course.person(str(body.get("userId", "")))
    if person is None or person.may_teach:
        raise ScoreIncorrect("userId cannot be graded")
    if body.get("activityProgress") not in ACTIVITY_PROGRESS:
        raise ScoreIncorrect("activityProgress")
    if body.get("gradingProgress") not in GRADING_PROGRESS:
        raise ScoreIncorrect("gradingProgress")
    given, maximum = _numbers(body)
    if body["gradingProgress"] != "FullyGraded":
        given = maximum = None  # Moodle blanks the grade that was there
    return Mark(
        person_id=person.id,
        activity_id=activity.id,
        score_given=given,
        score_maximum=maximum,
        activity_progress=body["activityProgress"],
        grading_progress=body["gradingProgress"],
        timestamp=_timestamp(body.get("timestamp")),
        received_at=now,
        column_maximum=activity.score_maximum,
    )


def _numbers(body: dict[str, Any]) -> tuple[float | None, float | None]:
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    if given is None:
        return None, None
    if not (_is_number(given) and _is_number(maximum) and given >= 0 and maximum > 0):
        raise ScoreIncorrect("scoreGiven and scoreMaximum")
    return float(given), float(maximum)


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _timestamp(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as err:
        raise ScoreIncorrect("timestamp") from err
    if moment is None or moment.tzinfo is None:
        raise ScoreIncorrect("timestamp")
    return moment


def _line_item(course: Course, activity: Activity) -> dict[str, object]:
    return {
        "id": line_item_url(the_portal().url, course, activity),
        "label": activity.title,
        "scoreMaximum": activity.score_maximum,
        "resourceId": activity.resource_id,
        "tag": activity.tag,
        "resourceLinkId": activity.id,
        "ltiLinkId": activity.id,
    }
