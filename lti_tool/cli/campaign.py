"""`digivaardig campaign`: the campaigns of a municipality, until there is a page for them."""

from __future__ import annotations

from datetime import datetime

import click

from lti_tool.cli.context import Context, in_columns, now
from lti_tool.domain.campaign import DEFAULT_ID, MODES, PURPOSES
from lti_tool.use_cases.run_campaign import CampaignLine

DAY = click.DateTime(["%Y-%m-%d"])
TENANT = click.option("--tenant", required=True, help="Id of the municipality.")
OPENNESS = {"open": "open", "not_yet_open": "not open yet", "over": "over"}


@click.group()
def campaign() -> None:
    """Campaigns of a municipality."""


@campaign.command()
@TENANT
@click.option("--id", "campaign_id", required=True, help="As links name it, for example balie-2027.")
@click.option("--name", required=True)
@click.option("--goal", required=True, help="Why the municipality does this, in its own words; learners see it.")
@click.option("--purpose", type=click.Choice(PURPOSES), default=PURPOSES[0], show_default=True)
@click.option("--mode", type=click.Choice(MODES), default=MODES[0], show_default=True)
@click.option("--mandatory-reason", default="", help="Learners see it; a mandatory campaign needs one.")
@click.option("--starts", type=DAY, required=True, help="First day.")
@click.option("--ends", type=DAY, help="Last day; otherwise a year after the first.")
@click.pass_obj
def add(
    context: Context,
    tenant: str,
    campaign_id: str,
    name: str,
    goal: str,
    purpose: str,
    mode: str,
    mandatory_reason: str,
    starts: datetime,
    ends: datetime | None,
) -> None:
    """Add a campaign; the default one stays as it is."""
    given = {
        "id": campaign_id,
        "name": name,
        "goal": goal,
        "purpose": purpose,
        "mode": mode,
        "mandatory_reason": mandatory_reason,
        "starts_on": starts.date(),
        "ends_on": ends.date() if ends else None,
    }
    with context.commands() as commands:
        added = commands.campaigns.add(tenant, given, now())
    click.echo(f"Added: {added.id}, {added.starts_on} to {added.ends_on}")


@campaign.command("list")
@TENANT
@click.pass_obj
def list_(context: Context, tenant: str) -> None:
    """Show the campaigns of a municipality."""
    with context.commands() as commands:
        lines = commands.campaigns.campaigns(tenant, now())
    click.echo(_table(lines))


@campaign.command("set")
@TENANT
@click.option("--campaign", "campaign_id", default=DEFAULT_ID, show_default=True)
@click.option("--post-from", help="'now', or a moment such as 2027-03-01T00:00+01:00.")
@click.option("--installed-content", is_flag=True, help="Use the content that is installed now.")
@click.pass_obj
def set_(context: Context, tenant: str, campaign_id: str, post_from: str | None, installed_content: bool) -> None:
    """Say from when on attempts count as the second measurement, or use newer content.

    A campaign keeps the content with which it was made. Who is in the middle of the questions goes on with those.
    """
    if post_from is None and not installed_content:
        raise click.UsageError("give --post-from or --installed-content")
    moment = _moment(post_from) if post_from else None
    with context.commands() as commands:
        if moment:
            commands.campaigns.start_second_measurement(tenant, campaign_id, moment)
        if installed_content:
            click.echo(f"Content: {commands.campaigns.use_installed_content(tenant, campaign_id, now())}")
    click.echo("Set.")


def _table(lines: list[CampaignLine]) -> str:
    """One row for each campaign, in columns."""
    rows = [("id", "name", "first day", "last day", "mode", "purpose", "today", "content")]
    for line in lines:
        known = line.campaign
        period = (str(known.starts_on), str(known.ends_on))
        today, content = OPENNESS[line.openness], known.release_id or "installed"
        rows.append((known.id, known.name, *period, known.mode, known.purpose, today, content))
    return in_columns(rows)


def _moment(text: str) -> datetime:
    if text == "now":
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as err:
        raise click.BadParameter(f"{text!r} is no moment", param_hint="--post-from") from err
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no zone; add for example +01:00", param_hint="--post-from")
    return moment
