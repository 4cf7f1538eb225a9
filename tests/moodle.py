"""A portal that registers tools and answers as a recorded Moodle 4.5.6 does, with or without a network."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lti_tool.lti.dynamic_registration import PLATFORM, TOOL
from tests.unit.lti.portal import jwk_of

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONFIGURATION = "/mod/lti/openid-configuration.php"
REGISTRATION = "/mod/lti/openid-registration.php"
TOKEN = "/mod/lti/token.php"
KEYS = "/mod/lti/certs.php"
LINE_ITEM = "/mod/lti/services.php/2/lineitems/2/lineitem"
MEMBERSHIPS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
PAGE = b'<!DOCTYPE html>\n\n<html dir="ltr"><title>Error | leerportaal</title>' + b"x" * 30_000
TEXT, JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"

Reply = tuple[int, bytes, str]


def configuration(url: str) -> dict[str, Any]:
    """As recorded, with the parts that nobody reads cut short."""
    return {
        "issuer": url,
        "token_endpoint": f"{url}{TOKEN}",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "jwks_uri": f"{url}{KEYS}",
        "authorization_endpoint": f"{url}/mod/lti/auth.php",
        "registration_endpoint": f"{url}{REGISTRATION}",
        "scopes_supported": [
            "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
            f"{AGS}lineitem.readonly",
            f"{AGS}result.readonly",
            f"{AGS}score",
            f"{AGS}lineitem",
            NRPS,
            "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting",
            "openid",
        ],
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": ["Context.id", "Context.title", "Context.id.history", "ResourceLink.id", "User.id"],
        },
    }


@dataclass
class Moodle:
    """Remembers what it was asked; `answers` replaces what it would say at a path."""

    url: str
    active: bool = True
    """Whether somebody activated the tool that was registered last."""
    deployment: bool = True
    answers: dict[str, Reply] = field(default_factory=dict)
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each registration token was used for."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    granted: tuple[str, ...] = (f"{AGS}score", f"{AGS}lineitem.readonly", NRPS)

    def answer(self, method: str, url: str, headers: Any, body: bytes) -> Reply:
        parts = urlsplit(url)
        self.asked.append((method, f"{parts.path}?{parts.query}" if parts.query else parts.path))
        if parts.path in self.answers:
            return self.answers[parts.path]
        if parts.path == CONFIGURATION:
            return _json(configuration(self.url))
        if parts.path == REGISTRATION:
            return self._register(method, headers, body)
        if parts.path == TOKEN:
            return self._token(parse_qs(body.decode()))
        if parts.path == KEYS:
            return _json({"keys": [jwk_of()]})
        if not headers.get("Authorization", "").startswith("Bearer "):
            return _json({"status": 401, "reason": "Unauthorized"}, 401)
        if parts.path == LINE_ITEM:
            return _json({"id": f"{self.url}{LINE_ITEM}?type_id=1", "label": "Digivaardig", "scoreMaximum": 100})
        if parts.path == MEMBERSHIPS:
            member = {"status": "Active", "roles": ["Learner"], "user_id": "5", "name": "Fatima El Amrani"}
            return _json({"id": url, "context": {"id": "2"}, "members": [member]})
        return 404, PAGE, TEXT

    def _register(self, method: str, headers: Any, body: bytes) -> Reply:
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return 401, b"missing_registration_token", TEXT
        if method != "POST" or token in self.registered:
            return 401, b"token_already_used", TEXT
        asked = json.loads(body)
        for name in ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", TOOL):
            if not asked.get(name):
                return 400, f"missing required attribute {name}".encode(), TEXT
        settings = asked[TOOL]
        if settings["domain"] != urlsplit(settings["target_link_uri"]).netloc:
            return 400, b"domain_targetlinkuri_mismatch", TEXT
        self.registered[token] = asked
        said = {"deployment_id": "7"} if self.deployment else {}
        given = {"client_id": f"client-{token}", "scope": asked["scope"], TOOL: said}
        return _json({**asked, **given})

    def _token(self, form: dict[str, list[str]]) -> Reply:
        if not self.active:
            return 400, b'{\n  "error" : "invalid_client"\n}', TEXT
        if form["scope"][0] not in self.granted:
            return 400, b'{\n  "error" : "invalid_scope"\n}', TEXT
        return _json({"access_token": "abc.def", "token_type": "Bearer", "expires_in": 3600})


def _json(value: Any, status: int = 200) -> Reply:
    return status, json.dumps(value).encode(), JSON


class Network(BaseAdapter):
    """The portal behind the real `requests`, without a network."""

    def __init__(self, moodle: Moodle) -> None:
        super().__init__()
        self._moodle = moodle

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        sent = request.body or b""
        sent = sent.encode() if isinstance(sent, str) else sent
        status, body, kind = self._moodle.answer(str(request.method), str(request.url), request.headers, sent)
        raw = HTTPResponse(io.BytesIO(body), {"Content-Type": kind}, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def running() -> Iterator[Moodle]:
    """The portal behind a real address on this machine."""

    def app(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        status, body, kind = moodle.answer(request.method, request.url, request.headers, request.get_data())
        return Response(body, status, content_type=kind)(environ, start_response)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    moodle = Moodle(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield moodle
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
