"""The schema of the tool's database: its own tables, and the outbox, which commits in the same transactions."""

from __future__ import annotations

from pathlib import Path

from lti_tool.storage.content_tables import ContentReleaseRow
from lti_tool.storage.portal_tables import PortalRow
from lti_tool.storage.tables import TenantRow
from xapi.migrating import Schema
from xapi.outbox import metadata as outbox_metadata

# One and the same; a row of each room is named, so that the tables of all of them are in it.
_OWN = {row.metadata for row in (TenantRow, PortalRow, ContentReleaseRow)}

SCHEMA = Schema(
    Path(__file__).parent / "migrations",
    (*_OWN, outbox_metadata),
    version_table="alembic_version",
    # The built-in LRS may live in the same database and has migrations of its own.
    owns=lambda table: not table.startswith("lrs_"),
)
