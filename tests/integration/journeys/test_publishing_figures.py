"""Figures about groups: counted, passed through the gate, frozen, told, and read back."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from lti_tool.domain.errors import CampaignUnknown, FiguresUnknown, TenantUnknown
from lti_tool.domain.people import GivenAnswer
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import audit as audit_rows
from lti_tool.use_cases.figure_values import NO_CONTROL_GROUP
from tests.factories import NOW, make_result
from tests.integration.journeys.small_content import SKILLS
from tests.integration.journeys.town import at_the_same_moment, right, wrong

LATER = NOW + timedelta(days=40)
BIG, SMALL, OTHER = "Balie en klantcontact", "Wmo", "Vergunningen"
TEAMS = [BIG] * 12 + [SMALL] * 6 + [OTHER] * 6
LOW, MIDDLE, HIGH = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)


def take_part(town, people, *, first=0, team=None):
    """So many people read the start page; returns where they are."""
    custom = {"team": team} if team else {}
    return [town.arrive(f"learner-{number}", custom=custom) for number in range(first, first + people)]


def measure(town, where, mean, *, number=1, at=NOW, answers=(), version=1, **changes):
    """A finished sitting with this ability in every domain, and answers as pairs of item and right."""
    shares = LOW if mean < -0.5 else HIGH if mean > 0.8 else MIDDLE
    profile = [make_result(domain, mean, **{"shares": shares, **changes}) for domain in SKILLS]

    def sit():
        attempt = attempt_rows.begin_attempt(
            where, number=number, bank_version="b", package_sha256="s", excluded=(), now=at
        )
        for position, (item_id, is_right) in enumerate(answers, start=1):
            given = GivenAnswer(position, item_id, version, ("a",), "", False, is_right, "least_certain", 0.7)
            attempt_rows.add_answer(attempt, given)
        attempt_rows.finish_attempt(attempt, profile, "measured", at)

    town.in_transaction(sit)


def publish(town, now=NOW):
    return town.figures.publish("voorbeeldstad", now)


def page(town, campaign="standaard", language="nl"):
    return town.reports.group_page("voorbeeldstad", campaign, language, NOW)


def shown(town):
    """Measure and group of every figure that may be seen."""
    disclosed = page(town).disclosed
    return {(figure.measure, figure.group) for figure in disclosed.figures} if disclosed else set()


def values(town, measure, group="all"):
    (figure,) = [f for f in page(town).disclosed.figures if (f.measure, f.group) == (measure, group)]
    return dict(figure.values)


def read_csv(town):
    token = town.reports.make_csv_link("voorbeeldstad", "standaard", NOW)
    return list(csv.DictReader(io.StringIO(town.reports.csv(token))))


def test_of_teams_of_12_6_and_6_all_and_the_team_of_12_appear(town):
    everybody = []
    for number, team in enumerate(TEAMS):
        how = right if number % 2 else wrong
        everybody.append(town.finish(f"learner-{number}", how, custom={"team": team}))
    town.hold_campaign(post_from=LATER)
    for where in everybody:
        town.assessment.begin(where, LATER)
        town.answer_all(where, right, LATER)
    assert publish(town, LATER) == 1
    groups = {group for _, group in shown(town)}
    assert groups == {"all", f"team:{BIG}"}
    assert ("participation", "all") in shown(town)
    assert {f"effect:{domain}" for domain in SKILLS} <= {measure for measure, _ in shown(town)}
    assert {entry.group for entry in page(town).disclosed.hidden} >= {f"team:{SMALL}", f"team:{OTHER}"}
    told = town.statements("group")
    assert len(told) == 2
    assert all("account" in statement["actor"] for statement in told)
    for private in (SMALL, OTHER, "learner-"):
        assert private not in str(told)
        assert private not in str(read_csv(town))


def test_nine_people_see_no_figures_however_many_staff_look_around(town):
    for where in take_part(town, 9):
        measure(town, where, 0.0)
    for number in range(5):
        town.arrive(f"teacher-{number}", is_staff=True)
    for number in range(5):
        town.visit(f"not-taking-part-{number}")
    assert publish(town) == 0
    assert page(town).disclosed is None
    assert town.outbox(stream="group") == []
    assert read_csv(town) == []


def test_the_tenth_person_makes_a_publication_due(town):
    take_part(town, 9)
    assert publish(town) == 0
    take_part(town, 1, first=9)
    assert publish(town) == 1
    assert shown(town) == {("participation", "all")}


def test_the_next_publication_waits_for_ten_changes(town):
    take_part(town, 12)
    assert publish(town) == 1
    assert publish(town) == 0
    take_part(town, 9, first=12)
    assert publish(town) == 0
    take_part(town, 1, first=21)
    assert publish(town) == 1
    assert town.count("snapshot") == 2


def test_figures_stay_as_they_were_published(town):
    for where in take_part(town, 20):
        measure(town, where, -1.0)
    take_part(town, 9, first=20)
    publish(town)
    before = page(town).disclosed
    for where in take_part(town, 9, first=29):
        measure(town, where, 2.0)
    publish(town)
    kept = {(f.measure, f.group): f for f in page(town).disclosed.figures}
    for figure in before.figures:
        if figure.measure != "participation":
            assert kept[figure.measure, figure.group] == figure


def test_counts_are_told_in_tens(town):
    take_part(town, 27)
    publish(town)
    assert [figure.n_shown for figure in page(town).disclosed.figures] == [20]


def test_who_skipped_counts_as_taking_part_and_has_no_level(town):
    for where in take_part(town, 12):
        town.assessment.skip(where, NOW)
    publish(town)
    assert shown(town) == {("participation", "all")}


def test_levels_are_shares_of_people_with_small_cells_merged(town):
    for number, where in enumerate(take_part(town, 40)):
        measure(town, where, (-1.0, -1.0, 0.0, 1.0)[number % 4])
    publish(town)
    shares = values(town, "levels_pre:veiligheid")
    assert shares == {"basis_percent": 45, "zelfstandig_percent": 30, "gevorderd_percent": 30}


def test_a_level_of_fewer_than_ten_people_is_not_told_apart(town):
    for number, where in enumerate(take_part(town, 24)):
        measure(town, where, -1.0 if number % 2 else 0.0)
    publish(town)
    assert set(values(town, "levels_pre:veiligheid")) == {"basis_percent", "zelfstandig+gevorderd_percent"}


def test_when_all_are_at_one_level_that_is_not_told(town):
    for where in take_part(town, 12):
        measure(town, where, -1.0, shares=(1.0, 0.0, 0.0))
    publish(town)
    assert shown(town) == {("participation", "all")}


def test_who_was_asked_nothing_about_a_domain_does_not_count_there(town):
    for number, where in enumerate(take_part(town, 20)):
        measure(town, where, -1.0 if number % 2 else 0.0, items=0)
    publish(town)
    assert shown(town) == {("participation", "all")}


MODULE = "M-VEI-001"


def train(town, places, *, finished=()):
    """They open a training; some of them finish it."""
    for where in places:
        town.module.open(where, MODULE, NOW)
    for where in finished:
        town.module.finish(where, MODULE, NOW)


def test_how_far_a_group_is_with_a_training_is_told_of_everybody_who_takes_part(town):
    places = take_part(town, 60)
    train(town, places[:40], finished=places[:20])
    publish(town)
    assert shown(town) == {("participation", "all"), (f"module:{MODULE}", "all")}
    assert values(town, f"module:{MODULE}") == {"new_percent": 35, "begun_percent": 35, "done_percent": 35}
    assert dict(page(town).modules)[MODULE] == town.content.installed().module(MODULE).title
    rows = {row["value"]: row["figure"] for row in read_csv(town) if row["measure"] == f"module:{MODULE}"}
    assert rows == {"new_percent": "35", "begun_percent": "35", "done_percent": "35"}
    (statement,) = town.statements("group")
    (said,) = [told for name, told in statement["result"]["extensions"].items() if name.endswith("/figures")]
    assert said[f"module:{MODULE}"] == {
        "n-at-least": 60,
        "new_percent": 35,
        "begun_percent": 35,
        "done_percent": 35,
    }


@pytest.mark.parametrize(("opened", "finished", "told"), [(9, 0, None), (9, 9, None), (30, 30, None), (15, 6, 50)])
def test_of_a_training_that_few_opened_or_finished_nothing_tells_them_apart(town, opened, finished, told):
    places = take_part(town, 30)
    train(town, places[:opened], finished=places[:finished])
    publish(town)
    if told is None:
        assert shown(town) == {("participation", "all")}
    else:
        assert values(town, f"module:{MODULE}") == {"new_percent": told, "begun+done_percent": told}


def test_staff_who_look_around_in_a_training_count_nowhere(town):
    for number in range(12):
        where = town.arrive(f"teacher-{number}", is_staff=True)
        town.module.open(where, MODULE, NOW)
    take_part(town, 30)
    publish(town)
    assert shown(town) == {("participation", "all")}


def test_a_training_is_told_of_anew_when_ten_people_went_on(town):
    places = take_part(town, 60)
    train(town, places[:20])
    publish(town)
    before = values(town, f"module:{MODULE}")
    train(town, places[20:29])
    assert publish(town, LATER) == 0
    train(town, places[29:30])
    assert publish(town, LATER) == 1
    assert (before["new_percent"], values(town, f"module:{MODULE}")["new_percent"]) == (65, 50)


def test_an_effect_is_the_mean_change_of_the_same_people_with_its_interval(town):
    town.hold_campaign(post_from=LATER)
    for number, where in enumerate(take_part(town, 12)):
        measure(town, where, 0.0)
        measure(town, where, 0.4 if number % 2 else 0.6, number=2, at=LATER)
    publish(town, LATER)
    effect = values(town, "effect:veiligheid")
    assert effect["mean"] == 0.5
    assert effect["low95"] < 0.5 < effect["high95"]
    assert effect["minimal_detectable"] > 0


def test_an_effect_needs_ten_people_with_both_measurements(town):
    town.hold_campaign(post_from=LATER)
    for number, where in enumerate(take_part(town, 24)):
        measure(town, where, 0.0)
        if number < 9:
            measure(town, where, 0.5, number=2, at=LATER)
    publish(town, LATER)
    assert not any(measure.startswith("effect") for measure, _ in shown(town))


def thirty_people_gain(town, **changes):
    """Thirty people whose answers are better the second time."""
    town.hold_campaign(post_from=LATER)
    for number, where in enumerate(take_part(town, 30)):
        first = [("VEI-INT-0011", number % 2 == 0), ("VEI-INT-0012", number % 3 != 0)]
        second = [("VEI-INT-0013", number % 3 != 0), ("VEI-INT-0014", number % 5 != 0)]
        measure(town, where, 0.0, answers=first, **changes)
        measure(town, where, 0.5, number=2, at=LATER, answers=second, **changes)
    publish(town, LATER)
    return values(town, "effect:veiligheid")


def test_from_thirty_people_on_an_effect_comes_from_what_they_answered(town):
    effect = thirty_people_gain(town)
    assert effect["method"] == "latent_regression"
    assert 0.5 < effect["mean"] < 3.0
    assert effect["low95"] < effect["mean"] < effect["high95"]


def test_answers_to_questions_that_were_renewed_are_not_weighed_with_the_new_ones(town):
    effect = thirty_people_gain(town, version=7)
    assert (effect["method"], effect["mean"]) == ("paired_t", 0.5)


def test_beside_every_effect_stands_that_a_second_time_alone_helps(town):
    thirty_people_gain(town)
    assert {row["text"] for row in read_csv(town) if row["value"] == "caveat"} == {NO_CONTROL_GROUP}
    for statement in town.statements("group"):
        said = {key.rsplit("/", 1)[-1]: value for key, value in statement["result"]["extensions"].items()}
        told = [values for measure, values in said["figures"].items() if measure.startswith("effect:")]
        assert told
        assert all(values["caveat"] == NO_CONTROL_GROUP for values in told)


@pytest.mark.parametrize("lacking", [{"wle": None}, {"items": 0}])
def test_a_measurement_without_an_estimate_is_no_half_of_a_pair(town, lacking):
    town.hold_campaign(post_from=LATER)
    for where in take_part(town, 12):
        measure(town, where, 0.0)
        measure(town, where, 0.5, number=2, at=LATER, **lacking)
    publish(town, LATER)
    assert not any(measure.startswith("effect") for measure, _ in shown(town))


def test_in_a_campaign_for_individual_insight_nothing_is_ever_published(town):
    town.hold_campaign(purpose="individual")
    for where in take_part(town, 30):
        measure(town, where, 0.0)
    assert publish(town) == 0
    assert not page(town).writes_results
    assert page(town).disclosed is None


def test_every_municipality_is_published_by_itself(town):
    town.settle("kleindorp")
    town.hold_campaign(tenant_id="kleindorp")
    take_part(town, 12)
    for number in range(6):
        town.arrive(f"learner-{number}", tenant_id="kleindorp")
    assert town.figures.publish_everywhere(NOW) == 1
    assert town.reports.group_page("kleindorp", "standaard", "nl", NOW).disclosed is None


def test_two_workers_at_the_same_moment_publish_once(town):
    take_part(town, 12)
    assert sorted(at_the_same_moment([lambda: publish(town)] * 2)) == [0, 1]
    assert town.count("snapshot") == 1
    assert len(town.outbox(stream="group")) == 1


def test_page_csv_and_statement_show_the_same(town):
    for number, where in enumerate(take_part(town, 24, team=BIG)):
        measure(town, where, -1.0 if number % 2 else 0.0)
    publish(town)
    figures = {(f.group, f.measure): f for f in page(town).disclosed.figures}
    rows = read_csv(town)
    assert {(row["group"], row["measure"]) for row in rows} == set(figures)
    for row in rows:
        figure = figures[row["group"], row["measure"]]
        assert row["n_at_least"] == str(figure.n_shown)
        assert row["published_at"] == NOW.isoformat()
        assert (row["figure"] or row["text"]) == str(figure.values.get(row["value"], ""))
    for statement in town.statements("group"):
        said = {key.rsplit("/", 1)[-1]: v for key, v in statement["result"]["extensions"].items()}
        for measured, told in said["figures"].items():
            figure = figures[said["group"], measured]
            assert told == {"n-at-least": figure.n_shown, **figure.values}


def test_the_csv_keeps_a_spreadsheet_from_reading_formulas(town):
    town.hold_campaign(name='=HYPERLINK("https://example.org")')
    take_part(town, 12)
    publish(town)
    (row,) = read_csv(town)
    assert row["campaign"] == '\'=HYPERLINK("https://example.org")'
    assert (row["value"], row["figure"]) == ("", "")


def test_a_negative_number_in_the_csv_stays_a_number(town):
    town.hold_campaign(post_from=LATER)
    for number, where in enumerate(take_part(town, 12)):
        measure(town, where, 0.0)
        measure(town, where, -0.4 if number % 2 else -0.6, number=2, at=LATER)
    publish(town, LATER)
    means = {row["figure"] for row in read_csv(town) if row["value"] == "mean"}
    assert means == {"-0.5"}


def test_a_new_csv_link_ends_the_earlier_one_and_is_written_down(town):
    earlier = town.reports.make_csv_link("voorbeeldstad", "standaard", NOW)
    later = town.reports.make_csv_link("voorbeeldstad", "standaard", LATER)
    assert town.reports.csv(later).startswith('"campaign"')
    for gone in (earlier, "never-made", ""):
        with pytest.raises(FiguresUnknown):
            town.reports.csv(gone)
    written = town.in_transaction(audit_rows.audit_rows, "voorbeeldstad")
    assert [(at, who, what) for at, who, what, _ in written] == [
        (NOW, "command line", "csv link made"),
        (LATER, "command line", "csv link made"),
    ]
    assert not any(earlier in str(row) or later in str(row) for row in written)


def test_the_csv_link_survives_a_change_of_the_campaign(town):
    token = town.reports.make_csv_link("voorbeeldstad", "standaard", NOW)
    town.hold_campaign(post_from=LATER)
    assert town.reports.csv(token).startswith('"campaign"')


def test_the_group_page_speaks_the_readers_language_where_the_content_does(town):
    assert dict(page(town).domains)["veiligheid"] == "Domein veiligheid"
    english = page(town, language="en")
    assert dict(english.domains)["veiligheid"] == "Domain veiligheid"
    assert english.levels[:2] == (
        ("basis", "you are learning the basics"),
        ("zelfstandig", "je redt jezelf"),
    )
    assert (english.tenant, english.campaign, english.openness) == (
        "Gemeente Voorbeeldstad",
        "Digivaardig 2026",
        "open",
    )


def test_the_campaigns_of_a_municipality_are_listed_newest_first_and_no_other_ones(town):
    town.settle("kleindorp", name="Gemeente Kleindorp")
    town.hold_campaign(tenant_id="kleindorp", id="van-kleindorp")
    town.hold_campaign(id="proef", starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 1))
    listed = town.reports.campaigns("voorbeeldstad", NOW)
    assert (listed.tenant_id, listed.tenant) == ("voorbeeldstad", "Gemeente Voorbeeldstad")
    assert [(line.id, line.openness) for line in listed.campaigns] == [("standaard", "open"), ("proef", "over")]
    for hostile in ("van-kleindorp", "a\0b", "", "x" * 3000):
        with pytest.raises(CampaignUnknown):
            page(town, hostile)
    with pytest.raises(TenantUnknown):
        town.reports.campaigns("nerg\0ens", NOW)


def test_an_unknown_campaign_has_no_page_and_no_link(town):
    with pytest.raises(CampaignUnknown):
        page(town, campaign="gone")
    with pytest.raises(CampaignUnknown):
        town.reports.make_csv_link("voorbeeldstad", "gone", NOW)


def test_an_unknown_municipality_publishes_nothing_and_gets_no_link(town):
    with pytest.raises(TenantUnknown):
        town.figures.publish("nowhere", NOW)
    with pytest.raises(TenantUnknown):
        town.reports.make_csv_link("nowhere", "standaard", NOW)
