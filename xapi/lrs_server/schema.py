"""The schema of the built-in LRS, which may share a database with the tool."""

from __future__ import annotations

from pathlib import Path

from xapi.lrs_server.tables import metadata
from xapi.migrating import Schema

SCHEMA = Schema(
    Path(__file__).parent / "migrations",
    (metadata,),
    version_table="lrs_alembic_version",
    owns=lambda table: table.startswith("lrs_"),
)
