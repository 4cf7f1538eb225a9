"""Does a registration work? The portal's keys, and each service with a token of its own; nothing is ever written.

Names and Role Provisioning Services 2.0: https://www.imsglobal.org/spec/lti-nrps/v2p0/#membership-container-media-type
Assignment and Grade Services 2.0: https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service

The list of participants is asked for one member, and what the portal answers is dropped once its shape was seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic_core import from_json

from lti_tool.lti.errors import WORKS, PortalUnavailable
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.platform_keys import fetch_keys
from lti_tool.lti.services import (
    SCOPE_LINE_ITEM_READ,
    SCOPE_ROSTER,
    SCOPE_SCORE,
    NoToken,
    PortalServices,
    is_busy,
    is_page,
)
from lti_tool.lti.shelves import Portal

Colour = Literal["green", "red", "grey"]
Service = Literal["keys", "marks", "line_item", "roster"]
SERVICES: Final[tuple[Service, ...]] = ("keys", "marks", "line_item", "roster")

ROSTER_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LINE_ITEM_TYPE: Final = "application/vnd.ims.lis.v2.lineitem+json"

_ANSWERS: Final = {401: "token_not_accepted", 403: "not_allowed", 404: "place_gone"}
_OPTIONAL: Final = frozenset({"line_item", "roster"})
"""Without these 'klaar' can be told all the same: where they are not granted, nothing is wrong."""


@dataclass(frozen=True)
class Finding:
    """How one service does."""

    service: Service
    colour: Colour
    reason: str
    """A key of `SERVICE_REASONS`."""


@dataclass(frozen=True)
class Places:
    """What is known of a portal's courses; None: nobody came, or the portal does not offer it."""

    course_seen: bool
    memberships_url: str | None
    line_item_url: str | None


class SelfCheck:
    """Asks a portal's services."""

    def __init__(self, http: Outgoing, tool_keys: ToolKeys) -> None:
        self._http = http
        self._tool_keys = tool_keys

    def run(self, portal: Portal, places: Places, now: datetime) -> tuple[Finding, ...]:
        """One finding for each of `SERVICES`; never inside a transaction. A portal makes it raise nothing."""
        # With services of its own: a token from before something was switched off says nothing about today.
        look = _Look(self._http, PortalServices(self._http, self._tool_keys), portal, now)
        findings = [
            _finding("keys", look.keys()),
            _finding("marks", look.token(SCOPE_SCORE)),
            _finding(
                "line_item", look.place(SCOPE_LINE_ITEM_READ, places.line_item_url, LINE_ITEM_TYPE, _is_line_item)
            ),
            _finding("roster", look.place(SCOPE_ROSTER, _of_one(places.memberships_url), ROSTER_TYPE, _is_roster)),
        ]
        if not places.course_seen:
            findings = [_unseen(finding) for finding in findings]
        return tuple(findings)


class _Look:
    def __init__(self, http: Outgoing, services: PortalServices, portal: Portal, now: datetime) -> None:
        self._http = http
        self._services = services
        self._portal = portal
        self._now = now
        self._away = ""
        """Why no token can be had from this portal; it is not waited for again."""

    def keys(self) -> str:
        try:
            keys, _ = fetch_keys(self._portal, self._http, self._now)
        except PortalUnavailable as err:
            return err.reason_code
        return WORKS if keys else "portal_has_no_keys"

    def token(self, scope: str) -> str:
        if self._away:
            return self._away
        try:
            self._services.token(self._portal, scope, self._now)
        except NoToken as err:
            return err.reason
        except PortalUnavailable as err:
            self._away = err.reason_code
            return err.reason_code
        return WORKS

    def place(self, scope: str, url: str | None, media_type: str, fits: Callable[[Any], bool]) -> str:
        reason = self.token(scope)
        if reason != WORKS:
            return reason
        if url is None:
            return "not_offered"
        try:
            answer = self._services.call(
                self._portal, scope, "GET", url, self._now, headers={"Accept": media_type}
            )
        except NoToken as err:
            return err.reason
        except PortalUnavailable as err:
            return err.reason_code
        if is_busy(answer):
            return "portal_busy"
        if not answer.ok:
            return _ANSWERS.get(answer.status_code, "service_refused")
        if is_page(answer):
            return "portal_answered_page"
        try:
            return WORKS if fits(from_json(answer.content)) else "answer_unreadable"
        except ValueError:
            return "answer_unreadable"


def _finding(service: Service, reason: str) -> Finding:
    if reason == WORKS:
        return Finding(service, "green", reason)
    grey = reason == "not_offered" or (reason == "scope_not_granted" and service in _OPTIONAL)
    return Finding(service, "grey" if grey else "red", reason)


def _unseen(finding: Finding) -> Finding:
    return Finding(finding.service, "grey", "no_course_seen") if finding.reason == "not_offered" else finding


def _is_line_item(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def _is_roster(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("members"), list)


def _of_one(memberships_url: str | None) -> str | None:
    """One participant is enough to know that it works (NRPS 2.0, section 2.4.1)."""
    if memberships_url is None:
        return None
    parts = urlsplit(memberships_url)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "limit"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("limit", "1")]), fragment=""))
