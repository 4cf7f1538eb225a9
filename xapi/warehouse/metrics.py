"""What is counted in the tables of a copy: each metric is written once in ibis, and DuckDB runs it.

Who belongs to a figure is asked for by name, because statements know no teams and say nothing of who may be
counted. ibis makes the same expressions for ClickHouse too (`ibis.to_sql(…, dialect="clickhouse")`); there a
distinct count is approximate, so none is used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xapi.warehouse import extra
from xapi.warehouse.landing import FolderNotUsable
from xapi.warehouse.marts import MEMORY, quoted
from xapi.warehouse.parquet import Column, table_of

_SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "participation": {"registration": "string"},
    "answer": {"attempt": "string", "item": "string", "success": "boolean"},
    "module": {"registration": "string", "module": "string", "completed_at": "timestamp"},
    "domain_score": {"attempt": "string", "domain": "string", "wle": "float64", "bank_version": "string"},
}


class Score(NamedTuple):
    """What a sitting said of one domain."""

    attempt: str
    domain: str
    wle: float | None
    bank_version: str | None


class AnsweredItem(NamedTuple):
    """One answer of a sitting; `item` is id@version."""

    attempt: str
    item: str
    success: bool


class Trained(NamedTuple):
    """That somebody opened a training; `module` is an id, or id@version."""

    registration: str
    module: str
    is_finished: bool


class Pair(NamedTuple):
    """Two sittings of one person, asked for in one figure."""

    figure: str
    domain: str
    before: str
    after: str


class MeanChange(NamedTuple):
    """Of the estimates without a prior, in logits, over those pairs of which both are there."""

    pairs: int
    mean: float
    sd: float | None
    """Of the differences, from a sample; None for one pair."""


class Metrics:
    """The tables of one copy.

    Raises:
        AnalystExtraMissing
        FolderNotUsable: there are no tables; `digivaardig lrs pull` makes them.
    """

    def __init__(self, folder: Path) -> None:
        self._ibis = extra("ibis")
        self._connection = extra("duckdb").connect()
        self._connection.execute(f"set memory_limit = '{MEMORY}'")
        for name in _SCHEMAS:
            path = folder / "marts" / f"{name}.parquet"
            if not path.exists():
                raise FolderNotUsable(f"{folder}: no tables of an LRS; `digivaardig lrs pull` makes them")
            self._connection.execute(f"create view {name} as select * from read_parquet({quoted(path)})")

    def close(self) -> None:
        self._connection.close()

    def taking_part(self, registrations: Sequence[str]) -> set[str]:
        """Those of these participations of which the LRS says that the start page was read."""
        people = self._asked("registration", [(registration,) for registration in registrations])
        found = people.semi_join(self._table("participation"), "registration")
        return {registration for (registration,) in self._rows(found)}

    def trained(self, registrations: Sequence[str]) -> list[Trained]:
        """The trainings of these participations, in no order."""
        people = self._asked("registration", [(registration,) for registration in registrations])
        found = self._table("module").semi_join(people, "registration")
        found = found.mutate(is_finished=found.completed_at.notnull()).select(*Trained._fields)
        return [Trained(*row) for row in self._rows(found)]

    def scores(self, attempts: Sequence[str]) -> list[Score]:
        """The estimates of these sittings."""
        wanted = self._asked("attempt", [(attempt,) for attempt in attempts])
        found = self._table("domain_score").semi_join(wanted, "attempt").select(*Score._fields)
        return [Score(*row) for row in self._rows(found)]

    def answers(self, attempts: Sequence[str]) -> list[AnsweredItem]:
        """The answers of these sittings, in no order."""
        wanted = self._asked("attempt", [(attempt,) for attempt in attempts])
        found = self._table("answer").semi_join(wanted, "attempt").select(*AnsweredItem._fields)
        return [AnsweredItem(*row) for row in self._rows(found)]

    def mean_changes(self, pairs: Sequence[Pair]) -> dict[str, MeanChange]:
        """Figure → change between two sittings."""
        asked = self._asked("figure domain before after", pairs)
        score = self._table("domain_score").select("attempt", "domain", "wle")
        first = score.rename(before="attempt", wle_before="wle")
        second = score.rename(after="attempt", wle_after="wle")
        both = asked.inner_join(first, ["before", "domain"]).inner_join(second, ["after", "domain"])
        gain = both.wle_after - both.wle_before
        found = (
            both.mutate(gain=gain)
            .filter(lambda row: row.gain.notnull())
            .group_by("figure")
            .agg(pairs=lambda row: row.count(), mean=lambda row: row.gain.mean(), sd=lambda row: row.gain.std())
        )
        return {figure: MeanChange(*values) for figure, *values in self._rows(found)}

    def _table(self, name: str) -> Any:
        return self._ibis.table(_SCHEMAS[name], name=name)

    def _asked(self, names: str, rows: Sequence[tuple[str, ...]]) -> Any:
        """A table of what is asked for, each row once."""
        columns = names.split()
        content = table_of([Column(name, "text") for name in columns], sorted(set(rows)))
        self._connection.register("asked", content)
        return self._ibis.table(dict.fromkeys(columns, "string"), name="asked")

    def _rows(self, expression: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(
            str(self._ibis.to_sql(expression, dialect="duckdb"))
        ).fetchall()
        return found
