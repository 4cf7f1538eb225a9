"""Third-party-initiated login and the authentication response: how a click becomes an id_token.

LTI Security Framework 1.0, section 5.1.1: https://www.imsglobal.org/spec/security/v1p0/#platform-originating-messages
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, abort, jsonify, render_template, request
from werkzeug.wrappers import Response

from lti_tool.demo_portal.deep_linking import NOTHING_YET, choice_claims
from lti_tool.demo_portal.id_token import launch_claims
from lti_tool.demo_portal.launches import TARGETS, PendingLaunch
from lti_tool.demo_portal.pages import participant, storage_offer
from lti_tool.demo_portal.people import Activity, Course, Person
from lti_tool.demo_portal.state import Portal, the_portal, who_is_here
from lti_tool.demo_portal.tokens import LIFETIME_SECONDS, TokenRefused

oidc = Blueprint("oidc", __name__)

KEY_SET_MAX_AGE_SECONDS = 300
REPOSTED = "reposted"

# What every authentication request must carry (section 5.1.1.2), in the order in which we look.
FIXED_VALUES = {
    "response_type": ("id_token", "unsupported_response_type"),
    "response_mode": ("form_post", "invalid_request"),
    "prompt": ("none", "invalid_request"),
    "scope": ("openid", "invalid_scope"),
}


@oidc.get("/activity/<activity_id>/launch")
def launch(activity_id: str) -> str:
    """A page that sends itself to the tool's login address (section 5.1.1.1)."""
    course, person, activity = participant(activity_id)
    target = request.args.get("target", "window")
    if target not in TARGETS:
        abort(400, "Dit soort venster kennen we niet.")
    return begin_login(course, person, activity.id, target, f"Naar {activity.title}")


def begin_login(course: Course, person: Person, activity_id: str | None, target: str, button: str) -> str:
    """The page that goes to the tool; without an activity, to let somebody choose one."""
    # Only the pages around a frame have the script that keeps values for the tool.
    storage = {"lti_storage_target": "_parent"} if target == "iframe" and storage_offer() != "none" else {}
    portal = the_portal()
    begun = portal.launches.begin(person.id, activity_id, target, datetime.now(UTC))
    fields = {
        "iss": portal.url,
        "target_link_uri": portal.tool_launch_url,
        "login_hint": person.id,
        "lti_message_hint": begun.hint,
        "client_id": course.client_id,
        "lti_deployment_id": course.deployment_id,
        **storage,
    }
    return _send_on(portal.tool_login_url, fields, button)


@oidc.route("/auth", methods=["GET", "POST"])
def authenticate() -> str:
    """Answer the tool's authentication request with an id_token, or with an OIDC error."""
    asked = request.values.to_dict()
    portal = the_portal()
    course = portal.directory.course_of_client(asked.get("client_id", ""))
    # An unknown client or address is never redirected to: that would hand the answer to a stranger.
    if course is None:
        abort(400, "Het leerportaal kent deze toepassing niet (client_id).")
    if asked.get("redirect_uri", "") != portal.tool_launch_url:
        abort(400, "Dit adres staat niet geregistreerd (redirect_uri).")
    if who_is_here() is None and REPOSTED not in asked:
        # A browser that leaves the portal's cookie out of a request that came by way of another site
        # sends it along when the portal itself posts; Moodle does the same, once.
        return _send_on(portal.auth_url, {**asked, REPOSTED: "1"}, "Verder naar de activiteit")
    return _send_on(portal.tool_launch_url, _answer(asked, portal, course), "Naar de activiteit")


@oidc.get("/jwks.json")
def key_set() -> Response:
    answer = jsonify(the_portal().key.jwks())
    answer.headers["Cache-Control"] = f"public, max-age={KEY_SET_MAX_AGE_SECONDS}"
    return answer


@oidc.post("/token")
def token() -> Response:
    """An access token for the services (RFC 6749, section 5)."""
    portal = the_portal()
    try:
        issued = portal.tokens.issue(request.form.to_dict(), datetime.now(UTC))
    except TokenRefused as refused:
        answer = jsonify(error=refused.error, error_description=refused.description)
        answer.status_code = 400
    else:
        answer = jsonify(
            access_token=issued.value,
            token_type="Bearer",  # noqa: S106 - the kind of token, not a secret
            expires_in=LIFETIME_SECONDS,
            scope=" ".join(sorted(issued.scopes)),
        )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _answer(asked: Mapping[str, str], portal: Portal, course: Course) -> dict[str, str]:
    """The fields to post back: `id_token` or `error`, and the tool's `state` untouched."""
    state = {"state": asked["state"]} if "state" in asked else {}
    for name, (value, error) in FIXED_VALUES.items():
        if asked.get(name) != value:
            return {"error": error, "error_description": f"{name} must be {value}", **state}
    if not asked.get("nonce"):
        return {"error": "invalid_request", "error_description": "nonce is required", **state}
    here = who_is_here()
    if here is None or here[1].id != asked.get("login_hint"):
        return {"error": "login_required", "error_description": "not logged in as login_hint", **state}
    now = datetime.now(UTC)
    begun = portal.launches.take(asked.get("lti_message_hint", ""), here[1].id, now)
    activity = _wanted(begun, course) if begun is not None and here[0].id == course.id else None
    if begun is None or activity is None:
        return {"error": "invalid_request", "error_description": "lti_message_hint is not open", **state}
    claims = launch_claims(
        issuer=portal.url,
        course=course,
        person=here[1],
        activity=activity,
        launch=begun,
        target_link_uri=portal.tool_launch_url,
        nonce=asked["nonce"],
        now=now,
    )
    if activity is NOTHING_YET:
        claims = choice_claims(claims, portal.url, portal.questions.ask(course.id, now))
    return {"id_token": portal.key.sign(claims), **state}


def _wanted(begun: PendingLaunch, course: Course) -> Activity | None:
    return NOTHING_YET if begun.activity_id is None else course.activity(begun.activity_id)


def _send_on(url: str, fields: Mapping[str, str], button: str) -> str:
    """A page with a form that posts itself, and a button for browsers without scripts."""
    return render_template("portal/send_on.html", url=url, fields=fields, button=button)
