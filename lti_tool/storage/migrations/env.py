"""Alembic runs this file; what it does is in `xapi.migrating`."""

from __future__ import annotations

from alembic import context

context.config.attributes["schema"].run(context)
