"""Fills a database of the built-in LRS in bulk, with the rows that `xapi.lrs_server.store` would write."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from benchmarks.lrs import said
from benchmarks.lrs.servers import OWNER
from xapi.engine import writing
from xapi.formats import as_timestamp
from xapi.lrs_server import keys, store
from xapi.lrs_server.answers import dumped

AT_ONCE: Final = 50_000
BEGIN: Final = store.microseconds(datetime.now(UTC) - timedelta(days=400))
A_SECOND: Final = 1_000_000
AUTHORITY: Final = {
    "objectType": "Agent",
    "account": {"homePage": "https://tool.example/xapi/lrs", "name": f"{OWNER.owner}/{OWNER.stream}"},
}


def seq_of(number: int) -> int:
    """One statement a second, so that moments tell them apart."""
    return BEGIN + number * A_SECOND


def stored(number: int) -> str:
    return as_timestamp(store.moment(seq_of(number)))


def fill(engine: Engine, numbers: range) -> None:
    """Add these statements; none of them may be there yet."""
    for begin in range(numbers.start, numbers.stop, AT_ONCE):
        rows, found_under = made(range(begin, min(begin + AT_ONCE, numbers.stop)))
        with writing(engine) as connection:
            _insert(connection, rows, found_under)
    with writing(engine) as connection:  # as either database does by itself, in time
        connection.execute(text("analyze"))


def bare_insert(engine: Engine, numbers: range, at_once: int) -> float:
    """The seconds that the database alone takes for the same rows, `at_once` statements a transaction."""
    took = 0.0
    for begin in range(numbers.start, numbers.stop, at_once):
        rows, found_under = made(range(begin, min(begin + at_once, numbers.stop)))
        begun = time.perf_counter()
        with writing(engine) as connection:
            _insert(connection, rows, found_under)
        took += time.perf_counter() - begun
    return took


def made(numbers: Sequence[int]) -> tuple[list[dict[str, Any]], list[tuple[bytes, int]]]:
    """The rows of both tables."""
    rows = []
    found_under = []
    for number in numbers:
        seq = seq_of(number)
        body = {**said.statement(number), "stored": stored(number), "authority": AUTHORITY}
        found_under += [(key, seq) for key in keys.found_by(body)]
        rows.append(
            {
                "owner": OWNER.owner,
                "stream": OWNER.stream,
                "seq": seq,
                "statement_id": body["id"],
                "body": dumped(body),
                "target_id": None,
                "voids": False,
                "voided": False,
            }
        )
    found_under.sort()
    return rows, found_under


def _insert(connection: Connection, rows: Sequence[dict[str, Any]], found_under: list[tuple[bytes, int]]) -> None:
    """The fastest way that each driver has."""
    columns = ", ".join(rows[0])
    values = [tuple(row.values()) for row in rows]
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        for table, several in ((f"lrs_statement ({columns})", values), ("lrs_key (key, seq)", found_under)):
            with driver.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
                for row in several:
                    copy.write_row(row)
    else:
        marks = ", ".join("?" for _ in rows[0])
        into = f"insert into lrs_statement ({columns}) values ({marks})"  # noqa: S608
        connection.exec_driver_sql(into, values)
        connection.exec_driver_sql("insert into lrs_key (key, seq) values (?, ?)", found_under)
