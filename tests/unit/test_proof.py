"""What a proof says of a figure: within its target or short, and never silent."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks import proof


@pytest.mark.parametrize(
    ("value", "target", "within"),
    [
        (3, "<= 3", True),
        (3.01, "<= 3", False),
        (15, ">= 15", True),
        (14.9, ">=15", False),
        (3, "< 3", False),
        (3, "> 3", False),
        (0.94, ".94..0.96", True),
        (0.96, ".94..0.96", True),
        (0.9601, ".94..0.96", False),
        (-0.02, "-.02...02", True),
        (0.021, "-.02...02", False),
    ],
)
def test_a_target_is_read_as_it_is_written(value: float, target: str, within: bool) -> None:
    assert proof.figure("step", value, "ms", target).ok is within


@pytest.mark.parametrize("target", ["3", "about 3", "= 3", "<= fast", "0..02", ".96.. .94"])
def test_a_target_that_says_nothing_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r"target|float"):
        proof.figure("step", 3, "ms", target)


def test_a_figure_without_target_informs_but_must_be_a_number() -> None:
    assert proof.figure("step", 3).ok
    assert not proof.figure("step", math.nan).ok


def test_a_proof_is_kept_and_fails_when_one_figure_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proof, "FOLDER", tmp_path / "proof")
    good = proof.figure("step", 2, "ms", "<= 3")
    assert proof.finish("bench", [good]) == 0
    assert proof.finish("bench", [good, proof.could_not_be_run("catsim", ImportError("no\nsuch module"))]) == 1
    assert "catsim could not be run: no such module" in capsys.readouterr().out
    kept = json.loads((tmp_path / "proof" / "bench.json").read_text())
    assert set(kept) == {"machine", "at", "figures"}
    assert kept["figures"][0] == {"name": "step", "value": 2.0, "unit": "ms", "target": "<= 3", "ok": True}
    assert [row["ok"] for row in kept["figures"]] == [True, False]


def test_a_proof_of_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "FOLDER", tmp_path)
    assert proof.finish("bench", []) == 1
