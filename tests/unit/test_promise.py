"""The start page's promise follows from the settings, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from lti_tool.domain.promise import MONTHS, promise
from tests.factories import make_campaign, make_tenant


def all_texts(made):
    cells = [cell for table in made.tables for row in table.rows for cell in row]
    return " ".join([*made.lines, made.mode_line, *cells])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_there_are_always_five_short_lines(language):
    for purpose in ("organisation", "individual"):
        made = promise(make_tenant(), make_campaign(purpose=purpose), language)
        assert len(made.lines) == 5


def test_who_sees_klaar_in_the_portal_comes_from_the_settings():
    made = promise(make_tenant(portal_marks_seen_by="je teamleider"), make_campaign(), "nl")
    assert "Dat ziet: je teamleider." in all_texts(made)
    assert "Je teamleider" in [cell for row in made.tables[0].rows for cell in row]


def test_that_a_result_has_no_consequences_is_said_only_when_somebody_confirmed_it():
    silent = promise(make_tenant(), make_campaign(), "nl")
    confirmed = promise(make_tenant(no_consequences_confirmed_by="de secretaris"), make_campaign(), "nl")
    assert "beoordeling" not in all_texts(silent)
    assert "Dat bevestigt de secretaris." in confirmed.lines[0]


def test_with_purpose_individual_no_figures_and_no_statements_are_spoken_of():
    made = promise(make_tenant(), make_campaign(purpose="individual"), "nl")
    assert "Je gemeente krijgt geen cijfers, ook niet over groepen." in made.lines
    assert "code in plaats van je naam" not in all_texts(made)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", "om de vragen beter te maken, met antwoorden van 10 mensen of meer"),
        ("en", "to make the questions better, with answers from 10 people or more"),
    ],
)
def test_that_answers_make_the_questions_better_is_said_only_where_they_are_used_so(language, said):
    told = promise(make_tenant(), make_campaign(), language)
    silent = promise(make_tenant(), make_campaign(purpose="individual"), language)
    assert said in told.tables[0].rows[0][1]
    assert silent.tables[0].rows[0][1] in ("Jouw advies", "Your advice")


def test_when_item_answers_stay_here_the_promise_does_not_mention_them():
    sent = promise(make_tenant(), make_campaign(), "nl")
    kept = promise(make_tenant(answers_to_operator_lrs=False), make_campaign(), "nl")
    assert "Welke vragen je goed had" in all_texts(sent)
    assert "Welke vragen je goed had" not in all_texts(kept)


@pytest.mark.parametrize(("language", "said"), [("nl", "Je voornaam"), ("en", "Your first name")])
def test_a_first_name_is_spoken_of_only_where_people_are_greeted_by_it(language, said):
    silent = promise(make_tenant(), make_campaign(), language)
    greeting = promise(make_tenant(greets_by_name=True), make_campaign(), language)
    assert said not in all_texts(silent)
    assert said in all_texts(greeting)
    assert len(greeting.lines) == len(silent.lines)


@pytest.mark.parametrize("purpose", ["organisation", "individual"])
def test_whoever_got_a_role_sees_what_managers_see_and_nothing_of_one_person(purpose):
    made = promise(make_tenant(), make_campaign(purpose=purpose), "nl")
    (sees,) = (sees for who, sees in made.tables[1].rows if "een rol kreeg" in who)
    assert sees in ("Groepscijfers vanaf 10 mensen. Niets over jou alleen", "Niets")


def test_teams_are_spoken_of_only_where_there_are_teams():
    assert "Je team" not in all_texts(promise(make_tenant(teams=()), make_campaign(), "nl"))


@pytest.mark.parametrize(
    ("language", "asked", "kept", "size"),
    [
        (
            "nl",
            "Dat vragen we aan het leerportaal",
            "je nummer in het portaal, of je er nog bij hoort",
            "hoe groot de groep is",
        ),
        (
            "en",
            "We ask the learning portal this",
            "your number in the portal, whether you still belong",
            "how large the group is",
        ),
    ],
)
def test_that_the_portal_is_asked_who_is_in_the_course_is_said_only_where_it_is(language, asked, kept, size):
    told = all_texts(promise(make_tenant(roster=True), make_campaign(), language))
    alone = all_texts(promise(make_tenant(roster=True), make_campaign(purpose="individual"), language))
    silent = all_texts(promise(make_tenant(), make_campaign(), language))
    for texts in (told, alone):
        assert asked in texts
        assert kept in texts
    assert not any(words in silent for words in (asked, kept, size))
    # An individual campaign has no figures about groups, not their size either.
    assert size in told
    assert size not in alone


@pytest.mark.parametrize(
    ("mode", "part"),
    [
        ("vrijwillig", "Het hoeft niet."),
        ("middenweg", "Iedereen doet mee."),
        ("verplicht", "omdat we overstappen"),
    ],
)
def test_each_mode_has_its_own_line(mode, part):
    campaign = make_campaign(mode=mode, mandatory_reason="we overstappen")
    assert part in promise(make_tenant(), campaign, "nl").mode_line


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_is_promised_that_the_tool_cannot_do_yet(language):
    texts = all_texts(promise(make_tenant(roster=True), make_campaign(), language)).lower()
    assert not any(word in texts for word in ("delen", "deelt", "share"))


@pytest.mark.parametrize(
    ("language", "kept", "lost"),
    [
        ("nl", "Tot en met 31 januari 2028. Dat is 3 maanden na het einde.", "Tot en met 31 oktober 2027."),
        ("en", "Until 31 January 2028, 3 months after the end.", "Until 31 October 2027."),
    ],
)
def test_until_when_something_is_kept_follows_from_the_last_day_of_the_campaign(language, kept, lost):
    told = promise(make_tenant(), make_campaign(ends_on=date(2027, 10, 31)), language).tables[2]
    alone = promise(
        make_tenant(), make_campaign(ends_on=date(2027, 10, 31), purpose="individual"), language
    ).tables[2]
    assert told.rows[0][1].startswith(kept)
    assert told.rows[2][1].startswith(lost)
    assert alone.rows == told.rows[:2]


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_a_name_in_both_languages(month):
    for language, months in zip(("nl", "en"), MONTHS, strict=True):
        made = promise(make_tenant(), make_campaign(ends_on=date(2027, month, 7)), language)
        assert f"7 {months[month - 1]} 2027" in made.tables[2].rows[2][1]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_wiping_comes_to_at_the_lrs_is_said_as_it_is(language):
    said = {
        fate: all_texts(promise(make_tenant(), make_campaign(), language, at_the_lrs=fate))
        for fate in ("erased", "hidden", "kept")
    }
    assert len(set(said.values())) == 3
    cannot = "Wissen kan daar niet" if language == "nl" else "cannot be erased there"
    assert [cannot in text for text in said.values()] == [False, True, True]


def test_where_nothing_is_measured_the_promise_speaks_of_no_code_to_wipe():
    made = promise(make_tenant(), make_campaign(purpose="individual"), "nl", at_the_lrs="kept")
    assert "je code" not in all_texts(made)
