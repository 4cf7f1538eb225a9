"""`digivaardig bank`: what answers say of the questions, as a proposal that somebody activates or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lti_tool.cli.context import Context, name_of_a_person, now
from lti_tool.cli.health import simulate
from lti_tool.domain.calibration import MOVED, Calibration, ItemParameters
from lti_tool.domain.rounding import MINIMUM
from lti_tool.use_cases.calibrate_bank import Activation, Proposal

SURE_95 = 1.96
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def bank() -> None:
    """The questions of an assessment: how well they measure, and how hard they are."""


bank.add_command(simulate)


@bank.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--responses", type=FILE, help="CSV with the columns person, group, item, right.")
@click.option("--from-database", is_flag=True, help="The answers that this installation has.")
@click.option("--out", type=FILE, help="Where the proposal goes; otherwise calibration-ID.json in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def calibrate(
    context: Context, package: Path, responses: Path | None, from_database: bool, out: Path | None, as_json: bool
) -> None:
    """Propose difficulties for the questions of the content package in the folder PACKAGE; nothing changes yet."""
    if (responses is None) == (not from_database):
        raise click.UsageError("give either --responses FILE or --from-database")
    target = _Target(out)
    if responses is not None:
        proposal = context.bank_of(package).propose_from_file(package, responses)
        target.write(proposal)
    else:
        with context.commands() as commands:
            proposal = commands.bank.propose_from_database(package, now(), target.write)
    report = _report(proposal, target.path_of(proposal.calibration))
    click.echo(json.dumps(report, indent=2, ensure_ascii=False) if as_json else "\n".join(_lines(report)))


@bank.command()
@click.argument("file", type=FILE)
@click.option("--by", required=True, help="Who decided this.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_obj
def activate(context: Context, file: Path, by: str, as_json: bool) -> None:
    """Let new campaigns ask with the difficulties in FILE; campaigns that there are keep theirs."""
    name_of_a_person(by, "--by")
    with context.commands() as commands:
        done = commands.bank.activate(file, by, now())
    click.echo(json.dumps(_activation(done), indent=2) if as_json else _said(done))


class _Target:
    """Where a proposal goes; another file that is there stays as it is."""

    def __init__(self, out: Path | None) -> None:
        if out is not None and not out.parent.is_dir():
            raise click.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
        self._out = out

    def path_of(self, calibration: Calibration) -> Path:
        return self._out or Path(f"calibration-{calibration.id}.json")

    def write(self, proposal: Proposal) -> None:
        calibration = proposal.calibration
        path = self.path_of(calibration)
        text = json.dumps(calibration.as_fields(), indent=2, ensure_ascii=False) + "\n"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as err:
            if path.read_bytes() != text.encode():
                raise click.BadParameter(f"{path} is there already and differs", param_hint="--out") from err
        except OSError as err:
            raise click.ClickException(f"{path}: cannot be written: {err.strerror}") from err


def _report(proposal: Proposal, path: Path) -> dict[str, Any]:
    calibration = proposal.calibration
    return {
        "file": str(path),
        "id": calibration.id,
        "package": calibration.package,
        "release": calibration.release,
        "people": calibration.people,
        "answers": calibration.answers,
        "calibrated": len(calibration.items),
        "moved": sum(item.moved for item in calibration.items),
        "drifted": [_drift(item) for item in calibration.items if item.drifted],
        "too_few_answers": list(proposal.too_few),
        "next": f"digivaardig bank activate {path} --by NAME",
    }


def _drift(item: ItemParameters) -> dict[str, Any]:
    low, high = (round(item.b + side * SURE_95 * item.sd, 2) for side in (-1, 1))
    return {
        "item": item.item,
        "was": item.was,
        "is": item.b,
        "low95": low,
        "high95": high,
        "answers": item.answers,
    }


def _lines(report: dict[str, Any]) -> list[str]:
    """The report for people, difficulties in logits: 0 is the middle, higher is harder."""
    lines = [
        f"Proposal {report['id']} for {report['release']}",
        "",
        f"People          {report['people']}",
        f"Answers         {report['answers']}",
        f"Calibrated      {report['calibrated']} questions have a difficulty from answers",
        f"Moved           {report['moved']} of these by {MOVED} or more (in logits; higher is harder)",
        f"Drifted         {len(report['drifted'])} of these surprisingly far",
        f"Too few answers {len(report['too_few_answers'])} questions, with fewer than {MINIMUM} people; "
        "they keep what the package says",
    ]
    if report["drifted"]:
        lines += ["", "Drifted: read text, key and options of these again before you activate.", ""]
        lines += [f"{'question':16}{'was':>7}{'is':>7}   {'95 % sure':16}{'answers':>9}"]
        lines += [_row(drift) for drift in report["drifted"]]
    if report["too_few_answers"]:
        lines += ["", "Too few answers:", *(f"  {key}" for key in report["too_few_answers"])]
    written = f"Written to {report['file']}. Nothing has changed. To use it in new campaigns:"
    return [*lines, "", written, report["next"]]


def _row(drift: dict[str, Any]) -> str:
    sure = f"{drift['low95']:6.2f} to {drift['high95']:5.2f}"
    return f"{drift['item']:16}{drift['was']:7.2f}{drift['is']:7.2f}   {sure:16}{drift['answers']:9}"


def _activation(done: Activation) -> dict[str, Any]:
    calibration = done.calibration
    return {
        "id": calibration.id,
        "package": calibration.package,
        "activated": done.new,
        "items": len(calibration.items),
        "applies_to": done.applies_to,
    }


def _said(done: Activation) -> str:
    calibration = done.calibration
    if not done.new:
        return f"{calibration.id} is the active calibration already; nothing changed."
    return (
        f"Activated: {calibration.id}. It applies to {done.applies_to} of its {len(calibration.items)} questions. "
        "New campaigns use it; those that there are keep theirs."
    )
