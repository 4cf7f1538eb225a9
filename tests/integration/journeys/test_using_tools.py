"""A municipality says which tools it uses; what needs another one that content names is not offered there."""

from __future__ import annotations

import pytest
import yaml

from lti_tool.domain.errors import TenantFileBroken
from lti_tool.storage import tenants as tenant_rows
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.connect_portal import ConnectPortal
from tests.factories import NOW, make_campaign, make_tenant
from tests.integration.journeys.small_content import write_small_content
from tests.integration.journeys.test_connecting_a_portal import described
from tests.integration.journeys.town import AsRequests

SAFETY = "items/veiligheid/VEI-INT-00*.yaml"


def needs_trello(folder, pattern):
    for path in folder.glob(pattern):
        path.write_text(path.read_text("utf-8") + "requires: [trello]\n", "utf-8")


@pytest.fixture
def folder(tmp_path):
    made = write_small_content(tmp_path / "klein")
    needs_trello(made, "modules/training-strategisch/module.yaml")
    needs_trello(made, "items/strategisch/STR-CLO-0011.yaml")
    return made


@pytest.fixture
def apply(app, folder, tmp_path):
    connect = AsRequests(app, ConnectPortal(ChooseContent(folder)))

    def run(**changes):
        path = tmp_path / "molenwaard.yaml"
        path.write_text(yaml.safe_dump(described() | changes), "utf-8")
        return connect.apply(path, NOW)

    return run


@pytest.mark.parametrize(("said", "kept"), [(None, None), ([], frozenset()), (["trello"], frozenset({"trello"}))])
def test_what_the_file_says_is_kept(town, apply, said, kept):
    apply(tools=said)
    assert town.in_transaction(tenant_rows.load_tenant, "molenwaard").tools == kept


def test_a_tool_that_the_content_does_not_name_is_a_mistake(town, apply):
    with pytest.raises(TenantFileBroken, match=r"tools: the content names no excel; it names trello"):
        apply(tools=["excel", "trello"])
    assert town.count("tenant") == 1


def test_tools_that_leave_too_few_questions_are_a_mistake(town, apply, folder):
    needs_trello(folder, SAFETY)
    with pytest.raises(TenantFileBroken, match=r"tools: these alone leave too few questions in veiligheid"):
        apply(tools=[])
    assert town.count("tenant") == 1


@pytest.mark.parametrize(("tools", "offered"), [(None, True), (frozenset({"trello"}), True), (frozenset(), False)])
def test_a_training_and_a_question_are_offered_where_their_tool_is_in_use(folder, tools, offered):
    release = ChooseContent(folder).release_for(make_tenant(tools=tools), make_campaign())
    assert ("M-STR-001" in release.package.modules) is offered
    assert ("STR-CLO-0011" in release.bank.index) is offered
    assert "STR-CLO-0012" in release.bank.index
