"""Asking the tool what comes on a course page, as a real Moodle 4.5 does, and reading its signed answer.

LTI deep linking 2.0: https://www.imsglobal.org/spec/lti-dl/v2p0/. Moodle says nothing of line items and gives
no data; this portal says and gives both, as Canvas and Brightspace do.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from lti_tool.demo_portal.id_token import LTI
from lti_tool.demo_portal.people import Activity

LTI_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LIFETIME = timedelta(hours=1)
"""Somebody may think about it; after that the question is closed."""
MOST_ITEMS = 50
LONGEST = 1000
MAX_ANSWER_LIFE = timedelta(hours=1)
NOTHING_YET = Activity("", "", "", line_item_id=None)
"""What a launch is about while nobody has chosen an activity."""


class AnswerRefused(Exception):
    """The tool's answer is not good; the message says why, in Dutch."""


@dataclass(frozen=True)
class Question:
    """What was asked for a course; `key` stands in the return address, as Moodle's session key does."""

    key: str
    data: str
    course_id: str
    asked_at: datetime


class Questions:
    """Open questions by key; safe to use from several threads."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}
        self._lock = threading.Lock()

    def ask(self, course_id: str, now: datetime) -> Question:
        question = Question(secrets.token_urlsafe(16), secrets.token_urlsafe(24), course_id, now)
        with self._lock:
            self._open = {k: q for k, q in self._open.items() if now - q.asked_at < LIFETIME}
            self._open[question.key] = question
        return question

    def find(self, key: str, course_id: str, now: datetime) -> Question | None:
        with self._lock:
            question = self._open.get(key)
        known = question is not None and question.course_id == course_id and now - question.asked_at < LIFETIME
        return question if known else None


@dataclass(frozen=True)
class Answer:
    """What the tool answered: activities without an id yet."""

    nonce: str
    expires: int
    activities: tuple[Activity, ...]
    message: str


def choice_claims(launch: Mapping[str, Any], issuer: str, question: Question) -> dict[str, Any]:
    """The claims of a launch, made into a question: there is no link yet, and no column."""
    claims = {name: value for name, value in launch.items() if name != f"{LTI}resource_link"}
    return {
        **claims,
        f"{LTI}message_type": "LtiDeepLinkingRequest",
        f"{LTI}launch_presentation": {"locale": "nl"},
        f"{LTI_DL}deep_linking_settings": {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_lineitem": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{issuer}/course/{question.course_id}/add/return?key={question.key}",
            "title": "",
            "text": "",
            "data": question.data,
        },
    }


def read_answer(
    token: str,
    *,
    key_of_tool: Callable[[str], jwt.PyJWK],
    issuer: str,
    client_id: str,
    deployment_id: str,
    data: str,
    tool_origin: str,
) -> Answer:
    """The answer, when everything about it is right; whether its nonce is new is for the caller.

    Raises:
        AnswerRefused: it is not; nothing may be placed.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        claims: dict[str, Any] = jwt.decode(
            token,
            key_of_tool(str(kid)),
            algorithms=["RS256"],
            audience=issuer,
            issuer=client_id,
            options={"require": ["iss", "aud", "iat", "exp", "nonce"]},
        )
    except jwt.InvalidTokenError as err:
        raise AnswerRefused(f"De handtekening of de inhoud klopt niet ({type(err).__name__}).") from err
    if int(claims["exp"]) - int(claims["iat"]) > MAX_ANSWER_LIFE.total_seconds():
        raise AnswerRefused("Het antwoord is te lang geldig.")
    expected = {
        f"{LTI}message_type": "LtiDeepLinkingResponse",
        f"{LTI}version": "1.3.0",
        f"{LTI}deployment_id": deployment_id,
        f"{LTI_DL}data": data,
    }
    for name, value in expected.items():
        if claims.get(name) != value:
            raise AnswerRefused(f"Dit hoort niet bij deze vraag ({name.rpartition('/')[2]}).")
    items = claims.get(f"{LTI_DL}content_items")
    if not (isinstance(items, list) and len(items) <= MOST_ITEMS and isinstance(claims["nonce"], str)):
        raise AnswerRefused("De lijst van activiteiten klopt niet.")
    message = claims.get(f"{LTI_DL}msg")
    activities = tuple(_activity(item, tool_origin) for item in items)
    return Answer(claims["nonce"], int(claims["exp"]), activities, message if isinstance(message, str) else "")


def _activity(item: Any, tool_origin: str) -> Activity:
    if not isinstance(item, dict) or item.get("type") != "ltiResourceLink":
        raise AnswerRefused("Dit portaal neemt alleen links van LTI aan.")
    custom, icon = item.get("custom", {}), item.get("icon", {})
    if not isinstance(custom, dict) or not isinstance(icon, dict):
        raise AnswerRefused("Een activiteit klopt niet (custom, icon).")
    addresses = [_text(address) for address in (item.get("url", ""), icon.get("url", ""))]
    if not all(address == "" or address.startswith(f"{tool_origin}/") for address in addresses):
        raise AnswerRefused("Een activiteit heeft een adres buiten de toepassing.")
    title = _text(item.get("title", ""))
    if not title:
        raise AnswerRefused("Een activiteit heeft geen titel.")
    column = _column(item["lineItem"]) if "lineItem" in item else {"line_item_id": None}
    return Activity(
        id="",
        title=title,
        description=_text(item.get("text", "")),
        custom={_text(name): _text(value) for name, value in custom.items()},
        icon=addresses[1],
        **column,
    )


def _column(line_item: Any) -> dict[str, Any]:
    maximum = line_item.get("scoreMaximum") if isinstance(line_item, dict) else None
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not 0 < maximum < 1e6:
        raise AnswerRefused("Een kolom voor cijfers klopt niet (scoreMaximum).")
    return {
        "line_item_id": "new",
        "score_maximum": float(maximum),
        "resource_id": _text(line_item.get("resourceId", "")),
        "tag": _text(line_item.get("tag", "")),
    }


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise AnswerRefused("Een tekst van een activiteit klopt niet.")
    return value
