"""`digivaardig bank`: a report that an author understands, a file, and an activation."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from lti_tool import cli
from lti_tool.cli.bank import bank
from lti_tool.domain.calibration import Calibration, NotSettled, ProposalBroken, TooFewPeople
from lti_tool.use_cases.calibrate_bank import CalibrateBank
from lti_tool.use_cases.choose_content import ChooseContent
from tests.calibrations import CountingEngine

HARD, EASY = "VEI-INT-0011", "OPE-SOF-0011"


class Context:
    """What a command gets, with an engine that needs no estimating."""

    def __init__(self, app, content):
        self._app = app
        self._content = content

    def bank_of(self, folder):
        return CalibrateBank(ChooseContent(folder), CountingEngine())

    @contextmanager
    def commands(self):
        with self._app.app_context():
            yield SimpleNamespace(bank=CalibrateBank(self._content, CountingEngine()))


@pytest.fixture
def run(town, tmp_path, monkeypatch):
    """Run `digivaardig bank` in an empty folder; what came of it."""
    monkeypatch.chdir(tmp_path)
    context = Context(town.app, town.content)

    def run(*arguments):
        return CliRunner().invoke(bank, [str(argument) for argument in arguments], obj=context)

    return run


@pytest.fixture
def answers(tmp_path):
    """Ten people: a hard question that nobody knew, an easy one that all knew."""
    lines = [f"p{number},{item},{right}" for number in range(10) for item, right in ((HARD, 0), (EASY, 1))]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(["person,item,right", *lines]), "utf-8")
    return path


def proposals(folder):
    return sorted(folder.glob("calibration-*.json"))


def test_the_report_says_what_moved_what_to_look_at_and_what_to_do_next(run, small_content, answers, tmp_path):
    done = run("calibrate", small_content, "--responses", answers)
    assert done.exit_code == 0, done.output
    (file,) = proposals(tmp_path)
    lines = done.output.splitlines()
    assert lines[0].startswith("Proposal ")
    assert lines[0].endswith(json.loads(file.read_text("utf-8"))["release"])
    for line in (
        "People          10",
        "Answers         20",
        "Calibrated      2 questions have a difficulty from answers",
        "Moved           2 of these by 0.3 or more (in logits; higher is harder)",
        "Drifted         1 of these surprisingly far",
        "question            was     is   95 % sure         answers",
        f"{HARD}@1    -1.50   2.00     1.55 to  2.45        10",
        "  INF-ZOE-0011@1",
    ):
        assert line in lines
    assert lines[-1] == f"digivaardig bank activate {file.name} --by NAME"


def test_without_drift_or_lack_of_answers_the_report_has_no_such_list(run, small_content, tmp_path):
    ids = [f"{kind}-{n:04}" for kind in ("OPE-SOF", "INF-ZOE", "STR-CLO", "VEI-INT") for n in range(11, 15)]
    lines = [f"p{number},{item},{int(number < 5)}" for number in range(10) for item in ids[1::4]]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(["person,item,right", *lines]), "utf-8")
    assert "Drifted:" not in run("calibrate", small_content, "--responses", path).output
    lines = [f"p{number},{item},{int(number < 5)}" for number in range(10) for item in ids]
    path.write_text("\n".join(["person,item,right", *lines]), "utf-8")
    assert "Too few answers:" not in run("calibrate", small_content, "--responses", path).output


def test_with_json_the_report_is_for_programs(run, small_content, answers, tmp_path):
    done = run("calibrate", small_content, "--responses", answers, "--json", "--out", tmp_path / "mine.json")
    report = json.loads(done.output)
    assert (report["people"], report["answers"], report["calibrated"], report["moved"]) == (10, 20, 2, 2)
    assert report["drifted"] == [
        {"item": f"{HARD}@1", "was": -1.5, "is": 2.0, "low95": 1.55, "high95": 2.45, "answers": 10}
    ]
    assert len(report["too_few_answers"]) == 14
    kept = Calibration.from_fields(json.loads((tmp_path / "mine.json").read_text("utf-8")), "mine")
    assert kept.id == report["id"]


def test_the_same_proposal_may_be_written_again_and_another_file_stays(run, small_content, answers, tmp_path):
    for _ in range(2):
        assert run("calibrate", small_content, "--responses", answers).exit_code == 0
    (file,) = proposals(tmp_path)
    file.write_text("mine", "utf-8")
    refused = run("calibrate", small_content, "--responses", answers)
    assert refused.exit_code == 2
    assert f"{file.name} is there already and differs" in refused.output
    assert file.read_text("utf-8") == "mine"


def test_a_folder_that_is_not_there_is_said_before_anything_is_done(run, small_content, answers):
    refused = run("calibrate", small_content, "--responses", answers, "--out", "nowhere/x.json")
    assert (refused.exit_code, "there is no folder nowhere" in refused.output) == (2, True)


def test_a_file_that_cannot_be_written_fails(run, small_content, answers):
    failed = run("calibrate", small_content, "--responses", answers, "--out", f"{'x' * 300}.json")
    assert (failed.exit_code, "cannot be written: File name too long" in failed.output) == (1, True)


@pytest.mark.parametrize("given", [[], ["--from-database", "--responses", "answers.csv"]])
def test_answers_come_from_one_place(run, small_content, given):
    refused = run("calibrate", small_content, *given)
    assert (refused.exit_code, "either --responses FILE or --from-database" in refused.output) == (2, True)


def test_from_the_database_too_few_people_are_refused_and_nothing_is_written(run, town, small_content, tmp_path):
    done = run("calibrate", small_content, "--from-database")
    assert isinstance(done.exception, TooFewPeople)
    assert proposals(tmp_path) == []
    assert town.count("audit") == 0


def test_a_proposal_is_activated_by_somebody(run, town, small_content, answers, tmp_path):
    run("calibrate", small_content, "--responses", answers)
    (file,) = proposals(tmp_path)
    name = file.stem.removeprefix("calibration-")
    done = run("activate", file, "--by", "Jan")
    assert (done.exit_code, done.output) == (
        0,
        f"Activated: {name}. It applies to 2 of its 2 questions. "
        "New campaigns use it; those that there are keep theirs.\n",
    )
    again = run("activate", file, "--by", "Jan")
    assert again.output == f"{name} is the active calibration already; nothing changed.\n"
    assert json.loads(run("activate", file, "--by", "Jan", "--json").output) == {
        "id": name,
        "package": "klein-pakket",
        "activated": False,
        "items": 2,
        "applies_to": 2,
    }
    assert town.count("audit") == 1


@pytest.mark.parametrize("name", ["", " Jan", "x" * 65])
def test_who_activates_has_a_name(run, answers, name):
    refused = run("activate", answers, "--by", name)
    assert (refused.exit_code, "1 to 64 characters" in refused.output) == (2, True)


@pytest.mark.parametrize(("error", "code"), [(NotSettled("x"), 1), (ProposalBroken("x"), 2)])
def test_a_failure_ends_with_one_and_bad_input_with_two(capsys, error, code):
    with pytest.raises(SystemExit) as left, cli._in_words():
        raise error
    assert left.value.code == code
    assert capsys.readouterr().err == f"{type(error).__name__}: x\n"
