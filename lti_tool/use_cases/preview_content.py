"""An author sees a package in the real pages, as it stands at this moment, in a municipality made up from it."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from lti_tool.content_library import ContentBroken, Look, WatchedPackage
from lti_tool.domain import scoring
from lti_tool.domain.campaign import DEFAULT_ID, DEFAULT_LENGTH, Campaign
from lti_tool.domain.content import Item, Package
from lti_tool.domain.modules import Module
from lti_tool.domain.people import Identity, Participation
from lti_tool.domain.tenant import Contacts, Tenant
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import new_id, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.choose_content import ChooseContent, Release, build_bank, policy_of
from lti_tool.use_cases.take_assessment import Feedback, Question, feedback_on

TENANT_ID, PORTAL_ID = "voorbeeld", "voorbeeld"
NOWHERE = "https://portaal.invalid"
"""The made-up municipality has a portal, from which nothing ever comes."""
EXAMPLES = {
    "gemeente.naam": "Gemeente Voorbeeldstad",
    "digihelden.contact": "digihelden@voorbeeldstad.example",
    "meldpunt.incident": "Meldpunt ICT, 14 0000",
}
"""For a package that declares no such variable."""


class ChangingContent(ChooseContent):
    """The package as it stands now, and the last good one while it is broken, whoever asks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._watched = WatchedPackage(folder)
        self._made: Release | None = None

    def look(self) -> Look:
        """What there is, and what is wrong with it."""
        return self._watched.look()

    def prepare(self, now: datetime) -> None:
        self.look()

    def installed(self) -> Package:
        look = self.look()
        if look.package is None:
            raise ContentBroken(look.problems)
        return look.package

    def package_for(self, tenant: Tenant) -> Package:
        return self.installed()

    def release_for(self, tenant: Tenant, campaign: Campaign) -> Release:
        package, made = self.installed(), self._made
        if made is None or made.package is not package:
            made = self._made = Release(package, build_bank(package, None), policy_of(package))
        return made


@dataclass(frozen=True)
class PackageContents:
    """All that can be previewed."""

    package: Package
    items: Mapping[str, tuple[Item, ...]]
    """Name of a domain → its items, in order of id."""
    modules: tuple[Module, ...]


class PreviewContent:
    """What an author does; nothing of it is counted or told to anybody."""

    def __init__(self, content: ChangingContent, seal: Seal) -> None:
        self._content = content
        self._seal = seal

    def look(self) -> Look:
        """The package now; it may be broken."""
        return self._content.look()

    def contents(self, language: str) -> PackageContents:
        """Raises ContentBroken: there never was a good one."""
        package = self._content.installed()
        framework = package.framework
        items = sorted(package.items.values(), key=lambda item: item.id)
        return PackageContents(
            package,
            {
                framework.domain_name(domain.id, language): tuple(i for i in items if i.domain == domain.id)
                for domain in framework.domains
            },
            tuple(sorted(package.modules.values(), key=lambda module: module.id)),
        )

    def question(self, item_id: str, seed: str) -> Question:
        """Any item of the package. Raises UnknownItem."""
        return Question(self._content.installed().item(item_id), 1, "start", seed)

    def check(self, item_id: str, response: scoring.Response) -> Feedback:
        """What is said about an answer. Raises UnknownItem or ResponseDoesNotFit."""
        return feedback_on(self._content.installed().item(item_id), response)

    def arrive(self, now: datetime) -> Participation:
        """A new learner of the made-up municipality, whose words are the examples of the package."""
        package = self.look().package
        words = {**EXAMPLES, **(package.variables if package else {})}
        with transaction():
            tenant_rows.save_tenant(_municipality(words, now))
            portal_rows.save_portal(_portal())
            tenant_rows.save_campaign(_campaign(now))
            learner_id, _ = participation_rows.find_or_add_learner(TENANT_ID, PORTAL_ID, str(uuid.uuid4()), now)
            participation = Participation(
                tenant_id=TENANT_ID,
                id=new_id(now),
                campaign_id=DEFAULT_ID,
                learner_id=learner_id,
                preview=True,
                team=None,
                language="nl",
                first_launch_at=now,
            )
            pseudonym = base64.b32encode(secrets.token_bytes(20)).decode().lower()
            identity = Identity(pseudonym, str(uuid.uuid4()))
            participation_rows.add_participation(participation, identity, self._seal)
        return participation


def _municipality(words: Mapping[str, str], now: datetime) -> Tenant:
    return Tenant(
        id=TENANT_ID,
        name=words["gemeente.naam"],
        contacts=Contacts(
            helpers=words["digihelden.contact"],
            conversation=words["digihelden.contact"],
            privacy=words["digihelden.contact"],
            incident=words["meldpunt.incident"],
        ),
        portal_marks_seen_by="niemand, want dit is een voorbeeld",
        works_council_consent_on=now.date() - timedelta(days=1),
    )


def _portal() -> portal_rows.Portal:
    return portal_rows.Portal(
        tenant_id=TENANT_ID,
        id=PORTAL_ID,
        name="Voorbeeld",
        issuer=NOWHERE,
        client_id="voorbeeld",
        auth_login_url=NOWHERE,
        token_url=NOWHERE,
        jwks_url=NOWHERE,
        deployment_ids=frozenset({"1"}),
    )


def _campaign(now: datetime) -> Campaign:
    yesterday = now.date() - timedelta(days=1)
    return Campaign(
        tenant_id=TENANT_ID,
        id=DEFAULT_ID,
        name="Voorbeeld",
        goal="Dit is een voorbeeld. Er wordt niets bewaard.",
        purpose="individual",
        mode="vrijwillig",
        mandatory_reason="",
        starts_on=yesterday,
        ends_on=yesterday + DEFAULT_LENGTH,
    )
