"""A learner reads the advice, looks back at the answers and sees their own progress."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.domain.errors import NoAttemptRunning
from tests.factories import NOW
from tests.integration.journeys.small_content import SKILLS, write_small_content
from tests.integration.journeys.town import Town, dont_know, right, wrong

LATER = NOW + timedelta(days=40)


def right_about(*domains):
    """Knows these domains and nothing else."""
    return lambda item: right(item) if item.domain in domains else wrong(item)


def test_before_finishing_or_skipping_there_is_no_advice(town):
    where = town.begin()
    with pytest.raises(NoAttemptRunning):
        town.advice.page(where, NOW)
    with pytest.raises(NoAttemptRunning):
        town.advice.answers(where)


def test_strong_points_come_first_in_the_words_of_the_framework(town):
    page = town.advice.page(town.finish("a", right_about("veiligheid", "informatie")), NOW)
    assert {line.id for line in page.strong} == {"veiligheid", "informatie"}
    assert {line.id for line in page.grow} == {"operationeel", "strategisch"}
    for line in page.strong + page.grow:
        assert line.label == f"Domein {line.id}"
        assert line.can_do.startswith(f"{line.id}: je ")
        assert (line.level is None) is (line.between is not None)


def test_where_to_grow_is_told_with_the_skill_that_has_most_to_gain(town):
    page = town.advice.page(town.finish("a", right_about("veiligheid", "informatie")), NOW)
    assert {line.grow for line in page.grow} == {"Groei in operationeel.", "Groei in strategisch."}
    assert {line.grow for line in page.strong} == {""}


def test_labels_follow_the_language_where_the_framework_has_it(town):
    page = town.advice.page(town.finish("a", right, locale="en"), NOW)
    assert {line.label for line in page.strong + page.grow} == {f"Domain {domain}" for domain in SKILLS}


def test_lines_that_the_framework_has_in_dutch_only_stay_dutch_and_say_so(town):
    page = town.advice.page(town.finish("a", right, locale="en"), NOW)
    assert {line.language for line in page.strong + page.grow} == {"nl"}


def test_the_lines_of_the_basic_package_are_english_for_who_reads_english(real_town):
    page = real_town.advice.page(real_town.finish("a", wrong, locale="en"), NOW)
    assert {line.language for line in page.strong + page.grow} == {"en"}
    assert all(line.can_do.startswith("You are learning") for line in page.strong + page.grow)
    assert all(line.grow.startswith("You can get better") for line in page.grow)


def test_the_next_step_has_a_reason_and_minutes_and_there_are_alternatives(town):
    page = town.advice.page(town.finish("a", right_about("veiligheid")), NOW)
    assert page.next is not None
    assert (page.next.minutes, page.next.state, page.reason) == (10, "new", "condition")
    assert 1 <= len(page.others) <= 2
    assert page.next not in page.others
    assert not page.skipped


def test_everybody_is_offered_a_conversation_and_somebody_to_ask(town):
    for sub, how in (("a", right), ("b", dont_know)):
        page = town.advice.page(town.finish(sub, how), NOW)
        assert page.conversation.startswith("Plan een gesprek")
        assert page.helpers.startswith("Digihelden")


def test_time_saved_is_the_minutes_of_what_may_be_skipped(real_town):
    page = real_town.advice.page(real_town.finish("a", right), NOW)
    package = real_town.content.package_for(real_town.tenant())
    easy = [module for module in package.modules_for_everybody() if module.level in ("start", "basis")]
    assert page.skippable == len(easy) > 10
    assert page.minutes_saved == sum(module.minutes for module in easy)


def test_the_advice_that_is_told_is_the_advice_that_is_shown(town):
    where = town.finish("a", dont_know)
    (told,) = [s for s in town.statements() if s["verb"]["id"].endswith("/advised")]
    assert told["object"]["id"].endswith(town.advice.page(where, NOW).next.id)


def test_after_a_skip_the_advice_assumes_nothing(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    page = town.advice.page(where, NOW)
    assert (page.skipped, page.strong, page.grow, page.skippable) == (True, (), (), 0)
    assert (page.next.id, page.reason) == ("M-OPE-001", "start")
    assert page.may_begin_again


def test_a_training_that_is_done_is_not_advised_again(town):
    where = town.finish("a", dont_know)
    first = town.advice.page(where, NOW).next
    town.module.open(where, first.id, NOW)
    assert town.advice.page(where, NOW).next.state == "begun"
    town.module.finish(where, first.id, NOW)
    assert town.advice.page(where, NOW).next.id != first.id


def test_a_second_sitting_is_offered_only_once_it_is_time(town):
    where = town.finish("a", right)
    town.hold_campaign(post_from=LATER)
    assert not town.advice.page(where, NOW).may_begin_again
    assert town.advice.page(where, LATER).may_begin_again


def test_answers_are_looked_back_at_with_what_was_given_expected_and_why(town):
    where = town.finish("a", right_about("veiligheid"))
    answers = town.advice.answers(where)
    assert [answer.position for answer in answers] == [1, 2, 3, 4]
    for answer in answers:
        assert answer.right is (answer.item.domain == "veiligheid")
        assert answer.expected == ("Ik vergrendel het scherm.",)
        assert answer.given == (answer.expected if answer.right else ("Ik zet het geluid uit.",))
        assert answer.explanation.startswith("Zo kan" if answer.right else "Dan blijft")


def test_who_did_not_know_sees_the_right_answer_and_why(town):
    for answer in town.advice.answers(town.finish("a", dont_know)):
        assert (answer.given, answer.right) == ((), False)
        assert answer.explanation == "Met een vergrendeld scherm kan niemand bij je gegevens."


@pytest.mark.parametrize("how", [right, wrong, dont_know])
def test_every_kind_of_question_can_be_looked_back_at(real_town, how):
    where = real_town.finish("a", how)
    answers = real_town.advice.answers(where)
    assert len(answers) >= 12
    for answer in answers:
        assert answer.right is (how is right)
        assert answer.expected
        assert bool(answer.given) is (how is not dont_know)
        assert answer.explanation


def test_a_question_that_was_renewed_since_then_is_not_explained_with_other_words(
    app, town, tmp_path, small_content
):
    where = town.finish("a", right)
    versions = {answer.item.id for answer in town.advice.answers(where)}
    renewed, gone = sorted(versions)[:2]
    write_small_content(tmp_path)
    for path in tmp_path.glob("items/*/*.yaml"):
        if path.stem == gone:
            path.unlink()
        elif path.stem == renewed:
            path.write_text(path.read_text("utf-8").replace("\nversion: 1\n", "\nversion: 2\n"), "utf-8")
    left = {answer.item.id for answer in Town(app, tmp_path).advice.answers(where)}
    assert left == versions - {renewed, gone}


def test_own_progress_shows_each_sitting_newest_first_and_what_was_learned(town):
    where = town.finish("a", dont_know)
    town.hold_campaign(post_from=LATER)
    town.assessment.begin(where, LATER)
    town.answer_all(where, right, LATER)
    for module_id in ("M-VEI-001", "M-INF-001"):
        town.module.open(where, module_id, LATER)
    town.module.finish(where, "M-VEI-001", LATER)
    page = town.advice.progress(where)
    assert [sitting.finished_on for sitting in page.sittings] == [LATER.date(), NOW.date()]
    assert [len(sitting.domains) for sitting in page.sittings] == [4, 4]
    assert [(card.id, card.state) for card in page.trainings] == [
        ("M-VEI-001", "done"),
        ("M-INF-001", "begun"),
    ]
    assert not page.skipped


def sat_twice(town, first, second):
    where = town.finish("a", first)
    town.hold_campaign(post_from=LATER)
    town.assessment.begin(where, LATER)
    town.answer_all(where, second, LATER)
    return where


def test_growth_is_told_as_a_chance_where_it_is_likely(real_town):
    page = real_town.advice.progress(sat_twice(real_town, wrong, right))
    assert {line.of_hundred for line in page.growth} <= {70, 80, 90}
    assert len(page.growth) == 4


def test_one_question_each_time_is_too_little_to_tell_growth(town):
    page = town.advice.progress(sat_twice(town, wrong, right))
    assert [line.of_hundred for line in page.growth] == [None] * 4


def test_growth_that_is_not_likely_is_never_called_the_opposite(town):
    page = town.advice.progress(sat_twice(town, right, wrong))
    assert {line.of_hundred for line in page.growth} == {None}


def test_after_one_sitting_there_is_nothing_to_say_about_growth(town):
    assert town.advice.progress(town.finish("a", right)).growth == ()


def test_growth_in_a_domain_whose_questions_were_all_renewed_is_left_out(app, town, tmp_path):
    where = sat_twice(town, wrong, right)
    write_small_content(tmp_path)
    for path in tmp_path.glob("items/veiligheid/*.yaml"):
        path.write_text(path.read_text("utf-8").replace("\nversion: 1\n", "\nversion: 2\n"), "utf-8")
    labels = {line.label for line in Town(app, tmp_path).advice.progress(where).growth}
    assert labels == {"Domein operationeel", "Domein informatie", "Domein strategisch"}


def test_own_progress_of_a_running_sitting_is_not_shown_yet(town):
    where = town.begin()
    town.reply(where, right)
    page = town.advice.progress(where)
    assert (page.sittings, page.trainings, page.skipped) == ((), (), False)


def test_own_progress_says_when_the_questions_were_skipped(town):
    where = town.arrive()
    town.assessment.skip(where, NOW)
    assert town.advice.progress(where).skipped


def test_a_training_that_left_the_package_is_left_out_of_the_progress(app, town, tmp_path):
    where = town.arrive()
    town.module.open(where, "M-STR-001", NOW)
    write_small_content(tmp_path)
    folder = tmp_path / "modules" / "training-strategisch"
    for path in folder.iterdir():
        path.unlink()
    assert Town(app, tmp_path).advice.progress(where).trainings == ()


def test_reading_writes_nothing(town):
    where = town.finish("a", right)
    before = town.verbs()
    town.advice.page(where, NOW)
    town.advice.answers(where)
    town.advice.progress(where)
    assert town.verbs() == before
