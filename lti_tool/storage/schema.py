"""The schema of the tool's database, made and changed only by the numbered migrations beside this file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData

from lti_tool.storage.tables import TenantRow
from xapi.engine import make_engine
from xapi.outbox import metadata as outbox_metadata

MIGRATIONS = Path(__file__).parent / "migrations"

METADATA: tuple[MetaData, ...] = (TenantRow.metadata, outbox_metadata)
"""The tool's tables and the outbox, which commits in the same transactions."""


def upgrade(database_url: str) -> None:
    """Bring a database to the newest schema; does nothing when it is there already."""
    engine = make_engine(database_url)
    try:
        with engine.begin() as connection:
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
    """What the migrated schema lacks or has too much, compared with the models; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        return list(compare_metadata(context, METADATA))


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The built-in LRS may live in the same database and has migrations of its own."""
    return not (kind == "table" and name is not None and name.startswith("lrs_"))
