"""`digivaardig portal`: the learning portals of a municipality, from the first address to what works there."""

from __future__ import annotations

import sys
from typing import Any

import click

from lti_tool.cli.context import Context, in_columns, now
from lti_tool.domain.errors import PortalRefused
from lti_tool.lti.errors import SERVICE_REASONS
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.use_cases.register_portal import LINK_LIVES
from lti_tool.use_cases.run_portals import Checked, CheckLine, PortalLine

BY = "command line"
SOMETHING_RED = 1
MARKS = {"green": "green", "red": "RED  ", "grey": "grey "}
"""Colours by their names, so that they can be read without seeing them."""
SERVICES = {
    "keys": "keys of the portal",
    "marks": "telling 'klaar'",
    "line_item": "column of 'klaar'",
    "roster": "list of participants",
}
WHICH = click.option("--tenant", help="Id of the municipality, when several have a portal with this id.")


@click.group()
def portal() -> None:
    """Learning portals: connect, look, activate, switch off and on, check."""


@portal.command()
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--id", "portal_id", required=True, help="Id of the portal here: small letters, digits, hyphens.")
@click.option("--name", required=True, help="What people call it.")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--auth-login-url", required=True, help="Where browsers log in at the portal.")
@click.option("--token-url", required=True, help="Where access tokens are asked for.")
@click.option("--jwks-url", required=True, help="Where the portal's public keys are.")
@click.option("--deployment", "deployments", multiple=True, help="May be given more than once, or be left out.")
@click.pass_obj
def add(context: Context, tenant: str, portal_id: str, deployments: tuple[str, ...], **described: str) -> None:
    """Register a portal by hand, or change one."""
    values: dict[str, Any] = {"id": portal_id, **described, "deployment_ids": list(deployments)}
    with context.commands() as commands:
        try:
            added = commands.portals.add(tenant, values, BY, now())
        except PortalRefused as err:
            raise PortalRefused(f"{tenant}/{portal_id}: {err}") from err
    waits = "" if added.deployment_ids else "; its first launch waits for `digivaardig portal activate`"
    click.echo(f"Added: {added.tenant_id}/{added.id}{waits}")


@portal.command()
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--id", "portal_id", default="leerportaal", show_default=True, help="Id that the portal gets here.")
@click.option("--name", default="Leerportaal", show_default=True, help="What people call it.")
@click.pass_obj
def link(context: Context, tenant: str, portal_id: str, name: str) -> None:
    """Make a one-time address with which a portal registers itself (dynamic registration)."""
    with context.commands() as commands:
        token = commands.registration.make_link(tenant, portal_id, name, BY, now())
    click.echo(ToolAddresses(context.settings.public_url).registration(tenant, token))
    hours = int(LINK_LIVES.total_seconds() // 3600)
    click.echo(f"Works once, for {hours} hours. Give it to the administrator of the portal only.", err=True)


@portal.command("list")
@click.option("--tenant", help="Only those of this municipality.")
@click.pass_obj
def list_(context: Context, tenant: str | None) -> None:
    """Every portal with its state, its deployments, and those that wait to be activated."""
    with context.commands() as commands:
        lines = commands.portals.all(tenant)
    rows = [("tenant", "id", "name", "kind", "state", "deployments", "waiting"), *map(_row, lines)]
    click.echo(in_columns(rows))


@portal.command()
@click.argument("name")
@WHICH
@click.pass_obj
def check(context: Context, name: str, tenant: str | None) -> None:
    """Ask each service of the portal with id NAME whether it works; exit code 1 when something is red."""
    with context.commands() as commands:
        checked = commands.portals.check(tenant, name, BY, now())
    click.echo("\n".join(_said(checked)))
    if not checked.well:
        sys.exit(SOMETHING_RED)


@portal.command()
@click.argument("name")
@click.option("--deployment", required=True, help="As `digivaardig portal list` shows it under waiting.")
@WHICH
@click.pass_obj
def activate(context: Context, name: str, deployment: str, tenant: str | None) -> None:
    """Let launches of a deployment of the portal with id NAME in."""
    with context.commands() as commands:
        changed = commands.portals.activate(tenant, name, deployment, BY, now())
    click.echo(f"Activated: {changed.tenant_id}/{changed.id} deployment {deployment}")


@portal.command()
@click.argument("name")
@WHICH
@click.pass_obj
def disable(context: Context, name: str, tenant: str | None) -> None:
    """Let nobody in from the portal with id NAME any more, and end the sessions of who did."""
    with context.commands() as commands:
        ended = commands.portals.disable(tenant, name, BY, now())
    click.echo(f"Disabled: {name}; sessions ended: {ended}")


@portal.command()
@click.argument("name")
@WHICH
@click.pass_obj
def enable(context: Context, name: str, tenant: str | None) -> None:
    """Let people in from the portal with id NAME again."""
    with context.commands() as commands:
        commands.portals.enable(tenant, name, BY, now())
    click.echo(f"Enabled: {name}")


@portal.command()
@click.pass_obj
def urls(context: Context) -> None:
    """Every address that a portal may ask for."""
    tool = ToolAddresses(context.settings.public_url)
    for what, value in (
        ("Tool URL, target link URI", tool.launch),
        ("Redirection URI", tool.launch),
        ("Deep linking URL", tool.launch),
        ("Initiate login URL", tool.login),
        ("Public keyset (JWKS)", tool.key_set),
        ("Domain", tool.domain),
        ("Icon", tool.icon),
        ("Dynamic registration", "make a one-time address with `digivaardig portal link --tenant T`"),
    ):
        click.echo(f"{what:27}{value}")


def _row(line: PortalLine) -> tuple[str, ...]:
    found = line.portal
    return (
        found.tenant_id,
        found.id,
        found.name,
        line.kind or "?",
        "on" if found.enabled else "off",
        ",".join(sorted(found.deployment_ids)) or "-",
        ",".join(sorted(found.waiting_deployment_ids)) or "-",
    )


def _said(checked: Checked) -> list[str]:
    head = f"{checked.portal.tenant_id}/{checked.portal.id}  {checked.portal.issuer}"
    state = [] if checked.portal.enabled else ["This portal is switched off; nobody can come in from it."]
    return [head, *state, *(text for line in checked.lines for text in _line(line))]


def _line(line: CheckLine) -> list[str]:
    finding = line.finding
    said = [f"{MARKS[finding.colour]}  {SERVICES[finding.service]:22}{SERVICE_REASONS[finding.reason]}"]
    if line.remedy is not None:
        said.append(f"       {line.remedy.en} ({finding.reason})")
    return said
