"""The command `digivaardig`: everything that is done without a browser."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask

from lti_tool.app import SchemaBehind, from_environment, lrs_from_environment, settled
from lti_tool.app import migrate as migrate_databases
from lti_tool.cli.admin import admin
from lti_tool.cli.bank import bank
from lti_tool.cli.campaign import campaign
from lti_tool.cli.content import content
from lti_tool.cli.context import Context, name_of_a_person, now
from lti_tool.cli.endpoint import endpoint
from lti_tool.cli.keys import keys
from lti_tool.cli.lrs_copy import pull, report
from lti_tool.cli.outbox import BY, outbox
from lti_tool.cli.portal import portal
from lti_tool.cli.xapi import xapi
from lti_tool.content_library import ContentBroken
from lti_tool.domain.calibration import CalibrationRefused, NotSettled
from lti_tool.domain.campaign import DEFAULT_ID
from lti_tool.domain.errors import JourneyError, LrsAway
from lti_tool.lti.keys import ToolKeyUnreadable
from lti_tool.settings import SettingsMissing, load_settings
from lti_tool.storage.database import DatabaseBusy

FAILED = 1
BAD_INPUT = 2
THREADS = 4
LONGEST_REQUEST_LINE = 8190
"""Bytes, the most that gunicorn offers: some portals put a whole token in the address of a login."""
SAID_IN_WORDS = (
    SettingsMissing,
    SchemaBehind,
    DatabaseBusy,
    ToolKeyUnreadable,
    ContentBroken,
    JourneyError,
    CalibrationRefused,
)


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Digivaardig: an assessment and micro-trainings for municipalities, launched by a learning portal."""
    context.obj = Context()


cli.add_command(admin)
cli.add_command(bank)
cli.add_command(campaign)
cli.add_command(content)
cli.add_command(portal)
cli.add_command(keys)
cli.add_command(outbox)
cli.add_command(xapi)


@cli.command()
@click.pass_obj
def migrate(context: Context) -> None:
    """Bring the database to the newest schema."""
    migrate_databases(context.settings)
    click.echo("The database has the newest schema.")


@cli.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes; each has four threads.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the tool with gunicorn."""
    load_settings()  # every gap is reported here, once, before any process starts
    _gunicorn("lti_tool.cli:served_tool()", host, port, workers)


@cli.command()
@click.option("--once", is_flag=True, help="Deliver what is due now, then stop.")
@click.pass_obj
def worker(context: Context, once: bool) -> None:
    """Deliver the outbox: statements to the LRS, 'klaar' to the portal; publish figures when due."""
    with context.commands() as commands:
        commands.work.run(once=once)


@cli.group()
def lrs() -> None:
    """The built-in LRS, those that municipalities have for themselves, and what an LRS holds."""


lrs.add_command(endpoint)
lrs.add_command(pull)
lrs.add_command(report)


@lrs.command("serve")
@click.option("--port", default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def lrs_serve(host: str, port: int) -> None:
    """Serve the built-in LRS as a process of its own."""
    load_settings()
    _gunicorn("lti_tool.cli:served_lrs()", host, port, workers=1)


@lrs.command("credentials")
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--stream", type=click.Choice(["operator", "group"]), default="group", show_default=True)
@click.pass_obj
def lrs_credentials(context: Context, tenant: str, stream: str) -> None:
    """Print the address, name and password with which a stream is read."""
    with context.commands() as commands:
        for line in commands.operate.reading_credentials(tenant, stream):
            click.echo(line)


@lrs.command("test")
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--stream", type=click.Choice(["operator", "group"]), default="operator", show_default=True)
@click.pass_obj
def lrs_test(context: Context, tenant: str, stream: str) -> None:
    """Send a visible test statement, about nobody, the way every statement goes; the worker delivers it."""
    with context.commands() as commands:
        statement_id = commands.outbox.send_test(tenant, stream, BY, now())
    click.echo(f"In the outbox: {statement_id}; `digivaardig outbox list` shows when it has left")


@cli.group()
def tenant() -> None:
    """Municipalities."""


@tenant.command("apply")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def tenant_apply(context: Context, files: tuple[Path, ...]) -> None:
    """Add or change municipalities, each as a FILE describes it."""
    with context.commands() as commands:
        for file in files:
            click.echo(f"Applied: {commands.connect.apply(file, now())}")


@cli.group()
def figures() -> None:
    """Figures about groups of at least ten people."""


@figures.command("publish")
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.pass_obj
def figures_publish(context: Context, tenant: str) -> None:
    """Publish what is due."""
    with context.commands() as commands:
        published = commands.figures.publish(tenant, now())
    click.echo(f"Campaigns with a new publication: {published}")


@cli.group()
def analyst() -> None:
    """What analysts need."""


@analyst.command("link")
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--campaign", "campaign_id", default=DEFAULT_ID, show_default=True)
@click.pass_obj
def analyst_link(context: Context, tenant: str, campaign_id: str) -> None:
    """Make the secret addresses of the figures as CSV, Parquet and for Power BI; earlier ones stop working."""
    with context.commands() as commands:
        token = commands.reports.make_csv_link(tenant, campaign_id, now())
    for kind in ("csv", "parquet", "pbids"):
        click.echo(f"{context.settings.public_url}/figures/{token}.{kind}")


@cli.group()
def operator() -> None:
    """People who run this installation."""


@cli.command()
@click.argument("code")
@click.pass_obj
def refusal(context: Context, code: str) -> None:
    """Say why a launch was refused: CODE is what the page told the person who came to the helpdesk."""
    with context.commands() as commands:
        found = commands.operate.refused_launch(code)
    click.echo(f"{found.at:%Y-%m-%d %H:%M} UTC  {found.reason_code}: {found.meaning}")
    click.echo(f"portal: {found.portal_id} of {found.tenant_id}" if found.tenant_id else "portal: not known")
    if found.detail:
        click.echo(f"detail: {found.detail}")


@operator.command("add")
@click.argument("name")
@click.pass_obj
def operator_add(context: Context, name: str) -> None:
    """Make an operator, or give one a new password, and print it once."""
    name_of_a_person(name, "NAME")
    with context.commands() as commands:
        click.echo(commands.operate.add_operator(name, now()))


def _gunicorn(app: str, host: str, port: int, workers: int) -> None:
    """Go on as gunicorn in this process, where everything has been imported already.

    Its control socket is one for all of a user's gunicorns, so it is off.
    """
    options = ["--bind", f"{host}:{port}", "--workers", str(workers), "--worker-class", "gthread"]
    options += ["--threads", str(THREADS), "--no-control-socket", "--preload"]
    options += ["--limit-request-line", str(LONGEST_REQUEST_LINE)]
    sys.argv = ["gunicorn", *options, app]
    runpy.run_module("gunicorn", run_name="__main__", alter_sys=True)


@contextmanager
def _in_words() -> Iterator[None]:
    """What can be wrong is said in words; exit code 2, or 1 when the input was good and it failed all the same."""
    try:
        yield
    except (*SAID_IN_WORDS, NotSettled) as err:
        click.echo(f"{type(err).__name__}: {err}", err=True)
        sys.exit(FAILED if isinstance(err, (NotSettled, LrsAway)) else BAD_INPUT)


def served_tool() -> Flask:
    """What gunicorn serves for `digivaardig serve`."""
    with _in_words():
        return settled(from_environment())


def served_lrs() -> Flask:
    """What gunicorn serves for `digivaardig lrs serve`."""
    with _in_words():
        return lrs_from_environment()


def main() -> None:
    """Run the command."""
    with _in_words():
        cli()
