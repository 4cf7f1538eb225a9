"""Fills a database of the built-in LRS in bulk: the rows that `xapi.lrs_server.store` would write, without HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, insert, text

from benchmarks.lrs import said
from benchmarks.lrs.servers import OWNER
from xapi.engine import writing
from xapi.formats import as_timestamp
from xapi.lrs_server import keys, store
from xapi.lrs_server.answers import dumped
from xapi.lrs_server.tables import keyed, statement

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
            if connection.dialect.name == "postgresql":
                driver: Any = connection.connection.driver_connection
                columns = ", ".join(rows[0])
                _copy(driver, f"lrs_statement ({columns})", (tuple(row.values()) for row in rows))
                _copy(driver, "lrs_key (key, seq)", found_under)
            else:
                connection.execute(insert(statement), rows)
                connection.exec_driver_sql("insert into lrs_key (key, seq) values (?, ?)", found_under)
    with writing(engine) as connection:  # as either database does by itself, in time
        connection.execute(text("analyze"))


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


def _copy(driver: Any, table: str, rows: Iterator[Any] | Sequence[Any]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def bare_insert(engine: Engine, numbers: range, at_once: int) -> None:
    """What the database alone takes: the same rows, by its driver, in transactions of `at_once` statements."""
    for begin in range(numbers.start, numbers.stop, at_once):
        rows, found_under = made(range(begin, begin + at_once))
        yield_rows = [{"seq": seq, "key": key} for key, seq in found_under]
        with writing(engine) as connection:
            connection.execute(insert(statement), rows)
            connection.execute(insert(keyed), yield_rows)
