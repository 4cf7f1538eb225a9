"""Dynamic registration as Moodle does it: a configuration, a token that works once, errors as plain text.

LTI Dynamic Registration 1.0: https://www.imsglobal.org/spec/lti-dr/v1p0
"""

from __future__ import annotations

import itertools
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from lti_tool.demo_portal.id_token import PRODUCT, SCOPES
from lti_tool.demo_portal.pages import administrator
from lti_tool.demo_portal.people import Activity, Tool
from lti_tool.demo_portal.state import Portal, the_portal

tools = Blueprint("tools", __name__)

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
FIRST_NUMBER = 1001
"""Of activities, columns and deployments that come with a registration; those of the directory are below."""

_numbers = itertools.count(FIRST_NUMBER)


class RegistrationWrong(Exception):
    """The request for a registration is not good; its text is the code that goes back."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@tools.get("/openid-configuration")
def configuration() -> Response:
    portal = the_portal()
    return jsonify(
        {
            "issuer": portal.url,
            "authorization_endpoint": portal.auth_url,
            "token_endpoint": portal.token_url,
            "jwks_uri": portal.key_set_url,
            "registration_endpoint": portal.registration_url,
            "scopes_supported": ["openid", *SCOPES],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            PLATFORM: {
                "product_family_code": PRODUCT,
                "version": "1",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
                "variables": ["Context.id", "Context.title", "ResourceLink.id", "User.id"],
            },
        }
    )


@tools.post("/openid-registration")
def register() -> Response:
    portal, now = the_portal(), datetime.now(UTC)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer":
            raise RegistrationWrong("missing_registration_token", 401)
        course_id = portal.invitations.find(token, now)
        if course_id is None:
            raise RegistrationWrong("token_already_used", 401)
        asked = _checked(request.get_json(silent=True, force=True), portal)
        if not portal.invitations.take(token):
            raise RegistrationWrong("token_already_used", 401)
    except RegistrationWrong as wrong:
        return Response(wrong.code, wrong.status, content_type="text/html; charset=utf-8")
    number = str(next(_numbers))
    scopes = frozenset(str(asked.get("scope", "")).split()) & frozenset(SCOPES)
    activity = Activity(
        number, f"{asked['client_name']}, zelf gekoppeld", str(_part(asked).get("description", "")), number
    )
    tool = Tool(f"tool-{secrets.token_hex(6)}", number, scopes, activity)
    portal.directory.add_tool(course_id, tool)
    settings = {**_part(asked), "deployment_id": tool.deployment_id}
    return jsonify({**asked, "client_id": tool.client_id, "scope": " ".join(sorted(scopes)), TOOL: settings})


@tools.get("/course/<course_id>/connect")
def connect(course_id: str) -> str:
    course, _ = administrator(course_id)
    return render_template("portal/connect.html", course=course, address="", frame="", needed="")


@tools.post("/course/<course_id>/connect")
def open_tool(course_id: str) -> str | tuple[str, int]:
    """The application in a frame, with what it needs to register itself."""
    course, _ = administrator(course_id)
    portal, address = the_portal(), request.form.get("address", "").strip()
    if not address.startswith(f"{portal.tool_origin}/"):
        needed = f"Dit voorbeeldportaal koppelt alleen de toepassing op {portal.tool_origin}."
        return render_template("portal/connect.html", course=course, address=address, frame="", needed=needed), 422
    query = {
        "openid_configuration": portal.configuration_url,
        "registration_token": portal.invitations.make(course.id, datetime.now(UTC)),
    }
    joint = "&" if urlsplit(address).query else "?"
    frame = f"{address}{joint}{urlencode(query)}"
    return render_template("portal/connect.html", course=course, address=address, frame=frame, needed="")


def _checked(asked: object, portal: Portal) -> dict[str, Any]:
    """The registration, when this portal can use it; in the order in which Moodle looks."""
    if not isinstance(asked, dict):
        raise RegistrationWrong("missing required attribute response_types")
    for name in ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", TOOL):
        if not asked.get(name):
            raise RegistrationWrong(f"missing required attribute {name}")
    if "id_token" not in _texts(asked["response_types"]):
        raise RegistrationWrong("invalid_response_types")
    if asked.get("token_endpoint_auth_method") != "private_key_jwt":
        raise RegistrationWrong("invalid_token_endpoint_auth_method")
    target = str(_part(asked).get("target_link_uri", ""))
    if urlsplit(target).netloc != _part(asked).get("domain"):
        raise RegistrationWrong("domain_targetlinkuri_mismatch")
    # It offers one application only, so its addresses are known.
    if target != portal.tool_launch_url or portal.tool_launch_url not in _texts(asked["redirect_uris"]):
        raise RegistrationWrong("invalid_redirect_uris")
    if (asked["initiate_login_uri"], asked["jwks_uri"]) != (portal.tool_login_url, portal.tool_key_set_url):
        raise RegistrationWrong("invalid_initiate_login_uri")
    return asked


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _part(asked: dict[str, Any]) -> dict[str, Any]:
    part = asked[TOOL]
    if not isinstance(part, dict):
        raise RegistrationWrong(f"missing required attribute {TOOL}")
    return part
