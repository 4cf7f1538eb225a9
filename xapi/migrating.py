"""A schema that is made and changed only by numbered migrations (Alembic), each tree with a table of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, make_url, text

from xapi.engine import make_engine, writing

UPGRADE_LOCK = 5_716_095
"""PostgreSQL's advisory lock that one upgrade at a time holds."""


class Schema:
    """The tables of one part of the product; several may live in one database.

    Args:
        migrations: folder with `env.py`, `script.py.mako` and `versions/`.
        metadata: the tables as the code knows them.
        version_table: where Alembic notes how far it came.
        owns: whether a table of this name belongs to this schema.
    """

    def __init__(
        self,
        migrations: Path,
        metadata: Sequence[MetaData],
        *,
        version_table: str,
        owns: Callable[[str], bool],
    ) -> None:
        self._migrations = migrations
        self.metadata = tuple(metadata)
        self._version_table = version_table
        self._owns = owns

    def upgrade(self, database_url: str) -> None:
        """Bring a database to the newest schema; does nothing when it is there already.

        A new SQLite file gets its folder too.
        """
        url = make_url(database_url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = make_engine(database_url)
        try:
            with writing(engine) as connection:
                if connection.dialect.name == "postgresql":  # two processes may start at once
                    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
                command.upgrade(self.config(connection), "head")
        finally:
            engine.dispose()

    def is_behind(self, engine: Engine) -> bool:
        """Whether a database lacks a migration that this code has.

        A database that is ahead is not behind: it belongs to a newer version, which leaves this one working.
        """
        with engine.connect() as connection:
            found = MigrationContext.configure(connection, opts={"version_table": self._version_table})
            at = found.get_current_revision()
            scripts = ScriptDirectory.from_config(self.config(connection))
        newest_first = [script.revision for script in scripts.walk_revisions()]
        return at is None or at in newest_first[1:]

    def add_migration(self, connection: Connection, number: str, message: str) -> None:
        """Write the next migration, from what the tables have and this (newest) database lacks."""
        config = self.config(connection)
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=number)

    def differences(self, engine: Engine) -> list[object]:
        """What a migrated database lacks or has too much, compared with the tables; empty when they agree."""
        options = {"include_name": self._is_ours, "version_table": self._version_table}
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            every: Any = list(self.metadata)  # Alembic takes several; its types say one
            return list(compare_metadata(context, every))

    def config(self, connection: Connection) -> Config:
        """Alembic's configuration, without a file of its own; `env.py` finds the schema in it."""
        made = Config()
        made.set_main_option("script_location", str(self._migrations))
        made.attributes.update(connection=connection, schema=self)
        return made

    def run(self, context: EnvironmentContext | Any) -> None:
        """What `env.py` does: run the migrations on the connection that the caller brought."""
        context.configure(
            connection=context.config.attributes["connection"],
            target_metadata=list(self.metadata),
            version_table=self._version_table,
            render_as_batch=True,
            include_name=self._is_ours,
        )
        with context.begin_transaction():
            context.run_migrations()

    def _is_ours(self, name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or name is None or self._owns(name)
