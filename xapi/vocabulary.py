"""The words of our statements: public IRIs, and those that an installation makes under its own base.

Sources: ADL vocabulary (http://adlnet.gov/expapi/), Activity Streams vocabulary
(https://w3id.org/xapi/activity-streams), cmi5 (https://w3id.org/xapi/cmi5), Tin Can registry
(http://id.tincanapi.com). There is no passed or failed: a diagnostic assessment judges nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

ADL = "http://adlnet.gov/expapi"

REGISTERED = f"{ADL}/verbs/registered"
ACKNOWLEDGED = "http://activitystrea.ms/acknowledge"
INITIALIZED = f"{ADL}/verbs/initialized"
ANSWERED = f"{ADL}/verbs/answered"
SCORED = f"{ADL}/verbs/scored"
COMPLETED = f"{ADL}/verbs/completed"
TERMINATED = f"{ADL}/verbs/terminated"
SKIPPED = "http://id.tincanapi.com/verb/skipped"
LAUNCHED = f"{ADL}/verbs/launched"
PROGRESSED = f"{ADL}/verbs/progressed"
VOIDED = f"{ADL}/verbs/voided"

COURSE = f"{ADL}/activities/course"
ASSESSMENT = f"{ADL}/activities/assessment"
ATTEMPT = f"{ADL}/activities/attempt"
INTERACTION = f"{ADL}/activities/cmi.interaction"
OBJECTIVE = f"{ADL}/activities/objective"
LESSON = f"{ADL}/activities/lesson"
PROFILE = f"{ADL}/activities/profile"

PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
"""Whole percentage 0..100 of an activity that is done."""
ASSESSMENT_TYPE = "http://id.tincanapi.com/extension/assessment-type"
"""`pretest` or `posttest`."""

DISPLAY: Mapping[str, Mapping[str, str]] = {
    "registered": {"nl": "nam deel aan", "en": "registered"},
    "acknowledged": {"nl": "las", "en": "acknowledged"},
    "initialized": {"nl": "begon", "en": "initialized"},
    "answered": {"nl": "beantwoordde", "en": "answered"},
    "scored": {"nl": "kreeg een schatting op", "en": "scored"},
    "completed": {"nl": "rondde af", "en": "completed"},
    "terminated": {"nl": "stopte met", "en": "terminated"},
    "skipped": {"nl": "sloeg over", "en": "skipped"},
    "advised": {"nl": "kreeg als advies", "en": "was advised"},
    "launched": {"nl": "opende", "en": "launched"},
    "progressed": {"nl": "kwam verder in", "en": "progressed"},
    "voided": {"nl": "trok in", "en": "voided"},
    "published": {"nl": "publiceerde", "en": "published"},
    "tested": {"nl": "probeerde", "en": "tried"},
}
"""What a reader sees for a verb, by language."""


@dataclass(frozen=True)
class Iris:
    """Our own IRIs, all below one base that is fixed at installation and ends in a slash."""

    base: str

    def __post_init__(self) -> None:
        if not self.base.startswith(("http://", "https://")) or not self.base.endswith("/"):
            raise ValueError("the base of xAPI IRIs is an http(s) address that ends in a slash")

    def _of(self, *parts: str) -> str:
        return self.base + "/".join(quote(part, safe="@:=+,~-._") for part in parts)

    @property
    def profile(self) -> str:
        """The version of our profile that every statement names as its category."""
        return self._of("profile", "v1")

    @property
    def profile_of_all_versions(self) -> str:
        return self._of("profile")

    def home_page(self, tenant: str) -> str:
        """Where the pseudonyms of a tenant are accounts."""
        return self._of("t", tenant)

    def tool(self) -> str:
        """Where the tool itself is an account: the actor of what nobody did."""
        return self._of("tool")

    def groups(self, tenant: str) -> str:
        """Where the groups of a tenant are accounts."""
        return self._of("t", tenant, "groups")

    def verb(self, name: str) -> str:
        return self._of("verb", name)

    def activity_type(self, name: str) -> str:
        return self._of("activitytype", name)

    def extension(self, name: str) -> str:
        return self._of("ext", name)

    def campaign(self, tenant: str, campaign: str) -> str:
        return self._of("t", tenant, "campaign", campaign)

    def start_page(self, version: str) -> str:
        return self._of("start-page", version)

    def assessment(self, package: str) -> str:
        return self._of("assessment", package)

    def attempt(self, attempt: str) -> str:
        return self._of("attempt", attempt)

    def item(self, key: str) -> str:
        """`key` is the item's id@version."""
        return self._of("item", key)

    def domain(self, domain: str) -> str:
        return self._of("domain", domain)

    def module(self, key: str) -> str:
        """`key` is the module's id, with @version where the version matters."""
        return self._of("module", key)

    def figures(self, tenant: str, campaign: str, group: str, snapshot: str) -> str:
        return self._of("t", tenant, "campaign", campaign, "figures", group, snapshot)

    def trial(self, tenant: str) -> str:
        """What a test statement is about."""
        return self._of("t", tenant, "connection")
