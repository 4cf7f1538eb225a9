"""An author sees how an assessment with a package would go, before anybody takes it: made-up people take it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lti_tool.content_library import load_package
from lti_tool.domain.content import Package
from lti_tool.measurement import Health, simulate
from lti_tool.use_cases.choose_content import policy_of, scored_item


@dataclass(frozen=True)
class Rehearsal:
    """A package, and how its assessment went with simulated learners."""

    package: Package
    health: Health


class SimulateBank:
    """Needs a package only: no settings, no database."""

    def rehearse(
        self, package_folder: Path, *, learners: int, seed: int, rho: float | None, judge_error: float | None
    ) -> Rehearsal:
        """Let `learners` people take the assessment of the package in this folder; the arguments of `simulate`.

        Raises:
            ContentBroken: naming every problem of the package.
            SimulationUnusable: naming what was asked that cannot be.
        """
        package = load_package(package_folder)
        health = simulate(
            [scored_item(item) for item in package.assessment_items()],
            [domain.id for domain in package.framework.domains],
            policy_of(package),
            learners=learners,
            seed=seed,
            rho=rho,
            judge_error=judge_error,
        )
        return Rehearsal(package, health)
