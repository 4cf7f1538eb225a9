"""Reads who is in a course (Names and Role Provisioning Services 2.0): id, status and roles, never a name.

https://www.imsglobal.org/spec/lti-nrps/v2p0#context-membership

pylti1p3 has this service too, but keeps whole members, and knows no end to pages.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from pydantic import BaseModel, ConfigDict, ValidationError

from lti_tool.domain.roster import ACTIVE, Member
from lti_tool.lti.claims import Id, Line, context_role
from lti_tool.lti.errors import NotServed, PortalUnavailable
from lti_tool.lti.links import NextPageUnusable, next_page
from lti_tool.lti.services import (
    NEEDS_A_PERSON,
    SCOPE_ROSTER,
    NoToken,
    PortalServices,
    is_busy,
    is_page,
    wait_of,
)
from lti_tool.lti.shelves import Portal

MEMBERS_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MAX_PAGE_BYTES: Final = 2 * 1024 * 1024
"""Moodle puts everybody on one page unless it is asked for less: about 300 bytes each."""
MAX_PAGES: Final = 500
MAX_MEMBERS: Final = 25_000
"""More than the largest Dutch municipality employs."""
MAX_SECONDS: Final = 120.0
"""For the whole list; the worker waits for it."""

_ANSWERS: Final = {401: "token_not_accepted", 403: "roster_not_allowed", 404: "roster_gone"}
_ROLES: Final = frozenset(
    {"Administrator", "ContentDeveloper", "Instructor", "Learner", "Mentor", "Manager", "Member", "Officer"}
)
"""Every role in a course that LTI has (core, appendix A.2.3); nothing else is kept."""
_STATUSES: Final = {status.lower(): status for status in (ACTIVE, "Inactive", "Deleted")}


class RosterUnread(NotServed):
    """The list could not be read, or not to its end."""


@dataclass(frozen=True)
class Roster:
    """Everybody on a list, each once."""

    members: tuple[Member, ...]
    skipped: int
    """How many entries did not say whom they are about."""


class _Entry(BaseModel):
    """What is read of a member; names, e-mail addresses and all else are left out here."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    user_id: Id
    status: Line | None = None
    roles: list[Line] | None = None

    def member(self) -> Member:
        # Some portals write a status as a term of a vocabulary. One that nobody knows ends no session.
        said = re.split("[:/#]", self.status or "")[-1].strip().lower()
        roles = _ROLES.intersection(map(context_role, self.roles or ()))
        return Member(self.user_id, _STATUSES.get(said, ACTIVE), tuple(sorted(roles)))


class RosterReader:
    """Reads lists of participants."""

    def __init__(self, services: PortalServices) -> None:
        self._services = services

    def read(
        self, portal: Portal, memberships_url: str, now: datetime, *, resource_link_id: str | None = None
    ) -> Roster:
        """The whole list, page after page. Never inside a transaction.

        Args:
            memberships_url: the `context_memberships_url` of the launch's claim.
            resource_link_id: asks for only those who may open this link (section 3.3, `rlid`).

        Raises:
            RosterUnread: a list that did not come whole is no list.
        """
        url: str | None = _with_link(memberships_url, resource_link_id)
        entries: list[Any] = []
        seen: set[str] = set()
        until = time.monotonic() + MAX_SECONDS
        while url is not None:
            if url in seen:
                raise RosterUnread("pages_in_a_circle", NEEDS_A_PERSON)
            if time.monotonic() > until:
                raise RosterUnread("roster_too_slow")
            seen.add(url)
            answer = self._page(portal, url, now)
            entries += _entries(answer)
            if len(entries) > MAX_MEMBERS or len(seen) > MAX_PAGES:
                raise RosterUnread("roster_too_large", NEEDS_A_PERSON)
            try:
                url = next_page(answer.headers.get("Link"), url)
            except NextPageUnusable as err:
                raise RosterUnread("pages_elsewhere", NEEDS_A_PERSON) from err
        return _roster(entries)

    def _page(self, portal: Portal, url: str, now: datetime) -> requests.Response:
        try:
            answer = self._services.call(
                portal,
                SCOPE_ROSTER,
                "GET",
                url,
                now,
                headers={"Accept": MEMBERS_TYPE},
                max_bytes=MAX_PAGE_BYTES,
            )
        except NoToken as refused:
            raise RosterUnread(refused.reason, refused.retry_after) from refused
        except PortalUnavailable as unavailable:
            raise RosterUnread(unavailable.reason_code) from unavailable
        if is_busy(answer):
            raise RosterUnread("portal_busy", wait_of(answer, now))
        if is_page(answer):
            raise RosterUnread("portal_answered_page", wait_of(answer, now))
        if not answer.ok:
            raise RosterUnread(_ANSWERS.get(answer.status_code, "roster_refused"), NEEDS_A_PERSON)
        return answer


def _with_link(url: str, resource_link_id: str | None) -> str:
    if resource_link_id is None:
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({"rlid": resource_link_id}))))
    return urlunsplit(parts._replace(query=query))


def _entries(answer: requests.Response) -> list[Any]:
    try:
        container = json.loads(answer.content)
    except (ValueError, RecursionError) as err:
        raise RosterUnread("roster_unreadable", NEEDS_A_PERSON) from err
    members = container.get("members") if isinstance(container, dict) else None
    if not isinstance(members, list):
        raise RosterUnread("roster_unreadable", NEEDS_A_PERSON)
    return members


def _roster(entries: Iterable[Any]) -> Roster:
    """Somebody with several entries has the roles of all, and is active when one of them says so."""
    found: dict[str, Member] = {}
    skipped = 0
    for entry in entries:
        try:
            member = _Entry.model_validate(entry).member()
        except ValidationError:
            skipped += 1
            continue
        other = found.get(member.sub)
        found[member.sub] = member if other is None else _one_of(other, member)
    if skipped and not found:
        # A portal that tells who nobody is has not given us its list.
        raise RosterUnread("roster_unreadable", NEEDS_A_PERSON)
    return Roster(tuple(found.values()), skipped)


def _one_of(first: Member, second: Member) -> Member:
    status = ACTIVE if ACTIVE in (first.status, second.status) else second.status
    return Member(first.sub, status, tuple(sorted({*first.roles, *second.roles})))
