"""acro, the checker of research outputs that trusted environments use: what it suppresses, we do not show."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.disclosure.organisations import DOMAINS, LEVELS, Count, History
from lti_tool.domain.disclosure import EVERYBODY, Disclosed


class Acro:
    """One session of acro with its own default risk appetite; it keeps its files in a folder that goes away."""

    def __init__(self) -> None:
        self._pandas: Any = import_module("pandas")
        with _quiet():
            self._session = import_module("acro").ACRO(suppress=True)
        logging.getLogger("acro").setLevel(logging.CRITICAL)

    def suppressed(self, counts: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
        """Of a table group x cell, the cells with people in them that acro does not let out."""
        people = [name for name, count in counts.items() for _ in range(count)]
        if not people:
            return set()
        rows = self._pandas.Series([row for row, _ in people], name="group")
        columns = self._pandas.Series([column for _, column in people], name="cell")
        with _quiet():
            table = self._session.crosstab(rows, columns)
        return {
            (row, column)
            for row, column in counts
            if row not in table.index or column not in table.columns or not table.loc[row, column] > 0
        }


def disagreements(history: History, acro: Acro) -> tuple[int, int]:
    """How many cells acro suppresses of the tables behind the last publication, and how many of those we show."""
    suppressed = shown = 0
    for moment in history.moments[-1:]:
        for counts, names in _tables(moment.truth, moment.disclosed):
            hidden = acro.suppressed(counts)
            suppressed += len(hidden)
            shown += len(hidden & names)
    return suppressed, shown


def _tables(
    truth: dict[str, Count] | Any, disclosed: Disclosed
) -> Iterator[tuple[dict[tuple[str, str], int], set[tuple[str, str]]]]:
    """Each table as exact counts, and the cells of it that were shown by themselves."""
    seen = {(figure.measure, figure.group): figure for figure in disclosed.figures}
    teams = [group for group in truth if group not in (EVERYBODY, "")]
    if teams:
        took_part = {(group, "participation"): truth[group].taking_part for group in teams}
        yield took_part, {(group, name) for name, group in seen if name == "participation"}
    for when in ("pre", "post"):
        for place, domain in enumerate(DOMAINS):
            measure = f"levels_{when}:{domain}"
            cells = {group: getattr(truth[group], f"{when}_cells")[place] for group in (*teams, EVERYBODY)}
            for groups in (teams, [EVERYBODY]):
                counts = {(g, level): cells[g][n] for g in groups for n, level in enumerate(LEVELS)}
                names = {
                    (group, key.removesuffix("_percent"))
                    for (name, group), figure in seen.items()
                    if name == measure and group in groups
                    for key in figure.values
                }
                yield counts, names


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def own_folder() -> Iterator[None]:
    """acro writes where it stands."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
