"""Answers become a proposal, a person activates it, and campaigns made from then on ask with it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool.content_library import load_package
from lti_tool.domain.calibration import NotSettled, ProposalBroken, ResponsesBroken, TooFewPeople, TooSoon
from lti_tool.domain.people import GivenAnswer
from lti_tool.measurement.bank import BankUnusable
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import calibrations as calibration_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.calibrate_bank import LARGEST_FILE, CalibrateBank
from lti_tool.use_cases.choose_content import ChooseContent
from tests.calibrations import CountingEngine, make_calibration, make_parameters
from tests.factories import NOW, make_campaign, make_tenant
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.town import AsRequests, Town, right
from xapi.credentials import EVERYBODY

LATER = NOW + timedelta(days=1)
MUCH_LATER = NOW + timedelta(days=2)
HARD, EASY, RARE = "VEI-INT-0011", "OPE-SOF-0011", "INF-ZOE-0011"


@pytest.fixture
def engine():
    return CountingEngine()


@pytest.fixture
def bank(app, town, engine):
    return AsRequests(app, CalibrateBank(town.content, engine))


@pytest.fixture
def sat(town):
    """People of these numbers answer some items in a sitting that ends then; None: it goes on."""

    def run(numbers, answers, at=NOW, *, ends=True, version=1, package="klein-pakket", **launch):
        for number in numbers:
            where = town.arrive(f"person-{number}", NOW, **launch)
            attempt = town.in_transaction(
                attempt_rows.begin_attempt,
                where,
                number=len(town.attempts(where)) + 1,
                bank_version=f"{package}@1.0.0+0",
                package_sha256="s",
                excluded=(),
                now=at,
            )
            for position, (item_id, is_right) in enumerate(answers.items(), start=1):
                given = GivenAnswer(
                    position, item_id, version, ("a",), "", False, is_right, "most_information", 0.7
                )
                town.in_transaction(attempt_rows.add_answer, attempt, given)
            if ends:
                town.in_transaction(attempt_rows.finish_attempt, attempt, (), "measured", at)

    return run


def write(path, calibration, **changes):
    path.write_text(json.dumps({**calibration.as_fields(), **changes}), "utf-8")
    return path


def file_of(path, people, item=HARD):
    lines = [f"p{number},{item},{number % 2}" for number in range(people)]
    path.write_text("\n".join(["person,item,right", *lines]), "utf-8")
    return path


# --- a proposal from a file -----------------------------------------------------------------------


def test_a_file_of_answers_becomes_a_proposal_without_a_database(small_content, engine, tmp_path):
    bank = CalibrateBank(ChooseContent(small_content), engine)
    proposal = bank.propose_from_file(small_content, file_of(tmp_path / "answers.csv", 12))
    package = load_package(small_content)
    calibration = proposal.calibration
    assert (calibration.package, calibration.release) == ("klein-pakket", package.bank_version)
    assert (calibration.people, calibration.answers, calibration.loading) == (12, 12, 0.71)
    (item,) = calibration.items
    assert (item.item, item.a, item.b, item.sd, item.was) == (f"{HARD}@1", 1.23, 0.0, 0.23, -1.5)
    assert (item.c, item.answers, item.drifted, item.moved) == (0.2667, 12, True, True)
    assert len(proposal.too_few) == len(package.assessment_items()) - 1
    assert f"{HARD}@1" not in proposal.too_few


def test_the_engine_gets_the_items_of_the_package_and_a_sheet_of_each_person_and_moment(
    small_content, engine, tmp_path
):
    lines = [
        f"p{number},{wave},{item},1" for number in range(10) for wave, item in (("pre", HARD), ("post", EASY))
    ]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(["person,group,item,right", *lines]), "utf-8")
    CalibrateBank(ChooseContent(small_content), engine).propose_from_file(small_content, path)
    assert engine.domains == ["operationeel", "informatie", "strategisch", "veiligheid"]
    assert len(engine.items) == 16
    assert sorted(sheet.group for sheet in engine.sheets) == ["post"] * 10 + ["pre"] * 10


def test_nine_people_are_too_few_for_a_proposal_and_for_a_question(small_content, engine, tmp_path):
    bank = CalibrateBank(ChooseContent(small_content), engine)
    with pytest.raises(TooFewPeople):
        bank.propose_from_file(small_content, file_of(tmp_path / "few.csv", 9))
    assert engine.sheets == ()
    path = file_of(tmp_path / "answers.csv", 10)
    path.write_text(path.read_text("utf-8") + f"\np1,{RARE},1", "utf-8")
    assert f"{RARE}@1" in bank.propose_from_file(small_content, path).too_few
    assert engine.rights(RARE) == []


def test_mistakes_in_the_file_are_named(small_content, engine, tmp_path):
    path = file_of(tmp_path / "answers.csv", 1, "NIE-NIE-0001")
    with pytest.raises(ResponsesBroken, match=r"answers\.csv: line 2: item: NIE-NIE-0001 is not in"):
        CalibrateBank(ChooseContent(small_content), engine).propose_from_file(small_content, path)


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (CountingEngine(converged=False), "still moved after 7 rounds"),
        (CountingEngine(loading=0.99), "loading 0.99"),
        (CountingEngine(of_items={"b": 11.0}), "difficulty out of range"),
        (CountingEngine(of_items={"b": float("nan")}), "cannot be used"),
        (CountingEngine(of_items={"a": 0.001}), "slope"),
    ],
)
def test_estimates_that_nobody_could_use_are_not_proposed(small_content, tmp_path, engine, said):
    path = file_of(tmp_path / "answers.csv", 10)
    with pytest.raises(NotSettled, match=said):
        CalibrateBank(ChooseContent(small_content), engine).propose_from_file(small_content, path)


def test_an_engine_that_refuses_the_bank_says_why(small_content, tmp_path):
    def refuse(*_):
        raise BankUnusable("no item that counts")

    path = file_of(tmp_path / "answers.csv", 10)
    with pytest.raises(NotSettled, match="no item that counts"):
        CalibrateBank(ChooseContent(small_content), refuse).propose_from_file(small_content, path)


def test_the_real_engine_calibrates_a_file(small_content, tmp_path):
    bank = CalibrateBank(ChooseContent(small_content))
    proposal = bank.propose_from_file(small_content, file_of(tmp_path / "answers.csv", 40))
    (item,) = proposal.calibration.items
    assert item.answers == 40
    assert item.was < item.b < 2


# --- a proposal from the database -----------------------------------------------------------------


def test_what_people_answered_becomes_a_proposal(small_content, bank, sat, engine):
    sat(range(10), {HARD: False, EASY: True})
    proposal = bank.propose_from_database(small_content, LATER)
    assert {item.item: item.b for item in proposal.calibration.items} == {f"{EASY}@1": -2, f"{HARD}@1": 2}
    assert (proposal.calibration.people, proposal.calibration.answers) == (10, 20)
    assert {sheet.group for sheet in engine.sheets} == {"voorbeeldstad/pretest"}


def test_the_two_measurements_and_the_municipalities_are_groups_apart(town, small_content, bank, sat, engine):
    town.settle("kleindorp", name="Kleindorp")
    town.hold_campaign(tenant_id="kleindorp", id="standaard")
    town.hold_campaign(post_from=LATER)
    sat(range(6), {HARD: True})
    sat(range(6), {EASY: True}, LATER)
    sat(range(6, 12), {HARD: True}, tenant_id="kleindorp")
    sat(range(6, 12), {EASY: True}, LATER)
    bank.propose_from_database(small_content, LATER)
    groups = sorted({sheet.group for sheet in engine.sheets})
    assert groups == ["kleindorp/pretest", "voorbeeldstad/posttest", "voorbeeldstad/pretest"]
    assert len(engine.sheets) == 20, "ten people answered each item"


@pytest.mark.parametrize(
    ("people", "campaign", "how"),
    [
        ("running sittings", {}, {"ends": False}),
        ("staff who look around", {}, {"is_staff": True}),
        ("a campaign for individual insight", {"purpose": "individual"}, {}),
        ("an earlier version of the item", {}, {"version": 2}),
        ("another package", {}, {"package": "klein-pakket-2"}),
        ("a sitting that ended after the command began", {}, {"at": MUCH_LATER}),
    ],
)
def test_nobody_else_counts(town, small_content, bank, sat, people, campaign, how):
    town.hold_campaign(**campaign)
    sat(range(10), {HARD: True}, **how)
    with pytest.raises(TooFewPeople):
        bank.propose_from_database(small_content, LATER)


def test_of_each_question_whole_tens_of_people_count_and_people_are_shown_in_tens(
    small_content, bank, sat, engine
):
    sat(range(10), {HARD: True, EASY: True})
    sat(range(10, 19), {HARD: False}, LATER)
    proposal = bank.propose_from_database(small_content, LATER)
    assert (proposal.calibration.people, proposal.calibration.answers) == (10, 20)
    assert engine.rights(HARD) == [True] * 10


def test_one_to_nine_people_later_no_second_proposal_is_made(town, small_content, bank, sat, engine):
    sat(range(12), {HARD: True})
    first = bank.propose_from_database(small_content, NOW)
    assert bank.propose_from_database(small_content, LATER) == first, "the same answers again"
    sat(range(12, 21), {HARD: False}, LATER + timedelta(hours=1))
    engine.sheets = ()
    with pytest.raises(TooSoon, match="when 10 people or more have finished"):
        bank.propose_from_database(small_content, MUCH_LATER)
    assert engine.sheets == ()
    sat([21], {HARD: False}, MUCH_LATER)
    second = bank.propose_from_database(small_content, MUCH_LATER)
    assert second.calibration.id != first.calibration.id
    notes = town.in_transaction(audit_rows.audit_rows, EVERYBODY)
    assert [(at, who, what, detail) for at, who, what, detail in notes] == [
        (at, "command line", "bank proposal", f"klein-pakket {people} people, proposal {made.calibration.id}")
        for at, people, made in [(NOW, 12, first), (LATER, 12, first), (MUCH_LATER, 22, second)]
    ]


def test_a_proposal_that_could_not_be_kept_counts_as_never_made(town, small_content, bank, sat):
    sat(range(12), {HARD: True})

    def full(_):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        bank.propose_from_database(small_content, NOW, full)
    assert town.in_transaction(audit_rows.audit_rows, EVERYBODY) == []
    kept = []
    proposal = bank.propose_from_database(small_content, NOW, kept.append)
    assert kept == [proposal]


def test_of_two_proposals_at_the_same_moment_one_is_made(app, town, small_content, sat):
    sat(range(12), {HARD: True})

    def slow(*given):
        note = "klein-pakket 12 people, proposal 0123456789ab"
        audit_rows.write_audit(EVERYBODY, "command line", "bank proposal", NOW, note)
        return CountingEngine()(*given)

    meanwhile = AsRequests(app, CalibrateBank(town.content, lambda *given: town.in_transaction(slow, *given)))
    with pytest.raises(TooSoon, match="at the same moment"):
        meanwhile.propose_from_database(small_content, LATER)


def test_another_package_than_the_installed_one_has_no_answers_here(town, bank, tmp_path):
    folder = write_small_content(tmp_path / "klein")
    manifest = folder / "package.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("klein-pakket", "ander-pakket"), "utf-8")
    with pytest.raises(ProposalBroken, match="id: is ander-pakket; this installation has klein-pakket"):
        bank.propose_from_database(folder, NOW)


def test_nothing_about_a_group_or_a_person_leaves(town, small_content, bank, sat, capfd):
    sat(range(12), {HARD: True})
    proposal = bank.propose_from_database(small_content, NOW)
    told = json.dumps(proposal.calibration.as_fields()) + repr(proposal) + "".join(capfd.readouterr())
    told += repr(town.in_transaction(audit_rows.audit_rows, EVERYBODY))
    assert not [word for word in ("voorbeeldstad", "pretest", "0.12345", "person-") if word in told]


def test_many_rows_are_read_in_one_transaction_that_writes_nothing(town, small_content, sat, engine):
    sat(range(12), {HARD: True})
    bank = AsRequests(town.app, CalibrateBank(town.content, engine))
    with town.counting_queries() as seen:
        bank.propose_from_database(small_content, NOW)
    reads = [query for query in seen if query.startswith("SELECT")]
    assert len([query for query in reads if "answer." in query]) == 1
    assert len([query for query in seen if query.startswith("INSERT")]) == 1


# --- activation -----------------------------------------------------------------------------------


@pytest.fixture
def activate(bank, tmp_path):
    """Activate a calibration from its file."""

    def run(calibration, now=NOW, **changes):
        return bank.activate(write(tmp_path / "proposal.json", calibration, **changes), "Jan", now)

    return run


def active(town):
    return town.in_transaction(calibration_rows.active_calibration_id, "klein-pakket")


def test_somebody_activates_a_proposal(town, activate):
    calibration = make_calibration(make_parameters(f"{HARD}@1"), make_parameters(f"{EASY}@2"))
    done = activate(calibration)
    assert (done.new, done.applies_to, done.calibration) == (True, 1, calibration)
    assert active(town) == calibration.id
    assert town.in_transaction(calibration_rows.load_calibration, calibration.id) == calibration
    assert town.in_transaction(audit_rows.audit_rows, EVERYBODY) == [
        (NOW, "Jan", "bank activated", f"klein-pakket {calibration.id}")
    ]


def test_activating_the_active_one_again_changes_nothing(town, activate):
    activate(make_calibration())
    assert not activate(make_calibration(), LATER).new
    assert len(town.in_transaction(audit_rows.audit_rows, EVERYBODY)) == 1


def test_an_older_one_can_be_made_active_again(town, activate):
    older, newer = make_calibration(), make_calibration(people=50)
    activate(older)
    activate(newer, LATER)
    assert active(town) == newer.id
    assert activate(older, MUCH_LATER).new
    assert active(town) == older.id
    assert town.count("calibration") == 2
    assert len(town.in_transaction(audit_rows.audit_rows, EVERYBODY)) == 3


def test_a_proposal_goes_from_its_file_into_use(town, small_content, bank, sat, tmp_path):
    sat(range(10), {HARD: False, EASY: True})
    proposal = bank.propose_from_database(small_content, NOW)
    done = bank.activate(write(tmp_path / "proposal.json", proposal.calibration), "Jan", LATER)
    assert (done.new, done.applies_to) == (True, 2)


@pytest.mark.parametrize(
    ("calibration", "changes", "said"),
    [
        (make_calibration(), {"id": "000000000000"}, "id: does not fit the content"),
        (make_calibration(), {"people": 41}, "id: does not fit the content"),
        (make_calibration(), {"schema": "calibration/9"}, "schema: must be calibration/1"),
        (make_calibration(package="ander"), {}, "package: is ander; this installation has klein-pakket"),
        (make_calibration(make_parameters(f"{HARD}@9")), {}, "items: none of them is in klein-pakket@1.2.3"),
        (make_calibration(make_parameters(f"{HARD}@1", b=11.0)), {}, "no questions can be asked with it: item"),
        (make_calibration(loading=1.0), {}, "no questions can be asked with it: loading"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_nothing_changes(town, activate, calibration, changes, said):
    with pytest.raises(ProposalBroken) as refused:
        activate(calibration, **changes)
    assert f"proposal.json: {said}" in str(refused.value)
    assert active(town) is None
    assert town.in_transaction(audit_rows.audit_rows, EVERYBODY) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"x" * (LARGEST_FILE + 1)],
    ids=["empty", "broken", "no text", "too deep", "too long a number", "too large"],
)
def test_a_file_that_is_no_proposal_is_named(bank, tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(ProposalBroken, match=r"broken\.json: "):
        bank.activate(path, "Jan", NOW)


def test_a_file_that_is_not_there_says_so(bank, tmp_path):
    with pytest.raises(ProposalBroken, match=r"absent\.json: cannot be read"):
        bank.activate(tmp_path / "absent.json", "Jan", NOW)


# --- what campaigns ask with ----------------------------------------------------------------------


def campaign_of(town, campaign_id="standaard"):
    return town.in_transaction(tenant_rows.load_campaign, "voorbeeldstad", campaign_id)


def release_of(town, campaign):
    return town.in_transaction(town.content.release_for, town.tenant(), campaign)


def test_a_running_campaign_keeps_its_questions_and_the_next_one_asks_with_the_calibration(town, activate):
    calibration = make_calibration()
    where = town.begin("a")
    activate(calibration)
    assert campaign_of(town).calibration_id is None
    assert town.answer_all(where, right) == 4
    next_year = NOW + timedelta(days=400)
    again = town.finish("b", right, next_year)
    assert again.campaign_id == "standaard-2"
    assert campaign_of(town, "standaard-2").calibration_id == calibration.id
    versions = [town.attempts(w)[0].bank_version for w in (where, again)]
    assert versions[1] == f"{versions[0]}.{calibration.id}"


def test_a_later_activation_does_not_reach_a_campaign_that_is_there(town, activate):
    first = make_calibration()
    activate(first)
    next_year = NOW + timedelta(days=400)
    town.visit("a", next_year)
    activate(make_calibration(people=50), next_year)
    assert town.visit("b", next_year).where.campaign_id == "standaard-2"
    assert campaign_of(town, "standaard-2").calibration_id == first.id


def test_parameters_from_answers_reach_the_engine_where_they_apply(town, activate):
    calibration = make_calibration(
        make_parameters(f"{HARD}@1", a=1.5, b=0.9, c=0.1, sd=0.0), make_parameters(f"{EASY}@2")
    )
    activate(calibration)
    plain = release_of(town, make_campaign())
    calibrated = release_of(town, make_campaign(calibration_id=calibration.id))
    place, other = calibrated.bank.index[HARD], calibrated.bank.index[EASY]
    assert (calibrated.bank.a[place], calibrated.bank.b[place], calibrated.bank.c[place]) == (1.5, 0.9, 0.1)
    assert calibrated.bank.c[other] == plain.bank.c[other]
    assert calibrated.bank.prior.loading == 0.7
    assert plain.bank.version == plain.package.bank_version
    assert calibrated.bank.version == f"{plain.bank.version}.{calibration.id}"
    assert calibrated.package is plain.package
    assert release_of(town, make_campaign(id="x", calibration_id=calibration.id)) is calibrated


def test_a_calibrated_campaign_costs_no_query_more(town, activate):
    calibration = make_calibration()
    activate(calibration)
    wheres = []
    for campaign_id, calibration_id in [("plain", None), ("calibrated", calibration.id)]:
        town.hold_campaign(id=campaign_id, calibration_id=calibration_id)
        wheres.append(town.begin("a", custom={"campaign": campaign_id}))
    counts = []
    for where in wheres:
        asked = town.assessment.question(where)
        with town.counting_queries() as seen:
            town.assessment.answer(where, asked.item.key, 1, right(asked.item), NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_practice_question_asks_for_no_calibration(town, activate, small_content):
    calibration = make_calibration()
    activate(calibration)
    town.hold_campaign(id="calibrated", calibration_id=calibration.id)
    where = town.arrive("a", custom={"campaign": "calibrated"})
    fresh = Town(town.app, small_content)
    with fresh.counting_queries() as seen:
        fresh.assessment.practice(where)
    assert not [query for query in seen if "calibration." in query]


def test_what_campaigns_ask_with_is_ready_before_the_first_visitor_comes(town, activate, small_content):
    calibration = make_calibration()
    activate(calibration)
    town.hold_campaign(id="calibrated", calibration_id=calibration.id)
    content = ChooseContent(small_content)
    AsRequests(town.app, content).prepare(NOW)
    with town.counting_queries() as seen:
        content.release_for(make_tenant(), make_campaign(calibration_id=calibration.id))
    assert seen == []


def test_a_sitting_goes_on_with_the_difficulties_with_which_it_began(town, activate):
    calibration = make_calibration()
    activate(calibration)
    where = town.begin("a")
    town.in_transaction(tenant_rows.save_campaign, replace(campaign_of(town), calibration_id=calibration.id))
    town.answer_all(where, right)
    (first,) = town.attempts(where)
    assert not first.bank_version.endswith(calibration.id)
    assert town.finish("b", right).campaign_id == where.campaign_id
