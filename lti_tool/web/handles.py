"""A session without a cookie: its id stands in the path, as `/s/<43 characters>/start`.

Only for a browser that refuses every cookie. The prefix is moved to SCRIPT_NAME (WSGI, PEP 3333) before the app
sees the request, so that `url_for` puts it before every address by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import request

_PREFIX = re.compile(r"(/s/([A-Za-z0-9_-]{43}))/")
_KEY: Final = "digivaardig.handle"

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Handles:
    """The layer around the app that takes a handle out of the path; any other path stays as it is."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        found = _PREFIX.match(path)
        if found is not None:
            environ[_KEY] = found[2]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found[1]
            environ["PATH_INFO"] = path.removeprefix(found[1])
        return self._app(environ, start_response)


def handle() -> str:
    """The handle of this request; empty: none."""
    return str(request.environ.get(_KEY, ""))


def with_handle(session_id: str, address: str) -> str:
    """The address below the handle of a session."""
    return f"/s/{session_id}{without_handle(address)}"


def without_handle(address: str) -> str:
    """An address made by `url_for` in this request, as it is for everybody."""
    return address.removeprefix(f"/s/{handle()}") if handle() else address


def came_from_own_page() -> bool:
    """Whether a page of the tool itself led to this request, and not another site or a typed address."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    # Browsers without Fetch Metadata still send the referrer that our own policy allows.
    host = request.headers.get("Referer", "").partition("://")[2].partition("/")[0]
    return host == request.host
