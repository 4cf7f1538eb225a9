"""An outbox in a real database, with a clock that tests move."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, select

from tests.xapi_examples import a_statement
from xapi import outbox, outbox_care
from xapi.client import LrsClient
from xapi.delivery import deliver_statements
from xapi.drain import Outcome
from xapi.engine import make_engine, writing
from xapi.outbox_write import put

ENDPOINT = "voorbeeldstad/operator"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Outbox:
    """The outbox of one test."""

    def __init__(self, database_url: str) -> None:
        self.engine: Engine = make_engine(database_url)
        self.clock = Clock()
        outbox.metadata.create_all(self.engine)

    def put(self, count: int = 1, **parts: Any) -> list[str]:
        """Put statements in; returns their ids in order."""
        statements = [a_statement(timestamp="2026-11-23T10:00:00.123Z") for _ in range(count)]
        with writing(self.engine) as connection:
            for statement in statements:
                arguments = {
                    "tenant_id": "voorbeeldstad",
                    "kind": "statement",
                    "stream": "operator",
                    "endpoint": ENDPOINT,
                    "message_id": statement["id"],
                    "body": json.dumps(statement),
                    "pseudonym": "p7",
                    "due_at": self.clock.now,
                    "now": self.clock.now,
                    **parts,
                }
                put(connection, **arguments)
        return [statement["id"] for statement in statements]

    def deliver(self, client: LrsClient, **more: Any) -> Outcome:
        more.setdefault("jitter", lambda most: most)
        return deliver_statements(self.engine, ENDPOINT, client, self.clock, f"worker-{uuid.uuid4()}", **more)

    def deliver_until_quiet(self, client: LrsClient, rounds: int = 200) -> None:
        """Let rounds and time pass until nothing waits."""
        for _ in range(rounds):
            if self.deliver(client).waiting == 0:
                return
            self.clock.pass_by(1000)
        raise AssertionError(f"still waiting: {self.in_state('waiting')}")

    def rows(self) -> list[Row[Any]]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(outbox.outbox).order_by(outbox.outbox.c.seq)).all())

    def in_state(self, state: str) -> list[str]:
        return [row.message_id for row in self.rows() if row.state == state]

    def standing(self) -> outbox_care.Standing:
        with self.engine.connect() as connection:
            return outbox_care.standing(connection, ENDPOINT, "statement")

    def close(self) -> None:
        self.engine.dispose()
