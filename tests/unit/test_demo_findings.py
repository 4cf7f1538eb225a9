"""What the check prints and keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lti_tool.demo.findings import Findings, percentile


def test_a_fact_that_does_not_hold_is_kept_with_what_was_seen() -> None:
    findings = Findings()
    findings.fact("the sky is blue", True)
    findings.fact("water is dry", False, "wet")
    findings.fact("no sound", False)
    assert findings.lines == ["ok   the sky is blue", "NOT  water is dry (saw: wet)", "NOT  no sound"]
    assert findings.missing == ["water is dry", "no sound"]


def test_figures_are_told_with_their_target(tmp_path: Path) -> None:
    findings = Findings()
    findings.figure("p95", 61.256, "ms", 60)
    findings.figure("start", 2, "s", 3)
    findings.figure("questions", 20, "questions")
    p95, start, questions = findings.table().splitlines()
    assert "61.26 ms" in p95
    assert p95.endswith("OVER")
    assert start.endswith("within")
    assert questions.endswith("questions")
    findings.write(tmp_path / "proof" / "check.json")
    kept = json.loads((tmp_path / "proof" / "check.json").read_text("utf-8"))
    assert [f["ok"] for f in kept["figures"]] == [False, True, True]
    assert set(kept) == {"machine", "at", "figures", "missing"}


def test_without_figures_the_table_is_empty() -> None:
    assert Findings().table() == ""


def test_a_percentile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.95) == 5.0
    assert percentile(values, 0.0) == 1.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
