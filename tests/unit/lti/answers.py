"""What portals of each kind send, shaped as they send it.

Moodle: recorded from a real Moodle 4.5.6 with made-up people [M]. The others: from the documents of their makers
[S] and general knowledge [K]; nobody has tried those portals with this tool yet, so [K] is to be checked first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lti_tool.lti.claims import AGS, LTI
from lti_tool.lti.shelves import Portal
from tests.unit.lti.portal import ISSUER, MEMBERSHIP, PORTAL

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


@dataclass(frozen=True)
class Kind:
    """A kind of portal: a registration there, and the claims in which its launches differ from a plain one."""

    portal: Portal
    learner: dict[str, Any]
    deep_linking: dict[str, Any] | None = None
    lives: int = 60
    """Seconds between iat and exp."""


def _portal(issuer: str, where: str, **changes: Any) -> Portal:
    return replace(
        PORTAL,
        issuer=issuer,
        auth_login_url=f"{where}/authorize",
        token_url=f"{where}/token",
        jwks_url=f"{where}/jwks",
        **changes,
    )


def _claims(product: str, version: str, roles: list[str], line_item: str, line_items: str) -> dict[str, Any]:
    return {
        f"{LTI}tool_platform": {"guid": "b2dd130d4b6e3caa", "product_family_code": product, "version": version},
        f"{LTI}roles": roles,
        AGS: {
            "scope": [f"{SCOPE}lineitem", f"{SCOPE}result.readonly", f"{SCOPE}score"],
            "lineitems": line_items,
            "lineitem": line_item,
        },
    }


CANVAS = "https://canvas.instructure.com"
BRIGHTSPACE = "https://leren.brightspace.com"
BLACKBOARD = "https://blackboard.com"
OPEN_EDX = "https://cursus.example"

KINDS: dict[str, Kind] = {
    "moodle": Kind(  # [M]
        PORTAL,
        _claims(
            "moodle",
            "2024100706",
            [f"{MEMBERSHIP}Learner"],
            f"{ISSUER}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
            f"{ISSUER}/mod/lti/services.php/2/lineitems?type_id=1",
        ),
        {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{ISSUER}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=REMOVED",
            "title": "Breakout game",
            "text": "",
        },
    ),
    "canvas": Kind(  # [S] one issuer for all; [K] the rest
        _portal(CANVAS, "https://sso.canvaslms.com/api/lti"),
        _claims(
            "canvas",
            "cloud",
            [f"{PERSON}Student", f"{MEMBERSHIP}Learner", f"{SYSTEM}User"],
            "https://gemeente.instructure.com/api/lti/courses/12/line_items/7",
            "https://gemeente.instructure.com/api/lti/courses/12/line_items",
        ),
        {
            "deep_link_return_url": "https://gemeente.instructure.com/courses/12/deep_linking_response?modal=true",
            "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
            "accept_presentation_document_targets": ["embed", "iframe", "window"],
            "accept_multiple": True,
            "accept_lineitem": True,
            "auto_create": False,
        },
    ),
    "brightspace": Kind(  # [K]
        _portal(BRIGHTSPACE, "https://auth.brightspace.com/core/connect"),
        _claims(
            "desire2learn",
            "20.26.11",
            [f"{PERSON}Student", f"{PERSON}Learner", f"{MEMBERSHIP}Learner"],
            f"{BRIGHTSPACE}/d2l/api/lti/ags/2.0/deployment/5a0c/orgunit/6605/lineitems/27",
            f"{BRIGHTSPACE}/d2l/api/lti/ags/2.0/deployment/5a0c/orgunit/6605/lineitems",
        ),
        {
            "deep_link_return_url": f"{BRIGHTSPACE}/d2l/le/lti/6605/deeplinking/response",
            "accept_types": ["ltiResourceLink", "link", "html", "image"],
            "accept_presentation_document_targets": ["iframe", "window", "embed"],
            "accept_multiple": True,
            "accept_lineitem": True,
        },
    ),
    "blackboard": Kind(  # [K]
        _portal(BLACKBOARD, "https://developer.blackboard.com/api/v1/gateway"),
        _claims(
            "BlackboardLearn",
            "3900.100.0",
            [f"{MEMBERSHIP}Learner"],
            "https://gemeente.blackboard.com/learn/api/v1/lti/courses/_12_1/lineItems/_7_1",
            "https://gemeente.blackboard.com/learn/api/v1/lti/courses/_12_1/lineItems",
        ),
    ),
    "open-edx": Kind(  # [S] exp after an hour; [K] the rest
        _portal(OPEN_EDX, f"{OPEN_EDX}/api/lti_consumer/v1"),
        _claims(
            "edx",
            "ulmo",
            [f"{MEMBERSHIP}Learner"],
            f"{OPEN_EDX}/api/lti_consumer/v1/lti/3/lti-ags/7",
            f"{OPEN_EDX}/api/lti_consumer/v1/lti/3/lti-ags",
        ),
        lives=3600,
    ),
}

MOODLE_TOKEN = (
    b'{"access_token": "REMOVED", "token_type": "Bearer", "expires_in": 3600, "scope": '
    b'"https://purl.imsglobal.org/spec/lti-ags/scope/lineitem https://purl.imsglobal.org/spec/lti-ags/scope/score"}'
)
MOODLE_UNKNOWN_SCOPE = (400, b'{\n  "error" : "invalid_scope"\n}', {"Content-Type": "text/html; charset=utf-8"})
MOODLE_CANNOT_REACH_KEYS = (
    404,
    b'<!DOCTYPE html>\n\n<html  dir="ltr" lang="en" xml:lang="en">\n<head>\n    <title>Error | leerportaal</title>'
    + b"<p>fix_jwks_alg(): Argument #1 must be of type array, null given</p>".ljust(30_000),
    {"Content-Type": "text/html; charset=utf-8"},
)
MOODLE_SCORE = {"Content-Type": "application/vnd.ims.lis.v1.score+json; charset=utf-8"}
MOODLE_BAD_TOKEN = (
    401,
    b'{\n    "status": 401,\n    "reason": "Unauthorized",\n    "request": {\n        "method": "GET"\n    }\n}',
    {},
)
CANVAS_TOO_MANY = (403, b"403 Forbidden (Rate Limit Exceeded)\n", {"Content-Type": "text/plain"})
LOG_IN = (200, b"\n<html><head><title>Log in</title></head><form action='/login'></form></html>", {})
MAINTENANCE = (503, b"<html><h1>Onderhoud</h1></html>", {"Retry-After": "600"})
