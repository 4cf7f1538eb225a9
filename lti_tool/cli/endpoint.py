"""`digivaardig lrs endpoint`: an LRS that a municipality has for itself."""

from __future__ import annotations

import sys

import click

from lti_tool.cli.context import Context, in_columns, now
from lti_tool.domain.endpoints import ERASES, READERS, STREAMS, LrsEndpoint, Secrets

BY = "command line"
SOMETHING_RED = 1
TENANT = click.option("--tenant", required=True, help="Id of the municipality.")
STREAM = click.option("--stream", required=True, type=click.Choice(STREAMS))


@click.group()
def endpoint() -> None:
    """Where a stream of a municipality goes, when not to the built-in LRS."""


@endpoint.command()
@TENANT
@STREAM
@click.option("--url", required=True, help="Address of the LRS, to which /statements is added.")
@click.option("--username", required=True, help="With which we write there, and read.")
@click.option(
    "--password", prompt=True, hide_input=True, envvar="LRS_ENDPOINT_PASSWORD", help="Asked for when left out."
)
@click.option(
    "--read-by",
    required=True,
    type=click.Choice(READERS),
    help="Who reads this LRS; where the employer reads only the group stream may go.",
)
@click.option(
    "--erase",
    required=True,
    type=click.Choice(ERASES),
    help="How somebody's statements are erased there when they wipe their data; the pages say so.",
)
@click.option("--erase-username", default="", help="Of the administrator's account, for lrsql.")
@click.option(
    "--erase-password", default="", envvar="LRS_ENDPOINT_ERASE_PASSWORD", help="Best left to the environment."
)
@click.pass_obj
def add(
    context: Context,
    tenant: str,
    stream: str,
    url: str,
    username: str,
    password: str,
    read_by: str,
    erase: str,
    erase_username: str,
    erase_password: str,
) -> None:
    """Let a stream go to an LRS of the municipality's own; the same address again changes its password."""
    secrets = Secrets(password, erase_username, erase_password)
    with context.commands() as commands:
        added = commands.endpoints.add(
            tenant, stream, url, username, secrets, read_by=read_by, erase=erase, who=BY, now=now()
        )
    click.echo(f"{tenant}/{stream} goes to {added.endpoint.url}")
    if added.replaced:
        click.echo(f"What arrived at {added.replaced} stays there; it can still be erased there.")
    if added.resumed:
        click.echo("It was being left alone, and is tried again now.")
    click.echo(f"Try it: digivaardig lrs endpoint test --tenant {tenant} --stream {stream}")


@endpoint.command("list")
@click.option("--tenant", help="Only those of this municipality.")
@click.pass_obj
def list_(context: Context, tenant: str | None) -> None:
    """Every LRS of a municipality's own, in use or from before; all other streams go to the built-in one."""
    with context.commands() as commands:
        found = commands.endpoints.all(tenant)
    head = ("tenant", "stream", "url", "name", "read by", "erase", "since", "state")
    click.echo(in_columns([head, *map(_row, found)]))


@endpoint.command()
@TENANT
@STREAM
@click.pass_obj
def remove(context: Context, tenant: str, stream: str) -> None:
    """Let a stream go to the built-in LRS again; what arrived can still be erased where it is."""
    with context.commands() as commands:
        gone = commands.endpoints.remove(tenant, stream, BY, now())
    click.echo(f"{tenant}/{stream} goes to the built-in LRS; what arrived at {gone.url} stays there")


@endpoint.command()
@TENANT
@click.option("--url", required=True, help="As `digivaardig lrs endpoint list` shows it, from before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def gone(context: Context, tenant: str, url: str, yes: bool) -> None:
    """An LRS of before does not exist any more, and all that was in it neither: forget it."""
    if not yes:
        click.confirm(f"Is everything that was at {url} deleted? We cannot erase there any more", abort=True)
    with context.commands() as commands:
        given_up = commands.endpoints.forget_gone(tenant, url, BY, now())
    click.echo(f"Forgotten: {url}; erasures that were still to do there: {given_up}")


@endpoint.command()
@TENANT
@STREAM
@click.pass_obj
def test(context: Context, tenant: str, stream: str) -> None:
    """Send a visible test statement, about nobody, at once, and ask for it back; exit code 1 when it fails."""
    with context.commands() as commands:
        tried = commands.endpoints.test(tenant, stream, BY, now())
    click.echo(f"{'RED' if tried.written else 'green'}  write: {tried.written or 'it took the test statement'}")
    click.echo(f"{'RED' if tried.read else 'green'}  read: {tried.read or 'it gave it back'}")
    if not tried.well:
        sys.exit(SOMETHING_RED)


def _row(found: LrsEndpoint) -> tuple[str, ...]:
    state = "in use" if found.retired_at is None else f"until {found.retired_at:%Y-%m-%d}"
    described = (found.url, found.username, found.read_by, found.erase, f"{found.added_at:%Y-%m-%d}")
    return (found.tenant_id, found.stream, *described, state)
