"""The tool as it is in production, on a database of its own, with one municipality whose portal is ours."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from cryptography.fernet import Fernet
from flask import Flask
from werkzeug.test import Client

from benchmarks.launches.portal import Portal
from lti_tool.app import Commands, create_app, migrate, settled
from lti_tool.settings import LRS_RIGHTS, Settings

TENANT = "voorbeeldstad"
TOOL_URL = "https://tool.example"
CONTENT = Path(__file__).resolve().parents[2] / "content_packages"
PROOF_COOKIE = "__Host-digivaardig-browser"


def environment(database_url: str, public_url: str = TOOL_URL) -> dict[str, str]:
    """What an operator would set; private portals are let in, because ours is on loopback."""
    return {
        "PUBLIC_URL": public_url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(32),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOW_PRIVATE_PORTALS": "1",
        "BEHIND_PROXY": "1",
        "LRS_KEYS": json.dumps({name: secrets.token_urlsafe(24) for name in LRS_RIGHTS}),
        "CONTENT_DIR": str(CONTENT),
        "FIGURES_EVERY_MINUTES": "0",
        "LOG_LEVEL": "info",
    }


def open_house(folder: Path, portal: Portal, wanted: Mapping[str, str]) -> Flask:
    """The tool on a database with the newest schema, with the municipality in it."""
    values: dict[str, Any] = {name.lower(): value for name, value in wanted.items()}
    settings = Settings(**{**values, "lrs_keys": json.loads(values["lrs_keys"])})
    migrate(settings)
    app = settled(create_app(settings))
    file = folder / f"{TENANT}.yaml"
    file.write_text(yaml.safe_dump(described(portal)))
    commands: Commands = app.extensions["commands"]
    with app.app_context():
        commands.connect.apply(file, datetime.now(UTC))
    return app


def described(portal: Portal) -> dict[str, Any]:
    """The municipality's description file."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    return {
        "id": TENANT,
        "name": "Gemeente Voorbeeldstad",
        "contacts": dict.fromkeys(("helpers", "conversation", "privacy", "incident"), "bel 1234"),
        "portal_marks_seen_by": "de docent van de cursus",
        "works_council": {"consent_on": yesterday.isoformat(), "document": "Besluit OR (verzonnen)"},
        "no_consequences_confirmed_by": "de gemeentesecretaris (verzonnen)",
        "portals": [portal.registration()],
        "campaign": {
            "name": "Digivaardig op je werk",
            "goal": "Iedereen ontdekt wat zij al kunnen en wat zij nog willen leren.",
            "starts_on": yesterday.isoformat(),
        },
    }


@dataclass(frozen=True)
class Begun:
    """A login on its way: what the portal saw of it, and the cookie that this browser was given."""

    state: str
    nonce: str
    proof: str


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and head and body as one text."""

    status: int
    said: str

    @property
    def came_in(self) -> bool:
        return self.status < 400


class Visitor:
    """A browser at the front door of the tool: every request goes through the whole app, as WSGI."""

    def __init__(self, app: Flask, portal: Portal) -> None:
        self._client = Client(app, use_cookies=False)
        self.portal = portal

    def begin(self, proof: str = "") -> Begun:
        """A login of a browser that has been here before: its cookie comes along (a first one is asked twice)."""
        proof = proof or secrets.token_urlsafe(32)
        headers = {"Cookie": f"{PROOF_COOKIE}={proof}"}
        answer = self._client.get(
            "/lti/login", base_url=TOOL_URL, query_string=self.portal.login(), headers=headers
        )
        if answer.status_code != 302:
            raise RuntimeError(f"the login itself is refused: {answer.status_code}")
        seen = parse_qs(urlsplit(answer.headers["Location"]).query)
        return Begun(seen["state"][0], seen["nonce"][0], proof)

    def claims(self, role: str, begun: Begun, person: str = "4") -> dict[str, Any]:
        return self.portal.claims(role, begun.nonce, time.time(), person)

    def launch(self, form: Mapping[str, str], proof: str) -> Answer:
        headers = {"Cookie": f"{PROOF_COOKIE}={proof}"}
        answer = self._client.post("/lti/launch", base_url=TOOL_URL, data=dict(form), headers=headers)
        return Answer(answer.status_code, f"{answer.headers}\n{answer.get_data(as_text=True)}")
