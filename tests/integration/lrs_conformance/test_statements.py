"""Every property of a statement: what is taken and what is refused (xAPI 1.0.3, Data part)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest

from tests.integration.lrs_conformance.numbers import shown
from tests.integration.lrs_conformance.statements import Row, rows
from tests.integration.lrs_fixtures import Anybody, Caller, running_lrs

BY_NUMBER = {
    number: list(some)
    for number, some in groupby(sorted(rows(), key=lambda row: row.number), lambda row: row.number)
}
shown.update(dict.fromkeys(BY_NUMBER, "test_a_property_keeps_to_its_requirement"))


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """What a statement must be is asked before any database: one kind is enough."""
    database = tmp_path_factory.mktemp("lrs") / "lrs.sqlite3"
    with running_lrs(f"sqlite:///{database}", Anybody()) as found:
        yield found.anybody()


@pytest.mark.parametrize("number", BY_NUMBER, ids="XAPI-{:05d}".format)
def test_a_property_keeps_to_its_requirement(caller: Caller, number: int) -> None:
    for row in BY_NUMBER[number]:
        _try(caller, row)


def _try(caller: Caller, row: Row) -> None:
    for statement in row.statements(good=False):
        answer = caller.post(statement)
        assert answer.status_code == 400, (row.path, statement)
        assert set(answer.json()) == {"error"}
    good = list(row.statements(good=True))
    answer = caller.post(good)
    assert answer.status_code == 200, (row.path, answer.text)
    assert len(set(answer.json())) == len(good)
