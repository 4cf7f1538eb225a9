"""Pictures, films and files of the content, for whoever has a session; nothing of them is the learner's own."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, send_file, url_for

from lti_tool.web.guards import Role, only
from lti_tool.web.wiring import journeys, where

bp = Blueprint("media", __name__)

SHOWN_HERE = ("image/", "video/", "text/vtt")
"""Content types that a page shows; all others are saved, to open with a program of one's own."""


@bp.get("/media/<name>")
@only(Role.LEARNER)
def medium(name: str) -> Response:
    """One file; a browser that has it already asks only whether it is still the same."""
    found, content = journeys().media.medium(where(), f"media/{name}")
    response = send_file(
        BytesIO(content) if isinstance(content, bytes) else content,
        mimetype=found.content_type,
        as_attachment=not found.content_type.startswith(SHOWN_HERE),
        download_name=name,
        etag=found.sha256,
        conditional=True,
        max_age=0,
    )
    response.cache_control.private = True
    return response


def media_url(file: str) -> str:
    """The address of a file of the package that is in play, by its path there."""
    return url_for("media.medium", name=file.removeprefix("media/"))
