"""Figures worked out from a real LRS are those worked out from the tool's tables, and nothing else comes out."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from lti_tool.domain.errors import CampaignUnknown, TenantUnknown
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import db
from lti_tool.storage.schema import SCHEMA
from lti_tool.storage.tables import ParticipationKeyRow
from lti_tool.use_cases import report_from_lrs
from lti_tool.use_cases.report_from_lrs import ReportFromLrs
from tests.integration.journeys.small_content import SKILLS
from tests.integration.journeys.test_publishing_figures import LATER, MODULE, page, publish, train
from tests.integration.journeys.town import AsRequests, Town, right, wrong
from tests.integration.lrs_fixtures import CREDENTIALS, running_lrs
from xapi.client import LrsClient
from xapi.warehouse.landing import FolderNotUsable
from xapi.warehouse.metrics import Metrics
from xapi.warehouse.pull import Pull

BIG = "Balie en klantcontact"
PEOPLE, TWICE, IN_TEAM = 40, 31, 12


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def everybody(place, small_content):
    """A town where many took the assessment and most took it again, published once; and where they all are."""
    app = Flask("report")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{place / 'tool.sqlite3'}"
    SCHEMA.upgrade(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    town = Town(app, small_content)
    town.settle()
    town.hold_campaign()
    people = []
    for number in range(PEOPLE):
        custom = {"team": BIG} if number < IN_TEAM else {}
        people.append(town.finish(f"learner-{number}", right if number % 3 else wrong, custom=custom))
    town.hold_campaign(post_from=LATER)
    town.hold_campaign(id="leeg")
    for number, where in enumerate(people[:TWICE]):
        town.assessment.begin(where, LATER)
        town.answer_all(where, right if number % 5 else wrong, LATER)
    train(town, people[5:35], finished=people[5:20])
    assert publish(town, LATER) == 1
    # What comes after a publication is in the LRS too, and is not in its figures.
    train(town, people[:5], finished=people[20:25])
    yield town, people
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def town(everybody):
    return everybody[0]


@pytest.fixture(scope="module")
def report(town):
    return AsRequests(town.app, ReportFromLrs(town.content, town.pen, town.seal))


@pytest.fixture(scope="module")
def whole(town, place):
    """A copy of an LRS to which everything was delivered."""
    return copied(town, place / "whole")


def copied(town, folder, without=lambda statement: False):
    """The operator stream delivered to the built-in LRS, without what is lost on the way, and pulled from it."""
    bodies = [json.dumps(statement) for statement in town.statements() if not without(statement)]
    with running_lrs(f"sqlite:///{folder}.sqlite3") as lrs:
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


def second_sitting(town, where):
    """The IRI by which statements name it."""
    identity = town.in_transaction(participation_rows.load_identity, where, town.seal)
    return town.pen.name_of_attempt(identity, town.attempts(where)[1].id)


def verb_of(statement):
    return statement["verb"]["id"].rsplit("/", 1)[-1]


def published_values(town):
    return {
        (figure.measure, figure.group, name): value
        for figure in page(town).disclosed.figures
        for name, value in (figure.values or {"": figure.n_shown}).items()
    }


def reasons(found, kind):
    return {entry.reason for entry in found.untold if entry.measure.startswith(kind)}


def test_the_lrs_says_what_the_tables_say(town, report, whole):
    found = compare(report, whole)
    assert found.untold == ()
    assert found.holds_everything
    from_lrs = {(line.measure, line.group, line.name): line.from_lrs for line in found.lines}
    assert from_lrs == published_values(town)
    assert {from_lrs[f"effect:{domain}", "all", "method"] for domain in SKILLS} == {"latent_regression"}
    assert from_lrs["effect:veiligheid", f"team:{BIG}", "method"] == "paired_t"
    assert any(measure.startswith("levels_pre") for measure, _, _ in from_lrs)
    assert ("participation", f"team:{BIG}", "") in from_lrs
    assert (f"module:{MODULE}", "all", "done_percent") in from_lrs


def test_without_answers_effects_come_from_the_estimates_and_levels_are_not_told(town, report, place):
    found = compare(report, copied(town, place / "bare", lambda statement: verb_of(statement) == "answered"))
    assert reasons(found, "levels") == {"no_answers"}
    assert reasons(found, "effect") == reasons(found, "participation") == set()
    effects = [line for line in found.lines if line.measure.startswith("effect")]
    assert {line.from_lrs for line in effects if line.name == "method"} == {"paired_t"}
    assert {line.comparable for line in effects if line.group == "all"} == {False}
    assert all(line.comparable and not line.differs for line in effects if line.group != "all")
    assert found.holds_everything


@pytest.mark.parametrize(
    ("lost", "kind"),
    [
        ("acknowledge", "participation"),
        ("scored", "effect"),
        ("answered", "levels"),
    ],
)
def test_a_figure_of_which_the_lrs_lost_one_statement_does_not_come_out(town, report, place, lost, kind):
    first = next(statement["id"] for statement in town.statements() if verb_of(statement) == lost)
    found = compare(report, copied(town, place / f"{lost}-{kind}", lambda statement: statement["id"] == first))
    assert not found.holds_everything
    assert reasons(found, kind) == {"incomplete"}
    untold = {(entry.measure, entry.group) for entry in found.untold}
    assert not untold & {(line.measure, line.group) for line in found.lines}
    assert not any(line.differs for line in found.lines)


def test_what_is_done_in_another_training_says_nothing_of_this_one(report, whole, monkeypatch):
    class Elsewhere(Metrics):
        def trained(self, registrations):
            return [one._replace(module="M-OPE-999@1") for one in super().trained(registrations)]

    monkeypatch.setattr(report_from_lrs, "Metrics", Elsewhere)
    assert reasons(compare(report, whole), "module") == {"incomplete"}


@pytest.mark.parametrize("lost", ["opened", "finished"])
def test_a_training_of_which_the_lrs_lost_a_step_does_not_come_out(report, whole, monkeypatch, lost):
    class WithoutOne(Metrics):
        def trained(self, registrations):
            found = sorted(super().trained(registrations), key=lambda one: not one.is_finished)
            return found[1:] if lost == "opened" else [found[0]._replace(is_finished=False), *found[1:]]

    monkeypatch.setattr(report_from_lrs, "Metrics", WithoutOne)
    found = compare(report, whole)
    assert reasons(found, "module") == {"incomplete"}
    assert not found.holds_everything


def test_a_sitting_of_which_the_lrs_lost_every_answer_is_noticed(everybody, report, whole, monkeypatch):
    town, people = everybody
    lost = second_sitting(town, people[0])

    class WithoutOne(Metrics):
        def answers(self, attempts):
            return [answer for answer in super().answers(attempts) if answer.attempt != lost]

    monkeypatch.setattr(report_from_lrs, "Metrics", WithoutOne)
    found = compare(report, whole)
    assert reasons(found, "effect") == {"incomplete"}
    assert {entry.reason for entry in found.untold} == {"incomplete"}
    assert not found.holds_everything
    assert not any(line.differs for line in found.lines)


def test_what_was_measured_with_another_bank_gives_effects_but_no_levels(report, whole, monkeypatch):
    class Older(Metrics):
        def scores(self, attempts):
            return [score._replace(bank_version="older") for score in super().scores(attempts)]

    monkeypatch.setattr(report_from_lrs, "Metrics", Older)
    found = compare(report, whole)
    assert reasons(found, "levels") == {"another_bank"}
    assert any(line.measure.startswith("effect") for line in found.lines)
    assert found.holds_everything


def test_answers_to_items_that_are_others_by_now_are_not_weighed(report, whole, monkeypatch):
    class Renewed(Metrics):
        def answers(self, attempts):
            return [answer._replace(item=answer.item.replace("@1", "@0")) for answer in super().answers(attempts)]

    monkeypatch.setattr(report_from_lrs, "Metrics", Renewed)
    found = compare(report, whole)
    assert reasons(found, "levels") == {"incomplete"}


def test_an_estimate_that_lacks_or_stands_twice_is_noticed(report, whole, monkeypatch):
    class WithoutEstimates(Metrics):
        def scores(self, attempts):
            return [score._replace(wle=None) for score in super().scores(attempts)]

    class Twice(Metrics):
        def answers(self, attempts):
            return []

        def mean_changes(self, pairs):
            return {name: c._replace(pairs=c.pairs + 1) for name, c in super().mean_changes(pairs).items()}

    for tampered in (WithoutEstimates, Twice):
        monkeypatch.setattr(report_from_lrs, "Metrics", tampered)
        assert reasons(compare(report, whole), "effect") == {"incomplete"}


def test_after_somebodys_tie_is_gone_figures_with_them_cannot_be_repeated(everybody, report, whole):
    town, people = everybody
    key = (people[IN_TEAM].tenant_id, people[IN_TEAM].participation_id)

    def destroy():
        row = db.session.get(ParticipationKeyRow, key)
        kept = {column.name: getattr(row, column.name) for column in ParticipationKeyRow.__table__.columns}
        db.session.delete(row)
        return kept

    kept = town.in_transaction(destroy)
    try:
        found = compare(report, whole)
    finally:
        town.in_transaction(lambda: db.session.add(ParticipationKeyRow(**kept)))
    assert {(entry.group, entry.reason) for entry in found.untold} == {("all", "link_gone")}
    assert {line.group for line in found.lines} == {f"team:{BIG}"}


def test_nothing_comes_out_that_was_not_published(report, whole):
    found = compare(report, whole, "leeg")
    assert (found.lines, found.untold) == ((), ())


def test_that_it_was_asked_is_written_down(town, report, whole):
    compare(report, whole)
    written = town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
    assert (LATER, "command line", "figures of a copy", "standaard") in [tuple(row) for row in written]


def test_what_is_not_there_is_named(report, whole, tmp_path):
    with pytest.raises(FolderNotUsable, match="`digivaardig lrs pull` makes them"):
        compare(report, tmp_path)
    with pytest.raises(CampaignUnknown):
        compare(report, whole, "nergens")
    with pytest.raises(TenantUnknown):
        report.compare(whole, "nergens", "standaard", LATER)
