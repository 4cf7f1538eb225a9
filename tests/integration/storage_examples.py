"""Databases to open and rows to keep in tests of the storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask

from lti_tool.storage.database import db
from lti_tool.storage.logins import LoginRecord
from tests.factories import NOW

IN_AN_HOUR = NOW + timedelta(hours=1)


@contextmanager
def opened(url: str) -> Iterator[Flask]:
    """A database of its own, opened as the tool opens it."""
    app = Flask("storage")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        yield app
        db.engine.dispose()


def make_login(**changes: Any) -> LoginRecord:
    """A login that was begun and ends in an hour."""
    values: dict[str, Any] = {
        "state": "state",
        "nonce": "nonce",
        "tenant_id": "voorbeeldstad",
        "portal_id": "leerportaal",
        "issuer": "https://leren.voorbeeldstad.example",
        "client_id": "client",
        "target_link_uri": "https://digivaardig.example/lti/launch",
        "browser_proof_hash": "0" * 64,
        "expires_at": IN_AN_HOUR,
    }
    return LoginRecord(**{**values, **changes})
