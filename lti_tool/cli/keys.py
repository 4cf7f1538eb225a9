"""`digivaardig keys`: the keys with which the tool signs what it says to portals."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click

from lti_tool.cli.context import Context, name_of_a_person, now

STATES: Final = {"next": "signs later", "signs": "signs now", "published": "does not sign any more"}


@click.group()
def keys() -> None:
    """Keys with which the tool signs what it says to portals."""


@keys.command("list")
@click.pass_obj
def list_keys(context: Context) -> None:
    """Show the keys that portals can see, the oldest first."""
    with context.commands() as commands:
        for key in commands.keys.standings(now()):
            until = f", published until {_moment(key.gone_at)}" if key.gone_at else ""
            click.echo(f"{key.kid}  {STATES[key.state]}, from {_moment(key.signs_from)}{until}")


@keys.command()
@click.option("--by", required=True, help="Who decided this.")
@click.option("--at-once", is_flag=True, help="A key leaked: the new one signs now, and the others are gone now.")
@click.pass_obj
def rotate(context: Context, by: str, at_once: bool) -> None:
    """Make the next key; portals see it some hours before it signs, and the old one for a day after that."""
    name_of_a_person(by, "--by")
    with context.commands() as commands:
        made = commands.keys.rotate(by, now(), at_once=at_once)
    click.echo(f"New key: {made.kid}")
    click.echo(f"It signs from {_moment(made.signs_from)}.")
    if at_once:
        click.echo("The old keys are not published any more. Restart the server and the worker now.")
    else:
        click.echo(f"The old key is published until {_moment(made.old_gone_at)}.")


def _moment(at: datetime) -> str:
    return at.astimezone().isoformat(sep=" ", timespec="seconds")
