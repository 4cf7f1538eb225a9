"""One house with its workers, its LRS and its database, and all that can go wrong with them."""

from __future__ import annotations

import heapq
import itertools
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import yaml
from sqlalchemy import ColumnElement, func, select, true

from benchmarks.faults import lrs as stub
from benchmarks.faults.databases import Database, database
from benchmarks.faults.leases import Leases
from benchmarks.faults.ledger import Json, Judgement, judge, read
from benchmarks.faults.lrs import KINDS, Days
from benchmarks.faults.processes import Forked, Served
from benchmarks.launches.house import TOOL_URL, described, environment
from benchmarks.launches.portal import Portal
from benchmarks.proof import say
from lti_tool.app import Commands, create_app, migrate
from lti_tool.demo.processes import answers, free_port
from lti_tool.settings import Settings
from lti_tool.storage.database import engine
from lti_tool.storage.tables import ParticipationRow
from xapi.client import LrsClient
from xapi.credentials import Credentials
from xapi.engine import make_engine
from xapi.outbox import DEAD, WAITING, outbox

Act = Callable[[], None]
WORKERS: Final = 2
FAULTY: Final = 0.17
"""A little over 15 %, so that chance does not bring it under."""
FIRST_SECONDS: Final = 60.0
AIMED: Final = 0.7
"""So many of the kills come when a worker, this one or another, is delivering."""
AIMED_SECONDS: Final = 1.0
BACK_SECONDS: Final = 60.0
"""In which an LRS that was killed last must answer again."""


class Much(NamedTuple):
    """How much goes wrong in one world."""

    seconds: float
    kills: int
    """Of workers."""
    writer_kills: int
    outages: int
    """Of the LRS: killed, or frozen."""
    stops: int
    """Of the database."""
    tenants_each: int
    """Municipalities of each kind of LRS."""
    pause_seconds: float
    """Of the writer, between two facts."""
    breaks: int
    """Statements on which the LRS breaks with a 500."""
    hangs: float
    """Share of the faulty answers that come too late."""
    longest_outage: float
    settle_seconds: float
    lease_seconds: float | None
    """None: `digivaardig worker` as it is."""


@dataclass
class Tally:
    """What happened in one world, and what it came to."""

    name: str
    kills: int = 0
    left_behind: int = 0
    """Leases that nobody gave back."""
    writer_kills: int = 0
    outages: int = 0
    stops: int = 0
    posts: int = 0
    faulty: int = 0
    facts: int = 0
    statements: int = 0
    poison: int = 0
    waiting: int = 0
    settled_in: float = 0.0
    crashes: int = 0
    """Programs that ended by themselves, other than for want of a database at their start."""
    judgement: Judgement = field(default_factory=Judgement)


def live(folder: Path, kind: str, built_in: bool, much: Much, seed: int) -> Tally:
    """From an empty database to an empty outbox."""
    with ExitStack() as end:
        world = _World(folder, end.enter_context(database(kind, folder)), built_in, much, seed, end)
        world.tally.name = f"{kind}, {'built-in LRS' if built_in else 'four kinds of LRS'}"
        world.have_bad_days()
        world.settle()
        return world.judged()


class _World:
    def __init__(
        self, folder: Path, kept: Database, built_in: bool, much: Much, seed: int, end: ExitStack
    ) -> None:
        self._folder, self._kept, self._built_in, self._much = folder, kept, built_in, much
        self._rng = Random(seed)  # noqa: S311 - to be the same in another run
        self._plan: list[tuple[float, int, Act]] = []
        self._order = itertools.count()
        self.tally = Tally("")
        self._writing: dict[str, Any] = {}
        kinds = ("built-in",) if built_in else KINDS
        each = much.tenants_each * (len(KINDS) if built_in else 1)
        self._tenants = [f"{kind}-{number}" for kind in kinds for number in range(each)]
        port, self._lrs_port = free_port(), free_port()
        self._environment = {
            **environment(kept.url),
            "LRS_URL": f"http://127.0.0.1:{port}/xapi",
            "LRS_DATABASE_URL": kept.lrs_url,
            "LOG_LEVEL": "warning",
        }
        self._open_house()
        self._engine = make_engine(kept.url)
        self._leases = Leases(self._engine)
        end.callback(self._engine.dispose)
        behind = f"http://127.0.0.1:{self._lrs_port}/xapi" if built_in else ""
        self._stored = folder / "stub.sqlite3"
        days = Days(port, str(self._stored), seed, FAULTY, much.hangs, behind)
        self._road = Served(stub.arguments(days), {}, folder / "stub.log")
        self._lrs = self._road
        end.callback(self._road.kill)
        if built_in:
            serve = ("-m", "lti_tool.cli", "lrs", "serve", "--port", str(self._lrs_port))
            self._lrs = Served(serve, self._environment, folder / "lrs.log")
            end.callback(self._lrs.kill)
            self._road.start()
        self._lrs.start()
        _wait_for(f"{behind or self._environment['LRS_URL']}/about")
        self._workers = [
            Forked("worker", self._environment, folder / f"worker-{n}.log", lease_seconds=much.lease_seconds)
            for n in range(WORKERS)
        ]
        self._ledger = folder / "ledger"
        self._writer = Forked(
            "writer",
            self._environment,
            folder / "writer.log",
            ledger_file=str(self._ledger),
            tenants=self._tenants,
            pause_seconds=much.pause_seconds,
            poison=0.02,
        )
        for process in (*self._workers, self._writer):
            end.callback(process.kill)

    def _open_house(self) -> None:
        values: dict[str, Any] = {name.lower(): value for name, value in self._environment.items()}
        settings = Settings(**{**values, "lrs_keys": json.loads(values["lrs_keys"])})
        migrate(settings)
        app = create_app(settings)
        portal = Portal("http://127.0.0.1:1", TOOL_URL)
        with app.app_context():
            commands: Commands = app.extensions["commands"]
            for tenant in self._tenants:
                file = self._folder / f"{tenant}.yaml"
                registration = {**portal.registration(), "issuer": f"http://{tenant}.example"}
                file.write_text(yaml.safe_dump({**described(portal), "id": tenant, "portals": [registration]}))
                commands.connect.apply(file, datetime.now(UTC))
            engine().dispose()

    def have_bad_days(self) -> None:
        """Everything at random moments, several things at once."""
        much = self._much
        for worker in self._workers:
            worker.start()
        self._start_writer(breaks=much.breaks)
        while not (self._ledger.exists() and self._ledger.stat().st_size > 1):
            self._restart_the_fallen()
            time.sleep(0.1)
        begun = time.monotonic()
        for count, act in (
            (much.kills, self._kill_worker),
            (much.writer_kills, self._kill_writer),
            (much.outages, self._take_lrs_away),
            (much.stops, self._stop_database),
        ):
            # One in each stretch of time: an outage has ended before the next one begins.
            for number in range(count):
                self._later(begun + much.seconds * (number + 0.1 + 0.5 * self._rng.random()) / count, act)
        while self._plan:
            at, _, act = heapq.heappop(self._plan)
            while time.monotonic() < at:
                self._restart_the_fallen()
                time.sleep(max(0.0, min(0.2, at - time.monotonic())))
            act()
        self._writer.kill()

    def settle(self) -> None:
        """No more faults but the answers; wait until nothing waits.

        What an LRS breaks on is put aside only while it takes others, so at first people go on, slowly.
        """
        begun, until = datetime.now(UTC), time.monotonic() + self._much.settle_seconds
        if self._much.breaks:
            self._start_writer(breaks=0, poison=0, pause_seconds=1)
            self._wait_until_nothing_waits(until, outbox.c.created_at < begun)
            self._writer.kill()
        waiting = self._wait_until_nothing_waits(until, true())
        self.tally.waiting, self.tally.settled_in = waiting, (datetime.now(UTC) - begun).total_seconds()
        self.tally.left_behind = self._leases.left_behind
        for worker in self._workers:
            worker.kill()

    def _wait_until_nothing_waits(self, until: float, which: ColumnElement[bool]) -> int:
        while True:
            with self._engine.connect() as connection:
                asked = select(func.count()).where(outbox.c.state == WAITING, which)
                waiting = connection.execute(asked).scalar_one()
            if not waiting or time.monotonic() > until:
                return waiting
            self._restart_the_fallen()
            time.sleep(0.2)

    def judged(self) -> Tally:
        tally = self.tally
        with self._engine.connect() as connection:
            facts = set(connection.execute(select(ParticipationRow.id)).scalars())
            rows = connection.execute(
                select(outbox.c.tenant_id, outbox.c.message_id).where(outbox.c.state == DEAD)
            )
            dead = {(row.tenant_id, row.message_id) for row in rows}
        told = read(self._ledger, facts)
        stored = self._all_of_built_in() if self._built_in else list(stub.stored(self._stored))
        tally.judgement = judge(told, stored, dead, tally.waiting)
        tally.facts, tally.statements, tally.poison = len(facts), len(told.good), len(told.poison)
        answered = stub.answers(self._stored)
        tally.posts = sum(answered.values())
        tally.faulty = tally.posts - answered.get("POST as usual", 0)
        for remark in tally.judgement.remarks[:10]:
            say(f"{tally.name}: {remark}")
        return tally

    def _all_of_built_in(self) -> list[tuple[str, Json]]:
        self._await_built_in()
        credentials = Credentials(json.loads(self._environment["LRS_KEYS"]))
        found = []
        for tenant in self._tenants:
            client = LrsClient(
                f"http://127.0.0.1:{self._lrs_port}/xapi", *credentials.make(tenant, "read_operator")
            )
            found += [(tenant, statement) for statement in client.statements(limit=500, ascending=True)]
            client.close()
        return found

    def _await_built_in(self) -> None:
        """The last statement may have arrived just before the LRS was killed."""
        until = time.monotonic() + BACK_SECONDS
        while not answers(f"http://127.0.0.1:{self._lrs_port}/xapi/about"):
            if time.monotonic() > until:
                raise RuntimeError("the built-in LRS does not come back")
            self._restart_the_fallen()
            time.sleep(0.1)

    def _later(self, at: float, act: Act) -> None:
        heapq.heappush(self._plan, (at, next(self._order), act))

    def _soon(self, seconds: float, act: Act) -> None:
        self._later(time.monotonic() + seconds, act)

    def _kill_worker(self) -> None:
        worker = self._rng.choice(self._workers)
        if self._rng.random() < AIMED:
            self._leases.wait_for_a_delivery(AIMED_SECONDS)
        worker.kill()
        self._leases.somebody_died()
        self.tally.kills += 1
        worker.start()

    def _kill_writer(self) -> None:
        self._writer.kill()
        self.tally.writer_kills += 1
        self._start_writer()

    def _start_writer(self, **more: Any) -> None:
        self._writing = {"breaks": 0, **more}
        self._writer.start(seed=self._rng.randrange(1 << 30), **self._writing)

    def _take_lrs_away(self) -> None:
        away = self._much.longest_outage * self._rng.random()
        self.tally.outages += 1
        if self._rng.random() < 0.5:
            self._lrs.freeze()
            self._soon(away, self._lrs.thaw)
        else:
            self._lrs.kill()
            self._soon(away, self._lrs.start)

    def _stop_database(self) -> None:
        self._kept.stop()
        self.tally.stops += 1
        self._soon(self._much.longest_outage * self._rng.random(), self._kept.start)

    def _restart_the_fallen(self) -> None:
        """As whatever keeps programs running in production would."""
        self._leases.look()
        if self._lrs.ended_by_itself:  # begun while its database was away
            self._lrs.kill()
            self._lrs.start()
        for process in (*self._workers, self._writer):
            if process.ended_by_itself:
                last = (process.log.read_text("utf-8", "replace").strip().splitlines() or [""])[-1]
                if "DatabaseBusy" not in last:
                    self.tally.crashes += 1
                    say(f"{self.tally.name}: ended by itself: {last}")
                process.kill()
                if process is self._writer:
                    self._start_writer(**self._writing)
                else:
                    process.start()


def _wait_for(url: str) -> None:
    begun = time.monotonic()
    while not answers(url):
        if time.monotonic() - begun > FIRST_SECONDS:
            raise RuntimeError(f"nobody answers at {url}")
        time.sleep(0.1)
