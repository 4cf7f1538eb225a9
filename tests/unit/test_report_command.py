"""`digivaardig lrs report`, as an operator types it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.lrs_copy import REASONS, report
from lti_tool.use_cases.report_from_lrs import Report, ReportLine, Untold
from xapi.warehouse import AnalystExtraMissing
from xapi.warehouse.landing import FolderNotUsable

MEAN = ReportLine("effect:veiligheid", "all", 20, "mean", 0.42, 0.43, comparable=True)


@dataclass
class Copy:
    """Answers with a report, or raises."""

    answer: Report | Exception

    def compare(self, copy: Path, tenant_id: str, campaign_id: str, now: datetime) -> Report:
        assert (str(copy), tenant_id, campaign_id) == ("copy", "molenwaard", "standaard")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def run(answer: Report | Exception) -> Result:
    @contextmanager
    def commands() -> Iterator[Any]:
        yield SimpleNamespace(report=Copy(answer))

    words = ["--from", "copy", "--tenant", "molenwaard"]
    return CliRunner().invoke(report, words, obj=SimpleNamespace(commands=commands))


def test_published_figures_stand_beside_those_of_the_lrs() -> None:
    other = replace(MEAN, name="method", published="latent_regression", from_lrs="paired_t", comparable=False)
    nothing = replace(MEAN, name="caveat", published=None, from_lrs=None)
    done = run(Report((MEAN, other, nothing), ()))
    assert done.exit_code == 0
    assert [line.split() for line in done.output.splitlines()] == [
        ["measure", "group", "at", "least", "value", "published", "from", "the", "LRS"],
        ["effect:veiligheid", "all", "20", "mean", "0.42", "0.43", "same"],
        ["effect:veiligheid", "all", "20", "method", "latent_regression", "paired_t", "another", "method"],
        ["effect:veiligheid", "all", "20", "caveat", "same"],
        ["The", "LRS", "says", "what", "was", "published."],
    ]


def test_a_difference_and_what_is_lost_end_with_one() -> None:
    differs = run(Report((replace(MEAN, from_lrs=0.45),), ()))
    assert (differs.exit_code, "DIFFERS" in differs.output) == (1, True)
    lost = run(Report((), (Untold("participation", "all", "incomplete"),)))
    assert lost.exit_code == 1
    assert lost.output.splitlines() == [
        "not told: participation, all: the LRS does not hold everything of everybody in it",
        "The LRS does not hold everything.",
    ]


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"incomplete"}))
def test_what_cannot_be_told_for_another_reason_is_no_fault_of_the_lrs(reason: str) -> None:
    done = run(Report((MEAN,), (Untold("levels_pre:veiligheid", "all", reason),)))
    assert done.exit_code == 0
    assert REASONS[reason] in done.output


def test_where_nothing_was_published_there_is_nothing_to_tell() -> None:
    done = run(Report((), ()))
    assert (done.exit_code, done.output) == (
        0,
        "Nothing was published of this campaign, so there is nothing to tell.\n",
    )


@pytest.mark.parametrize("error", [AnalystExtraMissing("x is not installed"), FolderNotUsable("no tables")])
def test_what_is_not_there_is_named(error: Exception) -> None:
    done = run(error)
    assert (done.exit_code, done.output) == (2, f"{type(error).__name__}: {error}\n")
