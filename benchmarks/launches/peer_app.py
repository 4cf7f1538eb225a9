"""The Flask pattern of PyLTI1p3 2.0.0, as its examples have it; it runs in an environment of its own.

What differs from the examples makes it better: the cache is a dict that forgets nothing, instead of one that
drops nonces from 500 entries on, and the answer is a redirect instead of a page.
"""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask, redirect
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict
from werkzeug.middleware.proxy_fix import ProxyFix


class _Cache:
    """Keeps everything, in the memory of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._kept.get(key)

    def set(self, key: str, value: Any, exp: int | None = None) -> None:
        self._kept[key] = value


app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
cache = _Cache()
registration = json.loads(os.environ["REGISTRATION"])
tool_conf = ToolConfDict(
    {
        registration["issuer"]: [
            {
                "default": True,
                "client_id": registration["client_id"],
                "auth_login_url": registration["auth_login_url"],
                "auth_token_url": registration["token_url"],
                "key_set_url": registration["jwks_url"],
                "key_set": None,
                "deployment_ids": registration["deployment_ids"],
            }
        ]
    }
)


@app.get("/health")
def health() -> str:
    return "ok"


@app.route("/login", methods=["GET", "POST"])
def login() -> Any:
    request, storage = FlaskRequest(), FlaskCacheDataStorage(cache)
    return FlaskOIDCLogin(request, tool_conf, launch_data_storage=storage).redirect(os.environ["LAUNCH_URL"])


@app.post("/launch")
def launch() -> Any:
    request, storage = FlaskRequest(), FlaskCacheDataStorage(cache)
    FlaskMessageLaunch(request, tool_conf, launch_data_storage=storage).get_launch_data()
    return redirect("/start", 303)
