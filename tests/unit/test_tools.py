"""What needs a tool is offered only where that tool is in use (R104)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.domain.content import Package
from tests.packages import ITEM, MANIFEST, MODULE, Tree, problems, write_package

BASIS = Path(__file__).parents[2] / "content_packages" / "digivaardig-basis"
REAL = load_package(BASIS)
STARTER = load_package(STARTER_PACKAGE)


def offered(package: Package) -> list[Any]:
    return [*package.assessment_items(), *package.modules.values()]


def test_everything_is_offered_where_nobody_said_what_is_in_use() -> None:
    assert REAL.for_tools(None) is REAL
    assert any(one.requires for one in offered(REAL))


@given(st.sets(st.sampled_from(sorted(REAL.tools))))
def test_nothing_is_offered_that_needs_another_tool_and_all_else_is(in_use: set[str]) -> None:
    here = REAL.for_tools(frozenset(in_use))
    assert offered(here) == [one for one in offered(REAL) if set(one.requires) <= in_use]
    assert here.module(here.start_module).requires == ()
    assert here.items == REAL.items, "to look back at"
    assert here.bank_version == REAL.bank_version


def test_domains_that_lack_questions_are_told() -> None:
    assert REAL.domains_short_of_items() == ()
    assert STARTER.for_tools(frozenset()).domains_short_of_items() == STARTER.domains_short_of_items()


def needing(tool: str, *files: str) -> Any:
    def change(tree: Tree) -> None:
        for file in files:
            tree[file]["requires"] = [tool]

    return change


def test_without_its_tool_a_domain_may_lack_questions(tmp_path: Path) -> None:
    package = load_package(write_package(tmp_path / "p", needing("trello", ITEM, ITEM.replace("0001", "0002"))))
    before = package.domains_short_of_items()
    assert package.tools == {"trello": "trello"}
    assert {*package.for_tools(frozenset()).domains_short_of_items()} == {*before, "veiligheid"}


def test_everybody_may_begin_with_the_start_module_so_it_needs_no_tool(tmp_path: Path) -> None:
    said = problems(tmp_path / "p", needing("trello", MODULE))
    assert [one.partition(": ")[2] for one in said] == ["M-VEI-001 requires a tool, but anybody may begin with it"]
    assert said[0].startswith(MANIFEST)


def test_a_stop_of_the_story_without_trainings_is_left_out() -> None:
    assert STARTER.story is not None
    assert STARTER.story.with_modules(STARTER.modules) == STARTER.story
    assert STARTER.story.with_modules(()) is None


def test_a_domain_is_called_as_the_framework_says() -> None:
    name = REAL.framework.domain_name
    assert [name("veiligheid", language) for language in ("nl", "en", "fy")] == [
        "Digitale veiligheid",
        "Digital safety",
        "Digitale veiligheid",
    ]
    assert name("koken", "nl") == "koken"
