"""The starter package has a question of every type: all of them are asked, answered, told and explained."""

from __future__ import annotations

import json
import shutil

import pytest

from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.domain.content import INTERACTIONS
from lti_tool.domain.errors import MediumUnknown, TenantUnknown
from lti_tool.domain.people import Where
from lti_tool.domain.scoring import expected_in_words
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.show_media import ShowMedia
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests, Town, right, wrong
from tests.integration.lrs_fixtures import Anybody, running_lrs

ASKED = set(INTERACTIONS) - {"single_choice", "declarative"}
"""Types of the questions that count; the opener is a single choice, and what one thinks gives no level."""


@pytest.fixture(scope="session")
def starter(tmp_path_factory):
    """The starter package, with an assessment that asks all there is."""
    folder = shutil.copytree(STARTER_PACKAGE, tmp_path_factory.mktemp("content") / "mijn-pakket")
    manifest = folder / "package.yaml"
    text = manifest.read_text("utf-8")
    for name, value in (("min_items_per_domain", 2), ("max_items_per_domain", 9), ("level_certainty", 0.99)):
        (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{name}:")]
        text = text.replace(line, f"  {name}: {value}")
    manifest.write_text(text, "utf-8")
    return folder


@pytest.fixture
def town(app, starter):
    town = Town(app, starter)
    town.settle()
    town.hold_campaign()
    return town


def items_of(folder):
    return {item.key: item for item in load_package(folder).assessment_items()}


def answered(town):
    """What was told about each item: its interaction type, and whether it was right."""
    return {
        statement["object"]["id"].rsplit("/", 1)[-1]: (
            statement["object"]["definition"]["interactionType"],
            statement["result"],
        )
        for statement in town.statements()
        if statement["verb"]["id"].endswith("/answered")
    }


@pytest.mark.parametrize(("how", "is_right"), [(right, True), (wrong, False)])
def test_every_type_is_asked_and_told_with_its_interaction_and_nothing_of_the_answer(town, starter, how, is_right):
    where = town.begin()
    town.answer_all(where, how)
    items = items_of(starter)
    assert {items[f"{item_id}@1"].type for item_id in town.items_of(where)} == ASKED
    told = answered(town)
    assert told == {key: (items[key].interaction, {"success": is_right}) for key in items}
    bodies = json.dumps([s for s in town.statements() if s["verb"]["id"].endswith("/answered")])
    for word in ("melden", "Klopt", "1875", "Ctrl", "correctResponsesPattern", "response"):
        assert word not in bodies


def test_an_lrs_takes_every_statement(town, sqlite_database):
    town.finish("a", right)
    town.finish("b", wrong)
    statements = town.statements()
    with running_lrs(sqlite_database, Anybody()) as lrs:
        me = lrs.anybody()
        answer = me.post(statements)
        assert answer.status_code == 200, answer.text
        assert set(me.ids()) == {statement["id"] for statement in statements}


def test_every_answer_is_explained_in_the_end(town, starter):
    where = town.finish("a", wrong)
    shown = town.advice.answers(where)
    assert {line.item.type for line in shown} == ASKED
    for line in shown:
        assert not line.right
        assert line.given
        assert line.expected == expected_in_words(line.item)
        assert line.explanation


def test_a_mailbox_is_practised_in_a_training_as_often_as_one_likes(town):
    where = town.arrive()
    town.module.open(where, "M-VEI-001", NOW)
    town.module.go(where, "M-VEI-001", "oefenen", NOW)
    (item,) = town.module.page(where, "M-VEI-001").questions.values()
    town.module.check(where, "M-VEI-001", item.key, wrong(item), NOW)
    said = town.module.page(where, "M-VEI-001").feedback[item.id]
    assert said.text == "Nog niet helemaal."
    assert all(outcome.row.why for outcome in said.rows if not outcome.fits)
    town.module.check(where, "M-VEI-001", item.key, right(item), NOW)
    said = town.module.page(where, "M-VEI-001").feedback[item.id]
    assert (said.right, said.text) == (True, f"Klopt. {item.feedback.why}")
    assert "answered" not in town.verbs()


# --- pictures and files -----------------------------------------------------------------------------


@pytest.fixture
def media(app, starter):
    return AsRequests(app, ShowMedia(ChooseContent(starter)))


def test_a_learner_sees_the_pictures_and_files_of_the_content_in_play(town, media, starter):
    where = town.arrive()
    found, place = media.medium(where, "media/wijkfeest.xlsx")
    assert place == starter / "media" / "wijkfeest.xlsx"
    assert found.size == place.stat().st_size
    drawing, _ = media.medium(where, "media/browser.svg")
    assert drawing.content_type == "image/svg+xml"


@pytest.mark.parametrize(
    "file",
    [
        "media/niets.svg",
        "media/LICENSES.csv",
        "package.yaml",
        "items/veiligheid/VEI-INT-0002.yaml",
        "media/../package.yaml",
        "media/../../mijn-pakket/media/browser.svg",
        "/etc/passwd",
        "media/browser.svg\0",
        "",
    ],
)
def test_nothing_else_of_the_package_or_the_machine_is_shown(town, media, file):
    with pytest.raises(MediumUnknown):
        media.medium(town.arrive(), file)


def test_media_of_other_content_are_not_there(app, town, small_content):
    others = AsRequests(app, ShowMedia(ChooseContent(small_content)))
    with pytest.raises(MediumUnknown):
        others.medium(town.arrive(), "media/browser.svg")


def test_a_file_that_was_taken_away_meanwhile_is_told_as_one_that_is_not_there(app, town, tmp_path):
    folder = shutil.copytree(STARTER_PACKAGE, tmp_path / "pakket")
    media = AsRequests(app, ShowMedia(ChooseContent(folder)))
    where = town.arrive()
    assert media.medium(where, "media/browser.svg")
    (folder / "media" / "browser.svg").unlink()
    with pytest.raises(MediumUnknown):
        media.medium(where, "media/browser.svg")


def test_somebody_of_no_municipality_sees_nothing(town, media):
    with pytest.raises(TenantUnknown):
        media.medium(Where("nergens", "standaard", "p-1"), "media/browser.svg")
