"""Rows of the charts: true to the disclosed figures, and made of nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lti_tool.domain.disclosure import Figure, View, disclose
from lti_tool.web.charts import CHART_WIDTH, Charts, charts
from tests.web_examples import GROUP, NOW, disclosed_figures, people
from tests.web_fakes import make_house


@pytest.fixture(autouse=True)
def _in_dutch() -> Iterator[None]:
    with make_house().app.test_request_context():
        yield


def drawn(*figures: Figure) -> Charts:
    return charts(disclose(figures, (), NOW)[0], GROUP.domains, GROUP.levels)


def test_only_disclosed_figures_can_be_drawn() -> None:
    with pytest.raises(TypeError):
        charts({"figures": []}, GROUP.domains, GROUP.levels)  # type: ignore[arg-type]


def test_everybody_comes_first_and_hidden_groups_are_named_without_figures() -> None:
    result = charts(disclosed_figures(), GROUP.domains, GROUP.levels)
    assert [(group.name, group.people) for group in result.groups] == [("Iedereen", 60), ("Burgerzaken", 30)]
    assert result.too_small == ("Buitendienst",)


def test_the_cells_of_a_bar_fill_it_in_the_order_of_the_levels() -> None:
    result = charts(disclosed_figures(), GROUP.domains, GROUP.levels)
    for row in result.groups[0].levels:
        assert row.before is not None
        cells = row.before.cells
        assert cells[0].x == 0
        assert sum(cell.width for cell in cells) == pytest.approx(CHART_WIDTH)
        assert [cell.shade for cell in cells] == sorted(cell.shade for cell in cells)


def test_a_merged_cell_names_all_its_levels() -> None:
    result = charts(disclosed_figures(), GROUP.domains, GROUP.levels)
    cell = result.groups[0].levels[1].before.cells[0]  # type: ignore[union-attr]
    assert cell.levels == ("je leert de basis", "je redt jezelf")
    assert cell.merged
    assert cell.percent == 60


def test_trainings_are_bars_in_the_order_of_the_package_and_the_others_are_named() -> None:
    result = charts(disclosed_figures(), GROUP.domains, GROUP.levels, GROUP.modules)
    everybody, team = result.groups
    titles = [title for _, title in GROUP.modules]
    assert [row.title for row in everybody.trainings] == titles[:2]
    assert list(everybody.untold) == titles[2:]
    assert ([row.title for row in team.trainings], list(team.untold)) == (titles[:1], titles[1:])
    first, merged = (row.bar.cells for row in everybody.trainings)
    assert [(cell.levels, cell.percent) for cell in first] == [
        (("niet geopend",), 40),
        (("begonnen",), 25),
        (("afgerond",), 35),
    ]
    assert [(cell.levels, cell.merged, cell.shade) for cell in merged] == [
        (("niet geopend",), False, 0),
        (("begonnen", "afgerond"), True, 2),
    ]


def test_a_level_that_nobody_knows_keeps_its_code() -> None:
    figure = Figure(View("levels_pre:veiligheid", "all", people("p", 20)), {"x_percent": 60, "y_percent": 40})
    bar = drawn(figure).groups[0].levels[0].before
    assert bar is not None
    assert bar.cells[0].levels == ("x",)


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 0.5, "up"), (-0.5, -0.1, "down"), (-0.1, 0.3, "unclear")]
)
def test_the_verdict_follows_the_interval(low: float, high: float, verdict: str) -> None:
    values = {"mean": (low + high) / 2, "low95": low, "high95": high, "minimal_detectable": 0.2}
    result = drawn(Figure(View("effect:veiligheid", "all", people("p", 20)), values))
    row = result.groups[0].effects[0]
    assert row.verdict == verdict
    assert row.x_low < row.x < row.x_high
    assert (row.x_low < result.zero < row.x_high) == (verdict == "unclear")


def test_the_axis_grows_with_large_changes() -> None:
    values = {"mean": 1.2, "low95": -0.8, "high95": 2.1, "minimal_detectable": 0.2}
    result = drawn(Figure(View("effect:veiligheid", "all", people("p", 20)), values))
    assert [value for _, value in result.ticks] == [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_figure_that_is_no_number_cannot_be_drawn() -> None:
    values = {"mean": "veel", "low95": 0.1, "high95": 0.2, "minimal_detectable": 0.2}
    with pytest.raises(TypeError):
        drawn(Figure(View("effect:veiligheid", "all", people("p", 20)), values))


def test_without_participation_figures_there_is_no_bar_of_people() -> None:
    values = {"mean": 0.2, "low95": 0.1, "high95": 0.3, "minimal_detectable": 0.2}
    group = drawn(Figure(View("effect:veiligheid", "all", people("p", 20)), values)).groups[0]
    assert (group.people, group.width) == (0, 0)
