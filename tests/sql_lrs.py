"""An LRS of another maker over HTTP: the built-in one with one key for all, and an administration beside it.

The administration is as the SQL LRS of Yet Analytics describes its own (doc/endpoints.md); that LRS itself is not
among what can be installed from PyPI.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, jsonify, request
from sqlalchemy import Engine

from tests.http_server import running
from xapi.credentials import ANYTHING, Access
from xapi.lrs_server import create_lrs, keys, store

KEY, SECRET = "api-key", "api-secret-é"
ADMIN, ADMIN_PASSWORD = "administrator", "Administrator-1"
TOKEN = "a.token.of-its-own"


class OneKey:
    """Who has the key may write and read everything."""

    def check(self, name: str, password: str) -> Access | None:
        return Access("somebody", ANYTHING, "all") if (name, password) == (KEY, SECRET) else None


@dataclass
class SqlLrs:
    """A running one."""

    url: str
    engine: Engine
    deletes: bool = True
    """LRSQL_ENABLE_ADMIN_DELETE_ACTOR; without it the route is not there."""
    forgets: bool = True
    """Whether it does what it says."""

    def login(self) -> Any:
        known = request.get_json() == {"username": ADMIN, "password": ADMIN_PASSWORD}
        return jsonify({"json-web-token": TOKEN}) if known else (jsonify({"error": "credentials"}), 401)

    def delete(self) -> Any:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return jsonify({"error": "no token"}), 401
        if not self.deletes:
            return jsonify({"error": "no such route"}), 404
        name, _, home_page = request.get_json()["actor-ifi"].removeprefix("account::").partition("@")
        if self.forgets:
            identity = keys.identity({"account": {"homePage": home_page, "name": name}})
            wanted = keys.key("any_agent", str(identity))
            store.erase(self.engine, Access("somebody", "erase", ""), wanted)
        return jsonify({})


@contextmanager
def sql_lrs(folder: Any) -> Iterator[SqlLrs]:
    """One with a database of its own."""
    app: Flask = create_lrs(f"sqlite:///{folder / 'sql-lrs.sqlite3'}", OneKey(), "https://lrs.example")
    lrs = SqlLrs("", app.extensions["lrs_engine"])
    app.add_url_rule("/admin/account/login", view_func=lambda: lrs.login(), endpoint="login", methods=["POST"])
    app.add_url_rule("/admin/agents", view_func=lambda: lrs.delete(), endpoint="delete", methods=["DELETE"])
    with running(app) as url:
        lrs.url = f"{url}/xapi"
        yield lrs
    lrs.engine.dispose()
