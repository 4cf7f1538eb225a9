"""Which content a municipality's learners meet: the package, and the bank that the engine asks from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from lti_tool.content_library import Files, load_package, package_of, packed, unpacked
from lti_tool.domain.calibration import Calibration, ItemParameters
from lti_tool.domain.campaign import Campaign
from lti_tool.domain.content import Item, Medium, Package
from lti_tool.domain.errors import ReleaseGone
from lti_tool.domain.people import Attempt
from lti_tool.domain.tenant import Tenant
from lti_tool.measurement.bank import Bank, ScoredItem
from lti_tool.measurement.model import Prior
from lti_tool.measurement.stop import Policy
from lti_tool.storage import calibrations as calibration_rows
from lti_tool.storage import releases as release_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction

GUESSING = 0.8
"""Share of blind guesses that an option attracts: c = GUESSING / options (measurement.md, section F)."""


PREPARED = 8
"""Municipalities whose content is loaded at the start, a tenth of a second each; others at their first visit."""


@dataclass(frozen=True)
class Release:
    """A package as one municipality sees it, ready to ask from in one campaign."""

    package: Package
    bank: Bank
    """Its version is the package's, with the id of the campaign's calibration behind it when there is one."""
    policy: Policy


@dataclass(frozen=True)
class Own:
    """What makes a package that of one municipality."""

    variables: tuple[tuple[str, str], ...]
    """Name and value; empty: the package's own examples."""
    tools: frozenset[str] | None
    """In use there; None: all."""


AS_WRITTEN = Own((), None)


@dataclass(frozen=True)
class Pins:
    """What a campaign keeps using from the day it is made."""

    release_id: str | None
    """None only for a campaign of before releases were kept, until the next start."""
    calibration_id: str | None

    @staticmethod
    def of(campaign: Campaign) -> Pins:
        """What it uses already."""
        return Pins(campaign.release_id, campaign.calibration_id)


class ChooseContent:
    """Loads a package once for each set of content variables; a package never changes while loaded.

    A campaign is pinned to a release: the database keeps its files, so that another one can be installed. A kept
    release and a calibration never change, so each is read once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._calibrations: dict[str, Calibration] = {}
        self._kept: dict[str, Files] = {}
        self._kept_release = lru_cache(maxsize=64)(self._build_kept)

    def prepare(self, now: datetime) -> None:
        """Load the content before the first visitor comes, so that a mistake in it shows at the start.

        Campaigns of before releases were kept are pinned to the one that they use.

        Raises:
            ContentBroken: naming every problem.
        """
        _release(self._folder, AS_WRITTEN, None)
        with transaction():
            tenants = tenant_rows.tenants()
            for tenant in tenants:
                for campaign in tenant_rows.campaigns(tenant.id):
                    if campaign.release_id is None:
                        kept = self._keep_installed(tenant, now)
                        tenant_rows.save_campaign(replace(campaign, release_id=kept))
        with transaction(writes=False):
            for tenant in tenants[:PREPARED]:
                for campaign in tenant_rows.campaigns(tenant.id):
                    self.release_for(tenant, campaign)

    def installed(self) -> Package:
        """The package as its author sees it, with its own examples. Raises ContentBroken."""
        return _package(self._folder, AS_WRITTEN)

    def package_for(self, tenant: Tenant) -> Package:
        """What is installed, in the words of a municipality. Raises ContentBroken, naming every problem."""
        return _package(self._folder_of(tenant), _own(tenant))

    def release_for(self, tenant: Tenant, campaign: Campaign) -> Release:
        """The package and the bank that a campaign asks from, inside the transaction of the caller.

        A calibration of other versions of items simply does not apply to these; they keep the expert's estimate.

        Raises:
            ContentBroken: naming every problem.
        """
        return self._release(tenant, campaign.release_id, campaign.calibration_id)

    def release_of(self, tenant: Tenant, attempt: Attempt) -> Release | None:
        """What an attempt began with, inside the transaction of the caller; None: it is not there any more."""
        named, _, rest = attempt.bank_version.partition("+")
        sha, _, calibration_id = rest.partition(".")
        try:
            return self._release(tenant, f"{named}+{sha}", calibration_id or None)
        except ReleaseGone:
            return None

    def pins_of_new_campaign(self, tenant: Tenant, now: datetime) -> Pins:
        """What is in force when a campaign is made, inside the transaction of the caller; the release is kept.

        Raises:
            ContentBroken: naming every problem.
        """
        package = self._installed(tenant)
        return Pins(self._keep_installed(tenant, now), calibration_rows.active_calibration_id(package.id))

    def medium(self, found: Medium) -> Path | bytes:
        """Where a medium is, or what is in it, inside the transaction of the caller."""
        return found.path if found.path is not None else release_rows.load_medium(found.sha256)

    def _folder_of(self, tenant: Tenant) -> Path:
        return self._folder.parent / tenant.package if tenant.package else self._folder

    def _installed(self, tenant: Tenant) -> Package:
        return _package(self._folder_of(tenant), AS_WRITTEN)

    def _keep_installed(self, tenant: Tenant, now: datetime) -> str:
        package = self._installed(tenant)
        if not release_rows.is_kept(package.bank_version):
            body, media = packed(self._folder_of(tenant))
            release_rows.keep_release(package.bank_version, package.id, body, media, now)
        return package.bank_version

    def _release(self, tenant: Tenant, release_id: str | None, calibration_id: str | None) -> Release:
        calibration = self._calibration(calibration_id)
        if release_id in (None, self._installed(tenant).bank_version):
            return _release(self._folder_of(tenant), _own(tenant), calibration)
        if release_id not in self._kept:
            body = release_rows.find_release(release_id)
            if body is None:
                raise ReleaseGone(release_id)
            self._kept[release_id] = unpacked(body)
        return self._kept_release(release_id, _own(tenant), calibration)

    def _build_kept(self, release_id: str, own: Own, calibration: Calibration | None) -> Release:
        package = package_of(self._kept[release_id], dict(own.variables) or None)
        return _ready(package.for_tools(own.tools), calibration)

    def _calibration(self, wanted: str | None) -> Calibration | None:
        if wanted is None:
            return None
        if wanted not in self._calibrations:
            self._calibrations[wanted] = calibration_rows.load_calibration(wanted)
        return self._calibrations[wanted]


def build_bank(package: Package, calibration: Calibration | None) -> Bank:
    """The bank of a package, calibrated where that applies. Raises BankUnusable or PriorUnusable."""
    parameters: Mapping[str, ItemParameters] = calibration.of(package) if calibration else {}
    return Bank.build(
        [_calibrated(item, parameters.get(item.id)) for item in package.assessment_items()],
        version=f"{package.bank_version}.{calibration.id}" if calibration else package.bank_version,
        domains=[domain.id for domain in package.framework.domains],
        prior=Prior(calibration.loading) if calibration else None,
    )


def policy_of(package: Package) -> Policy:
    """How the engine asks and stops, as the package says it. Raises PolicyUnusable."""
    levels = package.framework.levels
    return Policy(
        easy_first=package.policy.easy_first,
        success_floor=package.policy.success_floor,
        min_per_domain=package.policy.min_items_per_domain,
        max_per_domain=package.policy.max_items_per_domain,
        of_domain=package.policy.of_domain,
        max_items=package.policy.max_items,
        level_certainty=package.policy.level_certainty,
        show_level_from=package.policy.show_level_from,
        cuts=tuple(level.above for level in levels if level.above is not None),
        level_ids=tuple(level.id for level in levels),
    )


def scored_item(item: Item) -> ScoredItem:
    """An item as the engine sees it, with what the package says of it."""
    options = item.guessing_options
    return ScoredItem(
        item_id=item.id,
        domain=item.domain,
        b=item.difficulty.b,
        prior_sd=item.difficulty.prior_sd,
        c=GUESSING / options if options else 0.0,
        source="calibrated" if item.difficulty.source == "calibrated" else "expert",
        tags=frozenset({item.subskill}),
        enemies=frozenset(item.enemies),
    )


def _calibrated(item: Item, found: ItemParameters | None) -> ScoredItem:
    scored = scored_item(item)
    if found is None:
        return scored
    return replace(scored, a=found.a, b=found.b, c=found.c, prior_sd=found.sd, source="calibrated")


def _own(tenant: Tenant) -> Own:
    return Own(tuple(sorted(tenant.content_variables().items())), tenant.tools)


@lru_cache(maxsize=64)
def _package(folder: Path, own: Own) -> Package:
    return load_package(folder, dict(own.variables) or None).for_tools(own.tools)


@lru_cache(maxsize=64)
def _release(folder: Path, own: Own, calibration: Calibration | None) -> Release:
    return _ready(_package(folder, own), calibration)


def _ready(package: Package, calibration: Calibration | None) -> Release:
    bank, policy = build_bank(package, calibration), policy_of(package)
    for floor in (policy.easy_success, policy.success_floor):
        bank.ranking(floor)  # before server processes are forked, so that they share it
    return Release(package, bank, policy)
