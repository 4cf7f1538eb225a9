"""`digivaardig outbox`: what waits to leave, what was refused for good, and what becomes of that."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from lti_tool.cli.context import Context, in_columns, now
from lti_tool.use_cases.tend_outbox import SHOWN, DeadLine, EndpointLine

BY = "command line"
A_WEEK = timedelta(days=7)
SOMETHING_MISSING = 1
HIGHEST_NUMBER = 2**63 - 1
NUMBERS = click.argument("numbers", metavar="NUMBER...", nargs=-1, type=click.IntRange(1, HIGHEST_NUMBER))
ENDPOINT = click.option("--endpoint", help="As `digivaardig outbox list` shows it, for example T/operator.")


@click.group()
def outbox() -> None:
    """What waits to leave: statements for the LRS, 'klaar' for the portal."""


@outbox.command("list")
@ENDPOINT
@click.option("--dead", is_flag=True, help="Show the dead letters themselves: what was refused for good, and why.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def list_(context: Context, endpoint: str | None, dead: bool, as_json: bool) -> None:
    """How each endpoint stands; ages in seconds, moments in UTC."""
    with context.commands() as commands:
        letters = commands.outbox.dead_letters(endpoint) if dead else ()
        lines = [line for line in commands.outbox.lines(now()) if endpoint in (None, line.endpoint)]
    if as_json:
        found = {"endpoints": list(map(asdict, lines)), **({"dead": list(map(asdict, letters))} if dead else {})}
        click.echo(json.dumps(found, indent=2, default=datetime.isoformat))
        return
    click.echo(in_columns([HEAD, *map(_row, lines)]))
    if not dead:
        return
    click.echo("\n" + in_columns([DEAD_HEAD, *map(_dead_row, letters)]))
    more = sum(line.dead for line in lines) - len(letters)
    if more > 0:
        click.echo(f"… and {more} more; these are the {SHOWN} oldest.")


@outbox.command()
@click.pass_obj
def metrics(context: Context) -> None:
    """The list for a machine that watches, in the text format of Prometheus."""
    with context.commands() as commands:
        click.echo(commands.outbox.metrics(now()), nl=False)


@outbox.command()
@NUMBERS
@ENDPOINT
@click.pass_obj
def replay(context: Context, numbers: tuple[int, ...], endpoint: str | None) -> None:
    """Send dead letters once more, under the same ids: those with NUMBER, or all of --endpoint.

    An endpoint that is paused or rests is tried again at once.
    """
    if bool(numbers) == bool(endpoint):
        raise click.UsageError("give numbers of dead letters, or --endpoint for all of one endpoint")
    with context.commands() as commands:
        done = commands.outbox.replay(endpoint or numbers, BY, now())
    click.echo(f"Sent again: {done.count}")
    for name in done.resumed:
        click.echo(f"Resumed: {name} was being left alone, and is tried again now")


@outbox.command()
@NUMBERS
@ENDPOINT
@click.option("--all", "everything", is_flag=True, help="Every dead letter of --endpoint.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(context: Context, numbers: tuple[int, ...], endpoint: str | None, everything: bool, yes: bool) -> None:
    """Throw dead letters away for good: those with NUMBER, or --all of --endpoint. It is written down who did."""
    if bool(numbers) == everything or everything != bool(endpoint):
        raise click.UsageError("give numbers of dead letters, or --all together with --endpoint")
    what = f"all dead letters of {endpoint}" if everything else f"{len(numbers)} dead letters"
    if not yes:
        click.confirm(f"Throw away {what}? They will never arrive", abort=True)
    with context.commands() as commands:
        count = commands.outbox.drop(endpoint or numbers, BY, now())
    click.echo(f"Dropped: {count}")


@outbox.command()
@click.option(
    "--endpoint", required=True, help="An LRS, as `digivaardig outbox list` shows it, for example T/operator."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="In UTC; otherwise a week ago.")
@click.option("--send-again", is_flag=True, help="Send what is missing once more, under the same ids.")
@click.pass_obj
def reconcile(context: Context, endpoint: str, since: datetime | None, send_again: bool) -> None:
    """Ask an LRS whether it still has what it took; exit code 1 when it lost something that is not sent again."""
    at = now()
    start = at - A_WEEK if since is None else since.replace(tzinfo=UTC)
    with context.commands() as commands:
        found = commands.outbox.reconcile(endpoint, start, BY, at, send_again=send_again)
    lost = len(found.missing) + found.missing_and_forgotten
    click.echo(f"Asked for: {found.asked}; there: {found.asked - lost}; missing: {lost}")
    for statement_id in found.missing:
        click.echo(f"missing: {statement_id}")
    if found.missing_and_forgotten:
        click.echo(
            f"Of {found.missing_and_forgotten} missing ones it is not known any more what they said, because of"
        )
        click.echo("KEEP_SENT_DAYS or because somebody wiped their data: they cannot be sent again.")
    if send_again:
        click.echo(f"Sent again: {found.sent_again}")
    if len(found.missing) > found.sent_again:
        sys.exit(SOMETHING_MISSING)


HEAD = ("tenant", "endpoint", "kind", "waiting", "oldest", "retried", "sent", "dead", "state")
DEAD_HEAD = ("number", "endpoint", "kind", "verb", "status", "attempts", "since", "statement", "reason")


def _row(line: EndpointLine) -> tuple[str, ...]:
    oldest = "-" if line.oldest_seconds is None else str(line.oldest_seconds)
    counts = (str(line.waiting), oldest, str(line.retried), str(line.sent), str(line.dead))
    return (line.tenant_id, line.endpoint, line.kind, *counts, _state(line))


def _state(line: EndpointLine) -> str:
    if line.rests_until is None:
        return "on"
    why = f"paused: {line.paused_reason}; tried again" if line.paused_reason else "rests"
    return f"{why} {'at' if line.paused_reason else 'until'} {_moment(line.rests_until)}"


def _dead_row(letter: DeadLine) -> tuple[str, ...]:
    status = "-" if letter.status is None else str(letter.status)
    since = "-" if letter.since is None else _moment(letter.since)
    named = (str(letter.number), letter.endpoint, letter.kind, letter.verb or "-", status)
    return (*named, str(letter.attempts), since, letter.statement_id or "-", letter.reason)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
