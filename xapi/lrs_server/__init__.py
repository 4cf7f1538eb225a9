"""The built-in LRS: the Statements and About resources of xAPI 1.0.3, exact; the only Flask in xapi."""

from __future__ import annotations

from flask import Flask

from xapi.engine import make_engine
from xapi.lrs_server.resource import Doorkeeper, lrs_blueprint
from xapi.lrs_server.schema import SCHEMA

__all__ = ["SCHEMA", "create_lrs", "lrs_blueprint"]


def create_lrs(database_url: str, credentials: Doorkeeper, home_page: str) -> Flask:
    """The LRS as an app of its own, at /xapi; brings its database to the newest schema."""
    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    app = Flask("xapi.lrs_server", static_folder=None)
    app.extensions["lrs_engine"] = engine
    app.register_blueprint(lrs_blueprint(lambda: engine, credentials, home_page), url_prefix="/xapi")
    return app
