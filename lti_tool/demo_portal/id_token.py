"""The claims of a launch, in the shape a real Moodle 4.5 sends them.

LTI 1.3 Core, section 5.4 (claims) and LTI Security Framework 1.0, section 5.1.2 (id token):
https://www.imsglobal.org/spec/lti/v1p3/#required-message-claims
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lti_tool.demo_portal.launches import PendingLaunch
from lti_tool.demo_portal.people import Activity, Course, Person

LIFETIME_SECONDS = 60
"""As Moodle: a tool whose clock is more than a minute off cannot be launched."""

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCOPE_LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
AGS_SCOPES = (SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE)
SCOPES = (*AGS_SCOPES, SCOPE_ROSTER)
PRODUCT = "demo-leerportaal"


def line_item_url(issuer: str, course: Course, activity: Activity) -> str:
    """The column's address; like Moodle's it has a query, so `/scores` must go before the `?`."""
    path = f"/ags/{course.id}/lineitems/{activity.line_item_id}/lineitem"
    return f"{issuer}{path}?type_id={course.deployment_id}"


def memberships_url(issuer: str, course: Course) -> str:
    """Where the tool may ask who is in the course."""
    return f"{issuer}/CourseSection/{course.id}/bindings/{course.deployment_id}/memberships"


def launch_claims(
    *,
    issuer: str,
    course: Course,
    person: Person,
    activity: Activity,
    launch: PendingLaunch,
    target_link_uri: str,
    nonce: str,
    now: datetime,
) -> dict[str, Any]:
    """Everything in the id_token of a resource link launch; `exp` is `iat` + 60 s."""
    issued = int(now.timestamp())
    is_staff = person.may_teach
    return {
        "nonce": nonce,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
        "iss": issuer,
        "aud": course.client_id,
        f"{LTI}deployment_id": course.deployment_id,
        f"{LTI}target_link_uri": target_link_uri,
        "sub": person.id,
        f"{LTI}lis": {
            "person_sourcedid": f"p-{person.id}",
            "course_section_sourcedid": f"{course.label}-{course.id}",
        },
        f"{LTI}roles": list(person.roles),
        f"{LTI}context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        f"{LTI}message_type": "LtiResourceLinkRequest",
        f"{LTI}resource_link": {
            "title": activity.title,
            "description": activity.description,
            "id": activity.id,
        },
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name": person.name,
        f"{LTI}ext": {"user_username": person.username, "lms": PRODUCT},
        "email": course.email_of(person),
        f"{LTI}launch_presentation": {
            "locale": "nl",
            "document_target": launch.target,
            "return_url": f"{issuer}/course/{course.id}",
        },
        f"{LTI}tool_platform": {
            "product_family_code": PRODUCT,
            "version": "1",
            "guid": f"{PRODUCT}-{course.deployment_id}",
            "name": "leerportaal",
            "description": f"Leerportaal {course.municipality}",
        },
        f"{LTI}version": "1.3.0",
        f"{LTI}custom": {
            "userid": person.id,
            "idnumber": f"{'d' if is_staff else 'm'}-{person.id}",
            "courseend": "",  # what is left of a variable that the portal cannot fill in
            **activity.custom,
        },
        AGS_ENDPOINT: {
            "scope": list(AGS_SCOPES),
            "lineitems": f"{issuer}/ags/{course.id}/lineitems?type_id={course.deployment_id}",
            **({"lineitem": line_item_url(issuer, course, activity)} if activity.line_item_id else {}),
        },
        NRPS_SERVICE: {
            "context_memberships_url": memberships_url(issuer, course),
            "service_versions": ["1.0", "2.0"],
        },
    }
