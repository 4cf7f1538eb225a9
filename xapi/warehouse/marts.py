"""Tables made of the copied statements: who took part, sittings, answers, scores and trainings.

Each statement counts once, those that were taken back not at all. DuckDB keeps to a part of the memory and writes
what does not fit beside the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xapi import vocabulary as words
from xapi.warehouse import extra
from xapi.warehouse.flat import COLUMNS
from xapi.warehouse.parquet import as_parquet

MEMORY = "2GB"
_ENDED = f"'{words.COMPLETED}', '{words.TERMINATED}'"

MARTS: Mapping[str, str] = {
    "participation": f"""
        select campaign, registration, min("timestamp") as acknowledged_at
        from kept where verb = '{words.ACKNOWLEDGED}' and campaign is not null and registration is not null
        group by all""",
    "attempt": f"""
        select campaign, registration, attempt, any_value(phase) as phase,
            min("timestamp") filter (verb = '{words.INITIALIZED}') as begun_at,
            max("timestamp") filter (verb in ({_ENDED})) as ended_at
        from kept
        where verb in ('{words.INITIALIZED}', {_ENDED}) and attempt is not null and module is null
        group by campaign, registration, attempt""",
    "answer": f"""
        select distinct on (id) campaign, registration, attempt, phase, domain, item, success, "timestamp"
        from kept
        where verb = '{words.ANSWERED}' and attempt is not null and item is not null and success is not null""",
    "domain_score": f"""
        select distinct on (id) campaign, registration, attempt, phase, domain, ability, se, wle, wle_se, "level",
            bank_version, "timestamp"
        from kept where verb = '{words.SCORED}' and attempt is not null and domain is not null""",
    "module": f"""
        select campaign, registration, module,
            min("timestamp") filter (verb = '{words.LAUNCHED}') as opened_at,
            max(progress) as progress_percent,
            min("timestamp") filter (verb = '{words.COMPLETED}') as completed_at
        from kept
        where verb in ('{words.LAUNCHED}', '{words.PROGRESSED}', '{words.COMPLETED}') and module is not null
        group by campaign, registration, module""",
}
"""Name and query; `kept` holds the columns of `xapi.warehouse.flat`."""

_KEPT = f"""
    create view kept as
    select * from landed
    where verb <> '{words.VOIDED}' and id not in (select voids from landed where voids is not null)
"""


def build(folder: Path, files: Sequence[Path]) -> None:
    """Make every table anew from the files of a copy, each replaced as a whole. Raises AnalystExtraMissing."""
    marts = folder / "marts"
    marts.mkdir(exist_ok=True)
    nothing = marts / "nothing.part"
    nothing.write_bytes(as_parquet(COLUMNS, []))
    with extra("duckdb").connect() as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"set temp_directory = {quoted(marts / 'spilled')}")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        sources = ", ".join(quoted(path) for path in (nothing, *files))
        connection.execute(f"create view landed as select * from read_parquet([{sources}])")
        connection.execute(_KEPT)
        for name, query in MARTS.items():
            beside = marts / f"{name}.part"
            connection.execute(f"copy ({query}) to {quoted(beside)} (format parquet, compression zstd)")
            beside.replace(marts / f"{name}.parquet")
    nothing.unlink()


def quoted(path: Path) -> str:
    """A path as DuckDB reads it in a query."""
    return "'" + str(path).replace("'", "''") + "'"
