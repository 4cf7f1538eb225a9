"""Each municipality meets the content in its own words, loaded once and checked before anybody comes."""

from __future__ import annotations

import pytest

from lti_tool.content_library import ContentBroken
from lti_tool.use_cases.choose_content import ChooseContent
from tests.factories import NOW, make_campaign, make_tenant
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.town import AsRequests

ITEM = "VEI-INT-0011"


@pytest.fixture
def folder(tmp_path):
    return write_small_content(tmp_path)


def test_texts_carry_the_words_of_the_municipality(folder):
    content = ChooseContent(folder)
    here = content.package_for(make_tenant())
    there = content.package_for(make_tenant(name="Gemeente Kleindorp"))
    assert here.title == "Klein pakket voor Gemeente Voorbeeldstad"
    assert there.title == "Klein pakket voor Gemeente Kleindorp"
    assert here.bank_version == there.bank_version


def test_content_is_loaded_once_for_the_same_words(folder):
    content = ChooseContent(folder)
    assert content.package_for(make_tenant()) is content.package_for(make_tenant(teams=()))
    released = [content.release_for(tenant, make_campaign()) for tenant in (make_tenant(), make_tenant(teams=()))]
    assert released[0] is released[1]


def test_everything_is_loaded_before_the_first_visitor_comes(app, town, folder):
    content = ChooseContent(folder)
    AsRequests(app, content).prepare(NOW)
    (folder / "package.yaml").unlink()
    assert content.release_for(town.tenant(), make_campaign()).package.id == "klein-pakket"


def test_a_mistake_in_the_content_shows_before_the_first_visitor_comes(app, folder):
    (folder / "items" / "veiligheid" / f"{ITEM}.yaml").write_text("stem: gone", "utf-8")
    with pytest.raises(ContentBroken, match=ITEM):
        AsRequests(app, ChooseContent(folder)).prepare(NOW)


@pytest.mark.parametrize(("source", "regressed"), [("estimate", True), ("calibrated", False)])
def test_difficulties_reach_the_engine_as_the_content_says(folder, source, regressed):
    path = folder / "items" / "veiligheid" / f"{ITEM}.yaml"
    path.write_text(path.read_text("utf-8").replace("source: estimate", f"source: {source}"), "utf-8")
    release = ChooseContent(folder).release_for(make_tenant(), make_campaign())
    place = release.bank.index[ITEM]
    assert bool(release.bank.b[place] != release.package.item(ITEM).difficulty.b) is regressed
    assert release.bank.c[place] == pytest.approx(0.8 / 3)


def test_only_where_one_of_a_few_options_is_right_does_guessing_pay(real_town):
    release = real_town.content.release_for(real_town.tenant(), make_campaign())
    guessing = {item.id: item.guessing_options for item in release.package.assessment_items()}
    for item_id, options in guessing.items():
        expected = 0.8 / options if options else 0.0
        assert release.bank.c[release.bank.index[item_id]] == pytest.approx(expected)
    assert set(guessing.values()) >= {None, 4}


def test_the_policy_and_the_levels_are_those_of_the_package(folder):
    release = ChooseContent(folder).release_for(make_tenant(), make_campaign())
    assert (release.policy.max_items, release.policy.max_per_domain, release.policy.easy_first) == (4, 1, 1)
    assert release.policy.level_ids == ("basis", "zelfstandig", "gevorderd")
    assert release.policy.cuts == (-0.5, 0.8)
