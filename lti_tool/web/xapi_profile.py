"""What the IRIs in our statements lead to: the profile as JSON-LD, and a small page for each word in it.

xAPI 1.0.3, Data part, section 2.4.3 asks that an IRI leads to what it means; xAPI Profiles, Part Three, section 1,
that a profile's does (https://github.com/adlnet/xapi-profiles). Nothing here looks at a session or a database.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, json, make_response, render_template, request
from werkzeug.exceptions import NotFound

from lti_tool.web.guards import Role, only
from lti_tool.web.languages import follow_browser, vary
from lti_tool.web.wiring import view
from xapi.profile import CONTEXT, Profile, profile_of

KEPT_FOR = timedelta(hours=1)
JSON_LD = "application/ld+json"
_WORDS = ("verb", "activitytype", "ext", "template", "pattern")
_THINGS = ("item", "domain", "module", "assessment", "attempt", "start-page", "t", "tool")
"""What statements are about: these IRIs only tell one from another."""

bp = Blueprint("xapi_profile", __name__)
bp.before_request(follow_browser)
bp.after_request(vary)


def path_of(iri_base: str) -> str:
    """Where the IRIs of this base are on our host; empty: at the root."""
    return urlsplit(iri_base).path.rstrip("/")


def paths_of(iri_base: str) -> tuple[str, ...]:
    """The starts of all paths of this door."""
    return tuple(f"{path_of(iri_base)}/{name}" for name in ("profile", *(f"{kind}/" for kind in _WORDS + _THINGS)))


@bp.get("/profile")
@bp.get("/profile/v1")
@only(Role.PUBLIC)
def document() -> Response:
    """The profile; its newest version is the only one there is."""
    return _json_ld(_profile().document)


@bp.get(f"/<any({', '.join(_WORDS)}):kind>/<name>")
@only(Role.PUBLIC)
def word(kind: str, name: str) -> Response:
    """A verb, activity type, extension, template or pattern of ours: a page, or JSON-LD for who asks for that."""
    profile = _profile()
    iri = f"{profile.iris.base}{kind}/{quote(name)}"
    found = profile.term(iri)
    if found is None:
        raise NotFound
    if request.accept_mimetypes.best_match(("text/html", JSON_LD, "application/json")) in (None, "text/html"):
        response = make_response(render_template("xapi_word.html", word=found, iri=iri, profile=profile.iri))
        response.cache_control.public, response.cache_control.max_age = True, int(KEPT_FOR.total_seconds())
    else:
        response = _json_ld({"@context": CONTEXT, **found})
    response.vary.add("Accept")
    return response


@bp.get(f"/<any({', '.join(f'{chr(34)}{thing}{chr(34)}' for thing in _THINGS)}):kind>/<path:name>")
@only(Role.PUBLIC)
def thing(kind: str, name: str) -> Response:
    """A question, training, municipality …: whether there is one is not told."""
    raise NotFound


def _profile() -> Profile:
    return profile_of(view().iri_base)


def _json_ld(part: dict[str, Any]) -> Response:
    response = Response(json.dumps(part, ensure_ascii=False, sort_keys=False), mimetype=JSON_LD)
    response.cache_control.public, response.cache_control.max_age = True, int(KEPT_FOR.total_seconds())
    return response
