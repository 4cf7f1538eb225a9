"""`digivaardig admin`: the first administrator of a municipality, and whoever else gets a role."""

from __future__ import annotations

import click

from lti_tool.cli.context import Context, now
from lti_tool.domain.roles import ADMINISTRATOR, ROLES
from lti_tool.use_cases.hold_roles import DAYS, MOST_DAYS


@click.group()
def admin() -> None:
    """Roles in a municipality, by invitation."""


@admin.command("invite")
@click.option("--tenant", required=True, help="Id of the municipality.")
@click.option("--role", type=click.Choice(ROLES), default=ADMINISTRATOR, show_default=True)
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=DAYS, show_default=True, help="How long it works."
)
@click.pass_obj
def invite(context: Context, tenant: str, role: str, days: int) -> None:
    """Make an invitation that works once, and print its link and its code, which are not kept."""
    with context.commands() as commands:
        made = commands.roles.invite(tenant, role, "command line", now(), days=days)
    click.echo(f"{context.settings.public_url}/invitation/{tenant}/{made.code}")
    click.echo(f"Code: {made.code}")
    click.echo(f"Role: {made.role}; works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC")
