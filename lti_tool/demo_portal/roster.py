"""Names and Role Provisioning Services 2.0 as Moodle behaves: everybody in the course, page by page.

https://www.imsglobal.org/spec/lti-nrps/v2p0
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.demo_portal.callers import answer, course_of_caller, refusal
from lti_tool.demo_portal.id_token import LTI, SCOPE_ROSTER, memberships_url
from lti_tool.demo_portal.people import MEMBERSHIP, Course, Person
from lti_tool.demo_portal.state import the_portal

roster = Blueprint("roster", __name__, url_prefix="/CourseSection/<course_id>/bindings/<deployment_id>")

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@roster.get("/memberships")
def memberships(course_id: str, deployment_id: str) -> Response:
    """All at once, or from `from` at most `limit` with a Link to what comes next; `rlid` adds a message."""
    course = course_of_caller(course_id, SCOPE_ROSTER)
    if deployment_id != course.deployment_id:
        abort(refusal(404))
    resource_link_id = request.args.get("rlid")
    if resource_link_id is not None and course.activity(resource_link_id) is None:
        abort(refusal(404))
    first = _whole_number("from", 0)
    limit = _whole_number("limit", len(course.people))
    address = memberships_url(the_portal().url, course)
    shown = course.people[first : first + limit]
    found = answer(
        {
            "id": address,
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": [_member(course, person, resource_link_id) for person in shown],
        },
        MEMBERS_TYPE,
    )
    if first + limit < len(course.people) and limit:
        asked = {"rlid": resource_link_id} if resource_link_id else {}
        query = urlencode({"limit": limit, "from": first + limit, **asked})
        found.headers["Link"] = f'<{address}?{query}>; rel="next"'
    return found


def _member(course: Course, person: Person, resource_link_id: str | None) -> dict[str, object]:
    member: dict[str, object] = {
        "status": "Inactive" if the_portal().is_away(person.id) else "Active",
        # Short names here, whole URIs in a launch: so does Moodle.
        "roles": [role.removeprefix(MEMBERSHIP) for role in person.roles if role.startswith(MEMBERSHIP)],
        "user_id": person.id,
        "lis_person_sourcedid": f"p-{person.id}",
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": course.email_of(person),
        "ext_user_username": person.username,
    }
    if resource_link_id is not None:
        message = {f"{LTI}message_type": "LtiResourceLinkRequest", f"{LTI}custom": {"userid": person.id}}
        member["message"] = [message]
    return member


def _whole_number(name: str, otherwise: int) -> int:
    said = request.args.get(name)
    if said is None:
        return otherwise
    if not (said.isascii() and said.isdigit()):
        abort(refusal(400))
    return int(said[:9])
