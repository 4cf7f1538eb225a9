"""A second portal, written by others: lti1p3platform (OpenLearning) with just enough pages around it.

What it says in a launch, how it signs, and how it gives and checks access tokens is the library's; it shares
nothing with the demo portal. It keeps the scores that arrive, and gives its list of participants in two pages.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, abort, jsonify, redirect, render_template_string, request
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
CLIENT, DEPLOYMENT, COURSE = "openlearning-client", "openlearning-deployment", "course-9"
PEOPLE = {"learner-7": "Learner", "learner-8": "Learner", "teacher-1": "Instructor"}
ON_ONE_PAGE = 2

FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Course 9</title>
<link rel="icon" href="data:,"></head><body><h1>Course 9</h1>
<iframe src="/start/{{ person }}" width="1000" height="700" title="Activity"></iframe></body></html>"""
SENDS_ITSELF = """<!doctype html><title>One moment</title><form method="post" action="{{ launch_url }}">
<input type="hidden" name="state" value="{{ state }}"><input type="hidden" name="id_token" value="{{ id_token }}">
</form><script>document.forms[0].submit()</script>"""


class _Asked(Request):
    """The library's request, made from Flask's."""

    def build_metadata(self, request: Any) -> Any:
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": request.args.to_dict(),
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": None,
        }


class _Config(LTI1P3PlatformConfAbstract):
    """One registration."""

    def init_platform_config(self, **kwargs: Any) -> None:
        self._registration = kwargs["registration"]

    def get_registration_by_params(self, **kwargs: Any) -> Registration:
        assert self._registration is not None
        return self._registration


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **kwargs: Any) -> None:
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url: str) -> Any:
        return redirect(url)


class _Launch(LTIAdvantageMessageLaunchAbstract):
    def render_launch_form(self, launch_data: dict[str, Any], **kwargs: Any) -> str:
        return render_template_string(SENDS_ITSELF, **launch_data)


class SecondPlatform:
    """The portal's pages and services, and what arrived there."""

    def __init__(self, url: str, tool_url: str) -> None:
        self.url, self.launch_url = url, f"{tool_url}/lti/launch"
        key = rsa.generate_private_key(65537, 2048)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        registration = Registration().set_iss(url).set_client_id(CLIENT).set_deployment_id(DEPLOYMENT)
        registration.set_oidc_login_url(f"{tool_url}/lti/login").set_launch_url(self.launch_url)
        registration.set_tool_key_set_url(f"{tool_url}/lti/jwks.json")
        registration.set_platform_private_key(private.decode()).set_platform_public_key(public.decode())
        self.config = _Config(registration=registration)
        self.scores: list[dict[str, Any]] = []
        self.read_with: list[str] = []
        """The Accept header of each time that a page of the list of participants was read."""
        self.app = Flask("second_platform")
        for rule, view in {
            "/course/<person>": self.course,
            "/start/<person>": self.start,
            "/auth": self.auth,
            "/keys": lambda: self.config.get_jwks(),
            "/memberships": self.memberships,
        }.items():
            self.app.add_url_rule(rule, rule, view)
        self.app.add_url_rule("/token", "token", self.token, methods=["POST"])
        self.app.add_url_rule("/lineitems/5/scores", "scores", self.take_score, methods=["POST"])

    def registration(self) -> dict[str, Any]:
        """As an administrator would copy it from this portal."""
        return {
            "issuer": self.url,
            "client_id": CLIENT,
            "auth_login_url": f"{self.url}/auth",
            "token_url": f"{self.url}/token",
            "jwks_url": f"{self.url}/keys",
            "deployment_ids": [DEPLOYMENT],
        }

    def course(self, person: str) -> str:
        return render_template_string(FRAME, person=person)

    def start(self, person: str) -> Any:
        login = _Login(_Asked(request), self.config)
        login.set_lti_message_hint(hint=f"activity 5 for {person}")
        return login.initiate_login(person)

    def auth(self) -> Any:
        person = request.args["login_hint"]
        if person not in PEOPLE or request.args["redirect_uri"] != self.launch_url:
            abort(400)
        launch = _Launch(_Asked(request), self.config)
        launch.set_user_data(person, [f"{MEMBERSHIP}{PEOPLE[person]}"], f"Name of {person}", f"{person}@x.example")
        launch.set_resource_link_claim("link-5", title="Activity 5")
        launch.set_launch_context_claim(COURSE, ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"])
        launch.set_launch_presentation_claim("iframe", f"{self.url}/course/{person}")
        launch.set_ags(f"{self.url}/lineitems", f"{self.url}/lineitems/5")
        launch.set_nrps(f"{self.url}/memberships")
        return launch.lti_launch()

    def token(self) -> Any:
        return jsonify(self.config.get_access_token(request.form.to_dict()))

    def take_score(self) -> Any:
        self._check_token(SCORE)
        self.scores.append(request.get_json(force=True))
        return "", 204

    def memberships(self) -> Response:
        self._check_token(MEMBERSHIPS)
        self.read_with.append(request.headers["Accept"])
        first = int(request.args.get("from", 0))
        people = list(PEOPLE.items())
        members = [
            {"user_id": person, "roles": [role], "status": "Active", "name": f"Name of {person}"}
            for person, role in people[first : first + ON_ONE_PAGE]
        ]
        answer = jsonify({"id": request.url, "context": {"id": COURSE}, "members": members})
        answer.content_type = CONTAINER
        if first + ON_ONE_PAGE < len(people):
            answer.headers["Link"] = f'<{self.url}/memberships?from={first + ON_ONE_PAGE}>; rel="next"'
        return answer

    def _check_token(self, scope: str) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.config.validate_token(token, [scope]):
            abort(403)
