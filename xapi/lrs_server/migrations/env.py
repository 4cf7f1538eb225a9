"""Runs the migrations on the connection that `schema.upgrade` brings."""

from __future__ import annotations

from alembic import context

from xapi.lrs_server.schema import VERSION_TABLE, is_ours
from xapi.lrs_server.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    include_name=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
