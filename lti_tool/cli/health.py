"""`digivaardig bank simulate`: the health of a package's questions, in words that an author understands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from lti_tool.domain.content import Package
from lti_tool.measurement import Health, SimulationUnusable
from lti_tool.use_cases.simulate_bank import Rehearsal, SimulateBank

KEYS: Final = (
    "learners",
    "mean_items",
    "level_accuracy",
    "claimed_accuracy",
    "shown_share",
    "shown_right",
    "coverage95",
    "first_three_right",
    "under_40_percent",
    "max_exposure",
    "unused_items",
)
DIGITS: Final = 4
LISTED: Final = 10
"""So many questions are named in the report for people; JSON has them all."""

NAMED: Final = 3

# From here on something is said: what a good bank of 40 items per domain reaches (measurement research, B7, B8).
FEW_RIGHT_AT_FIRST: Final = 0.75
MANY_DISCOURAGED: Final = 0.035
SEEN_BY_MANY: Final = 0.6
CLAIMS_TOO_MUCH: Final = 0.03
RUNS_OUT: Final = 0.05
MANY_UNUSED: Final = 0.25


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--learners", type=int, default=1000, show_default=True, help="How many people are made up.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same people.")
@click.option("--rho", type=float, help="True correlation between domains, 0 to 1; otherwise what is assumed.")
@click.option(
    "--judge-error",
    type=float,
    help="True SD of the experts' errors, 0 to 5 logits; otherwise what each question says (prior_sd).",
)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def simulate(
    package: Path, learners: int, seed: int, rho: float | None, judge_error: float | None, as_json: bool
) -> None:
    """Let simulated learners take the assessment of the content package in the folder PACKAGE."""
    try:
        found = SimulateBank().rehearse(package, learners=learners, seed=seed, rho=rho, judge_error=judge_error)
    except SimulationUnusable as err:
        raise click.BadParameter(err.reason, param_hint=f"--{err.field}") from err
    click.echo(json.dumps(_report(found, seed), indent=2) if as_json else "\n".join(_lines(found, seed)))


def _report(found: Rehearsal, seed: int) -> dict[str, Any]:
    health = found.health
    return {
        "release": found.package.bank_version,
        "seed": seed,
        **{key: _rounded(getattr(health, key)) for key in KEYS},
        "unused": _unused(found),
        "closings": {why: _rounded(share) for why, share in health.closings.items()},
        "domains": {
            domain: {
                "items": own.items,
                "mean_items": _rounded(own.mean_items),
                "level_accuracy": _rounded(own.level_accuracy),
            }
            for domain, own in health.domains.items()
        },
        "exposure": {item: _rounded(share) for item, share in health.exposure.items()},
        "stands_out": list(_remarks(found.package, health)),
    }


def _rounded(value: float) -> float:
    return round(value, DIGITS)


def _unused(found: Rehearsal) -> list[str]:
    return [item for item, share in found.health.exposure.items() if share == 0.0]


def _lines(found: Rehearsal, seed: int) -> list[str]:
    health = found.health
    unused = _unused(found)
    lines = [
        f"{found.package.bank_version}: {len(health.exposure)} questions, {health.learners} simulated learners, "
        f"seed {seed}",
        "",
        f"Length               {health.mean_items:.1f} questions on average",
        f"First three          {_percent(health.first_three_right)} right",
        f"Discouraged          {_percent(health.under_40_percent)} of learners have fewer than 40 % right",
        f"Levels               {_percent(health.level_accuracy)} right; the engine itself expects "
        f"{_percent(health.claimed_accuracy)}",
        f"Levels shown         {_percent(health.shown_share)}, of which {_percent(health.shown_right)} right; "
        "elsewhere it says between which two",
        f"95 % interval        holds {_percent(health.coverage95)} of abilities",
        f"Question seen most   by {_percent(health.max_exposure)} of learners",
        f"Never asked          {health.unused_items} questions",
        "",
        f"{'domain':16}{'questions':>10}{'asked':>8}{'level right':>13}",
        *(
            f"{domain:16}{own.items:10}{own.mean_items:8.1f}{_percent(own.level_accuracy):>13}"
            for domain, own in health.domains.items()
        ),
        "",
        "What stands out:",
        *(f"- {remark}" for remark in list(_remarks(found.package, health)) or ["nothing"]),
    ]
    if unused:
        more = f", and {len(unused) - LISTED} more (see --json)" if len(unused) > LISTED else ""
        lines += ["", f"Never asked: {', '.join(unused[:LISTED])}{more}"]
    return lines


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"


def _remarks(package: Package, health: Health) -> Iterator[str]:
    poorest = min(health.domains, key=lambda domain: health.domains[domain].items)
    seen = sorted(health.exposure, key=lambda item: -health.exposure[item])
    often = [item for item in seen if health.exposure[item] > SEEN_BY_MANY]
    if health.first_three_right < FEW_RIGHT_AT_FIRST:
        yield "the start is not easy: write more easy questions (nine in ten colleagues know it) in every domain"
    if health.under_40_percent > MANY_DISCOURAGED:
        yield "too many learners have few answers right: write easier questions for those who are starting"
    if often:
        where = ", ".join(f"{item} ({package.item(item).domain})" for item in often[:NAMED])
        yield (
            f"seen by more than {100 * SEEN_BY_MANY:.0f} % of learners: {where}"
            f"{' and others' if len(often) > NAMED else ''}; write more questions that are as difficult"
        )
    if health.closings["exhausted"] > RUNS_OUT:
        yield f"assessments run out of questions; {poorest} has the fewest"
    if health.claimed_accuracy - health.level_accuracy > CLAIMS_TOO_MUCH:
        yield "levels are right less often than the engine expects: the difficulties are further off than said"
    if health.unused_items > MANY_UNUSED * len(health.exposure):
        yield (
            "many questions are never asked: their difficulty is rarely the one that is needed, or others there "
            "are sharper"
        )
