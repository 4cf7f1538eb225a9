"""What the running portal has in hand: its people, key, launches, tokens and gradebook, all in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, session

from lti_tool.demo_portal.deep_linking import Questions
from lti_tool.demo_portal.gradebook import Gradebook
from lti_tool.demo_portal.id_token import SCOPES
from lti_tool.demo_portal.invitations import Invitations
from lti_tool.demo_portal.keys import PortalKey, key_of_this_process
from lti_tool.demo_portal.launches import PendingLaunches
from lti_tool.demo_portal.people import Course, Directory, Person, demo_directory
from lti_tool.demo_portal.tokens import Once, TokenDesk, fetch_json

EXTENSION = "demo_portal"


@dataclass
class Portal:
    """One portal at `url` that offers one tool at `tool_url`; both without a trailing slash."""

    url: str
    tool_url: str
    directory: Directory = field(default_factory=demo_directory)
    key: PortalKey = field(default_factory=key_of_this_process)
    launches: PendingLaunches = field(default_factory=PendingLaunches)
    gradebook: Gradebook = field(default_factory=Gradebook)
    questions: Questions = field(default_factory=Questions)
    nonces: Once = field(default_factory=Once)
    """Of the tool's answers to questions."""
    invitations: Invitations = field(default_factory=Invitations)
    tokens: TokenDesk = field(init=False)
    _away: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tokens = TokenDesk(
            token_url=self.token_url,
            scopes_of=self.scopes_of,
            fetch_keys=lambda: fetch_json(self.tool_key_set_url),
        )

    def scopes_of(self, client_id: str) -> frozenset[str] | None:
        """What a registration may do; None: there is no such registration."""
        if any(course.client_id == client_id for course in self.directory.courses):
            return frozenset(SCOPES)
        tools = (tool for course in self.directory.courses for tool in course.tools)
        return next((tool.scopes for tool in tools if tool.client_id == client_id), None)

    def is_away(self, person_id: str) -> bool:
        """Whether somebody is inactive in their course."""
        return person_id in self._away

    def set_away(self, person_id: str, away: bool) -> None:
        """Make somebody inactive, or active again; who is inactive cannot enter the course."""
        if away:
            self._away.add(person_id)
        else:
            self._away.discard(person_id)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def auth_url(self) -> str:
        return f"{self.url}/auth"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    @property
    def key_set_url(self) -> str:
        return f"{self.url}/jwks.json"

    @property
    def configuration_url(self) -> str:
        return f"{self.url}/openid-configuration"

    @property
    def registration_url(self) -> str:
        return f"{self.url}/openid-registration"

    @property
    def tool_login_url(self) -> str:
        return f"{self.tool_url}/lti/login"

    @property
    def tool_launch_url(self) -> str:
        """The target of every launch here, and the only registered redirect address."""
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_key_set_url(self) -> str:
        return f"{self.tool_url}/lti/jwks.json"

    @property
    def tool_origin(self) -> str:
        parts = urlsplit(self.tool_url)
        return f"{parts.scheme}://{parts.netloc}"


def install(app: Flask, portal: Portal) -> None:
    app.extensions[EXTENSION] = portal


def the_portal() -> Portal:
    return cast(Portal, current_app.extensions[EXTENSION])


def who_is_here() -> tuple[Course, Person] | None:
    """The person of the portal's own session, with the course of their municipality."""
    person_id = session.get("person_id")
    return the_portal().directory.find_person(person_id) if isinstance(person_id, str) else None
