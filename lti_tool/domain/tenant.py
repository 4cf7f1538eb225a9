"""A municipality and what it has decided: contacts, teams, and the facts that the start page promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Contacts:
    """People to turn to, as shown on the pages."""

    helpers: str
    """Whom a learner asks for help (Digihelden), with how to reach them."""
    conversation: str
    """How to plan the conversation that everybody is offered."""
    privacy: str
    """The privacy officer (functionaris gegevensbescherming)."""
    incident: str
    """Where an incident is reported."""


@dataclass(frozen=True)
class Tenant:
    """One municipality."""

    id: str
    name: str
    contacts: Contacts
    portal_marks_seen_by: str
    """Who in the portal sees 'klaar' (`portaal.zichtbaar_voor`); required, feeds the promise."""
    teams: tuple[str, ...] = ()
    works_council_consent_on: date | None = None
    """When the works council's consent was recorded; without it the campaign stays closed."""
    no_consequences_confirmed_by: str = ""
    """The named person who confirmed that a result has no consequences; empty: not promised."""
    answers_to_operator_lrs: bool = True
    """Whether item answers (id and success only) become statements."""
    greets_by_name: bool = False
    """Whether the first name of a launch is kept in the session, to greet with; it goes nowhere else."""
    roster: bool = False
    """Whether the portal is asked who is in a course (id, status and roles are kept; requirements section 9)."""
    package: str = ""
    """The folder name of its own content package; empty: that of the installation."""
    variables: tuple[tuple[str, str], ...] = ()
    """Further content variables, name and value."""
    tools: frozenset[str] | None = None
    """Which of the tools that content names are in use here; None: all of them, as far as anybody said."""

    def content_variables(self) -> dict[str, str]:
        """What fills `{{…}}` in content texts."""
        return {
            "gemeente.naam": self.name,
            "meldpunt.incident": self.contacts.incident,
            "digihelden.contact": self.contacts.helpers,
            **dict(self.variables),
        }
