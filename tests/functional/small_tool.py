"""The smallest LTI 1.3 tool that keeps the rules: what the demo portal's tests launch."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from flask import Flask, Response, abort, make_response, redirect, request
from jwcrypto import jwk
from werkzeug.serving import make_server

PROOF = "__Host-proof"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"


class SmallTool:
    """Keeps the claims of every good launch, and can send a score with them."""

    def __init__(self, portal_url: str) -> None:
        self.portal_url = portal_url
        self.key = jwk.JWK.generate(kty="RSA", size=2048)
        self.launches: list[dict[str, Any]] = []
        self._open: dict[str, tuple[str, str]] = {}  # state -> (nonce, browser proof)
        self.app = Flask(__name__)
        self.app.add_url_rule("/lti/login", view_func=self.login, methods=["POST"])
        self.app.add_url_rule("/lti/launch", view_func=self.launch, methods=["POST"])
        self.app.add_url_rule("/lti/jwks.json", view_func=self.key_set)
        self.app.add_url_rule("/start", view_func=self.start)

    def login(self) -> Response:
        state, nonce, proof = (secrets.token_urlsafe(16) for _ in range(3))
        self._open[state] = (nonce, proof)
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": request.form["client_id"],
            "redirect_uri": request.form["target_link_uri"],
            "login_hint": request.form["login_hint"],
            "lti_message_hint": request.form["lti_message_hint"],
            "state": state,
            "nonce": nonce,
        }
        answer = make_response(redirect(f"{self.portal_url}/auth?{urlencode(query)}", 302))
        answer.set_cookie(PROOF, proof, secure=True, httponly=True, samesite="None", partitioned=True)
        return answer

    def launch(self) -> Response:
        if "error" in request.form:
            abort(401, request.form["error"])
        nonce, proof = self._open.pop(request.form["state"])
        if request.cookies.get(PROOF) != proof:
            abort(401, "another browser")
        token = request.form["id_token"]
        keys = jwt.PyJWKSet.from_dict(requests.get(f"{self.portal_url}/jwks.json", timeout=5).json())
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(k for k in keys.keys if k.key_id == kid)
        audience = jwt.decode(token, options={"verify_signature": False})["aud"]
        claims = jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer=self.portal_url)
        if claims["nonce"] != nonce:
            abort(401, "nonce")
        self.launches.append(claims)
        return self.entered(claims)

    def entered(self, claims: dict[str, Any]) -> Response:
        """Where a good launch leads; here a tool may begin its own session."""
        return redirect("/start", 303)  # type: ignore[return-value]

    def start(self) -> str:
        proven = PROOF in request.cookies
        return f"<!doctype html><html lang=nl><title>Start</title><h1>Welkom {'terug' if proven else ''}</h1>"

    def key_set(self) -> dict[str, Any]:
        public = self.key.export_public(as_dict=True)
        return {"keys": [{**public, "kid": self.key.thumbprint(), "alg": "RS256", "use": "sig"}]}

    def token(self, client_id: str, scope: str) -> str:
        now = int(time.time())
        assertion = jwt.encode(
            {
                "iss": client_id,
                "sub": client_id,
                "aud": f"{self.portal_url}/token",
                "iat": now,
                "exp": now + 60,
                "jti": secrets.token_urlsafe(16),
            },
            self.key.export_to_pem(private_key=True, password=None).decode(),
            algorithm="RS256",
            headers={"kid": self.key.thumbprint()},
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            "scope": scope,
        }
        answer = requests.post(f"{self.portal_url}/token", data=form, timeout=5)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def send_completion(self, claims: dict[str, Any]) -> requests.Response:
        """Post 'klaar' to the line item of this launch."""
        before, _, query = claims[AGS]["lineitem"].partition("?")
        return requests.post(
            f"{before}/scores?{query}",
            json={
                "userId": claims["sub"],
                "scoreGiven": 1,
                "scoreMaximum": 1,
                "activityProgress": "Completed",
                "gradingProgress": "FullyGraded",
                "timestamp": datetime.now(UTC).isoformat(),
            },
            headers={
                "Authorization": f"Bearer {self.token(claims['aud'], SCORE)}",
                "Content-Type": "application/vnd.ims.lis.v1.score+json",
            },
            timeout=5,
        )


@contextmanager
def serving(app: Flask, host: str, port: int) -> Iterator[None]:
    """The application on a real port while the block runs."""
    server = make_server(host, port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
