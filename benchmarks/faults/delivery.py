"""How fast the outbox empties, in turns with a bare poster of the same texts to the same LRS.

The poster has one connection that stays open, batches of the same size, and no database: what it does is the
least that delivery can cost, and it loses everything when it dies.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import requests
from sqlalchemy import Engine

from benchmarks.faults import lrs as stub
from benchmarks.faults.databases import database
from benchmarks.faults.lrs import Days
from benchmarks.launches import servers
from benchmarks.launches.house import TENANT, environment
from benchmarks.proof import Figure, figure
from lti_tool.demo.processes import free_port
from xapi import outbox
from xapi.client import VERSION, LrsClient
from xapi.credentials import Credentials
from xapi.delivery import KIND, deliver_statements
from xapi.drain import BATCH
from xapi.engine import make_engine, writing
from xapi.statements import Actor, Context, Statements

AT_LEAST: Final = ">= 0.9"
ENDPOINT: Final = f"{TENANT}/operator"
Account = tuple[str, str]


def figures(folder: Path, kind: str, statements: int, turns: int) -> list[Figure]:
    """Ours on this kind of database, to the built-in LRS on a database of that kind, and to a stub."""
    with database(kind, folder) as kept:
        engine = make_engine(kept.url)
        outbox.metadata.create_all(engine)
        wanted = {**environment(kept.url), "LRS_DATABASE_URL": kept.lrs_url, "LOG_LEVEL": "warning"}
        account = Credentials(json.loads(wanted["LRS_KEYS"])).make(TENANT, "write_operator")
        port, stub_port = free_port(), free_port()
        url, stub_url = (f"http://127.0.0.1:{number}/xapi" for number in (port, stub_port))
        serve = ("-m", "lti_tool.cli", "lrs", "serve", "--port", str(port))
        with servers.served(folder, wanted, serve, f"{url}/about"):
            built_in = _in_turns(engine, url, account, statements, turns)
        simple = stub.arguments(Days(stub_port, str(folder / "stub.sqlite3"), 1, 0, 0))
        with servers.served(folder, {}, simple, f"{stub_url}/about"):
            to_stub = _in_turns(engine, stub_url, (stub.KINDS[0], ""), statements, turns)
        engine.dispose()
    ours, bare, share = built_in
    return [
        figure(f"statements a second, outbox on {kind} to built-in LRS", ours, "/s"),
        figure(f"statements a second, bare poster to the same LRS on {kind}", bare, "/s"),
        figure(f"delivery: outbox / bare poster, {kind}, built-in LRS", share, "x", AT_LEAST),
        figure(f"delivery: outbox / bare poster, {kind}, stub that looks at nothing", to_stub[2], "x"),
    ]


def _in_turns(
    engine: Engine, url: str, account: Account, statements: int, turns: int
) -> tuple[float, float, float]:
    """Statements a second of ours and of the poster over an even number of turns, and their quotient."""
    client, session = LrsClient(url, *account), requests.Session()
    session.auth = account
    times = []
    for turn in range(turns + 1):
        _fill(engine, _bodies(statements))
        bodies = _bodies(statements)
        # Who comes first does so while the database still digests what was put in, so they change places.
        pair = [partial(_deliver, engine, client, statements), partial(_post, session, url, bodies)]
        order = (0, 1) if turn % 2 else (1, 0)
        took = {number: _timed(pair[number]) for number in order}
        if turn:  # the first turn opens connections and compiles queries
            times.append((took[0], took[1]))
    client.close()
    session.close()
    ours, bare = (statements * turns / sum(column) for column in zip(*times, strict=True))
    return ours, bare, ours / bare


def _timed(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _deliver(engine: Engine, client: LrsClient, expected: int) -> None:
    found = deliver_statements(engine, ENDPOINT, client, lambda: datetime.now(UTC), "proof")
    if found.sent != expected:
        raise RuntimeError(f"only {found.sent} of {expected} were delivered")


def _post(session: requests.Session, url: str, bodies: Sequence[str]) -> None:
    for first in range(0, len(bodies), BATCH):
        answer = session.post(
            f"{url}/statements",
            data=f"[{','.join(bodies[first : first + BATCH])}]".encode(),
            headers={"Content-Type": "application/json", "X-Experience-API-Version": VERSION},
            timeout=30,
        )
        answer.raise_for_status()


def _fill(engine: Engine, bodies: Sequence[str]) -> None:
    """As `xapi.outbox_write.put` would, all at once."""
    now = datetime.now(UTC)
    rows = [
        {
            "tenant_id": TENANT,
            "kind": KIND,
            "stream": "operator",
            "endpoint": ENDPOINT,
            "message_id": json.loads(body)["id"],
            "pseudonym": "p",
            "body": body,
            "state": outbox.WAITING,
            "due_at": now,
            "created_at": now,
        }
        for body in bodies
    ]
    with writing(engine) as connection:
        connection.execute(outbox.outbox.insert(), rows)


def _bodies(count: int) -> list[str]:
    """One answer of somebody, as the tool says it, under so many ids."""
    say = Statements("https://tool.example/xapi/")
    actor = Actor(TENANT, secrets.token_hex(16))
    context = Context(
        registration=str(uuid.uuid4()),
        tenant=TENANT,
        campaign="standaard",
        language="nl",
        assessment="digivaardig-basis",
        attempt=str(uuid.uuid4()),
        phase="pretest",
    )
    said = say.answered(
        actor,
        context,
        item_key="VEI-INT-0012@1",
        interaction="choice",
        domain="veilig",
        right=True,
        at=datetime.now(UTC),
        position=1,
    )
    return [said.body.replace(said.id, str(uuid.uuid4())) for _ in range(count)]
