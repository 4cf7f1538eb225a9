"""What journeys get of a package that changes under their hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from lti_tool.content_library import ContentBroken, load_package
from lti_tool.use_cases.preview_content import ChangingContent
from tests.factories import NOW, make_campaign, make_tenant
from tests.packages import ITEM, OPENER, write_package

TENANT, CAMPAIGN = make_tenant(), make_campaign()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path / "klein-pakket")


def test_every_municipality_sees_the_package_with_its_own_examples(folder: Path) -> None:
    content = ChangingContent(folder)
    content.prepare(NOW)
    assert content.package_for(TENANT) == content.installed() == load_package(folder)


def test_a_bank_is_made_once_for_each_version(folder: Path) -> None:
    content = ChangingContent(folder)
    first = content.release_for(TENANT, CAMPAIGN)
    assert content.release_for(TENANT, CAMPAIGN) is first
    path = folder / ITEM
    path.write_text(path.read_text(encoding="utf-8").replace("scherm", "beeldscherm"), encoding="utf-8")
    second = content.release_for(TENANT, CAMPAIGN)
    assert second.package.sha256 != first.package.sha256
    assert second.bank.version == second.package.bank_version


def test_while_it_is_broken_the_last_good_one_is_there(folder: Path) -> None:
    content = ChangingContent(folder)
    good = content.installed()
    (folder / OPENER).unlink()
    assert content.installed() is good
    assert content.look().problems != ()


def test_what_never_was_good_is_refused_with_every_problem(tmp_path: Path) -> None:
    content = ChangingContent(tmp_path / "weg")
    content.prepare(NOW)
    with pytest.raises(ContentBroken, match="there is no package folder here"):
        content.installed()
