"""`digivaardig lrs pull|report`: a copy of an LRS, and whether it holds what was published."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lti_tool.cli.context import Context, in_columns, now
from lti_tool.domain.campaign import DEFAULT_ID
from xapi.client import LrsClient, LrsRefused, LrsUnavailable
from xapi.warehouse import AnalystExtraMissing
from xapi.warehouse.landing import FolderNotUsable
from xapi.warehouse.pull import Pull, Pulled

FAILED = 1
BAD_INPUT = 2
STEPS = 1000


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the copy.")
@click.option("--endpoint", help="Address of another LRS; otherwise this installation's, operator stream.")
@click.option("--username", help="Name at that LRS.")
@click.option("--password", envvar="LRS_PASSWORD", help="Better as LRS_PASSWORD; asked for when it is not there.")
@click.option("--anew", is_flag=True, help="Read everything, so that the copy forgets what the LRS erased.")
@click.pass_obj
def pull(
    context: Context, out: Path, endpoint: str | None, username: str | None, password: str | None, anew: bool
) -> None:
    """Copy statements from an LRS to a folder, from where the last time ended.

    What stops half-way is gone on with the next time. An LRS that does not say up to when it can be read is read
    anew each time. Exit code 1: the LRS does not answer; 2: something here is not right.
    """
    url, name, secret = _access(context, endpoint, username, password)
    client = LrsClient(url, name, secret)
    try:
        with click.progressbar(length=STEPS, label="Reading", file=sys.stderr) as bar:
            shown = 0

            def progress(share: float, read: int) -> None:
                nonlocal shown
                bar.label = f"Reading, {read} statements"
                bar.update(max(0, round(share * STEPS) - shown))
                shown = max(shown, round(share * STEPS))

            done = Pull(client, url, out).run(now(), progress, anew=anew)
    except LrsUnavailable as err:
        _stop(f"LrsUnavailable: {err}; what was read is kept, run it again to go on", FAILED)
    except LrsRefused as err:
        _stop(f"LrsRefused: {err}: the LRS does not let this name and password read", BAD_INPUT)
    except (AnalystExtraMissing, FolderNotUsable) as err:
        _stop(f"{type(err).__name__}: {err}", BAD_INPUT)
    finally:
        client.close()
    click.echo(_summary(done, out))


REASONS = {
    "incomplete": "the LRS does not hold everything of everybody in it",
    "link_gone": "somebody in it wiped their data, so nobody knows any more which statements these are",
    "another_bank": "the questions or their difficulties are others by now",
    "no_answers": "this municipality keeps the answers to questions to itself",
}


@click.command()
@click.option(
    "--from", "copy", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the copy."
)
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--campaign", "campaign_id", default=DEFAULT_ID, show_default=True)
@click.pass_obj
def report(context: Context, copy: Path, tenant: str, campaign_id: str) -> None:
    """Work out the published figures from a copy of the LRS, beside what was published.

    Only figures that were disclosed before, of exactly the same people. Exit code 1: the LRS does not hold
    everything.
    """
    try:
        with context.commands() as commands:
            found = commands.report.compare(copy, tenant, campaign_id, now())
    except (AnalystExtraMissing, FolderNotUsable) as err:
        _stop(f"{type(err).__name__}: {err}", BAD_INPUT)
    if found.lines:
        head = ("measure", "group", "at least", "value", "published", "from the LRS", "")
        rows = [
            (
                line.measure,
                line.group,
                str(line.n_at_least),
                line.name,
                _shown(line.published),
                _shown(line.from_lrs),
                "DIFFERS" if line.differs else "same" if line.comparable else "another method",
            )
            for line in found.lines
        ]
        click.echo(in_columns([head, *rows]))
    for entry in found.untold:
        click.echo(f"not told: {entry.measure}, {entry.group}: {REASONS[entry.reason]}")
    if not found.lines and not found.untold:
        click.echo("Nothing was published of this campaign, so there is nothing to tell.")
    elif found.holds_everything:
        click.echo("The LRS says what was published.")
    else:
        _stop("The LRS does not hold everything.", FAILED)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _access(
    context: Context, endpoint: str | None, username: str | None, password: str | None
) -> tuple[str, str, str]:
    """Address, name and password."""
    if endpoint is None:
        if username:
            raise click.UsageError("--username goes with --endpoint")
        with context.commands() as commands:
            return commands.operate.access_for_a_copy(now())
    if not endpoint.startswith(("https://", "http://")):
        raise click.BadParameter("an address that starts with https://", param_hint="--endpoint")
    if not username:
        raise click.UsageError("--endpoint needs --username")
    return endpoint, username, password or click.prompt("Password", hide_input=True, err=True)


def _stop(why: str, code: int) -> None:
    click.echo(why, err=True)
    sys.exit(code)


def _summary(done: Pulled, out: Path) -> str:
    how = "everything anew" if done.anew else "what is new"
    why = "; this LRS does not say up to when it can be read, so it is read anew each time" if done.by_day else ""
    return f"Read {done.read} statements ({how}) into {out}{why}."
