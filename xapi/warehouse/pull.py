"""Copy what an LRS holds, and go on from there the next time.

An LRS that says up to when it can be read (Consistent-Through; xAPI 1.0.3, Communication part, section 2.1.3) is
read by `stored` from where the last time ended. One that does not say so may filter on when things happened, as
Ralph does, and would then hide what was delivered late: it is read anew, day by day. Reading anew is also what
makes a copy forget what was erased at the LRS.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from xapi.client import LrsClient, LrsUnavailable
from xapi.formats import find_instant
from xapi.warehouse import extra
from xapi.warehouse.landing import Landing, opened
from xapi.warehouse.marts import build

OVERLAP = timedelta(minutes=10)
"""Read again before where the last time ended: an LRS may be a little behind what it says."""
PAGE = 500
TRIES = 5
_FIRST_WAIT_SECONDS = 1.0

T = TypeVar("T")
Progress = Callable[[float, int], None]
"""Told how far it is, 0..1, and how many statements were read."""


@dataclass(frozen=True)
class Pulled:
    """What came of it."""

    read: int
    """Statements, those in the overlap again."""
    anew: bool
    """Whether everything was read."""
    by_day: bool
    """Whether the LRS does not say up to when it can be read."""


class Pull:
    """One LRS into one folder.

    Args:
        endpoint: what the LRS is called in the folder.
        sleep: waits before trying again.
    """

    def __init__(
        self, client: LrsClient, endpoint: str, folder: Path, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._endpoint = endpoint.rstrip("/")
        self._folder = folder
        self._sleep = sleep
        self._read = 0

    def run(self, now: datetime, progress: Progress, *, anew: bool = False) -> Pulled:
        """Bring the copy up to date, or make it anew; what was stopped half-way is gone on with.

        Raises:
            AnalystExtraMissing, FolderNotUsable
            LrsUnavailable: it did not answer, several times; what was read is kept.
            LrsRefused: it does not let us read.
        """
        for module in ("duckdb", "pyarrow.parquet"):
            extra(module)
        self._read = 0
        with opened(self._folder, self._endpoint) as landing:
            by_day = self._patiently(self._says_no_moment, landing)
            if landing.state.building is None and (anew or by_day or landing.state.current is None):
                landing.begin_anew()
            whole = landing.state.building is not None
            if by_day:
                self._by_day(landing, now, progress)
            else:
                self._patiently(lambda kept: self._by_stored(kept, now, progress), landing)
            landing.finish()
            build(self._folder, landing.files())
        progress(1.0, self._read)
        return Pulled(self._read, whole, by_day)

    def _says_no_moment(self, landing: Landing) -> bool:
        return next(self._client.pages(limit=1)).consistent_through is None

    def _by_stored(self, landing: Landing, now: datetime, progress: Progress) -> None:
        """Oldest first, so that what is kept is complete up to a moment.

        Where a page reaches beyond Consistent-Through, something stored before may still appear: the copy is not
        complete beyond that, whatever later pages hold.
        """
        assured: datetime | None = None
        last = _watermark(landing)
        begin = last
        since = {"since": last - OVERLAP} if last else {}
        try:
            for page in self._client.pages(ascending=True, limit=PAGE, **since):
                landing.add(page.statements)
                self._read += len(page.statements)
                stored = find_instant(str(page.statements[-1].get("stored"))) if page.statements else None
                if stored is not None:
                    through = page.consistent_through
                    if through is not None and stored > through:
                        assured = through if assured is None else min(assured, through)
                    reached = stored if assured is None else min(stored, assured)
                    last = reached if last is None else max(last, reached)
                    begin = begin or stored
                    progress(_share(begin, stored, now), self._read)
                if landing.is_full:
                    landing.keep(last)
        finally:
            landing.keep(last)

    def _by_day(self, landing: Landing, now: datetime, progress: Progress) -> None:
        days = list(self._patiently(lambda kept: self._days(now), landing))
        for place, (since, until) in enumerate(days):
            done = _watermark(landing)
            if done is not None and until is not None and until <= done:
                continue
            self._patiently(partial(self._one_day, since=since, until=until), landing)
            landing.keep(until)
            progress((place + 1) / len(days), self._read)

    def _one_day(self, landing: Landing, since: datetime | None, until: datetime | None) -> None:
        limits = {name: moment for name, moment in (("since", since), ("until", until)) if moment is not None}
        for page in self._client.pages(limit=PAGE, **limits):
            landing.add(page.statements)
            self._read += len(page.statements)
            if landing.is_full:
                landing.keep(None)

    def _days(self, now: datetime) -> list[tuple[datetime | None, datetime | None]]:
        """From before the first statement to after now, without a gap. Whatever `since` is held against, each
        statement lies in one of them."""
        moments = [
            moment
            for ascending in (True, False)
            for statement in next(self._client.pages(limit=1, ascending=ascending)).statements
            for name in ("timestamp", "stored")
            if (moment := find_instant(str(statement.get(name)))) is not None
        ]
        first = min([now, *moments]).replace(hour=0, minute=0, second=0, microsecond=0)
        borders = list(_borders(first, now))
        return [(None, borders[0]), *pairwise(borders), (borders[-1], None)]

    def _patiently(self, act: Callable[[Landing], T], landing: Landing) -> T:
        """Try again after an LRS that is away for a moment; as long as it goes forward, as often as needed."""
        tries = 0
        while True:
            before = _watermark(landing)
            try:
                return act(landing)
            except LrsUnavailable:
                tries = 1 if _watermark(landing) != before else tries + 1
                if tries >= TRIES:
                    raise
                self._sleep(_FIRST_WAIT_SECONDS * 2 ** (tries - 1))


def _watermark(landing: Landing) -> datetime | None:
    now = landing.filling
    return find_instant(now.watermark) if now is not None and now.watermark is not None else None


def _borders(first: datetime, now: datetime) -> Iterator[datetime]:
    day = first
    while day <= now:
        yield day
        day += timedelta(days=1)


def _share(begin: datetime, at: datetime, now: datetime) -> float:
    whole = (now - begin).total_seconds()
    return min(1.0, max(0.0, (at - begin).total_seconds() / whole)) if whole > 0 else 1.0
