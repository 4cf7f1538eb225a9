"""Figures worked out from a real LRS are those worked out from the tool's tables, and nothing else comes out."""

from __future__ import annotations

import json

import pytest

from lti_tool.domain.errors import CampaignUnknown, TenantUnknown
from lti_tool.storage import audit as audit_rows
from lti_tool.use_cases.report_from_lrs import ReportFromLrs
from tests.integration.journeys.small_content import SKILLS
from tests.integration.journeys.test_publishing_figures import LATER, page, publish
from tests.integration.journeys.town import AsRequests, right, wrong
from tests.integration.lrs_fixtures import CREDENTIALS, running_lrs
from xapi.client import LrsClient
from xapi.warehouse.landing import FolderNotUsable
from xapi.warehouse.pull import Pull

BIG = "Balie en klantcontact"
pytestmark = pytest.mark.parametrize("kept_app", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def report(town):
    return AsRequests(town.app, ReportFromLrs(town.content, town.pen, town.seal))


def live(town, people, *, second=0, in_team=10):
    """People who take the assessment, of whom so many take it again later, and publish what is due."""
    everybody = []
    for number in range(people):
        custom = {"team": BIG} if number < in_team else {}
        everybody.append(town.finish(f"learner-{number}", right if number % 3 else wrong, custom=custom))
    town.hold_campaign(post_from=LATER)
    for number, where in enumerate(everybody[:second]):
        town.assessment.begin(where, LATER)
        town.answer_all(where, right if number % 5 else wrong, LATER)
    publish(town, LATER)
    return everybody


def copied(town, database, folder, without=lambda statement: False):
    """The operator stream delivered to the built-in LRS, without what is lost on the way, and pulled from it."""
    bodies = [json.dumps(statement) for statement in town.statements() if not without(statement)]
    with running_lrs(database) as lrs:
        writer = LrsClient(lrs.url, *CREDENTIALS.make("voorbeeldstad", "write_operator"))
        for start in range(0, len(bodies), 200):
            assert writer.post_statements(bodies[start : start + 200]).status == 200
        writer.close()
        reader = LrsClient(lrs.url, *CREDENTIALS.make("*", "read_operator"))
        Pull(reader, lrs.url, folder).run(LATER, lambda share, read: None)
        reader.close()
    return folder


def compare(report, folder, campaign="standaard"):
    return report.compare(folder, "voorbeeldstad", campaign, LATER)


def verb_of(statement):
    return statement["verb"]["id"].rsplit("/", 1)[-1]


def published_values(town):
    return {
        (figure.measure, figure.group, name): value
        for figure in page(town).disclosed.figures
        for name, value in (figure.values or {"": figure.n_shown}).items()
    }


@pytest.mark.parametrize(("people", "second", "method"), [(20, 10, "paired_t"), (40, 30, "latent_regression")])
def test_the_lrs_says_what_the_tables_say(town, report, sqlite_database, tmp_path, people, second, method):
    live(town, people, second=second)
    found = compare(report, copied(town, sqlite_database, tmp_path / "copy"))
    assert found.untold == ()
    assert found.holds_everything
    from_lrs = {(line.measure, line.group, line.name): line.from_lrs for line in found.lines}
    assert from_lrs == published_values(town)
    assert from_lrs["effect:veiligheid", "all", "method"] == method
    assert people < 30 or any(measure.startswith("levels_pre") for measure, _, _ in from_lrs)
    assert ("participation", f"team:{BIG}", "") in from_lrs


def test_without_answers_effects_come_from_the_estimates_and_levels_are_not_told(
    town, report, sqlite_database, tmp_path
):
    town.settle(answers_to_operator_lrs=False)
    live(town, 20, second=10)
    found = compare(report, copied(town, sqlite_database, tmp_path / "copy"))
    assert {entry.reason for entry in found.untold} == {"no_answers"}
    assert all(entry.measure.startswith("levels") for entry in found.untold)
    effects = [line for line in found.lines if line.measure.startswith("effect")]
    assert len(effects) >= 6 * len(SKILLS)
    assert all(line.comparable and not line.differs for line in effects)
    assert found.holds_everything


def test_another_method_for_lack_of_answers_is_no_difference(town, report, sqlite_database, tmp_path):
    town.settle(answers_to_operator_lrs=False)
    live(town, 30, second=30)
    found = compare(report, copied(town, sqlite_database, tmp_path / "copy"))
    effects = [line for line in found.lines if line.measure.startswith("effect") and line.group == "all"]
    assert {line.from_lrs for line in effects if line.name == "method"} == {"paired_t"}
    assert not any(line.comparable for line in effects)
    assert found.holds_everything


@pytest.mark.parametrize("lost", ["acknowledge", "scored", "answered"])
def test_a_figure_of_which_the_lrs_lost_one_person_does_not_come_out(
    town, report, sqlite_database, tmp_path, lost
):
    live(town, 20, second=10)
    one = town.statements()[0]["context"]["registration"]
    gone = []

    def without(statement):
        if verb_of(statement) != lost or statement["context"]["registration"] != one or gone:
            return False
        gone.append(statement)
        return True

    found = compare(report, copied(town, sqlite_database, tmp_path / "copy", without))
    assert len(gone) == 1
    assert not found.holds_everything
    untold = {(entry.measure, entry.group) for entry in found.untold}
    assert untold
    assert {entry.reason for entry in found.untold} == {"incomplete"}
    assert not untold & {(line.measure, line.group) for line in found.lines}
    assert not any(line.differs for line in found.lines)


def test_nothing_comes_out_that_was_not_published(town, report, sqlite_database, tmp_path):
    live(town, 9)
    found = compare(report, copied(town, sqlite_database, tmp_path / "copy"))
    assert (found.lines, found.untold) == ((), ())


def test_after_somebody_s_tie_is_gone_figures_with_them_cannot_be_repeated(
    town, report, sqlite_database, tmp_path
):
    everybody = live(town, 20)
    folder = copied(town, sqlite_database, tmp_path / "copy")
    town.in_transaction(destroy_key, everybody[15])
    found = compare(report, folder)
    assert {(entry.group, entry.reason) for entry in found.untold} == {("all", "link_gone")}
    assert {line.group for line in found.lines} == {f"team:{BIG}"}


def destroy_key(where):
    from lti_tool.storage.database import db
    from lti_tool.storage.tables import ParticipationKeyRow

    db.session.delete(db.session.get(ParticipationKeyRow, (where.tenant_id, where.participation_id)))


def test_that_it_was_asked_is_written_down(town, report, sqlite_database, tmp_path):
    live(town, 12)
    compare(report, copied(town, sqlite_database, tmp_path / "copy"))
    written = town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
    assert (LATER, "command line", "figures of a copy", "standaard") in [tuple(row) for row in written]


def test_what_is_not_there_is_named(town, report, sqlite_database, tmp_path):
    with pytest.raises(FolderNotUsable, match="`digivaardig lrs pull` makes them"):
        compare(report, tmp_path)
    folder = copied(town, sqlite_database, tmp_path / "copy")
    with pytest.raises(CampaignUnknown):
        compare(report, folder, "nergens")
    with pytest.raises(TenantUnknown):
        report.compare(folder, "nergens", "standaard", LATER)
