"""Which content a municipality's learners meet: the package, and the bank that the engine asks from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lti_tool.content_library import load_package
from lti_tool.domain.calibration import Calibration, ItemParameters
from lti_tool.domain.campaign import Campaign
from lti_tool.domain.content import Item, Package
from lti_tool.domain.tenant import Tenant
from lti_tool.measurement.bank import Bank, ScoredItem
from lti_tool.measurement.model import Prior
from lti_tool.measurement.stop import Policy
from lti_tool.storage import calibrations as calibration_rows
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


class ChooseContent:
    """Loads a package once for each set of content variables; a package never changes while loaded.

    A calibration never changes either, so each is read once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._calibrations: dict[str, Calibration] = {}

    def prepare(self) -> None:
        """Load the package before the first visitor comes, so that a mistake in it shows at the start.

        Raises:
            ContentBroken: naming every problem.
        """
        _release(self._folder, (), None)
        with transaction(writes=False):
            tenants = tenant_rows.tenants()[:PREPARED]
            wanted = [(tenant, campaign) for tenant in tenants for campaign in tenant_rows.campaigns(tenant.id)]
            for _, campaign in wanted:
                self._calibration(campaign)
        for tenant, campaign in wanted:
            self.release_for(tenant, campaign)

    def installed(self) -> Package:
        """The package as its author sees it, with its own examples. Raises ContentBroken."""
        return _package(self._folder, ())

    def package_for(self, tenant: Tenant) -> Package:
        """The texts, where nothing is asked for a result. Raises ContentBroken, naming every problem."""
        return _package(self._folder, _variables(tenant))

    def release_for(self, tenant: Tenant, campaign: Campaign) -> Release:
        """The package and the bank that a campaign asks from, inside the transaction of the caller.

        A calibration of other versions of items simply does not apply to these; they keep the expert's estimate.

        Raises:
            ContentBroken: naming every problem.
        """
        return _release(self._folder, _variables(tenant), self._calibration(campaign))

    def calibration_of_new_campaigns(self) -> str | None:
        """The id that a campaign gets when it is made, inside the transaction of the caller."""
        return calibration_rows.active_calibration_id(self.installed().id)

    def _calibration(self, campaign: Campaign) -> Calibration | None:
        wanted = campaign.calibration_id
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


def _variables(tenant: Tenant) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(tenant.content_variables().items()))


@lru_cache(maxsize=64)
def _package(folder: Path, variables: tuple[tuple[str, str], ...]) -> Package:
    return load_package(folder, dict(variables) or None)


@lru_cache(maxsize=64)
def _release(folder: Path, variables: tuple[tuple[str, str], ...], calibration: Calibration | None) -> Release:
    package = _package(folder, variables)
    bank, policy = build_bank(package, calibration), policy_of(package)
    for floor in (policy.easy_success, policy.success_floor):
        bank.ranking(floor)  # before server processes are forked, so that they share it
    return Release(package, bank, policy)
