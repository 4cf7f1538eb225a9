"""The schema of the built-in LRS, with migrations and a version table of its own."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from xapi.engine import make_engine, writing
from xapi.lrs_server.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "lrs_alembic_version"
UPGRADE_LOCK = 5_716_095


def upgrade(database_url: str) -> None:
    """Bring a database to the newest schema; does nothing when it is there already."""
    engine = make_engine(database_url)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":  # two processes may start at once
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            command.upgrade(config(connection=connection), "head")
    finally:
        engine.dispose()


def config(**attributes: object) -> Config:
    """Alembic's configuration, without a file of its own."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes.update(attributes)
    return made


def differences(engine: Engine) -> list[object]:
    """What the migrated schema lacks or has too much, compared with the tables; empty when they agree."""
    options = {"include_name": is_ours, "version_table": VERSION_TABLE}
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The tool's tables may live in the same database and have migrations of their own."""
    return not (kind == "table" and name is not None and not name.startswith("lrs_"))
