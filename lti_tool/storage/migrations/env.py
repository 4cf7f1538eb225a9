"""Runs the migrations on the connection that `schema.upgrade` brings."""

from __future__ import annotations

from alembic import context

from lti_tool.storage.schema import METADATA, is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    include_name=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
