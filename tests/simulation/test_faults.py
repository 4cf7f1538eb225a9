"""Bad days, for a minute: whatever dies, everything arrives once and only the poison is put aside."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from benchmarks.faults.__main__ import QUICK, faults


@pytest.mark.postgresql
def test_whatever_dies_nothing_is_lost_doubled_or_made_up() -> None:
    # The PostgreSQL server is another user, who may not enter the folder that pytest makes.
    with tempfile.TemporaryDirectory(prefix="digivaardig-faults-") as folder:
        figures = faults(Path(folder), QUICK)
    assert len(figures) > 20
    assert [figure for figure in figures if not figure.ok] == []
