"""A campaign keeps the content with which it was made, whatever is installed later; nobody loses an answer."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from lti_tool.content_library import STARTER_PACKAGE
from lti_tool.domain.errors import ReleaseGone
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.connect_portal import ConnectPortal
from lti_tool.use_cases.run_campaign import RunCampaign
from lti_tool.use_cases.show_media import ShowMedia
from tests.factories import NOW, make_campaign
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.test_using_tools import needs_trello
from tests.integration.journeys.town import AsRequests, Town, right

TERMS = {"name": "Balie", "goal": "Zodat iedereen aan de balie verder kan.", "starts_on": "2026-11-01"}
OLD, NEW = "Je loopt even weg van je werkplek.", "Je loopt een kwartier weg van je werkplek."


@pytest.fixture
def folder(tmp_path):
    return write_small_content(tmp_path / "klein")


@pytest.fixture
def town(app, folder):
    found = Town(app, folder)
    found.settle()
    return found


def pinned_campaign(town, campaign_id="balie"):
    return AsRequests(town.app, RunCampaign(town.content)).add("voorbeeldstad", {"id": campaign_id, **TERMS}, NOW)


def renew(folder):
    """Other words in every question, as a newer release has them."""
    for path in (folder / "items").rglob("*.yaml"):
        text = path.read_text("utf-8").replace(OLD, NEW).replace("version: 1", "version: 2")
        path.write_text(text, "utf-8")


def newly_started(town, folder):
    """The tool after a restart, which reads what is installed now."""
    other = Town(town.app, folder)
    other.content._folder = folder.rename(folder.with_name("klein-2"))
    return other


def question(town, campaign="balie", sub="learner-1"):
    where = town.begin(sub, custom={"campaign": campaign})
    return where, town.assessment.question(where).item.stem


def test_a_campaign_asks_what_it_asked_on_its_first_day(town, folder):
    made = pinned_campaign(town)
    assert made.release_id == town.content.installed().bank_version
    renew(folder)
    later = newly_started(town, folder)
    assert later.content.installed().bank_version != made.release_id
    assert question(later)[1].startswith(OLD)
    pinned_campaign(later, "nieuw")
    assert question(later, "nieuw")[1].startswith(NEW)


def test_a_kept_release_offers_only_what_the_tools_in_use_allow(town, folder):
    needs_trello(folder, "modules/training-strategisch/module.yaml")
    made = pinned_campaign(town)
    renew(folder)
    later = newly_started(town, folder)
    for tools, offered in ((None, True), (frozenset(), False)):
        tenant = replace(later.tenant(), tools=tools)
        release = AsRequests(town.app, later.content).release_for(tenant, made)
        assert ("M-STR-001" in release.package.modules) is offered


def test_answers_to_a_kept_release_are_explained_as_they_were_asked(town, folder):
    pinned_campaign(town)
    where = town.finish("learner-1", right, custom={"campaign": "balie"})
    renew(folder)
    answers = newly_started(town, folder).advice.answers(where)
    assert answers
    assert all(answer.item.stem.startswith(OLD) for answer in answers)


def test_who_is_in_the_middle_goes_on_with_their_own_questions_when_a_campaign_moves_on(town, folder):
    pinned_campaign(town)
    where, _ = question(town)
    town.reply(where, right)
    before = town.attempts(where)[0].bank_version
    renew(folder)
    later = newly_started(town, folder)
    moved = AsRequests(town.app, RunCampaign(later.content)).use_installed_content("voorbeeldstad", "balie", NOW)
    assert moved == later.content.installed().bank_version
    assert later.assessment.question(where).item.stem.startswith(OLD)
    later.answer_all(where, right)
    (attempt,) = later.attempts(where)
    assert (attempt.bank_version, attempt.finished_by) == (before, "measured")
    assert question(later, sub="learner-2")[1].startswith(NEW)


def test_moving_a_campaign_to_what_it_uses_already_changes_nothing(town):
    made = pinned_campaign(town)
    moved = AsRequests(town.app, RunCampaign(town.content)).use_installed_content("voorbeeldstad", "balie", NOW)
    assert moved == made.release_id


def test_the_default_campaign_is_pinned_and_so_is_the_one_that_follows_it(town, folder):
    town.hold_campaign(release_id=None)
    AsRequests(town.app, town.content).prepare(NOW)
    kept = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard").release_id
    assert kept == town.content.installed().bank_version
    renew(folder)
    later = newly_started(town, folder)
    AsRequests(town.app, later.content).prepare(NOW)
    assert town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", "standaard").release_id == kept
    after = replace(make_campaign(), ends_on=NOW.date().replace(year=NOW.year - 1), release_id=kept)
    town.in_transaction(tenant_rows.save_campaign, after)
    where = later.visit("learner-9").where
    follower = town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", where.campaign_id)
    assert follower.release_id == later.content.installed().bank_version


def test_a_sitting_on_content_that_nobody_kept_says_that_the_questions_were_renewed(town, folder):
    town.hold_campaign()
    where = town.begin("learner-1")
    renew(folder)
    with pytest.raises(ReleaseGone):
        newly_started(town, folder).assessment.question(where)


def test_pictures_and_files_of_a_kept_release_are_there_still(app, tmp_path):
    folder = tmp_path / "starter"
    shutil.copytree(STARTER_PACKAGE, folder)
    town = Town(app, folder)
    town.settle()
    pinned_campaign(town)
    where = town.arrive("learner-1", custom={"campaign": "balie"})
    found, place = AsRequests(app, ShowMedia(town.content)).medium(where, "media/browser.svg")
    drawn = place.read_bytes()
    (folder / "package.yaml").write_text(
        (folder / "package.yaml").read_text("utf-8").replace("version: 0.1.0", "version: 0.2.0"), "utf-8"
    )
    later = newly_started(town, folder)
    again, content = AsRequests(app, ShowMedia(later.content)).medium(where, "media/browser.svg")
    assert (again.path, again.sha256, content) == (None, found.sha256, drawn)


def test_a_municipality_may_have_a_package_of_its_own(town, folder, tmp_path):
    shutil.copytree(STARTER_PACKAGE, folder.parent / "eigen-pakket")
    town.settle(package="eigen-pakket")
    made = pinned_campaign(town)
    assert made.release_id.startswith("mijn-pakket@")
    assert question(town)[1]


def test_a_file_of_a_municipality_names_a_package_that_is_there(town, tmp_path):
    path = tmp_path / "stad.yaml"
    path.write_text(TENANT_FILE.format(package="weg-ermee"), "utf-8")
    connect = AsRequests(town.app, ConnectPortal(ChooseContent(town.content._folder)))
    with pytest.raises(Exception, match="its content cannot be used"):
        connect.apply(path, NOW)


TENANT_FILE = """
id: molenwaard
name: Gemeente Molenwaard
contacts: {{helpers: Digihelden, conversation: Plan een gesprek, privacy: fg@molenwaard.example, incident: "1400"}}
portal_marks_seen_by: de beheerder
package: {package}
portals:
  - id: leren
    name: Leren
    issuer: https://leren.molenwaard.example
    client_id: c-1
    auth_login_url: https://leren.molenwaard.example/auth
    token_url: https://leren.molenwaard.example/token
    jwks_url: https://leren.molenwaard.example/jwks
    deployment_ids: ["1"]
campaign: {{name: Digivaardig, goal: Zodat iedereen verder kan met digitaal werken., starts_on: 2026-11-01}}
"""
