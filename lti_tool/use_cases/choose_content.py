"""Which content a municipality's learners meet: the package, and the bank that the engine asks from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lti_tool.content_library import load_package
from lti_tool.domain.content import Item, Package
from lti_tool.domain.tenant import Tenant
from lti_tool.measurement.bank import Bank, ScoredItem
from lti_tool.measurement.stop import Policy
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction

GUESSING = 0.8
"""Share of blind guesses that an option attracts: c = GUESSING / options (measurement.md, section F)."""


PREPARED = 8
"""Municipalities whose content is loaded at the start, a tenth of a second each; others at their first visit."""


@dataclass(frozen=True)
class Release:
    """A package as one municipality sees it, ready to ask from."""

    package: Package
    bank: Bank
    policy: Policy


class ChooseContent:
    """Loads a package once for each set of content variables; a package never changes while loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Load the package before the first visitor comes, so that a mistake in it shows at the start.

        Raises:
            ContentBroken: naming every problem.
        """
        _release(self._folder, ())
        with transaction(writes=False):
            tenants = tenant_rows.tenants()
        for tenant in tenants[:PREPARED]:
            self.release_for(tenant)

    def release_for(self, tenant: Tenant) -> Release:
        """Raises ContentBroken, naming every problem."""
        return _release(self._folder, tuple(sorted(tenant.content_variables().items())))


@lru_cache(maxsize=64)
def _release(folder: Path, variables: tuple[tuple[str, str], ...]) -> Release:
    package = load_package(folder, dict(variables) or None)
    domains = [domain.id for domain in package.framework.domains]
    bank = Bank.build(
        [_scored(item) for item in package.assessment_items()], version=package.bank_version, domains=domains
    )
    levels = package.framework.levels
    policy = Policy(
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
    return Release(package, bank, policy)


def _scored(item: Item) -> ScoredItem:
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
