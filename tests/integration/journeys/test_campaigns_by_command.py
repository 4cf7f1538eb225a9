"""`digivaardig campaign`: a campaign is added, shown, and refused with its mistakes named."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from lti_tool.cli.campaign import campaign
from lti_tool.domain.errors import CampaignBroken, TenantUnknown
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.run_campaign import RunCampaign

TODAY = datetime.now(UTC).date()
GOAL = "Vanaf maart werkt de balie met een nieuw programma."
ADD = ("add", "--tenant", "voorbeeldstad", "--id", "balie", "--name", "Balie en klantcontact", "--goal", GOAL)


class Context:
    """What a command gets."""

    def __init__(self, town):
        self._town = town

    @contextmanager
    def commands(self):
        with self._town.app.app_context():
            yield SimpleNamespace(campaigns=RunCampaign(self._town.content))


@pytest.fixture
def run(town):
    """Run `digivaardig campaign`; what came of it."""
    town.hold_campaign(starts_on=TODAY - timedelta(days=30), ends_on=TODAY + timedelta(days=30))
    return lambda *arguments: CliRunner().invoke(campaign, arguments, obj=Context(town))


def test_an_added_campaign_is_shown_in_the_list(run):
    done = run(*ADD, "--starts", "2020-01-01", "--ends", "2020-06-30", "--purpose", "individual")
    assert (done.exit_code, done.output) == (0, "Added: balie, 2020-01-01 to 2020-06-30\n")
    head, first, second = run("list", "--tenant", "voorbeeldstad").output.splitlines()
    assert head.split("  ")[0] == "id"
    period = ("2020-01-01", "2020-06-30")
    *said, release = first.split()
    assert said == ["balie", "Balie", "en", "klantcontact", *period, "vrijwillig", "individual", "over"]
    assert release.startswith("klein-pakket@")
    assert second.split()[0] == "standaard"
    assert second.split()[-2] == "open"


def test_without_a_last_day_it_takes_a_year(run):
    assert run(*ADD, "--starts", "2027-01-01").output == "Added: balie, 2027-01-01 to 2028-01-01\n"
    assert "not open yet" in run("list", "--tenant", "voorbeeldstad").output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "Missing option '--starts'"),
        (("--starts", "2027-02-30"), "'--starts'"),
        (("--starts", "maart"), "'--starts'"),
        (("--starts", "2027-01-01", "--mode", "streng"), "'--mode'"),
        (("--starts", "2027-01-01", "--purpose", "research"), "'--purpose'"),
    ],
)
def test_an_option_that_is_not_right_is_named(run, more, said):
    done = run(*ADD, *more)
    assert done.exit_code == 2
    assert said in done.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--starts", "2027-01-01", "--ends", "2026-01-01"), "ends_on: Value error, lies before starts_on"),
        (("--starts", "2027-01-01", "--mode", "verplicht"), "mandatory_reason: "),
        (("--starts", "2027-01-01", "--id", "standaard-2"), "id: "),
        (("--starts", "9999-12-31"), "starts_on: "),
    ],
)
def test_a_campaign_that_breaks_a_rule_is_refused_with_the_rule(run, more, said):
    done = run(*ADD, *more)
    assert isinstance(done.exception, CampaignBroken)
    assert str(done.exception).startswith(said)


def test_a_municipality_that_is_not_there_is_named(run):
    assert isinstance(run("list", "--tenant", "nergens").exception, TenantUnknown)


def test_the_second_measurement_begins_at_a_moment_with_a_zone(run, town):
    begin = ("set", "--tenant", "voorbeeldstad", "--post-from")
    assert isinstance(run(*begin, "2199-03-01T00:00Z").exception, CampaignBroken)
    town.hold_campaign(starts_on=TODAY - timedelta(days=30), ends_on=TODAY.replace(year=2200, day=1))
    assert run(*begin, "2027-03-01T00:00+01:00").output == "Set.\n"
    kept = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard")
    assert kept.post_from == datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert run(*begin, "now").exit_code == 0
    for wrong in ("2027-03-01", "straks"):
        done = run(*begin, wrong)
        assert (done.exit_code, "--post-from" in done.output) == (2, True)


def test_a_campaign_moves_to_the_installed_content_when_somebody_says_so(run):
    assert run(*ADD, "--starts", "2027-01-01").exit_code == 0
    done = run("set", "--tenant", "voorbeeldstad", "--campaign", "balie", "--installed-content")
    first, second = done.output.splitlines()
    assert first.startswith("Content: klein-pakket@")
    assert (done.exit_code, second) == (0, "Set.")


def test_setting_nothing_is_a_mistake(run):
    done = run("set", "--tenant", "voorbeeldstad")
    assert done.exit_code == 2
    assert "give --post-from or --installed-content" in done.output
