"""`digivaardig bank simulate`: what an author gets to read about the questions of a package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.bank import bank
from lti_tool.cli.health import KEYS, _remarks
from lti_tool.content_library import ContentBroken, load_package
from lti_tool.measurement import DomainHealth, Health
from tests.packages import ITEM, Tree, write_package

HEALTHY = Health(
    learners=100,
    mean_items=20.0,
    level_accuracy=0.75,
    claimed_accuracy=0.76,
    shown_share=0.6,
    shown_right=0.82,
    coverage95=0.95,
    first_three_right=0.8,
    under_40_percent=0.01,
    max_exposure=0.5,
    unused_items=0,
    exposure={"VEI-INT-0001": 0.5, "VEI-INT-0002": 0.4},
    closings={"certain": 1.0, "cap": 0.0, "no_gain": 0.0, "exhausted": 0.0},
    domains={"veiligheid": DomainHealth(2, 2.0, 0.75)},
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(bank, ["simulate", *map(str, arguments)])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "package")


def test_as_json_there_is_every_figure_and_every_question(package: Path) -> None:
    done = run(package, "--learners", 40, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert set(KEYS) <= set(report)
    assert report["learners"] == 40
    assert report["mean_items"] == 1.0
    assert set(report["exposure"]) == {"VEI-INT-0001", "VEI-INT-0002"}
    assert sum(report["exposure"].values()) == pytest.approx(1.0)
    assert report["domains"]["veiligheid"]["items"] == 2
    assert sum(report["closings"].values()) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_report_and_another_seed_another_one(package: Path) -> None:
    first, again, other = (run(package, "--learners", 50, "--seed", seed, "--json").output for seed in (1, 1, 2))
    assert first == again != other


def test_for_people_it_is_a_table_with_what_stands_out(package: Path) -> None:
    done = run(package, "--learners", 40)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].endswith("2 questions, 40 simulated learners, seed 1")
    assert "Length               1.0 questions on average" in lines
    assert any(line.startswith("veiligheid               2     1.0") for line in lines)
    assert any("assessments run out of questions; veiligheid has the fewest" in line for line in lines)


def test_questions_that_nobody_saw_are_named_ten_at_the_most(tmp_path: Path) -> None:
    def twelve_more(tree: Tree) -> None:
        for number in range(11, 23):
            name = f"VEI-INT-{number:04}"
            tree[f"items/veiligheid/{name}.yaml"] = {**tree[ITEM], "id": name, "enemies": []}

    done = run(write_package(tmp_path / "package", twelve_more), "--learners", 1)
    assert "and 2 more (see --json)" in done.output.splitlines()[-1]
    assert done.output.splitlines()[-1].startswith("Never asked: VEI-INT-")


def test_with_few_questions_all_that_nobody_saw_are_named(package: Path) -> None:
    last = run(package, "--learners", 1).output.splitlines()[-1]
    assert last in ("Never asked: VEI-INT-0001", "Never asked: VEI-INT-0002")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--learners", 0, "--learners: 0 is not between 1 and 100000"),
        ("--learners", 10**9, "--learners: 1000000000 is not between 1 and 100000"),
        ("--learners", "many", "'many' is not a valid integer"),
        ("--seed", -1, "--seed: -1 is below 0"),
        ("--rho", 1.01, "--rho: 1.01 is not between 0 and 1"),
        ("--rho", "nan", "--rho: nan is not between 0 and 1"),
        ("--judge-error", -0.1, "--judge-error: -0.1 is not between 0 and 5"),
        ("--judge-error", "inf", "--judge-error: inf is not between 0 and 5"),
    ],
)
def test_a_wrong_number_is_named_with_its_option(package: Path, option: str, value: object, said: str) -> None:
    done = run(package, option, value)
    assert done.exit_code == 2
    assert said in done.output


def test_a_package_with_mistakes_is_refused_with_all_of_them(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert isinstance(done.exception, ContentBroken)


def test_of_a_healthy_bank_nothing_stands_out(package: Path) -> None:
    assert list(_remarks(load_package(package), HEALTHY)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_three_right": 0.7}, "the start is not easy"),
        ({"under_40_percent": 0.04}, "too many learners have few answers right"),
        (
            {"exposure": {"VEI-INT-0001": 0.7}},
            "seen by more than 60 % of learners: VEI-INT-0001 (veiligheid); write more",
        ),
        (
            {"exposure": dict.fromkeys(["VEI-INT-0001", "VEI-INT-0002"], 0.7)},
            "learners: VEI-INT-0001 (veiligheid), VEI-INT-0002 (veiligheid); write more",
        ),
        ({"closings": {"exhausted": 0.06}}, "assessments run out of questions; veiligheid has the fewest"),
        ({"claimed_accuracy": 0.79}, "levels are right less often than the engine expects"),
        ({"unused_items": 1}, "many questions are never asked"),
    ],
)
def test_what_a_bank_lacks_is_said_with_what_to_do(package: Path, change: dict[str, object], said: str) -> None:
    (remark,) = _remarks(load_package(package), replace(HEALTHY, **change))
    assert said in remark
